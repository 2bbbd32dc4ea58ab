"""One picture is a thousand thermometers: the noise level read off single points, and the ring, for d dimensions.

Two clouds lie in a plane, and d - 2 further coordinates hold noise only. Everything is computed in the page from closed
forms: the likelihood of sigma depends on the d - 2 empty coordinates by the sum of their squares alone, and the sampler
without noise multiplies that sum by a constant at each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dprior_lite.blind import Clouds
from dprior_lite.course.web import widgets
from dprior_lite.gates.numbers import require_number, require_whole

#: Numbers of dimensions between which the slider moves.
DIMENSIONS = (2, 3, 4, 6, 10, 20, 50, 100, 200, 500, 1000)
PLANE = 2


class Thermometers(widgets.Widget):
    """A slider over d; a histogram of sigma² read off single points; the ends of the sampler's particles.

    Parameters
    ----------
    dimensions : sequence of int
        Values of d, rising, from 2 on.
    start : int
        The value at which it stands first.
    points, particles : int
        Points of the histogram, and particles of the sampler.
    step : float
        Euler step h of the sampler, no noise put back, above 0 and below 2.
    seed : int
        Of all draws.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.

    Raises
    ------
    TypeError, ValueError
        If the values of d do not rise from 2 on, start is none of them, a number is out of range or a text is empty.

    Examples
    --------
    >>> Thermometers(caption="Levels.", alt="a histogram and dots")
    noise levels of single points, d = 2 to 1000
    """

    def __init__(
        self,
        dimensions: Sequence[int] = DIMENSIONS,
        start: int = 100,
        points: int = 600,
        particles: int = 300,
        step: float = 0.3,
        seed: int = 1,
        caption: str = "",
        alt: str = "",
    ) -> None:
        d = [require_whole(value, "a value of dimensions", PLANE, 2000) for value in dimensions]
        if len(d) < 2 or not all(a < b for a, b in zip(d, d[1:])) or start not in d:
            raise ValueError(
                f"dimensions are {d} and start is {start!r}; expected rising values of d, and one of them as the start"
            )
        clouds = Clouds.pair(PLANE, PLANE)
        record = {
            "d": d,
            "start": d.index(start),
            "points": require_whole(points, "points", 10, 5000),
            "particles": require_whole(particles, "particles", 10, 2000),
            "step": require_number(step, "step", above=0, below=2),
            "seed": require_whole(seed, "seed", 0, 2**31),
            "means": clouds.means.tolist(),
            "std": clouds.std,
            "caption": widgets.needed("the caption", caption),
            "alt": widgets.needed("the alt text", alt),
        }
        super().__init__("thermometers", record, f"noise levels of single points, d = {d[0]} to {d[-1]}")


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the law of the spread for each d."""
    return {"law": [(d, law(d)) for d in record["d"] if d > PLANE]}


def law(d: int) -> float:
    """Return `sqrt(2 / (d - 2))`, the relative spread of sigma² read off d - 2 empty coordinates.

    Examples
    --------
    >>> law(202)
    0.1
    """
    return math.sqrt(2 / (d - PLANE))
