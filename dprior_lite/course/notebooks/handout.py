"""Copies of the notebooks to hand out: for a reader with outputs, for a class without outputs and solutions.

A copy is plain Markdown and code: stored values stand where the page glues them, cross references are links, and the
tags that only the book and its tests need are gone. What a person has changed in a copy is never overwritten.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from dprior_lite.course.claims.checks import MIME
from dprior_lite.course.notebooks import book_index, pairs
from dprior_lite.course.notebooks.book_index import BookIndex
from dprior_lite.course.notebooks.plain import Page, plain

Notebook = nbformat.NotebookNode

RECORD = ".handed-out.json"
GLUED = "application/papermill.record/"
_HIDES_SOURCE = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
_HIDES_OUTPUT = {"hide-output", "remove-output", "hide-cell", "remove-cell"}
_PUBLISHERS = re.compile(r"nbval-.*|skip-execution|remove-.*|hide-.*|full-width|margin")


def values(notebook: Notebook) -> dict[str, Any]:
    """Return what a notebook glues, by name: the numbers of its claims and what it glued itself.

    Parameters
    ----------
    notebook : NotebookNode
        Executed.

    Examples
    --------
    >>> values(nbformat.v4.new_notebook())
    {}
    """
    found: dict[str, Any] = {}
    for output in _outputs(notebook):
        data = output.get("data", {})
        if claim := data.get(MIME):
            numbers = {**claim.get("value", {}), **claim.get("control", {})}
            found |= {f"{claim['id']}.{part}": number for part, number in numbers.items()}
        name = output.get("metadata", {}).get("scrapbook", {}).get("name")
        if name and (text := data.get(f"{GLUED}text/plain")) is not None:
            found[name] = text
    return found


def _outputs(notebook: Notebook) -> Iterator[Notebook]:
    return (output for cell in notebook.cells for output in cell.get("outputs", []))


def index(root: Path) -> BookIndex:
    """Return where every label of the book stands, and which pages a copy may link to.

    Parameters
    ----------
    root : Path
        Root of the working tree.

    Returns
    -------
    BookIndex
        Handed out are all notebooks, and pages of prose that a notebook links to.
    """
    book = BookIndex(references=book_index.references(root / "book/references.bib"))
    book.tables = {"notation": _notation, "scorecard": partial(_scorecard, root)}
    texts = {page.stem: _without_header(page) for page in sorted((root / "book").glob("*.md"))}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = pairs.read(path)
        texts.pop(path.stem, None)
        text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        book.add(path.stem, text, [name for cell in notebook.cells if (name := _figure(cell).get("name"))])
        book.handed_out.add(path.stem)
    notebooks = " ".join(path.read_text("utf8") for path in (root / "notebooks").glob("*.ipynb"))
    for stem, text in texts.items():
        book.add(stem, text)
        labels = [label for label, place in book.places.items() if place.page == stem]
        linked = [
            f"]({stem})",
            f"{{doc}}`{stem}`",
            *(f"<{label}>`" for label in labels),
            *(f"{{ref}}`{label}`" for label in labels),
        ]
        if "{eval-rst}" not in text and any(link in notebooks for link in linked):
            book.handed_out.add(stem)
    return book


def _without_header(page: Path) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", page.read_text("utf8"), flags=re.DOTALL)


def _notation() -> str:
    from dprior_lite.course.page import notation

    return notation.table()


def _scorecard(root: Path) -> str:
    from dprior_lite.course.claims import ledger

    return ledger.scorecard(ledger.records(root / "notebooks"))


def _figure(cell: Notebook) -> dict[str, str]:
    """Return name and caption of the figure that a cell draws, empty for other cells."""
    return cell.metadata.get("mystnb", {}).get("figure", {})


def handout(notebook: Notebook, name: str, book: BookIndex, student: bool = False) -> tuple[Notebook, list[str]]:
    """Return the copy of a notebook that a person works in.

    Parameters
    ----------
    notebook : NotebookNode
        A stored notebook; it is left as it is.
    name : str
        Name of its page, such as `"01_miyasawa"`.
    book : BookIndex
        From `index`.
    student : bool
        Leave out solutions and outputs.

    Returns
    -------
    tuple of NotebookNode and list of str
        The copy, and the names of glued values that are not stored.
    """
    made = copy.deepcopy(notebook)
    page = Page(name, book, values(notebook))
    if not student:
        _redraw(made)
    cells = []
    for cell in made.cells:
        if student and "solution" in cell.metadata.get("tags", []):
            continue
        caption = _figure(cell)
        _tidy(cell, page, student)
        cells += [cell, *_caption(cell, caption, page)]
    made.cells = cells + _references(page)
    made.metadata = nbformat.from_dict({k: v for k, v in made.metadata.items() if k in ("kernelspec", "language_info")})
    return made, page.missing


def _redraw(notebook: Notebook) -> None:
    """Draw the stored figures in today's look."""
    from dprior_lite.course import web

    redraw = getattr(web, "redraw_notebook", None)
    if redraw:
        redraw(notebook)


