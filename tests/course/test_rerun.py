"""The second run of a notebook's cells, see `rerun`: what it takes, and that it sees a cell that cannot run again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import rerun

TESTS = Path(rerun.__file__).parent
SOUND = ("x = 1", "x + 1", "del x")
UNSOUND = ("y = globals().get('y', 1)", "y + 1; z = len('a') + y", "y = 'a'")


def test_a_cell_that_cannot_run_again_is_seen(tmp_path):
    for name, cells in (("sound", SOUND), ("unsound", UNSOUND)):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "rerun", "--nbval-lax", "--nbval-current-env"]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
    )
    assert "1 failed, 7 passed" in done.stdout, done.stdout + done.stderr
    assert "FAILED unsound.ipynb::again" in done.stdout
    assert set(re.findall(r"cell (\d+) does not run again", done.stdout)) == {"1"}


def test_quick_cells_run_again_every_time_and_slow_ones_in_turn(monkeypatch):
    seconds = [0.1, 5.0, 0.2, *[30.0] * 20]
    monkeypatch.delenv("DPRIOR_TEST_ALL", raising=False)
    turns = [rerun.chosen(seconds, turn) for turn in range(rerun.SHARES)]
    assert all(turn[0] and turn[2] for turn in turns)
    assert [sum(cell) for cell in list(zip(*turns))[3:]] == [1] * 20
    monkeypatch.setenv("DPRIOR_TEST_ALL", "1")
    assert rerun.chosen(seconds, 3) == [True] * len(seconds)
