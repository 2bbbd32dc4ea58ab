"""Execute one page in a kernel of its own and record what it was executed with."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from dprior_lite.course.notebooks import freshness
from dprior_lite.course.notebooks.index import Index

TIMEOUT = 600  # seconds a cell

# runs after the page and is not stored
_ASK = """
import json as _json, sys as _sys
from dprior_lite.course.page.receipt import peak_bytes as _peak
from dprior_lite.used import used as _used
_kinds = {kind: _used(kind) for kind in ("weights", "data", "recipes", "measurements")}
_modules = [m for m in _sys.modules if m.partition(".")[0] == "dprior_lite"]
print(_json.dumps({"modules": _modules, "peak": _peak(), **_kinds}))
"""


class CellFailed(RuntimeError):
    """A cell of a page raised, took too long, or its kernel died."""


def execute(notebook: nbformat.NotebookNode, root: Path) -> list[float]:
    """Execute a page in the class profile, in place.

    Parameters
    ----------
    notebook : NotebookNode
        Its outputs are replaced, stripped of times, and `metadata.dprior` is set.
    root : Path
        Root of the working tree; the working folder is `notebooks/`.

    Returns
    -------
    list of float
        Seconds of each cell.

    Raises
    ------
    CellFailed
        If the page does not run to its end.
    """
    # taken first: a module edited while the page runs must come out as stale
    before = Index(root)
    folder = root / "notebooks"
    folder.mkdir(exist_ok=True)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        kernel_name="python3",
    )
    environment = os.environ | {"DPRIOR_PROFILE": "class", "PYTHONHASHSEED": "0", "DPRIOR_STRICT": "1"}
    try:
        with client.setup_kernel(env=environment):
            seconds = [_timed(client, cell, number) for number, cell in enumerate(notebook.cells)]
            used = _ask(client, notebook)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
        raise CellFailed(f"does not run: {text[-1500:]}") from error
    notebook.metadata["dprior"] = freshness.record(notebook, before, used, sum(seconds))
    return seconds


def _timed(client: NotebookClient, cell: nbformat.NotebookNode, number: int) -> float:
    """Execute a cell, tidy its outputs and say how long it took."""
    start = time.monotonic()
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
        client.execute_cell(cell, number)
        cell.outputs = tidy(cell.outputs)
        cell.metadata.pop("execution", None)
    return time.monotonic() - start


def _ask(client: NotebookClient, notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What the kernel has loaded by now, asked in a cell that is not kept."""
    cell = nbformat.v4.new_code_cell(_ASK)
    notebook.cells.append(cell)
    try:
        client.execute_cell(cell, len(notebook.cells) - 1)
    finally:
        notebook.cells.pop()
    return json.loads("".join(o["text"] for o in cell.outputs if o.get("name") == "stdout").splitlines()[-1])


def tidy(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join neighbouring pieces of one stream, and keep of a replaced line what it said last.

    Parameters
    ----------
    outputs : list of NotebookNode
        Of one cell.

    Returns
    -------
    list of NotebookNode
        Streams that are empty after that are dropped.
    """
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output["output_type"] == "stream" and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    for output in joined:
        if output["output_type"] == "stream":
            output["text"] = re.sub(r"[^\n]*\r(?=[^\n])", "", output["text"].replace("\r\n", "\n"))
    return [o for o in joined if o["output_type"] != "stream" or o["text"]]
