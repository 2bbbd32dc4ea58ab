"""Digits of MNIST measured by principal components, random and optimised rows, and decoded by formula and by prior.

Rows are fitted to the training digits without the last 5,000, and evaluated on test digits, with the large network and
all steps of the sampler.

Where MNIST is absent, figures use the digits of scikit-learn, enlarged from 8 to 20 pixels and framed in black as those
of MNIST are. Nothing that is stored is measured on them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.data import DataAbsent, digits8, mnist
from dprior_lite.measurements import (
    LinearDecoder,
    PriorDecoder,
    captured_variance,
    ica_rows,
    load_rows,
    measured,
    moments,
    random_rows,
    ssim_each,
)
from dprior_lite.measurements.files import FOLDER
from dprior_lite.sampling import Ascent
from dprior_lite.store import load, own_folder
from dprior_lite.training.sources import stack

SIZES = (16, 32, 64)
#: The sampler that is measured; 36 steps if each goes as the rule says.
FULL = Ascent(h0=0.1, beta=0.2)
NET, DRAWS, TEST = "digits-unet", 4, 80
ICA_FROM = 10_000  # training digits to which independent components are fitted
SMALL_TEST = 297  # of scikit-learn's digits, the last ones
#: Files of rows whose names do not follow from kind and number.
FILES = {"restart, 32": "digits-mse-32-random", "nested, 16": "digits-nested-64", "nested, 32": "digits-nested-64"}


@cache
def mnist_is_here() -> bool:
    """Return whether MNIST is at hand.

    Examples
    --------
    >>> mnist_is_here() in (True, False)
    True
    """
    try:
        mnist("test")
    except DataAbsent:
        return False
    return True


def enlarged(x: Tensor) -> Tensor:
    """Return digits of 8 x 8 pixels as pictures (N, 1, 28, 28): 20 x 20 pixels in a black frame.

    Parameters
    ----------
    x : Tensor
        (N, 1, 8, 8).

    Examples
    --------
    >>> enlarged(torch.ones(1, 1, 8, 8)).sum()
    tensor(400.)
    """
    return F.pad(F.interpolate(x, size=20, mode="bilinear"), (4, 4, 4, 4))


def some_digits(split: str, count: int | None = None) -> Tensor:
    """Return the first digits of a split (count, 1, 28, 28): MNIST, or where it is absent scikit-learn's, enlarged.

    Parameters
    ----------
    split : {"train", "test"}
        Training digits are without those that are held out.
    count : int, optional
        How many; all unless given.

    Examples
    --------
    >>> some_digits("test", 3).shape
    torch.Size([3, 1, 28, 28])
    """
    if mnist_is_here():
        return stack(f"mnist:{split}")[:count]
    x = enlarged(digits8()[0])
    return (x[-SMALL_TEST:] if split == "test" else x[:-SMALL_TEST])[:count]


@cache
def training() -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean digit (1, 28, 28), the covariance (784, 784) and the principal axes (784, 784), float64."""
    mean, covariance = moments(some_digits("train"))
    axes = torch.linalg.eigh(covariance)[1].mT.flip(0).contiguous()
    return mean, covariance, axes


def test_digits(count: int = TEST) -> Tensor:
    """Return the first test digits of MNIST (count, 1, 28, 28).

    Raises
    ------
    DataAbsent
        If MNIST is absent: what is stored is measured on nothing else.
    """
    return stack("mnist:test")[:count]


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
    """Return rows (k, 784) of one kind.

    Parameters
    ----------
    kind : str
        "pca", "ica" or "random" (of a seed); or optimised ones: "mse", "ssim", "noise", "restart" (from a random
        start) or "nested" (the first of 64).
    k : int
        How many.
    seed : int
        Of random rows.

    Raises
    ------
    ValueError
        If optimised rows have not been trained.

    Examples
    --------
    >>> rows_of("random", 2).shape
    torch.Size([2, 784])
    """
    if kind == "pca":
        return training()[2][:k].float().contiguous()
    if kind == "ica":
        return _ica(k)
    if kind == "random":
        return random_rows(784, k, torch.Generator().manual_seed(seed))
    name = FILES.get(f"{kind}, {k}", f"digits-{kind}-{k}")
    return load_rows(file_of(name)).rows.detach()[:k].contiguous()


@cache
def _ica(k: int) -> Tensor:
    """Return `k` independent components of twice as many principal ones."""
    return ica_rows(some_digits("train", ICA_FROM), k)


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


def numbers_of(
    kind: str, k: int, seed: int = 0, noise: float = 0.0, count: int = TEST, draws: int = DRAWS
) -> dict[str, float | list[float]]:
    """Return what is stored of one kind of rows: errors and SSIM of every test digit, and the share of variance.

    Parameters
    ----------
    kind, k, seed
        As in `rows_of`; the seed is also that of the sampler's noise.
    noise : float
        Standard deviation of the noise in the measurements.
    count : int
        Test digits.
    draws : int
        Samples a digit.

    Returns
    -------
    dict
        `prior_error`, `prior_ssim`, `linear_error`, `linear_ssim`, a list of `count` numbers each; `variance`, the
        variance of the measurements over the largest that as many measurements can have.

    Raises
    ------
    DataAbsent
        If MNIST is absent.
    """
    x = test_digits(count)
    rows = rows_of(kind, k, seed)
    prior = scores(by_prior(rows, x, seed, noise, draws), x)
    linear = scores(by_formula(rows, x, seed, noise), x)
    found: dict[str, float | list[float]] = {f"prior_{name}": values for name, values in prior.items()}
    found |= {f"linear_{name}": values for name, values in linear.items()}
    return found | {"variance": captured_variance(rows, training()[1])}
