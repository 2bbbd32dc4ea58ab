"""Figures with sliders that need no kernel: every frame is drawn in advance and kept as a small picture."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from dprior_lite.course.web import palette, widgets


class Frames(widgets.Widget):
    """A figure with one slider a parameter, all frames drawn in advance.

    Parameters
    ----------
    sliders : dict of str to sequence
        Label of each slider and the values it steps through (numbers or strings).
    draw : callable
        `draw(*values)`, one value a slider in their order: a matplotlib figure (closed afterwards), or a picture in
        [0, 1] of shape (H, W) or (H, W, 3), shown with square pixels.
    caption : str
        What to see.
    alt : callable
        `alt(*values)`: what is seen at these values, for readers who do not see the picture.
    start : dict of str to value, optional
        Values at which the figure stands first, and for ever where scripts do not run; the first of each if not named.
    width : int
        Greatest width in the page, in CSS pixels; on narrower screens the figure shrinks. A matplotlib figure is shown
        at its own size, a picture enlarged by a whole number.
    dpi : int
        Size of a matplotlib figure in the page, CSS pixels an inch. It is stored with twice as many pixels where the
        limit allows.
    colors : int
        Colours of a frame; more are kept where the picture has saturated ones.

    Raises
    ------
    ValueError
        If there is nothing to slide, a text is empty, `start` names no value, or the figure is over 400 kB.

    Examples
    --------
    >>> Frames({"level": [0.2, 0.8]}, lambda level: np.full((8, 8), level), "A grey square.",
    ...        lambda level: f"a square of grey level {level}")
    figure with sliders: level (2 frames)
    """

    def __init__(
        self,
        sliders: Mapping[str, Sequence[Any]],
        draw: Callable[..., Figure | np.ndarray],
        caption: str,
        alt: Callable[..., str],
        start: Mapping[str, Any] | None = None,
        width: int = 640,
        dpi: int = 100,
        colors: int = 64,
    ) -> None:
        places = _places(sliders, start or {})
        points = list(itertools.product(*sliders.values()))
        alts = [widgets.needed(f"alt text at {point}", alt(*point)) for point in points]
        record = {
            "labels": list(sliders),
            "values": [[_text(value) for value in values] for values in sliders.values()],
            "places": places,
            "caption": widgets.needed("caption", caption),
            "alts": alts,
        }
        drawn = [_encoded(draw(*point), dpi, colors) for point in points]
        text = f"figure with sliders: {', '.join(sliders)} ({len(points)} frames)"
        try:
            super().__init__("frames", record | _pictures([sharp for sharp, _ in drawn], width), text)
        except ValueError:
            # twice the pixels are too many for this page: each frame at the size at which it is shown
            super().__init__("frames", record | _pictures([plain for _, plain in drawn], width), text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the frame that stands first, and its size."""
    sides = [len(values) for values in record["values"]]
    frame = int(np.ravel_multi_index(record["places"], sides))
    return {"frame": frame, "picture": record["pictures"][record["frames"][frame]], "size": record["size"]}


def _places(sliders: Mapping[str, Sequence[Any]], start: Mapping[str, Any]) -> list[int]:
    if not sliders or not all(len(values) for values in sliders.values()):
        raise ValueError(f"each slider needs a label and at least one value, not {dict(sliders)!r}")
    for label, value in start.items():
        if value not in list(sliders.get(label, ())):
            raise ValueError(f"start says {label!r} = {value!r}; the sliders are {dict(sliders)!r}")
    return [list(values).index(start[label]) if label in start else 0 for label, values in sliders.items()]


_Picture = tuple[bytes, int | None]  # PNG; its width in the page, None for a picture that is enlarged


def _encoded(drawing: Figure | np.ndarray, dpi: int, colors: int) -> tuple[_Picture, _Picture]:
    """Return one frame with twice the pixels at which it is shown, and with as many."""
    if not isinstance(drawing, Figure):
        picture = (widgets.png(drawing, colors), None)
        return picture, picture
    buffer = io.BytesIO()
    try:
        drawing.savefig(buffer, format="png", dpi=2 * dpi, facecolor="white")
    finally:
        plt.close(drawing)
    sharp = Image.open(buffer).convert("RGB")
    plain = sharp.reduce(2)
    return (palette.encoded(sharp, colors), plain.width), (palette.encoded(plain, colors), plain.width)


def _pictures(drawn: Sequence[_Picture], width: int) -> dict[str, Any]:
    """Return the part of the record about pictures: each different one once, and which frame shows which."""
    distinct = list(dict.fromkeys(picture for picture, _ in drawn))
    size, own = widgets.size_of(drawn[0][0]), drawn[0][1]
    shown = own if own else max(1, width // size[0]) * size[0]
    return {
        "pictures": [widgets.text_of(picture) for picture in distinct],
        "frames": [distinct.index(picture) for picture, _ in drawn],
        "size": list(size),
        "width": min(shown, max(width, size[0])),
        # a small picture is enlarged without blurring its pixels
        "pixelated": own is None,
    }


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else str(value)
