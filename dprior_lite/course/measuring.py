"""Make the stored measurements of `dprior_lite.course.measurements`, and say when they are no longer current."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from dprior_lite import used
from dprior_lite.course.measurements import SCHEMA, Numbers, digest, module_of, read
from dprior_lite.course.notebooks import freshness
from dprior_lite.gates import files
from dprior_lite.machine import hardware


def make(id: str, path: Path, again: bool = False) -> Iterator[tuple[int, int]]:
    """Measure what is missing, item by item, and store after each; yield how many are done of how many.

    Parameters
    ----------
    id : str
        Such as `"in-1"`.
    path : Path
        Where the numbers are stored.
    again : bool
        Forget what is stored.

    Raises
    ------
    MeasurementError
        If the id is unknown.
    """
    module = module_of(id)
    keys = list(module.keys())
    begun = {} if again or not path.is_file() else _begun(path)
    items = {key: begun["items"][key] for key in keys if key in begun.get("items", {})}
    seconds, start = begun.get("seconds", 0.0), time.monotonic()
    for key in [key for key in keys if key not in items]:
        items[key] = _rounded(module.measure(key))
        ordered = {k: items[k] for k in keys if k in items}
        _store(path, _content(id, ordered, seconds + time.monotonic() - start, begun.get("weights", {})))
        yield len(items), len(keys)


def _begun(path: Path) -> dict[str, Any]:
    """Return what an interrupted measurement has stored, if it is still current; nothing otherwise."""
    content = read(path)
    return {} if changed(content) else content


def _rounded(numbers: Mapping[str, Any]) -> Numbers:
    """Return numbers with seven digits, as plain Python."""
    return {
        k: [float(f"{x:.7g}") for x in v] if isinstance(v, list | tuple) else float(f"{v:.7g}")
        for k, v in numbers.items()
    }


def _content(id: str, items: dict[str, Numbers], seconds: float, weights: Mapping[str, str]) -> dict[str, Any]:
    index = freshness.Index(freshness.repository())
    content = {
        "schema": SCHEMA,
        "id": id,
        "items": items,
        "weights": dict(weights) | used.used("weights"),
        "data": used.used("data"),
        "definitions": freshness.fingerprint(index, sys.modules),
        "libraries": freshness.libraries(),
        "machine": hardware(torch.device("cpu")),
        "seconds": round(seconds, 1),
    }
    return content | {"digest": digest(content)}


def _store(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, json.dumps(content, indent=0, ensure_ascii=False) + "\n")


def stale(content: Mapping[str, Any], root: Path | None = None) -> list[str]:
    """Return why stored numbers are incomplete or no longer what the tree would give; empty if they are current.

    Parameters
    ----------
    content : dict
        From `measurements.read`.
    root : Path, optional
        Root of the working tree.
    """
    missing = len(set(module_of(content["id"]).keys()) - set(content["items"]))
    return ([f"{missing} items are missing"] if missing else []) + changed(content, root)


def changed(content: Mapping[str, Any], root: Path | None = None) -> list[str]:
    """Return what changed since numbers were stored: definitions, libraries, weights, data sets.

    Parameters
    ----------
    content : dict
        From `measurements.read`.
    root : Path, optional
        Root of the working tree.
    """
    root = root or freshness.repository()
    reasons = freshness.changed_definitions(content["definitions"], freshness.Index(root))
    if content["libraries"] != freshness.libraries():
        reasons.append("the libraries changed")
    return reasons + freshness.changed_sources({k: content[k] for k in ("weights", "data")}, root)
