"""Energies from a denoiser alone: the integral over noise levels, and the constant that normalises an energy.

The error of a denoiser at a level is the number of dimensions that a picture shares with other pictures there. Its
integral over the logarithm of the level is the energy (Guo, Shamai & Verdu 2005), up to the value at the largest level,
where the density is Gaussian.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dprior_lite.energy.density import log_density
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import ToldDenoiser, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_whole
from dprior_lite.miyasawa import noisy
from dprior_lite.sampling import ItemNoise

MOST_DRAWS = 1_000_000


def require_variances(levels: Sequence[float], least: int = 1) -> list[float]:
    """Return noise variances as a list of numbers above 0, or refuse them.

    Examples
    --------
    >>> require_variances([0.01, 1])
    [0.01, 1.0]
    """
    if isinstance(levels, str) or not hasattr(levels, "__len__"):
        raise TypeError(f"levels is {kind_of(levels)}; expected a sequence of noise variances.")
    require_whole(len(levels), "len(levels)", least, hint="These are noise variances.")
    return [require_number(t, "a level", above=0, hint="Levels are noise variances.") for t in levels]


def local_dimension(
    net: ToldDenoiser, x: Tensor, t: float, draws: int, generator: torch.Generator, batch: int = 256
) -> Tensor:
    """Return `E_z |x - x_hat(x + sqrt(t) z)|² / t` (B,) of each clean picture (Guth et al. 2025, figure 5).

    On average over pictures it is 0 to d. It counts the directions of its neighbourhood of radius sqrt(t) that a
    picture shares with other pictures: in the others the noise is removed.

    Parameters
    ----------
    net : callable
        Denoiser `(y, sigma) -> x_hat`; of an energy, see `denoiser`.
    x : Tensor
        Clean pictures (B, C, H, W).
    t : float
        Noise variance.
    draws : int
        Draws of noise a picture.

    Examples
    --------
    >>> identity = lambda y, sigma: y
    >>> found = local_dimension(identity, torch.zeros(1, 10_000), 0.1, 8, torch.Generator().manual_seed(0))
    >>> float(found.round(decimals=-3))
    10000.0
    """
    net, sigma = network(net), math.sqrt(require_number(t, "t", above=0, hint="It is one noise variance."))
    draws, batch = require_whole(draws, "draws", 1, MOST_DRAWS), require_whole(batch, "batch")
    sums = torch.zeros(len(require_batch(x, "x")), dtype=torch.float64, device="cpu")  # (B,)
    for _ in range(draws):
        y = noisy(x, sigma, generator)
        with torch.no_grad():
            x_hat = torch.cat([net(part, sigma) for part in y.split(batch)])
        sums += (x_hat - x).double().square().flatten(1).sum(1).cpu()
    return sums / draws / t


def integrate(
    net: ToldDenoiser, x: Tensor, levels: Sequence[float], final: Tensor, draws: int, generator: torch.Generator
) -> Tensor:
    """Return `E_z U(x + sqrt(t) z, t)` (B,) at the smallest of `levels`, in nats, from a denoiser alone.

    `E U(t_min) = E U(t_max) - 1/2 Int (d - d_eff(x, t)) d log t`: information and minimum mean squared error (Guo,
    Shamai & Verdu 2005). By the trapezoidal rule on the logarithms of the levels; every level costs `draws` passes.

    Parameters
    ----------
    net : callable
        Denoiser `(y, sigma) -> x_hat`.
    x : Tensor
        Clean pictures (B, C, H, W).
    levels : sequence of float
        Variances, increasing.
    final : Tensor
        (B,), `E_z U(x + sqrt(t) z, t)` at the largest level, where it is known.
    draws : int
        Draws of noise a picture and level.

    Examples
    --------
    >>> wiener = lambda y, sigma: y / (1 + sigma**2)                   # the prior is N(0, I), d = 4
    >>> x, levels = torch.full((1, 4), 1.0), torch.logspace(-2, 2, 60).tolist()
    >>> energy = lambda t: 2 * (1 / (1 + t) + t / (1 + t)) + 2 * math.log(2 * math.pi * (1 + t))
    >>> found = integrate(wiener, x, levels, torch.tensor([energy(100.0)]), 200, torch.Generator().manual_seed(0))
    >>> abs(float(found) - energy(0.01)) < 0.2
    True
    """
    levels = require_variances(levels, 2)
    if sorted(set(levels)) != levels:
        raise ValueError("The levels of an integral increase, from the smallest variance to the largest.")
    if not isinstance(final, Tensor) or final.shape != (len(require_batch(x, "x")),):
        raise ValueError(f"final is {kind_of(final)}; expected the energies ({len(x)},) at the largest level.")
    if not bool(final.isfinite().all()):
        raise ValueError("final holds NaN or infinite values; expected finite energies.")
    net, d = network(net), x[0].numel()
    slopes = torch.stack([(d - local_dimension(net, x, t, draws, generator)) / 2 for t in levels])
    return final.cpu().double() - torch.trapezoid(
        slopes, torch.tensor(levels, dtype=torch.float64, device="cpu").log(), dim=0
    )


def gaussian_energy(x: Tensor, y: Tensor, t: float) -> Tensor:
    """Return `-log` at `y` of the Gaussian density with the mean and covariance of `x + sqrt(t) z`, (B,).

    In float64; `x` (N, ...) is data. At the largest noise the density is close to it: hardly anything that is not
    Gaussian about pictures is left to see.

    Examples
    --------
    >>> x = torch.randn(50_000, 2, generator=torch.Generator().manual_seed(0))
    >>> abs(float(gaussian_energy(x, torch.zeros(1, 2), 3.0)) - math.log(2 * math.pi * 4)) < 0.01
    True
    """
    t = require_number(t, "t", above=0, hint="It is one noise variance.")
    if require_batch(x, "x").shape[1:] != require_batch(y).shape[1:]:
        raise ValueError(f"x is {kind_of(x)} and y {kind_of(y)}; expected items of one shape.")
    flat = x.flatten(1).double()
    mean = flat.mean(0)
    values, vectors = torch.linalg.eigh((flat - mean).mT @ (flat - mean) / len(flat))
    s = values.clamp_min(0) + t
    return (((y.flatten(1).double() - mean) @ vectors).square() / s + (2 * math.pi * s).log()).sum(1) / 2


@torch.no_grad()
def anchor(net: nn.Module, x: Tensor, generator: torch.Generator) -> float:
    """Return the constant that normalises an energy at its largest t, and hence at all, in nats; it is set.

    There the density of `y` is Gaussian with the covariance of the data plus t I. The mean difference of the two
    energies is used and not the energy itself: its standard error is smaller by an order of magnitude.

    Parameters
    ----------
    net : Module
        Energy with a `constant`; it is changed in place.
    x : Tensor
        Pictures (N, ...) of the training, N well above d for the covariance.
    generator : torch.Generator
        Of the noise.

    Examples
    --------
    >>> from dprior_lite.nets.energy import Energy
    >>> # untrained it is a white Gaussian, normalised already
    >>> net = Energy(mean=0.0, variance=1.0, shape=[1, 4, 4], widths=[4], blocks=[1])
    >>> x = torch.randn(20_000, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    >>> abs(anchor(net, x, torch.Generator().manual_seed(1))) < 0.01
    True
    """
    require_kind(net, nn.Module, "net")
    if not hasattr(net, "constant") or not hasattr(net, "levels"):
        raise TypeError(f"net is a {type(net).__name__} without constant and levels; expected an energy.")
    t = net.levels[1]
    y = noisy(x, math.sqrt(t), generator)
    net.constant.value.zero_()
    energy = -log_density(net, y.to(next(net.parameters()).device), t).cpu().double()
    net.constant.value.fill_(float((gaussian_energy(x, y, t) - energy).mean()))
    return float(net.constant.value)


def sample(net: ToldDenoiser, noise: ItemNoise, levels: Sequence[float], mean: float = 0.5) -> Tensor:
    """Return pictures (B, C, H, W) drawn from the largest to the smallest of `levels`, told at every step.

    `y <- y + (1 - s/t)(x_hat - y) + sqrt(s (1 - s/t)) z` from t to the next smaller s: the exact posterior step of a
    Gaussian (Ho et al. 2020, in the variance-exploding form). The last denoised picture is returned.

    Examples
    --------
    >>> sample(lambda y, sigma: 0 * y, ItemNoise([0], (1, 4, 4)), [0.01, 1.0]).abs().max()
    tensor(0.)
    """
    require_kind(noise, ItemNoise, "noise")
    net, mean = network(net), require_number(mean, "mean")
    levels = sorted(require_variances(levels), reverse=True)
    y = mean + math.sqrt(levels[0]) * noise.draw()  # (B, C, H, W)

    with torch.no_grad():
        for t, s in zip(levels, levels[1:]):
            # denoise, step to the next level, add noise
            x_hat = net(y, math.sqrt(t))
            y = y + (1 - s / t) * (x_hat - y) + math.sqrt(s * (1 - s / t)) * noise.draw()
        return net(y, math.sqrt(levels[-1]))
