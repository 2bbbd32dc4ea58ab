"""Digits by principal components, random and optimised rows, each decoded by formula and by the prior.

The claims om-4, om-5, om-7 and om-9 rest on these numbers: the squared error and the SSIM of every test digit. The
measurement noise of om-9 has a standard deviation of 0.1; its optimised rows are those of om-4, trained without noise.
"""

from __future__ import annotations

from dprior_lite.course.lab import optimal_digits as digits
from dprior_lite.course.measurements import Numbers
from dprior_lite.measurements import captured_variance

NOISE = 0.1
#: What a page repeats: so many digits of an item.
PART = 4


def keys() -> list[str]:
    """Return the items: rows, number, seed and measurement noise; the first is cheap, and a page repeats it."""
    plain = [f"{kind}, {k}, 0, 0" for kind in ("pca", "mse", "random") for k in digits.SIZES]
    again = [f"{kind}, {k}, 1, 0" for kind in ("pca", "random") for k in digits.SIZES]
    noisy = [f"{kind}, {k}, 0, {NOISE}" for kind in ("pca", "mse", "random") for k in digits.SIZES[1:]]
    return ["a few", *plain, *again, *noisy, "ssim, 32, 0, 0", "mse, 32, 1, 0"]


def measure(key: str) -> Numbers:
    """Return the errors and the SSIM of every digit by prior and by formula, and the share of PCA's variance."""
    if key == "a few":
        kind, k, seed, noise, count = "pca", 32, 0, 0.0, PART
    else:
        kind, k, seed, noise = (part(word) for part, word in zip((str, int, int, float), key.split(", ")))
        count = digits.TEST
    x = digits.test_digits(count)
    rows = digits.rows_of(kind, k, seed)
    prior = digits.scores(digits.by_prior(rows, x, seed, noise), x)
    linear = digits.scores(digits.by_formula(rows, x, seed, noise), x)
    found: Numbers = {f"prior_{name}": values for name, values in prior.items()}
    found |= {f"linear_{name}": values for name, values in linear.items()}
    return found | {"variance": captured_variance(rows, digits.training()[1])}
