"""Correlation of the features at two levels of noise, block by block (se-2), for three kinds of pictures.

One item is one network, trained or not, and one draw of the noise.
"""

from __future__ import annotations

from dprior_lite.course.chapters.draft13.measured.se_1 import PICTURES, keys
from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers

LEVELS = (0.1, 0.4)

__all__ = ["keys", "measure"]


def measure(key: str) -> Numbers:
    """Return the correlation of what leaves each block, over pictures and channels, and the medians over channels."""
    kind, what, seed = key.split(", ")
    number = int(seed.removeprefix("seed "))
    untrained = number if what == "untrained" else None
    low, high = (middles.profile(kind, sigma, number, untrained, PICTURES) for sigma in LEVELS)
    return {"correlation": [middles.correlation(low[b].output, high[b].output) for b in middles.BLOCKS]}
