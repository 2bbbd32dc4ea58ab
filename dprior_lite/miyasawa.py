"""Miyasawa's identity: the residual of a least-squares denoiser is sigma² times the score of the noisy density.

For `y = x + sigma z` with white Gaussian `z` the posterior mean obeys `E[x|y] = y + sigma² grad log p_sigma(y)`
and `Cov[x|y] = sigma² J(y)`, `J` its Jacobian (Robbins 1956; Miyasawa 1961; Raphan & Simoncelli 2011). Stein's
estimate (1981) gives the error of *any* denoiser without the clean picture. The Gaussian mixture is the case in which
both sides have a closed form.

A denoiser is any callable `net(y) -> x_hat`; `y` is (B, d) for points and (B, C, H, W) for pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import jvp

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import per_item, require_batch, require_level
from dprior_lite.gates.network import Denoiser, answer, network, same_kind
from dprior_lite.gates.numbers import holds, kind_of, require_generator, require_whole
from dprior_lite.geometry import jacobian
from dprior_lite.geometry.probes import item_signs
from dprior_lite.mixture import PAGE_MIXTURE, GaussianMixture

__all__ = [
    "PAGE_MIXTURE",
    "Denoiser",
    "GaussianMixture",
    "Sure",
    "blind",
    "calibration",
    "contrast_weighted_error",
    "drawn_in_proportion",
    "faint_error",
    "noise_share",
    "noisy",
    "posterior_covariance",
    "residual",
    "score",
    "squared_error",
    "sure",
    "told",
]


def noisy(x: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Tensor:
    """Return `y = x + sigma z`, `z` white Gaussian from `generator`.

    `sigma` is one number or one an item (B,), finite and at least 0.

    Examples
    --------
    >>> noisy(torch.zeros(2, 3), 0.0, torch.Generator()).abs().max()
    tensor(0.)
    """
    require_batch(x, "x", values=isinstance(x, Tensor) and x.device.type == "cpu")  # a training does not wait
    require_generator(generator)
    return _with_noise(x, require_level(sigma, x, zero=True), generator)


def _with_noise(x: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Tensor:
    """Return `x + sigma z` for a sigma that multiplies `x`."""
    z = torch.randn(x.shape, generator=generator, device=generator.device, dtype=x.dtype).to(x.device)
    return x + sigma * z


def squared_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the mean squared error of `net` on fresh noisy versions of `x`, a loss.

    The network may be in train mode and may answer in another precision.

    Examples
    --------
    >>> squared_error(lambda y: 0 * y, torch.ones(2, 3), torch.zeros(2), torch.Generator())
    tensor(1.)
    """
    x_hat = answer(net, noisy(x, sigma, generator))
    return (same_kind(x_hat, x, dtype=False).float() - x).square().mean()


