"""Noise laws: how the standard deviation of the training noise is drawn, one value an example."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Uniform:
    """sigma uniform in [low, high], in units of the pictures (25/255 is a typical value)."""

    low: float
    high: float

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` values (n,) on the generator's device."""
        u = torch.rand(n, generator=generator, dtype=torch.float32, device=generator.device)
        return self.low + (self.high - self.low) * u


@dataclass(frozen=True)
class LogUniform:
    """log sigma uniform between log low and log high: every octave of noise equally often."""

    low: float
    high: float

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` values (n,) on the generator's device."""
        u = torch.rand(n, generator=generator, dtype=torch.float32, device=generator.device)
        return self.low * (self.high / self.low) ** u


@dataclass(frozen=True)
class Fixed:
    """One sigma for every example."""

    sigma: float

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` equal values (n,) on the generator's device."""
        return torch.full((n,), self.sigma, dtype=torch.float32, device=generator.device)


NoiseLaw = Uniform | LogUniform | Fixed
LAWS = {law.__name__: law for law in (Uniform, LogUniform, Fixed)}
