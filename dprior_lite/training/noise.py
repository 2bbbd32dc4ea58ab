"""Noise laws: how the standard deviation of the training noise is drawn, one value an example."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor


@dataclass(frozen=True)
class Uniform:
    """sigma uniform in [low, high], in units of the pictures (25/255 is a typical value)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, lambda: 0 <= self.low <= self.high < math.inf, "0 <= low <= high")

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` values (n,) on the generator's device."""
        u = torch.rand(n, generator=generator, dtype=torch.float32, device=generator.device)
        return self.low + (self.high - self.low) * u


@dataclass(frozen=True)
class LogUniform:
    """log sigma uniform between log low and log high: every octave of noise equally often."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check(self, lambda: 0 < self.low <= self.high < math.inf, "0 < low <= high")

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` values (n,) on the generator's device."""
        u = torch.rand(n, generator=generator, dtype=torch.float32, device=generator.device)
        return self.low * (self.high / self.low) ** u


@dataclass(frozen=True)
class Fixed:
    """One sigma for every example."""

    sigma: float

    def __post_init__(self) -> None:
        _check(self, lambda: 0 <= self.sigma < math.inf, "sigma >= 0")

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` equal values (n,) on the generator's device."""
        return torch.full((n,), self.sigma, dtype=torch.float32, device=generator.device)


def _check(law: object, holds: Callable[[], bool], expected: str) -> None:
    """Refuse a law of standard deviations that are none; NaN holds nowhere."""
    if not all(isinstance(value, Real) for value in vars(law).values()) or not holds():
        raise ValueError(
            f"{law} is no law of noise; expected finite numbers with {expected}, in units of the pictures."
        )


NoiseLaw = Uniform | LogUniform | Fixed
LAWS = {law.__name__: law for law in (Uniform, LogUniform, Fixed)}
