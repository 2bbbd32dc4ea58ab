"""Which pictures two networks are trained on: disjoint halves, without near duplicates.

A training set smaller than a batch needs no help: `data.Patches` draws with replacement, so one picture fills a batch,
each time with other noise. A picture that stands twice in a set is drawn twice as often.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import require_number, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.generalization.vectors import BLOCK, blocks, unit_vectors


def disjoint_halves(count: int, n: int) -> tuple[range, range]:
    """Return the places of the first `n` and of the last `n` of `count` pictures.

    The order of the pictures is fixed once, so a larger half holds all smaller ones.

    Parameters
    ----------
    count : int
        Pictures in the set, at least 2.
    n : int
        Pictures in each half.

    Returns
    -------
    range, range
        Both index a tensor of pictures: `x[half]`.

    Raises
    ------
    TypeError, ValueError
        If these are no whole numbers, `n` is 0, or the halves would share a picture.

    Examples
    --------
    >>> disjoint_halves(10, 3)
    (range(0, 3), range(7, 10))
    >>> disjoint_halves(10, 6)
    Traceback (most recent call last):
    ValueError: n=6; expected a whole number, from 1 to 5. Two halves of 10 pictures must not share one.
    """
    count = require_whole(count, "count", 2, hint="Two halves need a picture each.")
    n = require_whole(n, "n", 1, count // 2, f"Two halves of {count} pictures must not share one.")
    return range(n), range(count - n, count)


def without_near_duplicates(x: Tensor, threshold: float = 0.95, side: int = 8, block: int = BLOCK) -> Tensor:
    """Return which pictures to keep so that no two of them are near duplicates, (K,), in rising order.

    Two pictures are near duplicates if the mean-removed correlation of their small versions exceeds `threshold`. Going
    through the set in order, a picture is kept unless a kept one is its near duplicate.

    Parameters
    ----------
    x : Tensor
        Pictures (N, C, H, W) in [0, 1].
    threshold : float
        Between 0 and 1.
    side : int
        Pictures are averaged down to `side` x `side` pixels before they are compared; at most H and W.
    block : int
        Pictures that are compared at once, so that no table of all pairs is needed.

    Returns
    -------
    Tensor
        Whole numbers, for `x[kept]`. Pictures that are constant at the small size count as duplicates of each other:
        only their mean could tell them apart.

    Raises
    ------
    TypeError, ValueError
        If `x` is no set of clean pictures, or a number is out of bounds.

    Examples
    --------
    >>> x = torch.rand(3, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    >>> without_near_duplicates(torch.cat([x, 0.5 * x[1:2]])).tolist()
    [0, 1, 2]
    """
    threshold = require_number(threshold, "threshold", above=0, below=1)
    require_batch(x, "x", 4, values=False)
    side = require_whole(side, "side", 1, min(x.shape[-2:]), "It is the side of a small version, in pixels.")
    with torch.no_grad():
        small = torch.cat([_small(check_pictures(part), side) for _, part in blocks(x, block)])  # (N, d + 1)
        kept = small.new_empty(0, dtype=torch.long)  # (K,)
        for first in range(0, len(small), block):
            part = small[first : first + block]  # (b, d + 1)
            copies = torch.zeros(len(part), dtype=torch.bool, device=x.device)  # (b,)
            for known in kept.split(block):
                copies |= (part @ small[known].mT > threshold).any(1)
            kept = torch.cat([kept, first + _first_ones(part @ part.mT > threshold, copies)])
    return kept


def _small(x: Tensor, side: int) -> Tensor:
    """Return small versions as vectors of length 1, (B, d + 1).

    The last number is 1 for a constant small version, whose other numbers are 0, and 0 for all others.
    """
    small = F.adaptive_avg_pool2d(x, (side, side))  # (B, C, side, side)
    v, constant = unit_vectors(small)
    return torch.cat([v, constant[:, None].double()], 1)


def _first_ones(alike: Tensor, copies: Tensor) -> Tensor:
    """Return the places to keep of a block: `alike` (b, b) are its pairs, `copies` (b,) are out already."""
    for i in range(len(copies)):
        if not copies[i]:
            copies[i + 1 :] |= alike[i, i + 1 :]
    return (~copies).nonzero()[:, 0]
