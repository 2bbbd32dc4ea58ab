"""Differences between methods that were measured on the same pictures with the same noise, with their standard errors.

The standard error is over pictures. Patches of one photograph are alike, so it is too small where many patches come
from a few photographs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def paired(difference: np.ndarray, worst: Callable[[np.ndarray], float] = np.min) -> tuple[float, float]:
    """Return the mean difference of the worst seed and its standard error over pictures.

    Parameters
    ----------
    difference : ndarray
        One number a seed and picture, (S, N).
    worst : callable
        What the worst of the seeds' means is: `np.min` for a gain that should be large, `np.max` for a loss.

    Examples
    --------
    >>> paired(np.array([[1.0, 3.0], [4.0, 6.0]]))
    (2.0, 1.0)
    >>> paired(np.array([[1.0, 3.0], [4.0, 6.0]]), np.max)
    (5.0, 1.0)
    """
    means = difference.mean(1)  # (S,)
    seed = int(np.argmax(means == worst(means)))
    return float(means[seed]), float(difference[seed].std(ddof=1) / math.sqrt(difference.shape[1]))


def jackknife(statistic: Callable[[np.ndarray], float], pictures: np.ndarray) -> float:
    """Return the standard error of a statistic, from its values with one picture left out.

    Parameters
    ----------
    statistic : callable
        From numbers (N, ...) of N pictures to one number.
    pictures : ndarray
        These numbers, (N, ...).

    Examples
    --------
    >>> round(jackknife(np.mean, np.array([1.0, 2.0, 3.0])), 6)  # of a mean it is the usual one
    0.57735
    """
    n = len(pictures)
    left = np.array([statistic(np.delete(pictures, k, axis=0)) for k in range(n)])  # (N,)
    return float(math.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum()))
