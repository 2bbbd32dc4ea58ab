"""Two networks that differ by a handful of constants, in the page: on the noise of their training and beyond it.

One slider moves the noise, and the quality of every network is drawn as far as the reader has been; a second slider
makes the noisy picture fainter or brighter and says how far each network is from `f(a y) = a f(y)`.  The networks are
those of `jsnet`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dprior_lite.course.web import jsnet, widgets

#: Brightnesses in about even steps of their logarithm. No power of two but 1: doubling is exact in binary and would
#: hide the rounding.
FACTORS = (0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.2, 3.3, 5.0)

_MOST = 3  # networks: as many marks as twins.js draws


class Twins(widgets.Widget):
    """Networks side by side under one noise slider, their PSNR as a plot, and a slider for the brightness.

    Parameters
    ----------
    nets : dict of str to (layers, residual)
        One to three networks by name; a layer is `(weight (O, I, 3, 3), bias (O,) or None, relu)` as `BFCNN.folded()`
        gives it, and `residual` is True if the layers estimate the noise.
    picture : array (H, W)
        The clean picture, grey, in [0, 1]; kept with 8 bits.
    sigmas : sequence of float
        Noise levels of the slider, rising, in units of 1/255.
    trained : (float, float)
        Range of the noise that the networks were trained on, in units of 1/255.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.
    start : float, optional
        Noise level at the start; the middle one unless given.
    factors : sequence of float
        Brightnesses of the second slider, rising, 1 among them.
    seed : int
        Of the noise; the button counts on from it.

    Raises
    ------
    ValueError
        If layers do not fit together, the picture is not grey in [0, 1], levels or brightnesses do not rise, the
        trained range is empty, a text is empty, or the figure is over 400 kB.

    Examples
    --------
    >>> def shift(bias): return [(np.eye(9)[4].reshape(1, 1, 3, 3), bias, False)]
    >>> nets = {"bias-free": (shift(None), False), "with biases": (shift([0.1]), False)}
    >>> Twins(nets, np.full((8, 8), 0.5), [0, 10, 50], trained=(0, 10), caption="One constant makes the difference.",
    ...       alt="A grey square, twice denoised.")
    twins in the page: bias-free, with biases, trained on 0 to 10, 8 x 8 pixels
    """

    def __init__(
        self,
        nets: Mapping[str, tuple[Sequence[jsnet.Layer], bool]],
        picture: ArrayLike,
        sigmas: Sequence[float],
        trained: tuple[float, float],
        caption: str = "",
        alt: str = "",
        start: float | None = None,
        factors: Sequence[float] = FACTORS,
        seed: int = 0,
    ) -> None:
        if not 1 <= len(nets) <= _MOST:
            raise ValueError(
                f"one to {_MOST} networks by name were expected, not {len(nets)}; more do not fit side by side"
            )
        pixels = jsnet.grey(picture)
        values, place = jsnet.levels(sigmas, start)
        factors = [float(factor) for factor in factors]
        _validate(values, factors, trained)
        record = jsnet.pixels_data(pixels, caption, alt) | {
            "sigmas": values,
            "start": place,
            "trained": [float(end) for end in trained],
            "factors": factors,
            "seed": seed,
            "names": list(nets),
            "nets": [jsnet.network(name, *net) for name, net in nets.items()],
        }
        super().__init__(
            "twins",
            record,
            f"twins in the page: {', '.join(nets)}, trained on {trained[0]:g} to {trained[1]:g}, {jsnet.size(pixels)}",
        )


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: nothing."""
    return {}


def _validate(sigmas: Sequence[float], factors: Sequence[float], trained: tuple[float, float]) -> None:
    if len(sigmas) < 2 or sigmas[0] < 0 or min(np.diff(sigmas)) <= 0:
        raise ValueError(f"at least two noise levels from 0 on, each above the one before, were expected, not {sigmas}")
    if 1 not in factors or factors[0] <= 0 or min(np.diff(factors), default=1) <= 0:
        raise ValueError(
            f"rising positive brightnesses with 1 among them were expected, not {factors}; the slider starts at 1"
        )
    if len(trained) != 2 or not 0 <= trained[0] < trained[1] or trained[0] > sigmas[-1]:
        raise ValueError(
            "trained=(lowest, highest) noise in 1/255 was expected, beginning within the slider's levels, not"
            f" {trained}"
        )
