"""The chapters of the course and what each needs, as data and as a map to click on."""

from __future__ import annotations

import html

from dprior_lite.course.chapters import Chapter, all_chapters
from dprior_lite.course.web import widgets

#: Chapters that are planned and have no folder yet; a folder of the same number takes the place of its entry here.
PLANNED = (
    Chapter("06_optimal_measurements", "Optimal measurements", column=4, row=2, needs=("05",)),
    Chapter("07_multiscale", "Multi-scale models", column=3, row=3, needs=("04",)),
    Chapter("08_generalization", "Generalise or memorise", column=3, row=1, needs=("04",)),
    Chapter("09_harmonic_bases", "Harmonic bases", column=4, row=0, needs=("03", "08")),
    Chapter("10_blind_diffusion", "Diffusion without a clock", column=3, row=4, needs=("04",)),
    Chapter("12_feature_guidance", "Guidance by features", column=3, row=5, needs=("04",)),
    Chapter("13_semantics", "What the middle knows", column=4, row=5, needs=("12",)),
)
_WIDE, _HIGH, _STEP_X, _STEP_Y = 140, 46, 162, 60


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
    columns, rows = (1 + max(getattr(c, name) for c in chapters) for name in ("column", "row"))
    width, height = (columns - 1) * _STEP_X + _WIDE + 8, (rows - 1) * _STEP_Y + _HIGH + 8
    places = {chapter.number: chapter for chapter in chapters}
    arrows = "".join(_arrow(places[needed], chapter) for chapter in chapters for needed in chapter.needs)
    needs = "; ".join(
        f"{c.number} {c.title}" + (f" needs {' and '.join(c.needs)}" if c.needs else "") for c in chapters
    )
    body = (
        f'<figure class="dprior-map"><svg viewBox="-4 -4 {width} {height}" '
        f'role="group" aria-label="Map of the course. {html.escape(needs)}." font-family="inherit" font-size="13">'
        f"{arrows}{''.join(_box(chapter, chapter.number in ready) for chapter in chapters)}</svg>"
        "<figcaption>What each chapter needs. Boxes with a full border are in this edition.</figcaption></figure>"
    )
    return widgets.Widget(body, f"map of {len(chapters)} chapters, {len(ready & set(places))} of them in this edition")


def _arrow(start: Chapter, end: Chapter) -> str:
    """Return a curve from the right side of one box to the left side of another."""
    x0, y0 = start.column * _STEP_X + _WIDE, start.row * _STEP_Y + _HIGH / 2
    x1, y1 = end.column * _STEP_X, end.row * _STEP_Y + _HIGH / 2
    bend = (x0 + x1) / 2
    return (
        f'<path d="M{x0} {y0} C{bend} {y0} {bend} {y1} {x1} {y1}" fill="none" stroke="currentColor" stroke-opacity=".4"'
        ' stroke-width="1.5"/>'
    )


def _box(chapter: Chapter, ready: bool) -> str:
    """Return one chapter as a rounded box with its number and title in two lines."""
    x, y = chapter.column * _STEP_X, chapter.row * _STEP_Y
    first, _, second = _two_lines(chapter.title)
    line = 'stroke-width="2"' if ready else 'stroke-opacity=".5" stroke-dasharray="4 3"'
    text = (
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="8" fill="none" stroke="currentColor" {line}/>'
        f'<text x="{x + 10}" y="{y + 28}" fill="currentColor" font-weight="bold">{chapter.number}</text>'
        f'<text x="{x + 36}" y="{y + (20 if second else 28)}" fill="currentColor">{html.escape(first)}</text>'
        f'<text x="{x + 36}" y="{y + 36}" fill="currentColor">{html.escape(second)}</text>'
    )
    return f'<a href="{chapter.page}.html">{text}</a>' if ready else text


def _two_lines(title: str) -> tuple[str, str, str]:
    """Split a title near its middle, at a space, if it is long."""
    if len(title) <= 16:
        return title, "", ""
    spaces = [k for k, letter in enumerate(title) if letter == " "]
    cut = min(spaces, key=lambda k: abs(k - len(title) / 2))
    return title[:cut], " ", title[cut + 1 :]
