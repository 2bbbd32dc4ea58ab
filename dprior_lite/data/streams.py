"""Random numbers that belong to a (seed, index) pair: item `index` is the same in every batch and every order.

Each pair has a stream of its own, of the counter-based generator Philox (Salmon, Moraes, Dror & Shaw 2011).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dprior_lite.gates.numbers import kind_of, require_whole

__all__ = ["settled", "uniforms"]

_MOST = 2**63 - 1
_FINEST = 2**20  # steps from 0 to 1


def uniforms(indices: Sequence[int], n: int, seed: int = 0) -> Tensor:
    """Return `n` uniform numbers in [0, 1) for each index, (N, n), float64, on the CPU.

    A longer row begins with the shorter one.

    Parameters
    ----------
    indices : sequence of int
        N whole numbers, at least 0.
    n : int
        Numbers an item.
    seed : int
        A whole number, at least 0.

    Raises
    ------
    TypeError, ValueError
        If something is no whole number, or is negative.

    Examples
    --------
    >>> torch.equal(uniforms([7, 2], 3)[1], uniforms([2], 5)[0, :3])
    True
    """
    n, seed = require_whole(n, "n"), require_whole(seed, "seed", 0, _MOST)
    if not isinstance(indices, Sequence) or isinstance(indices, str):
        raise TypeError(f"indices is {kind_of(indices)}; expected whole numbers, at least 0, such as range(8).")
    rows = np.empty((len(indices), n))
    for row, index in zip(rows, indices):
        key = np.array([seed, require_whole(index, "an index", 0, _MOST)], np.uint64)
        np.random.Generator(np.random.Philox(key=key)).random(out=row)
    return torch.from_numpy(rows)


def settled(x: Tensor) -> Tensor:
    """Return float64 values rounded to multiples of 2^-20, float32.

    The last bits of a float64 sum differ from processor to processor and from batch to batch. After rounding they are
    gone, so a picture is the same everywhere.

    Parameters
    ----------
    x : Tensor
        Any shape, float64, between -8 and 8 for an exact result.

    Examples
    --------
    >>> a = torch.tensor([0.1], dtype=torch.float64)
    >>> torch.equal(settled(a), settled(a + 1e-15))
    True
    """
    return ((x * _FINEST).round() / _FINEST).float()
