"""Figures with sliders that need no kernel: every frame is drawn in advance and kept in the page as a small picture."""

from __future__ import annotations

import base64
import html
import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from dprior_lite.course.web import widgets


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
        Greatest width in the page, in CSS pixels; on narrower screens the figure shrinks.
    dpi, colors : int
        Resolution of matplotlib figures; size of a frame's palette.

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
        pictures = [_encoded(draw(*point), dpi, colors) for point in points]
        distinct = list(dict.fromkeys(pictures))
        frames = [distinct.index(picture) for picture in pictures]
        first = int(np.ravel_multi_index(places, [len(values) for values in sliders.values()]))
        data = {
            "values": [[_text(value) for value in values] for values in sliders.values()],
            "alts": alts,
            "frames": frames,
            "first": frames[first],
            "pictures": [
                "" if i == frames[first] else base64.b64encode(picture).decode() for i, picture in enumerate(distinct)
            ],
        }
        body = widgets.figure(_image(pictures[first], alts[first], width) + _controls(sliders, places), caption)
        super().__init__(
            widgets.block("frames", body, data, [widgets.static("frames.js")]),
            f"figure with sliders: {', '.join(sliders)} ({len(points)} frames)",
        )


def _places(sliders: Mapping[str, Sequence[Any]], start: Mapping[str, Any]) -> list[int]:
    if not sliders or not all(len(values) for values in sliders.values()):
        raise ValueError(f"each slider needs a label and at least one value, not {dict(sliders)!r}")
    for label, value in start.items():
        if value not in list(sliders.get(label, ())):
            raise ValueError(f"start says {label!r} = {value!r}; the sliders are {dict(sliders)!r}")
    return [list(values).index(start[label]) if label in start else 0 for label, values in sliders.items()]


def _encoded(drawing: Figure | np.ndarray, dpi: int, colors: int) -> bytes:
    if not isinstance(drawing, Figure):
        return widgets.png(drawing, colors)
    buffer = io.BytesIO()
    try:
        drawing.savefig(buffer, format="png", dpi=dpi, facecolor="white")
    finally:
        plt.close(drawing)
    return widgets.png(np.asarray(Image.open(buffer).convert("RGB")) / 255, colors)


def _image(picture: bytes, alt: str, width: int) -> str:
    size = Image.open(io.BytesIO(picture)).size
    # A small picture is enlarged without blurring its pixels; a plot is drawn at about its final size.
    style = f"width:{width}px" + (";image-rendering:pixelated" if size[0] < width / 2 else "")
    return (
        f'<img class="dp-plate" src="{widgets.data_uri(picture)}" alt="{html.escape(alt)}" '
        f'width="{size[0]}" height="{size[1]}" style="{style}">\n'
    )


def _controls(sliders: Mapping[str, Sequence[Any]], places: Sequence[int]) -> str:
    rows = (
        f'<label class="dp-slider"><span>{html.escape(label)}</span><input type="range" min="0" max="{len(values) - 1}"'
        f' step="1" value="{place}" autocomplete="off" aria-label="{html.escape(label)}"><output'
        f' aria-live="off">{html.escape(_text(values[place]))}</output></label>'
        for (label, values), place in zip(sliders.items(), places, strict=True)
    )
    return f'<div class="dp-controls" hidden>{"".join(rows)}</div>'


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else str(value)
