"""Minus log p of 512 test digits: by one pass of an energy, and by an integral over a denoiser's errors (en-5).

At t = .001. One item is sixteen digits: 32 levels of eight draws each. The control is the integral with the best
denoiser of a white Gaussian. About 160 seconds of one core in all.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from torch import Tensor, nn

from dprior_lite import energy, load, miyasawa
from dprior_lite.course.lab.energies import digits, white_wiener, without_draw
from dprior_lite.course.measurements import Numbers
from dprior_lite.course.page.seeds import seeded

DIGITS, AT_ONCE, DRAWS = 512, 16, 8
LEVELS = np.geomspace(1e-3, 100, 32).tolist()
OF_COVARIANCE = 10_000  # training digits


def keys() -> list[str]:
    """Return the items: the digits, sixteen at a time."""
    return [f"digits {first} to {first + AT_ONCE - 1}" for first in range(0, DIGITS, AT_ONCE)]


def measure(key: str) -> Numbers:
    """Return of every digit the energy of one noisy version, the same less its own draw, and two integrals, in nats.

    `passed` and `direct` are the energy before and after (|z|² - d)/2 is taken off; `integral` is the denoiser's,
    `naive` that of the best denoiser of a white Gaussian.
    """
    first = int(key.split()[1])
    x = digits(first, AT_ONCE)
    net, told = _nets()
    final = ends()[first : first + AT_ONCE]
    y = miyasawa.noisy(x, LEVELS[0] ** 0.5, seeded(82_000 + first))
    passed = -energy.log_density(net, y, LEVELS[0]).double()
    white = partial(white_wiener, float(net.mean), float(net.variance))
    return {
        "passed": passed.tolist(),
        "direct": without_draw(passed, y, x, LEVELS[0]).tolist(),
        "integral": energy.integrate(told, x, LEVELS, final, DRAWS, seeded(81_000 + first)).tolist(),
        "naive": energy.integrate(white, x, LEVELS, final, 1, seeded(81_000 + first)).tolist(),
    }


@cache
def ends() -> Tensor:
    """Return the mean energy (512,) of every noisy digit at the largest level, where the density is nearly Gaussian."""
    again = digits(0, DIGITS).repeat(DRAWS, 1, 1, 1)  # (draws digits, 1, 28, 28)
    y = miyasawa.noisy(again, LEVELS[-1] ** 0.5, seeded(80))
    found = energy.gaussian_energy(digits(0, OF_COVARIANCE, "train"), y, LEVELS[-1])
    return without_draw(found, y, again, LEVELS[-1]).reshape(DRAWS, DIGITS).mean(0)


@cache
def _nets() -> tuple[nn.Module, nn.Module]:
    return load("digits-energy-a"), load("digits-told")
