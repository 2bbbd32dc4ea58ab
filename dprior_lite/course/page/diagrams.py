"""Drawn diagrams: one idea in boxes, arrows, curves and words, as SVG in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dprior_lite.course.web import widgets

#: Colours that are different in light and dark: ink of the text, quieter ink, and three that stand out.
COLOURS = ("ink", "quiet", "blue", "orange", "green")

Point = tuple[float, float]


class Diagram(widgets.Widget):
    """A drawing to which parts are added; the last expression of a cell shows it.

    Parameters
    ----------
    width, height : float
        Of the drawing, in CSS pixels; x goes right, y goes down. On a narrow screen it shrinks.
    alt : str
        What is seen, for readers who do not see it.
    caption : str
        What it says.

    Raises
    ------
    ValueError
        If a text is empty, or a colour is none of `COLOURS`.

    Examples
    --------
    The residual points from a noisy picture to the mean of what may lie behind it:

    >>> drawing = Diagram(420, 180, "A curve of clean pictures; an arrow leads from y above it down to x̂ on it.",
    ...                   "The residual points to the clean pictures.")
    >>> drawing = drawing.curve([(20, 150), (140, 110), (280, 120), (400, 80)], colour="blue")
    >>> drawing = drawing.dot(200, 40, "y").arrow((200, 40), (206, 108), "residual", colour="orange")
    >>> drawing.box(300, 20, 100, 36, "denoiser").axes(20, 170, 380, 150, "pixel 1", "pixel 2")
    diagram: A curve of clean pictures; an arrow leads from y above it down to x̂ on it.
    """

    def __init__(self, width: float, height: float, alt: str, caption: str) -> None:
        record = {
            "width": width,
            "height": height,
            "alt": widgets.needed("alt text", alt),
            "caption": widgets.needed("caption", caption),
            "parts": [],
        }
        super().__init__("diagram", record, f"diagram: {alt}")

    def box(
        self, x: float, y: float, width: float, height: float, text: str = "", colour: str = "ink", dashed: bool = False
    ) -> Diagram:
        """Add a rounded box with its upper left corner at (x, y) and lines of text in its middle."""
        lines = text.split("\n") if text else []
        places = [[x + width / 2, y + height / 2 + 5 + 18 * (i - (len(lines) - 1) / 2)] for i in range(len(lines))]
        size = {"x": x, "y": y, "width": width, "height": height}
        self._add("box", colour, dashed, **size)
        for place, line in zip(places, lines):
            self.text(*place, line, colour)
        return self

    def arrow(
        self, start: Point, end: Point, text: str = "", colour: str = "ink", dashed: bool = False, both: bool = False
    ) -> Diagram:
        """Add an arrow, a text beside its middle; with a head at both ends if `both`."""
        self._add("arrow", colour, dashed, start=list(start), end=list(end), both=both)
        if text:
            # to the right of an arrow that stands, above one that lies
            middle = [(a + b) / 2 for a, b in zip(start, end)]
            stands = abs(end[1] - start[1]) > abs(end[0] - start[0])
            where = (middle[0] + 8, middle[1] + 5) if stands else (middle[0], middle[1] - 8)
            self.text(*where, text, colour, "start" if stands else "middle")
        return self

    def text(self, x: float, y: float, text: str, colour: str = "ink", anchor: str = "middle") -> Diagram:
        """Add a line of text whose `anchor` (start, middle or end) is at (x, y)."""
        return self._add("text", colour, False, x=x, y=y, text=text, anchor=anchor)

    def curve(
        self, points: Sequence[Point], colour: str = "ink", dashed: bool = False, filled: bool = False
    ) -> Diagram:
        """Add a smooth curve through points; if `filled`, closed and lightly filled."""
        return self._add("curve", colour, dashed, path=_smooth(points, filled), filled=filled)

    def dot(self, x: float, y: float, text: str = "", colour: str = "ink") -> Diagram:
        """Add a point, its name to the upper right."""
        self._add("dot", colour, False, x=x, y=y)
        return self.text(x + 9, y - 7, text, colour, "start") if text else self

    def axes(
        self, x: float, y: float, width: float, height: float, across: str = "", up: str = "", colour: str = "quiet"
    ) -> Diagram:
        """Add two axes from their origin (x, y), to the right and up, with a name at the end of each."""
        self._add("arrow", colour, False, start=[x, y], end=[x + width, y], both=False)
        self._add("arrow", colour, False, start=[x, y], end=[x, y - height], both=False)
        if across:
            self.text(x + width, y - 8, across, colour, "end")
        return self.text(x + 8, y - height + 10, up, colour, "start") if up else self

    def _add(self, part: str, colour: str, dashed: bool, **numbers: Any) -> Diagram:
        if colour not in COLOURS:
            raise ValueError(f"a colour of the page was expected, one of {', '.join(COLOURS)}, not {colour!r}")
        self.record["parts"].append({"part": part, "colour": colour, "dashed": dashed, **numbers})
        return self


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the heads of the arrows."""
    heads = {
        i: [_head(part["start"], part["end"]), *([_head(part["end"], part["start"])] if part["both"] else [])]
        for i, part in enumerate(record["parts"])
        if part["part"] == "arrow"
    }
    return {"heads": heads}


def _smooth(points: Sequence[Point], closed: bool) -> str:
    """Return the path of a Catmull-Rom curve through the points."""
    if len(points) < 2:
        raise ValueError(f"at least two points were expected, not {list(points)}")
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[max(0, min(n - 1, i))])
    path = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for i in range(n if closed else n - 1):
        (a, b), (c, d), (e, f), (g, h) = at(i - 1), at(i), at(i + 1), at(i + 2)
        path.append(f"C{c + (e - a) / 6:g} {d + (f - b) / 6:g} {e - (g - c) / 6:g} {f - (h - d) / 6:g} {e:g} {f:g}")
    return " ".join(path + (["Z"] if closed else []))


def _head(start: Sequence[float], end: Sequence[float]) -> str:
    """Return the path of a filled head at the end of an arrow."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = 9 * dx / length, 9 * dy / length
    left = (end[0] - dx + 0.45 * dy, end[1] - dy - 0.45 * dx)
    right = (end[0] - dx - 0.45 * dy, end[1] - dy + 0.45 * dx)
    return f"M{end[0]:g} {end[1]:g}L{left[0]:.1f} {left[1]:.1f}L{right[0]:.1f} {right[1]:.1f}Z"
