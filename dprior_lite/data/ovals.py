"""Textures of ovals: the aspect ratio of the ovals is the class, so that what lies between two classes is known.

A picture has many soft-edged ovals on a dark ground, all of one aspect ratio: height over width. Their centres, sizes
and gray levels are random. A picture is a function of its aspect ratio, a seed and an index. With the same seed and
index, pictures of two aspect ratios have ovals of the same areas and gray levels at the same places.

The first such set, with five aspect ratios, is that of Kadkhodaie, Mallat & Simoncelli 2024.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.data.streams import settled, uniforms
from dprior_lite.gates.levels import float32_on_cpu
from dprior_lite.gates.numbers import kind_of, require_number, require_whole

__all__ = [
    "ASPECT_RATIOS",
    "GROUP",
    "HELD_OUT_RATIOS",
    "TRAINED_RATIOS",
    "oval_groups",
    "ovals",
    "ovals_of_classes",
]

LARGEST_RATIO = 7.0
ASPECT_RATIOS = tuple(round(LARGEST_RATIO ** ((k - 9) / 9), 4) for k in range(19))  # log-spaced, 1 in the middle
HELD_OUT_RATIOS = ASPECT_RATIOS[10:13]  # no network of the course was trained on them
TRAINED_RATIOS = tuple(ratio for ratio in ASPECT_RATIOS if ratio not in HELD_OUT_RATIOS)
GROUP = 4  # pictures of one class that a network sees together
GROUND, LEVELS = 0.1, (0.6, 1.0)  # gray
OVALS = 12  # in a picture of 32 x 32 pixels; at other sizes as many an area
RADII = (2.8, 3.4)  # in pixels, of a circle of the same area
BLOCK = 64  # pictures that are drawn at once


def ovals(count: int, aspect_ratio: float, size: int = 32, seed: int = 0, start: int = 0) -> Tensor:
    """Return textures of ovals of one aspect ratio, (count, 1, size, size), float32 in [0, 1].

    Parameters
    ----------
    count : int
        How many.
    aspect_ratio : float
        Height over width of every oval, from 1/8 to 8.
    size : int
        Side of the picture in pixels, at least 8.
    seed : int
        Seed of the class.
    start : int
        Index of the first picture.

    Examples
    --------
    >>> x = ovals(3, aspect_ratio=2, start=5)
    >>> x.shape, torch.equal(x[1:2], ovals(1, aspect_ratio=2, start=6))
    (torch.Size([3, 1, 32, 32]), True)
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    ratio = require_number(aspect_ratio, "aspect_ratio", least=1 / 8, most=8, hint="It is height over width.")
    return _drawn(range(start, start + count), [ratio] * count, require_whole(size, "size", 8), seed)


def ovals_of_classes(
    count: int,
    size: int = 32,
    seed: int = 0,
    start: int = 0,
    ratios: Sequence[float] = TRAINED_RATIOS,
) -> tuple[Tensor, Tensor]:
    """Return textures of several classes in turn, (count, 1, size, size), and their classes, (count,).

    Picture k has the class `k % len(ratios)` and is picture `k // len(ratios)` of it, so the classes are balanced.

    Parameters
    ----------
    count, size, seed, start
        As in `ovals`.
    ratios : sequence of float
        Aspect ratio of each class.

    Examples
    --------
    >>> x, classes = ovals_of_classes(3, start=4, ratios=(0.5, 2))
    >>> classes, torch.equal(x[1:2], ovals(1, 2, start=2))
    (tensor([0, 1, 0]), True)
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    ratios, size = _ratios(ratios), require_whole(size, "size", 8)
    places = range(start, start + count)
    x = _drawn([k // len(ratios) for k in places], [ratios[k % len(ratios)] for k in places], size, seed)
    return x, torch.tensor([k % len(ratios) for k in places], device="cpu")


def oval_groups(count: int, size: int = 32, seed: int = 0, start: int = 0) -> Tensor:
    """Return groups of four different textures of one class, in the channels: (count, 4, size, size) in [0, 1].

    Group k has class `k % 16` of `TRAINED_RATIOS`, and in all groups of a class no picture occurs twice.

    Parameters
    ----------
    count, size, seed, start
        As in `ovals`, in groups.

    Examples
    --------
    >>> groups = oval_groups(2)
    >>> groups.shape, torch.equal(groups[1, 2:3], ovals(1, TRAINED_RATIOS[1], start=2)[0])
    (torch.Size([2, 4, 32, 32]), True)
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    size, classes = require_whole(size, "size", 8), len(TRAINED_RATIOS)
    groups = range(start, start + count)
    indices = [GROUP * (g // classes) + j for g in groups for j in range(GROUP)]
    ratios = [TRAINED_RATIOS[g % classes] for g in groups for _ in range(GROUP)]
    return _drawn(indices, ratios, size, seed).reshape(count, GROUP, size, size)


def _ratios(ratios: Sequence[float]) -> list[float]:
    """Return the aspect ratios of some classes, or refuse what are none."""
    if not isinstance(ratios, Sequence) or isinstance(ratios, str) or not ratios:
        raise TypeError(f"ratios is {kind_of(ratios)}; expected aspect ratios, height over width, such as (0.5, 2).")
    hint = "It is height over width."
    return [require_number(ratio, "an aspect ratio", least=1 / 8, most=8, hint=hint) for ratio in ratios]


def _drawn(indices: Sequence[int], ratios: Sequence[float], size: int, seed: int) -> Tensor:
    """Return the pictures of some indices and aspect ratios, (N, 1, size, size)."""
    with float32_on_cpu():
        blocks = [slice(k, k + BLOCK) for k in range(0, len(indices), BLOCK)]
        return torch.cat([_block(indices[block], ratios[block], size, seed) for block in blocks])


def _block(indices: Sequence[int], ratios: Sequence[float], size: int, seed: int) -> Tensor:
    """Return a few pictures, painted oval by oval."""
    many = max(1, round(OVALS * (size / 32) ** 2))
    numbers = uniforms(indices, 4 * many, seed).reshape(-1, many, 4, 1, 1)
    stretch = torch.tensor(ratios, dtype=torch.float64).sqrt()[:, None, None]
    centres = torch.arange(size, dtype=torch.float64) + 0.5

    x = torch.full((len(indices), size, size), GROUND, dtype=torch.float64)
    for oval in numbers.unbind(1):
        cx, cy = (-2 + (size + 4) * oval[:, k] for k in (0, 1))  # some reach in from outside
        radius = RADII[0] + (RADII[1] - RADII[0]) * oval[:, 2]
        level = LEVELS[0] + (LEVELS[1] - LEVELS[0]) * oval[:, 3]
        share = _inside(centres - cx, centres[:, None] - cy, radius / stretch, radius * stretch)
        x = x + share * (level - x)
    return settled(x[:, None].clamp(0, 1))


def _inside(right: Tensor, down: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return how far each pixel lies in an oval of half axes `a` across and `b` down, from 0 to 1.

    The edge rises over two pixels as a smooth step; the distance from it is that of the tangent line.
    """
    across, along = (right / a).square(), (down / b).square()  # (N, 1, size), (N, size, 1)
    rho = (across + along).sqrt()
    slope = (across / a**2 + along / b**2).sqrt()  # rho times the length of its gradient
    depth = ((1 - rho) * rho / slope.clamp_min(1e-9)).clamp_(-1, 1)
    depth = torch.where(rho < 1e-6, torch.minimum(a, b).clamp(max=1), depth)
    return 0.5 + depth * (0.75 - 0.25 * depth.square())
