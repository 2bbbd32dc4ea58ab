"""Two densities of which everything is known: a mixture of two scales, and Gaussian patches with the spectrum of photographs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ScaleMixture:
    """Half `N(0, s_1 I)`, half `N(0, s_2 I)`, in d dimensions: two shells, of radius `sqrt(d s_k)`, with nothing between them.

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

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, d), float32."""
        which = torch.randint(0, len(self.variances), (n,), generator=generator)
        return torch.tensor(self.variances)[which].sqrt()[:, None] * torch.randn(n, self.d, generator=generator)

    def radial_energy(self, r: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` in nats of any y with `|y| = r`, in float64."""
        r, t = (torch.as_tensor(v, dtype=torch.float64) for v in (r, t))
        s = torch.tensor(self.variances, dtype=torch.float64) + t[..., None]
        terms = r[..., None].square() / (2 * s) + self.d / 2 * (2 * math.pi * s).log() + math.log(len(self.variances))
        return -torch.logsumexp(-terms, -1)

    def energy(self, y: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` (B,) in nats of `y` (B, d)."""
        return self.radial_energy(y.double().norm(dim=1), t)

    def gap(self, t: float) -> float:
        """Return the energy per dimension on the outer shell, `|y|² = d(s_2 + t)`, minus that on the inner one.

        Examples
        --------
        >>> round(ScaleMixture(1000).gap(0.01), 4)
        1.3816
        """
        inner, outer = (self.radial_energy(torch.tensor(math.sqrt(self.d * (s + t))), t) for s in self.variances)
        return float(outer - inner) / self.d


@dataclass(frozen=True)
class GaussianPatches:
    """Stationary Gaussian pictures on a torus whose power falls as one over squared frequency, as that of photographs does.

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

    @property
    def d(self) -> int:
        """Number of pixels."""
        return self.side**2

    @property
    def spectrum(self) -> Tensor:
        """Eigenvalues of the covariance (side, side), float64, at the frequencies of `torch.fft.fft2`."""
        f = torch.fft.fftfreq(self.side, 1 / self.side, dtype=torch.float64)
        power = 1 / (0.5 + f[:, None].square() + f.square())
        return self.variance * power / power.mean()

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` pictures (n, 1, side, side), float32."""
        z = torch.randn(n, 1, self.side, self.side, generator=generator, dtype=torch.float64)
        return torch.fft.ifft2(torch.fft.fft2(z, norm="ortho") * self.spectrum.sqrt(), norm="ortho").real.float()

    def energy(self, y: Tensor, t: float | Tensor) -> Tensor:
        """Return `-log p(y | t)` (B,) in nats of `y` (B, 1, side, side); `t` a number or (B,)."""
        s = self.spectrum + torch.as_tensor(t, dtype=torch.float64).reshape(-1, 1, 1)
        power = torch.fft.fft2(y[:, 0].double(), norm="ortho").abs().square()
        return (power / s + (2 * math.pi * s).log()).sum((1, 2)) / 2

    def local_dimension(self, t: float) -> float:
        """Return the mean squared error of the best denoiser over t: `sum lambda / (lambda + t)`, between 0 and d."""
        return float((self.spectrum / (self.spectrum + t)).sum())


# the laws of chapter 11: learned live in its page
SHELLS = ScaleMixture(1000)
PATCHES = GaussianPatches(8)
