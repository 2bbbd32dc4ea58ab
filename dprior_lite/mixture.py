"""The Gaussian mixture, in which both sides of Miyasawa's identity have a closed form.

Density, score, posterior mean and posterior covariance of noisy points; each by its own route, so that one checks the
other. Noise is one number sigma for all points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import kind_of, require_generator, require_number, require_whole

MOST_POINTS = 100_000_000


@dataclass(frozen=True)
class GaussianMixture:
    """A mixture of Gaussians, with every quantity of chapter 1 in closed form.

    Parameters
    ----------
    means : Tensor
        (K, d).
    covariances : Tensor
        (K, d, d), symmetric, positive semi-definite.
    weights : Tensor
        (K,), positive, summing to one.

    Examples
    --------
    >>> pair = GaussianMixture.isotropic([[-1.0], [1.0]], [0.0, 0.0], [0.5, 0.5])
    >>> round(float(pair.posterior_mean(torch.tensor([[0.3]], dtype=torch.float64), 0.5)), 4)  # tanh(1.2)
    0.8337
    """

    means: Tensor
    covariances: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        for name in ("means", "covariances", "weights"):
            value = getattr(self, name)
            if not isinstance(value, Tensor) or not value.is_floating_point():
                raise TypeError(f"{name} is {kind_of(value)}; expected a floating-point tensor.")
            if not bool(value.isfinite().all()):
                raise ValueError(f"{name} holds NaN or infinite values; expected finite ones.")
        if self.means.ndim != 2:
            raise ValueError(f"means is {kind_of(self.means)}; expected (K, d).")
        k, d = self.means.shape
        if self.covariances.shape != (k, d, d) or self.weights.shape != (k,):
            raise ValueError(
                f"means {tuple(self.means.shape)} ask for covariances {(k, d, d)} and weights {(k,)}; came "
                f"{tuple(self.covariances.shape)} and {tuple(self.weights.shape)}."
            )
        if not bool((self.weights > 0).all()) or not abs(float(self.weights.sum()) - 1) <= 1e-6:
            raise ValueError(f"The weights of a mixture are positive and sum to one; came {self.weights.tolist()}.")

    @classmethod
    def isotropic(cls, means: list, stds: list, weights: list) -> GaussianMixture:
        """Return a mixture of round clouds, in float64: means (K, d), one standard deviation and one weight a cloud.

        Examples
        --------
        >>> GaussianMixture.isotropic([[0.0, 0.0]], [1.0], [1.0]).covariances.shape
        torch.Size([1, 2, 2])
        """
        mu, sd, w = (torch.tensor(v, dtype=torch.float64, device="cpu") for v in (means, stds, weights))
        if mu.ndim != 2 or sd.shape != w.shape or sd.shape != (len(mu),):
            raise ValueError(
                f"means {tuple(mu.shape)}, stds {tuple(sd.shape)}, weights {tuple(w.shape)}; expected (K, d) and (K,)."
            )
        return cls(mu, sd[:, None, None].square() * torch.eye(mu.shape[1], dtype=mu.dtype, device=mu.device), w)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` clean points (n, d)."""
        n, place = require_whole(n, "n", 1, MOST_POINTS), self.means.device
        k = torch.multinomial(self.weights, n, replacement=True, generator=require_generator(generator))  # (n,)
        z = torch.randn(n, self.means.shape[1], 1, generator=generator, dtype=self.means.dtype, device=place)
        values, vectors = torch.linalg.eigh(self.covariances)
        root = vectors * values.clamp_min(0).sqrt()[:, None, :]
        return self.means[k] + (root[k] @ z)[..., 0]  # (n, d)

    def _points(self, y: Tensor, sigma: float) -> None:
        """Refuse points that do not fit the mixture, and noise that is not one number."""
        require_number(sigma, "sigma", least=0, hint="It is one standard deviation for all points.")
        if require_batch(y, dims=2).shape[1] != self.means.shape[1]:
            raise ValueError(
                f"y has shape {tuple(y.shape)}; expected (B, {self.means.shape[1]}), points of the mixture."
            )

    def _noisy_covariances(self, sigma: float) -> Tensor:
        eye = torch.eye(self.means.shape[1], dtype=self.means.dtype, device=self.means.device)
        return self.covariances + sigma**2 * eye  # (K, d, d)

    def _log_terms(self, y: Tensor, sigma: float) -> Tensor:
        """Return `log(w_k N(y; mu_k, C_k + sigma² I))`, (B, K)."""
        self._points(y, sigma)
        chol = torch.linalg.cholesky(self._noisy_covariances(sigma))
        white = torch.linalg.solve_triangular(chol, (y[:, None] - self.means)[..., None], upper=False)[..., 0]
        log_det = chol.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return self.weights.log() - 0.5 * white.square().sum(-1) - log_det - 0.5 * y.shape[1] * math.log(2 * math.pi)

    def log_density(self, y: Tensor, sigma: float) -> Tensor:
        """Return `log p_sigma(y)` in nats, (B,), for `y` (B, d)."""
        return self._log_terms(y, sigma).logsumexp(1)

    def _wiener(self, y: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """Return each cloud's own posterior mean (B, K, d) and covariance (K, d, d): one Wiener filter a cloud."""
        gain = torch.linalg.solve(self._noisy_covariances(sigma), self.covariances).mT  # (K, d, d)
        means = self.means + torch.einsum("kij,bkj->bki", gain, y[:, None] - self.means)
        return means, sigma**2 * gain

    def posterior_mean(self, y: Tensor, sigma: float) -> Tensor:
        """Return `E[x | y]` (B, d), by responsibilities; no derivative of a density is taken."""
        share = self._log_terms(y, sigma).softmax(1)
        return torch.einsum("bk,bkd->bd", share, self._wiener(y, sigma)[0])

    def score(self, y: Tensor, sigma: float) -> Tensor:
        """Return `grad log p_sigma(y)` (B, d), by differentiating `log_density`; no posterior is formed."""
        with torch.enable_grad():
            y = y.detach().requires_grad_()
            return torch.autograd.grad(self.log_density(y, sigma).sum(), y)[0]

    def posterior_covariance(self, y: Tensor, sigma: float) -> Tensor:
        """Return `Cov[x | y]` (B, d, d): the mean of the clouds' covariances plus the covariance of their means."""
        share = self._log_terms(y, sigma).softmax(1)
        means, within = self._wiener(y, sigma)
        spread = means - torch.einsum("bk,bkd->bd", share, means)[:, None]
        return torch.einsum("bk,kij->bij", share, within) + torch.einsum("bk,bki,bkj->bij", share, spread, spread)


# the mixture of chapter 1: drawn on its page, and learned live by its MLP
PAGE_MIXTURE = GaussianMixture.isotropic([[-1.1, -0.3], [0.9, 0.6], [0.5, -1.0]], [0.25, 0.35, 0.2], [0.4, 0.35, 0.25])
