"""Two densities of which everything is known: a mixture of two scales, and Gaussian patches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_batch
from dprior_lite.gates.numbers import holds, require_generator, require_number, require_whole

MOST_POINTS = 100_000_000


@dataclass(frozen=True)
class ScaleMixture:
    """Half `N(0, s_1 I)`, half `N(0, s_2 I)`, in d dimensions: two shells with nothing between them.

    Their radii are `sqrt(d s_k)`.

    Parameters
    ----------
    d : int
        Number of dimensions.
    variances : (float, float)
        s_1 and s_2.

    Examples
    --------
    >>> law = ScaleMixture(1000)
    >>> law.sample(4, torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1000])
    """

    d: int
    variances: tuple[float, ...] = (1.0, 16.0)

    def __post_init__(self) -> None:
        require_whole(self.d, "d")
        for s in self.variances:
            require_number(s, "a variance", above=0)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, d), float32."""
        n, place = require_whole(n, "n", 1, MOST_POINTS), require_generator(generator).device
        which = torch.randint(0, len(self.variances), (n,), generator=generator, device=place)
        scale = torch.tensor(self.variances, dtype=torch.float32, device=place)[which].sqrt()  # (n,)
        return scale[:, None] * torch.randn(n, self.d, generator=generator, dtype=torch.float32, device=place)

    def radial_energy(self, r: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` in nats of any y with `|y| = r`, in float64."""
        r, t = (torch.as_tensor(v, dtype=torch.float64, device="cpu") for v in (r, t))
        s = torch.tensor(self.variances, dtype=torch.float64, device="cpu") + t[..., None]
        terms = r[..., None].square() / (2 * s) + self.d / 2 * (2 * math.pi * s).log() + math.log(len(self.variances))
        return -torch.logsumexp(-terms, -1)

    def energy(self, y: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` (B,) in nats of `y` (B, d)."""
        return self.radial_energy(require_batch(y, dims=2).double().norm(dim=1), _variances(t, y))

    def gap(self, t: float) -> float:
        """Return the energy per dimension on the outer shell, `|y|² = d(s_2 + t)`, minus that on the inner one.

        Examples
        --------
        >>> round(ScaleMixture(1000).gap(0.01), 4)
        1.3816
        """
        t = require_number(t, "t", least=0)
        radii = (torch.tensor(math.sqrt(self.d * (s + t)), dtype=torch.float32, device="cpu") for s in self.variances)
        inner, outer = (self.radial_energy(r, t) for r in radii)
        return float(outer - inner) / self.d


@dataclass(frozen=True)
class GaussianPatches:
    """Stationary Gaussian pictures on a torus whose power falls as that of photographs, one over f².

    Parameters
    ----------
    side : int
        Height and width in pixels.
    variance : float
        Of a pixel.

    Examples
    --------
    >>> law = GaussianPatches(8)
    >>> law.sample(3, torch.Generator().manual_seed(0)).shape, round(float(law.spectrum.mean()), 6)
    (torch.Size([3, 1, 8, 8]), 1.0)
    """

    side: int
    variance: float = 1.0

    def __post_init__(self) -> None:
        require_whole(self.side, "side")
        require_number(self.variance, "variance", above=0)

    @property
    def d(self) -> int:
        """Number of pixels."""
        return self.side**2

    @property
    def spectrum(self) -> Tensor:
        """Eigenvalues of the covariance (side, side), float64, at the frequencies of `torch.fft.fft2`."""
        f = torch.fft.fftfreq(self.side, 1 / self.side, dtype=torch.float64, device="cpu")
        power = 1 / (0.5 + f[:, None].square() + f.square())
        return self.variance * power / power.mean()

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` pictures (n, 1, side, side), float32."""
        n, place = require_whole(n, "n", 1, MOST_POINTS), require_generator(generator).device
        z = torch.randn(n, 1, self.side, self.side, generator=generator, dtype=torch.float64, device=place).cpu()
        return torch.fft.ifft2(torch.fft.fft2(z, norm="ortho") * self.spectrum.sqrt(), norm="ortho").real.float()

    def energy(self, y: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` (B,) in nats of `y` (B, 1, side, side); `t` a number or (B,)."""
        require_batch(y, dims=4)
        s = self.spectrum + _variances(t, y).reshape(-1, 1, 1)  # (B, side, side)
        power = torch.fft.fft2(y[:, 0].double(), norm="ortho").abs().square()
        return (power / s + (2 * math.pi * s).log()).sum((1, 2)) / 2

    def local_dimension(self, t: float) -> float:
        """Return the mean squared error of the best denoiser over t: `sum lambda / (lambda + t)`, between 0 and d."""
        return float((self.spectrum / (self.spectrum + require_number(t, "t", least=0))).sum())


def _variances(t: float | Tensor, y: Tensor) -> Tensor:
    """Return noise variances as float64 (B,), at least 0."""
    t = per_item(t, y, "t", torch.float64)
    if not holds((t >= 0).all() & t.isfinite().all()):
        raise ValueError(
            f"t is between {float(t.min()):.3g} and {float(t.max()):.3g}; expected finite variances, from 0 on."
        )
    return t


# the laws of chapter 11: learned live in its page
SHELLS = ScaleMixture(1000)
PATCHES = GaussianPatches(8)
