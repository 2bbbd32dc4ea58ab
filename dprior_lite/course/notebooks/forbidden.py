"""What no stored output may contain: warnings, errors, widget state, paths and names of one machine, too many bytes."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]

LARGEST = 1_000_000  # bytes of one stored notebook

_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_ABSOLUTE = re.compile(
    r"(?<![\w.:/<~-])/(?:home|root|tmp|Users|work|workspace|opt|usr|var|mnt|media|srv|private|data|build|builds)"
    r"/[^\s<>\"']+"
    r"|\b[A-Za-z]:\\\\?(?:Users|Windows|Program|home|tmp)\b[^\s<>\"']*"
)


def forbidden_outputs(notebook: Notebook, root: Path) -> list[str]:
    """Return what a stored notebook contains and must not.

    Parameters
    ----------
    notebook : dict
        In nbformat 4.
    root : Path
        Root of the working tree: its address is refused in outputs, as are other absolute paths and this machine's
        name.

    Returns
    -------
    list of str
        One finding each: stderr, an error, widget state, a path or host name, a size over 1 MB.

    Examples
    --------
    >>> output = {"output_type": "stream", "name": "stderr", "text": "careful"}
    >>> cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [output]}
    >>> forbidden_outputs({"metadata": {}, "cells": [cell]}, Path("/nowhere/here"))
    ['cell 1 wrote to stderr: careful']
    """
    found = ["holds widget state"] if "widgets" in notebook["metadata"] else []
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", []):
            found += [f"cell {number} {what}" for what in _output_faults(output, cell, root)]
    size = len(json.dumps(notebook, ensure_ascii=False).encode())
    return found + ([f"is {size / 1e6:.2f} MB large, at most 1 is allowed"] if size > LARGEST else [])


def _output_faults(output: dict[str, Any], cell: dict[str, Any], root: Path) -> Iterator[str]:
    if output.get("name") == "stderr":
        yield f"wrote to stderr: {''.join(output['text']).strip()[:100]}"
    if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get("tags", []):
        yield f"ended in {output['ename']}: {output['evalue'][:100]}"
    if any("widget" in mime for mime in output.get("data", {})):
        yield "shows a widget, which is dead in the page"
    for text in _texts(output):
        yield from (f"prints a path of this machine: {p[:80]}" for p in _paths(text, root))
        if _host() and re.search(rf"(?<![\w-]){re.escape(_host())}(?![\w-])", text):
            yield "prints the name of this machine"


def _texts(output: dict[str, Any]) -> Iterator[str]:
    """Everything legible in an output, embedded pictures left out."""
    data = output.get("data", {})
    parts = [v for mime, v in data.items() if not mime.startswith("image/") or mime == "image/svg+xml"]
    for part in [*parts, output.get("text", ""), output.get("traceback", "")]:
        text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
        yield _EMBEDDED.sub("", text)


def _paths(text: str, root: Path) -> list[str]:
    here = [str(root)] if len(root.parts) > 1 and str(root) in text else []
    return here or _ABSOLUTE.findall(text)


@cache
def _host() -> str:
    name = platform.node()
    return name if len(name) > 3 and name != "localhost" else ""
