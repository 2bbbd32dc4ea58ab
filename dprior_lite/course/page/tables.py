"""Rows of a page as an HTML table with a text that stands for it where HTML is not shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dprior_lite.course.page.numbers import number, rewritten
from dprior_lite.course.web import widgets


def table(
    rows: Sequence[Mapping[str, Any] | Sequence[Any]] | Mapping[str, Any],
    columns: Sequence[str] = (),
    caption: str = "",
    digits: int = 3,
) -> widgets.Widget:
    """Return rows as a table: numbers to the right, in one way of writing; it scrolls in its own box.

    Parameters
    ----------
    rows : sequence of dict or of sequences, or dict
        One a row. A dictionary of values is shown with one entry a row; its columns are two.
    columns : sequence of str
        Heads, with units, such as `"PSNR, dB"`; for rows that are dictionaries their keys unless given, in that order.
    caption : str
        What the table shows; above it.
    digits : int
        Significant digits of numbers that are not whole. A text stays as it is.

    Raises
    ------
    ValueError
        If there are no rows, or a row has more or fewer entries than there are columns.

    Examples
    --------
    >>> table([["plain", 26.02], ["weighted", -0.4]], columns=["loss", "PSNR, dB"], caption="Two losses.")
    Two losses.
    loss      PSNR, dB
    plain           26
    weighted      −0.4
    """
    listed = [list(pair) for pair in rows.items()] if isinstance(rows, Mapping) else list(rows)
    heads = list(columns) or (list(listed[0]) if listed and isinstance(listed[0], Mapping) else [])
    cells = [[row[head] for head in heads] if isinstance(row, Mapping) else list(row) for row in listed]
    if not cells or any(len(row) != (len(heads) or len(cells[0])) for row in cells):
        raise ValueError(f"rows of {len(heads) or 'equally many'} entries were expected ({heads}), not {listed!r}")
    texts = [[_text(value, digits) for value in row] for row in cells]
    right = [all(_is_number(row[k]) or row[k] is None for row in cells) for k in range(len(texts[0]))]
    record = {"columns": heads, "rows": texts, "right": right, "caption": caption}
    return widgets.Widget("table", record, _plain(record))


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: its entries, with numbers written in today's way."""
    return {"rows": [[_today(text) for text in row] for row in record["rows"]]}


def _today(text: str) -> str:
    """Return a stored entry with a true minus, without a factor of one, and with its % on the same line."""
    return re.sub(r"(?<![\d.])1·10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])", "10", rewritten(text)).replace(" %", "\N{NO-BREAK SPACE}%")


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, str)):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _text(value: Any, digits: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(float(value), digits) if _is_number(value) else str(value)


def _plain(record: dict[str, Any]) -> str:
    """Return the table in columns of text."""
    rows = [row for row in [record["columns"], *record["rows"]] if row]
    wide = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join(text.rjust(w) if right else text.ljust(w) for text, w, right in zip(row, wide, record["right"]))
        for row in rows
    ]
    return "\n".join([*([record["caption"]] if record["caption"] else []), *(line.rstrip() for line in lines)])
