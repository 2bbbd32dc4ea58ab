"""The grammar of a claim: rules on numbers, controls that must break them, allowances in `ci`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Relation = Literal["<=", "<", ">=", ">", "==", "in", "reported"]

_COMPARE = {
    "<=": lambda v, b: v <= b,
    "<": lambda v, b: v < b,
    ">=": lambda v, b: v >= b,
    ">": lambda v, b: v > b,
    "==": lambda v, b: math.isclose(v, b, rel_tol=1e-9, abs_tol=1e-6),
    "in": lambda v, b: b[0] <= v <= b[1],
    "reported": lambda v, b: True,
}


@dataclass(frozen=True)
class Rule:
    """One named condition on one measured number.

    Parameters
    ----------
    name : str
        Keyword under which a page hands in the number; `"value"` where a claim has one part,
        `"control"` where it has one control.
    relation : str
        `<=`, `<`, `>=`, `>`, `==` (to 1e-6), `in` (a closed interval), or `reported` (no bound).
    bound : float or (float, float), optional
        In the units of `quantity`.
    quantity : str
        What is measured, in words, with its unit.
    absolute : bool
        Whether the rule is about abs(number).
    breaks : str
        Of a control: the part whose rule it must break.

    Examples
    --------
    >>> rule = Rule("q", "<=", 0.5, absolute=True)
    >>> rule.holds(-0.37), rule.holds(-0.6), rule.holds(float("nan"))
    (True, False, False)
    """

    name: str
    relation: Relation
    bound: float | tuple[float, float] | None = None
    quantity: str = ""
    absolute: bool = False
    breaks: str = ""

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
        """Whether the number obeys the rule; a number that is not finite never does."""
        return math.isfinite(value) and _COMPARE[self.relation](self.seen(value), self.bound)

    def seen(self, value: float) -> float:
        """The number the rule looks at: itself or its absolute value."""
        return abs(value) if self.absolute else value

    @property
    def label(self) -> str:
        """How the number is called in print."""
        return f"abs({self.name})" if self.absolute else self.name

    @property
    def limit(self) -> str:
        """Relation and bound as text, such as `<= 0.15`."""
        if self.relation == "reported":
            return "reported"
        if isinstance(self.bound, tuple):
            return f"in [{self.bound[0]:.6g}, {self.bound[1]:.6g}]"
        return f"{self.relation} {self.bound:.6g}"

    def __str__(self) -> str:
        return f"{self.label} {self.limit}"

    def loosened(self, factor: float) -> Rule:
        """The same rule with its tolerance multiplied by `factor` (an interval widens about its middle)."""
        if self.relation in ("==", "reported"):
            return self
        if isinstance(self.bound, tuple):
            middle, half = sum(self.bound) / 2, (self.bound[1] - self.bound[0]) / 2 * factor
            return replace(self, bound=(middle - half, middle + half))
        outward = (self.bound >= 0) == (self.relation in ("<=", "<"))
        return replace(self, bound=self.bound * factor if outward else self.bound / factor)


@dataclass(frozen=True)
class Ci:
    """What the small profile is allowed, with the reason.

    Parameters
    ----------
    reason : str
        Why; printed wherever the allowance shows.
    factor : float
        Multiplies the tolerance of `parts`, at most 2.
    parts : tuple of str
        The rules it applies to; empty for all.
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
    """

    reason: str
    tried: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if len(self.tried) < 2:
            raise ValueError(
                f"a known gap lists at least two things tried with their numbers, this one {len(self.tried)}"
            )


@dataclass(frozen=True)
class Claim:
    """One row of the scorecard.

    Parameters
    ----------
    id : str
        Such as `"mi-3"`.
    paper : str
        What the authors report for it, empty where no figure is known.
    says : str
        The statement.
    parts : tuple of Rule
        All must hold.
    control : tuple of Rule
        All must hold too: each is the condition under which a deliberately wrong measurement
        counts as having broken the rule of the part it names in `breaks`.
    ci : Ci, optional
        Allowance in the small profile.
    page : str
        Such as `"01_miyasawa"`; filled in by `chapters.claims_of`.
    known_gap : KnownGap, optional
        Why it does not hold yet; filled in by `chapters.claims_of` from the chapter's `tried.py`.

    Raises
    ------
    ValueError
        For a claim without parts, a bounded claim without a control, or a name used twice.
    """

    id: str
    paper: str
    says: str
    parts: tuple[Rule, ...]
    control: tuple[Rule, ...] = ()
    ci: Ci | None = None
    page: str = ""
    known_gap: KnownGap | None = None

    def __post_init__(self) -> None:
        names = [r.name for r in self.parts + self.control]
        if not self.parts or len(set(names)) < len(names):
            raise ValueError(f"{self.id}: needs parts, each name once; it has {names}")
        if not self.only_reported and not self.control:
            raise ValueError(f"{self.id}: has no control, and a check that cannot fail proves nothing")
        for rule in self.control:
            if rule.breaks not in {p.name for p in self.parts}:
                raise ValueError(f"{self.id}: control {rule.name} names the part {rule.breaks!r}, which does not exist")

    @property
    def only_reported(self) -> bool:
        """Whether no part has a bound: the claim is reported and never counts as holding."""
        return all(r.relation == "reported" for r in self.parts)

    def parts_in(self, profile: str) -> tuple[Rule, ...]:
        """The rules as they stand in a profile: `ci` may be more tolerant, the others are not."""
        if profile != "ci" or self.ci is None:
            return self.parts
        eased = self.ci.parts or tuple(r.name for r in self.parts)
        return tuple(r.loosened(self.ci.factor) if r.name in eased else r for r in self.parts)
