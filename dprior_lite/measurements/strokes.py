"""Points on thin strokes in the plane, and what one noisy measurement says about them, in closed form.

On a stroke the place of a point, given its measurement, is a Gaussian that is cut off at the ends of the stroke.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.numbers import require_generator, require_kind, require_number, require_whole
from dprior_lite.mixture import MOST_POINTS

TINY = 1e-150  # probability below which a mean is the nearest end: its derivative divides by the square
NARROW = 1e-2  # width of an interval, in standard deviations, below which a series is exact to nine digits
REACH = 6.0  # standard deviations beyond the last place that a point can have


def direction(angle: float | Tensor) -> Tensor:
    """Return the unit vector (2,) at an angle in degrees, float64; differentiable.

    Examples
    --------
    >>> direction(90.0).round(decimals=4)
    tensor([0., 1.], dtype=torch.float64)
    """
    turn = torch.as_tensor(angle, dtype=torch.float64) * (math.pi / 180)
    return torch.stack([turn.cos(), turn.sin()])


@dataclass(frozen=True)
class Arm:
    """A straight stroke: points `t e + w e'` with t uniform from `first` to `last` and w Gaussian across.

    Attributes
    ----------
    angle : float
        Of e, in degrees.
    first, last : float
        Where t begins and ends, first < last.
    weight : float
        Probability of the arm.
    """

    angle: float
    first: float
    last: float
    weight: float


@dataclass(frozen=True)
class Arms:
    """Points on strokes of one thickness.

    Attributes
    ----------
    arms : tuple of Arm
        Weights sum to 1.
    std : float
        Standard deviation across each, above 0.

    Examples
    --------
    >>> round(float(cross().second_moment), 4)
    0.4249
    """

    arms: tuple[Arm, ...]
    std: float = 0.01

    def __post_init__(self) -> None:
        require_number(self.std, "std", above=0)
        for arm in self.arms:
            require_kind(arm, Arm, "an arm")
            if not (math.isfinite(arm.first) and arm.first < arm.last < math.inf and arm.weight > 0):
                raise ValueError(f"an arm is {arm}; expected finite first < last and a weight above 0.")
        total = sum(arm.weight for arm in self.arms)
        if not abs(total - 1) <= 1e-9:
            raise ValueError(f"The weights of the arms sum to {total:g}; expected 1.")

    @property
    def second_moment(self) -> float:
        """Mean squared length of a point."""
        squares = [(a.first**2 + a.first * a.last + a.last**2) / 3 for a in self.arms]
        return sum(a.weight * square for a, square in zip(self.arms, squares)) + self.std**2

    @property
    def reach(self) -> float:
        """How far points are from the origin, nearly all."""
        return max(max(abs(a.first), abs(a.last)) for a in self.arms) + REACH * self.std

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, 2), float64."""
        n = require_whole(n, "n", 1, MOST_POINTS)
        weights = torch.tensor([a.weight for a in self.arms], dtype=torch.float64)
        which = torch.multinomial(weights, n, replacement=True, generator=require_generator(generator))  # (n,)
        first, last = (torch.tensor([getattr(a, k) for a in self.arms], dtype=torch.float64) for k in ("first", "last"))
        along = torch.stack([direction(a.angle) for a in self.arms])[which]  # (n, 2)
        across = torch.stack([direction(a.angle + 90) for a in self.arms])[which]
        t = first[which] + (last - first)[which] * torch.rand(n, generator=generator, dtype=torch.float64)
        w = self.std * torch.randn(n, generator=generator, dtype=torch.float64)
        return t[:, None] * along + w[:, None] * across

    def given(self, m: Tensor, u: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Return the density (B,) of measurements `m` (B,) along `u` (2,), and the posterior means (B, 2)."""
        terms = [self._of_arm(arm, m, u, noise) for arm in self.arms]
        density = torch.stack([p for p, _ in terms]).sum(0)  # (B,)
        mean = torch.stack([p[:, None] * x for p, x in terms]).sum(0)
        return density, mean / density.clamp(min=torch.finfo(torch.float64).tiny)[:, None]

    def _of_arm(self, arm: Arm, m: Tensor, u: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Return the density of `m` from one arm, with its weight, (B,), and the posterior mean on it (B, 2)."""
        along, across = direction(arm.angle), direction(arm.angle + 90)
        # a ruler exactly across the arm is turned by a hair: the formulas divide by its cosine
        c, s = u @ along, u @ across
        c = torch.where(c.abs() < 1e-6, torch.full_like(c, 1e-6), c)
        variance = self.std**2 * s**2 + noise**2
        std = variance.sqrt()

        # t is Gaussian about m / c, cut off at the ends of the arm; it is taken from the middle of the arm
        middle, width = ((arm.first + arm.last) / 2 * c - m) / std, (arm.last - arm.first) * c / std  # (B,), ()
        mass, away = _cut(middle, width)
        mass = mass / (c * (arm.last - arm.first))
        t = (arm.first + arm.last) / 2 + std / c * away
        w = self.std**2 * s / variance * (m - t * c)
        return arm.weight * mass, t[:, None] * along + w[:, None] * across


def _cut(middle: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
    """Return the probability of an interval under a standard Gaussian, and its mean there less the middle.

    Both are (B,). An interval of negative width has a negative probability. A narrow one has both by their series:
    differences of nearly equal numbers would lose their digits.
    """
    low, high = middle - width / 2, middle + width / 2
    sign = torch.where(middle > 0, -1.0, 1.0)  # far out, differences are taken in the lower tail
    mass = sign * (torch.special.ndtr(sign * high) - torch.special.ndtr(sign * low))
    tiny = mass.abs() < TINY
    bells = (torch.exp(-low.square() / 2) - torch.exp(-high.square() / 2)) / (2 * math.pi) ** 0.5
    nearest = torch.where(low.abs() < high.abs(), low, high)
    mean = torch.where(tiny, nearest, bells / torch.where(tiny, torch.ones_like(mass), mass))
    bell, square = torch.exp(-middle.square() / 2) / (2 * math.pi) ** 0.5, width.square()
    narrow = width.abs() * middle.abs().clamp(min=1) < NARROW
    return (
        torch.where(narrow, bell * width * (1 + (middle.square() - 1) * square / 24), mass),
        torch.where(narrow, -middle * square / 12, mean - middle),
    )


def cross(ratio: float = 0.4, std: float = 0.01) -> Arms:
    """Return the cross: a whole arm on the first axis, and the outer parts of one on the second.

    The density along the strokes is even. The first axis is the principal component.

    Parameters
    ----------
    ratio : float
        Part of the second arm that is there, from its ends inwards, above 0 and below 1.
    std : float
        Thickness.

    Examples
    --------
    >>> [round(arm.weight, 3) for arm in cross().arms]
    [0.714, 0.143, 0.143]
    """
    ratio = require_number(ratio, "ratio", above=0, below=1)
    outer = ratio / (2 + 2 * ratio)
    return Arms((Arm(0, -1, 1, 1 - 2 * outer), Arm(90, 1 - ratio, 1, outer), Arm(90, -1, ratio - 1, outer)), std)
