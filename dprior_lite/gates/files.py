"""The one writer of files: whatever happens to it, a reader finds the former file or the new one, whole.

A file is written under a temporary name that holds the process's number, synced to the disk, and renamed over the old
one, under a lock. A failure removes the temporary file; what a killed process left is removed by `tidy`.

A weight and its card are two files and change together: the new weight first waits as `NAME.safetensors.new.part`. The
renaming of the card makes it valid, because the card holds the weight's sha256. Then the waiting file takes its place.
`read_pair` finds the right file at any moment in between, and `tidy` finishes what a killed process began.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from dprior_lite.gates.lock import LOCK, NotWritten, locked

_PART = re.compile(r"(?P<target>.+?)\.\d+(\.card)?\.part")
_WAITING = ".new.part"
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write a file as a whole or not at all, and return its path; its folder is made if it is missing.

    Raises
    ------
    NotWritten
        If the disk is full, the folder cannot be written or another process holds the file; the old file is intact.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "a.bin", b"abc").read_bytes()
    b'abc'
    """
    path = Path(os.path.realpath(path))
    with _one_sentence(path), locked(path):
        _sweep(path)
        part = _write_part(path, content)
        try:
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    return path


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file (UTF-8, line ends as given) as a whole or not at all; otherwise as `write_bytes`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(Path(folder) / "a.txt", "sigma²").read_text(encoding="utf8")
    'sigma²'
    """
    return write_bytes(path, text.encode())


def write_pair(weight: str | Path, content: bytes, card: str) -> Path:
    """Write a weight and its card, `NAME.json` beside it, together or not at all; return the path.

    Parameters
    ----------
    weight : str or Path
        `NAME.safetensors`.
    content : bytes
        Of the weight.
    card : str
        JSON whose `sha256` is that of `content`.

    Raises
    ------
    ValueError
        If the card holds another sha256.
    NotWritten
        As `write_bytes`; the former pair is intact.
    """
    path = Path(os.path.realpath(weight))
    if digest_in(card.encode()) != sha256(content).hexdigest():
        raise ValueError(f"The card for {path.name} does not hold the sha256 of its weight.")
    card_path, waiting, parts = path.with_suffix(".json"), _waiting(path), []
    with _one_sentence(path), locked(path):
        _sweep(path)
        try:
            parts.append(_write_part(path, content))
            parts.append(_write_part(path, card.encode(), ".card"))
            os.replace(parts[0], waiting)
            parts[0] = waiting
            _sync_folder(path.parent)
            os.replace(parts[1], card_path)  # from here on the new pair counts
        except BaseException:
            for part in parts:
                part.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # otherwise it is found where it waits, and `tidy` finishes
            os.replace(waiting, path)
        _sync_folder(path.parent)
    return path


def read_pair(weight: str | Path) -> tuple[bytes, bytes]:
    """Return the contents of a weight and its card that belong together, also while they are replaced.

    If no two do, the two files are returned as they are: the caller compares the sha256 and says what is wrong.

    Raises
    ------
    OSError
        If the weight or the card is missing.

    Examples
    --------
    >>> read_pair("no/such.safetensors")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'no/such.json'
    """
    path = Path(weight)
    for _ in range(2):  # a writer may have replaced both between two readings
        if (pair := _matching(path)) is not None:
            return pair
    with suppress(OSError), locked(path, wait=2.0):  # nobody writes into a folder that cannot be written
        if (pair := _matching(path)) is not None:
            return pair
    card = path.with_suffix(".json").read_bytes()
    return path.read_bytes(), card


def _matching(path: Path) -> tuple[bytes, bytes] | None:
    """Read the card, and the weight that it means: in its place, or waiting, or by then in its place."""
    card = path.with_suffix(".json").read_bytes()
    for place in (path, _waiting(path), path):
        with suppress(FileNotFoundError):
            content = place.read_bytes()
            if sha256(content).hexdigest() == digest_in(card):
                return content, card
    return None


def digest_in(card: bytes) -> str | None:
    """Return the sha256 that a card holds, None if it holds none.

    Examples
    --------
    >>> digest_in(b'{"sha256": "abc"}'), digest_in(b"no card")
    ('abc', None)
    """
    try:
        found = json.loads(card)["sha256"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def tidy(folder: str | Path) -> list[str]:
    """Finish or remove what killed writers left in a folder; return the names of the files that are gone.

    What a running process is writing is left alone, and so is a folder that cannot be written.

    Examples
    --------
    >>> tidy("no/such/folder")
    []
    """
    folder, targets = Path(folder), set()
    with suppress(OSError):
        before = {file.name for file in folder.iterdir()}
        for name in before:
            if match := _PART.fullmatch(name):
                targets.add(match["target"])
            elif name.endswith(f".safetensors{_WAITING}"):
                targets.add(name.removesuffix(_WAITING))
            elif name.startswith(".") and name.endswith(LOCK):
                targets.add(name[1:].removesuffix(LOCK))
        for target in sorted(targets):
            with suppress(OSError), locked(folder / target, wait=0.0):
                _sweep(folder / target)
        return sorted(before - {file.name for file in folder.iterdir()}) if targets else []
    return []


def check_writable(folder: str | Path) -> Path:
    """Make a folder if it is missing and return it, or raise `NotWritten` if nothing can be written there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_writable(Path(folder) / "new").name
    'new'
    """
    probe = Path(folder) / "probe"
    with _one_sentence(probe), locked(probe):
        return Path(folder)


def _waiting(path: Path) -> Path:
    """Return where a new weight waits until its card is there."""
    return path.with_name(f"{path.name}{_WAITING}")


def _write_part(path: Path, content: bytes, kind: str = "") -> Path:
    """Write and sync the temporary file of `path` and return its place; remove it on failure."""
    part = path.with_name(f"{path.name}.{os.getpid()}{kind}.part")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return part


def _sweep(path: Path) -> None:
    """Remove the temporary files of `path`, and finish a pair whose card is there; its lock is held."""
    for file in path.parent.iterdir():
        match = _PART.fullmatch(file.name)
        if match and match["target"] == path.name:
            file.unlink(missing_ok=True)
    waiting = _waiting(path)
    if path.suffix == ".safetensors" and waiting.is_file():
        card = path.with_suffix(".json")
        if card.is_file() and digest_in(card.read_bytes()) == sha256(waiting.read_bytes()).hexdigest():
            os.replace(waiting, path)
        else:
            waiting.unlink()


def _sync_folder(folder: Path) -> None:
    """Make renamed names last through a power failure, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    """Turn the system's errors into one sentence that says what is intact and what to do."""
    try:
        yield
    except NotWritten:
        raise
    except OSError as error:
        if error.errno in _FULL:
            why, hint = "the disk is full", "Free some space"
        else:
            why, hint = error.strerror or type(error).__name__, "Choose a folder that you may write"
        raise NotWritten(
            f"{path.name} was not written in {path.parent}: {why}. What was there before is intact. {hint} and try"
            " again."
        ) from error
