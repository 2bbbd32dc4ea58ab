"""One noise level in the four units of the course: variance t, sigma, 255 sigma and decibels; seen on a picture."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import ArrayLike

from dprior_lite.course.web import jsnet, widgets

#: Name, label in the page, and what a screen reader says, in the order of `units`.
UNITS = (
    ("t", "variance t", "variance t"),
    ("sigma", "σ = √t", "standard deviation sigma"),
    ("scaled", "255 σ", "sigma in units of one over 255"),
    ("decibels", "−10 log₁₀ t, dB", "decibels"),
)
#: Least and most of the slider, decibels: t from 100 down to 1e-5.
DECIBELS = (-20, 50)


class NoiseScale(widgets.Widget):
    """Four fields, one a unit, that follow each other; a slider in decibels; the noise on a picture.

    Parameters
    ----------
    picture : array (H, W)
        Grey, in [0, 1].
    start : int
        Decibels at which it stands first.
    seed : int
        Of the noise.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.

    Raises
    ------
    ValueError
        If the picture is not grey in [0, 1], a text is empty, or start is no whole number of decibels of the slider.

    Examples
    --------
    >>> import numpy as np
    >>> NoiseScale(np.full((8, 8), 0.5), caption="Grey.", alt="a grey square with noise")
    noise level in four units, on 8 x 8 pixels
    """

    def __init__(self, picture: ArrayLike, start: int = 20, seed: int = 0, caption: str = "", alt: str = "") -> None:
        pixels = jsnet.grey(picture)
        low, high = DECIBELS
        if start not in range(low, high + 1):
            raise ValueError(f"start={start} was expected among the whole decibels from {low} to {high}")
        record = jsnet.pixels_data(pixels, caption, alt) | {"seed": seed, "least": low, "most": high, "start": start}
        super().__init__("noisescale", record, f"noise level in four units, on {jsnet.size(pixels)}")


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the units, and a table for pages without scripts."""
    levels = [units(t) for t in (100, 1, 0.1, 0.01, 1e-3, 1e-4)]
    return {"units": UNITS, "levels": levels, "most": record["most"]}


def units(t: float) -> tuple[float, float, float, float]:
    """Return a noise level of variance t as t, sigma, 255 sigma and decibels.

    The decibels are the PSNR of the noisy picture, peak 1, before anything is clipped.

    Examples
    --------
    >>> units(0.01)
    (0.01, 0.1, 25.5, 20.0)
    """
    return t, math.sqrt(t), 255 * math.sqrt(t), -10 * math.log10(t)
