"""Samples of five classes of ovals: are they of their class, do they differ, are they copies (fg-4).

One item is one class with 50 samples and as many test pictures, or the samples of the twin without a guide. Distances
are roots of mean squared differences of pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.course.lab.guided_nets import EACH, centres, drawn, pictures
from dprior_lite.course.lab.oval_classes import FIVE, aspect_ratio, classifier, of_ratio
from dprior_lite.course.measurements import Numbers
from dprior_lite.data import TRAINED_RATIOS

SAMPLES, FAINT = 50, 0.02


def keys() -> list[str]:
    """Return the items: five aspect ratios, and samples without a guide."""
    return [*map(str, FIVE), "no guide"]


def measure(key: str) -> Numbers:
    """Return the share of the right class, distances of samples and of pictures, and the measured aspect ratios."""
    if key == "no guide":
        x = drawn("ovals", None, range(SAMPLES)).x
        dealt = torch.arange(SAMPLES) % len(FIVE)
        return {
            "right": float((classifier()(x).argmax(1) == dealt).double().mean()),
            "ratios": aspect_ratio(x).tolist(),
        }
    ratio = float(key)
    found = drawn("ovals", centres("ovals").of(ratio), range(SAMPLES))
    real, behind = of_ratio(ratio, SAMPLES), _behind(ratio)
    noise = FAINT * torch.randn(real.shape, generator=torch.Generator().manual_seed(0))
    return {
        "right": float((classifier()(found.x).argmax(1) == FIVE.index(ratio)).double().mean()),
        "right_real": float((classifier()(real).argmax(1) == FIVE.index(ratio)).double().mean()),
        "arrived": float(found.converged.double().mean()),
        "steps": float(found.steps.double().mean()),
        "ratios": aspect_ratio(found.x).tolist(),
        "apart": float(_nearest(found.x, found.x).mean()),
        "apart_real": float(_nearest(real, real).mean()),
        "apart_same": float(_nearest(found.x[:1] + noise, found.x[:1] + noise).mean()),
        "to_behind": float(_nearest(found.x, behind).median()),
        "to_behind_real": float(_nearest(real, behind).median()),
        "to_behind_taken": float(_nearest(behind[:SAMPLES] + noise, behind).median()),
    }


def _behind(ratio: float) -> Tensor:
    """Return the pictures behind the centroid of a class."""
    x, classes = pictures("ovals", "tune", EACH * len(TRAINED_RATIOS))
    return x[classes == TRAINED_RATIOS.index(ratio)]


def _nearest(a: Tensor, b: Tensor) -> Tensor:
    """Return the distance of each picture of `a` to the nearest other one of `b`, (N,)."""
    away = torch.cdist(a.flatten(1).double(), b.flatten(1).double()) / a[0].numel() ** 0.5
    if a is b or a.shape == b.shape and torch.equal(a, b):
        away.fill_diagonal_(torch.inf)
    return away.min(1).values
