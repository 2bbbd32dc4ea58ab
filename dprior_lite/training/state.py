"""What a training shows of itself."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class State:
    """What a training shows of itself, about 200 times.

    Attributes
    ----------
    step, steps : int
        Steps taken in this training, and to take.
    loss : float
        Mean since the last state.
    seconds : float
        The training's own, over all its parts.
    net : nn.Module
        The averaged network in `eval` mode.
    history : tuple of (int, float)
        Step and loss of every state so far.
    done : bool
        Whether this is the last one.
    left_out : tuple of str
        Sources of the recipe that were not used.
    earlier : int
        Steps behind the weights that this training started from.
    """

    step: int
    steps: int
    loss: float
    seconds: float
    net: nn.Module
    history: tuple[tuple[int, float], ...]
    done: bool
    left_out: tuple[str, ...] = ()
    earlier: int = 0


class Diverged(FloatingPointError):
    """The loss became NaN or infinite."""
