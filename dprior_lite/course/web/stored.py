"""Stored figures and boxes, drawn again in today's look from the record that each keeps; nothing is executed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from dprior_lite.course.web import carry, widgets

_RECORD = re.compile(
    r'<script type="application/json" class="dp-record" data-kind="([\w-]+)">(.*?)</script>', re.DOTALL
)


def records(html: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield kind and record of every figure in a piece of HTML, in order.

    Examples
    --------
    >>> list(records("<p>no figure</p>"))
    []
    """
    start = 0
    for found in _RECORD.finditer(html):
        yield found[1], widgets.whole(json.loads(found[2]), html[start : found.start()])
        start = found.end()


def redraw(html: str, with_assets: bool = False) -> str:
    """Return an output's HTML in today's look, drawn from its stored records.

    Parameters
    ----------
    html : str
        An output; one without records comes back as it is.
    with_assets : bool
        Put the style sheet and the scripts that its figures need before it.

    Returns
    -------
    str
        The same for the same records.

    Examples
    --------
    >>> from dprior_lite.course.questions import boxes
    >>> box = boxes.answer("decibels")
    >>> redraw(box.markup.replace("Work it out", "An older word")) == box.markup
    True
    """
    found = list(records(html))
    if not found:
        return html
    drawn = "\n".join(widgets.draw(kind, record) for kind, record in found)
    return (carry.assets(kind for kind, _ in found) if with_assets else "") + drawn


def redraw_notebook(notebook: Any, with_assets: bool = True) -> int:
    """Draw every stored figure and box of a notebook again, in place.

    Parameters
    ----------
    notebook : NotebookNode
        As `nbformat.read` gives it.
    with_assets : bool
        Put the style sheet and the scripts of all figures of the notebook before the first one; False for a page that
        has them from files.

    Returns
    -------
    int
        How many outputs were drawn again.

    Examples
    --------
    >>> import nbformat
    >>> redraw_notebook(nbformat.v4.new_notebook())
    0
    """
    outputs = [output["data"] for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    pages = [(data, _joined(data["text/html"])) for data in outputs if "text/html" in data]
    found = [(data, text) for data, text in pages if _RECORD.search(text)]
    names = dict.fromkeys(kind for _, text in found for kind, _ in records(text))
    for i, (data, text) in enumerate(found):
        data["text/html"] = (carry.assets(names) if with_assets and i == 0 else "") + redraw(text)
    return len(found)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
