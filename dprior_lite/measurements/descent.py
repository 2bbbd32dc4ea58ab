"""How measurements are trained, and what the training says of itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from dprior_lite.gates.numbers import require_number, require_whole
from dprior_lite.measurements.quality import LOSSES

MOST_STEPS = 10_000_000


@dataclass(frozen=True)
class Descent:
    """How measurements are trained.

    Attributes
    ----------
    steps, batch : int
        Steps of Adam, and pictures a step, drawn with replacement.
    lr : float
        Learning rate at the start; it falls to zero along a cosine.
    loss : {"mse", "ssim"}
        Squared error of a picture, or 1 - SSIM.
    noise : float
        Standard deviation of the noise that is added to the measurements; tell the decoder the same.
    nested : tuple of int
        Numbers of measurements, rising, the last one K: each step draws one of them and measures with so many of the
        first rows. Empty for all rows in every step.
    clip : float
        Largest norm of a gradient; longer ones are shortened.

    Examples
    --------
    >>> Descent(steps=10).learning_rate(5) / Descent().lr
    0.5
    """

    steps: int = 300
    batch: int = 32
    lr: float = 5e-3
    loss: str = "mse"
    noise: float = 0.0
    nested: tuple[int, ...] = ()
    clip: float = math.inf

    def __post_init__(self) -> None:
        require_whole(self.steps, "steps", 1, MOST_STEPS)
        require_whole(self.batch, "batch", 1, MOST_STEPS)
        require_number(self.lr, "lr", above=0)
        require_number(self.noise, "noise", least=0)
        if self.loss not in LOSSES:
            raise ValueError(f"loss is {self.loss!r}; expected one of {', '.join(LOSSES)}.")
        if not self.clip > 0:
            raise ValueError(f"clip={self.clip}; expected a number above 0, or infinity to shorten nothing.")
        counts = [require_whole(k, "a number of nested", 1) for k in self.nested]
        if counts != sorted(set(counts)):
            raise ValueError(f"nested is {self.nested}; expected rising numbers of measurements, such as (8, 16, 32).")

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of step 0, 1, ..."""
        return self.lr * (1 + math.cos(math.pi * step / self.steps)) / 2


@dataclass(frozen=True)
class DescentState:
    """One step of training.

    Attributes
    ----------
    step : int
        Steps done.
    loss : float
        Mean of the batch, before the step.
    gradient : float
        Norm of the gradient.
    orthonormality : float
        Largest entry of `abs(M Mᵀ - 1)` after the step.
    skipped : int
        Steps so far whose loss or gradient was not finite, and which changed nothing.
    """

    step: int
    loss: float
    gradient: float
    orthonormality: float
    skipped: int


@dataclass(frozen=True)
class Optimised:
    """Trained rows (K, d), and what the training says of itself.

    It gives the loss of every step (steps,), how many steps were skipped, and the worst orthonormality.

    Examples
    --------
    >>> import torch
    >>> print(Optimised(torch.eye(2)[:1], torch.tensor([2.0, 1.0]), 1, 3e-7))
    1 measurement of 2 numbers: 2 steps, 1 skipped for a gradient that was not finite, M Mᵀ - 1 at most 3e-07
    """

    rows: Tensor
    losses: Tensor
    skipped: int
    orthonormality: float

    def __str__(self) -> str:
        k, d = self.rows.shape
        skipped = f"{self.skipped} skipped for a gradient that was not finite, " if self.skipped else ""
        return (
            f"{k} measurement{'s' * (k > 1)} of {d} numbers: {len(self.losses)} steps, {skipped}M Mᵀ - 1 at most"
            f" {self.orthonormality:.0e}"
        )
