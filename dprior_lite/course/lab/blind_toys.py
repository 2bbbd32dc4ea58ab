"""Exact experiments of chapter 10, in double precision: two clouds in k of d dimensions, and closed-form denoisers."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from dprior_lite.blind import Clouds, Stepper, euler, exponential_euler, stochastic_ascent
from dprior_lite.sampling import ItemNoise, State, ascend

SIGMA_0, SIGMA_L = 4.0, 1e-3
# the steps whose slopes bd-2 compares with theory: one of each kind
STEPS = {
    "exponential Euler": exponential_euler(0.2, 0.5),
    "Euler": euler(0.2, 0.5),
    "ascent": stochastic_ascent(0.2, 0.5),
}


def noise_levels(d: int, k: int, n: int, seed: int, sigma: float = 1.0) -> Tensor:
    """Return the likeliest sigma² (n,) of n noisy points, each estimated from that point alone.

    Examples
    --------
    >>> noise_levels(100, 2, 3, seed=0).shape
    torch.Size([3])
    """
    generator, clouds = torch.Generator().manual_seed(seed), Clouds.pair(k, d)
    x = clouds.sample(n, generator)
    y = x + sigma * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    return torch.cat([clouds.likeliest_level(part) for part in y.split(2000)]).square()


def spread_over_law(d: int, k: int, n: int, seed: int, told: float = 1.0) -> float:
    """Return the spread of the likeliest sigma² over its law `told² sqrt(2 / (d - k))`; true sigma 1.

    Examples
    --------
    >>> 0.7 < spread_over_law(100, 2, 300, seed=0) < 1.3
    True
    """
    return float(noise_levels(d, k, n, seed).std()) / (told**2 * math.sqrt(2 / (d - k)))


def path(stepper: Stepper, d: int, k: int, n: int, seed: int, sigma_L: float = SIGMA_L) -> list[State]:
    """Return the states of the blind sampler on two clouds, until all items have arrived.

    Examples
    --------
    >>> bool(path(exponential_euler(0.5, 0.0), 100, 2, 3, seed=0)[-1].running.any())
    False
    """
    clouds, noise = Clouds.pair(k, d), ItemNoise(range(seed * 10_000, seed * 10_000 + n), (d,), dtype=torch.float64)
    ascent = stepper.ascent(SIGMA_0, sigma_L, max_steps=2000)
    return list(ascend(clouds.blind, SIGMA_0 * noise.draw(), noise, ascent))


def slope_error(stepper: Stepper, states: list[State]) -> float:
    """Return the slope of the mean log level a step over the log of the contraction, minus 1.

    States are counted while all items still run.

    Examples
    --------
    >>> step = exponential_euler(0.5, 0.0)
    >>> abs(slope_error(step, path(step, 500, 2, 4, seed=0))) < 0.05
    True
    """
    levels = [float(s.sigma.log().mean()) for s in states if bool(s.running.all())]
    slope = np.polyfit(range(len(levels)), levels, 1)[0]
    return float(slope / math.log(stepper.contraction) - 1)


def radii(x: Tensor, k: int) -> Tensor:
    """Return the distance (B,) of each point from the centre of the nearer cloud, in the first k axes.

    Examples
    --------
    >>> radii(torch.tensor([[2.0, 1.0, 9.0]], dtype=torch.float64), 2)
    tensor([1.], dtype=torch.float64)
    """
    return (x[:, None, :k] - Clouds.pair(k, x.shape[1]).means).norm(dim=2).min(1).values


def radius_variation(r: Tensor) -> float:
    """Return the standard deviation of radii over their mean; about 0.52 for a round cloud in the plane.

    Examples
    --------
    >>> radius_variation(torch.tensor([1.0, 1.0]))
    0.0
    """
    return float(r.std() / r.mean())


def told_path(stepper: Stepper, steps: int, x: Tensor, sigma_0: float, seed: int) -> list[tuple[float, Tensor, Tensor]]:
    """Return (level, state, denoised state) of points of two clouds along the implicit schedule.

    This is the limit of many empty dimensions, in which every level is known.

    Parameters
    ----------
    stepper : Stepper
        The step.
    steps : int
        How many.
    x : Tensor
        Clean points (n, 1), to which noise of the first level is added.
    sigma_0 : float
        First level.
    seed : int
        Of the noise.

    Examples
    --------
    >>> x = Clouds.pair(1, 1).sample(5, torch.Generator().manual_seed(0))
    >>> [round(level, 2) for level, *_ in told_path(exponential_euler(0.5, 0.5), 2, x, 2.0, 0)]
    [2.0, 1.56, 1.21]
    """
    generator, clouds, level, found = (
        torch.Generator().manual_seed(seed),
        Clouds.pair(x.shape[1], x.shape[1]),
        sigma_0,
        [],
    )
    y = x + level * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    for step in range(steps + 1):
        x_hat = clouds.denoise(y, level)
        found.append((level, y, x_hat))
        if step < steps:
            z = torch.randn(x.shape, generator=generator, dtype=torch.float64)
            y = y + stepper.move * (x_hat - y) + stepper.gain * level * z
            level *= stepper.contraction
    return found


def martingale_slope(
    kappa: float, n: int, seed: int, time: float = 0.3, h: float = 0.005, sigma_0: float = 1.5
) -> float:
    """Return the slope of the later denoised state on the earlier one; 1 for a martingale.

    Examples
    --------
    >>> 0.9 < martingale_slope(0.5, 2000, seed=0) < 1.1
    True
    """
    x = Clouds.pair(1, 1).sample(n, torch.Generator().manual_seed(1000 + seed))
    states = told_path(exponential_euler(h, kappa), round(time / h), x, sigma_0, seed)
    before, after = states[0][2][:, 0], states[-1][2][:, 0]
    before, after = before - before.mean(), after - after.mean()
    return float((before * after).sum() / before.square().sum())


def final_std(kappa: float, h: float, n: int, seed: int, k: int = 2) -> float:
    """Return the standard deviation an axis of samples about the centre of their cloud; truth 0.35.

    Examples
    --------
    >>> 0.25 < final_std(0.5, 0.5, 500, seed=0) < 0.45
    True
    """
    x = Clouds.pair(k, k).sample(n, torch.Generator().manual_seed(1000 + seed))
    stepper = exponential_euler(h, kappa)
    steps = math.ceil(stepper.steps_between(SIGMA_0, 0.01))
    return float(radii(told_path(stepper, steps, x, SIGMA_0, seed)[-1][2], k).square().mean().div(k).sqrt())
