"""One measurement of a point in the plane: densities whose best decoder is known in closed form.

A ruler through the origin, at an angle, shows one number `m = u · x + n` of a point x. For a point on thin arms or in
Gaussian clouds, the posterior mean given m is a sum of a few terms. So is the density of m, and the expected squared
error of the best decoder is an integral over the line::

    E |x - E[x | m]|² = E |x|² - integral of p(m) |E[x | m]|² dm

`error_curve` gives it at every angle, without a network and without chance. Angles are in degrees from the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import kind_of, require_generator, require_kind, require_number, require_whole
from dprior_lite.measurements.matrices import require_rows
from dprior_lite.mixture import MOST_POINTS, GaussianMixture

PLACES = 4001  # on the ruler, for the integral
REACH = 6.0  # standard deviations of the noise beyond the last place that a point can have


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
        """E |x|²."""
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

        # t is Gaussian about m / c, cut off at the ends of the arm
        low, high = (arm.first * c - m) / std, (arm.last * c - m) / std  # (B,)
        mass = (_between(low, high)) / (c * (arm.last - arm.first))
        t = m / c + std / c * _cut_mean(low, high)
        w = self.std**2 * s / variance * (m - t * c)
        return arm.weight * mass, t[:, None] * along + w[:, None] * across


def _between(low: Tensor, high: Tensor) -> Tensor:
    """Return the probability of a standard Gaussian between two numbers, negative if they are in falling order."""
    sign = torch.where(low + high > 0, -1.0, 1.0)  # far out, differences are taken in the lower tail
    return sign * (torch.special.ndtr(sign * high) - torch.special.ndtr(sign * low))


def _cut_mean(low: Tensor, high: Tensor) -> Tensor:
    """Return the mean of a standard Gaussian that is cut off at two numbers, in either order."""
    mass = _between(low, high)
    tiny = mass.abs() < 1e-280
    bells = (torch.exp(-low.square() / 2) - torch.exp(-high.square() / 2)) / (2 * math.pi) ** 0.5
    nearest = torch.where(low.abs() < high.abs(), low, high)
    return torch.where(tiny, nearest, bells / torch.where(tiny, torch.ones_like(mass), mass))


@dataclass(frozen=True)
class Clouds:
    """Points of a Gaussian mixture in the plane.

    Attributes
    ----------
    mixture : GaussianMixture
        In two dimensions, float64.

    Examples
    --------
    >>> Clouds(GaussianMixture.isotropic([[0.0, 1.0]], [2.0], [1.0])).second_moment
    9.0
    """

    mixture: GaussianMixture

    def __post_init__(self) -> None:
        require_kind(self.mixture, GaussianMixture, "mixture")
        if self.mixture.means.shape[1] != 2 or self.mixture.means.dtype != torch.float64:
            raise ValueError("mixture is not one of the plane in float64; expected means (K, 2) in float64.")

    @property
    def second_moment(self) -> float:
        """E |x|²."""
        each = self.mixture.means.square().sum(1) + self.mixture.covariances.diagonal(dim1=1, dim2=2).sum(1)
        return float(self.mixture.weights @ each)

    @property
    def reach(self) -> float:
        """How far points are from the origin, nearly all."""
        spread = torch.linalg.eigvalsh(self.mixture.covariances)[:, -1].clamp(min=0).sqrt()
        return float((self.mixture.means.norm(dim=1) + REACH * spread).max())

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, 2), float64."""
        return self.mixture.sample(n, generator)

    def given(self, m: Tensor, u: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Return the density (B,) of measurements `m` (B,) along `u` (2,), and the posterior means (B, 2)."""
        seen = self.mixture.covariances @ u  # (K, 2)
        variance = seen @ u + noise**2  # (K,)
        away = m[:, None] - self.mixture.means @ u  # (B, K)
        logs = self.mixture.weights.log() - (away.square() / variance + (2 * math.pi * variance).log()) / 2
        means = self.mixture.means + (away / variance)[..., None] * seen  # (B, K, 2)
        return logs.logsumexp(1).exp(), (logs.softmax(1)[..., None] * means).sum(1)


Toy = Arms | Clouds


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


def expected_error(toy: Toy, angle: float | Tensor, noise: float = 0.025) -> Tensor:
    """Return the expected squared error of the best decoder of one measurement at an angle; differentiable.

    Parameters
    ----------
    toy : Arms or Clouds
        Density of the points.
    angle : float
        Of the ruler, in degrees.
    noise : float
        Standard deviation of the noise in the measurement, above 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> round(float(expected_error(cross(), 65.0)), 4)
    0.0032
    """
    _require_toy(toy)
    noise = require_number(noise, "noise", above=0)
    require_number(angle.detach() if isinstance(angle, Tensor) else angle, "angle")
    reach = toy.reach + REACH * noise
    m = torch.linspace(-reach, reach, PLACES, dtype=torch.float64)
    density, mean = toy.given(m, direction(angle), noise)
    return toy.second_moment - torch.trapezoid(density * mean.square().sum(1), m)


def _require_toy(toy: Toy) -> None:
    if not isinstance(toy, Arms | Clouds):
        raise TypeError(f"toy is {kind_of(toy)}; expected Arms, such as cross(), or Clouds.")


def error_curve(toy: Toy, angles: Sequence[float], noise: float = 0.025) -> Tensor:
    """Return `expected_error` at each of several angles, (A,), float64.

    Examples
    --------
    >>> error_curve(cross(), [0.0, 65.0, 90.0]).round(decimals=2)
    tensor([0.1900, 0.0000, 0.2400], dtype=torch.float64)
    """
    if not isinstance(angles, Iterable) or isinstance(angles, str):
        raise TypeError(f"angles is {kind_of(angles)}; expected a list of angles in degrees.")
    with torch.no_grad():
        errors = [expected_error(toy, angle, noise) for angle in angles]
    if not errors:
        raise ValueError("angles is empty; expected at least one angle in degrees.")
    return torch.stack(errors)


class ToyDecoder:
    """The best decoder of one measurement of points, for `optimise`: points are pictures (B, 1, 1, 2).

    Parameters
    ----------
    toy : Arms or Clouds
        Density of the points.
    noise : float
        Standard deviation of the noise in the measurement, above 0.

    Examples
    --------
    >>> rows = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    >>> decoded = ToyDecoder(cross())(rows, torch.tensor([[0.8]], dtype=torch.float64))
    >>> bool((decoded.flatten() - torch.tensor([0.0, 0.8])).abs().max() < 0.01)  # on the arm above
    True
    """

    def __init__(self, toy: Toy, noise: float = 0.025) -> None:
        _require_toy(toy)
        self.toy, self.noise = toy, require_number(noise, "noise", above=0)

    def __call__(self, rows: Tensor, m: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return the posterior means (B, 1, 1, 2) for measurements `m` (B, 1); nothing is drawn."""
        if len(require_rows(rows, 2)) != 1 or require_batch(m, "m", 2).shape[1] != 1:
            raise ValueError(f"rows has shape {tuple(rows.shape)} and m {tuple(m.shape)}; expected (1, 2) and (B, 1).")
        _, mean = self.toy.given(m[:, 0].double(), rows[0].double(), self.noise)
        return mean[:, None, None, :].to(m.dtype)
