"""Procedural portraits: gray pictures of faces drawn from 28 known continuous factors.

A portrait is a function of a seed and an index. The index picks the factors, and the factors fix every pixel, so there
are as many portraits as wanted and each one can be moved along a factor by a known step. The drawing itself stands in
`portrait_parts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from dprior_lite import used
from dprior_lite.data.portrait_parts import draw_chunk
from dprior_lite.gates.numbers import require_whole

_LEAST_SIZE, _FINE, _CHUNK = 8, 96, 2**16  # smallest side, samples a side at least, samples drawn at a time
_DRAWS = 32  # numbers set aside for one index, in blocks of four
_MOST_INDEX = 2**48

# every factor is uniform between these two values
RANGES = {
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


@dataclass(frozen=True)
class PortraitFactors:
    """Factors of N portraits, each a tensor (N,)."""

    turn: Tensor
    tilt: Tensor
    lift: Tensor
    shift: Tensor
    width: Tensor
    height: Tensor
    jaw: Tensor
    skin: Tensor
    light_turn: Tensor
    light_strength: Tensor
    eye_spacing: Tensor
    eye_size: Tensor
    gaze: Tensor
    brow_height: Tensor
    brow_angle: Tensor
    nose_length: Tensor
    nose_width: Tensor
    mouth_width: Tensor
    mouth_open: Tensor
    smile: Tensor
    hair_length: Tensor
    hair_volume: Tensor
    hair_part: Tensor
    hair_tone: Tensor
    beard: Tensor
    background: Tensor
    background_slope: Tensor
    clothes: Tensor


_NAMES = tuple(field.name for field in fields(PortraitFactors))


def portrait_factors(indices: Sequence[int] | Tensor, seed: int = 0) -> PortraitFactors:
    """Return the factors of the portraits with these indices."""
    places, seed = _check_indices(indices), require_whole(seed, "seed", 0, 2**63 - 1)
    raw = np.empty((len(places), _DRAWS), np.uint64)
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    for first, last in zip([0, *breaks], [*breaks, len(places)], strict=True):
        counter = int(places[first]) * (_DRAWS // 4)
        raw[first:last] = (
            np.random.Philox(key=seed, counter=counter).random_raw((last - first) * _DRAWS).reshape(-1, _DRAWS)
        )
    uniform = torch.from_numpy((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53)
    return PortraitFactors(
        **{name: (low + (high - low) * uniform[:, k]).float() for k, (name, (low, high)) in enumerate(RANGES.items())}
    )


def _check_indices(indices) -> np.ndarray:
    return np.asarray(indices, dtype=np.int64)


def draw_portraits(factors: PortraitFactors, size: int = 32) -> Tensor:
    """Return the pictures (N, 1, size, size) of these factors, float32 in [0, 1]."""
    size = require_whole(size, "size", _LEAST_SIZE)
    n, fine = len(factors.turn), max(2, -(-_FINE // size))
    pictures = torch.empty(n, 1, size, size)
    step = max(1, _CHUNK // (size * fine) ** 2)
    for k in range(0, n, step):
        some = PortraitFactors(*(getattr(factors, name)[k : k + step, None, None] for name in _NAMES))
        drawn = draw_chunk(some, size * fine)
        pictures[k : k + step, 0] = torch.nn.functional.avg_pool2d(drawn[:, None], fine)[:, 0]
    return pictures


def portraits(count: int, size: int = 32, seed: int = 0, start: int = 0) -> Tensor:
    """Return the portraits with indices `start` to `start + count - 1`."""
    used.record("data", "portraits", "1")
    return draw_portraits(portrait_factors(range(start, start + count), seed), size)
