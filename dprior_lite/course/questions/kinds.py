"""What a question is: the option, value or function that is right, and the misconception behind each wrong one.

Texts are plain: `code` in backticks, mathematics in unicode or between \\( and \\), and `{mi-2.value:.2f}` for a
number that the page measured. A question is shown by `course.boxes` and checked in the notebook by `course.exercises`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One answer of a `Predict`, with what to say to the reader who chose it."""

    text: str
    says: str
    right: bool = False


@dataclass(frozen=True)
class Predict:
    """A guess before the figure: one right option, every other one a known misconception.

    `refresher` names the half page that a miss leads to, an anchor of the page `a_refresher`.
    """

    id: str
    question: str
    options: tuple[Option, ...]
    refresher: str = ""


@dataclass(frozen=True)
class WrongValue:
    """A number that a known slip leads to, and its hint."""

    value: float
    hint: str


@dataclass(frozen=True)
class Numeric:
    """A number to be found.

    Right is what lies within `tolerance` (absolute, in `unit`), and what is `value` rounded to at least `digits`
    significant digits. A question that asks for more than two says so in its text.
    """

    id: str
    question: str
    value: float
    tolerance: float
    why: str
    hint: str
    wrong: tuple[WrongValue, ...] = ()
    unit: str = ""
    digits: int = 2

    @property
    def close(self) -> str:
        """What is said to an answer within 2 percent that is not right."""
        return f"That is close, but not right to {self.digits} significant digits. {self.hint}"


@dataclass(frozen=True)
class WrongFunction:
    """An implementation that a known slip leads to, and its hint."""

    function: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Code:
    """A function to be written, compared with `reference` on every one of `cases()` (tuples of arguments)."""

    id: str
    question: str
    reference: Callable[..., Any]
    cases: Callable[[], Sequence[tuple[Any, ...]]]
    why: str
    wrong: tuple[WrongFunction, ...] = ()
    tolerance: float = 1e-4


Item = Predict | Numeric | Code
