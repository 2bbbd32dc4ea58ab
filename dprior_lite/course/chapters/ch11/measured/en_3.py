"""How fast an energy of digits rises with the noise, beside what the errors of a separate denoiser say (en-3).

One item is one level and half of 128 test digits; eight draws of noise a digit. The control is the untrained energy.
About 60 seconds of one core in all.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from torch import nn

from dprior_lite import energy, load
from dprior_lite.course.lab.energies import digits, rise
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.measurements import Numbers
from dprior_lite.course.page.seeds import seeded

TIMES = [float(f"{t:.4g}") for t in np.geomspace(1e-3, 95, 11)]
DIGITS, PARTS, DRAWS = 128, 2, 8


def keys() -> list[str]:
    """Return the items: every level with every part of the digits."""
    return [f"t {t:g}, part {part}" for t in TIMES for part in range(PARTS)]


def measure(key: str) -> Numbers:
    """Return of every digit the slope by log t in units of d/2: of the energy, by the denoiser, of the untrained."""
    level, part = (float(text.split()[-1]) for text in key.split(", "))
    x = digits(int(part) * DIGITS // PARTS, DIGITS // PARTS)
    energies, told, blank = _nets()
    local = energy.local_dimension(told, x, level, DRAWS, seeded(700 + int(part)))
    return {
        "energy": rise(energies, x, level, DRAWS, seeded(710 + int(part))).tolist(),
        "error": (1 - local / x[0].numel()).tolist(),
        "untrained": rise(blank, x, level, DRAWS, seeded(710 + int(part))).tolist(),
    }


@cache
def _nets() -> tuple[nn.Module, nn.Module, nn.Module]:
    return load("digits-energy-a"), load("digits-told"), untrained(0, "digits-energy-a")
