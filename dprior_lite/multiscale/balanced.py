"""Training losses in which faint and strong noise count alike: squared errors weighted by `1/(sigma² + s²) + 1/v`.

v is near the variance of what is denoised, and s is a small noise, 0.02 or 0.05 (for s = 0 this is the weight of
Karras et al. 2022, up to a constant). So an error counts in proportion to the smaller of noise and signal. Without
weights nearly all of the error is at strong noise, and a network learns little about faint noise. Errors and noise are
those of orthonormal bands, so sigma is the noise of the pixels at every scale.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_batch
from dprior_lite.gates.network import Denoiser, answer, same_kind
from dprior_lite.gates.numbers import require_whole
from dprior_lite.miyasawa import noisy
from dprior_lite.multiscale.cascade import MOST_LEVELS, decompose
from dprior_lite.multiscale.losses import COARSE
from dprior_lite.multiscale.model import ConditionalDenoiser

SMALL, SMALL_LOW = 0.02, 0.05  # noise below this counts as little more than this; the second for low-pass pictures
# variances in round numbers, of portraits and of C^alpha pictures: pixels, orthonormal details of scales 1, 2
PIXELS, DETAILS = 0.1, (0.002, 0.015)


def balanced_pixels_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the weighted error of a denoiser of pictures on fresh noisy versions of `x` (B, C, H, W), a loss.

    Examples
    --------
    >>> x, sigma = torch.zeros(1, 1, 200, 200), torch.tensor([PIXELS**0.5])
    >>> round(float(balanced_pixels_error(lambda y: y, x, sigma, torch.Generator().manual_seed(0))), 1)
    2.0
    """
    require_batch(x, "x", 4, values=False)  # a training does not wait for a look at them
    return _balanced(net, x, per_item(sigma, x), 0, PIXELS, generator)


def balanced_low_pass_error(
    net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator, scale: int = COARSE
) -> Tensor:
    """Return the weighted error of a denoiser on the normalised low-pass picture of one scale, a loss.

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
    >>> x, sigma = torch.zeros(1, 1, 400, 400), torch.tensor([4 * PIXELS**0.5])
    >>> round(float(balanced_low_pass_error(lambda y: y, x, sigma, torch.Generator().manual_seed(0))), 1)
    2.0
    """
    low = decompose(x, require_whole(scale, "scale", 1, MOST_LEVELS), normalised=True).low  # (B, C, h, w)
    return _balanced(net, low, per_item(sigma, x), scale, 4**scale * PIXELS, generator, small=SMALL_LOW)


def balanced_details_error(
    net: ConditionalDenoiser, x: Tensor, sigma: Tensor, generator: torch.Generator, scale: int = 1
) -> Tensor:
    """Return the weighted error of a conditional denoiser on the normalised details of one scale, a loss.

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
    scale : {1, 2}
        1 is the finest.

    Examples
    --------
    >>> x, sigma = torch.zeros(1, 1, 200, 200), torch.tensor([0.5])
    >>> exact = (0.5**2) * (1 / (0.5**2 + SMALL**2) + 1 / DETAILS[0])
    >>> found = balanced_details_error(lambda y, low: y, x, sigma, torch.Generator().manual_seed(0))
    >>> round(float(found) / exact, 1)
    1.0
    """
    bands = decompose(x, require_whole(scale, "scale", 1, len(DETAILS)), normalised=True)
    variance = DETAILS[scale - 1]
    return _balanced(net, bands.details[-1], per_item(sigma, x), scale, variance, generator, bands.low)


def balanced_coarse_details_error(
    net: ConditionalDenoiser, x: Tensor, sigma: Tensor, generator: torch.Generator
) -> Tensor:
    """Return `balanced_details_error` of scale 2: a recipe names a loss by its name alone.

    Examples
    --------
    >>> net, x = lambda y, low: 0 * y, torch.ones(1, 1, 4, 4)
    >>> float(balanced_coarse_details_error(net, x, torch.ones(1), torch.Generator()))
    0.0
    """
    return balanced_details_error(net, x, sigma, generator, COARSE)


def _balanced(
    net: Callable[..., Tensor],
    band: Tensor,
    sigma: Tensor,
    scale: int,
    variance: float,
    generator: torch.Generator,
    *low: Tensor,
    small: float = SMALL,
) -> Tensor:
    """Return the weighted error on one normalised band (B, ...); `sigma` (B,) and `variance` are orthonormal."""
    y = noisy(band, sigma / 2**scale, generator)
    x_hat = same_kind(answer(net, y, *low), band, dtype=False).float()
    error = 4**scale * (x_hat - band).square().flatten(1).mean(1)  # (B,)
    return (error * (1 / (sigma.square() + small**2) + 1 / variance)).mean()
