"""Two Gaussian classes on a line, in which guidance by a class has a closed form to be compared with.

It is the toy of Kadkhodaie, Mallat & Simoncelli 2024: two clouds of one shape that differ in their mean, and spread
only along the line between the means. In units of that spread the means are `separation` apart.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.blind import log_levels, sample_scheduled
from dprior_lite.guidance import classifier_free
from dprior_lite.mixture import GaussianMixture

LEVELS = (30.0, 0.01)  # of the noise, in units of the spread
STEPS, POINTS = 250, 8_000


def two_classes(separation: float) -> tuple[GaussianMixture, GaussianMixture, GaussianMixture]:
    """Return the first class, the second one, and their mixture in equal parts, in two dimensions.

    Examples
    --------
    >>> first, second, both = two_classes(2.0)
    >>> second.means.tolist(), both.weights.tolist()
    ([[1.0, 0.0]], [0.5, 0.5])
    """
    means = torch.tensor([[-separation / 2, 0.0], [separation / 2, 0.0]], dtype=torch.float64)
    covariances = torch.diag(torch.tensor([1.0, 0.0], dtype=torch.float64)).expand(2, 2, 2)
    one = torch.ones(1, dtype=torch.float64)
    first, second = (GaussianMixture(means[[k]], covariances[:1], one) for k in (0, 1))
    return first, second, GaussianMixture(means, covariances, torch.full((2,), 0.5, dtype=torch.float64))


def _points(denoiser: Callable[[Tensor, float], Tensor]) -> Callable[[Tensor, float], Tensor]:
    """Return a denoiser of one item (1, N, d), which holds N points, in float32."""
    return lambda y, sigma: denoiser(y[0].double(), float(sigma)).float()[None]


def guided_points(
    separation: float,
    weight: float,
    seed: int,
    rule: str = "ancestral",
    count: int = POINTS,
    steps: int = STEPS,
) -> Tensor:
    """Return points (count,) of the second class by classifier-free guidance, along the line, 0 in the middle.

    Parameters
    ----------
    separation : float
        Of the means.
    weight : float
        Of the guidance; 1 is exact.
    seed : int
        Of the noise.
    rule : {"ancestral", "euler", "heun"}
        The first follows the reverse stochastic equation, the others the probability flow.
    count, steps : int
        Points, and steps of the schedule.

    Examples
    --------
    >>> x = guided_points(2.0, 1.0, 0, count=500, steps=20)
    >>> 0.8 < float(x.mean()) < 1.2
    True
    """
    _, second, both = two_classes(separation)
    net = _points(classifier_free(second.posterior_mean, both.posterior_mean, weight))
    generator = torch.Generator().manual_seed(seed)
    found = sample_scheduled(net, 1, (count, 2), generator, log_levels(steps, *LEVELS), rule, mean=0.0)
    return found.x[0, :, 0]


def mean_and_std(
    separation: float, weight: float, seed: int, rule: str = "ancestral", **sizes: int
) -> tuple[float, float]:
    """Return how far the mean of guided points is from that of their class, in its spread, and their spread over it.

    The first is positive on the side that is away from the other class. `sizes` are `count` and `steps`.

    Examples
    --------
    >>> away, spread = mean_and_std(2.0, 3.0, 0, count=500, steps=20)
    >>> away > 0.4 and spread < 0.85
    True
    """
    x = guided_points(separation, weight, seed, rule, **sizes).double()
    return float(x.mean()) - separation / 2, float(x.std())
