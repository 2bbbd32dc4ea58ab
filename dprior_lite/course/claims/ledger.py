"""The claims ledger: what the stored class notebooks contain, and nothing else.

Every `claims.check` leaves its numbers beside its output. The ledger reads them back and judges them by today's bounds;
the scorecard of the book and the summary in the README are written from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat

from dprior_lite.course.chapters import all_chapters, claim, claims_of
from dprior_lite.course.claims.card import scorecard_rows
from dprior_lite.course.claims.claim import STATUSES, Claim
from dprior_lite.course.claims.record import MIME, Record, fits, judged

BEGIN, END = "<!-- claims: begin (written by python -m dprior_lite claims --readme) -->", "<!-- claims: end -->"


def stored_records(notebook: nbformat.NotebookNode) -> list[Record]:
    """Return the claim records in a notebook's outputs, as they are stored, in order of place."""
    outputs = (o.get("data", {}) for cell in notebook.cells for o in cell.get("outputs", []))
    return [data[MIME] for data in outputs if "id" in data.get(MIME, {})]


def records(notebooks: Path) -> tuple[Record, ...]:
    """Return every claim record of the stored notebooks, judged by today's bounds, in order of page and place.

    Parameters
    ----------
    notebooks : Path
        The folder of stored notebooks.

    Returns
    -------
    tuple of dict
        With the keys of `record.judged` and `notebook`, the name of the notebook; `value`, `threshold`, `control` and
        `control_threshold` are keyed by part.

    Examples
    --------
    >>> records(Path("nowhere"))
    ()
    """
    return tuple(
        judged(record) | {"notebook": path.stem}
        for path in sorted(notebooks.glob("*.ipynb"))
        for record in stored_records(nbformat.read(path, as_version=4))
        if is_known(record) and fits(claim(record["id"]), record)
    )


def is_known(record: Record) -> bool:
    """Return whether some page states the claim of a record."""
    return any(c.id == record["id"] for chapter in all_chapters() for c in claims_of(chapter.page))


def inconsistencies(notebooks: Path, finished: Iterable[str]) -> list[str]:
    """Return where the stored records and the law disagree.

    Parameters
    ----------
    notebooks : Path
        The folder of stored notebooks.
    finished : iterable of str
        Names of the pages that exist: each of their claims must be recorded exactly once.

    Returns
    -------
    list of str
        One finding each: an unknown id, a claim recorded twice or not at all, on another page, with other parts, or one
        that fails.

    Examples
    --------
    >>> inconsistencies(Path("nowhere"), ["00_start_here"])
    []
    >>> inconsistencies(Path("nowhere"), ["01_miyasawa"])[0]
    'mi-1 is recorded 0 times, not once'
    """
    rows = {c.id: c for page in finished for c in claims_of(page)}
    found = [(p.stem, r) for p in sorted(notebooks.glob("*.ipynb")) for r in stored_records(nbformat.read(p, 4))]
    count = Counter(r["id"] for _, r in found)
    bad = [f"{id} is recorded {count[id]} times, not once" for id in rows if count[id] != 1]
    return bad + [text for page, r in found if (text := _inconsistency(page, r, rows.get(r["id"])))]


def _inconsistency(page: str, record: Record, row: Claim | None) -> str:
    """Return what is wrong with one stored record, empty if nothing is."""
    if row is None:
        return f"{record['id']} is stated by no page"
    if page != row.page:
        return f"{row.id} is recorded on {page}; it belongs to {row.page}"
    if not fits(row, record):
        return f"{row.id} was recorded with other parts than its rule has today"
    if judged(record)["status"] == "fails":
        return f"{row.id} fails by its stored numbers"
    return ""


def skipped_in_ci() -> tuple[str, ...]:
    """Return the ids of the claims that the small profile does not check.

    Examples
    --------
    >>> "mi-1" in skipped_in_ci()
    False
    """
    return tuple(c.id for chapter in all_chapters() for c in claims_of(chapter.page) if c.ci and c.ci.skip)


def scorecard(ledger: Sequence[Record]) -> str:
    """Return the scorecard as HTML: of each claim the verdict, the statement, what was found and asked.

    Parameters
    ----------
    ledger : sequence of dict
        From `records`.

    Examples
    --------
    >>> scorecard([])
    '<p>No stored notebook holds a claim yet.</p>'
    """
    if not ledger:
        return "<p>No stored notebook holds a claim yet.</p>"
    return scorecard_rows([(claim(r["id"]), r) for r in ledger])


def counts(ledger: Sequence[Record]) -> dict[str, int]:
    """Return how many claims have each status.

    Examples
    --------
    >>> counts([{"status": "holds"}, {"status": "holds"}])["holds"]
    2
    """
    found = Counter(r["status"] for r in ledger)
    return {status: found[status] for status in STATUSES}


def summary(ledger: Sequence[Record]) -> str:
    """Return the README's block: how many claims there are and what became of them, page by page.

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
    """Return a README whose block is current.

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
