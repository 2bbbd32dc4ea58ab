"""One self-replacing line on stdout: never stderr, never a widget in a stored output.

While a loop runs the line is overwritten after a carriage return; what is left at the end is
one line without a time, so that a stored notebook does not change from run to run. Where
stdout is a pipe or a file only that last line is written.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


def _live() -> bool:
    """Whether someone can watch the line change: a terminal, or a notebook's kernel."""
    return sys.stdout.isatty() or type(sys.stdout).__module__.startswith("ipykernel")


class Line:
    """A line of progress to be updated by hand, as a context manager.

    Parameters
    ----------
    label : str
        What is being done.
    total : int, optional
        Number of steps, if known.
    every : float
        Least seconds between two updates.

    Examples
    --------
    >>> with Line("training", total=3) as line:
    ...     for step in range(3):
    ...         line.update(step + 1, loss=0.5 / (step + 1))
    training: 3/3, loss 0.1667
    """

    def __init__(self, label: str, total: int | None = None, every: float = 0.2) -> None:
        self.label, self.total, self.every = label, total, every
        self._text, self._width, self._next, self._start = label, 0, 0.0, time.monotonic()

    def update(self, done: int, **numbers: float) -> None:
        """Say how far it is.

        Parameters
        ----------
        done : int
            Steps done.
        **numbers : float
            Shown after the count, four digits each.
        """
        count = f"{done}/{self.total}" if self.total else f"{done}"
        self._text = ", ".join([f"{self.label}: {count}", *(f"{k} {float(v):.4g}" for k, v in numbers.items())])
        now = time.monotonic()
        if _live() and now >= self._next:
            self._next = now + self.every
            self._write(f"{self._text}, {now - self._start:.0f} s")

    def _write(self, text: str, end: str = "") -> None:
        # blanked first: padding would leave spaces in a stored output
        wipe = f"\r{' ' * self._width}\r" if _live() else ""
        sys.stdout.write(wipe + text + end)
        sys.stdout.flush()
        self._width = len(text)

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write(self._text if kind is None else f"{self._text}, interrupted", end="\n")


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Pass through the items and show how many have gone by.

    Parameters
    ----------
    items : iterable
        Anything; its length is the total if it has one.
    label : str
        What is being done.
    total : int, optional
        Number of items, where `items` has no length.

    Yields
    ------
    T
        The items, unchanged.

    Examples
    --------
    >>> sum(progress([1, 2, 3], "adding"))
    adding: 3/3
    6
    """
    total = total if total is not None else len(items) if hasattr(items, "__len__") else None
    with Line(label, total) as line:
        for done, item in enumerate(items, start=1):
            yield item
            line.update(done)
