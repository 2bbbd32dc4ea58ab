"""The trace of the posterior covariance of 512 noisy test digits, by first and by second derivatives (en-6).

One item is sixteen digits at three levels; second derivatives by eight random probes. The control is an energy that was
trained by the derivative by space alone. About 100 seconds of one core in all.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import nn

from dprior_lite import energy, load, miyasawa
from dprior_lite.course.lab.energies import digits
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.measurements import Numbers
from dprior_lite.course.page.seeds import seeded

DIGITS, AT_ONCE, PROBES = 512, 16, 8
TIMES = (1e-4, 1e-3, 1e-2)


def keys() -> list[str]:
    """Return the items: the digits, sixteen at a time."""
    return [f"digits {first} to {first + AT_ONCE - 1}" for first in range(0, DIGITS, AT_ONCE)]


def measure(key: str) -> Numbers:
    """Return of every digit the trace by first and by second derivatives, of both energies at every level.

    At the largest level also the squared error of a separate denoiser, and what the untrained energy expects.
    """
    first = int(key.split()[1])
    x, found = digits(first, AT_ONCE), {}
    dual, single, told, blank = _nets()
    for t in TIMES:
        y = miyasawa.noisy(x, t**0.5, seeded(91_000 + first))
        for name, net in (("dual", dual), ("single", single)):
            bend = energy.laplacian(net, y, t, PROBES, seeded(92_000 + first)).double()
            found[f"{name} {t:g} first"] = energy.posterior_variance_trace(net, y, t).tolist()
            found[f"{name} {t:g} second"] = (t * (x[0].numel() - t * bend)).tolist()
    # y is now the one of the largest level
    with torch.no_grad():
        found["error"] = (told(y, TIMES[-1] ** 0.5) - x).double().square().flatten(1).sum(1).tolist()
    found["blank"] = energy.posterior_variance_trace(blank, y, TIMES[-1]).tolist()
    return found


@cache
def _nets() -> tuple[nn.Module, nn.Module, nn.Module, nn.Module]:
    blank = untrained(0, "digits-energy-a")
    return load("digits-energy-a"), load("digits-energy-single"), load("digits-told"), blank
