"""A claim: one row of the scorecard, and the verdict that its numbers deserve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dprior_lite.course.claims.rules import Ci, Control, KnownGap, Rule

STATUSES = ("holds", "known gap", "fails", "not measured", "reported")


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
    control : tuple of Control
        Each must break the rule of the part it names.
    ci : Ci, optional
        Allowance in the small profile.
    amended : str
        Date of the amendment, where the row was ill-posed as first fixed.
    compares : tuple of str
        Names of the trained networks that the row compares. If they were not trained for the same number of steps, the
        row is reported and never counts as holding.
    page : str
        Such as `"01_miyasawa"`; filled in by `chapters.claims_of`.
    known_gap : KnownGap, optional
        Why it does not hold yet; filled in by `chapters.claims_of` from the chapter's `tried.py`.

    Raises
    ------
    ValueError
        For a claim without parts, a bounded claim without a control, a name used twice, or an allowance in `ci` for a
        part that states no ideal.
    """

    id: str
    paper: str
    says: str
    parts: tuple[Rule, ...]
    control: tuple[Control, ...] = ()
    ci: Ci | None = None
    amended: str = ""
    compares: tuple[str, ...] = ()
    page: str = ""
    known_gap: KnownGap | None = None

    def __post_init__(self) -> None:
        names = [r.name for r in self.parts + self.control]
        if not self.parts or len(set(names)) < len(names):
            raise ValueError(f"{self.id}: needs parts, each name once; it has {names}")
        if not self.only_reported and not self.control:
            raise ValueError(f"{self.id}: has no control, and a check that cannot fail proves nothing")
        for control in self.control:
            if control.breaks not in {p.name for p in self.parts}:
                raise ValueError(
                    f"{self.id}: control {control.name} names the part {control.breaks!r}, which does not exist"
                )
        self.parts_in("ci")  # an allowance without an ideal is refused here

    @property
    def only_reported(self) -> bool:
        """Whether no part has a bound: the claim is reported and never counts as holding."""
        return all(r.relation == "reported" for r in self.parts)

    def parts_in(self, profile: str) -> tuple[Rule, ...]:
        """Return the rules as they stand in a profile: `ci` may be more tolerant, the others are not."""
        if profile != "ci" or self.ci is None or self.ci.factor == 1:
            return self.parts
        eased = self.ci.parts or tuple(r.name for r in self.parts if r.ideal is not None)
        return tuple(r.loosened(self.ci.factor) if r.name in eased else r for r in self.parts)

    def part_of(self, control: Control, profile: str) -> Rule:
        """Return the rule that a control must break, as it stands in a profile."""
        return next(r for r in self.parts_in(profile) if r.name == control.breaks)


def missed_parts(row: Claim, profile: str, value: Mapping[str, float]) -> list[Rule]:
    """Return the rules that the measured numbers do not obey."""
    return [r for r in row.parts_in(profile) if not r.holds(value[r.name])]


def idle_controls(row: Claim, profile: str, control: Mapping[str, float]) -> list[Control]:
    """Return the controls whose numbers do not break the rule that they must break."""
    return [c for c in row.control if not c.breaks_rule(row.part_of(c, profile), control[c.name])]


def thin_parts(row: Claim, profile: str, value: Mapping[str, float], error: Mapping[str, float]) -> list[Rule]:
    """Return the rules whose number lies within one standard error of the bound."""
    return [r for r in row.parts_in(profile) if r.name in error and r.distance(value[r.name]) <= error[r.name]]


def verdict(row: Claim, profile: str, value: Mapping[str, float], control: Mapping[str, float]) -> str:
    """Return the status that the numbers deserve, one of `STATUSES`.

    A known gap is closed, or found to hold, by the class profile alone. Without numbers nothing was measured.

    Examples
    --------
    >>> from dprior_lite.course.chapters import claim
    >>> verdict(claim("mi-1"), "class", {"value": 1e-16}, {"control": 0.2})
    'holds'
    >>> verdict(claim("mi-1"), "class", {"value": 99.0}, {"control": 0.2})
    'fails'
    """
    if not value or (profile == "ci" and row.ci and row.ci.skip):
        return "not measured"
    if row.only_reported:
        return "reported"
    good = not missed_parts(row, profile, value) and not idle_controls(row, profile, control)
    if row.known_gap and (profile == "ci" or not good):
        return "known gap"
    return "holds" if good else "fails"
