"""One step of a blind sampler, as one family of two numbers with three sets of parameters.

Every step moves a part of the way to the denoised state and adds noise in proportion to the present level::

    y <- y + m r + g sigma z,        r = x_hat(y) - y

`m` is the move and `g` the gain. Pure noise of level sigma has the level `rho sigma` afterwards, with the contraction
`rho = sqrt((1 - m)² + g²)`. The parameters differ:

- Euler, step h of `dX = r dt + sqrt(2 kappa) sigma dB`: m = h, g² = 2 kappa h, rho² = (1 - h)² + 2 kappa h;
- exponential Euler, which solves the same equation exactly while x_hat stands still:
  m = 1 - exp(-h), g² = exp(-2 (1 - kappa) h) - exp(-2 h), rho = exp(-(1 - kappa) h);
- the stochastic ascent of 2021 (chapter 4): m = h, g² = (1 - beta h)² - (1 - h)², rho = 1 - beta h.

kappa is the noise share: the injected variance per unit of time is `2 kappa sigma²`. Sources: Kadkhodaie, Pooladian,
Chewi & Simoncelli 2026; Kadkhodaie & Simoncelli 2021. The map between the parameters is derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from dprior_lite.gates.numbers import require_number
from dprior_lite.sampling import Ascent


class NoiseShare(NamedTuple):
    """A step h and the noise share kappa of an Euler or exponential Euler step."""

    h: float
    kappa: float


class Partial(NamedTuple):
    """The parameters of the stochastic ascent: step h, and beta."""

    h: float
    beta: float


@dataclass(frozen=True)
class Stepper:
    """A step that moves by `move` times the residual and adds noise of `gain` times the level.

    Parameters
    ----------
    move : float
        Above 0.
    gain : float
        At least 0.

    Raises
    ------
    ValueError
        If pure noise does not shrink: the contraction is 1 or more.

    Examples
    --------
    >>> step = euler(0.2, 0.2)
    >>> round(step.contraction, 4), round(step.as_ascent().beta, 4)
    (0.8485, 0.7574)
    """

    move: float
    gain: float

    def __post_init__(self) -> None:
        require_number(self.move, "move", above=0)
        require_number(self.gain, "gain", least=0)
        if not self.contraction < 1:
            raise ValueError(
                f"A step with move={self.move:g} and gain={self.gain:g} multiplies the level of noise by"
                f" {self.contraction:.3g}; expected below 1. Use a smaller move or less gain."
            )

    @property
    def contraction(self) -> float:
        """What a step multiplies the level of pure noise by."""
        return math.hypot(1 - self.move, self.gain)

    def as_euler(self) -> NoiseShare:
        """Return h and kappa of the Euler step that is this step."""
        return NoiseShare(self.move, self.gain**2 / (2 * self.move))

    def as_exponential(self) -> NoiseShare:
        """Return h and kappa of the exponential Euler step that is this step; its move is below 1."""
        require_number(self.move, "move", above=0, below=1, hint="An exponential Euler step moves by less than 1.")
        h = -math.log1p(-self.move)
        return NoiseShare(h, 1 + math.log(self.contraction) / h)

    def as_ascent(self) -> Partial:
        """Return h and beta of the stochastic ascent that is this step; there is none for a move above 1."""
        require_number(self.move, "move", above=0, most=1, hint="The stochastic ascent moves by at most 1.")
        return Partial(self.move, min(1.0, (1 - self.contraction) / self.move))  # rounded, it may pass 1

    def ascent(self, sigma_0: float, sigma_L: float, max_steps: int = 1000, corrected: bool = False) -> Ascent:
        """Return the settings with which `sampling.ascend` takes this step again and again.

        Examples
        --------
        >>> exponential_euler(0.5, 0.5).ascent(4, 0.05).ideal_steps()
        18
        """
        h, beta = self.as_ascent()
        return Ascent(h, beta, False, sigma_0, sigma_L, max_steps, corrected)

    def steps_between(self, sigma_0: float, sigma_L: float) -> float:
        """Return how many steps bring pure noise from one level down to another, not rounded.

        Examples
        --------
        >>> round(exponential_euler(0.2, 0.5).steps_between(4, 0.05), 1)
        43.8
        """
        sigma_0, sigma_L = require_number(sigma_0, "sigma_0", above=0), require_number(sigma_L, "sigma_L", above=0)
        if not sigma_L < sigma_0:
            raise ValueError(f"sigma_0={sigma_0:g} and sigma_L={sigma_L:g}; expected sigma_L below sigma_0.")
        return math.log(sigma_0 / sigma_L) / -math.log(self.contraction)


def euler(h: float, kappa: float) -> Stepper:
    """Return the Euler step of size h with noise share kappa.

    Parameters
    ----------
    h : float
        Step, above 0 and below `2 (1 - kappa)`: a longer one does not lower the noise.
    kappa : float
        Noise share, at least 0 and below 1.

    Raises
    ------
    TypeError, ValueError
        If the step cannot contract; the message gives the condition.

    Examples
    --------
    >>> euler(1.0, 0.5)
    Traceback (most recent call last):
    ValueError: An Euler step lowers the noise only for h < 2 (1 - kappa) = 1; came h=1, kappa=0.5. Use a smaller h.
    """
    h, kappa = require_number(h, "h", above=0), require_number(kappa, "kappa", least=0, below=1)
    if not h < 2 * (1 - kappa):
        raise ValueError(
            f"An Euler step lowers the noise only for h < 2 (1 - kappa) = {2 * (1 - kappa):g}; came h={h:g},"
            f" kappa={kappa:g}. Use a smaller h."
        )
    return Stepper(h, math.sqrt(2 * kappa * h))


def exponential_euler(h: float, kappa: float) -> Stepper:
    """Return the exponential Euler step of size h with noise share kappa; any h > 0 lowers the noise.

    Parameters
    ----------
    h : float
        Step, above 0.
    kappa : float
        Noise share, at least 0 and below 1.

    Examples
    --------
    >>> round(exponential_euler(0.2, 0.2).contraction, 4)
    0.8521
    """
    h, kappa = require_number(h, "h", above=0), require_number(kappa, "kappa", least=0, below=1)
    return Stepper(-math.expm1(-h), math.sqrt(math.exp(-2 * (1 - kappa) * h) - math.exp(-2 * h)))


def stochastic_ascent(h: float, beta: float) -> Stepper:
    """Return the step of chapter 4, with a constant h.

    Parameters
    ----------
    h, beta : float
        Both above 0 and at most 1.

    Examples
    --------
    >>> step = stochastic_ascent(0.2, 0.2)
    >>> round(step.contraction, 4), round(step.as_euler().kappa, 4)
    (0.96, 0.704)
    """
    h, beta = require_number(h, "h", above=0, most=1), require_number(beta, "beta", above=0, most=1)
    return Stepper(h, math.sqrt((1 - beta * h) ** 2 - (1 - h) ** 2))


def canonical(steps: int, sigma_0: float, sigma_L: float, kappa: float = 0.5) -> Stepper:
    """Return the exponential Euler step that takes noise from `sigma_0` to `sigma_L` in so many steps.

    The noise share 1/2 is the one for which the denoised state is a martingale.

    Parameters
    ----------
    steps : int
        At least 1.
    sigma_0, sigma_L : float
        First and last level, `sigma_L < sigma_0`.
    kappa : float
        Noise share, at least 0 and below 1.

    Examples
    --------
    >>> round(canonical(50, 4, 0.05).steps_between(4, 0.05), 6)
    50.0
    """
    steps = require_number(steps, "steps", least=1)
    sigma_0, sigma_L = require_number(sigma_0, "sigma_0", above=0), require_number(sigma_L, "sigma_L", above=0)
    kappa = require_number(kappa, "kappa", least=0, below=1)
    if not sigma_L < sigma_0:
        raise ValueError(f"sigma_0={sigma_0:g} and sigma_L={sigma_L:g}; expected sigma_L below sigma_0.")
    return exponential_euler(math.log(sigma_0 / sigma_L) / (steps * (1 - kappa)), kappa)
