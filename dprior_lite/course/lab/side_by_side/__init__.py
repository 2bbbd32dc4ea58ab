"""The table of the appendix "Side by side": what was measured, read back, and what follows from it.

The numbers are those of one run of `python -m dprior_lite side-by-side` (`measure`), with the methods of `methods`.
This module needs neither deepinv nor a network: it reads the stored numbers and refuses those of another network than
the shipped one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dprior_lite.store import SHIPPED, read_card

HERE = Path(__file__).parent
NUMBERS, SHEET = HERE / "measured.json", HERE / "sheet.png"
SCHEMA, NET = 1, "photos-unet"
COMMAND = "python -m dprior_lite side-by-side"

TASKS = ("inpainting", "random pixels, 20 %", "enlarge 4×", "deblurring, 10 %", "random projections, 25 %")
METHODS = ("ours", "DDRM", "PiGDM", "DPS", "DiffPIR")
BASELINES = ("pseudo-inverse", "ours in one step")
MARGIN = 0.3  # dB

Measured = dict[str, Any]


def read(path: Path = NUMBERS) -> Measured:
    """Return what was measured, complete and with the shipped network.

    Returns
    -------
    dict
        `results[task][method]` holds PSNR in dB (`mean` of the samples, `single`), `ssim` of the mean,
        `seconds` for all samples of all pictures, network `calls` an item, the tuned `scalar` and `tried` with
        the score of each; the rest says how.

    Raises
    ------
    ValueError
        If there is no such file, a part of it is missing, or it was measured with another network; the message says
        what to do.

    Examples
    --------
    >>> sorted(read()["results"]) == sorted(TASKS)
    True
    """
    if not path.is_file():
        raise ValueError(f"nothing is measured yet: {COMMAND}")
    stored = json.loads(path.read_text(encoding="utf8"))
    missing = [
        f"{task}: {name}"
        for task in TASKS
        for name in (*METHODS, *BASELINES)
        if name not in stored["results"].get(task, {})
    ]
    missing += [] if stored.get("choices") else ["choices"]
    if stored["schema"] != SCHEMA or missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing) or f'schema {SCHEMA}'}: {COMMAND}")
    shipped = read_card(SHIPPED / f"{NET}.json")["sha256"]
    if stored["weight"] != {"name": NET, "sha256": shipped}:
        raise ValueError(
            f"the table beside other samplers was measured with {stored['weight']['name']}"
            f" {stored['weight']['sha256'][:12]}, the shipped {NET} is {shipped[:12]}: {COMMAND}"
        )
    return stored


def digest(path: Path) -> str:
    """Return the sha256 of a file.

    Examples
    --------
    >>> len(digest(SHEET))
    64
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()


def behind(row: Mapping[str, Mapping[str, float]], name: str = "ours") -> float:
    """Return by how many dB the mean of one entry of a task is behind the best of all methods.

    Where it is the best the number is not above 0.

    Parameters
    ----------
    row : mapping
        `results[task]`.
    name : str
        A method, or a baseline, which then competes with all methods.

    Examples
    --------
    >>> row = {method: {"mean": 30.0} for method in METHODS} | {"DPS": {"mean": 30.5}}
    >>> behind(row), behind(row, "DPS")
    (0.5, 0.0)
    """
    return max(row[method]["mean"] for method in METHODS) - row[name]["mean"]


def within(
    results: Mapping[str, Mapping[str, Mapping[str, float]]], name: str = "ours", margin: float = MARGIN
) -> list[str]:
    """Return the tasks in which one entry is within the margin (dB) of the best.

    Examples
    --------
    >>> results = {"a": {m: {"mean": 30.0} for m in METHODS}, "b": {m: {"mean": 30.0 - (m == "ours")} for m in METHODS}}
    >>> within(results), within(results, "DPS")
    (['a'], ['a', 'b'])
    """
    return [task for task, row in results.items() if behind(row, name) <= margin]


def claim(stored: Measured) -> dict[str, Any]:
    """Return the arguments with which `claims.check` is asked about in-6.

    Examples
    --------
    >>> sorted(claim(read()))
    ['control', 'seed', 'value']
    """
    results = stored["results"]
    control = {"inverse": len(within(results, "pseudo-inverse")), "one_step": len(within(results, "ours in one step"))}
    return {"value": len(within(results)), "control": control, "seed": stored["seed"]}


def table(stored: Measured, key: str = "mean", digits: int = 2) -> str:
    """Return one kind of number as text, a line a task and a column a method.

    The largest of a line is marked where it is a PSNR or SSIM.

    Examples
    --------
    >>> print(table({"results": {"a": {m: {"mean": 30.0 + (m == "DPS")} for m in METHODS}}}))
    mean                            ours      DDRM     PiGDM       DPS   DiffPIR
    a                             30.00     30.00     30.00     31.00*    30.00
    """
    lines = [f"{key:26}" + "".join(f"{method:>10}" for method in METHODS)]
    for task, row in stored["results"].items():
        values = [row[method][key] for method in METHODS]
        best = max(values) if key in ("mean", "single", "returned", "ssim") else None
        cells = "".join(f"{value:9.{digits}f}{'*' if value == best else ' '}" for value in values)
        lines.append(f"{task:26}{cells}".rstrip())
    return "\n".join(lines)


def thumbnail(task: str, method: str, path: Path = SHEET, size: int = 64) -> Any:
    """Return the stored mean of the samples of the first picture, (1, 64, 64) in [0, 1].

    It is rounded to 8 bits.

    Examples
    --------
    >>> thumbnail("inpainting", "DPS").shape
    torch.Size([1, 64, 64])
    """
    import numpy as np
    import torch
    from PIL import Image

    row, column = TASKS.index(task), METHODS.index(method)
    with Image.open(path) as sheet:
        cell = np.asarray(sheet)[row * size : (row + 1) * size, column * size : (column + 1) * size]
    return torch.from_numpy(cell.copy()).float()[None] / 255
