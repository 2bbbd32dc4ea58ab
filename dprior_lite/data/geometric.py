"""Pictures whose geometry is known: regular regions with a regular contour, sines of one frequency, shuffled pixels.

Each generator is a function of (seed, index): a picture is the same in every batch and every order. Training and test
pictures come from different seeds, or from different indices of one seed.

`c_alpha` draws the pictures of Kadkhodaie, Guth, Simoncelli & Mallat 2024, section 3. Two backgrounds and the contour
between them are white noise whose Fourier coefficients are divided by the frequency to the power alpha. The PSNR of
the best denoiser of this class rises by alpha / (alpha + 1) dB for each dB of the input. Two things differ from the
paper. The contour is not rounded to pixels: a pixel that it cuts is a mean of both sides, weighted by area. And the two
backgrounds never overlap in gray level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.data.streams import settled, uniforms
from dprior_lite.gates.levels import float32_on_cpu, require_batch
from dprior_lite.gates.numbers import kind_of, require_number, require_whole

__all__ = [
    "c_alpha",
    "c_alpha_with_contour",
    "contour_distance",
    "shuffle_pixels",
    "sinusoid_basis",
    "sinusoids",
    "unshuffle_pixels",
]

GAP = 0.1  # least difference in gray level across the contour
BLOCK = 256  # pictures that are drawn at once
_PARTS = 8  # vertical strips of a pixel, in which the contour counts as level


def c_alpha(count: int, alpha: float, size: int = 64, seed: int = 0, start: int = 0) -> Tensor:
    """Return pictures of two smooth regions and a smooth contour, (count, 1, size, size), float32 in [0, 1].

    Parameters
    ----------
    count : int
        How many.
    alpha : float
        Regularity of both backgrounds and of the contour, above 0; the paper has 1 to 5.
    size : int
        Side of the picture in pixels.
    seed : int
        Seed of the class. With the same seed and index, pictures of different `alpha` come from the same white noise.
    start : int
        Index of the first picture.

    Examples
    --------
    >>> x = c_alpha(3, alpha=2, size=32, start=5)
    >>> x.shape, torch.equal(x[1:2], c_alpha(1, alpha=2, size=32, start=6))
    (torch.Size([3, 1, 32, 32]), True)
    """
    return c_alpha_with_contour(count, alpha, size, seed, start)[0]


def c_alpha_with_contour(
    count: int, alpha: float, size: int = 64, seed: int = 0, start: int = 0
) -> tuple[Tensor, Tensor]:
    """Return the pictures of `c_alpha` and the heights of their contours.

    Parameters
    ----------
    count, alpha, size, seed, start
        As in `c_alpha`.

    Returns
    -------
    x : Tensor
        Pictures (count, 1, size, size).
    contour : Tensor
        (count, size): height of the contour at the centre of each column, in pixels below the upper border; pixel i
        covers [i, i + 1].

    Examples
    --------
    >>> x, contour = c_alpha_with_contour(2, alpha=3)
    >>> contour.shape
    torch.Size([2, 64])
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    alpha, size = require_number(alpha, "alpha", above=0, most=100), require_whole(size, "size", 4)
    indices = range(start, start + count)
    with float32_on_cpu():
        parts = [_c_alpha_block(indices[k : k + BLOCK], alpha, size, seed) for k in range(0, count, BLOCK)]
    return torch.cat([x for x, _ in parts]), torch.cat([contour for _, contour in parts])


