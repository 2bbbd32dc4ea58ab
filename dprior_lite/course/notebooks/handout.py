"""Hand out copies of the notebooks, and never overwrite what a person changed in one.

A folder of copies remembers a hash of the cells and outputs of each page that was handed out. A page with another
hash is a person's own: changed or run. To open and save it is no change.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat

from dprior_lite.course.notebooks import copies, pairs
from dprior_lite.gates import files

RECORD = ".handed-out.json"


def hand_out(root: Path, folder: Path, student: bool = False) -> list[str]:
    """Write the copies into a folder and say in one line a page what was done.

    A page that a person has changed stays; a newer original is written beside it as `NAME.new.ipynb`.

    Parameters
    ----------
    root : Path
        Root of the working tree.
    folder : Path
        Made if it is not there; must not be the folder of the originals.
    student : bool
        Leave out solutions and outputs.

    Returns
    -------
    list of str
        One line a page.

    Raises
    ------
    ValueError
        If the folder holds the originals.
    """
    if folder.resolve() in ((root / "notebooks").resolve(), (root / "book").resolve()):
        raise ValueError(f"{folder} holds the originals; name another folder for the copies")
    folder.mkdir(parents=True, exist_ok=True)
    book, lines = copies.index(root), []
    for name in sorted(book.handed_out):
        original = pairs.notebook_of(root / "book" / f"{name}.md")
        source = pairs.read(original) if original.is_file() else copies.prose_notebook(root / "book" / f"{name}.md")
        made, missing = copies.copied(source, name, book, student)
        lines.append(f"{name}: {_place(folder, name, made, trust=not student)}")
        lines += [f"{name}: not stored yet, so not shown: {value}" for value in dict.fromkeys(missing)]
    return lines


def _place(folder: Path, name: str, made: nbformat.NotebookNode, trust: bool) -> str:
    """Write one copy where no work of a person stands, and say what was done."""
    record = folder / RECORD
    given = json.loads(record.read_text("utf8")) if record.is_file() else {}
    path, beside = folder / f"{name}.ipynb", folder / f"{name}.new.ipynb"
    new, held = _hash(made), _hash_of(path)
    done = "renewed; it was as handed out" if held else "copied"
    if held == new:
        done = "current"
    elif held and held != given.get(path.name):
        # the person's own: it stays, whatever the original has become
        if given.get(path.name) == new:
            return "yours now, changed or run; left as it is"
        if given.get(beside.name) == new and beside.is_file():
            return f"yours now, changed or run; left as it is, the newer page is still in {beside.name}"
        if beside.is_file() and _hash_of(beside) != given.get(beside.name):
            return f"yours now, and so is {beside.name}; both left as they are, the newest page was not copied"
        done, path = f"yours now, changed or run; left as it is, the newer page is in {beside.name}", beside
    if done != "current":
        files.write_text(path, pairs.written(made))
    files.write_text(record, json.dumps(given | {path.name: new}, indent=1, sort_keys=True) + "\n")
    if trust:
        sign(path)
    return done


def _hash(notebook: nbformat.NotebookNode) -> str:
    """Return a hash of what a person can change: cells and outputs, not what JupyterLab notes beside them."""
    cells = [[cell.cell_type, cell.source, [_shown(o) for o in cell.get("outputs", [])]] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _shown(output: nbformat.NotebookNode) -> dict[str, Any]:
    """Return an output without its records: JavaScript saves 0.0 as 0."""
    data = output.get("data", {})
    return {**output, "data": {mime: value for mime, value in data.items() if not mime.endswith("json")}}


def _hash_of(path: Path) -> str:
    """Return the hash of a file, empty where there is none; of a file that is no notebook the hash of its bytes."""
    if not path.is_file():
        return ""
    try:
        return _hash(nbformat.read(path, as_version=4))
    except Exception:  # half a file, or another format: a person's own in any case
        return hashlib.sha256(path.read_bytes()).hexdigest()


def sign(path: Path) -> None:
    """Mark a notebook as trusted for this user, so that JupyterLab runs the scripts of its figures.

    Parameters
    ----------
    path : Path
        A notebook; nothing is written into it.
    """
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()
