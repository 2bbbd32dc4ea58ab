"""How a claim looks: one line of plain words, its card, and the folded table of a page's other claims.

Every number of a card stands once in a `<span class="dprior-value" data-name data-value>`, where answer boxes and
feedback texts find it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template

from dprior_lite.course.claims.claim import Claim, idle_controls, missed_parts
from dprior_lite.course.page.numbers import number, plainly

Record = dict[str, Any]

MARK = {"holds": "✓", "known gap": "△", "fails": "✗", "not measured": "○", "reported": "·"}


@cache
def _template(name: str) -> Template:
    return Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True).get_template(
        name
    )


def _parts(row: Claim, record: Record) -> list[dict[str, Any]]:
    """Return what the templates say of each part: its number, what was asked, whether it was missed."""
    value, profile = {k: float(v) for k, v in record["value"].items()}, record["profile"]
    missed = missed_parts(row, profile, value) if value else []
    return [
        {
            "name": r.name,
            "label": "" if len(row.parts) == 1 or r.name == "value" else _words(r.name),
            "exact": repr(value[r.name]),
            "shown": number(value[r.name]),
            "error": number(float(record["error"][r.name]), 2) if r.name in record["error"] else "",
            "asked": "" if r.relation == "reported" else r.asked,
            "missed": r in missed,
            "thin": r.name in record["thin"],
            "quantity": plainly(r.quantity) or _words(r.name),
        }
        for r in row.parts_in(profile)
        if r.name in value
    ]


def _controls(row: Claim, record: Record) -> list[dict[str, Any]]:
    """Return what the templates say of each control."""
    value, profile = {k: float(v) for k, v in record["control"].items()}, record["profile"]
    idle = idle_controls(row, profile, value) if value else []
    return [
        {
            "name": c.name,
            "label": "" if len(row.control) == 1 else _words(c.name),
            "exact": repr(value[c.name]),
            "shown": number(value[c.name]),
            "asked": c.asked(row.part_of(c, profile)),
            "missed": c in idle,
            "quantity": plainly(c.quantity) or _words(c.name),
        }
        for c in row.control
        if c.name in value
    ]


def _words(name: str) -> str:
    """Return the name of a number as words."""
    return plainly(name.replace("_", " "))


def line(row: Claim, record: Record) -> str:
    """Return a claim as one line of plain words: verdict, found, asked, control.

    Parameters
    ----------
    row : Claim
        The claim.
    record : dict
        Its record with the verdict, from `record.judged`.
    """
    if record["status"] == "not measured":
        return f"{row.id} not measured here: {record['reason']}"
    return f"{row.id} {record['status']}. {_sentence(row, record)}"


def _sentence(row: Claim, record: Record) -> str:
    """Return what was found, what was asked, what the control gave, as plain text."""
    return html.unescape(re.sub(r"<[^>]+>", "", _template("line.html").render(_context(row, record))))


def _context(row: Claim, record: Record) -> dict[str, Any]:
    """Return what the templates are filled with."""
    gap = record["status"] == "known gap"
    return {
        "id": row.id,
        "status": record["status"],
        "mark": MARK[record["status"]],
        "says": plainly(row.says),
        "parts": _parts(row, record),
        "controls": _controls(row, record),
        "reason": plainly(record["reason"]),
        "paper": plainly(record["paper"] or ""),
        "amended": record["amended"],
        "tried": [(plainly(what), number(n)) for what, n in record["tried"]] if gap else [],
        "weights": ", ".join(record["weights"]),
    }


def card(row: Claim, record: Record, folded: bool = False) -> str:
    """Return a claim as HTML: the verdict and the statement, one line of numbers, the details on request.

    Parameters
    ----------
    row : Claim
        The claim.
    record : dict
        Its record with the verdict, from `record.judged`.
    folded : bool
        Show the verdict and the statement, the numbers on a click.
    """
    return _template("card.html").render(_context(row, record) | {"folded": folded})


def table(rows: Sequence[tuple[Claim, Record | None]]) -> str:
    """Return claims as a table that opens on a click.

    Parameters
    ----------
    rows : sequence of (Claim, dict or None)
        A claim and its judged record, None where it was not checked.
    """
    return _template("also.html").render(rows=[_row(c, r) for c, r in rows])


def scorecard_rows(rows: Sequence[tuple[Claim, Record]]) -> str:
    """Return claims as the table of the scorecard, the verdict first.

    Parameters
    ----------
    rows : sequence of (Claim, dict)
        A claim and its judged record.
    """
    return _template("scorecard.html").render(rows=[_row(c, r) for c, r in rows])


def _row(row: Claim, record: Record | None) -> dict[str, Any]:
    """Return what a row of a table of claims is filled with."""
    if record is None:
        unchecked = {"status": "not checked yet on this page", "mark": "○", "found": ""}
        return {"id": row.id, "says": plainly(row.says)} | unchecked
    measured = record["value"] and record["status"] != "not measured"
    return {
        "id": row.id,
        "page": row.page,
        "says": plainly(row.says),
        "status": record["status"] + (", thin" if record["thin"] else ""),
        "mark": MARK[record["status"]],
        "found": _sentence(row, record) if measured else "",
        "reason": plainly(record["reason"]) if record["status"] in ("known gap", "not measured", "reported") else "",
        "paper": plainly(row.paper or ""),
        "amended": row.amended,
    }