def _c_alpha_block(indices: Sequence[int], alpha: float, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return pictures (N, 1, size, size) and contours (N, size) of a few indices."""
    u = uniforms(indices, 3 + size + 2 * size**2, seed)
    levels, white = u[:, :3, None, None], 2 * u[:, 3:] - 1
    contour, strips = _contour(white[:, :size], alpha)
    below = _share_below(strips)  # (N, size, size)

    # backgrounds in [0, 1], then one bright and one dark
    regions = _smooth_fields(white[:, size:].reshape(-1, 2, size, size), alpha)
    ends = (1 - GAP) * levels[:, :2].sort(1).values  # (N, 2, 1, 1)
    dark, bright = ends[:, 0] * regions[:, 0], GAP + ends[:, 1] + (1 - GAP - ends[:, 1]) * regions[:, 1]
    under = torch.where(levels[:, 2] < 0.5, dark, bright)
    x = below * under + (1 - below) * (dark + bright - under)
    return settled(x[:, None].clamp(0, 1)), settled(contour)


def _contour(white: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Return heights in pixels at column centres (N, size), and in the strips of each column (N, strips, size)."""
    size = white.shape[-1]
    k = torch.arange(size // 2 + 1, dtype=white.dtype)
    spectrum = torch.fft.rfft(white) * k.clamp_min(1) ** -alpha  # (N, size // 2 + 1)
    places = (torch.arange(_PARTS, dtype=white.dtype) + 0.5) / _PARTS - 0.5  # from the centre of a column, in columns
    turned = spectrum[:, None] * torch.exp(2j * math.pi * places[:, None] * k / size)
    # the amplitude of the paper's at 64 pixels; at other sizes the same share of the picture
    scale = size * (size / 64) ** 0.5
    return tuple(size / 2 + scale * torch.fft.irfft(v, n=size) for v in (spectrum, turned))


def _share_below(strips: Tensor) -> Tensor:
    """Return the share of each pixel that lies below the contour, (N, size, size)."""
    lower_ends = torch.arange(1, strips.shape[-1] + 1)[:, None]
    return sum((lower_ends - heights[:, None]).clamp(0, 1) for heights in strips.unbind(1)) / strips.shape[1]


def _smooth_fields(white: Tensor, alpha: float) -> Tensor:
    """Return white noise (N, 2, size, size) divided by frequency to the power alpha, each field from 0 to 1."""
    size = white.shape[-1]
    down = torch.fft.fftfreq(size, 1 / size, dtype=white.dtype)[:, None]
    frequency = torch.hypot(down, torch.fft.rfftfreq(size, 1 / size, dtype=white.dtype))
    fields = torch.fft.irfft2(torch.fft.rfft2(white) * frequency.clamp_min(1) ** -alpha, s=(size, size))
    low, high = fields.amin((-2, -1), keepdim=True), fields.amax((-2, -1), keepdim=True)
    return (fields - low) / (high - low)


def contour_distance(contour: Tensor) -> Tensor:
    """Return the distance of each pixel's centre from its contour, (N, size, size), in pixels.

    The contour counts as straight between the centres of two columns.

    Parameters
    ----------
    contour : Tensor
        Heights (N, size) from `c_alpha_with_contour`.

    Examples
    --------
    >>> contour_distance(torch.full((1, 4), 2.0))[0, :, 0]
    tensor([1.5000, 0.5000, 0.5000, 1.5000])
    """
    contour = require_batch(contour, "contour", 2)
    size = require_whole(contour.shape[1], "the number of columns of contour", 2)
    centres = torch.arange(size, dtype=contour.dtype, device=contour.device) + 0.5
    rows, columns = torch.meshgrid(centres, centres, indexing="ij")
    nearest = torch.full((len(contour), size, size), math.inf, dtype=contour.dtype, device=contour.device)
    for j in range(size - 1):  # from the point (j + 1/2, a) to (j + 3/2, a + rise)
        a, rise = contour[:, j, None, None], (contour[:, j + 1] - contour[:, j])[:, None, None]
        right, down = columns - centres[j], rows - a  # (size, size) and (N, size, size)
        along = ((right + down * rise) / (1 + rise**2)).clamp(0, 1)
        nearest = torch.minimum(nearest, torch.hypot(right - along, down - along * rise))
    return nearest


def sinusoid_basis(size: int = 64, frequency: tuple[int, int] = (1, 1)) -> Tensor:
    """Return the two sines in quadrature that span `sinusoids`, (2, size * size), orthonormal, float32.

    Parameters
    ----------
    size : int
        Side of the picture in pixels.
    frequency : (int, int)
        Cycles per picture downwards and to the right, each below `size / 2` in size, and not both zero.

    Examples
    --------
    >>> basis = sinusoid_basis(16)
    >>> torch.allclose(basis @ basis.mT, torch.eye(2), atol=1e-6)
    True
    """
    size = require_whole(size, "size", 4)
    says = "expected two whole numbers of cycles per picture, such as (1, 1)"
    if not isinstance(frequency, Sequence) or isinstance(frequency, str) or len(frequency) != 2:
        raise TypeError(f"frequency is {kind_of(frequency)}; {says}.")
    most = (size - 1) // 2
    down, right = (
        require_whole(f, "a number of frequency", -most, most, "It is in cycles per picture.") for f in frequency
    )
    if down == right == 0:
        raise ValueError(f"frequency is (0, 0), a flat picture; {says}.")
    with float32_on_cpu():
        centres = (torch.arange(size, dtype=torch.float64) + 0.5) / size
        phase = (2 * math.pi * (down * centres[:, None] + right * centres)).flatten()
        return (torch.stack([phase.cos(), phase.sin()]) * (2**0.5 / size)).float()


def sinusoids(count: int, size: int = 64, seed: int = 0, start: int = 0, frequency: tuple[int, int] = (1, 1)) -> Tensor:
    """Return sines of one frequency, of random phase and intensity, (count, 1, size, size), float32 in [0, 1].

    Each is `1/2 + a/2 sin(2 pi k.u + phase)`, with the intensity a uniform in [0, 1). So `x - 1/2` lies in the plane of
    `sinusoid_basis`. A network without additive constants must keep the flat picture as well: three directions.

    Parameters
    ----------
    count : int
        How many.
    size, frequency
        As in `sinusoid_basis`.
    seed, start : int
        Picture k is that of (seed, start + k).

    Examples
    --------
    >>> x, basis = sinusoids(2), sinusoid_basis()
    >>> outside = (x - 0.5).flatten(1) - (x - 0.5).flatten(1) @ basis.mT @ basis
    >>> bool(outside.abs().max() < 1e-6)
    True
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    basis = sinusoid_basis(size, frequency)
    amplitude, phase = uniforms(range(start, start + count), 2, seed).unbind(1)
    weights = amplitude * torch.stack([(2 * math.pi * phase).sin(), (2 * math.pi * phase).cos()])  # (2, count)
    waves = (weights.T @ basis.double()) * (size / 2**1.5)
    return settled((0.5 + waves).clamp(0, 1)).reshape(count, 1, size, size)


def _order(pixels: int, seed: int) -> Tensor:
    """Return one fixed permutation of `pixels` numbers."""
    return uniforms([0], pixels, seed)[0].argsort(stable=True)


def shuffle_pixels(x: Tensor, seed: int = 0) -> Tensor:
    """Return pictures (B, C, H, W) with their pixels in another order, one fixed order for a size and a seed.

    All channels are moved alike. It takes noisy pictures and eigenvectors too.

    Examples
    --------
    >>> x = torch.rand(2, 1, 8, 8)
    >>> torch.equal(unshuffle_pixels(shuffle_pixels(x)), x)
    True
    """
    flat = require_batch(x, "x", 4).flatten(2)
    return flat[..., _order(flat.shape[-1], seed).to(x.device)].reshape(x.shape)


def unshuffle_pixels(x: Tensor, seed: int = 0) -> Tensor:
    """Return pictures (B, C, H, W) with their pixels put back in order after `shuffle_pixels`.

    Examples
    --------
    >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> unshuffle_pixels(shuffle_pixels(x, seed=3), seed=3).flatten()
    tensor([0., 1., 2., 3.])
    """
    flat = require_batch(x, "x", 4).flatten(2)
    return flat[..., _order(flat.shape[-1], seed).argsort().to(x.device)].reshape(x.shape)
