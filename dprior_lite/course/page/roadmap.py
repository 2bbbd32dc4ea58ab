"""The chapters of the course and what each needs, as data and as a map to click on."""

from __future__ import annotations

import math
from typing import Any

from dprior_lite.course.chapters import Chapter, all_chapters
from dprior_lite.course.web import widgets

#: Chapters that are planned and have no folder yet; a folder of the same number takes the place of its entry here.
PLANNED = (
    Chapter("06_optimal_measurements", "Optimal measurements", column=4, row=2, needs=("05",)),
    Chapter("10_blind_diffusion", "Diffusion without a clock", column=3, row=4, needs=("04",)),
    Chapter("12_feature_guidance", "Guidance by features", column=3, row=5, needs=("04",)),
    Chapter("13_semantics", "What the middle knows", column=4, row=5, needs=("12",)),
)
#: Sizes in units of the drawing: boxes, steps between them, size of the text; a letter is at most 0.6 of it wide.
_HIGH, _STEP_Y, _GAP, _TEXT, _MARGIN = 52, 64, 26, 13, 10
_NUMBER = 30  # from the left border to the title


def on_the_map() -> tuple[Chapter, ...]:
    """Return the chapters of the map in order of number: those with a folder, and the planned ones.

    Examples
    --------
    >>> len(on_the_map())
    13
    """
    known = {c.number: c for c in (*PLANNED, *all_chapters()) if c.column >= 0}
    return tuple(known[number] for number in sorted(known))


def roadmap() -> widgets.Widget:
    """Show the chapters as boxes joined by what needs what; boxes of finished pages are links."""
    chapters, ready = on_the_map(), {c.number for c in all_chapters()}
    # the map of today is drawn from the chapters of today: nothing is stored
    text = f"map of {len(chapters)} chapters, {len(ready & {c.number for c in chapters})} of them in this edition"
    return widgets.Widget("roadmap", {}, text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template draws: boxes, curves between them, the size, and the map in words."""
    chapters, ready = on_the_map(), {c.number for c in all_chapters()}
    wide = _NUMBER + _MARGIN + max(_width(line) for c in chapters for line in _two_lines(c.title))
    places = {c.number: (c.column * (wide + _GAP), c.row * _STEP_Y) for c in chapters}
    needs = [f"{c.number} {c.title}" + (f" needs {' and '.join(c.needs)}" if c.needs else "") for c in chapters]
    return {
        "wide": wide,
        "high": _HIGH,
        "text": _TEXT,
        "width": max(x for x, _ in places.values()) + wide,
        "height": max(y for _, y in places.values()) + _HIGH,
        "needs": "; ".join(needs),
        "curves": [_curve(places[n], places[c.number], wide) for c in chapters for n in c.needs],
        "boxes": [
            {
                "x": places[c.number][0],
                "y": places[c.number][1],
                "number": c.number,
                "page": c.page,
                "ready": c.number in ready,
                "lines": _two_lines(c.title),
            }
            for c in chapters
        ],
        "number": _NUMBER,
    }


def _curve(start: tuple[int, int], end: tuple[int, int], wide: int) -> str:
    """Return the path from the right side of one box to the left side of another."""
    x0, y0, x1, y1 = start[0] + wide, start[1] + _HIGH // 2, end[0], end[1] + _HIGH // 2
    bend = (x0 + x1) / 2
    return f"M{x0} {y0} C{bend:g} {y0} {bend:g} {y1} {x1} {y1}"


def _width(line: str) -> int:
    return math.ceil(0.6 * _TEXT * len(line))


def _two_lines(title: str) -> list[str]:
    """Return a title in one line, or in two of about the same length, cut at a space."""
    spaces = [k for k, letter in enumerate(title) if letter == " "]
    if len(title) <= 12 or not spaces:
        return [title]
    cut = min(spaces, key=lambda k: max(k, len(title) - k - 1))
    return [title[:cut], title[cut + 1 :]]