def noise_share(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the variance of every noisy picture, and the estimated share of it that is noise, both (B,).

    From the pictures alone. The noise is read off the finest diagonal details, by the median of their size (Donoho &
    Johnstone 1994): 0.6745 of it for white Gaussian noise. Fine texture is taken for noise; a constant picture has a
    share of 0.

    Parameters
    ----------
    y : Tensor
        Noisy pictures (B, C, H, W) of at least 2 x 2 pixels.

    Examples
    --------
    >>> z = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    >>> ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    >>> [round(float(noise_share(ramp + sigma * z)[1]), 1) for sigma in (0.03, 10.0)]
    [0.0, 1.0]
    """
    if require_batch(y, dims=4).shape[-1] < 2 or y.shape[-2] < 2:
        raise ValueError(f"y has shape {tuple(y.shape)}; expected pictures (B, C, H, W) of at least 2 x 2 pixels.")
    details = (y[..., 1:, 1:] - y[..., 1:, :-1] - y[..., :-1, 1:] + y[..., :-1, :-1]) / 2
    noise = (details.flatten(1).abs().median(1).values / 0.6745).square()
    variance = y.flatten(1).var(1) + 1e-8
    return variance, (noise / variance).clamp(max=1)


def drawn_in_proportion(weight: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return `n` indices (n,) into `weight` (B,), each i on average `n weight_i / sum(weight)` times.

    This is systematic resampling (Kitagawa 1996).

    Examples
    --------
    >>> drawn_in_proportion(torch.tensor([0.0, 1.0, 0.0, 3.0]), 4, torch.Generator().manual_seed(0)).tolist()
    [1, 3, 3, 3]
    """
    n, _ = require_whole(n, "n", 0), require_generator(generator)
    if not isinstance(weight, Tensor) or weight.ndim != 1 or not len(weight):
        raise TypeError(f"weight is {kind_of(weight)}; expected a tensor (B,).")
    if not holds((weight >= 0).all() & weight.isfinite().all()):
        raise ValueError(
            f"weight is between {float(weight.min()):.3g} and {float(weight.max()):.3g}; expected finite ones."
        )
    ends = weight.double().cumsum(0)
    start = torch.rand(1, generator=generator, device=weight.device, dtype=torch.float64)
    places = (start + torch.arange(n, device=weight.device)) / n * ends[-1]
    return torch.searchsorted(ends, places, right=True).clamp(max=len(weight) - 1)


def contrast_weighted_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the squared error of `net`, weighted by how little of each noisy version of `x` is picture.

    A loss over an eighth of the noisy versions. The weight is `s³/v`: s the share of noise in the variance v of the
    noisy picture, see `noise_share`. It depends on y alone, so for a network that sees all of y the best answer is
    still the posterior mean (one that sees less leans towards flat surroundings). Homogeneous networks have the same
    weighted error at `(x, sigma)` and `(a x, a sigma)`. One noisy picture in eight is shown, drawn in proportion to s³:
    the weighted error of all is the mean of what is returned.

    Examples
    --------
    >>> x, sigma = torch.rand(16, 1, 16, 16, generator=torch.Generator().manual_seed(0)), torch.full((16,), 0.2)
    >>> def error(a: float) -> torch.Tensor:
    ...     return contrast_weighted_error(lambda y: y / 2, a * x, a * sigma, torch.Generator().manual_seed(0))
    >>> one, other = error(1), error(3)
    >>> bool(torch.isclose(one, other, rtol=1e-4))
    True
    """
    y = noisy(x, sigma, generator)
    variance, share = noise_share(y)
    weight = share**3
    seen = drawn_in_proportion(weight, max(1, len(x) // 8), generator)
    x_hat = same_kind(answer(net, y[seen]), x[seen], dtype=False)  # (n, C, H, W)
    return weight.mean() * ((x_hat.float() - x[seen]).square().flatten(1).mean(1) / variance[seen]).mean()


faint_error = contrast_weighted_error  # its former name, which cards of weights hold


def blind(net: Denoiser) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a blind denoiser as a function `(y, sigma) -> x_hat` that ignores sigma.

    Examples
    --------
    >>> blind(lambda y: y / 2)(torch.ones(1, 2), 0.3)
    tensor([[0.5000, 0.5000]])
    """
    return lambda y, sigma: net(y)


def told(net: Callable[[Tensor, float | Tensor], Tensor]) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a denoiser `(y, sigma) -> x_hat` unchanged: it takes sigma already.

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
    return network(net)(require_batch(y)) - y


def score(net: Denoiser, y: Tensor, sigma: float | Tensor) -> Tensor:
    """Return `(x_hat(y) - y) / sigma²`, the score of the density of *noisy* data.

    `sigma` is one number or one an item (B,), above 0.

    Examples
    --------
    >>> score(lambda y: y / 2, torch.ones(1, 2), sigma=0.5)
    tensor([[-2., -2.]])
    """
    return residual(net, y) / require_level(sigma, require_batch(y)) ** 2


def calibration(x: Tensor, y: Tensor, x_hat: Tensor) -> float:
    """Return `q = (|x_hat - y|² + |x_hat - x|² - |y - x|²) / |x_hat - x|²`, pooled over the batch.

    Zero for the posterior mean, whose error is orthogonal to its residual. Below zero the denoiser is timid (it moves
    too little), above it is overconfident. The identity has q = 0: calibration is not knowledge.

    Examples
    --------
    >>> calibration(torch.zeros(4), torch.ones(4), torch.full((4,), 0.5))
    -2.0
    """
    for name, v in (("x", x), ("y", y), ("x_hat", x_hat)):
        if not isinstance(v, Tensor) or v.shape != x.shape or not v.is_floating_point() or not v.numel():
            raise TypeError(f"{name} is {kind_of(v)}; expected three floating-point tensors of one shape.")
        if not bool(v.isfinite().all()):
            raise ValueError(f"{name} holds NaN or infinite values; expected finite ones.")
    r, error, noise = (v.double().square().sum() for v in (x_hat - y, x_hat - x, y - x))
    if not float(error) > 0:
        raise ValueError("x_hat equals x, so its calibration is not defined; expected an estimate with some error.")
    return float((r + error - noise) / error)


class Sure(NamedTuple):
    """What `sure` found: estimated squared errors (B,) and the traces in them (B,), float64, and x_hat."""

    error: Tensor
    trace: Tensor
    x_hat: Tensor


def sure(net: Denoiser, y: Tensor, sigma: float | Tensor, generator: torch.Generator) -> Sure:
    """Return Stein's estimate of each picture's squared error, from `y` and `sigma` alone.

    `|x_hat - y|² - d sigma² + 2 sigma² tr J`, the trace by one random probe a picture (Stein 1981; Ramani, Blu &
    Unser 2008); over d it is a mean.

    Examples
    --------
    >>> found = sure(lambda y: y, torch.zeros(1, 8), sigma=0.5, generator=torch.Generator())
    >>> float(found.error), float(found.trace)
    (2.0, 8.0)
    """
    net, y = network(net), require_batch(y).detach()
    variance = _variance(sigma, y)
    (v,) = item_signs(y, 1, generator)  # (B, ...)
    require_gradient(net, y[:1])
    with torch.no_grad():
        x_hat, jv = jvp(net, (y,), (v,))
    trace = (v * jv).double().flatten(1).sum(1)  # (B,)
    moved = (x_hat - y).double().square().flatten(1).sum(1)  # (B,)
    return Sure(moved - y[0].numel() * variance + 2 * variance * trace, trace, x_hat)


def _variance(sigma: float | Tensor, y: Tensor) -> float | Tensor:
    """Return sigma² of one number, or of one an item as (B,), float64."""
    level = require_level(sigma, y, zero=True)
    one = not isinstance(level, Tensor) or level.ndim == 0
    return level**2 if one else per_item(sigma, y, dtype=torch.float64).square()


def posterior_covariance(net: Denoiser, y: Tensor, sigma: float | Tensor) -> Tensor:
    """Return `sigma² J(y)`, the covariance of what may lie behind each `y` (B, ...), as (B, d, d).

    Examples
    --------
    >>> posterior_covariance(lambda y: y / 2, torch.zeros(1, 2), sigma=2.0)
    tensor([[[2., 0.],
             [0., 2.]]])
    """
    J = jacobian(net, y)  # (B, d, d)
    return require_level(sigma, J, zero=True) ** 2 * J