def _tidy(cell: Notebook, page: Page, student: bool) -> None:
    """Rewrite the prose of a cell; turn the publisher's tags of a code cell into what JupyterLab folds."""
    tags = set(cell.metadata.pop("tags", []))
    cell.metadata.pop("mystnb", None)
    if cell.cell_type == "markdown":
        cell.source = plain(cell.source, page)
    if cell.cell_type == "code":
        folds = {"source_hidden": bool(tags & _HIDES_SOURCE), "outputs_hidden": bool(tags & _HIDES_OUTPUT)}
        if any(folds.values()):
            cell.metadata["jupyter"] = {what: True for what, folded in folds.items() if folded}
        glued = [o for o in cell.outputs if any(mime.startswith(GLUED) for mime in o.get("data", {}))]
        cell.outputs = [] if student else [o for o in cell.outputs if o not in glued]
        cell.execution_count = None if student else cell.execution_count
        if "exercises.check(" in cell.source:
            tags.discard("raises-exception")  # a wrong answer must be seen
    if kept := sorted(tag for tag in tags if not _PUBLISHERS.fullmatch(tag)):
        cell.metadata["tags"] = kept


def _caption(cell: Notebook, figure: dict[str, str], page: Page) -> list[Notebook]:
    """Return a cell with the caption of a figure, to stand below it."""
    if not figure.get("caption"):
        return []
    name = figure.get("name", "")
    number = f"**{page.book.places[name].words}.** " if name in page.book.places else ""
    text = f'<a id="{name}"></a>\n{number}{plain(figure["caption"], page)}' if name else plain(figure["caption"], page)
    return [_markdown(text, f"{cell.id}-caption")]


def _references(page: Page) -> list[Notebook]:
    """Return a cell with what the page cites."""
    lines = [f'- <a id="{key}"></a>{page.book.references[key].entry}' for key in sorted(page.cited)]
    return [_markdown("\n".join(["## References", "", *lines]), "references")] if lines else []


def _markdown(text: str, id: str) -> Notebook:
    cell = nbformat.v4.new_markdown_cell(text)
    cell.id = id
    return cell


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
    book, lines = index(root), []
    for name in sorted(book.handed_out):
        original = pairs.notebook_of(root / "book" / f"{name}.md")
        source = pairs.read(original) if original.is_file() else _prose_notebook(root / "book" / f"{name}.md")
        made, missing = handout(source, name, book, student)
        lines.append(f"{name}: {_place(folder, name, pairs.written(made), trust=not student)}")
        lines += [f"{name}: not stored yet, so not shown: {value}" for value in dict.fromkeys(missing)]
    return lines


def _prose_notebook(page: Path) -> Notebook:
    """Return a page without code as a notebook of one cell."""
    notebook = nbformat.v4.new_notebook(cells=[_markdown(_without_header(page), "page")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return notebook


def _place(folder: Path, name: str, text: str, trust: bool) -> str:
    """Write one copy where no work of a person stands, and say what was done."""
    record = folder / RECORD
    given = json.loads(record.read_text("utf8")) if record.is_file() else {}
    path, beside = folder / f"{name}.ipynb", folder / f"{name}.new.ipynb"
    new, held = _hash(text.encode()), _hash_of(path)
    done = "renewed; you had not changed it" if held else "copied"
    if held == new:
        done = "current"
    elif held and held != given.get(path.name):
        # the person's own: it stays, whatever the original has become
        if given.get(path.name) == new:
            return "you changed it; left as it is"
        if given.get(beside.name) == new and beside.is_file():
            return f"you changed it; left as it is, the newer page is still in {beside.name}"
        if beside.is_file() and _hash_of(beside) != given.get(beside.name):
            return f"you changed it and {beside.name} too; both left as they are, the newest page was not copied"
        done, path = f"you changed it; left as it is, the newer page is in {beside.name}", beside
    if done != "current":
        pairs.store(path, text)
    pairs.store(record, json.dumps(given | {path.name: new}, indent=1, sort_keys=True) + "\n")
    if trust:
        sign(path)
    return done


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_of(path: Path) -> str:
    """Return the hash of a file, empty where there is none."""
    return _hash(path.read_bytes()) if path.is_file() else ""


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
