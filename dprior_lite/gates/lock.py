"""One writer of a file at a time, over processes and threads; a killed process holds no lock."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_SECONDS = 60.0  # how long a writer waits for another one
LOCK = ".writing"


class NotWritten(OSError):
    """A file could not be written; what was there before is untouched."""


@contextmanager
def locked(path: Path, wait: float | None = None) -> Iterator[None]:
    """Hold the lock of a file: one process, and in it one thread, at a time; a killed process holds none.

    Parameters
    ----------
    path : Path
        The file; the lock is `.NAME.writing` beside it while it is held.
    wait : float, optional
        Seconds to wait for another holder, by default `LOCK_SECONDS`.

    Raises
    ------
    NotWritten
        If another process holds the lock all that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    place = path.with_name(f".{path.name}{LOCK}")
    deadline = time.monotonic() + (LOCK_SECONDS if wait is None else wait)
    while True:
        handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
        if _take(handle) and _still_there(handle, place):
            break
        os.close(handle)
        if time.monotonic() > deadline:
            raise NotWritten(f"Another process is writing {path.name} in {path.parent}: wait until it has ended.")
        time.sleep(0.005)
    try:
        yield
    finally:
        with suppress(OSError):
            place.unlink()
        os.close(handle)


def _take(handle: int) -> bool:
    """Take the lock of an open file if nobody holds it; a disk that knows no locks counts as free."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
    return True


def _still_there(handle: int, place: Path) -> bool:
    """Return whether the open lock file is the one in the folder: its last holder removes it."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(place))
    except FileNotFoundError:
        return False
