"""Standard error of any statistic of a set of pictures, by drawing the pictures again with replacement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def bootstrap_error(statistic: Callable[[np.ndarray], float], n: int, draws: int = 500) -> float:
    """Return the standard error of a statistic of `n` pictures (Efron 1979).

    Parameters
    ----------
    statistic : callable
        `statistic(index)` of the pictures with these numbers, (n,), some of them several times.
    n : int
        Number of pictures.
    draws : int
        How often they are drawn again; the draws are the same in every call.

    Examples
    --------
    >>> values = np.arange(100.0)
    >>> round(bootstrap_error(lambda index: values[index].mean(), 100))  # by the formula 2.9
    3
    """
    drawn = np.random.default_rng(0).integers(n, size=(draws, n))
    return float(np.std([statistic(index) for index in drawn], ddof=1))
