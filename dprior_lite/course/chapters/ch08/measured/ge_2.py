"""Samples of both networks from the same noise, beside each other and beside the nearest training portrait.

The claims ge-2 and ge-3 rest on these numbers.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.course.lab.halves import drawn, seen, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.generalization import correlation, mismatched, nearest
from dprior_lite.training.recipes.generalization import HALVES, SIZES

SEEDS = range(24)
TEST = 128


def keys() -> list[str]:
    """Return the items: samples of each size, their nearest training portraits, and those of test portraits."""
    first, *others = (f"samples, {size}" for size in SIZES)
    near = [f"{kind}, {size}" for size in SIZES for kind in ("nearest", "test")]
    # the first and the last are cheap: a page repeats them
    return [first, *near, *others]


def measure(key: str) -> Numbers:
    """Return correlations of pairs of samples, or the correlation with, and the place of, the nearest portrait.

    Edges are differences of neighbouring pixels; the nearest by edges is another measure of likeness.
    """
    kind, size = key.split(", ")
    if kind == "samples":
        a, b = drawn(int(size), SEEDS)
        return {
            "pair": correlation(a.x, b.x).tolist(),
            "mismatched": float(mismatched(a.x, b.x).median()),
            "arrived": float((a.converged & b.converged).double().mean()),
            "steps": a.steps.double().tolist(),
        }
    if kind == "test":
        return {"likeness": nearest(unseen(TEST), _seen(int(size), "a")).value.tolist()}
    found: Numbers = {}
    for half, x in zip(HALVES, _drawn(int(size))):
        training = _seen(int(size), half)
        by_pixels, by_edges = nearest(x, training), nearest(edges(x), edges(training))
        found |= {
            f"likeness_{half}": by_pixels.value.tolist(),
            f"place_{half}": by_pixels.index.double().tolist(),
            f"edges_{half}": by_edges.value.tolist(),
            f"edges_place_{half}": by_edges.index.double().tolist(),
        }
    return found


def edges(x: Tensor) -> Tensor:
    """Return the differences of neighbouring pixels across and down, (B, 2, H, W), zero at the end of a line."""
    across, down = F.pad(x.diff(dim=-1), (0, 1)), F.pad(x.diff(dim=-2), (0, 0, 0, 1))
    return torch.cat([across, down], dim=1)


@cache
def _drawn(size: int) -> tuple[Tensor, Tensor]:
    """Return the samples of A and of B."""
    a, b = drawn(size, SEEDS)
    return a.x, b.x


@cache
def _seen(size: int, half: str) -> Tensor:
    return seen(size, half)
