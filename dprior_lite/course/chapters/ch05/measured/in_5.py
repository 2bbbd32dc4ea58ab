"""Compressive sensing at 10 % and 25 % on twelve fixed crops of BSD68 (in-5).

One item is one crop at one fraction: the mean of four samples, and the picture of least total variation from the same
measurements. The control is a denoiser that does nothing. beta = .04 was chosen on other pictures.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from torch import Tensor

from dprior_lite import data, inverse
from dprior_lite.course.lab import classical, inverse_tasks
from dprior_lite.course.measurements import Numbers
from dprior_lite.course.page.seeds import seeded
from dprior_lite.metrics import psnr
from dprior_lite.operators import RandomProjection

FRACTIONS = {"10 %": 0.1, "25 %": 0.25}
CROPS = tuple(range(3, 2403, 200))  # of the crops of 64 x 64 pixels into which BSD68 is cut
ASCENT = replace(inverse_tasks.QUICK, beta=0.04)


def keys() -> list[str]:
    """Return the items: every crop with every fraction."""
    return [f"{fraction}; crop {n}" for n in CROPS for fraction in FRACTIONS]


def measure(key: str) -> Numbers:
    """Return PSNR in dB of the pseudo-inverse, total variation, the mean of four, a denoiser that does nothing.

    Raises
    ------
    DataAbsent
        If BSD68 is not at hand; the message says where it goes.
    """
    fraction, _, number = key.partition("; crop ")
    x = _crops()[int(number)][None]  # (1, 1, 64, 64)
    operator = RandomProjection(inverse_tasks.SHAPE, FRACTIONS[fraction], seeded(1))
    m = operator.A(x)
    found = inverse.posterior(inverse_tasks.net(), operator, m, inverse_tasks.SAMPLES, seeded(0), ascent=ASCENT)
    lazy = inverse.solve(inverse_tasks.idle, operator, m, seeded(0), inverse_tasks.QUICK)
    return {
        "pseudo_inverse": psnr(operator.A_dagger(m), x),
        "total_variation": psnr(classical.total_variation(operator, m), x),
        "mean": psnr(found.mean, x),
        "idle": psnr(lazy.x, x),
        "arrived": float(found.converged.sum()),
    }


@cache
def _crops() -> Tensor:
    return data.tiles(data.picture_set("bsd68"), 64)
