"""Measurements too long for a page: made once by `python -m dprior_lite measure ID`, stored, shown and partly repeated.

A chapter's folder holds ``measured/ID.py``, such as ``measured/in_1.py``, with

- ``keys()``: the items, as short texts such as a picture and a seed, in order;
- ``measure(key)``: the numbers of one item, name -> number or list of numbers; it draws all its random numbers itself.

The result lies beside it as ``measured/ID.json``. A page loads it, shows it, repeats a few items live and fails if they
do not come back.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from dprior_lite import profiles, used
from dprior_lite.course.chapters import all_chapters, folder_of

SCHEMA = 1
#: Largest relative difference between a stored number and its repetition.
AGREEMENT = 1e-3
Numbers = dict[str, float | list[float]]


class MeasurementError(ValueError):
    """A stored measurement is missing, was edited, or does not come back."""


def names() -> tuple[str, ...]:
    """Return the ids of all measurements, found by looking: the claims that have a file in a folder `measured`."""
    files = (p for c in all_chapters() for p in sorted((folder_of(c.page) / "measured").glob("[a-z]*_*.py")))
    return tuple(p.stem.replace("_", "-") for p in files)


def module_of(id: str) -> ModuleType:
    """Return the module that measures a claim.

    Raises
    ------
    MeasurementError
        If there is none; the message lists those there are.
    """
    for chapter in all_chapters():
        if chapter.prefix == id.partition("-")[0] and id in names():
            name = f"dprior_lite.course.chapters.ch{chapter.number}.measured.{id.replace('-', '_')}"
            return import_module(name)
    raise MeasurementError(f"there is no measurement {id!r}; there are {', '.join(names()) or 'none'}")


def path_of(id: str, root: Path | None = None) -> Path:
    """Return where the numbers of a measurement are stored.

    Parameters
    ----------
    id : str
        Such as `"in-1"`.
    root : Path, optional
        Root of another working tree.
    """
    chapter = next((c for c in all_chapters() if c.prefix == id.partition("-")[0]), None)
    if chapter is None:
        raise MeasurementError(f"no chapter has claims called {id!r}")
    path = folder_of(chapter.page) / "measured" / f"{id.replace('-', '_')}.json"
    return path if root is None else root / path.relative_to(Path(__file__).parents[2])


def digest(content: Mapping[str, Any]) -> str:
    """Return sixteen hexadecimal digits of the numbers of a measurement and of what they were made with."""
    kept = {key: content[key] for key in ("id", "items", "weights", "data", "definitions", "libraries")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Any]:
    """Return a stored measurement as it lies in its file.

    Raises
    ------
    MeasurementError
        If the file is missing, is no measurement, or was edited by hand.
    """
    try:
        content = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError) as error:
        raise MeasurementError(
            f"the measurement {path.stem} cannot be read ({error}): python -m dprior_lite measure makes it"
        ) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise MeasurementError(f"{path.name} is no measurement of schema {SCHEMA}: make it again")
    if content.get("digest") != digest(content):
        raise MeasurementError(f"{path.name} was edited by hand: its numbers do not have its digest; measure again")
    return content


def digest_of(id: str, root: Path | None = None) -> str:
    """Return the digest of a stored measurement, empty if it is not there."""
    path = path_of(id, root)
    return json.loads(path.read_text(encoding="utf8")).get("digest", "") if path.is_file() else ""


class Measured:
    """The numbers of a stored measurement, item by item.

    Parameters
    ----------
    content : dict
        From `read`.

    Attributes
    ----------
    id : str
        Such as `"in-1"`.
    items : dict
        Numbers of each item, key -> name -> number or list of numbers.
    weights : dict
        The weights it rests on, name -> sha256: to be handed to `claims.check`.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.id: str = content["id"]
        self.items: dict[str, Numbers] = content["items"]
        self.weights: dict[str, str] = content["weights"]
        self.seconds: float = content["seconds"]

    def values(self, name: str, where: str = "") -> np.ndarray:
        """Return all numbers of one name as one array, over the items whose key contains `where`."""
        return np.concatenate([np.atleast_1d(n[name]) for key, n in self.items.items() if where in key])

    def mean(self, name: str, where: str = "") -> float:
        """Return the mean of the numbers of one name."""
        return float(self.values(name, where).mean())

    def error(self, name: str, where: str = "") -> float:
        """Return the standard error of that mean."""
        found = self.values(name, where)
        return float(found.std(ddof=1) / math.sqrt(len(found)))

    def repeat(self, keys: Sequence[str] | None = None) -> None:
        """Measure a few items again, here and now, and demand that they come back.

        Parameters
        ----------
        keys : sequence of str, optional
            Which; by default the first and, in `class`, the last one too.

        Raises
        ------
        MeasurementError
            If a number differs by more than `AGREEMENT`, relative to the largest of its list.
        """
        every = list(self.items)
        chosen = keys or (every[:1] if profiles.current().name == "ci" else [every[0], every[-1]])
        for key in dict.fromkeys(chosen):
            again = module_of(self.id).measure(key)
            for name, stored in self.items[key].items():
                difference = relative_difference(stored, again[name])
                if not difference <= AGREEMENT:
                    raise MeasurementError(
                        f"{self.id}, {key}: {name} was {stored} when it was stored and is {again[name]} now"
                    )
        print(f"{self.id}: {len(dict.fromkeys(chosen))} of {len(every)} stored items measured again; they came back")


def relative_difference(stored: float | Sequence[float], again: float | Sequence[float]) -> float:
    """Return the largest difference over the largest stored number; infinite for other lengths.

    Examples
    --------
    >>> relative_difference([1.0, 2.0], [1.0, 2.002])
    0.0009999999999998899
    """
    a, b = np.atleast_1d(stored).astype(float), np.atleast_1d(again).astype(float)
    if a.shape != b.shape:
        return math.inf
    return float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-12))


def measured(id: str) -> Measured:
    """Return the stored numbers of a claim, and record that this process used them.

    Parameters
    ----------
    id : str
        Such as `"in-1"`.

    Raises
    ------
    MeasurementError
        If there are none, or they were edited by hand.

    Examples
    --------
    >>> measured("mi-9")
    Traceback (most recent call last):
    dprior_lite.course.measurements.MeasurementError: the measurement mi_9 cannot be read ...
    """
    content = read(path_of(id))
    used.record("measurements", id, content["digest"])
    return Measured(content)
