"""Discs: five numbers a picture, so a class of dimension five whose tangent space is known.

A disc is `x = background + (foreground - background) S(radius - rho)`, rho the distance of a pixel from the centre. The
edge S rises from 0 to 1 over two pixels as a raised cosine, whose slope is one pixel wide at half its height: smooth
enough for derivatives, sharp enough for an edge, and free of visible steps. Coordinates are in pixels: pixel (i, j)
covers [j, j + 1] x [i, i + 1]; `cx` counts to the right and `cy` downwards.

Near a disc the clean pictures are a five-dimensional plane, spanned by the derivatives by the five numbers. At low
noise the best denoiser projects onto it (Kadkhodaie, Guth, Simoncelli & Mallat 2024).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from dprior_lite.data.streams import settled, uniforms
from dprior_lite.gates.levels import float32_on_cpu
from dprior_lite.gates.numbers import FLOATS, holds, kind_of, require_kind, require_number, require_whole

__all__ = ["Discs", "disc_parameters", "disc_tangent", "discs", "draw_discs"]

_FLAT = 1e-3  # a derivative that is this close to the span of the others adds no direction


@dataclass(frozen=True)
class Discs:
    """The five numbers of N discs, each (N,): centre and radius in pixels, gray levels inside and outside."""

    cx: Tensor
    cy: Tensor
    radius: Tensor
    foreground: Tensor
    background: Tensor

    def numbers(self) -> tuple[Tensor, ...]:
        """Return the five tensors (N,) in order."""
        return tuple(getattr(self, field.name) for field in fields(self))


def disc_parameters(
    indices: Sequence[int], size: int = 64, seed: int = 0, smallest: float = 5.0, contrast: float = 0.0
) -> Discs:
    """Return the five numbers of the discs with these indices, float32, drawn from (seed, index).

    The centre is uniform in the picture, an eighth of its side or `smallest` away from the border; the radius is
    uniform from `smallest` to the distance to the border; both gray levels are uniform.

    Parameters
    ----------
    indices : sequence of int
        N whole numbers, at least 0.
    size : int
        Side of the picture in pixels.
    seed : int
        Seed of the class.
    smallest : float
        Least radius in pixels, at least 1 and at most half of `size`.
    contrast : float
        Least difference of the two gray levels, from 0 to below 1.

    Examples
    --------
    >>> found = disc_parameters(range(100), size=32, contrast=0.3)
    >>> bool((found.foreground - found.background).abs().min() >= 0.3), bool(found.radius.min() >= 5)
    (True, True)
    """
    size = require_whole(size, "size", 4)
    smallest = require_number(smallest, "smallest", least=1, most=size / 2, hint="It is a radius inside the picture.")
    contrast = require_number(contrast, "contrast", least=0, below=1)
    u = uniforms(indices, 5, seed)  # (N, 5)
    margin = max(size / 8, smallest)
    cx, cy = (margin + (size - 2 * margin) * u[:, k] for k in (0, 1))
    border = torch.stack([cx, cy, size - cx, size - cy]).amin(0)
    radius = smallest + (border - smallest) * u[:, 2]
    inside, outside = (1 - contrast) * u[:, 3], (1 - contrast) * u[:, 4]
    brighter = inside > outside
    inside, outside = inside + contrast * brighter, outside + contrast * ~brighter
    return Discs(*(v.float() for v in (cx, cy, radius, inside, outside)))


def draw_discs(parameters: Discs, size: int = 64) -> Tensor:
    """Return the pictures of discs, (N, 1, size, size), differentiable in the five numbers.

    Parameters
    ----------
    parameters : Discs
        Five floating-point tensors (N,) on one device.
    size : int
        Side of the picture in pixels.

    Raises
    ------
    TypeError, ValueError
        If a tensor has another shape or type, holds NaN, or a radius is not positive.

    Examples
    --------
    >>> x = draw_discs(disc_parameters([0, 1]))
    >>> x.shape, x.dtype
    (torch.Size([2, 1, 64, 64]), torch.float32)
    """
    numbers, size = _checked(parameters), require_whole(size, "size", 4)
    inside, outside = (v[:, None, None] for v in numbers[3:])
    depth = _from_edge(parameters, size)[0]
    return (outside + (inside - outside) * _edge(depth))[:, None]  # (N, 1, size, size)


def _from_edge(parameters: Discs, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return how deep inside each pixel lies, from -1 to 1, and the two parts of its direction from the centre.

    Each is (N, size, size): depth in pixels, then the direction to the right and downwards.
    """
    cx, cy, radius = (v[:, None, None] for v in parameters.numbers()[:3])
    centres = torch.arange(size, dtype=cx.dtype, device=cx.device) + 0.5
    right, down = centres - cx, centres[:, None] - cy
    # the root has no derivative at zero
    rho = (right**2 + down**2).clamp_min(1e-12).sqrt()  # (N, size, size)
    return (radius - rho).clamp(-1, 1), right / rho, down / rho


