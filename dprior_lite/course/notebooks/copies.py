"""A notebook as it is handed out: for a reader with outputs, for a class without outputs and solutions.

A copy is plain Markdown and code: stored values stand where the page glues them, cross references are links, and the
tags that only the book and its tests need are gone.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

from dprior_lite.course.claims.checks import MIME
from dprior_lite.course.notebooks import book_index, pairs
from dprior_lite.course.notebooks.book_index import BookIndex
from dprior_lite.course.notebooks.plain import Page, plain

Notebook = nbformat.NotebookNode

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
        claim = data.get(MIME, {})
        if "id" in claim:
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
    book.tables = {"notation": _notation, "scorecard": partial(_scorecard, root, book)}
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


def _scorecard(root: Path, book: BookIndex) -> str:
    from dprior_lite.course.claims import ledger

    return _linked(ledger.scorecard(ledger.records(root / "notebooks")), book)


def _linked(text: str, book: BookIndex) -> str:
    """Return HTML whose links to pages of the book lead to notebooks instead."""
    return re.sub(r"\b(\w+)\.html\b", lambda m: f"{m[1]}.ipynb" if m[1] in book.handed_out else m[0], text)


def _figure(cell: Notebook) -> dict[str, str]:
    """Return name and caption of the figure that a cell draws, empty for other cells."""
    return cell.metadata.get("mystnb", {}).get("figure", {})


def copied(notebook: Notebook, name: str, book: BookIndex, student: bool = False) -> tuple[Notebook, list[str]]:
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
        _redraw(made, book)
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


def _redraw(notebook: Notebook, book: BookIndex) -> None:
    """Draw stored claims and figures in today's look, and lead their links to notebooks."""
    for module, function in (("course.claims.redraw", "redraw_claims"), ("course.web", "redraw_notebook")):
        if find_spec(f"dprior_lite.{module}"):
            getattr(import_module(f"dprior_lite.{module}"), function, lambda notebook: None)(notebook)
    for data in (output["data"] for output in _outputs(notebook) if "text/html" in output.get("data", {})):
        data["text/html"] = _linked(data["text/html"], book)


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


def prose_notebook(page: Path) -> Notebook:
    """Return a page without code as a notebook of one cell.

    Parameters
    ----------
    page : Path
        A page under `book/`.
    """
    notebook = nbformat.v4.new_notebook(cells=[_markdown(_without_header(page), "page")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return notebook
