"""Measurements that are not optimised: principal components, independent components, and random ones.

`moments` gives the mean picture and the covariance. They belong to every linear method: without the mean, two principal
components of MNIST lose two decibels.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import require_generator, require_whole
from dprior_lite.measurements.matrices import orthonormalized

BLOCK = 4096  # pictures whose products are summed at once


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean picture (C, H, W) and the covariance (d, d) of pictures, in float64.

    Parameters
    ----------
    x : Tensor
        Pictures (N, C, H, W), at least two.

    Raises
    ------
    TypeError, ValueError
        If `x` is no batch of finite numbers, or a single picture.

    Examples
    --------
    >>> mean, covariance = moments(torch.tensor([0.0, 2.0]).reshape(2, 1, 1, 1))
    >>> float(mean), float(covariance)  # divided by N
    (1.0, 1.0)
    """
    require_batch(x, "x", 4)
    require_whole(len(x), "the number of pictures in x", 2, hint="A covariance needs at least two.")
    x = x.detach()
    mean = x.mean(0, dtype=torch.float64)  # (C, H, W)
    covariance = sum(_products(part, mean) for part in x.split(BLOCK)) / len(x)  # (d, d)
    return mean, covariance


def _products(part: Tensor, mean: Tensor) -> Tensor:
    """Return the sum over pictures of the products of their numbers about the mean, (d, d)."""
    away = (part - mean).flatten(1)  # (b, d), float64
    return away.mT @ away


def pca_rows(x: Tensor, k: int) -> Tensor:
    """Return the first `k` principal components of pictures as rows (k, d), the largest variance first.

    Parameters
    ----------
    x : Tensor
        Pictures (N, C, H, W).
    k : int
        How many, at most the rank of their covariance.

    Raises
    ------
    TypeError, ValueError
        As `moments`; also for `k` above the number of directions in which the pictures vary.

    Examples
    --------
    >>> x = torch.tensor([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]]).reshape(4, 1, 1, 2)
    >>> pca_rows(x, 1).abs()
    tensor([[1., 0.]])
    """
    values, vectors = torch.linalg.eigh(moments(x)[1])  # rising
    largest = float(values[-1].clamp(min=torch.finfo(torch.float64).tiny))
    rank = int((values > len(values) * torch.finfo(torch.float64).eps * largest).sum())
    k = require_whole(k, "k", 1, rank, f"The pictures vary in {rank} directions.")
    return vectors.mT.flip(0)[:k].to(x.dtype).contiguous()


def ica_rows(x: Tensor, k: int, seed: int = 0, components: int | None = None) -> Tensor:
    """Return rows (k, d) that span the `k` independent components of largest kurtosis.

    They are found by scikit-learn's FastICA. The pictures are first reduced to `components` principal components. If
    that is `k`, the rows span what `pca_rows` spans, and no decoder of this package can tell the two apart; the
    default is twice as many.

    Parameters
    ----------
    x : Tensor
        Pictures (N, C, H, W).
    k : int
        How many.
    seed : int
        Of FastICA's start.
    components : int, optional
        Principal components that are unmixed, from k to d; the smaller of 2 k and d unless given.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not fit, or the pictures vary in too few directions.

    Examples
    --------
    >>> x = torch.rand(500, 1, 2, 2, generator=torch.Generator().manual_seed(0)) ** 4
    >>> ica_rows(x, 2, components=4).shape
    torch.Size([2, 4])
    """
    d, x = require_batch(x, "x", 4)[0].numel(), x.detach()
    k = require_whole(k, "k", 1, min(d, len(x) - 1))
    seed = require_whole(seed, "seed", 0, 2**32 - 1)
    components = require_whole(min(2 * k, d, len(x) - 1) if components is None else components, "components", k, d)
    axes = pca_rows(x, components)  # (components, d)
    away = (x.flatten(1) - x.flatten(1).mean(0)).double() @ axes.double().mT  # (N, components)
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    ica = FastICA(components, whiten="unit-variance", random_state=seed, max_iter=500, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the best that was found is as good a baseline
        sources = ica.fit_transform(away.cpu().numpy())  # (N, components)
    kurtosis = torch.from_numpy((sources**4).mean(0) / (sources**2).mean(0) ** 2)
    unmixing = torch.from_numpy(ica.components_).to(axes.device) @ axes.double()  # (components, d)
    return orthonormalized(unmixing[kurtosis.argsort(descending=True)[:k]]).to(x.dtype)


def random_rows(d: int, k: int, generator: torch.Generator) -> Tensor:
    """Return `k` random orthonormal rows (k, d), float32: Gaussian numbers, orthonormalised.

    Gaussian numbers have both signs. Rows of positive random numbers would nearly contain the mean brightness, which is
    worth a measurement.

    Parameters
    ----------
    d : int
        Numbers in a picture.
    k : int
        How many rows, at most d.
    generator : torch.Generator
        Of the numbers.

    Raises
    ------
    TypeError, ValueError
        If `k` is not from 1 to `d`, or without a generator.

    Examples
    --------
    >>> random_rows(4, 2, torch.Generator().manual_seed(0)).shape
    torch.Size([2, 4])
    """
    d = require_whole(d, "d", 1, 1_000_000)
    k = require_whole(k, "k", 1, d, f"A picture of {d} numbers has at most as many orthonormal measurements.")
    place = require_generator(generator).device
    drawn = torch.randn(k, d, generator=generator, dtype=torch.float64, device=place)
    return orthonormalized(drawn).float()
