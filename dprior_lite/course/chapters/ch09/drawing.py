"""The diagram of page 09: a picture is shrunk in a basis made for it, and in a basis made for all pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dprior_lite.course.page.diagrams import Diagram, Point

__all__ = ["own_basis"]

#: Noisy coefficients and their factors: in a basis of its own few are large, in a fixed one many.
_OWN = ((62, 0.99), (50, 0.99), (40, 0.97), (9, 0.15), (7, 0.1), (9, 0.1), (6, 0.05), (8, 0.05))
_FIXED = ((46, 0.95), (38, 0.93), (31, 0.9), (26, 0.85), (21, 0.75), (17, 0.6), (14, 0.5), (12, 0.4))
_NOISE = 10  # height of the noise in the drawing


def own_basis() -> Diagram:
    """Return the diagram of shrinkage in the eigenbasis at the noisy picture, and in a fixed basis below it.

    Examples
    --------
    >>> own_basis().record["width"]
    640
    """
    made = Diagram(
        640,
        352,
        "Two rows. Above: a noisy shape with a wavy outline goes to a box with waves that follow its outline, the"
        " eigenvectors of the Jacobian at this picture. Three of its eight coefficients are far above the noise."
        " They are kept, the five others are shrunk nearly to zero, and a clean shape comes out. Below: the same"
        " noisy shape goes to a box with straight cosines. All eight coefficients are above the noise, so all are"
        " kept in part, and the shape that comes out has an uneven outline.",
        "Shrinkage in a basis. Each coefficient is multiplied by a factor: near 1 if it is large, near 0 if it is no"
        " larger than the noise (dashed line). Above: in the eigenvectors of the Jacobian at this very picture few"
        " coefficients are large, so most of the noise is removed. Below: in a fixed basis the same picture has many"
        " large coefficients, and the noise in all of them stays.",
    )
    made.text(10, 18, "A basis of its own: the eigenvectors eₖ of J at this y", "blue", "start")
    _row(made, 30, "blue", "eₖ", "λₖ", _OWN)
    made.text(10, 200, "A fixed basis: cosines, the same for every picture", "orange", "start")
    _row(made, 212, "orange", "cₖ", "wₖ", _FIXED)
    for wave in range(3):
        made.curve(_around(180, 82, 17 + 9 * wave, 1 + wave, 2 + 4 * wave), "blue", filled=False)
        made.curve(_along(148, 239 + 25 * wave, 64, 1 + wave, 7), "orange")
    made.curve(_around(588, 82, 24, 4, 3), "blue", filled=True)
    made.curve(_around(588, 264, 24, 5, 5), "orange", filled=True)
    return made


def _row(
    made: Diagram, top: float, colour: str, vector: str, factor: str, coefficients: Sequence[tuple[float, float]]
) -> None:
    """Add one row: the noisy picture, the basis, coefficients before and after their factors, the clean picture."""
    middle = top + 52
    made.box(10, top + 10, 84, 84).curve(_around(52, middle, 24, 4, 3), filled=True)
    for place in range(24):
        # a sequence that fills the square evenly and is the same every time
        across, down = round(73 * (0.7549 * place % 1)), round(73 * (0.5698 * place % 1))
        made.box(15 + across, top + 15 + down, 1, 1, colour="quiet")
    made.arrow((98, middle), (134, middle)).box(138, top + 10, 84, 84, colour=colour)
    made.arrow((226, middle), (262, middle), colour=colour)
    _bars(made, 272, top + 84, [size for size, _ in coefficients], colour)
    made.arrow((378, middle), (414, middle), f"× {factor}", colour)
    _bars(made, 424, top + 84, [size * kept for size, kept in coefficients], colour)
    made.arrow((526, middle), (542, middle), colour=colour).box(546, top + 10, 84, 84)
    for x, text in ((52, "noisy y"), (180, f"basis {vector}"), (322, f"⟨y, {vector}⟩"), (588, "x̂")):
        made.text(x, top + 114, text, "ink" if text in ("noisy y", "x̂") else colour)


def _bars(made: Diagram, left: float, base: float, heights: Sequence[float], colour: str) -> None:
    """Add a bar a coefficient and the level of the noise, dashed."""
    for k, height in enumerate(heights):
        made.box(left + 12 * k, base - height, 8, height, colour=colour)
    made.curve([(left - 4, base - _NOISE), (left + 98, base - _NOISE)], "quiet", dashed=True)


def _around(x: float, y: float, radius: float, height: float, waves: int) -> list[Point]:
    """Return points on a circle whose radius oscillates."""
    turns = [2 * math.pi * k / 48 for k in range(49)]
    return [
        (round(x + r * math.cos(a), 1), round(y + r * math.sin(a), 1))
        for a in turns
        for r in [radius + height * math.cos(waves * a)]
    ]


def _along(left: float, y: float, width: float, waves: int, height: float) -> list[Point]:
    """Return points of a cosine along a straight line."""
    return [
        (round(left + width * k / 32, 1), round(y - height * math.cos(2 * math.pi * waves * k / 32), 1))
        for k in range(33)
    ]
