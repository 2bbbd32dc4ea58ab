"""The claims ledger: what the stored class notebooks contain, and nothing else.

Every `claims.check` leaves a record beside its output. The ledger reads these records back; the
scorecard of the book and the summary in the README are written from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat

from dprior_lite.course.chapters import all_chapters, claim, claims_of
from dprior_lite.course.claims.card import Record
from dprior_lite.course.claims.checks import MIME, STATUSES
from dprior_lite.course.claims.rules import Claim

SHOWN = (
    "id", "status", "value", "threshold", "control", "control_threshold", "paper", "profile", "weights", "data", "seed", "page",
    "says", "reason", "tried",
)  # fmt: skip
BEGIN, END = "<!-- claims: begin (written by python -m dprior_lite claims --readme) -->", "<!-- claims: end -->"


def records(notebooks: Path) -> tuple[Record, ...]:
    """Every claim record of the stored notebooks, in order of page and place.

    Parameters
    ----------
    notebooks : Path
        The folder of stored notebooks.

    Returns
    -------
    tuple of dict
        With the keys `SHOWN`; `value`, `threshold`, `control` and `control_threshold` are keyed by part.

    Examples
    --------
    >>> records(Path("nowhere"))
    ()
    """
    outputs = (
        output
        for path in sorted(notebooks.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
    )
    found = (o["data"][MIME] for o in outputs if MIME in o.get("data", {}))
    return tuple({key: r[key] for key in SHOWN} for r in found)


def amiss(ledger: Sequence[Record], finished: Iterable[str]) -> list[str]:
    """Where the ledger and the thresholds disagree.

    Parameters
    ----------
    ledger : sequence of dict
        From `records`.
    finished : iterable of str
        Names of the pages that exist: each of their claims must be recorded exactly once.

    Returns
    -------
    list of str
        One finding each: an unknown id, a claim recorded twice or not at all, another page or threshold than declared.

    Examples
    --------
    >>> amiss([], ["00_start_here"])
    []
    >>> amiss([], ["01_miyasawa"])[0]
    'mi-1 is recorded 0 times, not once'
    """
    rows = {c.id: c for page in finished for c in claims_of(page)}
    count = Counter(r["id"] for r in ledger)
    bad = [f"{id} is recorded {count[id]} times, not once" for id in rows if count[id] != 1]
    for record in ledger:
        row = rows.get(record["id"])
        if row is None:
            bad.append(f"{record['id']} is stated by no page")
        elif record["page"] != row.page or record["threshold"] != {r.name: r.limit for r in row.parts}:
            bad.append(f"{record['id']} was recorded for another page or threshold")
    return bad


def skipped_in_ci() -> tuple[str, ...]:
    """Ids of the claims that the small profile does not check.

    Examples
    --------
    >>> "mi-1" in skipped_in_ci()
    False
    """
    return tuple(c.id for chapter in all_chapters() for c in claims_of(chapter.page) if c.ci and c.ci.skip)


def scorecard(ledger: Sequence[Record]) -> str:
    """The scorecard as a Markdown table: each claim, the paper's figure, ours, the verdict.

    Parameters
    ----------
    ledger : sequence of dict
        From `records`.

    Returns
    -------
    str
        A table with one row a claim; a sentence where nothing is recorded yet.

    Examples
    --------
    >>> scorecard([])
    'No stored notebook holds a claim yet.'
    """
    if not ledger:
        return "No stored notebook holds a claim yet."
    head = "| claim | says | paper | measured here | threshold | control | verdict |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *(_row(r, claim(r["id"])) for r in ledger)])


def _row(record: Record, row: Claim) -> str:
    limits = "; ".join(str(r).removeprefix("value ") for r in row.parts)
    control = "; ".join(f"{_number(k, v)} ({record['control_threshold'][k]})" for k, v in record["control"].items())
    verdict = record["status"] + (f": {record['reason']}" if record["status"] == "known gap" else "")
    cells = (
        record["id"],
        row.says,
        record["paper"] or "–",
        _measured(record),
        limits,
        control or "–",
        f"**{verdict}**",
    )
    return f"| {' | '.join(_escaped(c) for c in cells)} |"


def _measured(record: Record) -> str:
    return "; ".join(_number(k, v) for k, v in record["value"].items()) or record["reason"]


def _number(name: str, value: float | str) -> str:
    shown = value if isinstance(value, str) else f"{value:.3g}"
    return shown if name in ("value", "control") else f"{name} {shown}"


def _escaped(text: str) -> str:
    """Text that a Markdown table shows as it is."""
    for sign, instead in {"|": "\\|", "<": "&lt;", "_": "\\_"}.items():
        text = text.replace(sign, instead)
    return text


def counts(ledger: Sequence[Record]) -> dict[str, int]:
    """How many claims have each status.

    Examples
    --------
    >>> counts([{"status": "holds"}, {"status": "holds"}])["holds"]
    2
    """
    found = Counter(r["status"] for r in ledger)
    return {status: found[status] for status in STATUSES}


def summary(ledger: Sequence[Record]) -> str:
    """The README's block: how many claims there are and what became of them, page by page.

    Parameters
    ----------
    ledger : sequence of dict
        From `records`.

    Returns
    -------
    str
        Markdown between the two comments that mark the block.

    Examples
    --------
    >>> summary([]).splitlines()[1]
    'No claim is measured yet.'
    """
    if not ledger:
        return f"{BEGIN}\nNo claim is measured yet.\n{END}"
    by_page = {
        page: counts([r for r in ledger if r["page"] == page]) for page in dict.fromkeys(r["page"] for r in ledger)
    }
    shown = [s for s in STATUSES if counts(ledger)[s]]
    table = [f"| page | {' | '.join(shown)} |", f"|---|{'---|' * len(shown)}"]
    table += [f"| {page} | {' | '.join(str(n[s]) for s in shown)} |" for page, n in by_page.items()]
    text = ", ".join(f"{counts(ledger)[s]} {s}" for s in shown)
    return "\n".join([BEGIN, f"Claims, each measured by the page that states it: {text}.", "", *table, END])


def with_summary(readme: str, ledger: Sequence[Record]) -> str:
    """A README whose block is current.

    Parameters
    ----------
    readme : str
        Text with the two marking comments.
    ledger : sequence of dict
        From `records`.

    Returns
    -------
    str
        The same text with the block between the comments renewed.

    Raises
    ------
    ValueError
        If the comments are not there, once each.

    Examples
    --------
    >>> with_summary(f"Hello\\n{BEGIN}\\nold\\n{END}\\n", []).splitlines()[2]
    'No claim is measured yet.'
    """
    if (readme.count(BEGIN), readme.count(END)) != (1, 1):
        raise ValueError(f"the README must hold these two lines once, in this order:\n{BEGIN}\n{END}")
    before, _, rest = readme.partition(BEGIN)
    return before + summary(ledger) + rest.partition(END)[2]
