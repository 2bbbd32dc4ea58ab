"""Samplers that follow a schedule, for a denoiser that is told sigma: the baselines of chapter 10.

A schedule is a falling list of noise levels. Between two of them the state moves along the probability flow
`dy/dsigma = (y - x_hat) / sigma` by Euler's or Heun's rule (Karras et al. 2022, algorithm 1), or by the ancestral rule,
which takes out more noise and puts some back (Song et al. 2021, variance exploding). The last level is followed by one
denoising, as the blind sampler does it, so both return a denoised picture.

The states are those of `sampling`. Their sigma is the level of the schedule: what the sampler *assumes*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor

from dprior_lite.blind.sampler import arguments_of, starting_mean
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Network, ToldDenoiser, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_shape, require_whole
from dprior_lite.sampling import ItemNoise, Result, State, item_seeds
from dprior_lite.sampling.noise import MOST_ITEMS
from dprior_lite.sampling.outcome import run

MOST_STEPS = 100_000
RULES = ("euler", "heun", "ancestral")


def _ends(steps: int, sigma_0: float, sigma_L: float) -> tuple[int, float, float]:
    """Refuse a schedule that has no steps or does not fall."""
    steps = require_whole(steps, "steps", 1, MOST_STEPS)
    sigma_0, sigma_L = require_number(sigma_0, "sigma_0", above=0), require_number(sigma_L, "sigma_L", above=0)
    if not sigma_L < sigma_0:
        raise ValueError(
            f"sigma_0={sigma_0:g} and sigma_L={sigma_L:g}: the schedule would not fall; expected sigma_L below sigma_0."
        )
    return steps, sigma_0, sigma_L


def log_levels(steps: int, sigma_0: float, sigma_L: float) -> list[float]:
    """Return `steps + 1` levels from `sigma_0` to `sigma_L`, each the same factor below the one before.

    Parameters
    ----------
    steps : int
        At least 1.
    sigma_0, sigma_L : float
        First and last level, `0 < sigma_L < sigma_0`.

    Examples
    --------
    >>> [round(level, 3) for level in log_levels(2, 4, 0.25)]
    [4.0, 1.0, 0.25]
    """
    steps, sigma_0, sigma_L = _ends(steps, sigma_0, sigma_L)
    inner = [sigma_0 * (sigma_L / sigma_0) ** (k / steps) for k in range(1, steps)]
    return [sigma_0, *inner, sigma_L]


def karras_levels(steps: int, sigma_0: float, sigma_L: float, rho: float = 7.0) -> list[float]:
    """Return `steps + 1` levels whose rho-th roots are evenly spaced (Karras et al. 2022, equation 5).

    Parameters
    ----------
    steps : int
        At least 1.
    sigma_0, sigma_L : float
        First and last level, `0 < sigma_L < sigma_0`.
    rho : float
        At least 1, which is evenly spaced; the larger, the more steps at little noise.

    Examples
    --------
    >>> [round(level, 3) for level in karras_levels(2, 4, 0.25, rho=1)]
    [4.0, 2.125, 0.25]
    """
    steps, sigma_0, sigma_L = _ends(steps, sigma_0, sigma_L)
    rho = require_number(rho, "rho", least=1, most=1e3)
    first, last = sigma_0 ** (1 / rho), sigma_L ** (1 / rho)
    inner = [(first + k / steps * (last - first)) ** rho for k in range(1, steps)]
    return [sigma_0, *inner, sigma_L]


def require_told(net: ToldDenoiser) -> Network:
    """Return a network behind the gate if it takes a noise level.

    Raises
    ------
    ValueError
        If it is a blind one.

    Examples
    --------
    >>> require_told(lambda y: y)
    Traceback (most recent call last):
    ValueError: net takes 1 argument, so it is a blind network; expected one that is told sigma, called net(y, sigma)...
    """
    gated, (_, most) = network(net), arguments_of(net)
    if most < 2:
        raise ValueError(
            "net takes 1 argument, so it is a blind network; expected one that is told sigma, called net(y, sigma)."
            " Use miyasawa.blind(net) to let a blind one ignore the level."
        )
    return gated


def checked_levels(levels: Sequence[float]) -> list[float]:
    """Return a schedule if it is a falling list of at least two levels above 0.

    Examples
    --------
    >>> checked_levels([1.0, 2.0])
    Traceback (most recent call last):
    ValueError: levels go from 1 to 2; expected at least two noise levels above 0, each below the one before. Use ...
    """
    if isinstance(levels, str) or not isinstance(levels, Sequence):
        raise TypeError(f"levels is {kind_of(levels)}; expected a schedule, such as log_levels(50, 4, 0.05).")
    found = [require_number(level, "level", above=0) for level in levels]
    if len(found) < 2 or not all(a > b for a, b in zip(found, found[1:])):
        shown = f"go from {found[0]:g} to {found[-1]:g}" if found else "are empty"
        raise ValueError(
            f"levels {shown}; expected at least two noise levels above 0, each below the one before. Use log_levels or"
            " karras_levels."
        )
    return found


def _moved(net: Network, y: Tensor, x_hat: Tensor, now: float, then: float, rule: str, z: Tensor | None) -> Tensor:
    """Return the state (B, ...) at the level `then`."""
    if rule == "ancestral":
        kept = (then / now) ** 2
        return x_hat + kept * (y - x_hat) + then * math.sqrt(1 - kept) * z
    slope = (y - x_hat) / now  # (B, ...)
    moved = y + (then - now) * slope
    if rule == "euler":
        return moved
    other = (moved - net(moved, then)) / then
    return y + (then - now) * (slope + other) / 2


@torch.no_grad()
def scheduled(
    net: ToldDenoiser, y: Tensor, levels: Sequence[float], rule: str = "euler", noise: ItemNoise | None = None
) -> Iterator[State]:
    """Follow a schedule from `y` and yield a `State` at every level; the last `x_hat` is the sample.

    Parameters
    ----------
    net : callable
        Denoiser `(y, sigma) -> x_hat`.
    y : Tensor
        Start (B, ...), with noise of the first level.
    levels : sequence of float
        Falling, above 0; from `log_levels` or `karras_levels`.
    rule : {"euler", "heun", "ancestral"}
        Heun's asks the network twice a step.
    noise : ItemNoise, optional
        For the ancestral rule only.

    Raises
    ------
    TypeError, ValueError
        If the rule is unknown, the schedule does not fall, or the network is a blind one.

    Examples
    --------
    >>> *_, last = scheduled(lambda y, sigma: 0 * y, torch.ones(1, 4), [1.0, 0.5, 0.25])
    >>> last.y, last.step
    (tensor([[0.2500, 0.2500, 0.2500, 0.2500]]), tensor([2]))
    """
    if rule not in RULES:
        raise ValueError(f"rule is {rule!r}; expected one of {', '.join(RULES)}.")
    net, y, levels = require_told(net), require_batch(y), checked_levels(levels)
    if rule == "ancestral":
        require_kind(noise, ItemNoise, "noise")
        if tuple(y.shape) != (len(noise), *noise.shape):
            raise ValueError(
                f"y has shape {tuple(y.shape)} and the noise is for {(len(noise), *noise.shape)}; expected one stream"
                " of noise an item."
            )
    whole = torch.ones(len(y), dtype=torch.long, device=y.device)
    for step, (now, then) in enumerate(zip(levels, [*levels[1:], None])):
        x_hat = net(y, now)
        if not bool(x_hat.isfinite().all()):
            raise FloatingPointError(
                f"At sigma={now:g} the denoiser returned NaN or infinite values; run check_denoiser."
            )
        ended = then is None
        yield State(step * whole, y.clone(), x_hat.clone(), y.new_full((len(y),), now), (whole > 0) & (not ended))
        if not ended:
            y = _moved(net, y, x_hat, now, then, rule, noise.draw() if rule == "ancestral" else None)


def sample_scheduled(
    net: ToldDenoiser,
    n: int,
    shape: Sequence[int],
    generator: torch.Generator,
    levels: Sequence[float],
    rule: str = "euler",
    mean: float | Tensor = 0.5,
    device: str | torch.device = "cpu",
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> Result:
    """Return `n` pictures drawn along a schedule; with the same generator it starts where `sample` starts.

    Parameters
    ----------
    net : callable
        Denoiser `(y, sigma) -> x_hat` on `device`.
    n : int
        How many.
    shape : tuple of int
        Of one picture, (C, H, W), or of a point, (d,).
    generator : torch.Generator
        Gives the seed of every item.
    levels : sequence of float
        Schedule, see `scheduled`.
    rule : {"euler", "heun", "ancestral"}
        How a step is made.
    mean : float or Tensor
        Of the first state: one number or a picture.
    device : str
        Where the denoiser is.
    watch : callable
        Wraps the states as they pass.

    Returns
    -------
    Result
        All items take the same number of steps; `sigma` is the last level of the schedule, whatever noise there is.

    Raises
    ------
    TypeError, ValueError
        As `scheduled`.

    Examples
    --------
    >>> found = sample_scheduled(lambda y, sigma: 0 * y, 2, (1, 8, 8), torch.Generator(), log_levels(5, 4, 0.05))
    >>> found.steps.tolist(), round(float(found.sigma[0]), 2)
    ([5, 5], 0.05)
    """
    n, levels, shape = require_whole(n, "n", 1, MOST_ITEMS), checked_levels(levels), require_shape(shape)
    noise = ItemNoise(item_seeds(n, generator), shape, device)
    start = starting_mean(mean, shape, device) + levels[0] * noise.draw()  # (n, C, H, W)
    return run(scheduled(net, start, levels, rule, noise), watch)[0]
