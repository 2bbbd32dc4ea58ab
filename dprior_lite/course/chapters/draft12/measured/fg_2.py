"""What the class of a faint digit is worth at each noise level, in decibels over the twin without a guide (fg-2).

One item is one noise level and one draw of noise, on the same test digits. The guide is the centroid of the class, from
other digits; the controls are the centroid of another class, and an untrained network.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from dprior_lite.course.lab.guided_nets import centres, net, pictures
from dprior_lite.course.measurements import Numbers
from dprior_lite.guidance import Features, class_gains, features
from dprior_lite.nets.guided import GuidedUNet

LOW, HIGH, BETWEEN, SEEDS, PICTURES = (0.02, 0.05, 0.1), (0.5, 0.7, 1.0), (0.2, 0.35), (0, 1, 2), 200
AWAY = 5  # places from a class to the wrong one


def keys() -> list[str]:
    """Return the items: each noise level and draw of noise."""
    return [f"{sigma}, {seed}" for sigma in sorted(LOW + BETWEEN + HIGH) for seed in SEEDS]


def measure(key: str) -> Numbers:
    """Return mean gains and the standard error of the first, for the right class, a wrong one, and no training."""
    sigma, seed = key.split(", ")
    x, classes = pictures("faint-digits", "test", PICTURES)
    found = centres("faint-digits").features

    def gains(of: GuidedUNet, guides: Features) -> torch.Tensor:
        """Return the gain of each digit (N,)."""
        generator = torch.Generator().manual_seed(int(seed))
        return class_gains(of, net("faint-digits", "mixture"), x, guides, float(sigma), generator)

    right = gains(net("faint-digits"), replace(found, values=found.values[classes]))
    wrong = gains(net("faint-digits"), replace(found, values=found.values[(classes + AWAY) % len(found)]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        untrained = GuidedUNet().requires_grad_(False)
    return {
        "right": float(right.mean()),
        "error": float(right.std() / len(right) ** 0.5),
        "wrong": float(wrong.mean()),
        "untrained": float(gains(untrained, features(untrained, x)).mean()),
    }
