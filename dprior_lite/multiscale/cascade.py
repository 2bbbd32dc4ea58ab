"""The wavelet cascade: a picture is a small picture and the details that lead back, scale by scale.

One step filters a picture with four orthonormal filters and keeps every second row and column: a low-pass picture of
half the size, and three pictures of details. The step is repeated on the low-pass picture. Borders are periodised. The
whole cascade is an orthonormal change of coordinates, so white noise of standard deviation sigma has that standard
deviation in every band.

With `normalised` every band of scale j is divided by `2 ** j`, as Kadkhodaie, Guth, Mallat & Simoncelli (2023) do. The
low-pass picture then has the gray levels of the picture (of Haar: the means of blocks), details lie in [-.5, .5], and
the noise has the standard deviation `sigma / 2 ** j`.

Scale 1 is the finest. Details of a picture with C channels are (B, 3 C, H, W): horizontal edges of all channels,
then vertical edges, then diagonals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_whole
from dprior_lite.multiscale.filters import kernels, taps

MOST_LEVELS = 20


@dataclass(frozen=True)
class Bands:
    """A picture as wavelet bands.

    Attributes
    ----------
    low : Tensor
        Low-pass picture (B, C, h, w) of the coarsest scale.
    details : tuple of Tensor
        Details of each scale, the finest first, (B, 3 C, H / 2, W / 2), (B, 3 C, H / 4, W / 4), ...
    wavelet : str
        Its name.
    normalised : bool
        Whether the bands of scale j are divided by `2 ** j`.
    """

    low: Tensor
    details: tuple[Tensor, ...]
    wavelet: str = "haar"
    normalised: bool = False


def analysis_step(x: Tensor, wavelet: str = "haar") -> tuple[Tensor, Tensor]:
    """Return the low-pass picture and the details of one orthonormal step.

    Parameters
    ----------
    x : Tensor
        Pictures (B, C, H, W), H and W even; differentiable.
    wavelet : {"haar", "db2", "db4"}
        Its name.

    Returns
    -------
    tuple of Tensor
        (B, C, H / 2, W / 2) and (B, 3 C, H / 2, W / 2).

    Raises
    ------
    TypeError, ValueError
        If `x` is no batch of finite pictures of even size, or there is no such wavelet.

    Examples
    --------
    >>> low, details = analysis_step(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
    >>> float(low), details.flatten().tolist()
    (5.0, [-2.0, -1.0, 0.0])
    """
    _require_divisible(x, 1, "x")
    filters = kernels(wavelet, x)  # (4, 1, F, F)
    batch, channels, height, width = x.shape
    beyond = filters.shape[-1] // 2 - 1
    rows, columns = (_wrapped(n, beyond, x) for n in (height, width))
    padded = x[:, :, rows][..., columns].flatten(0, 1)[:, None]  # (B C, 1, H + 2 p, W + 2 p)
    with torch.autocast(x.device.type, enabled=False):  # a training in bfloat16 would round the bands
        bands = F.conv2d(padded, filters, stride=2).unflatten(0, (batch, channels))  # (B, C, 4, H / 2, W / 2)
    return bands[:, :, 0], bands[:, :, 1:].transpose(1, 2).flatten(1, 2)


def synthesis_step(low: Tensor, details: Tensor, wavelet: str = "haar") -> Tensor:
    """Return the picture of which `analysis_step` gives this low-pass picture and these details.

    Parameters
    ----------
    low : Tensor
        (B, C, h, w).
    details : Tensor
        (B, 3 C, h, w).
    wavelet : {"haar", "db2", "db4"}
        Its name.

    Returns
    -------
    Tensor
        (B, C, 2 h, 2 w), differentiable in both.

    Raises
    ------
    TypeError, ValueError
        If the two do not belong together, or there is no such wavelet.

    Examples
    --------
    >>> x = torch.rand(2, 3, 6, 8)
    >>> bool(torch.allclose(synthesis_step(*analysis_step(x, "db2"), "db2"), x, atol=1e-5))
    True
    """
    require_batch(low, "low", 4)
    _require_details(details, low)
    filters = kernels(wavelet, low)  # (4, 1, F, F)
    batch, channels, height, width = low.shape
    beyond = filters.shape[-1] // 2 - 1
    bands = torch.cat([low[:, :, None], details.unflatten(1, (3, channels)).transpose(1, 2)], 2)  # (B, C, 4, h, w)
    with torch.autocast(low.device.type, enabled=False):
        padded = F.conv_transpose2d(bands.flatten(0, 1), filters, stride=2)[:, 0]  # (B C, 2 h + 2 p, 2 w + 2 p)

    # what was taken across the border goes back to the other side
    rows, columns = (_wrapped(2 * n, beyond, low) for n in (height, width))
    x = padded.new_zeros(len(padded), 2 * height, padded.shape[2]).index_add(1, rows, padded)
    x = padded.new_zeros(len(padded), 2 * height, 2 * width).index_add(2, columns, x)
    return x.unflatten(0, (batch, channels))


def decompose(x: Tensor, levels: int, wavelet: str = "haar", normalised: bool = False) -> Bands:
    """Return the wavelet bands of pictures.

    Parameters
    ----------
    x : Tensor
        Pictures (B, C, H, W) of any scale; H and W multiples of `2 ** levels`. Differentiable.
    levels : int
        How many times the low-pass picture is split.
    wavelet : {"haar", "db2", "db4"}
        Its name.
    normalised : bool
        Whether to divide the bands of scale j by `2 ** j`.

    Raises
    ------
    TypeError, ValueError
        If `x` is no batch of finite pictures, its size does not allow so many levels, or there is no such wavelet.

    Examples
    --------
    >>> bands = decompose(torch.full((1, 1, 16, 16), 0.5), 2, normalised=True)
    >>> bands.low.shape, [tuple(v.shape) for v in bands.details], float(bands.low.mean())
    (torch.Size([1, 1, 4, 4]), [(1, 3, 8, 8), (1, 3, 4, 4)], 0.5)
    """
    levels = require_whole(levels, "levels", 1, MOST_LEVELS)
    _require_divisible(x, levels, "x")
    low, details = x, []
    for _ in range(levels):
        low, fine = analysis_step(low, wavelet)
        details.append(fine)
    bands = Bands(low, tuple(details), wavelet)
    return _scaled(bands, -1) if normalised else bands


def reconstruct(bands: Bands) -> Tensor:
    """Return the pictures (B, C, H, W) of which `decompose` gives these bands.

    Parameters
    ----------
    bands : Bands
        As `decompose` returns them; wavelet and normalisation are the ones they say.

    Raises
    ------
    TypeError, ValueError
        If the bands do not belong together.

    Examples
    --------
    >>> x = torch.rand(2, 1, 24, 16)
    >>> bool(torch.allclose(reconstruct(decompose(x, 3, "db4", normalised=True)), x, atol=1e-5))
    True
    """
    _require_bands(bands)
    bands = _scaled(bands, 1) if bands.normalised else bands
    x = bands.low
    for scale, details in reversed([*enumerate(bands.details, 1)]):
        _require_details(details, x, f"bands.details[{scale - 1}]")
        x = synthesis_step(x, details, bands.wavelet)
    return x


def band_sigma(sigma: float, scale: int, normalised: bool = True) -> float:
    """Return the standard deviation, in the bands of one scale, of white noise of `sigma` in the pixels.

    Parameters
    ----------
    sigma : float
        Standard deviation in the pixels, at least 0.
    scale : int
        1 is the finest; the low-pass picture has the noise of the coarsest scale.
    normalised : bool
        Whether the bands of scale j are divided by `2 ** j`.

    Examples
    --------
    >>> band_sigma(0.8, 2), band_sigma(0.8, 2, normalised=False)
    (0.2, 0.8)
    """
    sigma, scale = require_number(sigma, "sigma", least=0), require_whole(scale, "scale", 1, MOST_LEVELS)
    return sigma / 2**scale if normalised else sigma


def without_details(bands: Bands, scales: int | None = None) -> Bands:
    """Return the bands with the details of the finest scales set to zero.

    Parameters
    ----------
    bands : Bands
        As `decompose` returns them.
    scales : int, optional
        How many of the finest scales; all of them by default.

    Examples
    --------
    >>> bands = without_details(decompose(torch.rand(1, 1, 8, 8), 2), 1)
    >>> [bool(v.any()) for v in bands.details]
    [False, True]
    """
    _require_bands(bands)
    count = len(bands.details)
    scales = count if scales is None else require_whole(scales, "scales", 0, count)
    return replace(bands, details=tuple(torch.zeros_like(v) if k < scales else v for k, v in enumerate(bands.details)))


def _scaled(bands: Bands, sign: int) -> Bands:
    """Return the bands of scale j multiplied by `2 ** (sign * j)`."""
    details = tuple(v * 2.0 ** (sign * j) for j, v in enumerate(bands.details, 1))
    return replace(bands, low=bands.low * 2.0 ** (sign * len(details)), details=details, normalised=sign < 0)


def _wrapped(size: int, beyond: int, like: Tensor) -> Tensor:
    """Return the indices -beyond ... size + beyond - 1 of a periodic signal of `size` values."""
    return torch.arange(-beyond, size + beyond, device=like.device) % size


def _require_divisible(x: Tensor, levels: int, name: str) -> None:
    """Refuse what is no batch of pictures, and sizes that cannot be halved `levels` times."""
    require_batch(x, name, 4, values=isinstance(x, Tensor) and x.device.type == "cpu")  # a training does not wait
    height, width = x.shape[-2:]
    if height % 2**levels or width % 2**levels:
        possible = min((n & -n).bit_length() - 1 for n in (height, width))
        rest = f"use levels={possible}" if possible else "it allows none"
        raise ValueError(
            f"{name} has {height} x {width} pixels; {levels} levels expect multiples of {2**levels}. "
            f"Crop or pad it to {height - height % 2**levels or 2**levels} x {width - width % 2**levels or 2**levels},"
            f" or {rest}."
        )


def _require_bands(bands: Bands) -> None:
    """Refuse bands without tensors or of an unknown wavelet; whether they fit is seen scale by scale."""
    require_kind(bands, Bands, "bands")
    if not isinstance(bands.details, tuple | list) or not len(bands.details):
        raise ValueError(f"bands.details is {kind_of(bands.details)}; expected details of at least one scale.")
    require_batch(bands.low, "bands.low", 4)
    for scale, details in enumerate(bands.details, 1):
        require_batch(details, f"bands.details[{scale - 1}]", 4)
    taps(bands.wavelet)


def _require_details(details: Tensor, low: Tensor, name: str = "details") -> None:
    """Refuse details that do not belong to a low-pass picture (B, C, h, w)."""
    require_batch(details, name, 4)
    wanted = (len(low), 3 * low.shape[1], *low.shape[2:])
    if details.shape != wanted or details.dtype != low.dtype or details.device != low.device:
        raise ValueError(
            f"{name} is {kind_of(details)} on {details.device}; the low-pass picture of its scale is {kind_of(low)} on"
            f" {low.device}, so expected shape {wanted}. Use bands of one decomposition."
        )
