"""Reconstructions of pictures from their features (se-7 and se-8): distances, distinct samples, noise that is seen.

One item is one kind of picture, the moves that are made, and one draw of the noise. Eight held-out pictures have four
samples each.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers
from dprior_lite.representation import distance_ratio, distinct, features
from dprior_lite.sampling import Ascent

SEEDS, TARGETS, COPIES, OTHERS, APART = (0, 1, 2), 8, 4, 64, 0.4
KINDS = ("ovals", "digits")


def keys() -> list[str]:
    """Return the items; the last one is the cheapest."""
    moves = [
        f"{kind}, {what}, seed {seed}" for what in ("both", "guidance", "score") for kind in KINDS for seed in SEEDS
    ]
    return [*moves[: len(KINDS) * len(SEEDS)], "ovals, ascent, seed 0", *moves[len(KINDS) * len(SEEDS) :]]


def measure(key: str) -> Numbers:
    """Return for each sample three ratios, and for each picture how many of its samples are distinct."""
    kind, what, place = key.split(", ")
    schedule: tuple[float, ...] | Ascent = middles.ASCENT if what == "ascent" else middles.LEVELS
    moves = "both" if what == "ascent" else what
    seed = int(place.removeprefix("seed "))
    found = middles.reconstructed(kind, TARGETS, COPIES, seed, moves, schedule)
    return judged(kind, found.x) | {"steps": float(found.steps.double().mean())}


def judged(kind: str, x: Tensor) -> Numbers:
    """Return the numbers of samples (TARGETS COPIES, 1, H, W) of the test pictures of one kind."""
    wanted, others = middles.targets(kind, TARGETS, COPIES), _others(kind)
    unit = float(torch.cdist(wanted.flatten(1).double(), others.flatten(1).double()).mean())
    return {
        "features": distance_ratio(_phi(kind, x, 1), _phi(kind, wanted, 2), _phi(kind, others, 3)).tolist(),
        "pixels": distance_ratio(x, wanted, others).tolist(),
        "distinct": [float(distinct(part, unit, APART)) for part in x.split(COPIES)],
        "noise": (middles.residual_level(kind, x) / middles.residual_level(kind, others).mean()).tolist(),
    }


def denoised(kind: str, sigma: float = 0.1) -> Numbers:
    """Return the numbers of the pictures themselves, denoised: four copies of each, from one draw of noise."""
    x = middles.pictures(kind, "test", TARGETS)[0]
    y = x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return judged(kind, middles.net(kind)(y).repeat_interleave(COPIES, 0))


@cache
def _others(kind: str) -> Tensor:
    """Return unrelated test pictures."""
    return middles.pictures(kind, "test", TARGETS + OTHERS)[0][TARGETS:]


def _phi(kind: str, x: Tensor, seed: int) -> Tensor:
    return features(middles.net(kind), x, middles.SIGMA, torch.Generator().manual_seed(seed), draws=middles.DRAWS)
