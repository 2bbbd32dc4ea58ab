"""Training losses of the networks of a multi-scale model, from pictures: the cascade is applied here.

The noise level is that of the pixels, so one law of noise serves the networks of all scales and the ones that work on
pixels. In the normalised bands of scale j the noise has the standard deviation `sigma / 2 ** j`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item
from dprior_lite.gates.network import Denoiser, answer, network, same_kind
from dprior_lite.gates.numbers import require_whole
from dprior_lite.miyasawa import noisy, squared_error
from dprior_lite.multiscale.cascade import MOST_LEVELS, decompose, reconstruct, without_details
from dprior_lite.multiscale.model import ConditionalDenoiser

COARSE = 2  # the scale of the low-pass picture in the chapter's models


def details_error(
    net: ConditionalDenoiser, x: Tensor, sigma: Tensor, generator: torch.Generator, scale: int = 1
) -> Tensor:
    """Return the mean squared error of a conditional denoiser on the details of one scale, a loss.

    The low-pass picture that the network is given has no noise.

    Parameters
    ----------
    net : callable
        `(y, low) -> x_hat`; it may be in train mode.
    x : Tensor
        Clean pictures (B, C, H, W).
    sigma : Tensor
        Noise levels (B,), or one number, in units of the pixels.
    generator : torch.Generator
        Of the noise.
    scale : int
        1 is the finest.

    Examples
    --------
    >>> x = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    >>> details_error(lambda y, low: 0 * y, x, torch.zeros(1), torch.Generator())
    tensor(0.0625)
    """
    bands = decompose(x, require_whole(scale, "scale", 1, MOST_LEVELS), normalised=True)
    details = bands.details[-1]  # (B, 3 C, h, w)
    y = noisy(details, per_item(sigma, x) / 2**scale, generator)
    x_hat = answer(net, y, bands.low)
    return (same_kind(x_hat, details, dtype=False).float() - details).square().mean()


def coarse_details_error(net: ConditionalDenoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return `details_error` of scale 2: a recipe names a loss by its name alone.

    Examples
    --------
    >>> coarse_details_error(lambda y, low: 0 * y, torch.ones(1, 1, 4, 4), torch.zeros(1), torch.Generator())
    tensor(0.)
    """
    return details_error(net, x, sigma, generator, COARSE)


def low_pass_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator, scale: int = COARSE) -> Tensor:
    """Return the mean squared error of a denoiser on the low-pass picture of one scale, a loss.

    Parameters
    ----------
    net : callable
        `y -> x_hat`; it may be in train mode.
    x : Tensor
        Clean pictures (B, C, H, W).
    sigma : Tensor
        Noise levels (B,), or one number, in units of the pixels.
    generator : torch.Generator
        Of the noise.
    scale : int
        1 is the finest.

    Examples
    --------
    >>> low_pass_error(lambda y: 0 * y, torch.full((1, 1, 8, 8), 0.5), torch.zeros(1), torch.Generator())
    tensor(0.2500)
    """
    low = decompose(x, require_whole(scale, "scale", 1, MOST_LEVELS), normalised=True).low  # (B, C, h, w)
    return squared_error(net, low, per_item(sigma, x) / 2**scale, generator)


def low_pass_only(net: Denoiser, scale: int = COARSE) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a denoiser `(y, sigma) -> x_hat` of pictures that keeps the low-pass picture alone.

    Parameters
    ----------
    net : callable
        Denoiser of normalised low-pass pictures.
    scale : int
        Their scale.

    Examples
    --------
    >>> low_pass_only(lambda y: y)(torch.eye(4)[None, None], 0.1)[0, 0, 0]
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    scale, checked = require_whole(scale, "scale", 1, MOST_LEVELS), network(net)

    def denoiser(y: Tensor, sigma: float | Tensor) -> Tensor:
        """Return `y` without its details and with a denoised low-pass; blind, so sigma is not used."""
        bands = without_details(decompose(y, scale, normalised=True))
        return reconstruct(replace(bands, low=checked(bands.low)))

    return denoiser
