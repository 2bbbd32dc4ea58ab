"""Correlation of what the two models draw with the mean portrait (ms-9)."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from dprior_lite.course.lab.scales import drawn_from_pixels, drawn_over_scales, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.generalization import correlation

TOGETHER, SAMPLES, SEEDS = 16, 64, (0, 1, 2)


def keys() -> list[str]:
    """Return the items, such as "scales, 0 to 15, seed 0"."""
    return [
        f"{kind}, {first} to {first + TOGETHER - 1}, seed {seed}"
        for kind in ("scales", "pixels")
        for seed in SEEDS
        for first in range(0, SAMPLES, TOGETHER)
    ]


@cache
def mean_portrait() -> Tensor:
    """Return the mean (1, 1, 64, 64) of 64 portraits that no network has seen."""
    return unseen("portraits-64", 64).mean(0, keepdim=True)


def measure(key: str) -> Numbers:
    """Return the correlation of each sample with the mean portrait, the means of both removed."""
    kind, place, seed = key.split(", ")
    generator = torch.Generator().manual_seed(1000 * int(seed.split()[1]) + int(place.split()[0]))
    found = (drawn_over_scales if kind == "scales" else drawn_from_pixels)(TOGETHER, generator)
    likeness = correlation(found.x, mean_portrait().expand_as(found.x))
    return {"correlation": likeness.double().tolist(), "converged": found.converged.double().tolist()}
