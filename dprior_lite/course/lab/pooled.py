"""A ratio of two sums over pictures, such as an error over another, with its standard error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Ratio(NamedTuple):
    """A pooled ratio and its standard error."""

    value: float
    error: float


def ratio(above: Sequence[float], below: Sequence[float]) -> Ratio:
    """Return the sum of `above` over the sum of `below`, with the standard error of that ratio.

    The error is that of the ratio estimator: how far each item is from the pooled line, to first order (Cochran 1977).

    Parameters
    ----------
    above, below : sequence of float
        One number an item, in the same order; at least two items.

    Raises
    ------
    ValueError
        If the lengths differ or there are fewer than two items.

    Examples
    --------
    >>> ratio([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    Ratio(value=0.5, error=0.0)
    >>> round(ratio([1.0, 3.0], [2.0, 2.0]).error, 3)  # the mean of 0.5 and 1.5
    0.5
    """
    a, b = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"two equally long lists of at least two numbers were expected, not {a.shape} and {b.shape}")
    value = a.sum() / b.sum()
    away = np.square(a - value * b).sum()
    return Ratio(float(value), float(math.sqrt(len(a) / (len(a) - 1) * away) / abs(b.sum())))
