"""The networks of chapter 7: models over scales and on pixels, and their PSNR picture by picture."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite import load
from dprior_lite.data import generated
from dprior_lite.gates.network import Denoiser
from dprior_lite.generalization.pairs import denoised
from dprior_lite.metrics import psnr_each
from dprior_lite.miyasawa import noisy
from dprior_lite.multiscale import MultiscaleModel
from dprior_lite.training.recipes.multiscale import FIRST_TEST, SCALES

TOGETHER = 32  # pictures that a network is given at once


@cache
def on_pixels(pictures: str, field: int) -> nn.Module:
    """Return the denoiser of pixels with one receptive field, of one set of pictures.

    Parameters
    ----------
    pictures : {"portraits-64", "c-alpha-2"}
        What it was trained on.
    field : {5, 9, 13, 43}
        Receptive field in pixels.
    """
    return load(f"{pictures}-flat-{field}").requires_grad_(False)


@cache
def over_scales(pictures: str, field: int) -> MultiscaleModel:
    """Return the model over scales whose networks of details have one receptive field.

    Parameters
    ----------
    pictures : {"portraits-64", "c-alpha-2"}
        What it was trained on.
    field : {5, 9, 13, 43}
        Receptive field in pixels of each scale.
    """
    names = [f"{pictures}-details-{scale}-{field}" for scale in range(1, SCALES + 1)]
    low, *details = (load(name).requires_grad_(False) for name in (f"{pictures}-low", *names))
    return MultiscaleModel(low, tuple(details))


def unseen(pictures: str, count: int) -> Tensor:
    """Return pictures (count, 1, 64, 64) that no network has seen, nor any choice of ours.

    Examples
    --------
    >>> unseen("c-alpha-2", 2).shape
    torch.Size([2, 1, 64, 64])
    """
    return generated.pictures(pictures, FIRST_TEST, FIRST_TEST + count)


def psnr_of(net: Denoiser, x: Tensor, sigma: float, seed: int = 0) -> Tensor:
    """Return the PSNR of each denoised picture in dB, (B,); one seed is one noise, whatever the network.

    Parameters
    ----------
    net : callable
        Denoiser of pictures.
    x : Tensor
        Clean pictures (B, C, H, W).
    sigma : float
        Standard deviation of the noise in the pixels.
    seed : int
        Of the noise.

    Examples
    --------
    >>> x = torch.full((1, 1, 64, 64), 0.5)
    >>> round(float(psnr_of(lambda y: y, x, 0.1)))
    20
    """
    y = noisy(x, sigma, torch.Generator().manual_seed(seed))
    return psnr_each(torch.cat(list(denoised(net, y, TOGETHER))), x)
