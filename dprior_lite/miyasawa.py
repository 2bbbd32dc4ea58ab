"""Miyasawa's identity: the residual of a least-squares denoiser is sigma² times the score of the noisy density.

For `y = x + sigma z` with white Gaussian `z` the posterior mean obeys `E[x|y] = y + sigma² grad log p_sigma(y)`
and `Cov[x|y] = sigma² J(y)`, `J` its Jacobian (Robbins 1956; Miyasawa 1961; Raphan & Simoncelli 2011). Stein's
estimate (1981) gives the error of *any* denoiser without the clean picture. The Gaussian mixture is the case in which
both sides have a closed form.

A denoiser is any callable `net(y) -> x_hat`; `y` is (B, d) for points and (B, C, H, W) for pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import jvp

from dprior_lite.geometry import jacobian, random_signs

Denoiser = Callable[[Tensor], Tensor]


def _per_item(sigma: float | Tensor, x: Tensor) -> float | Tensor:
    """Return `sigma`, a number or (B,), in a shape that multiplies `x`."""
    return sigma.reshape(-1, *[1] * (x.ndim - 1)) if isinstance(sigma, Tensor) and sigma.ndim else sigma


def noisy(x: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Tensor:
    """Return `y = x + sigma z`, `z` white Gaussian from `generator`; `sigma` a number or one an item (B,).

    Examples
    --------
    >>> noisy(torch.zeros(2, 3), 0.0, torch.Generator()).abs().max()
    tensor(0.)
    """
    z = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype).to(x.device)
    return x + _per_item(sigma, x) * z


def squared_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the mean squared error of `net` on fresh noisy versions of `x`: the one loss behind the identity.

    Examples
    --------
    >>> squared_error(lambda y: 0 * y, torch.ones(2, 3), torch.zeros(2), torch.Generator())
    tensor(1.)
    """
    return (net(noisy(x, sigma, generator)).float() - x).square().mean()


def noise_share(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the variance of every noisy picture, and an estimate of the share of it that is noise, both (B,), from the pictures alone.

    The noise is read off the finest diagonal details, by the median of their size (Donoho & Johnstone 1994): 0.6745 of
    it for white Gaussian noise. Fine texture is taken for noise; a constant picture has a share of 0.

    Parameters
    ----------
    y : Tensor
        Noisy pictures (B, C, H, W) of at least 2 x 2 pixels.

    Examples
    --------
    >>> z, ramp = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)), torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    >>> [round(float(noise_share(ramp + sigma * z)[1]), 1) for sigma in (0.03, 10.0)]
    [0.0, 1.0]
    """
    details = (y[..., 1:, 1:] - y[..., 1:, :-1] - y[..., :-1, 1:] + y[..., :-1, :-1]) / 2
    noise = (details.flatten(1).abs().median(1).values / 0.6745).square()
    variance = y.flatten(1).var(1) + 1e-8
    return variance, (noise / variance).clamp(max=1)


def drawn_in_proportion(weight: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return `n` indices (n,) into `weight` (B,), each i on average `n weight_i / sum(weight)` times: systematic resampling (Kitagawa 1996).

    Examples
    --------
    >>> drawn_in_proportion(torch.tensor([0.0, 1.0, 0.0, 3.0]), 4, torch.Generator().manual_seed(0)).tolist()
    [1, 3, 3, 3]
    """
    ends = weight.double().cumsum(0)
    start = torch.rand(1, generator=generator, device=weight.device, dtype=torch.float64)
    places = (start + torch.arange(n, device=weight.device)) / n * ends[-1]
    return torch.searchsorted(ends, places, right=True).clamp(max=len(weight) - 1)


def faint_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the squared error of `net` on fresh noisy versions of `x`, weighted by how little of each is picture, over an eighth of them.

    The weight is `s³/v`: s the share of noise in the variance v of the noisy picture, see `noise_share`. It depends
    on y alone, so for a network that sees all of y the best answer is still the posterior mean (one that sees less
    leans towards flat surroundings). Homogeneous networks have the same weighted error at `(x, sigma)` and `(a x, a
    sigma)`. One noisy picture in eight is shown, drawn in proportion to s³: the weighted error of all is the mean of
    what is returned.

    Examples
    --------
    >>> x, sigma = torch.rand(16, 1, 16, 16, generator=torch.Generator().manual_seed(0)), torch.full((16,), 0.2)
    >>> one, other = (faint_error(lambda y: y / 2, a * x, a * sigma, torch.Generator().manual_seed(0)) for a in (1, 3))
    >>> bool(torch.isclose(one, other, rtol=1e-4))
    True
    """
    y = noisy(x, sigma, generator)
    variance, share = noise_share(y)
    weight = share**3
    seen = drawn_in_proportion(weight, max(1, len(x) // 8), generator)
    return weight.mean() * ((net(y[seen]).float() - x[seen]).square().flatten(1).mean(1) / variance[seen]).mean()


def blind(net: Denoiser) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a denoiser that finds the noise level itself as one that is told it, `(y, sigma) -> x_hat`, and does not listen.

    Examples
    --------
    >>> blind(lambda y: y / 2)(torch.ones(1, 2), 0.3)
    tensor([[0.5000, 0.5000]])
    """
    return lambda y, sigma: net(y)


