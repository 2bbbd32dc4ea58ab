"""Statistics of samples that chapter 4 holds against those of the data: edges, spectrum, contrast, likeness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

BOOTSTRAPS = 400


def derivative_shape(x: Tensor) -> Tensor:
    """Return E|g|/sd(g) of the horizontal and vertical differences of each picture.

    Parameters
    ----------
    x : Tensor
        Pictures (B, C, H, W).

    Returns
    -------
    Tensor
        (B, 2). White noise has 0.8, whatever its contrast.

    Examples
    --------
    >>> derivative_shape(torch.randn(4, 1, 99, 99, generator=torch.Generator().manual_seed(0))).mean(0)
    tensor([0.79..., 0.79...])
    """
    pairs = ((x[..., 1:], x[..., :-1]), (x[..., 1:, :], x[..., :-1, :]))
    return torch.stack([(a - b).abs().mean((1, 2, 3)) / (a - b).std((1, 2, 3)) for a, b in pairs], 1)  # (B, 2)


def power(x: Tensor) -> Tensor:
    """Return the mean power at every frequency (H, W); each picture without its mean.

    Examples
    --------
    >>> float(power(torch.full((1, 1, 4, 4), 0.5)).max())
    0.0
    """
    return torch.fft.fft2(x - x.mean((2, 3), keepdim=True)).abs().square().mean((0, 1))  # (H, W)


def ring_power(x: Tensor) -> np.ndarray:
    """Return the mean power of pictures (B, C, H, H) on rings of 2, 3, ... H/4 cycles a picture.

    Examples
    --------
    >>> len(ring_power(torch.rand(2, 1, 64, 64)))
    15
    """
    side, spectrum = x.shape[-1], power(x)
    f = torch.fft.fftfreq(side) * side
    radius = (f[:, None] ** 2 + f**2).sqrt().round()  # (H, W)
    return np.array([float(spectrum[radius == r].mean()) for r in range(2, side // 4 + 1)])


def spectrum_slope(rings: np.ndarray) -> float:
    """Return the slope of log power against log frequency.

    Parameters
    ----------
    rings : ndarray
        From `ring_power`, also a mean over several.

    Examples
    --------
    >>> round(spectrum_slope(np.arange(2, 17) ** -2.0), 6)
    -2.0
    """
    return float(np.polyfit(np.log(np.arange(2, len(rings) + 2)), np.log(rings), 1)[0])


def nearest(x: Tensor, stock: Tensor, chunk: int = 5000) -> tuple[Tensor, Tensor]:
    """Return the largest correlation of each picture with any of a stock, and which it is.

    Parameters
    ----------
    x, stock : Tensor
        Pictures (B, C, H, W) and (N, C, H, W); each is compared without its mean.
    chunk : int
        Pictures of the stock at a time.

    Returns
    -------
    Tensor, Tensor
        (B,), -1 to 1, and (B,), 0 to N - 1.

    Examples
    --------
    >>> pictures = torch.eye(3).reshape(3, 1, 1, 3)
    >>> [round(float(v), 3) for v in nearest(2 * pictures[1:2] + 1, pictures)]
    [1.0, 1.0]
    """

    def unit(v: Tensor) -> Tensor:
        flat = v.flatten(1) - v.flatten(1).mean(1, keepdim=True)
        return flat / flat.norm(dim=1, keepdim=True)

    a = unit(x)
    correlation = torch.cat([a @ unit(part).mT for part in stock.split(chunk)], 1)  # (B, N)
    return tuple(torch.max(correlation, dim=1))


def norm_about_mean(x: Tensor) -> Tensor:
    """Return the norm of every picture (B, C, H, W) about its own mean, (B,): its contrast.

    Examples
    --------
    >>> norm_about_mean(torch.tensor([[[[1.0, 3.0]]]])).tolist()
    [1.4142135381698608]
    """
    return (x - x.mean((1, 2, 3), keepdim=True)).flatten(1).norm(dim=1)


def width(values: np.ndarray) -> float:
    """Return the distance from the 10th to the 90th percentile.

    Examples
    --------
    >>> width(np.arange(101.0))
    80.0
    """
    low, high = np.quantile(values, [0.1, 0.9])
    return float(high - low)


def bootstrap_error(values: np.ndarray, statistic: Callable[[np.ndarray], float]) -> float:
    """Return the standard error of a statistic of independent values, by drawing them again with replacement.

    Parameters
    ----------
    values : ndarray
        (n,).
    statistic : callable
        `statistic(values)`, such as `np.median` or `width`.

    Examples
    --------
    >>> 0.08 < bootstrap_error(np.random.default_rng(0).normal(size=100), np.mean) < 0.12
    True
    """
    draw = np.random.default_rng(0)
    return float(np.std([statistic(draw.choice(values, len(values))) for _ in range(BOOTSTRAPS)], ddof=1))
