"""A reader's notebook: cells run again after the last one, in the kernel in which nbval has run them all.

Every page adds one test, `again`. It takes the cells that took less than `QUICK` seconds the first time, and a tenth of
the slower ones, another tenth for another hash of the commit. `make test-all` takes every cell.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

QUICK = 1.0  # seconds
SHARES = 10  # parts of the slow cells, of which one has its turn

first = pytest.StashKey[float]()  # seconds of a cell that ran through


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the test `again` behind the last cell of every notebook."""
    cells: dict[IPyNbFile, list[IPyNbCell]] = {}
    for item in items:
        if isinstance(item, IPyNbCell):
            cells.setdefault(item.parent, []).append(item)
    for page, own in cells.items():
        items.insert(items.index(own[-1]) + 1, Again.from_parent(page, name="again", cells=own))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Keep how long a cell took."""
    report = yield
    if isinstance(item, IPyNbCell) and report.when == "call" and report.passed:
        item.stash[first] = call.duration
    return report


def commit() -> int:
    """Return the hash of the commit as a number, 0 where there is none."""
    folder = Path(__file__).resolve().parent
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False)
    return int(done.stdout.strip(), 16) if done.returncode == 0 else 0


def chosen(seconds: list[float], turn: int) -> list[bool]:
    """Return for each cell of a page, by its seconds, whether it runs again in this turn."""
    if os.environ.get("DPRIOR_TEST_ALL"):
        return [True] * len(seconds)
    return [spent < QUICK or (number + turn) % SHARES == 0 for number, spent in enumerate(seconds)]


class Again(pytest.Item):
    """The second run of the cells of a page."""

    def __init__(self, *, cells: list[IPyNbCell], **node: object) -> None:
        super().__init__(**node)
        self.cells = cells

    def runtest(self) -> None:
        """Run the chosen cells in their order; all that cannot run again are named together."""
        ran = [cell for cell in self.cells if first in cell.stash]
        if len(ran) + sum(cell.options["skip"] for cell in self.cells) < len(self.cells):
            pytest.skip("a cell failed when it ran the first time")
        wrong = []
        for cell, taken in zip(ran, chosen([cell.stash[first] for cell in ran], commit())):
            try:
                if taken:
                    cell.runtest()
            except NbCellError as error:
                wrong.append(f"cell {error.cell_num} does not run again: {error}\n{error.inner_traceback}")
        if wrong:
            pytest.fail("\n".join(wrong), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where a report finds this test."""
        return self.path, 0, f"{self.path.name}::again"