def told(net: Callable[[Tensor, float | Tensor], Tensor]) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a denoiser `(y, sigma) -> x_hat` as it is: what `blind` is to networks that are told.

    Examples
    --------
    >>> told(lambda y, sigma: y - sigma)(torch.ones(1, 2), 0.5)
    tensor([[0.5000, 0.5000]])
    """
    return net


def residual(net: Denoiser, y: Tensor) -> Tensor:
    """Return `x_hat(y) - y`, what the denoiser adds.

    Examples
    --------
    >>> residual(lambda y: y / 2, torch.ones(1, 2))
    tensor([[-0.5000, -0.5000]])
    """
    return net(y) - y


def score(net: Denoiser, y: Tensor, sigma: float) -> Tensor:
    """Return `(x_hat(y) - y) / sigma²`, the score of the density of *noisy* data that the denoiser implies.

    Examples
    --------
    >>> score(lambda y: y / 2, torch.ones(1, 2), sigma=0.5)
    tensor([[-2., -2.]])
    """
    return residual(net, y) / sigma**2


def calibration(x: Tensor, y: Tensor, x_hat: Tensor) -> float:
    """Return `q = (|x_hat - y|² + |x_hat - x|² - |y - x|²) / |x_hat - x|²`, pooled over the batch.

    Zero for the posterior mean, whose error is orthogonal to its residual. Below zero the denoiser is timid (it moves
    too little), above it is overconfident. The identity has q = 0: calibration is not knowledge.

    Examples
    --------
    >>> calibration(torch.zeros(4), torch.ones(4), torch.full((4,), 0.5))
    -2.0
    """
    r, error, noise = (v.double().square().sum() for v in (x_hat - y, x_hat - x, y - x))
    return float((r + error - noise) / error)


class Sure(NamedTuple):
    """What `sure` found: the estimated squared errors (B,), the traces in them (B,), both float64, and the denoised pictures."""

    error: Tensor
    trace: Tensor
    x_hat: Tensor


def sure(net: Denoiser, y: Tensor, sigma: float, generator: torch.Generator) -> Sure:
    """Return Stein's estimate of each picture's squared error, from `y` and `sigma` alone.

    `|x_hat - y|² - d sigma² + 2 sigma² tr J`, the trace by one random probe a picture (Stein 1981; Ramani, Blu &
    Unser 2008); over d it is a mean.

    Examples
    --------
    >>> found = sure(lambda y: y, torch.zeros(1, 8), sigma=0.5, generator=torch.Generator())
    >>> float(found.error), float(found.trace)
    (2.0, 8.0)
    """
    v = random_signs(y, generator)
    with torch.no_grad():
        x_hat, jv = jvp(net, (y,), (v,))
    trace = (v * jv).double().flatten(1).sum(1)
    moved = (x_hat - y).double().square().flatten(1).sum(1)
    return Sure(moved - y[0].numel() * sigma**2 + 2 * sigma**2 * trace, trace, x_hat)


def posterior_covariance(net: Denoiser, y: Tensor, sigma: float) -> Tensor:
    """Return `sigma² J(y)`, the covariance of what may lie behind each `y` (B, ...), as (B, d, d).

    Examples
    --------
    >>> posterior_covariance(lambda y: y / 2, torch.zeros(1, 2), sigma=2.0)
    tensor([[[2., 0.],
             [0., 2.]]])
    """
    return sigma**2 * jacobian(net, y)


@dataclass(frozen=True)
class GaussianMixture:
    """A mixture of Gaussians, with every quantity of the chapter in closed form.

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
        k, d = self.means.shape
        if self.covariances.shape != (k, d, d) or self.weights.shape != (k,):
            raise ValueError(
                f"means {tuple(self.means.shape)} ask for covariances {(k, d, d)} and weights {(k,)}; came "
                f"{tuple(self.covariances.shape)} and {tuple(self.weights.shape)}."
            )
        if bool((self.weights <= 0).any()) or abs(float(self.weights.sum()) - 1) > 1e-6:
            raise ValueError(f"The weights of a mixture are positive and sum to one; came {self.weights.tolist()}.")

    @classmethod
    def isotropic(cls, means: list, stds: list, weights: list) -> GaussianMixture:
        """Return a mixture of round clouds, in float64: means (K, d), one standard deviation and one weight a cloud.

        Examples
        --------
        >>> GaussianMixture.isotropic([[0.0, 0.0]], [1.0], [1.0]).covariances.shape
        torch.Size([1, 2, 2])
        """
        mu, sd, w = (torch.tensor(v, dtype=torch.float64) for v in (means, stds, weights))
        return cls(mu, sd[:, None, None].square() * torch.eye(mu.shape[1], dtype=torch.float64), w)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` clean points (n, d)."""
        k = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        z = torch.randn(n, self.means.shape[1], 1, generator=generator, dtype=self.means.dtype)
        values, vectors = torch.linalg.eigh(self.covariances)
        root = vectors * values.clamp_min(0).sqrt()[:, None, :]
        return self.means[k] + (root[k] @ z)[..., 0]

    def _noisy_covariances(self, sigma: float) -> Tensor:
        return self.covariances + sigma**2 * torch.eye(self.means.shape[1], dtype=self.means.dtype)

    def _log_terms(self, y: Tensor, sigma: float) -> Tensor:
        """Return `log(w_k N(y; mu_k, C_k + sigma² I))`, (B, K)."""
        chol = torch.linalg.cholesky(self._noisy_covariances(sigma))
        white = torch.linalg.solve_triangular(chol, (y[:, None] - self.means)[..., None], upper=False)[..., 0]
        log_det = chol.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return self.weights.log() - 0.5 * white.square().sum(-1) - log_det - 0.5 * y.shape[1] * math.log(2 * math.pi)

    def log_density(self, y: Tensor, sigma: float) -> Tensor:
        """Return `log p_sigma(y)` in nats, (B,), for `y` (B, d)."""
        return self._log_terms(y, sigma).logsumexp(1)

    def _wiener(self, y: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
        """Return each cloud's own posterior mean (B, K, d) and covariance (K, d, d): one Wiener filter a cloud."""
        gain = torch.linalg.solve(self._noisy_covariances(sigma), self.covariances).mT
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