def _edge(depth: Tensor) -> Tensor:
    """Return the profile of the edge, from 0 at a depth of -1 to 1 at a depth of 1."""
    return (1 + depth + (math.pi * depth).sin() / math.pi) / 2


def discs(
    count: int, size: int = 64, seed: int = 0, start: int = 0, smallest: float = 5.0, contrast: float = 0.0
) -> Tensor:
    """Return `count` pictures of one disc each, (count, 1, size, size), float32 in [0, 1].

    Picture k is that of (seed, start + k); its numbers are `disc_parameters([start + k], size, seed, ...)`.

    Parameters
    ----------
    count : int
        How many.
    size, seed, smallest, contrast
        As in `disc_parameters`.
    start : int
        Index of the first picture.

    Examples
    --------
    >>> torch.equal(discs(3, start=5)[1:2], discs(1, start=6))
    True
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    with float32_on_cpu():
        parameters = disc_parameters(range(start, start + count), size, seed, smallest, contrast)
        return settled(draw_discs(Discs(*(v.double() for v in parameters.numbers())), size))


def disc_tangent(parameters: Discs, size: int = 64) -> Tensor:
    """Return an orthonormal basis of the tangent space at each disc, (N, 5, size * size).

    It spans the derivatives of `draw_discs` by the five numbers, in their order.

    Parameters
    ----------
    parameters : Discs
        Five floating-point tensors (N,).
    size : int
        Side of the picture in pixels.

    Raises
    ------
    ValueError
        If a disc has fewer than five directions: no contrast, or an edge outside the picture.

    Examples
    --------
    >>> basis = disc_tangent(disc_parameters([0, 1]), 64)
    >>> basis.shape, torch.allclose(basis @ basis.mT, torch.eye(5), atol=1e-5)
    (torch.Size([2, 5, 4096]), True)
    """
    size = require_whole(size, "size", 4)
    still = Discs(*(v.detach() for v in _checked(parameters)))
    depth, right, down = _from_edge(still, size)
    share = _edge(depth)
    slope = (still.foreground - still.background)[:, None, None] * (1 + (math.pi * depth).cos()) / 2
    # by cx, cy, radius, foreground and background
    derivatives = [slope * right, slope * down, slope, share, 1 - share]
    directions = torch.stack(derivatives, -1).flatten(1, 2)  # (N, d, 5)
    directions = directions / directions.norm(dim=1, keepdim=True).clamp_min(1e-12)
    basis, triangle = torch.linalg.qr(directions)
    flat = triangle.diagonal(dim1=1, dim2=2).abs().amin(1) < _FLAT
    if bool(flat.any()):
        first = int(flat.nonzero()[0])
        raise ValueError(
            f"Disc {first} has fewer than five directions at {size} pixels: its two gray levels are equal, or its edge"
            " is outside the picture. Give discs with contrast inside the picture."
        )
    return basis.mT  # (N, 5, d)


def _checked(parameters: Discs) -> tuple[Tensor, ...]:
    """Return the five tensors of `parameters`, or refuse what are no numbers of discs."""
    numbers = require_kind(parameters, Discs, "parameters").numbers()
    first = numbers[0]
    for name, v in zip((field.name for field in fields(Discs)), numbers):
        if not isinstance(v, Tensor) or v.dtype not in FLOATS or v.ndim != 1:
            raise TypeError(f"{name} is {kind_of(v)}; expected a float32 or float64 tensor of shape (N,).")
        if v.shape != first.shape or v.dtype != first.dtype or not len(v):
            raise ValueError(f"{name} is {kind_of(v)}; expected one number a disc, as cx: {kind_of(first)}.")
        if not holds(v.isfinite().all()):
            raise ValueError(f"{name} holds NaN or infinite values; expected finite numbers.")
    if not holds((parameters.radius > 0).all()):
        raise ValueError(f"The smallest radius is {float(parameters.radius.min()):g}; expected radii above 0 pixels.")
    return numbers
