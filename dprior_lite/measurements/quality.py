"""How good reconstructions are, and what measurements look like: pooled PSNR, SSIM with a derivative, skewness.

Scores here are not clipped to [0, 1]: what is outside counts as an error, and keeps its derivative.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import kind_of
from dprior_lite.measurements.matrices import require_rows
from dprior_lite.metrics import WINDOW


def _require_pair(x: Tensor, reference: Tensor) -> None:
    if require_batch(x, "x", 4, values=False).shape != require_batch(reference, "reference", 4).shape:
        raise ValueError(f"x is {kind_of(x)} and reference {kind_of(reference)}; expected equal shapes (B, C, H, W).")
    if x.dtype != reference.dtype or x.device != reference.device:
        raise ValueError(
            f"x is {x.dtype} on {x.device} and reference {reference.dtype} on {reference.device}; expected one of each."
        )


def pooled_psnr(x: Tensor, reference: Tensor) -> float:
    """Return the PSNR of one mean squared error over all pictures and pixels, peak 1, in dB.

    It is not the mean of the PSNR of every picture, which is higher. Nothing is clipped. Equal pictures give `inf`.

    Parameters
    ----------
    x, reference : Tensor
        Pictures (B, C, H, W).

    Raises
    ------
    TypeError, ValueError
        If they are no batches of one shape, or `x` is not finite.

    Examples
    --------
    >>> reference = torch.zeros(2, 1, 1, 1)
    >>> round(pooled_psnr(torch.tensor([0.1, 0.3]).reshape(2, 1, 1, 1), reference), 2)  # error 0.05; each: 20, 10.46
    13.01
    """
    _require_pair(x, reference)
    require_batch(x, "x", 4)
    return float(-10 * (x.detach().double() - reference.detach().double()).square().mean().log10())


def error_each(x: Tensor, reference: Tensor) -> Tensor:
    """Return the squared error of each picture, summed over its numbers, (B,); differentiable in both.

    Examples
    --------
    >>> error_each(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 2, 2))
    tensor([4.])
    """
    _require_pair(x, reference)
    return (x - reference).square().flatten(1).sum(1)


def ssim_each(x: Tensor, reference: Tensor) -> Tensor:
    """Return the structural similarity of each picture, data range 1, (B,); differentiable in both.

    Windows of 7 x 7 pixels with equal weights, as `metrics.ssim` (Wang et al. 2004), and unlike there nothing is
    clipped.

    Parameters
    ----------
    x, reference : Tensor
        Pictures (B, C, H, W) of at least 7 x 7 pixels.

    Raises
    ------
    TypeError, ValueError
        If they are no batches of one shape, are not finite, or too small.

    Examples
    --------
    >>> x = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> ssim_each(x, x)
    tensor([1., 1.])
    """
    require_batch(x, "x", 4)
    return _similarity(x, reference)


def _similarity(x: Tensor, reference: Tensor) -> Tensor:
    """Return the structural similarity of each picture, (B,); NaN where a picture holds NaN."""
    _require_pair(x, reference)
    if min(x.shape[-2:]) < WINDOW:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected at least {WINDOW} x {WINDOW} pixels for the window.")

    def local(v: Tensor) -> Tensor:
        """Return the mean over each window."""
        return F.avg_pool2d(v, WINDOW, stride=1)  # (B, C, H - 6, W - 6)

    c1, c2 = 0.01**2, 0.03**2
    unbiased = WINDOW**2 / (WINDOW**2 - 1)
    a, b = local(x), local(reference)
    var_a, var_b = (unbiased * (local(v * v) - mu * mu) for v, mu in ((x, a), (reference, b)))
    shared = unbiased * (local(x * reference) - a * b)
    above = (2 * a * b + c1) * (2 * shared + c2)
    below = (a * a + b * b + c1) * (var_a + var_b + c2)
    return (above / below).flatten(1).mean(1)


def dissimilarity_each(x: Tensor, reference: Tensor) -> Tensor:
    """Return `1 - SSIM` of each picture, (B,): what is minimised where structural similarity counts.

    Examples
    --------
    >>> x = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> dissimilarity_each(x, x)
    tensor([0.])
    """
    return 1 - _similarity(x, reference)


LOSSES = {"mse": error_each, "ssim": dissimilarity_each}


def captured_variance(rows: Tensor, covariance: Tensor) -> float:
    """Return the variance of the measurements over the largest that as many measurements can have, 0 to 1.

    Parameters
    ----------
    rows : Tensor
        (K, d), orthonormal.
    covariance : Tensor
        (d, d), of the pictures.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other.

    Examples
    --------
    >>> captured_variance(torch.tensor([[0.0, 1.0]]), torch.diag(torch.tensor([4.0, 1.0])))
    0.25
    """
    seen = _measured_covariance(rows, covariance)  # (K, K)
    most = torch.linalg.eigvalsh(covariance.detach().double())[-len(rows) :].sum()
    return float(seen.trace() / most)


def principal_axes(rows: Tensor, covariance: Tensor) -> Tensor:
    """Return rows (K, d) of the same row space whose measurements are uncorrelated.

    The largest variance comes first. A decoder cannot tell a matrix from a rotated one, but the histogram of a
    measurement depends on the rotation. These axes are one choice that any two matrices can be compared in. The
    sign of a row is such that its entries sum to a positive number.

    Parameters
    ----------
    rows : Tensor
        (K, d), orthonormal.
    covariance : Tensor
        (d, d), of the pictures.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other.

    Examples
    --------
    >>> half = 0.5**0.5
    >>> turned = torch.tensor([[half, half], [half, -half]])
    >>> principal_axes(turned, torch.diag(torch.tensor([1.0, 4.0]))).abs().round(decimals=4)
    tensor([[0., 1.],
            [1., 0.]])
    """
    axes = torch.linalg.eigh(_measured_covariance(rows, covariance))[1].flip(1)  # (K, K), a column an axis
    turned = axes.mT @ rows.detach().double()  # (K, d)
    sign = turned.sum(1, keepdim=True).sign()
    return (turned * torch.where(sign == 0, torch.ones_like(sign), sign)).to(rows.dtype)


def _measured_covariance(rows: Tensor, covariance: Tensor) -> Tensor:
    require_batch(covariance, "covariance", 2)
    if covariance.shape[0] != covariance.shape[1]:
        raise ValueError(f"covariance is {kind_of(covariance)}; expected (d, d), as from moments.")
    rows = require_rows(rows, len(covariance)).detach().double()  # (K, d)
    return rows @ covariance.detach().double() @ rows.mT


def skewness(m: Tensor) -> Tensor:
    """Return the skewness of each measurement over the pictures, (K,), in float64: 0 for symmetric ones.

    Parameters
    ----------
    m : Tensor
        Measurements (B, K) of at least three pictures.

    Raises
    ------
    TypeError, ValueError
        If `m` is no such batch, or a measurement is the same for all pictures.

    Examples
    --------
    >>> skewness(torch.tensor([[0.0], [0.0], [3.0]])).round(decimals=4)
    tensor([0.7071], dtype=torch.float64)
    """
    if len(require_batch(m, "m", 2)) < 3:
        raise ValueError(f"m has shape {tuple(m.shape)}; expected the measurements of at least three pictures.")
    away = m.detach().double() - m.detach().double().mean(0)  # (B, K)
    variance = away.square().mean(0)  # (K,)
    least = (10 * torch.finfo(m.dtype).eps * m.detach().double().abs().amax(0)) ** 2
    if not bool((variance > least).all()):
        raise ValueError("A measurement in m is the same for all pictures and has no skewness; remove its column.")
    return away.pow(3).mean(0) / variance**1.5
