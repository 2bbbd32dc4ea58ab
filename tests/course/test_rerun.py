"""A reader's notebook: every cell runs again after the page is done, with the exercises untouched.

Two pages a run, going with the hash of the commit; `make test-all` takes every page.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from dprior_lite.course.notebooks.pairs import pages

HERE = Path(__file__).resolve().parents[2]
EVERY = pages(HERE)


def chosen():
    """Two pages that change with the commit, or all."""
    if os.environ.get("DPRIOR_TEST_ALL"):
        return EVERY
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HERE, capture_output=True, text=True)
    start = int(done.stdout.strip() or "0", 16) if done.returncode == 0 else 0
    return [EVERY[(start + k) % len(EVERY)] for k in (0, len(EVERY) // 2)]


def run_twice(notebook, folder):
    """Execute the code cells in order, then all of them again; return what went wrong the second time."""
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    wrong = []
    with client.setup_kernel(env=os.environ | {"DPRIOR_PROFILE": "ci", "PYTHONPATH": str(HERE)}):
        for again in (False, True):
            for number, cell in enumerate(notebook.cells):
                if cell.cell_type != "code" or "skip-execution" in cell.metadata.get("tags", []):
                    continue
                try:
                    client.execute_cell(cell, number)
                except CellExecutionError as error:
                    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
                    wrong.append(f"{'again' if again else 'first'}, cell {number}: {text[-600:]}")
                    if not again:
                        return wrong
    return wrong


def test_a_cell_that_cannot_run_again_is_seen(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in ("x = 1", "x + 1", "del x")])
    assert run_twice(notebook, tmp_path) == []
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(s) for s in ("y = 1", "y + 1; z = len('a') + y", "y = 'a'")]
    )
    notebook.cells[0].source = "y = globals().get('y', 1)"
    assert len(run_twice(notebook, tmp_path)) == 1


@pytest.mark.parametrize("page", chosen(), ids=lambda p: p.stem)
def test_every_cell_runs_again(page):
    assert run_twice(jupytext.read(page), HERE / "notebooks") == []
