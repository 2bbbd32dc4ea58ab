"""Check what a page states against its threshold, in sight of the reader.

`check("mi-3", closed_form=a, trained=b, control=c)` compares each number with its rule in
`thresholds`, makes sure that the deliberately wrong measurement breaks the rule, prints one
line and leaves a machine-readable record in the notebook; the ledger is made of these records.
It raises `ClaimFailed` when the claim does not hold.

Prose quotes the numbers through glue, on the same page::

    {glue:text}`mi-3.trained:.2f`

The names are `ID.PART`, `ID.value` where a claim has one unnamed part, `ID.control` where it
has one control and `ID.NAME` where it has several. Answer boxes read the same names.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dprior_lite.course.chapters import claim, claims_of
from dprior_lite.course.claims.card import Record, card, folded
from dprior_lite.course.claims.rules import Claim, Rule
from dprior_lite.course.page import profiles
from dprior_lite.used import take_called, used

MIME = "application/vnd.dprior.claim+json"
STATUSES = ("holds", "known gap", "fails", "not measured", "reported")

_checked: dict[str, Record] = {}  # of this kernel, for the folded table and the receipt


class ClaimFailed(AssertionError):
    """A claim does not hold: a part misses its threshold or a control does not break the rule."""


def check(
    id: str,
    value: float | None = None,
    /,
    *,
    control: float | Mapping[str, float] | None = None,
    seed: int | Sequence[int] | None = None,
    folded: bool = False,
    **parts: float,
) -> None:
    """Hold measured numbers against a claim's thresholds.

    Parameters
    ----------
    id : str
        Such as `"mi-3"`.
    value : float, optional
        The number, where the claim has one unnamed part.
    control : float or mapping of str to float
        The deliberately wrong measurement; a mapping by name where there are several.
    seed : int or sequence of int, optional
        The seeds the value is the worst (or, where the row says so, the median) of; recorded.
    folded : bool
        Show the numbers on a click only: a page has at most three open claims.
    **parts : float
        The numbers by part name.

    Raises
    ------
    ClaimFailed
        If a part misses its threshold, a number is not finite, or a control does not break the
        rule. A known gap does not raise, nor does a claim skipped in `ci`.
    KeyError
        For an id that no page states.
    TypeError
        If the numbers given are not the ones the claim names, or are no numbers.

    Examples
    --------
    >>> check("mi-1", 3e-16, control=0.21)
    mi-1  holds  value 3e-16 <= 1e-10; control 0.21 > 0.05
    """
    row = claim(id)
    if row.only_reported:
        raise TypeError(f"{id} has no bound to be checked against: use claims.reported")
    measured = _numbers(row, row.parts, parts if value is None else {"value": value, **parts})
    broken = _numbers(row, row.control, control if isinstance(control, Mapping) else {"control": control})
    record = _record(row, _status(row, measured, broken), measured, broken, seed)
    _publish(row, record, folded)
    if record["status"] == "fails":
        raise ClaimFailed(f"{record['line']}\nexpected, and not so: {', '.join(_misses(row, measured, broken))}")


def reported(
    id: str, value: float | None = None, /, *, seed: int | Sequence[int] | None = None, **parts: float
) -> None:
    """Put numbers on record that have no threshold and never count as holding.

    Parameters
    ----------
    id : str
        A claim whose parts are all `reported`.
    value, **parts : float
        As in `check`.
    seed : int or sequence of int, optional
        As in `check`.

    Raises
    ------
    TypeError
        If the claim has a bound: it must be checked.

    Examples
    --------
    >>> reported("mi-1", 0.1)
    Traceback (most recent call last):
    TypeError: mi-1 has a bound: use claims.check
    """
    row = claim(id)
    if not row.only_reported:
        raise TypeError(f"{id} has a bound: use claims.check")
    measured = _numbers(row, row.parts, parts if value is None else {"value": value, **parts})
    _publish(row, _record(row, "reported", measured, {}, seed))


def not_measured(id: str, reason: str) -> None:
    """Say that a claim could not be measured here, and go on.

    Parameters
    ----------
    id : str
        The claim.
    reason : str
        What is missing and where it can be had.

    Examples
    --------
    >>> not_measured("mi-4", "Set12 is absent, see the page on data")
    mi-4  not measured here: Set12 is absent, see the page on data
    """
    row = claim(id)
    _publish(row, _record(row, "not measured", {}, {}, None, reason))


def checked() -> tuple[Record, ...]:
    """The records of this kernel, in the order of the checks (the last one of each id).

    Returns
    -------
    tuple of dict
        As described in `dprior_lite.course.claims.ledger`.

    Examples
    --------
    >>> not_measured("mi-4", "no photographs here")
    mi-4  not measured here: no photographs here
    >>> [r["status"] for r in checked() if r["id"] == "mi-4"]
    ['not measured']
    """
    return tuple(_checked.values())


def also_checked(page: str, headlines: Sequence[str] = ()) -> None:
    """Display the folded table of a page's claims, the headlines left out.

    Parameters
    ----------
    page : str
        Name of the page, such as `"01_miyasawa"`.
    headlines : sequence of str
        Ids that the narrative shows, at most three.

    Raises
    ------
    ValueError
        For more than three headlines.

    Examples
    --------
    >>> also_checked("01_miyasawa", headlines=["mi-1", "mi-2", "mi-3", "mi-4"])
    Traceback (most recent call last):
    ValueError: a page has at most three headline claims, not 4
    """
    if len(headlines) > 3:
        raise ValueError(f"a page has at most three headline claims, not {len(headlines)}")
    rows = [(c, _checked.get(c.id)) for c in claims_of(page) if c.id not in headlines]
    lines = [r["line"] if r else f"{c.id}  not checked yet on this page" for c, r in rows]
    _show("Also checked\n" + "\n".join(lines), folded(rows))


def _numbers(row: Claim, rules: tuple[Rule, ...], given: Mapping[str, Any]) -> dict[str, float]:
    """The given numbers as floats, in the order of the rules."""
    single = len(rules) == 1 and len(given) == 1  # one control may be given without its name
    named = {rules[0].name: next(iter(given.values()))} if single and "control" in given else dict(given)
    wanted = [r.name for r in rules]
    if sorted(named) != sorted(wanted) or any(v is None for v in named.values()):
        got = [k for k, v in named.items() if v is not None]
        raise TypeError(f"{row.id} takes {', '.join(wanted) or 'no control'}; got {', '.join(got) or 'nothing'}")
    try:
        return {name: float(named[name]) for name in wanted}
    except (TypeError, ValueError) as error:
        raise TypeError(f"{row.id}: every value must be one real number ({error})") from error


def _status(row: Claim, measured: Mapping[str, float], broken: Mapping[str, float]) -> str:
    """`holds`, `known gap`, `fails`, or `not measured` for what `ci` skips."""
    profile = profiles.current().name
    if profile == "ci" and row.ci and row.ci.skip:
        return "not measured"
    good = not _misses(row, measured, broken)
    # a gap is closed, or found to hold, by the class profile alone
    if row.known_gap and (profile == "ci" or not good):
        return "known gap"
    return "holds" if good else "fails"


def _misses(row: Claim, measured: Mapping[str, float], broken: Mapping[str, float]) -> list[str]:
    parts = [r for r in row.parts_in(profiles.current().name) if not r.holds(measured[r.name])]
    idle = [r for r in row.control if not r.holds(broken[r.name])]
    return [_compared(r, measured[r.name]) for r in parts] + [f"{_compared(r, broken[r.name])} (control)" for r in idle]


def _compared(rule: Rule, value: float) -> str:
    return f"{rule.label} {rule.seen(value):.3g} {rule.limit}"


def _record(
    row: Claim,
    status: str,
    measured: Mapping[str, float],
    broken: Mapping[str, float],
    seed: int | Sequence[int] | None,
    reason: str = "",
) -> Record:
    profile = profiles.current().name
    rules = row.parts_in(profile)
    if status == "not measured" and measured:
        reason = f"skipped in ci ({row.ci.skip}): {row.ci.reason}" if row.ci else reason
    return {
        "id": row.id,
        "status": status,
        "says": row.says,
        "value": {k: _plain(v) for k, v in measured.items()},
        "threshold": {r.name: r.limit for r in rules},
        "control": {k: _plain(v) for k, v in broken.items()},
        "control_threshold": {r.name: r.limit for r in row.control},
        "paper": row.paper,
        "profile": profile,
        "weights": take_called(),
        "data": used("data"),
        "seed": [seed] if isinstance(seed, int) else list(seed) if seed is not None else None,
        "page": row.page,
        "reason": row.known_gap.reason if status == "known gap" and row.known_gap else reason,
        "tried": [list(t) for t in row.known_gap.tried] if row.known_gap else [],
        "line": _line(row, status, rules, measured, broken, reason),
    }


def _plain(value: float) -> float | str:
    """JSON has no number for infinities and for what is not a number."""
    return value if math.isfinite(value) else str(value)


def _line(
    row: Claim,
    status: str,
    rules: tuple[Rule, ...],
    measured: Mapping[str, float],
    broken: Mapping[str, float],
    reason: str,
) -> str:
    if status == "not measured":
        return f"{row.id}  not measured here: {reason}"
    text = ", ".join(_compared(r, measured[r.name]) for r in rules)
    controls = ", ".join(_compared(r, broken[r.name]) for r in row.control if r.name in broken)
    return f"{row.id}  {status}  {text}" + (f"; {controls}" if controls else "")


def _publish(row: Claim, record: Record, folded: bool = False) -> None:
    """Remember, display and glue a record."""
    _checked[row.id] = record
    _show(record["line"], card(row, record, folded), record)
    if _in_notebook() and importlib.util.find_spec("myst_nb"):
        from myst_nb import glue

        for name, value in _names(record):
            glue(name, float(value), display=False)


def _names(record: Record) -> list[tuple[str, float | str]]:
    """The numbers of a record under the names prose and answer boxes quote them by."""
    numbers = {**record["value"], **record["control"]}
    return [(f"{record['id']}.{name}", value) for name, value in numbers.items()]


def _in_notebook() -> bool:
    from IPython import get_ipython

    return get_ipython() is not None


def _show(text: str, page: str, record: Record | None = None) -> None:
    """One line in a terminal; in a notebook one bundle with the line, its HTML and the record."""
    if not _in_notebook():
        print(text)
        return
    from IPython.display import display

    bundle = {"text/plain": text, "text/html": page} | ({MIME: record} if record else {})
    display(bundle, raw=True)
