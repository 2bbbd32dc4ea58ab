"""Small measurements of chapter 11: the slope of an energy, the draw of noise, wavelets, steps of a training."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from dprior_lite import data, energy, store
from dprior_lite.card import read_card, steps_taken
from dprior_lite.energy.matching import EnergyNet


def digits(first: int, n: int, split: str = "test") -> Tensor:
    """Return `n` digits of MNIST from number `first` on, (n, 1, 28, 28) in [0, 1].

    Raises
    ------
    DataAbsent
        If MNIST is not at hand; the message says where it goes.
    """
    return data.mnist(split)[0][first : first + n]


def steps_of(name: str) -> int:
    """Return how many steps of training a weight has behind it, as its card says.

    Examples
    --------
    >>> steps_of("patches-dual")
    20000
    """
    return steps_taken(read_card(store.find(name).with_suffix(".json")))


def rise(net: EnergyNet, x: Tensor, t: float, draws: int, generator: torch.Generator, step: float = 0.05) -> Tensor:
    """Return `dE_z[U(x + sqrt(t) z, t)]/d log t` of each picture in units of d/2, (B,): the same noise at two levels.

    Parameters
    ----------
    net : callable
        Energy `(y, t) -> U` in nats.
    x : Tensor
        Clean pictures (B, C, H, W).
    t : float
        Noise variance.
    draws : int
        Draws of noise a picture.
    step : float
        Half of the distance of the two levels, in log t.

    Examples
    --------
    >>> white = lambda y, t: y[0].numel() / 2 * (2 * math.pi * t).log()    # all pictures alike: d/2 log t
    >>> rise(white, torch.zeros(1, 1, 4, 4), 0.01, 1, torch.Generator().manual_seed(0)).round(decimals=3)
    tensor([1.], dtype=torch.float64)
    """
    total = torch.zeros(len(x), dtype=torch.float64)
    for _ in range(draws):
        z = torch.randn(x.shape, generator=generator)
        high, low = (
            -energy.log_density(net, x + math.sqrt(t * math.exp(s)) * z, t * math.exp(s)).double()
            for s in (step, -step)
        )
        total += (high - low) / (2 * step)
    return total / draws / (x[0].numel() / 2)


def without_draw(energies: Tensor, y: Tensor, x: Tensor, t: float) -> Tensor:
    """Return energies (B,) of `y = x + sqrt(t) z` less `(|z|² - d)/2`, which is known and has mean zero.

    Examples
    --------
    >>> x, z = torch.zeros(2, 4), torch.tensor([[1.0, 1, 1, 1], [2, 0, 2, 0]])
    >>> without_draw(torch.tensor([5.0, 5.0]), x + 0.5 * z, x, 0.25)       # |z|² is 4 = d, and 8
    tensor([5., 3.], dtype=torch.float64)
    """
    length = (y - x).double().flatten(1).square().sum(1) / t  # (B,)
    return energies.double() - (length - x[0].numel()) / 2


def white_wiener(mean: float, variance: float, y: Tensor, sigma: float) -> Tensor:
    """Return the best answer to `y` if all pixels were independent Gaussians of one mean and variance.

    Examples
    --------
    >>> white_wiener(0.0, 1.0, torch.ones(1), 1.0)
    tensor([0.5000])
    """
    return mean + variance / (variance + sigma**2) * (y - mean)


def detail_participation(x: Tensor) -> np.ndarray:
    """Return `|c|_1² / (d |c|_2²)` of the Haar details c of each picture, (B,): the mean is no detail.

    Near 0 if few details are large, 2/pi for noise.

    Parameters
    ----------
    x : Tensor
        Square pictures (B, 1, n, n), n a power of two, none of them constant.

    Examples
    --------
    >>> spot = torch.zeros(1, 1, 32, 32)
    >>> spot[..., 5, 5] = 1
    >>> noise = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    >>> [round(float(detail_participation(v)[0]), 2) for v in (spot, noise)]
    [0.01, 0.66]
    >>> bool(np.isclose(detail_participation(noise), detail_participation(noise + 100.0))[0])
    True
    """
    import pywt

    found = []
    for picture in x[:, 0].double().cpu().numpy():
        _, *details = pywt.wavedec2(picture, "haar", mode="periodization")
        c = np.concatenate([part.ravel() for level in details for part in level])
        found.append(np.abs(c).sum() ** 2 / (c.size * np.square(c).sum()))
    return np.array(found)


def correlation(a: Tensor | np.ndarray, b: Tensor | np.ndarray) -> tuple[float, float]:
    """Return Pearson's correlation of two lists of numbers, and its standard error `(1 - r²)/sqrt(n - 1)`.

    Examples
    --------
    >>> correlation(np.arange(5), 2 * np.arange(5))
    (1.0, 0.0)
    """
    r = float(np.corrcoef(np.asarray(a, float), np.asarray(b, float))[0, 1])
    return round(r, 12), round((1 - min(r * r, 1.0)) / math.sqrt(len(a) - 1), 12)


def excess(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return mean(a)/mean(b) - 1 of paired numbers, and its standard error to first order.

    Examples
    --------
    >>> excess(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    (1.0, 0.0)
    """
    ratio = float(a.mean() / b.mean())
    return ratio - 1, float((a - ratio * b).std(ddof=1) / math.sqrt(len(a)) / abs(b.mean()))
