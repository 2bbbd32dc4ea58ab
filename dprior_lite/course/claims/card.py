"""How a claim looks on the page: one card each, and the folded table of the rest.

Every number sits in a `<span class="dprior-value" data-name data-value>`, where answer boxes
and feedback texts find it.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from dprior_lite.course.claims.rules import Claim, Rule

Record = dict[str, Any]

_MARK = {"holds": "✓", "known gap": "△", "fails": "✗", "not measured": "○", "reported": "·"}
_BOX = "border-left:.25rem solid currentColor;padding:.2rem .7rem;margin:.4rem 0;overflow-wrap:anywhere"


def card(row: Claim, record: Record, folded: bool = False) -> str:
    """A claim as HTML: status, statement, each number beside its rule.

    Parameters
    ----------
    row : Claim
        The claim.
    record : dict
        Its record, as `claims.check` makes it.
    folded : bool
        Show the status and the statement, the numbers on a click.

    Returns
    -------
    str
        Self-contained HTML.
    """
    numbers = [_number(record, r, "value", "threshold") for r in row.parts if r.name in record["value"]]
    controls = [_number(record, r, "control", "control_threshold") for r in row.control if r.name in record["control"]]
    body = "; ".join(numbers) or html.escape(record["reason"])
    if controls:
        body += f"<br><small>control, must break the rule: {'; '.join(controls)}</small>"
    if record["paper"]:
        body += f"<br><small>paper: {html.escape(record['paper'])}</small>"
    if record["status"] == "known gap":
        tried = "; ".join(f"{what}: {number:.3g}" for what, number in record["tried"])
        body += f"<br><small>{html.escape(record['reason'])} Tried: {html.escape(tried)}.</small>"
    head = f"<strong>{row.id}&ensp;{_MARK[record['status']]} {record['status']}</strong>&ensp;{html.escape(row.says)}"
    inside = f"<details><summary>{head}</summary>{body}</details>" if folded else f"{head}<br>{body}"
    return (
        f'<div class="dprior-claim" data-claim="{row.id}" data-status="{record["status"]}"'
        f' style="{_BOX}">{inside}</div>'
    )


def _number(record: Record, rule: Rule, kind: str, limits: str) -> str:
    value = float(record[kind][rule.name])
    span = (
        f'<span class="dprior-value" data-name="{record["id"]}.{rule.name}" data-value="{value!r}">'
        f"{rule.seen(value):.3g}</span>"
    )
    words = f" ({html.escape(rule.quantity)})" if rule.quantity else ""
    name = "" if rule.name in ("value", "control") else f"{html.escape(rule.label)} "
    return f"{name}{span} {html.escape(record[limits][rule.name])}{words}"


def folded(rows: Sequence[tuple[Claim, Record | None]]) -> str:
    """Claims as a table that opens on a click.

    Parameters
    ----------
    rows : sequence of (Claim, dict or None)
        A claim and its record, None where it was not checked.

    Returns
    -------
    str
        Self-contained HTML.
    """
    cells = [
        f'<tr><th scope="row">{c.id}</th><td>{html.escape(c.says)}</td>'
        f"<td>{html.escape(r['line'].partition('  ')[2]) if r else 'not checked yet on this page'}</td></tr>"
        for c, r in rows
    ]
    return (
        f'<details class="dprior-also"><summary>Also checked: {len(rows)} claims</summary>'
        '<div style="overflow-x:auto"><table><thead><tr><th scope="col">claim</th><th scope="col">says</th>'
        f'<th scope="col">measured here</th></tr></thead><tbody>{"".join(cells)}</tbody></table></div></details>'
    )
