"""The chapters of the course and what each needs, as data and as a map to click on."""

from __future__ import annotations

import html
from dataclasses import dataclass

from dprior_lite.course import widgets


@dataclass(frozen=True)
class Chapter:
    """One chapter: its page, its title, where it stands on the map, and the chapters it needs.

    ``ready`` says whether the page is in the book; the others are on the map without a link.
    """

    number: str
    page: str
    title: str
    column: int
    row: int
    needs: tuple[str, ...] = ()
    ready: bool = False


CHAPTERS = (
    Chapter("01", "01_miyasawa", "A denoiser is a score", 0, 1, ready=True),
    Chapter("02", "02_bias_free", "Bias-free denoising", 1, 1, ("01",), ready=True),
    Chapter("03", "03_adaptive_filters", "What a denoiser computes", 2, 0, ("02",), ready=True),
    Chapter("04", "04_implicit_prior", "Sampling the prior", 2, 2, ("02",), ready=True),
    Chapter("05", "05_inverse_problems", "Inverse problems", 3, 2, ("04",), ready=True),
    Chapter("06", "06_optimal_measurements", "Optimal measurements", 4, 2, ("05",)),
    Chapter("07", "07_multiscale", "Multi-scale models", 3, 3, ("04",)),
    Chapter("08", "08_generalization", "Generalise or memorise", 3, 1, ("04",)),
    Chapter("09", "09_harmonic_bases", "Harmonic bases", 4, 0, ("03", "08")),
    Chapter("10", "10_blind_diffusion", "Diffusion without a clock", 3, 4, ("04",)),
    Chapter("11", "11_energy", "Normalised energies", 1, 4, ("01",), ready=True),
    Chapter("12", "12_feature_guidance", "Guidance by features", 3, 5, ("04",)),
    Chapter("13", "13_semantics", "What the middle knows", 4, 5, ("12",)),
)
_WIDE, _HIGH, _STEP_X, _STEP_Y = 140, 46, 162, 60


def roadmap() -> widgets.Widget:
    """Show the chapters as boxes joined by what needs what; boxes of finished pages are links.

    Examples
    --------
    >>> roadmap()
    map of 13 chapters, 6 of them in this edition
    """
    width, height = 4 * _STEP_X + _WIDE + 8, 5 * _STEP_Y + _HIGH + 8
    places = {chapter.number: chapter for chapter in CHAPTERS}
    arrows = "".join(_arrow(places[needed], chapter) for chapter in CHAPTERS for needed in chapter.needs)
    needs = "; ".join(f"{c.number} {c.title}" + (f" needs {' and '.join(c.needs)}" if c.needs else "") for c in CHAPTERS)
    body = (f'<figure class="dprior-map"><svg viewBox="-4 -4 {width} {height}" '
            f'role="group" aria-label="Map of the course. {html.escape(needs)}." font-family="inherit" font-size="13">'
            f'{arrows}{"".join(_box(chapter) for chapter in CHAPTERS)}</svg>'
            "<figcaption>What each chapter needs. Boxes with a full border are in this edition.</figcaption></figure>")
    return widgets.Widget(body, f"map of {len(CHAPTERS)} chapters, {sum(c.ready for c in CHAPTERS)} of them in this edition")


def _arrow(start: Chapter, end: Chapter) -> str:
    """Return a curve from the right side of one box to the left side of another."""
    x0, y0 = start.column * _STEP_X + _WIDE, start.row * _STEP_Y + _HIGH / 2
    x1, y1 = end.column * _STEP_X, end.row * _STEP_Y + _HIGH / 2
    bend = (x0 + x1) / 2
    return f'<path d="M{x0} {y0} C{bend} {y0} {bend} {y1} {x1} {y1}" fill="none" stroke="currentColor" stroke-opacity=".4" stroke-width="1.5"/>'


def _box(chapter: Chapter) -> str:
    """Return one chapter as a rounded box with its number and title in two lines."""
    x, y = chapter.column * _STEP_X, chapter.row * _STEP_Y
    first, _, second = _two_lines(chapter.title)
    line = 'stroke-width="2"' if chapter.ready else 'stroke-opacity=".5" stroke-dasharray="4 3"'
    text = (f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="8" fill="none" stroke="currentColor" {line}/>'
            f'<text x="{x + 10}" y="{y + 28}" fill="currentColor" font-weight="bold">{chapter.number}</text>'
            f'<text x="{x + 36}" y="{y + (20 if second else 28)}" fill="currentColor">{html.escape(first)}</text>'
            f'<text x="{x + 36}" y="{y + 36}" fill="currentColor">{html.escape(second)}</text>')
    return f'<a href="{chapter.page}.html">{text}</a>' if chapter.ready else text


def _two_lines(title: str) -> tuple[str, str, str]:
    """Split a title near its middle, at a space, if it is long."""
    if len(title) <= 16:
        return title, "", ""
    spaces = [k for k, letter in enumerate(title) if letter == " "]
    cut = min(spaces, key=lambda k: abs(k - len(title) / 2))
    return title[:cut], " ", title[cut + 1:]
