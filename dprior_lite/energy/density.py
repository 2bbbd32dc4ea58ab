"""What a trained energy says: log p of a picture, its score, its denoiser, how uncertain that is, and how many dimensions a picture has.

Everything comes from `U(y, t)` and one backward pass. `t` is a noise variance, a number or one a picture (B,), and
has to lie in the range of the training; a network that has a `shape` is asked about pictures of that shape only. What
is returned is about the *noisy* density p(. | t): of digits with exactly constant pixels the clean one is infinite, and
`log p(y | t)` grows without bound as t goes to 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from dprior_lite.energy.matching import Derivatives, EnergyNet, as_picture, derivatives
from dprior_lite.geometry import random_signs
from dprior_lite.miyasawa import noisy
from dprior_lite.nets.conditional import per_item
from dprior_lite.sampling import NoiseTape

TOLD = Callable[[Tensor, Tensor], Tensor]


def _checked(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return t as (B,), or refuse a level or a shape the energy was not trained for."""
    t = per_item(t, y)
    shape, levels = getattr(net, "shape", None), getattr(net, "levels", None)
    if shape is not None and tuple(y.shape[1:]) != shape:
        raise ValueError(
            f"y has shape {tuple(y.shape)}; this energy is the density of {shape}. The density of pictures of one size"
            " says nothing about another size: cut the picture, or train an energy for its size."
        )
    if not bool(torch.isfinite(t).all() and torch.isfinite(y).all()):
        raise ValueError("y or t holds NaN or infinite values: an energy of them means nothing.")
    if levels is not None and (bool((t < levels[0] * 0.9999).any()) or bool((t > levels[1] * 1.0001).any())):
        raise ValueError(
            f"t is between {float(t.min()):.3g} and {float(t.max()):.3g}; this energy was trained for variances"
            f" {levels[0]:g} to {levels[1]:g}. Outside it is a guess: at smaller t quote the value at the smallest one,"
            " and say so."
        )
    return t


def evaluate(net: EnergyNet, y: Tensor, t: float | Tensor, batch: int = 256) -> Derivatives:
    """Return energy (B,), gradient (B, ...) and time derivative (B,), in chunks of `batch`; the basis of all the rest.

    Raises
    ------
    ValueError
        If t is outside the trained range, y has another shape, or a value is not finite.

    Examples
    --------
    >>> evaluate(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(2, 3), 0.5).energy
    tensor([3., 3.])
    """
    t = _checked(net, y, t)
    parts = [derivatives(net, a, b) for a, b in zip(y.split(batch), t.split(batch))]
    return Derivatives(*(torch.cat(p) for p in zip(*parts)))


def log_density(net: EnergyNet, y: Tensor, t: float | Tensor, batch: int = 256) -> Tensor:
    """Return `log p(y | t) = -U(y, t)` in nats, (B,): one forward pass.

    An estimate and not a bound. It is normalised if the energy is, see `anchor`. `y` is evaluated as it is: a clean
    picture at the smallest t is a point of the slightly noisy density, and the most probable of its neighbourhood.

    Examples
    --------
    >>> log_density(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(2, 3), 0.5)
    tensor([-3., -3.])
    """
    t = _checked(net, y, t)
    with torch.no_grad():
        return -torch.cat([net(a, b) for a, b in zip(y.split(batch), t.split(batch))])


