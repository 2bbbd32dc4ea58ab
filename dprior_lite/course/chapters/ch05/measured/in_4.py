"""Thirty held-out patches with a hole, each filled sixteen times: where the fillings differ (in-4, in-9).

One item is one patch. Nothing is re-projected, and the last level of the noise is .005. The control is white noise in
place of the samples.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from dprior_lite import inverse
from dprior_lite.course.lab import inverse_tasks
from dprior_lite.course.measurements import Numbers
from dprior_lite.course.page.seeds import seeded

SAMPLES = 16
ASCENT = replace(inverse_tasks.QUICK, sigma_L=0.005)


def keys() -> list[str]:
    """Return the items: every patch."""
    return [f"patch {n}" for n in inverse_tasks.PATCHES]


def measure(key: str) -> Numbers:
    """Return the numbers of one patch.

    Returns
    -------
    dict
        `std` and `white_std`: mean standard deviation inside the hole and outside, of the samples and of white noise;
        `follows`: Spearman correlation of the standard deviation and the absolute error of the mean inside, of the
        samples and of white noise; `skill`: mean squared error of the mean and mean variance inside; `arrived`: how
        many of sixteen arrived.
    """
    number = int(key.removeprefix("patch "))
    x, operator, known = inverse_tasks.patch(number), inverse_tasks.tasks()["inpainting"], inverse_tasks.known_pixels()
    found = inverse.posterior(
        inverse_tasks.net(), operator, operator.A(x), SAMPLES, seeded(0), ascent=ASCENT, reproject=False
    )
    std, error = found.std[0, 0], (found.mean - x)[0, 0].abs()  # (64, 64)
    white = torch.randn(SAMPLES, 64, 64, generator=seeded(number)).std(0)
    return {
        "std": [float(std[~known].mean()), float(std[known].mean())],
        "follows": [inverse_tasks.spearman(spread[~known], error[~known]) for spread in (std, white)],
        "skill": [float(error[~known].square().mean()), float(std[~known].square().mean())],
        "white_std": [float(white[~known].mean()), float(white[known].mean())],
        "arrived": float(found.converged.sum()),
    }
