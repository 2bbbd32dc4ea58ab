"""How good a picture is: PSNR and SSIM with data range 1, after clipping both pictures to [0, 1]."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.data import check_pictures


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
    error = (x.clamp(0, 1) - reference.clamp(0, 1)).double().square().mean(dim=(1, 2, 3))
    return (-10 * error.log10()).float()


def psnr(x: Tensor, reference: Tensor) -> float:
    """Return the mean over pictures of the PSNR, in dB; see `psnr_each`. Equal pictures give `inf`.

    Examples
    --------
    >>> round(psnr(torch.full((1, 1, 4, 4), 0.6), torch.full((1, 1, 4, 4), 0.5)), 2)
    20.0
    """
    return float(psnr_each(x, reference).mean())


def ssim(x: Tensor, reference: Tensor) -> float:
    """Return the mean over pictures of scikit-image's structural similarity (Wang et al. 2004), data range 1.

    Examples
    --------
    >>> ssim(torch.full((1, 1, 8, 8), 0.5), torch.full((1, 1, 8, 8), 0.5))
    1.0
    """
    from skimage.metrics import structural_similarity

    _check_pair(x, reference)
    pairs = zip(x.clamp(0, 1).cpu().numpy(), reference.clamp(0, 1).cpu().numpy())
    return float(sum(structural_similarity(a, b, data_range=1.0, channel_axis=0) for a, b in pairs) / len(x))


def _check_pair(x: Tensor, reference: Tensor) -> None:
    check_pictures(reference, "reference")
    if x.shape != reference.shape:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and reference {tuple(reference.shape)}; expected equal shapes (B, C, H, W)."
        )
    if not x.is_floating_point() or x.device != reference.device:
        raise ValueError(
            f"x is {x.dtype} on {x.device}; expected floating point on {reference.device}, like reference."
        )
    if not bool(torch.isfinite(x).all()):
        raise ValueError("x holds NaN or infinite values; a PSNR of it would mean nothing.")
