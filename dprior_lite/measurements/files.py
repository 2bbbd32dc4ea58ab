"""Measurement matrices in files: `NAME.safetensors` with the rows, beside its card `NAME.json`.

The two are written together or not at all, and the card holds the sha256 of the rows, as for the weights of networks.
Rows that lie in a folder called `measurements`, shipped ones or your own, are noted as used when they are loaded, under
the name `measurements/NAME`, so that claims and receipts can name them.
"""

from __future__ import annotations

import json
import math
from hashlib import sha256
from pathlib import Path
from typing import Any

from dprior_lite import used
from dprior_lite.gates.files import read_pair, write_pair
from dprior_lite.gates.numbers import kind_of, require_kind
from dprior_lite.gates.pictures import folder_path
from dprior_lite.measurements.matrices import MeasurementMatrix, require_rows

SCHEMA, FOLDER = 1, Path(__file__).resolve().parents[1] / "weights" / "measurements"


def save_rows(path: str | Path, matrix: MeasurementMatrix, card: dict[str, Any] | None = None) -> Path:
    """Write the rows of a matrix, float32, with a card, and return the path.

    Parameters
    ----------
    path : str or Path
        `NAME.safetensors`; its folder is made if it is missing.
    matrix : MeasurementMatrix
        What is written.
    card : dict, optional
        What else the card says, such as data, loss and steps: plain numbers, texts, lists and dictionaries.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> import tempfile, torch
    >>> matrix = MeasurementMatrix(torch.eye(4)[:2], (1, 2, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_rows(f"{folder}/two.safetensors", matrix, {"data": "none"})
    ...     load_rows(path).k, read_rows_card(path)["data"]
    (2, 'none')
    """
    from safetensors.torch import save

    path = _matrix_path(path)
    rows = require_kind(matrix, MeasurementMatrix, "matrix").rows.detach().float().cpu().contiguous()
    content = save({"rows": rows})
    own = {"schema": SCHEMA, "name": path.stem, "shape": list(matrix.shape), "sha256": sha256(content).hexdigest()}
    try:
        text = json.dumps({**(card or {}), **own}, indent=1)
    except TypeError as error:
        raise TypeError(f"card holds what JSON does not know ({error}); expected numbers, texts and lists.") from None
    return write_pair(path, content, text + "\n")


def _matrix_path(path: str | Path) -> Path:
    """Return the path of a file of rows, or refuse another kind of file."""
    path = folder_path(path)
    if path.suffix != ".safetensors":
        raise ValueError(f"path ends in {path.suffix!r}; expected the path of a file NAME.safetensors.")
    return path


def read_rows_card(path: str | Path) -> dict[str, Any]:
    """Return the card of a file of rows.

    Raises
    ------
    TypeError, ValueError
        If there is no such file, or it is no card of rows.

    Examples
    --------
    >>> read_rows_card("no/such.safetensors")
    Traceback (most recent call last):
    ValueError: no/such.safetensors cannot be read (No such file or directory); expected rows and their card.
    """
    return _read(_matrix_path(path))[0]


def load_rows(name: str | Path) -> MeasurementMatrix:
    """Return a saved matrix, after comparing it with its card; its rows are orthonormal to 1e-5.

    Parameters
    ----------
    name : str or Path
        Name of a shipped matrix, or the path of a `.safetensors` file with its card beside it.

    Raises
    ------
    TypeError, ValueError
        If there is no such matrix, or the file is damaged or no matrix.

    Examples
    --------
    >>> load_rows("no-such-matrix")
    Traceback (most recent call last):
    ValueError: There is no matrix 'no-such-matrix'; expected the name of a shipped one (...) or a path.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    if isinstance(name, str) and not name.endswith(".safetensors"):
        shipped = sorted(file.stem for file in FOLDER.glob("*.safetensors"))
        if name not in shipped:
            known = ", ".join(shipped) or "none yet"
            raise ValueError(f"There is no matrix {name!r}; expected the name of a shipped one ({known}) or a path.")
        name = FOLDER / f"{name}.safetensors"
    path = _matrix_path(name)
    card, content = _read(path)
    if sha256(content).hexdigest() != card["sha256"]:
        raise ValueError(f"{path.name} is not what its card says: it is damaged or another file. Remove it.")
    try:
        rows = load(content)["rows"]
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{path.name} holds no rows ({error}); expected a file written by save_rows.") from None
    matrix = MeasurementMatrix(require_rows(rows, math.prod(card["shape"])), card["shape"])
    if path.parent.name == FOLDER.name:
        name = f"{FOLDER.name}/{path.stem}"
        used.record("weights", name, card["sha256"])
        used.RecordCall(name)()
    return matrix


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return the card and the content of the rows."""
    try:
        content, text = read_pair(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); expected rows and their card.") from None
    try:
        card = json.loads(text)
        if {"shape", "sha256"} <= set(card):
            return card, content
    except (ValueError, TypeError):
        pass
    raise ValueError(f"The card of {path.name} is {kind_of(text)} without shape and sha256; expected one of save_rows.")
