"""The blind sampler: `sampling.ascend` with a constant step of any of the three kinds, which stops by its own noise.

Every step whose move is at most 1 is a step of the stochastic ascent of chapter 4 with other parameters
(`Stepper.as_ascent`), so the loop is the one of that chapter. What is added here: the start at the mean picture, a
check that the network is a blind one, and an end for items whose noise has stopped to fall.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from dprior_lite.blind.steppers import Stepper
from dprior_lite.gates.network import Denoiser, Network, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_shape, require_whole
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, ascend, item_seeds
from dprior_lite.sampling.noise import MOST_ITEMS
from dprior_lite.sampling.outcome import awake, require_apart, run

HALVINGS, LEAST_PATIENCE, FALL = 4, 12, 0.99


def arguments_of(net: Callable[..., Tensor]) -> tuple[int, float]:
    """Return how many positional arguments a network needs, and how many it takes.

    Examples
    --------
    >>> arguments_of(lambda y, sigma=1.0: y), arguments_of(lambda y, *levels: y)
    ((1, 2), (1, inf))
    """
    inner = net.inner if isinstance(net, Network) else net
    inner = inner.forward if isinstance(inner, nn.Module) else inner
    try:
        found = inspect.signature(inner).parameters.values()
    except (TypeError, ValueError):  # some callables written in C have no signature
        return 1, math.inf
    positional = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    endless = any(p.kind == p.VAR_POSITIONAL for p in found)
    return sum(p.default is p.empty for p in positional), math.inf if endless else len(positional)


def require_blind(net: Denoiser) -> Network:
    """Return a network behind the gate if it needs no noise level.

    Raises
    ------
    ValueError
        If it wants to be told sigma.

    Examples
    --------
    >>> require_blind(lambda y, sigma: y)
    Traceback (most recent call last):
    ValueError: net needs 2 arguments, so it wants to be told the noise level; expected a blind network, called ...
    """
    gated = network(net)
    needed, _ = arguments_of(net)
    if needed > 1:
        raise ValueError(
            f"net needs {needed} arguments, so it wants to be told the noise level; expected a blind network, called"
            " net(y). Use sample_scheduled for one that is told."
        )
    return gated


def _patience(stepper: Stepper) -> int:
    """Return after how many steps without a fall of the noise a sampler counts as stalled."""
    return max(LEAST_PATIENCE, math.ceil(HALVINGS * math.log(2) / -math.log(stepper.contraction)))


def until_stalled(states: Iterable[State], patience: int, stalled: list[float]) -> Iterator[State]:
    """Yield states until no running item has lowered its noise for `patience` steps.

    Parameters
    ----------
    states : iterable of State
        From `sampling.ascend`.
    patience : int
        Steps; an item has lowered its noise if it is 1 % below its lowest so far.
    stalled : list
        Gets the highest level of the noise then.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> state, levels = State(torch.tensor([0]), y, y, torch.tensor([0.5]), torch.tensor([True])), []
    >>> len([*until_stalled([state] * 9, 3, levels)]), levels
    (4, [0.5])
    """
    lowest, since = None, None
    for state in states:
        sigma = state.sigma
        if lowest is None:
            lowest, since = sigma.clone(), torch.zeros(len(sigma), dtype=torch.long, device=sigma.device)
        else:
            fell = sigma < FALL * lowest
            since = torch.where(fell, 0, since + 1)
            lowest = torch.where(fell, sigma, lowest)
        yield state
        if bool(state.running.any()) and bool((since[state.running] >= patience).all()):
            stalled.append(float(sigma[state.running].max()))
            return


def starting_mean(mean: float | Tensor, shape: tuple[int, ...], device: str | torch.device) -> float | Tensor:
    """Return the mean of the first state, one number or a picture of the shape.

    Examples
    --------
    >>> starting_mean(0.5, (1, 8, 8), "cpu")
    0.5
    """
    if not isinstance(mean, Tensor) or mean.ndim == 0:
        return require_number(mean, "mean")
    if tuple(mean.shape) != shape or not mean.is_floating_point():
        raise ValueError(f"mean is {kind_of(mean)}; expected one number, or a picture of the shape {shape}.")
    if not bool(mean.isfinite().all()):
        raise ValueError("mean holds NaN or infinite values; expected finite ones.")
    return mean.to(device)


def sample(
    net: Denoiser,
    n: int,
    shape: Sequence[int],
    generator: torch.Generator,
    stepper: Stepper,
    sigma_0: float = 4.0,
    sigma_L: float = 0.05,
    max_steps: int = 1000,
    mean: float | Tensor = 0.5,
    corrected: bool = False,
    device: str | torch.device = "cpu",
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> Result:
    """Return `n` pictures drawn by a blind denoiser that measures its own noise; no schedule is given.

    Parameters
    ----------
    net : callable
        Blind denoiser on `device`.
    n : int
        How many; the first ones do not depend on how many follow.
    shape : tuple of int
        Of one picture, (C, H, W), or of a point, (d,).
    generator : torch.Generator
        Gives the seed of every item.
    stepper : Stepper
        From `euler`, `exponential_euler`, `stochastic_ascent` or `canonical`.
    sigma_0, sigma_L : float
        Level of the noise at the start, and the level at which an item stops.
    max_steps : int
        An item that has not arrived by then is given back as it is, and reported.
    mean : float or Tensor
        Of the first state: one number, or a picture such as the mean of the training pictures.
    corrected : bool
        Measure the level with the trace of the Jacobian, see `corrected_level`.
    device : str
        Where the denoiser is.
    watch : callable
        Wraps the states as they pass.

    Returns
    -------
    Result
        As of `sampling.sample`. If the noise stops to fall, it ends and its note says so.

    Raises
    ------
    TypeError, ValueError
        As `sampling.sample`; also for a network that wants to be told sigma.

    Examples
    --------
    >>> from dprior_lite.blind.steppers import exponential_euler
    >>> found = sample(lambda y: 0 * y, 2, (1, 8, 8), torch.Generator().manual_seed(0), exponential_euler(0.5, 0.5))
    >>> found.x.shape, bool(found.converged.all())
    (torch.Size([2, 1, 8, 8]), True)
    """
    net, n = require_blind(net), require_whole(n, "n", 1, MOST_ITEMS)
    require_kind(stepper, Stepper, "stepper")
    if not callable(watch):
        raise TypeError(f"watch is {kind_of(watch)}; expected a function of the states, such as iter.")
    ascent: Ascent = stepper.ascent(sigma_0, sigma_L, max_steps, corrected)
    shape = require_shape(shape)
    noise = ItemNoise(item_seeds(n, generator), shape, device)
    start = starting_mean(mean, shape, device) + ascent.sigma_0 * noise.draw()  # (n, C, H, W)

    levels: list[float] = []
    patience = _patience(stepper)
    found, seen = run(ascend(net, start, noise, ascent), lambda states: watch(until_stalled(states, patience, levels)))
    found = awake(require_apart(net, found), seen, ascent.sigma_0)
    if not levels:
        return found
    note = (
        f"The noise stopped to fall at {levels[0]:.3g}, above sigma_L={sigma_L:g}: over {patience} steps it fell by"
        " less than 1 %. Use a smaller noise share or a larger sigma_L, or run check_denoiser."
    )
    return replace(found, note=f"{found.note} {note}".strip())
