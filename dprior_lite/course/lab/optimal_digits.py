"""Digits of MNIST measured by principal components, random and optimised rows, and decoded by formula and by prior.

Rows are fitted to the training digits without the last 5,000, and evaluated on test digits, with the large network and
all steps of the sampler.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from dprior_lite.measurements import (
    LinearDecoder,
    PriorDecoder,
    load_rows,
    measured,
    moments,
    random_rows,
    ssim_each,
)
from dprior_lite.measurements.files import FOLDER
from dprior_lite.sampling import Ascent
from dprior_lite.store import load, own_folder
from dprior_lite.training.sources import pictures

SIZES = (16, 32, 64)
#: The sampler that is measured; 36 steps if each goes as the rule says.
FULL = Ascent(h0=0.1, beta=0.2)
NET, DRAWS, TEST = "digits-unet", 4, 80


@cache
def training() -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean digit (1, 28, 28), the covariance (784, 784) and the principal axes (784, 784), float64."""
    mean, covariance = moments(torch.cat(pictures("mnist:train")))
    axes = torch.linalg.eigh(covariance)[1].mT.flip(0).contiguous()
    return mean, covariance, axes


def test_digits(count: int = TEST) -> Tensor:
    """Return the first test digits (count, 1, 28, 28)."""
    return pictures("mnist:test")[0][:count]


@cache
def denoiser() -> nn.Module:
    """Return the network through which measurements are read."""
    return load(NET)


def file_of(name: str) -> Path:
    """Return where the rows of a recipe lie, shipped or of your own.

    Raises
    ------
    ValueError
        If they have not been trained.

    Examples
    --------
    >>> file_of("no-such-rows")
    Traceback (most recent call last):
    ValueError: The rows no-such-rows are not trained yet: give `python -m dprior_lite optimise no-such-rows`.
    """
    for folder in (FOLDER, own_folder() / "measurements"):
        if (path := folder / f"{name}.safetensors").is_file():
            return path
    raise ValueError(f"The rows {name} are not trained yet: give `python -m dprior_lite optimise {name}`.")


def rows_of(kind: str, k: int, seed: int = 0) -> Tensor:
    """Return rows (k, 784): "pca", "random" (of a seed), or optimised ones, "mse", "ssim" or "noise".

    Examples
    --------
    >>> rows_of("random", 2).shape
    torch.Size([2, 784])
    """
    if kind == "pca":
        return training()[2][:k].float().contiguous()
    if kind == "random":
        return random_rows(784, k, torch.Generator().manual_seed(seed))
    return load_rows(file_of(f"digits-{kind}-{k}")).rows.detach()


def by_prior(rows: Tensor, x: Tensor, seed: int, noise: float = 0.0, draws: int = DRAWS) -> Tensor:
    """Return reconstructions (B, 1, 28, 28): the mean of samples of the prior that agree with the measurements.

    Parameters
    ----------
    rows : Tensor
        (K, 784).
    x : Tensor
        Digits (B, 1, 28, 28).
    seed : int
        Of the noise.
    noise : float
        Standard deviation of the noise in the measurements.
    draws : int
        Samples a digit.
    """
    generator = torch.Generator().manual_seed(seed)
    m = noisy_measurements(rows, x, generator, noise)
    decoder = PriorDecoder(denoiser(), training()[0].float(), FULL, draws, noise)
    with torch.no_grad():
        return decoder(rows, m, generator)


def by_formula(rows: Tensor, x: Tensor, seed: int = 0, noise: float = 0.0) -> Tensor:
    """Return the best linear reconstructions (B, 1, 28, 28) from the same measurements as `by_prior`."""
    m = noisy_measurements(rows, x, torch.Generator().manual_seed(seed), noise)
    mean, covariance, _ = training()
    return LinearDecoder(mean, covariance, noise)(rows, m)


def noisy_measurements(rows: Tensor, x: Tensor, generator: torch.Generator, noise: float) -> Tensor:
    """Return measurements (B, K) with white noise.

    Examples
    --------
    >>> noisy_measurements(torch.eye(4)[:2], torch.ones(1, 1, 2, 2), torch.Generator(), 0.0)
    tensor([[1., 1.]])
    """
    m = measured(rows, x)
    return m + noise * torch.randn(m.shape, generator=generator) if noise else m


def scores(found: Tensor, x: Tensor) -> dict[str, list[float]]:
    """Return the mean squared error and the SSIM of each reconstruction.

    Examples
    --------
    >>> scores(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8))
    {'error': [0.0], 'ssim': [1.0]}
    """
    error = (found.double() - x.double()).square().flatten(1).mean(1)
    return {"error": error.tolist(), "ssim": ssim_each(found.double(), x.double()).tolist()}
