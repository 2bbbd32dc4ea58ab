"""Patches of four natural textures, each cut from one bundled photograph: brick, grass, gravel and a field of stars.

A photograph is a class, as in Kadkhodaie, Mallat & Simoncelli 2024. It is halved in size, and a square of 256 pixels of
it is divided into three bands of rows: patches to train on come from the first, to choose with from the second, to
measure on from the third. So no pixel of one band is in a patch of another.

A patch is a function of its split, a seed and an index: they pick its place, and whether it is mirrored.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.data.photographs import photos, texture
from dprior_lite.data.streams import settled, uniforms
from dprior_lite.gates.levels import float32_on_cpu
from dprior_lite.gates.numbers import require_whole

__all__ = ["TEXTURES", "texture_groups", "texture_patches"]

TEXTURES = ("brick", "grass", "gravel", "stars")
ROWS = {"train": (0, 144), "tune": (144, 192), "test": (192, 256)}  # of the halved photograph
SIDE = 256  # of the square that is used
GROUP = 4  # patches of one texture that a network sees together
_STARS = -1  # the place of the photograph among those to train on


def texture_patches(
    count: int, size: int = 32, seed: int = 0, start: int = 0, split: str = "train"
) -> tuple[Tensor, Tensor]:
    """Return patches of the textures in turn, (count, 1, size, size) in [0, 1], and their classes, (count,).

    Patch k is of texture `k % 4`, so the classes are balanced. Patches of one split may overlap each other; the four of
    a group of `texture_groups` do not.

    Parameters
    ----------
    count : int
        How many.
    size : int
        Side of a patch in pixels of the halved photograph, 8 to 48.
    seed : int
        Of the places.
    start : int
        Index of the first patch.
    split : {"train", "tune", "test"}
        Which rows of the photographs.

    Examples
    --------
    >>> x, classes = texture_patches(6)
    >>> x.shape, classes
    (torch.Size([6, 1, 32, 32]), tensor([0, 1, 2, 3, 0, 1]))
    """
    x, classes = _cut(count, 1, size, seed, start, split)
    return x.clone(), classes


def texture_groups(count: int, size: int = 32, seed: int = 0, start: int = 0, split: str = "train") -> Tensor:
    """Return groups of four patches of one texture, in the channels, that do not overlap: (count, 4, size, size).

    Group k is of texture `k % 4`.

    Parameters
    ----------
    count, size, seed, start, split
        As in `texture_patches`, in groups.

    Examples
    --------
    >>> texture_groups(2).shape
    torch.Size([2, 4, 32, 32])
    """
    return _cut(count, GROUP, size, seed, start, split)[0]


def _cut(count: int, group: int, size: int, seed: int, start: int, split: str) -> tuple[Tensor, Tensor]:
    """Return `count` groups of patches (count, group, size, size) and their classes (count,)."""
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    size = require_whole(size, "size", 8, 48)
    if not isinstance(split, str) or split not in ROWS:
        raise ValueError(f"There is no split {split!r} of the textures; expected one of {', '.join(ROWS)}.")
    places = range(start, start + count)
    squares = _squares()[:, ROWS[split][0] : ROWS[split][1]]  # (classes, rows, SIDE)
    with float32_on_cpu():
        numbers = uniforms(places, 2 + 2 + squares.shape[1] * SIDE // size**2, seed)
        groups = [_group(squares[k % len(TEXTURES)], u, group, size) for k, u in zip(places, numbers)]
        return torch.stack(groups), torch.tensor([k % len(TEXTURES) for k in places])


def _group(square: Tensor, u: Tensor, group: int, size: int) -> Tensor:
    """Return patches (group, size, size) of different cells of a grid that is shifted and mirrored as `u` says."""
    rows, columns = ((side - 1) // size for side in square.shape)
    down, right = (int(v * (side - n * size + 1)) for v, side, n in zip(u, square.shape, (rows, columns)))
    mirrored = [k + 1 for k in (0, 1) if u[2 + k] < 0.5]
    cells = u[4 : 4 + rows * columns].argsort(stable=True)[:group].tolist()
    corners = [(down + size * (cell // columns), right + size * (cell % columns)) for cell in cells]
    return torch.stack([square[i : i + size, j : j + size] for i, j in corners]).flip(mirrored)


@cache
def _squares() -> Tensor:
    """Return the four halved photographs, (4, SIDE, SIDE), in the order of `TEXTURES`."""
    with float32_on_cpu():
        found = [*(texture(name) for name in TEXTURES[:-1]), photos("train")[_STARS]]
        return settled(torch.cat([F.avg_pool2d(x.double(), 2)[0, :, :SIDE, :SIDE] for x in found]))
