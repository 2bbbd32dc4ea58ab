"""How good a picture is: PSNR and SSIM with data range 1, after clipping both pictures to [0, 1]."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.numbers import kind_of
from dprior_lite.gates.pictures import check_pictures

WINDOW = 7  # pixels that scikit-image compares at once


def psnr_each(x: Tensor, reference: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio of each picture, in dB, (B,).

    Parameters
    ----------
    x, reference : Tensor
        Pictures (B, C, H, W); both are clipped to [0, 1] first. `reference` must be in [0, 1], `x` may be any
        estimate.

    Examples
    --------
    >>> psnr_each(torch.full((2, 1, 4, 4), 0.6), torch.full((2, 1, 4, 4), 0.5)).round(decimals=2)
    tensor([20., 20.])
    """
    _check_pair(x, reference)
    x, reference = x.detach(), reference.detach()
    error = (x.clamp(0, 1) - reference.clamp(0, 1)).double().square().mean(dim=(1, 2, 3))
    return (-10 * error.log10()).float()


def psnr(x: Tensor, reference: Tensor) -> float:
    """Return the mean over pictures of the PSNR, in dB; equal pictures give `inf`. See `psnr_each`.

    Examples
    --------
    >>> round(psnr(torch.full((1, 1, 4, 4), 0.6), torch.full((1, 1, 4, 4), 0.5)), 2)
    20.0
    """
    return float(psnr_each(x, reference).mean())


def ssim(x: Tensor, reference: Tensor) -> float:
    """Return the mean over pictures of scikit-image's structural similarity (Wang et al. 2004), data range 1.

    Pictures have at least 7 x 7 pixels, the size of its window.

    Examples
    --------
    >>> ssim(torch.full((1, 1, 8, 8), 0.5), torch.full((1, 1, 8, 8), 0.5))
    1.0
    """
    from skimage.metrics import structural_similarity

    _check_pair(x, reference)
    if min(x.shape[-2:]) < WINDOW:
        raise ValueError(
            f"x has shape {tuple(x.shape)}; expected at least {WINDOW} x {WINDOW} pixels for ssim's window."
        )
    both = (v.detach().cpu() for v in (x, reference))
    both = (v if v.dtype in (torch.float32, torch.float64) else v.float() for v in both)
    pairs = zip(*(v.clamp(0, 1).numpy() for v in both))
    return float(sum(structural_similarity(a, b, data_range=1.0, channel_axis=0) for a, b in pairs) / len(x))


def _check_pair(x: Tensor, reference: Tensor) -> None:
    check_pictures(reference, "reference")
    if not isinstance(x, Tensor):
        raise TypeError(f"x is {kind_of(x)}; expected a tensor of the shape of reference, {tuple(reference.shape)}.")
    if x.shape != reference.shape:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and reference {tuple(reference.shape)}; expected equal shapes (B, C, H, W)."
        )
    if not x.is_floating_point() or x.device != reference.device:
        raise ValueError(
            f"x is {x.dtype} on {x.device}; expected floating point on {reference.device}, like reference."
        )
    if not bool(torch.isfinite(x).all()):
        raise ValueError("x holds NaN or infinite values; expected a finite picture: a PSNR of it would mean nothing.")
