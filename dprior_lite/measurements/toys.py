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
from dprior_lite.gates.numbers import kind_of, require_kind, require_number
from dprior_lite.measurements.matrices import require_rows
from dprior_lite.measurements.strokes import REACH, Arms, direction
from dprior_lite.mixture import GaussianMixture

PLACES = 4001  # on the ruler, for the integral


@dataclass(frozen=True)
class Clouds:
    """Points of a Gaussian mixture in the plane.

    Attributes
    ----------
    mixture : miyasawa.GaussianMixture
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
        """Mean squared length of a point."""
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


def expected_error(toy: Toy, angle: float | Tensor, noise: float = 0.025) -> Tensor:
    """Return the expected squared error of the best decoder of one measurement at an angle.

    It is differentiable in the angle.

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
    >>> from dprior_lite.measurements.strokes import cross
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
    >>> from dprior_lite.measurements.strokes import cross
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
    >>> from dprior_lite.measurements.strokes import cross
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