def score(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `grad_y log p(y | t)`, of the shape of `y`.

    Examples
    --------
    >>> score(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(1, 2), 0.5)
    tensor([[-2., -2.]])
    """
    return -evaluate(net, y, t).space


@torch.no_grad()
def denoise(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `x_hat = y - t grad_y U(y, t)`, the posterior mean if the score is right (Miyasawa's identity).

    Examples
    --------
    >>> denoise(lambda y, t: y.square().sum(1) / (2 * (1 + t)), torch.ones(1, 2), 1.0)
    tensor([[0.5000, 0.5000]])
    """
    return y - as_picture(per_item(t, y), y) * evaluate(net, y, t).space


def denoiser(net: EnergyNet) -> TOLD:
    """Return the energy as a denoiser `(y, sigma) -> x_hat` that is told the noise level; it is not differentiated further, see `laplacian`.

    Examples
    --------
    >>> denoiser(lambda y, t: y.square().sum(1) / (2 * (1 + t)))(torch.ones(1, 2), 1.0)
    tensor([[0.5000, 0.5000]])
    """
    return lambda y, sigma: denoise(net, y, per_item(sigma, y).square())


@torch.no_grad()
def posterior_variance_trace(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `tr Cov[x | y] = t d - 2 t² d_t U - t² |grad U|²` (B,): the expected squared error at `y`, from one backward pass.

    Examples
    --------
    >>> gaussian = lambda y, t: (y.square().sum(1) / (1 + t) + 2 * (1 + t).log()) / 2   # d = 2, unit variance
    >>> posterior_variance_trace(gaussian, torch.ones(1, 2), 1.0)                       # d t / (1 + t)
    tensor([1.])
    """
    t, found = per_item(t, y), evaluate(net, y, t)
    return t * y[0].numel() - 2 * t.square() * found.time - t.square() * found.space.square().flatten(1).sum(1)


def laplacian(net: EnergyNet, y: Tensor, t: float | Tensor, probes: int, generator: torch.Generator) -> Tensor:
    """Return the trace of the Hessian of U by y (B,), the mean of `v.Hv` over random signs v (Hutchinson 1990): two backward passes each.

    `t (d - t Laplacian U)` is the trace of the posterior covariance once more, by second derivatives
    (`posterior_variance_trace` needs none).

    Examples
    --------
    >>> bowl = lambda y, t: y.square().sum(1)
    >>> laplacian(bowl, torch.ones(1, 3), 1.0, 2, torch.Generator().manual_seed(0))
    tensor([6.])
    """
    t, total = _checked(net, y, t), 0.0
    with torch.inference_mode(False), torch.enable_grad():
        y = y.detach().clone().requires_grad_()
        space = torch.autograd.grad(net(y, t.clone()).sum(), y, create_graph=True)[0]
        for _ in range(probes):
            v = random_signs(y.detach(), generator)
            product = torch.autograd.grad(space, y, v, retain_graph=True)[0]
            total = total + (v * product).flatten(1).sum(1)
    return total / probes


def local_dimension(net: TOLD, x: Tensor, t: float, draws: int, generator: torch.Generator, batch: int = 256) -> Tensor:
    """Return `E_z |x - x_hat(x + sqrt(t) z)|² / t` (B,), of each clean picture: 0 to d on average over pictures (Guth et al. 2025, figure 5).

    How many directions of its neighbourhood of radius sqrt(t) a picture shares with other pictures: in the others the
    noise is removed.

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
    >>> float(local_dimension(identity, torch.zeros(1, 10_000), 0.1, 8, torch.Generator().manual_seed(0)).round(decimals=-3))
    10000.0
    """
    sums = torch.zeros(len(x), dtype=torch.float64)
    sigma = math.sqrt(t)
    for _ in range(draws):
        y = noisy(x, sigma, generator)
        with torch.no_grad():
            x_hat = torch.cat([net(part, sigma) for part in y.split(batch)])
        sums += (x_hat - x).double().square().flatten(1).sum(1).cpu()
    return sums / draws / t


def integrate(
    net: TOLD, x: Tensor, levels: Sequence[float], final: Tensor, draws: int, generator: torch.Generator
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
    if list(levels) != sorted(levels):
        raise ValueError("The levels of an integral increase, from the smallest variance to the largest.")
    d = x[0].numel()
    slopes = torch.stack([(d - local_dimension(net, x, t, draws, generator)) / 2 for t in levels])
    return final.double() - torch.trapezoid(slopes, torch.tensor(levels, dtype=torch.float64).log(), dim=0)


def gaussian_energy(x: Tensor, y: Tensor, t: float) -> Tensor:
    """Return `-log` of the Gaussian density with the mean and covariance of `x + sqrt(t) z` (B,), float64, at `y`; `x` (N, ...) is data.

    At the largest noise the density is close to it: hardly anything that is not Gaussian about pictures is left to see.

    Examples
    --------
    >>> x = torch.randn(50_000, 2, generator=torch.Generator().manual_seed(0))
    >>> abs(float(gaussian_energy(x, torch.zeros(1, 2), 3.0)) - math.log(2 * math.pi * 4)) < 0.01
    True
    """
    flat = x.flatten(1).double()
    mean = flat.mean(0)
    values, vectors = torch.linalg.eigh((flat - mean).mT @ (flat - mean) / len(flat))
    s = values.clamp_min(0) + t
    return (((y.flatten(1).double() - mean) @ vectors).square() / s + (2 * math.pi * s).log()).sum(1) / 2


@torch.no_grad()
def anchor(net: nn.Module, x: Tensor, generator: torch.Generator) -> float:
    """Set the constant of an energy so that it is normalised at its largest t, and hence at all; return the constant, in nats.

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
    >>> net = Energy(mean=0.0, variance=1.0, shape=[1, 4, 4], widths=[4], blocks=[1])   # untrained: a white Gaussian, normalised already
    >>> x = torch.randn(20_000, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    >>> abs(anchor(net, x, torch.Generator().manual_seed(1))) < 0.01
    True
    """
    t = net.levels[1]
    y = noisy(x, math.sqrt(t), generator)
    net.constant.value.zero_()
    energy = -log_density(net, y.to(next(net.parameters()).device), t).cpu().double()
    net.constant.value.fill_(float((gaussian_energy(x, y, t) - energy).mean()))
    return float(net.constant.value)


def sample(net: TOLD, tape: NoiseTape, levels: Sequence[float], mean: float = 0.5) -> Tensor:
    """Return pictures (B, C, H, W) drawn from the largest to the smallest of `levels`, with the denoiser told the level at every step.

    `y <- y + (1 - s/t)(x_hat - y) + sqrt(s (1 - s/t)) z` from t to the next smaller s: the exact posterior step of a
    Gaussian (Ho et al. 2020, in the variance-exploding form). The last denoised picture is returned.

    Examples
    --------
    >>> sample(lambda y, sigma: 0 * y, NoiseTape([0], (1, 4, 4)), [0.01, 1.0]).abs().max()
    tensor(0.)
    """
    levels = sorted(levels, reverse=True)
    y = mean + math.sqrt(levels[0]) * tape.draw()
    with torch.no_grad():
        for t, s in zip(levels, levels[1:]):
            x_hat = net(y, math.sqrt(t))
            y = y + (1 - s / t) * (x_hat - y) + math.sqrt(s * (1 - s / t)) * tape.draw()
        return net(y, math.sqrt(levels[-1]))


def bits_per_dimension(nats: float | Tensor, d: int) -> float | Tensor:
    """Return an energy in nats, of pictures in [0, 1], as bits per dimension of 8-bit pictures: `8 + U / (d log 2)`.

    Examples
    --------
    >>> bits_per_dimension(0.0, 10)
    8.0
    """
    return 8 + nats / (d * math.log(2))


def decibels_per_dimension(nats: float | Tensor, d: int) -> float | Tensor:
    """Return the log density of an energy in nats as decibels per dimension, `10 log10(p) / d`; 1 nat is 4.34 dB.

    Examples
    --------
    >>> round(decibels_per_dimension(-100.0, 100), 2)
    4.34
    """
    return -10 / math.log(10) * nats / d
