"""Rows, columns and directions of a Jacobian of many small pictures, as the stored measurements of chapter 3 need them.

For a network without additive constants whose only non-linear operation is ReLU. Around one picture y it is the matrix
J. `geometry.frozen` holds its ReLUs at several copies of y and multiplies as many pictures by J in one forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite import data, geometry, load, miyasawa
from dprior_lite.training import find


@cache
def network(name: str = "photos-unet") -> nn.Module:
    """Return a shipped network in the memory format in which a CPU convolves fastest.

    Parameters
    ----------
    name : str
        Of the weight.
    """
    return load(name).to(memory_format=torch.channels_last)


def untrained(seed: int, name: str = "photos-unet") -> nn.Module:
    """Return the network of a recipe as it is before training, from a seed of its own.

    Parameters
    ----------
    seed : int
        Of its random weights; the random numbers of the process stay as they were.
    name : str
        Of the recipe.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return find(name).build().eval().to(memory_format=torch.channels_last)


def patches(size: int, count: int = 30) -> Tensor:
    """Return `count` held-out patches (count, 1, size, size), spread evenly over all that there are.

    Parameters
    ----------
    size : int
        Side in pixels.
    count : int
        How many.
    """
    every = data.photos("test", size=size)
    return every[:: len(every) // count][:count]  # (count, 1, size, size)


def noisy(x: Tensor, sigma_255: float, *seed: int) -> Tensor:
    """Return `x` (B, C, H, W) with noise of `sigma_255`/255 that belongs to these numbers and this level.

    Parameters
    ----------
    x : Tensor
        Clean pictures in [0, 1].
    sigma_255 : float
        Standard deviation of the noise, in 1/255.
    *seed : int
        Such as a seed and the number of a picture, each below 1000.
    """
    number = round(10 * sigma_255)
    for part in seed:
        number = 1000 * number + part
    return miyasawa.noisy(x, sigma_255 / 255, torch.Generator().manual_seed(number))


def row_sums(net: nn.Module, y: Tensor) -> Tensor:
    """Return all row sums of the Jacobian at one picture `y` (1, C, H, W): J times a picture of ones."""
    with torch.inference_mode():
        return geometry.frozen(net, y)(torch.ones_like(y))  # (1, C, H, W)


def jacobian_by_columns(net: nn.Module, y: Tensor, chunk: int = 64) -> Tensor:
    """Return the Jacobian (d, d) at one picture `y`, a column for each unit picture that goes through the held network.

    Parameters
    ----------
    net : Module
        Denoiser without additive constants.
    y : Tensor
        (1, C, H, W), d numbers.
    chunk : int
        Columns computed at once.
    """
    d = y.numel()
    columns, held = [], None
    with torch.inference_mode():
        for part in torch.eye(d).reshape(d, *y.shape[1:]).split(chunk):  # (n, C, H, W)
            if held is None or len(part) < chunk:
                held = geometry.frozen(net, y.repeat(len(part), 1, 1, 1))
            columns.append(held(part).flatten(1))  # (n, d)
    return torch.cat(columns).mT.contiguous()


def leaks(net: nn.Module, y: Tensor, probes: int, generator: torch.Generator) -> float:
    """Return the mean of |J v|² over random signs v at one picture `y` (1, C, H, W): an estimate of Σs²."""
    with torch.inference_mode():
        copies = y.repeat(probes, 1, 1, 1)  # (probes, C, H, W)
        moved = geometry.frozen(net, copies)(geometry.random_signs(copies, generator))
        return float(moved.double().square().sum() / probes)


def bands(x: Tensor, edges: Sequence[float], width: int = 7) -> list[Tensor]:
    """Return for each band of grey level where the mean of `width` x `width` pixels lies in it: masks like `x`.

    Parameters
    ----------
    x : Tensor
        (B, 1, H, W).
    edges : sequence of float
        Of the bands, rising; a mean belongs to the band that begins with it.
    width : int
        Odd.

    Examples
    --------
    >>> dark, light = bands(torch.tensor([[[[0.0, 0.4]]]]), (0, 0.1, 1.1), width=1)
    >>> light
    tensor([[[[False,  True]]]])
    """
    around = F.avg_pool2d(x, width, 1, width // 2)
    return [(around >= low) & (around < high) for low, high in zip(edges[:-1], edges[1:])]
