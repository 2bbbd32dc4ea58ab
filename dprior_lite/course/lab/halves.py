"""The pairs of networks of chapter 8: which portraits each has seen, and how samples are drawn from both."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite import load
from dprior_lite.data import portraits
from dprior_lite.generalization import paired_samples
from dprior_lite.sampling import Ascent, Result
from dprior_lite.training.recipes.generalization import FIRST_TEST, HALVES

# Chosen by eye among five settings, on the noises 100 to 109 and the networks of 30,000 portraits: smaller steps drew
# clearer faces. There the median correlation of the pair was .959; .969 with h0 .05, beta .3, sigma_L .03.
ASCENT = Ascent(h0=0.02, beta=0.1, sigma_L=0.02, max_steps=600)
GRAY = torch.full((1, 32, 32), 0.5)  # where every ascent starts, whatever was seen


@cache
def pair(size: int) -> tuple[nn.Module, nn.Module]:
    """Return network A and network B of one size of training set.

    Examples
    --------
    >>> len(pair(10))
    2
    """
    a, b = (load(f"portraits-{size}-{half}").requires_grad_(False) for half in HALVES)
    return a, b


def seen(size: int, half: str, most: int | None = None) -> Tensor:
    """Return the portraits (N, 1, 32, 32) that a network was trained on, or the first `most` of them.

    Examples
    --------
    >>> seen(10, "a").shape, seen(1000, "b", most=3).shape
    (torch.Size([10, 1, 32, 32]), torch.Size([3, 1, 32, 32]))
    """
    return portraits(size if most is None else min(size, most), start=HALVES[half])


def unseen(count: int) -> Tensor:
    """Return portraits (count, 1, 32, 32) that no network has seen, nor any choice of ours.

    Examples
    --------
    >>> unseen(2).shape
    torch.Size([2, 1, 32, 32])
    """
    return portraits(count, start=FIRST_TEST)


def drawn(size: int, seeds: range) -> tuple[Result, Result]:
    """Return samples of A and of B from the same noise.

    Examples
    --------
    >>> drawn(10, range(1))[0].x.shape
    torch.Size([1, 1, 32, 32])
    """
    a, b = paired_samples(pair(size), GRAY, seeds, ASCENT)
    return a, b
