"""Correlation of the features at two levels of noise, block by block (se-2), for three kinds of pictures.

One item is one network, trained or not, and one draw of the noise.
"""

from __future__ import annotations

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers

PICTURES, LEVELS = 200, (0.1, 0.4)


def keys() -> list[str]:
    """Return the items."""
    return middles.keys()


def measure(key: str) -> Numbers:
    """Return the correlation of what leaves each block, over pictures and channels."""
    kind, seed, untrained = middles.of_key(key)
    low, high = (middles.profile(kind, sigma, seed, untrained, PICTURES) for sigma in LEVELS)
    return {"correlation": [middles.correlation(low[b].output, high[b].output) for b in middles.BLOCKS]}
