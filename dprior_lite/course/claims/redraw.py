"""Draw the claims of a stored notebook anew: the present look, wording and bounds on the stored numbers."""

from __future__ import annotations

import nbformat

from dprior_lite.course.chapters import claim, claims_of
from dprior_lite.course.claims.card import card, line, table
from dprior_lite.course.claims.record import MIME, Record, fits, judged


def redraw_claims(notebook: nbformat.NotebookNode) -> None:
    """Draw every claim of a notebook anew, in place, from the records in its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        A record that lacks a number which its rule asks for today is left as it is.
    """
    known: dict[str, Record] = {}
    for output in (o for cell in notebook.cells for o in cell.get("outputs", []) if MIME in o.get("data", {})):
        data, record = output["data"], output["data"][MIME]
        if "also" in record:
            rows = [c for c in claims_of(record["also"]) if c.id not in record["headlines"]]
            data["text/html"] = table([(c, known.get(c.id)) for c in rows])
        elif fits(row := claim(record["id"]), record):
            known[row.id] = judged(record)
            data["text/plain"] = line(row, known[row.id])
            data["text/html"] = card(row, known[row.id], record.get("folded", False))
