"""Clouds in a few of many dimensions: noise level, and blind and told denoisers, in closed form.

A mixture of round Gaussian clouds lies in the first k of d coordinates; the other d - k hold noise only. The density of
a noisy point is known in closed form for every sigma. So is therefore the posterior of sigma given *one* point, and the
blind denoiser, which is the average of the told one over that posterior (Kadkhodaie, Pooladian, Chewi & Simoncelli
2026). The d - k empty coordinates are as many measurements of sigma.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_batch
from dprior_lite.gates.numbers import kind_of, require_generator, require_number, require_whole

MOST_POINTS, MOST_DIMENSIONS = 10_000_000, 1_000_000
LOWEST, NODES, GOLDEN = 1e-4, 240, (math.sqrt(5) - 1) / 2
MANY = 20  # empty coordinates, from which on the level is looked for near the one that they show


@dataclass(frozen=True)
class Clouds:
    """Equally likely round clouds of one standard deviation, in the first k of d coordinates; float64.

    Parameters
    ----------
    means : Tensor
        (K, k), float64.
    std : float
        Of every cloud, above 0.
    d : int
        Number of coordinates, at least k.

    Examples
    --------
    >>> two = Clouds.pair(k=2, d=500)
    >>> y = two.sample(400, torch.Generator().manual_seed(0))
    >>> y = y + torch.randn(y.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    >>> level = two.likeliest_level(y).square()
    >>> round(float(level.mean()), 1), bool(0.8 < level.std() / (2 / 498) ** 0.5 < 1.2)
    (1.0, True)
    """

    means: Tensor
    std: float
    d: int

    def __post_init__(self) -> None:
        means = self.means
        if not isinstance(means, Tensor) or means.dtype != torch.float64 or means.ndim != 2 or not means.numel():
            raise TypeError(f"means is {kind_of(means)}; expected a float64 tensor (K, k). Use means.double().")
        if not bool(means.isfinite().all()):
            raise ValueError("means holds NaN or infinite values; expected finite ones.")
        require_number(self.std, "std", above=0)
        require_whole(self.d, "d", means.shape[1], MOST_DIMENSIONS)

    @classmethod
    def pair(cls, k: int = 2, d: int = 500, std: float = 0.35, distance: float = 4.0) -> Clouds:
        """Return two clouds, `distance` apart along the first coordinate, centred on the origin."""
        k = require_whole(k, "k", 1, MOST_DIMENSIONS)
        means = torch.zeros(2, k, dtype=torch.float64)
        means[:, 0] = torch.tensor([-0.5, 0.5]) * require_number(distance, "distance", least=0)
        return cls(means, std, d)

    @property
    def k(self) -> int:
        """Number of dimensions that the clouds span."""
        return self.means.shape[1]

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` clean points (n, d)."""
        n = require_whole(n, "n", 1, MOST_POINTS)
        which = torch.randint(len(self.means), (n,), generator=require_generator(generator))
        z = torch.randn(n, self.k, generator=generator, dtype=torch.float64)
        x = torch.zeros(n, self.d, dtype=torch.float64)
        x[:, : self.k] = self.means[which] + self.std * z
        return x

    def log_density(self, y: Tensor, sigma: float | Tensor) -> Tensor:
        """Return `log p_sigma(y)` in nats (B,), for `y` (B, d) and one sigma or one an item (B,)."""
        inside, outside = self._parts(y)
        level = per_item(sigma, y)[:, None]  # (B, 1)
        return self._log_density(inside, outside, level)[:, 0]

    def denoise(self, y: Tensor, sigma: float | Tensor) -> Tensor:
        """Return the posterior mean (B, d) of a denoiser that is told sigma, one number or one an item (B,)."""
        inside, _ = self._parts(y)
        return self._filled(y, self._told(inside, per_item(sigma, y)[:, None])[:, 0])

    def likeliest_level(self, y: Tensor) -> Tensor:
        """Return the sigma (B,) at which each point of `y` (B, d) is likeliest, at least 1e-4."""
        inside, outside = self._parts(y)
        logs = self._nodes(inside, outside)  # (B, J)
        best = self._log_density(inside, outside, logs.exp()).argmax(1, keepdim=True)
        low, high = (logs.gather(1, (best + k).clamp(0, logs.shape[1] - 1)) for k in (-1, 1))
        for _ in range(24):  # golden section
            a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            left = self._log_density(inside, outside, a.exp()) > self._log_density(inside, outside, b.exp())
            low, high = torch.where(left, low, a), torch.where(left, b, high)
        return ((low + high) / 2).exp()[:, 0]

    def level_posterior(self, y: Tensor, power: float = -1.0) -> tuple[Tensor, Tensor]:
        """Return levels (B, J) and their weights (B, J): the posterior of sigma under the prior `sigma^power`.

        -1 is uniform in log sigma, -3 uniform in 1/sigma².
        """
        inside, outside = self._parts(y)
        power = require_number(power, "power")
        logs = self._nodes(inside, outside)
        return logs.exp(), (self._log_density(inside, outside, logs.exp()) + (power + 1) * logs).softmax(1)

    def blind(self, y: Tensor) -> Tensor:
        """Return what the told denoiser answers at the likeliest level of each point, (B, d)."""
        return self.denoise(y, self.likeliest_level(y))

    def blind_average(self, y: Tensor, power: float = -1.0) -> Tensor:
        """Return the posterior mean (B, d) of a denoiser that knows only the prior of sigma, `sigma^power`."""
        levels, weights = self.level_posterior(y, power)
        return self._filled(y, (weights[..., None] * self._told(self._parts(y)[0], levels)).sum(1))

    def _parts(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the first k coordinates (B, k), and the squared length (B, 1) of the others."""
        if require_batch(y, dims=2).shape[1] != self.d or y.dtype != torch.float64:
            raise ValueError(f"y is {kind_of(y)}; expected float64 points (B, {self.d}). Use y.double().")
        return y[:, : self.k], y[:, self.k :].square().sum(1, keepdim=True)

    def _nodes(self, inside: Tensor, outside: Tensor) -> Tensor:
        """Return the logarithms (B, J) of the levels between which an integral or a maximum is looked for."""
        empty = self.d - self.k
        if empty >= MANY:
            centre = (outside / empty).clamp(min=LOWEST**2).log() / 2  # (B, 1)
            spread = 7 / math.sqrt(2 * empty)
            return centre + spread * torch.linspace(-1, 1, NODES // 4, dtype=torch.float64)
        top = 3 * (inside.square().sum(1, keepdim=True) + outside).sqrt().clamp(min=1e3 * LOWEST)
        place = torch.linspace(0, 1, NODES, dtype=torch.float64)
        return math.log(LOWEST) + place * (top.log() - math.log(LOWEST))

    def _log_terms(self, inside: Tensor, level: Tensor) -> Tensor:
        """Return the log density (B, J, K) of the first k coordinates under every cloud, for levels (B, J)."""
        variance = self.std**2 + level.square()
        square = (inside[:, None] - self.means).square().sum(-1)  # (B, K)
        return -0.5 * square[:, None] / variance[..., None] - 0.5 * self.k * (2 * math.pi * variance).log()[..., None]

    def _log_density(self, inside: Tensor, outside: Tensor, level: Tensor) -> Tensor:
        """Return the log density (B, J) of points at levels (B, J)."""
        within = self._log_terms(inside, level).logsumexp(-1) - math.log(len(self.means))
        variance = level.square()
        return within - 0.5 * outside / variance - 0.5 * (self.d - self.k) * (2 * math.pi * variance).log()

    def _told(self, inside: Tensor, level: Tensor) -> Tensor:
        """Return the first k coordinates (B, J, k) of the posterior means at levels (B, J)."""
        centre = self._log_terms(inside, level).softmax(-1) @ self.means  # (B, J, k)
        kept = (self.std**2 / (self.std**2 + level.square()))[..., None]
        return centre + kept * (inside[:, None] - centre)

    def _filled(self, y: Tensor, inside: Tensor) -> Tensor:
        """Return points (B, d) with these first coordinates and zeros after them."""
        x_hat = torch.zeros_like(y)
        x_hat[:, : self.k] = inside
        return x_hat
