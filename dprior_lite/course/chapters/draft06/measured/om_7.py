"""Rows that were trained otherwise, and other pictures: SSIM, a random start, nested rows, photograph patches.

The claim om-7 rests on the rows for SSIM. All digits are those of om-4, with the same noise.
"""

from __future__ import annotations

from dprior_lite.course.lab import optimal_digits as digits
from dprior_lite.course.lab import optimal_patches as patches
from dprior_lite.course.measurements import Numbers

PART = 4


def keys() -> list[str]:
    """Return the items; the first is cheap, and a page repeats it."""
    of_digits = ["ssim, 32, 0", "mse, 32, 1", "restart, 32, 0", "nested, 16, 0", "nested, 32, 0", "nested, 64, 0"]
    return [
        "a few",
        *of_digits,
        *(f"photographs, {kind}, {k}" for k in patches.SIZES for kind in ("pca", "mse", "random")),
    ]


def measure(key: str) -> Numbers:
    """Return the errors of every picture by prior and by formula; of digits the SSIM and the share of variance too."""
    if key == "a few":
        return digits.numbers_of("mse", 32, count=PART)
    if key.startswith("photographs"):
        _, kind, k = key.split(", ")
        x, rows = patches.test_patches(), patches.rows_of(kind, int(k))
        by_prior, by_formula = patches.by_prior(rows, x), patches.by_formula(rows, x)
        errors = {
            name: digits.scores(found, x)["error"] for name, found in (("prior", by_prior), ("linear", by_formula))
        }
        return {f"{name}_error": each for name, each in errors.items()}
    kind, k, seed = key.split(", ")
    return digits.numbers_of(kind, int(k), int(seed))
