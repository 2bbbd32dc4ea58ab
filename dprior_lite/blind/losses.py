"""Losses of the networks of chapter 10: a blind denoiser, its twin that is told sigma, and a reader of noise levels.

The two denoisers get the same pictures, the same noise and the same weight of every noise level,
`1/sigma² + 1/v` with v near the variance of the pictures (the weight of Karras et al. 2022, up to a constant): an error
counts in proportion to the smaller of the noise and the picture. With log-uniform sigma, noise below sqrt(v) gets the
weight `sigma^-3 dsigma`, which is uniform in `1/sigma²` (Kadkhodaie, Pooladian, Chewi & Simoncelli 2026).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_level
from dprior_lite.gates.network import Denoiser, answer, same_kind
from dprior_lite.gates.numbers import kind_of
from dprior_lite.miyasawa import noisy

VARIANCE = 0.1  # of the pixels of a picture, in round numbers


def _balanced(x_hat: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """Return the mean squared error (), each item weighted by `1/sigma² + 1/v`."""
    error = (same_kind(x_hat, x, dtype=False).float() - x).square().flatten(1).mean(1)  # (B,)
    return (error * (1 / per_item(sigma, x).square() + 1 / VARIANCE)).mean()


def balanced_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the weighted error of a blind network on fresh noisy versions of `x` (B, ...), a loss.

    Examples
    --------
    >>> x, sigma = torch.zeros(2, 10_000), torch.full((2,), 0.1**0.5)
    >>> round(float(balanced_error(lambda y: y, x, sigma, torch.Generator().manual_seed(0))), 1)
    2.0
    """
    y = noisy(x, sigma, generator)
    require_level(sigma, x)  # above 0: the error is divided by it
    return _balanced(answer(net, y), x, sigma)


def balanced_error_told(
    net: Callable[[Tensor, Tensor], Tensor], x: Tensor, sigma: Tensor, generator: torch.Generator
) -> Tensor:
    """Return the weighted error of a network that is told sigma, on the noise of `balanced_error`; a loss.

    Examples
    --------
    >>> x, sigma = torch.zeros(2, 10_000), torch.full((2,), 0.1**0.5)
    >>> round(float(balanced_error_told(lambda y, sigma: y, x, sigma, torch.Generator().manual_seed(0))), 1)
    2.0
    """
    y = noisy(x, sigma, generator)
    require_level(sigma, x)
    return _balanced(answer(net, y, sigma), x, sigma)


def level_error(net: Callable[[Tensor], Tensor], x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the mean square of `log(net(y) / sigma)` on noisy versions y of `x` (B, ...), a loss.

    `net(y)` reads one noise level an item, (B,).

    Examples
    --------
    >>> x, sigma = torch.zeros(2, 10_000), torch.full((2,), 0.5)
    >>> loss = level_error(lambda y: y.square().mean(1).sqrt(), x, sigma, torch.Generator().manual_seed(0))
    >>> bool(loss < 1e-3)
    True
    """
    y = noisy(x, sigma, generator)
    require_level(sigma, x)
    level = answer(net, y)
    if not isinstance(level, Tensor) or level.shape != (len(x),):
        raise ValueError(f"net returned {kind_of(level)} for {len(x)} items; expected one noise level an item, (B,).")
    return (level.float() / per_item(sigma, x)).log().square().mean()
