"""The networks of chapter 7: models over scales and on pixels, their PSNR picture by picture, and what they draw."""

from __future__ import annotations

from functools import cache, partial

import torch
from torch import Tensor, nn

from dprior_lite import load, sampling
from dprior_lite.data import generated
from dprior_lite.gates.network import Denoiser
from dprior_lite.generalization.pairs import denoised
from dprior_lite.metrics import psnr_each
from dprior_lite.miyasawa import noisy
from dprior_lite.multiscale import MultiscaleModel, Synthesis, denoise, sample
from dprior_lite.multiscale.synthesis import LOW
from dprior_lite.sampling import Result
from dprior_lite.training import find
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


def denoiser(pictures: str, name: str) -> Denoiser:
    """Return a denoiser of pictures by its short name.

    Parameters
    ----------
    pictures : {"portraits-64", "c-alpha-2"}
        What its networks were trained on.
    name : str
        "flat-9": the network on pixels with a window of 9 pixels. "scales-9": the model over scales with windows of 9
        pixels. "strangers-9": the same with details given the low-pass picture of the next picture of the batch.
        "untrained-9": the same with untrained networks of details. "kept-9": the same with the low-pass picture left
        noisy. "low": the low-pass picture alone, without details.
    """
    kind, _, field = name.partition("-")
    if kind == "flat":
        return on_pixels(pictures, int(field))
    if kind == "low":
        return partial(denoise, over_scales(pictures, 9), scales=0)
    model = over_scales(pictures, int(field))
    if kind == "kept":
        return MultiscaleModel(lambda y: y, model.details)
    if kind == "strangers":
        return of_strangers(model)
    return untrained(model, pictures, int(field)) if kind == "untrained" else model


def of_strangers(model: MultiscaleModel) -> MultiscaleModel:
    """Return the model whose details are denoised given the low-pass picture of the next picture of the batch.

    Examples
    --------
    >>> model = of_strangers(MultiscaleModel(lambda y: y, [lambda y, low: 0 * y + low]))
    >>> y = torch.cat([torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)])
    >>> model.details[0](torch.zeros(2, 3, 2, 2), y)[:, 0, 0, 0].tolist()
    [1.0, 0.0]
    """

    def moved(net: nn.Module, y: Tensor, low: Tensor) -> Tensor:
        """Denoise details (B, 3 C, h, w), the low-pass pictures moved on by one."""
        return net(y, low.roll(-1, 0))

    return MultiscaleModel(model.low, tuple(partial(moved, net) for net in model.details))


def untrained(model: MultiscaleModel, pictures: str, field: int) -> MultiscaleModel:
    """Return the model with fresh networks of details in place of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = [find(f"{pictures}-details-{scale}-{field}").build().eval() for scale in range(1, SCALES + 1)]
    return MultiscaleModel(model.low, tuple(net.requires_grad_(False) for net in fresh))


def drawn_over_scales(n: int, generator: torch.Generator) -> Synthesis:
    """Return portraits (n, 1, 64, 64) drawn from coarse to fine by the model with windows of 9 pixels."""
    return sample(over_scales("portraits-64", 9), n, (1, 64, 64), generator)


def drawn_from_pixels(n: int, generator: torch.Generator) -> Result:
    """Return what the network on pixels with a window of 9 pixels draws (n, 1, 64, 64)."""
    return sampling.sample(on_pixels("portraits-64", 9), n, (1, 64, 64), generator, LOW)
