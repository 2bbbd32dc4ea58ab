"""What the eigenvectors look like, and how good a denoiser's basis is: frequency, contours, slopes, a fixed basis.

The slope of output against input PSNR says how fast an error falls with the noise. In a basis where the squared
coefficients of a picture fall as `k^-(alpha + 1)`, the oracle that shrinks each by `c² / (c² + sigma²)` has the slope
alpha / (alpha + 1) (Kadkhodaie, Guth, Simoncelli & Mallat 2024, section 3). A fixed basis such as the cosines sees the
edges only, whatever alpha is: it is the control.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch, require_level
from dprior_lite.gates.numbers import kind_of, require_number
from dprior_lite.gates.pictures import check_pictures

__all__ = ["contour_energy", "dct_oracle", "mean_frequency", "slope"]


def slope(psnr_in: Tensor, psnr_out: Tensor, window: tuple[float, float]) -> float:
    """Return the least-squares slope of output against input PSNR inside a window of input PSNR, in dB per dB.

    Parameters
    ----------
    psnr_in, psnr_out : Tensor or sequence
        (n,), in dB.
    window : (float, float)
        Least and largest input PSNR that count, in dB.

    Raises
    ------
    ValueError
        If fewer than three different input levels lie in the window, or a number is NaN or infinite.

    Examples
    --------
    >>> slope([0.0, 10.0, 20.0, 30.0], [9.0, 10.0, 15.0, 20.0], (10, 30))
    0.5
    """
    x, y = (_curve(v, name) for v, name in ((psnr_in, "psnr_in"), (psnr_out, "psnr_out")))
    if len(x) != len(y):
        raise ValueError(f"psnr_in has {len(x)} numbers and psnr_out {len(y)}; expected as many of both.")
    low, high = _ends(window)
    inside = (x >= low) & (x <= high)
    if len(x[inside].unique()) < 3:
        raise ValueError(
            f"{len(x[inside].unique())} input levels lie between {low:g} and {high:g} dB; expected at least three for"
            " a slope. Give more levels or a wider window."
        )
    x, y = x[inside] - x[inside].mean(), y[inside]
    return float((x * (y - y.mean())).sum() / x.square().sum())


def _curve(values: object, name: str) -> Tensor:
    """Return PSNRs as (n,), float64."""
    try:
        curve = torch.as_tensor(values, dtype=torch.float64, device="cpu")
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} is {kind_of(values)}; expected PSNRs in dB, (n,).") from None
    if curve.ndim != 1:
        raise ValueError(f"{name} has shape {tuple(curve.shape)}; expected PSNRs in dB, (n,).")
    if not bool(curve.isfinite().all()):
        raise ValueError(f"{name} holds NaN or infinite values; expected finite PSNRs in dB.")
    return curve.detach()


def _ends(window: object) -> tuple[float, float]:
    """Return the two ends of a window."""
    says = "expected two numbers in dB, the smaller first, such as (10, 30)"
    if not isinstance(window, Sequence) or isinstance(window, str) or len(window) != 2:
        raise TypeError(f"window is {kind_of(window)}; {says}.")
    low, high = (require_number(v, "an end of window") for v in window)
    if not low < high:
        raise ValueError(f"window is ({low:g}, {high:g}); {says}.")
    return low, high


def dct_oracle(x: Tensor, sigma: float | Tensor) -> Tensor:
    """Return the expected MSE of oracle shrinkage in cosines, a fixed basis, (B,), float64, per pixel.

    It is the mean of `sigma² c² / (c² + sigma²)` over the coefficients c of the orthonormal two-dimensional cosine
    transform: the least error of any factors, one a coefficient, which only an oracle knows.

    Parameters
    ----------
    x : Tensor
        Clean pictures (B, C, H, W).
    sigma : float or Tensor
        Standard deviation of the noise, one number or one a picture.

    Examples
    --------
    >>> dct_oracle(torch.full((1, 1, 2, 2), 0.5), 1.0)
    tensor([0.1250], dtype=torch.float64)
    """
    from scipy.fft import dctn

    x = check_pictures(x).detach().cpu().double()
    variance = torch.as_tensor(require_level(sigma, x), dtype=torch.float64, device="cpu") ** 2
    power = torch.from_numpy(np.asarray(dctn(x.numpy(), axes=(-2, -1), norm="ortho"))).square()
    return (variance * power / (power + variance)).mean((1, 2, 3))


def contour_energy(vectors: Tensor, distance: Tensor, within: float = 3.0) -> Tensor:
    """Return the share of each vector's energy that lies near a contour, (n,), from 0 to 1.

    White noise has the share of pixels that lie there: `(distance <= within).float().mean()`.

    Parameters
    ----------
    vectors : Tensor
        (n, C, H, W), of any length above zero.
    distance : Tensor
        Distance of each pixel from the contour, (H, W), in pixels.
    within : float
        How near, in pixels.

    Examples
    --------
    >>> contour_energy(torch.tensor([[[[1.0, 2.0, 1.0]]]]), torch.tensor([[0.0, 1.0, 2.0]]), within=1)
    tensor([0.8333])
    """
    power, within = _power(vectors), require_number(within, "within", least=0)
    if not isinstance(distance, Tensor) or distance.shape != power.shape[1:] or not distance.is_floating_point():
        raise ValueError(
            f"distance is {kind_of(distance)}; expected the distance of each pixel of {tuple(power.shape[1:])} from the"
            " contour, in pixels."
        )
    if not bool((distance >= 0).all()):
        raise ValueError("distance holds NaN or negative numbers; expected distances in pixels, at least 0.")
    near = (distance <= within).to(power)
    return (power * near).sum((1, 2)) / power.sum((1, 2))


def mean_frequency(vectors: Tensor) -> Tensor:
    """Return the mean radial frequency of each vector, weighted by its energy there, (n,), in cycles per picture.

    Parameters
    ----------
    vectors : Tensor
        (n, C, H, W), of any length above zero.

    Examples
    --------
    >>> wave = (2 * torch.pi * 3 * torch.arange(16) / 16).cos().expand(1, 1, 16, 16)
    >>> round(float(mean_frequency(wave)), 4)
    3.0
    """
    _power(vectors)
    height, width = vectors.shape[-2:]
    down, right = (torch.fft.fftfreq(n, 1 / n, dtype=vectors.dtype, device=vectors.device) for n in (height, width))
    power = torch.fft.fft2(vectors).abs().square().sum(1)  # (n, H, W)
    return (power * torch.hypot(down[:, None], right)).sum((1, 2)) / power.sum((1, 2))


def _power(vectors: Tensor) -> Tensor:
    """Return the squares of vectors, summed over channels, (n, H, W), or refuse a vector that is zero."""
    power = require_batch(vectors, "vectors", 4).square().sum(1)
    empty = power.sum((1, 2)) <= 0
    if bool(empty.any()):
        raise ValueError(f"Vector {int(empty.nonzero()[0])} is zero, so it has no energy; expected vectors above zero.")
    return power
