"""Digits by principal and independent components, random and optimised rows, decoded by formula and by the prior.

The claims om-4 and om-5 rest on these numbers: the squared error and the SSIM of every test digit. Eight principal
components stand beside them, read by one sample and by the mean of four.
"""

from __future__ import annotations

from dprior_lite.course.lab import optimal_digits as digits
from dprior_lite.course.measurements import Numbers

#: What a page repeats: so many digits of an item.
PART = 4


def keys() -> list[str]:
    """Return the items: rows, number and seed; the first is cheap, and a page repeats it."""
    plain = [f"{kind}, {k}, 0" for kind in ("pca", "mse", "random", "ica") for k in digits.SIZES]
    again = [f"{kind}, {k}, 1" for kind in ("pca", "random") for k in digits.SIZES]
    return ["a few", *plain, *again, "pca, 8, 0", "pca, 8, one sample"]


def measure(key: str) -> Numbers:
    """Return the errors and the SSIM of every digit by prior and by formula, and the share of PCA's variance."""
    if key == "a few":
        return digits.numbers_of("pca", 32, count=PART)
    kind, k, last = key.split(", ")
    if last == "one sample":
        return digits.numbers_of(kind, int(k), draws=1)
    return digits.numbers_of(kind, int(k), int(last))
