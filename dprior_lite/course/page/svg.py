"""A plot as SVG in as few bytes as show the same: half of what matplotlib writes is layout, comments and repetition."""

from __future__ import annotations

import re

__all__ = ["compact"]

# a hundredth of a point is not seen; a scale is a factor of everything in it, and keeps its digits
_LONG_NUMBER = re.compile(r"(?<!scale\()(?<![\w.#-])-?\d+\.\d{3,}(?![\w.])")
_INVISIBLE = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", flags=re.DOTALL)
_MARK = r'<use xlink:href="#[\w-]+" x="[-\d.]+" y="[-\d.]+"'
_SAME_MARKS = re.compile(rf'({_MARK}) style="([^"]+)"/>(?: {_MARK} style="\2"/>)+')


def compact(svg: str) -> str:
    """Return an SVG of matplotlib on one line: coordinates to .01 points, the style of many marks said once.

    Parameters
    ----------
    svg : str
        From `<svg` on. What is compact already comes back unchanged.

    Examples
    --------
    >>> compact('<svg> <!-- 8 -->\\n <path d="M 46.266646 2 \\nL 1 2 "/>\\n</svg>')
    '<svg> <path d="M 46.27 2 L 1 2 "/> </svg>'
    """
    shown = " ".join(_INVISIBLE.sub("", svg).split())
    rounded = _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), shown)
    return _SAME_MARKS.sub(_grouped, rounded)


def _grouped(marks: re.Match[str]) -> str:
    """Return marks of one style inside one group that has it."""
    style = f' style="{marks[2]}"'
    return f"<g{style}> {marks[0].replace(style, '')} </g>"
