"""What an ascent yields and where it ends, and what is wrong with an end that only looks like an arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of

ASLEEP = 0.05  # of the noise at the start: a denoiser that sees less hardly moves its input
APART = 1e-2  # of the largest value: how far an item alone may be from the same item in its batch


@dataclass(frozen=True)
class State:
    """One state of a batch during the ascent.

    Attributes
    ----------
    step : Tensor
        Steps taken, (B,).
    y, x_hat : Tensor
        Noisy state and what the denoiser sees in it, (B, ...).
    sigma : Tensor
        Measured noise level, (B,).
    running : Tensor
        Which items still climb, (B,).
    """

    step: Tensor
    y: Tensor
    x_hat: Tensor
    sigma: Tensor
    running: Tensor


@dataclass(frozen=True)
class Result:
    """Where a batch ended.

    Attributes
    ----------
    x, y : Tensor
        Pictures, and the states before the last denoising, (B, ...).
    steps : Tensor
        Steps taken, (B,).
    sigma : Tensor
        Last measured noise level, (B,).
    converged : Tensor
        Which items arrived, (B,).
    note : str
        What is wrong with the result, if anything is known to be; it is printed with it.
    """

    x: Tensor
    y: Tensor
    steps: Tensor
    sigma: Tensor
    converged: Tensor
    note: str = ""

    def __str__(self) -> str:
        arrived, first, last = int(self.converged.sum()), int(self.steps.min()), int(self.steps.max())
        took = f"{first} steps" if first == last else f"{first} to {last} steps"
        said = f"{arrived} of {len(self.x)} arrived, {took}, last sigma {float(self.sigma.max()):.2g} at most"
        return f"{said}. {self.note}" if self.note else said


def copied(state: State) -> State:
    """Return a state with tensors of its own.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> copied(State(torch.zeros(1), y, y, torch.ones(1), torch.ones(1) > 0)).y is y
    False
    """
    return State(*(v.clone() for v in vars(state).values()))


def finish(states: Iterable[State]) -> Result:
    """Return where an ascent ends.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> print(finish([State(torch.tensor([7]), y, y, torch.tensor([0.01]), torch.tensor([False]))]))
    1 of 1 arrived, 7 steps, last sigma 0.01 at most
    """
    state = None
    for state in states:
        pass
    if not isinstance(state, State):
        raise ValueError(
            f"states ended with {kind_of(state)}; expected at least one State. Pass on what ascend yields."
        )
    return Result(state.x_hat, state.y, state.step, state.sigma, ~state.running)


def run(states: Iterable[State], watch: Callable[[Iterable[State]], Iterable[State]]) -> tuple[Result, Tensor]:
    """Return where an ascent ends, and the noise levels (B,) that the denoiser saw at its start.

    Parameters
    ----------
    states : iterable of State
        From `ascend`.
    watch : callable
        Gets copies of the states. The ascent ends where it stops to ask for more.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> state = State(torch.tensor([0]), y, y, torch.tensor([0.5]), torch.tensor([True]))
    >>> run([state], iter)[1]
    tensor([0.5000])
    """
    passed: list[State] = []  # the first and the last

    def copies() -> Iterator[State]:
        """Yield copies for the watcher, and keep the first and the last state."""
        for state in states:
            passed[:] = [*passed[:1], state] if passed else [state, state]
            yield copied(state)

    if not callable(watch):
        raise TypeError(f"watch is {kind_of(watch)}; expected a function of the states, such as progress_bar(ascent).")
    for _ in watch(copies()):
        pass
    return finish(passed[1:]), passed[0].sigma


def awake(found: Result, seen: Tensor, sigma_0: float) -> Result:
    """Return a result of an ascent that began at the level `sigma_0`; who saw no noise there did not arrive.

    Parameters
    ----------
    found : Result
        From `run`.
    seen : Tensor
        Levels that the denoiser saw at the start, (B,), from `run`.
    sigma_0 : float
        Level that was there.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> still = Result(y, y, torch.tensor([0]), torch.tensor([0.0]), torch.tensor([True]))
    >>> print(awake(still, torch.tensor([0.0]), 1.0))
    0 of 1 arrived, 0 steps, last sigma 0 at most. The denoiser saw noise of 0 at the start, where there was 1: it ...
    """
    least = float(seen.min())
    if least >= ASLEEP * sigma_0:
        return found
    stuck = (found.steps == 0) & (seen < ASLEEP * sigma_0)
    note = (
        f"The denoiser saw noise of {least:.2g} at the start, where there was {sigma_0:g}: it hardly moves its input."
        " Run check_denoiser."
    )
    return replace(found, converged=found.converged & ~stuck, note=note)


def require_apart(net: Denoiser, found: Result) -> Result:
    """Return a result if its first item, denoised alone, is what it was in its batch.

    Raises
    ------
    ValueError
        If the denoiser mixes the items of a batch, or gives another answer when it is asked again.

    Examples
    --------
    >>> y = torch.tensor([[1.0], [3.0]])
    >>> ends = torch.zeros(2), torch.zeros(2), torch.ones(2, dtype=torch.bool)
    >>> require_apart(lambda y: y - y.mean(0), Result(y - 2, y, *ends))
    Traceback (most recent call last):
    ValueError: The denoiser gives an item another answer alone than in its batch (they differ by 1): it uses ...
    """
    if len(found.x) < 2:
        return found
    with torch.no_grad():
        alone = network(net).of(torch.zeros(1, dtype=torch.long, device=found.y.device))(found.y[:1])  # (1, ...)
    off = float((alone - found.x[:1]).abs().max())
    if not off <= APART * float(found.x[:1].abs().max().clamp(min=1)):
        raise ValueError(
            f"The denoiser gives an item another answer alone than in its batch (they differ by {off:.2g}): it uses the"
            " other items, or chance.\nExpected a denoiser that treats every item by itself; run check_denoiser."
        )
    return found
