"""The grammar of a claim: rules on numbers, controls that must break them, allowances in `ci`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from dprior_lite.course.page.numbers import number

Relation = Literal["<=", "<", ">=", ">", "==", "in", "reported"]
Bound = float | tuple[float, float] | None

_COMPARE = {
    "<=": lambda v, b: v <= b,
    "<": lambda v, b: v < b,
    ">=": lambda v, b: v >= b,
    ">": lambda v, b: v > b,
    "==": lambda v, b: math.isclose(v, b, rel_tol=1e-9, abs_tol=1e-6),
    "in": lambda v, b: b[0] <= v <= b[1],
    "reported": lambda v, b: True,
}
_WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "exactly"}
_OPPOSITE = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}
#: Most that `ci` may take off a gain in decibels.
MOST_DB = 0.5


def limit(relation: str, bound: Bound) -> str:
    """Return a relation and its bound in plain words.

    Examples
    --------
    >>> limit("<=", 0.15), limit("in", (0.85, 1.15)), limit("reported", None)
    ('at most 0.15', '0.85 to 1.15', 'no bound')
    """
    if relation == "reported":
        return "no bound"
    if isinstance(bound, tuple):
        return f"{number(bound[0], 6)} to {number(bound[1], 6)}"
    return f"{_WORDS[relation]} {number(bound, 6)}"


@dataclass(frozen=True)
class Rule:
    """One named condition on one measured number.

    Parameters
    ----------
    name : str
        Keyword under which a page hands in the number; `"value"` where a claim has one part.
    relation : str
        `<=`, `<`, `>=`, `>`, `==` (to 1e-6), `in` (a closed interval), or `reported` (no bound).
    bound : float or (float, float), optional
        In the units of `quantity`.
    quantity : str
        What is measured, in words, with its unit.
    absolute : bool
        Whether the rule is about abs(number).
    ideal : float, optional
        The value of a perfect result: 0 of an error, 1 of a correlation, the target of a ratio. `ci` loosens the
        distance of the bound from it.
    unit : str
        `"dB"` for a gain, of which `ci` takes off at most half a decibel.

    Raises
    ------
    ValueError
        If relation and bound do not fit together, or the name is no identifier.

    Examples
    --------
    >>> rule = Rule("q", "<=", 0.5, absolute=True)
    >>> rule.holds(-0.37), rule.holds(-0.6), rule.holds(float("nan"))
    (True, False, False)
    """

    name: str
    relation: Relation
    bound: Bound = None
    quantity: str = ""
    absolute: bool = False
    ideal: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if self.relation not in _COMPARE:
            raise ValueError(f"rule {self.name}: relation {self.relation!r} is none of {', '.join(_COMPARE)}")
        if not self.name.isidentifier():
            raise ValueError(f"rule name {self.name!r} is passed as a keyword and must be an identifier")
        if (self.bound is None) != (self.relation == "reported"):
            raise ValueError(
                f"rule {self.name}: {self.relation} with bound {self.bound}; only a reported number has none"
            )
        if isinstance(self.bound, tuple) != (self.relation == "in"):
            raise ValueError(f"rule {self.name}: {self.relation} with bound {self.bound}; a pair goes with 'in'")

    def holds(self, value: float) -> bool:
        """Return whether the number obeys the rule; a number that is not finite never does."""
        return math.isfinite(value) and _COMPARE[self.relation](self.compared(value), self.bound)

    def compared(self, value: float) -> float:
        """Return the number that is compared with the bound: itself or its absolute value."""
        return abs(value) if self.absolute else value

    def distance(self, value: float) -> float:
        """Return how far the number is from the nearest bound; infinite where there is none."""
        if self.bound is None:
            return math.inf
        bounds = self.bound if isinstance(self.bound, tuple) else (self.bound,)
        return min(abs(self.compared(value) - b) for b in bounds)

    @property
    def limit(self) -> str:
        """Relation and bound as a program reads them, such as `<= 0.15`."""
        if self.relation == "reported":
            return "reported"
        if isinstance(self.bound, tuple):
            return f"in [{self.bound[0]:.6g}, {self.bound[1]:.6g}]"
        return f"{'abs ' if self.absolute else ''}{self.relation} {self.bound:.6g}"

    @property
    def asked(self) -> str:
        """What is asked of the number, in words, such as `at most 0.15`."""
        text = limit(self.relation, self.bound)
        return f"{text} in absolute value" if self.absolute and self.relation != "reported" else text

    @property
    def refused(self) -> str:
        """What a number must be to break the rule, in words, such as `above 0.15`."""
        if self.relation not in _OPPOSITE:
            return f"outside {limit(self.relation, self.bound)}" if self.relation == "in" else f"not {self.asked}"
        text = limit(_OPPOSITE[self.relation], self.bound)
        return f"{text} in absolute value" if self.absolute else text

    def __str__(self) -> str:
        return f"{self.name} {self.asked}"

    def loosened(self, factor: float) -> Rule:
        """Return the rule with the distance of its bound from the ideal multiplied by `factor`.

        Of a gain in decibels at most half a decibel is taken off.

        Raises
        ------
        ValueError
            If the rule states no ideal.

        Examples
        --------
        >>> Rule("correlation", ">=", 0.9, ideal=1).loosened(2).asked
        'at least 0.8'
        >>> Rule("gain", ">=", 2, ideal=10, unit="dB").loosened(2).asked
        'at least 1.5'
        """
        if self.relation in ("==", "reported"):
            return self
        if self.ideal is None:
            raise ValueError(f"rule {self.name} states no ideal, so ci cannot loosen its distance from it")
        if isinstance(self.bound, tuple):
            return replace(self, bound=tuple(self._eased(b, factor) for b in self.bound))
        return replace(self, bound=self._eased(self.bound, factor))

    def _eased(self, bound: float, factor: float) -> float:
        step = (bound - self.ideal) * (factor - 1)
        most = MOST_DB if self.unit == "dB" else math.inf
        return bound + math.copysign(min(abs(step), most), step)


@dataclass(frozen=True)
class Control:
    """A deliberately wrong measurement: its number must break the rule of a part.

    Parameters
    ----------
    name : str
        Keyword under which a page hands in the number; `"control"` where a claim has one.
    breaks : str
        The part whose rule it must break.
    quantity : str
        What is measured, in words.
    relation, bound : optional
        A condition of its own, where CLAIMS asks for more than that the rule is broken.
    absolute : bool
        Whether that condition is about abs(number).

    Examples
    --------
    >>> rule = Rule("value", "<=", 0.1)
    >>> Control("control", "value").breaks_rule(rule, 0.2), Control("control", "value").breaks_rule(rule, 0.05)
    (True, False)
    """

    name: str
    breaks: str
    quantity: str = ""
    relation: Relation | None = None
    bound: Bound = None
    absolute: bool = False

    def __post_init__(self) -> None:
        if self.relation is not None:
            self._own()

    def _own(self) -> Rule:
        return Rule(self.name, self.relation, self.bound, self.quantity, self.absolute)

    def breaks_rule(self, part: Rule, value: float) -> bool:
        """Return whether the number breaks the rule of the part, and meets the condition of its own where there is one.

        A number that is not finite proves nothing.
        """
        own = self.relation is None or self._own().holds(value)
        return math.isfinite(value) and own and not part.holds(value)

    def limit(self, part: Rule) -> str:
        """Return what is asked of the number as a program reads it, such as `> 0.15`."""
        return f"not {part.limit}" if self.relation is None else self._own().limit

    def asked(self, part: Rule) -> str:
        """Return what is asked of the number, in words."""
        return part.refused if self.relation is None else self._own().asked


@dataclass(frozen=True)
class Ci:
    """What the small profile is allowed, with the reason.

    Parameters
    ----------
    reason : str
        Why; printed wherever the allowance shows.
    factor : float
        Multiplies the distance of the bound from the ideal, at most 2.
    parts : tuple of str
        The rules it applies to; empty for all that state an ideal.
    skip : {"", "data", "timing", "training"}
        Not checked in `ci` at all: absent data, a timing, a live training of over 60 s.

    Raises
    ------
    ValueError
        For a factor outside [1, 2], a missing reason, or another ground to skip.
    """

    reason: str
    factor: float = 1.0
    parts: tuple[str, ...] = ()
    skip: Literal["", "data", "timing", "training"] = ""

    def __post_init__(self) -> None:
        if not 1 <= self.factor <= 2:
            raise ValueError(f"ci may multiply a tolerance by 1 to 2, not by {self.factor}")
        if not self.reason:
            raise ValueError("an allowance in ci needs its reason")
        if self.skip not in ("", "data", "timing", "training"):
            raise ValueError(f"a claim is skipped in ci for data, timing or training, not for {self.skip!r}")


@dataclass(frozen=True)
class KnownGap:
    """Why a claim does not hold yet, and at least two things tried, each with its number.

    Parameters
    ----------
    reason : str
        What stands in the way.
    tried : tuple of (str, float)
        What was tried and the value it gave.

    Raises
    ------
    ValueError
        If fewer than two things were tried.
    """

    reason: str
    tried: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if len(self.tried) < 2:
            raise ValueError(
                f"a known gap lists at least two things tried with their numbers, this one {len(self.tried)}"
            )
