"""Procedural portraits: gray pictures of faces, drawn from 28 continuous factors that are known.

A portrait is a function of a seed and an index. The two pick the factors, and the factors fix every pixel. So there are
as many portraits as wanted, none of them shows a person, and each can be moved along one factor by a known step.

The factors are independent and uniform. The numbers of index i are the blocks 8 i to 8 i + 7 of the counter-based
generator Philox with the seed as its key, so a portrait does not depend on which others are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from torch import Tensor

from dprior_lite.data.portrait_geometry import PortraitFactors
from dprior_lite.data.portrait_parts import draw_chunk
from dprior_lite.data.registry import record
from dprior_lite.gates.numbers import FLOATS, holds, kind_of, require_kind, require_whole

__all__ = ["RANGES", "PortraitFactors", "draw_portraits", "portrait_factors", "portraits"]

# the lowest and the highest value of each factor, see `PortraitFactors`
RANGES: dict[str, tuple[float, float]] = {
    "turn": (-0.50, 0.50),
    "tilt": (-0.20, 0.20),
    "lift": (-0.18, 0.18),
    "shift": (-0.12, 0.12),
    "width": (0.52, 0.66),
    "height": (0.68, 0.80),
    "jaw": (0.05, 0.30),
    "skin": (0.28, 0.92),
    "light_turn": (-1.35, 1.35),
    "light_strength": (0.35, 1.0),
    "eye_spacing": (0.34, 0.43),
    "eye_size": (0.15, 0.21),
    "gaze": (-1.0, 1.0),
    "brow_height": (0.20, 0.32),
    "brow_angle": (-0.30, 0.30),
    "nose_length": (0.27, 0.42),
    "nose_width": (0.09, 0.15),
    "mouth_width": (0.23, 0.38),
    "mouth_open": (0.0, 1.0),
    "smile": (-1.0, 1.0),
    "hair_length": (0.0, 1.0),
    "hair_volume": (0.04, 0.30),
    "hair_part": (-0.5, 0.5),
    "hair_tone": (0.03, 0.75),
    "beard": (0.0, 1.0),
    "background": (0.05, 0.95),
    "background_slope": (-0.40, 0.40),
    "clothes": (0.06, 0.90),
}
SMALLEST, LARGEST = 8, 512  # sides of a picture, in pixels
_BEYOND = 0.1  # how far a factor may leave its range, in widths of the range
_NUMBERS = 32  # of 64 bits, set aside for one index; a block of the generator holds four
_MOST_INDEX = 2**48
_SAMPLES, _AT_ONCE = 96, 2**16  # samples a side at least, and samples of all portraits that are drawn together


def portraits(count: int, size: int = 32, seed: int = 0, start: int = 0) -> Tensor:
    """Return the portraits `start` to `start + count - 1` of a seed, (count, 1, size, size) in [0, 1].

    Parameters
    ----------
    count : int
        How many, at least 1.
    size : int
        Side in pixels, 8 to 512.
    seed : int
        Each seed is a set of its own.
    start : int
        The first index. Sets that share no index share no portrait.

    Raises
    ------
    TypeError, ValueError
        If one of these is no whole number or out of its bounds.

    Examples
    --------
    >>> portraits(4).shape
    torch.Size([4, 1, 32, 32])
    >>> torch.equal(portraits(3)[1:], portraits(2, start=1))
    True
    """
    count, start = _whole(count, "count", 1, _MOST_INDEX), _whole(start, "start", 0, _MOST_INDEX)
    size = _whole(size, "size", SMALLEST, LARGEST)
    record("portraits")
    return draw_portraits(portrait_factors(range(start, start + count), seed), size)


def portrait_factors(indices: Sequence[int] | Tensor, seed: int = 0) -> PortraitFactors:
    """Return the factors of the portraits with these indices, tensors (N,), float32.

    Parameters
    ----------
    indices : range, sequence of int or Tensor
        N whole numbers from 0 to 2**48, in any order; a tensor is (N,).
    seed : int
        From 0 to 2**63 - 1.

    Raises
    ------
    TypeError, ValueError
        If there is no index, or one is no whole number or negative.

    Examples
    --------
    >>> factors = portrait_factors(range(1000))
    >>> factors.smile.shape, bool(factors.smile.abs().max() <= 1)
    (torch.Size([1000]), True)
    >>> portrait_factors([7]).skin == factors.skin[7]
    tensor([True])
    """
    places, seed = _indices(indices), _whole(seed, "seed", 0, 2**63 - 1)
    raw = np.empty((len(places), _NUMBERS), np.uint64)
    # neighbours share one generator
    breaks = (np.flatnonzero(np.diff(places) != 1) + 1).tolist()
    for first, last in zip([0, *breaks], [*breaks, len(places)], strict=True):
        philox = np.random.Philox(key=seed, counter=int(places[first]) * (_NUMBERS // 4))
        raw[first:last] = philox.random_raw((last - first) * _NUMBERS).reshape(-1, _NUMBERS)
    uniform = torch.from_numpy((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53)  # (N, 32) in [0, 1)
    columns = zip(RANGES.items(), uniform.T, strict=False)
    return PortraitFactors(**{name: (low + (high - low) * u).float() for (name, (low, high)), u in columns})


def draw_portraits(factors: PortraitFactors, size: int = 32) -> Tensor:
    """Return the pictures of these factors, (N, 1, size, size), float32 in [0, 1].

    Each pixel is the mean of several samples of a picture with soft edges, at least 96 samples along a side. Pictures
    are drawn in small batches, on the device of the factors. No gradient is recorded: a derivative by a factor is
    taken with two pictures a small step apart.

    Parameters
    ----------
    factors : PortraitFactors
        Tensors (N,). A factor may leave its range, as in `RANGES`, by a tenth of the width of the range.
    size : int
        Side in pixels, 8 to 512.

    Raises
    ------
    TypeError, ValueError
        If a factor is no finite floating-point tensor (N,) or far out of its range, or `size` is out of bounds.

    Examples
    --------
    >>> from dataclasses import replace
    >>> factors = portrait_factors(range(2))
    >>> brighter = replace(factors, skin=factors.skin + 0.05)
    >>> bool((draw_portraits(brighter).mean() > draw_portraits(factors).mean()))
    True
    """
    rows, size = _check(factors), _whole(size, "size", SMALLEST, LARGEST)
    fine = max(2, -(-_SAMPLES // size))  # samples of a pixel along a side
    pictures = []
    with torch.no_grad():
        for chunk in rows.split(max(1, _AT_ONCE // (size * fine) ** 2), dim=1):
            samples = draw_chunk(PortraitFactors(*chunk[..., None, None]), size * fine)  # (n, size fine, size fine)
            pictures.append(torch.nn.functional.avg_pool2d(samples[:, None], fine))
    return torch.cat(pictures)


def _whole(value: int, name: str, least: int, most: int) -> int:
    """Return a whole number within bounds; a truth value is refused."""
    if isinstance(value, bool):
        raise TypeError(f"{name} is {value}; expected a whole number from {least} to {most}.")
    return require_whole(value, name, least, most)


def _indices(indices: Sequence[int] | Tensor) -> np.ndarray:
    """Return indices as an array (N,) of whole numbers."""
    says = "expected whole numbers of at least 0, as in range(100), a list or a tensor (N,)."
    if isinstance(indices, str | bytes) or not isinstance(indices, Sequence | Tensor | np.ndarray):
        raise TypeError(f"indices is {kind_of(indices)}; {says}")
    if isinstance(indices, Tensor):
        indices = indices.detach().cpu().numpy()
    places = np.arange(indices.start, indices.stop, indices.step) if isinstance(indices, range) else _array(indices)
    if places.ndim != 1 or not len(places):
        raise ValueError(f"indices has shape {places.shape}; {says} Give at least one.")
    if places.dtype.kind not in "iu":
        raise TypeError(f"indices holds values of the type {places.dtype}; {says}")
    if places.min() < 0 or places.max() > _MOST_INDEX:
        raise ValueError(f"indices holds values from {places.min()} to {places.max()}; {says} The most is 2**48.")
    return places.astype(np.int64)


def _array(values: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return a sequence as an array, or an array of another kind where it holds something else."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError, OverflowError):
        return np.asarray([None])


def _check(factors: PortraitFactors) -> Tensor:
    """Return the factors as one float32 tensor (28, N), after a look at each."""
    require_kind(factors, PortraitFactors, "factors")
    values = {field.name: getattr(factors, field.name) for field in fields(factors)}
    for name, value in values.items():
        says = f"Expected {len(values)} tensors (N,), float32, as from portrait_factors."
        if not isinstance(value, Tensor) or value.dtype not in FLOATS:
            raise TypeError(f"The factor {name} is {kind_of(value)}. {says}")
        if value.ndim != 1 or not len(value) or value.shape != values["turn"].shape:
            raise ValueError(f"The factor {name} has shape {tuple(value.shape)}. {says} N is the same for all.")
        low, high = RANGES[name]
        slack = _BEYOND * (high - low) + 1e-6
        if not holds(((value >= low - slack) & (value <= high + slack)).all()):
            raise ValueError(
                f"The factor {name} spans [{float(value.min()):.3g}, {float(value.max()):.3g}]. Expected finite values"
                f" from {low:g} to {high:g}, or a tenth of that range beyond."
            )
    return torch.stack([value.detach().float() for value in values.values()])
