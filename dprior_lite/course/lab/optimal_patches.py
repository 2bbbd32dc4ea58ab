"""Patches of photographs measured by principal components, random and optimised rows, and decoded as digits are.

Rows are fitted to the training photographs that come with the package, and evaluated on its test photographs, with the
large network and all steps of the sampler. Principal components of photograph patches are nearly waves.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite.course.lab.optimal_digits import DRAWS, FULL, file_of
from dprior_lite.measurements import LinearDecoder, PriorDecoder, load_rows, measured, moments, random_rows
from dprior_lite.store import load
from dprior_lite.training.sources import stack

SIDE, SIZES = 24, (16, 64)
NET, TEST = "photos-unet", 48


@cache
def training() -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean patch (1, 24, 24), the covariance (576, 576) and the principal axes (576, 576), float64."""
    mean, covariance = moments(stack("photos:train", SIDE))
    axes = torch.linalg.eigh(covariance)[1].mT.flip(0).contiguous()
    return mean, covariance, axes


def test_patches(count: int = TEST) -> Tensor:
    """Return patches (count, 1, 24, 24) of the test photographs, mixed.

    Examples
    --------
    >>> test_patches(2).shape
    torch.Size([2, 1, 24, 24])
    """
    return stack("photos:test", SIDE)[:count]


@cache
def denoiser() -> nn.Module:
    """Return the network through which measurements are read."""
    return load(NET)


def rows_of(kind: str, k: int) -> Tensor:
    """Return rows (k, 576): "pca", "random" or "mse", the optimised ones.

    Raises
    ------
    ValueError
        If optimised rows have not been trained.

    Examples
    --------
    >>> rows_of("random", 2).shape
    torch.Size([2, 576])
    """
    if kind == "pca":
        return training()[2][:k].float().contiguous()
    if kind == "random":
        return random_rows(SIDE**2, k, torch.Generator().manual_seed(0))
    return load_rows(file_of(f"photos-{kind}-{k}")).rows.detach()


def by_prior(rows: Tensor, x: Tensor, seed: int = 0, draws: int = DRAWS) -> Tensor:
    """Return reconstructions (B, 1, 24, 24): the mean of samples of the prior that agree with the measurements.

    Parameters
    ----------
    rows : Tensor
        (K, 576).
    x : Tensor
        Patches (B, 1, 24, 24).
    seed : int
        Of the noise.
    draws : int
        Samples a patch.
    """
    decoder = PriorDecoder(denoiser(), training()[0].float(), FULL, draws)
    with torch.no_grad():
        return decoder(rows, measured(rows, x), torch.Generator().manual_seed(seed))


def by_formula(rows: Tensor, x: Tensor) -> Tensor:
    """Return the best linear reconstructions (B, 1, 24, 24) from the same measurements."""
    mean, covariance, _ = training()
    return LinearDecoder(mean, covariance)(rows, measured(rows, x))
