"""Check what a page states against its threshold, in sight of the reader.

`check("mi-3", closed_form=a, trained=b, control=c)` compares each number with its rule in the chapter's `claims.py`,
makes sure that the deliberately wrong measurement breaks the rule, prints one line and leaves a record in the notebook;
the ledger is made of these records. It raises `ClaimFailed` when the claim does not hold.

Prose quotes the numbers through glue, on the same page::

    {glue:text}`mi-3.trained:.2f`

The names are `ID.PART`, `ID.value` where a claim has one unnamed part, `ID.control` where it has one control and
`ID.NAME` where it has several. Answer boxes read the same names.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dprior_lite import profiles
from dprior_lite.course.chapters import claim, claims_of
from dprior_lite.course.claims.card import card, line, table
from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.record import MIME, Record, judged
from dprior_lite.used import take_called, used

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
    error: Mapping[str, float] | None = None,
    weights: Mapping[str, str] | None = None,
    folded: bool = False,
    **parts: float,
) -> None:
    """Hold measured numbers against a claim's thresholds, and print the verdict.

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
    error : mapping of str to float, optional
        Standard errors by part; a value within one of its threshold is called thin.
    weights : mapping of str to str, optional
        The weights that the numbers rest on, name -> sha256, where they come from a stored measurement; by default
        those whose networks were called since the claim before.
    folded : bool
        Show the numbers on a click only: a page has at most three open claims.
    **parts : float
        The numbers by part name.

    Raises
    ------
    ClaimFailed
        If a part misses its threshold, a number is not finite, or a control does not break the rule. A known gap does
        not raise, nor does a claim skipped in `ci`.
    KeyError
        For an id that no page states.
    TypeError
        If the numbers given are not the ones the claim names, or are no numbers.

    Examples
    --------
    >>> check("mi-1", 3e-16, control=0.21)
    mi-1 holds. Found 3·10⁻¹⁶; asked at most 10⁻¹⁰. Control 0.21; must be above 0.05.
    """
    row = claim(id)
    if row.only_reported:
        raise TypeError(f"{id} has no bound to be checked against: use claims.reported")
    measured = _numbers(row, [r.name for r in row.parts], parts if value is None else {"value": value, **parts})
    broken = _numbers(
        row, [c.name for c in row.control], control if isinstance(control, Mapping) else {"control": control}
    )
    record = _record(row, measured, broken, seed, error=error, weights=weights)
    _publish(row, record, folded)
    if (found := judged(record))["status"] == "fails":
        raise ClaimFailed(line(row, found))


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
    measured = _numbers(row, [r.name for r in row.parts], parts if value is None else {"value": value, **parts})
    _publish(row, _record(row, measured, {}, seed))


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
    mi-4 not measured here: Set12 is absent, see the page on data
    """
    row = claim(id)
    _publish(row, _record(row, {}, {}, None, reason))


def checked() -> tuple[Record, ...]:
    """Return the records of this kernel with their verdicts, in the order of the checks (the last one of each id).

    Examples
    --------
    >>> not_measured("mi-4", "no photographs here")
    mi-4 not measured here: no photographs here
    >>> [r["status"] for r in checked() if r["id"] == "mi-4"]
    ['not measured']
    """
    return tuple(judged(record) for record in _checked.values())


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
    known = {r["id"]: r for r in checked()}
    rows = [(c, known.get(c.id)) for c in claims_of(page) if c.id not in headlines]
    lines = [line(c, r) if r else f"{c.id} not checked yet on this page" for c, r in rows]
    record = {"also": page, "headlines": list(headlines)}
    _show("Also checked\n" + "\n".join(lines), table(rows), record)


def _numbers(row: Claim, wanted: Sequence[str], given: Mapping[str, Any]) -> dict[str, float]:
    """Return the given numbers as floats, in the order of the rules."""
    single = len(wanted) == 1 and len(given) == 1  # one control may be given without its name
    named = {wanted[0]: next(iter(given.values()))} if single and "control" in given else dict(given)
    if sorted(named) != sorted(wanted) or any(v is None for v in named.values()):
        got = [k for k, v in named.items() if v is not None]
        raise TypeError(f"{row.id} takes {', '.join(wanted) or 'no control'}; got {', '.join(got) or 'nothing'}")
    try:
        return {name: float(named[name]) for name in wanted}
    except (TypeError, ValueError) as error:
        raise TypeError(f"{row.id}: every value must be one real number ({error})") from error


def _record(
    row: Claim,
    measured: Mapping[str, float],
    broken: Mapping[str, float],
    seed: int | Sequence[int] | None,
    reason: str = "",
    error: Mapping[str, float] | None = None,
    weights: Mapping[str, str] | None = None,
) -> Record:
    called = take_called()
    unknown = sorted(set(error or {}) - set(measured))
    if unknown:
        raise TypeError(f"{row.id}: a standard error was given for {', '.join(unknown)}, which is no part of it")
    return {
        "id": row.id,
        "value": {k: _plain(v) for k, v in measured.items()},
        "control": {k: _plain(v) for k, v in broken.items()},
        "error": {k: _plain(float(v)) for k, v in (error or {}).items()},
        "profile": profiles.current().name,
        "weights": dict(called if weights is None else weights),
        "data": used("data"),
        "seed": [seed] if isinstance(seed, int) else list(seed) if seed is not None else None,
        "reason": reason,
    }


def _plain(value: float) -> float | str:
    """JSON has no number for infinities and for what is not a number."""
    return value if math.isfinite(value) else str(value)


def _publish(row: Claim, record: Record, folded: bool = False) -> None:
    """Remember, display and glue a record."""
    _checked[row.id], seen = record, judged(record)
    _show(line(row, seen), card(row, seen, folded), record | {"folded": folded})
    if _in_notebook() and importlib.util.find_spec("myst_nb"):
        from myst_nb import glue

        for name, value in {**record["value"], **record["control"]}.items():
            glue(f"{row.id}.{name}", float(value), display=False)


def _in_notebook() -> bool:
    from IPython import get_ipython

    return get_ipython() is not None


def _show(text: str, page: str, record: Record) -> None:
    """Print one line in a terminal; in a notebook show one bundle with the line, its HTML and the record."""
    if not _in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, "text/html": page, MIME: record}, raw=True)
