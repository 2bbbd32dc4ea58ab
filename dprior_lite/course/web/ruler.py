"""The turning ruler: one measurement of a point in the plane, its best decoder, and the error at every angle.

What `measurements.Arms` computes is computed again in the page (`arms.js`, equal to 1e-6), so that the ruler can be
turned without a kernel. The error curve fills in as it is turned.
"""

from __future__ import annotations

from typing import Any

import torch

from dprior_lite.course.web import widgets
from dprior_lite.gates.numbers import require_kind, require_number, require_whole
from dprior_lite.measurements import Arms

_READOUT = (
    ("angle", "angle of the ruler"),
    ("error", "expected squared error"),
    ("best", "smallest so far"),
)


class Ruler(widgets.Widget):
    """A ruler to turn over points on strokes: where they fold to, what the decoder makes of it, and the error.

    Parameters
    ----------
    toy : Arms
        Density of the points.
    noise : float
        Standard deviation of the noise in the measurement, above 0.
    start : int
        Angle at which it stands first, whole degrees from 0 to 180.
    points : int
        How many points are drawn.
    seed : int
        Of the points.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or a text is empty.

    Examples
    --------
    >>> from dprior_lite.measurements import cross
    >>> Ruler(cross(), caption="A cross.", alt="A cross and a ruler.")
    turning ruler over 3 strokes, at 0 degrees
    """

    def __init__(
        self,
        toy: Arms,
        noise: float = 0.025,
        start: int = 0,
        points: int = 90,
        seed: int = 0,
        caption: str = "",
        alt: str = "",
    ) -> None:
        require_kind(toy, Arms, "toy")
        start = require_whole(start, "start", 0, 180, "It is an angle in degrees.")
        drawn = toy.sample(require_whole(points, "points", 1, 1000), torch.Generator().manual_seed(seed))
        record = {
            "arms": [{"angle": a.angle, "first": a.first, "last": a.last, "weight": a.weight} for a in toy.arms],
            "std": toy.std,
            "noise": require_number(noise, "noise", above=0),
            "start": start,
            "points": drawn.double().numpy().round(3).tolist(),
            "caption": widgets.needed("caption", caption),
            "alt": widgets.needed("alt text", alt),
        }
        super().__init__("ruler", record, f"turning ruler over {len(toy.arms)} strokes, at {start} degrees")


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: what is read out."""
    return {"readout": _READOUT}
