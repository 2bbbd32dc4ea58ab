"""Digits measured with noise of standard deviation 0.1, of which the decoders know.

The optimised rows are those of om-4, trained without noise; beside them stand rows that were trained with this noise.
"""

from __future__ import annotations

from dprior_lite.course.lab import optimal_digits as digits
from dprior_lite.course.measurements import Numbers

NOISE = 0.1
PART = 4


def keys() -> list[str]:
    """Return the items; the first is cheap, and a page repeats it."""
    plain = [f"{kind}, {k}" for kind in ("pca", "mse", "random") for k in digits.SIZES[1:]]
    return ["a few", *plain, "noise, 32"]


def measure(key: str) -> Numbers:
    """Return the errors and the SSIM of every digit by prior and by formula, and the share of PCA's variance."""
    if key == "a few":
        return digits.numbers_of("pca", 32, noise=NOISE, count=PART)
    kind, k = key.split(", ")
    return digits.numbers_of(kind, int(k), noise=NOISE)
