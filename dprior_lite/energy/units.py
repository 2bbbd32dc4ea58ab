"""An energy in nats, in the units that pictures are compared in."""

from __future__ import annotations

import math

from torch import Tensor

from dprior_lite.gates.numbers import require_whole


def bits_per_dimension(nats: float | Tensor, d: int) -> float | Tensor:
    """Return an energy in nats as bits per dimension of 8-bit pictures, `8 + U / (d log 2)`.

    The energy is of pictures in [0, 1].

    Examples
    --------
    >>> bits_per_dimension(0.0, 10)
    8.0
    """
    d = require_whole(d, "d")
    return 8 + nats / (d * math.log(2))


def decibels_per_dimension(nats: float | Tensor, d: int) -> float | Tensor:
    """Return an energy in nats as decibels per dimension, `10 log10(p) / d`; 1 nat is 4.34 dB.

    Examples
    --------
    >>> round(decibels_per_dimension(-100.0, 100), 2)
    4.34
    """
    d = require_whole(d, "d")
    return -10 / math.log(10) * nats / d
