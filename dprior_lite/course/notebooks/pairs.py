"""Keep `notebooks/NN_name.ipynb` (with outputs) in step with `book/NN_name.md` (the source).

One direction, by content: `sync` writes the notebook a page asks for and keeps the outputs of
unchanged code; `run` executes what is stale, one page at a time, and stores it only if it may be
published; `check` says what disagrees. Times of files are never looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import jupytext
import nbformat

from dprior_lite.course.chapters import claim
from dprior_lite.course.claims.card import line
from dprior_lite.course.claims.ledger import stored_records
from dprior_lite.course.claims.record import judged
from dprior_lite.course.notebooks import execution, freshness
from dprior_lite.course.notebooks.forbidden import forbidden_outputs
from dprior_lite.course.notebooks.index import Index
from dprior_lite.course.web import redraw_notebook
from dprior_lite.gates import files

Notebook = nbformat.NotebookNode

LARGEST_TOGETHER = 15 * 2**20  # bytes of all stored notebooks
REFRESH = "make notebooks"


def pages(root: Path, only: Iterable[str] = ()) -> list[Path]:
    """The pages that are notebooks: `book/*.md` with a kernel in their header.

    Parameters
    ----------
    root : Path
        Root of the working tree.
    only : iterable of str
        Beginnings of names, such as `"01"`; all pages if empty.

    Returns
    -------
    list of Path
        In order of name.

    Raises
    ------
    ValueError
        If a beginning fits no page.
    """
    found = [p for p in sorted((root / "book").glob("*.md")) if is_notebook(p)]
    for start in only:
        if not any(p.stem.startswith(start) for p in found):
            raise ValueError(f"no page begins with {start!r}; there are {', '.join(p.stem for p in found) or 'none'}")
    return [p for p in found if not only or p.stem.startswith(tuple(only))]


def is_notebook(page: Path) -> bool:
    """Return whether a page names a kernel in its header."""
    return bool(re.match(r"---\n(.*\n)*?kernelspec:", page.read_text(encoding="utf8")))


def notebook_of(page: Path) -> Path:
    """Where the notebook of a page is stored."""
    return page.parent.parent / "notebooks" / f"{page.stem}.ipynb"


def wanted(page: Path) -> Notebook:
    """The notebook a page asks for, with the stored outputs of cells whose code is unchanged.

    Parameters
    ----------
    page : Path
        A page under `book/`.

    Returns
    -------
    NotebookNode
        Cell ids depend on the sources alone.
    """
    notebook = jupytext.read(page)
    stored = read(notebook_of(page))
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
        | ({"dprior": stored.metadata["dprior"]} if "dprior" in stored.metadata else {})
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    kept = dict(zip(_keys(stored), (c for c in stored.cells if c.cell_type == "code")))
    keys = iter(_keys(notebook))
    for cell, id in zip(notebook.cells, _ids(notebook)):
        cell.id = id
        if cell.cell_type == "code":
            old = kept.get(next(keys), {"outputs": [], "execution_count": None})
            cell.outputs, cell.execution_count = old["outputs"], old["execution_count"]
    return notebook


def read(path: Path) -> Notebook:
    """A stored notebook, empty if there is none."""
    return nbformat.read(path, as_version=4) if path.is_file() else nbformat.v4.new_notebook()


def _ids(notebook: Notebook) -> Iterator[str]:
    """Ids from the sources, counted where a source recurs: the same at every run."""
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        key = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        yield f"{key}-{seen[key]}"
        seen[key] += 1


def _keys(notebook: Notebook) -> list[tuple[str, int]]:
    """Return what each code cell computes, counted where it recurs: a comment changes nothing."""
    seen: Counter[str] = Counter()
    keys = []
    for key in (freshness.cell_key(c) for c in notebook.cells if c.cell_type == "code"):
        keys.append((key, seen[key]))
        seen[key] += 1
    return keys


def written(notebook: Notebook) -> str:
    """A notebook as the text it is stored as."""
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def sync(page: Path) -> bool:
    """Write the notebook of a page if it differs from what the page asks for.

    Parameters
    ----------
    page : Path
        A page under `book/`.

    Returns
    -------
    bool
        Whether it was written.
    """
    path, text = notebook_of(page), written(wanted(page))
    if path.is_file() and path.read_text("utf8") == text:
        return False
    files.write_text(path, text)
    return True


def faults(page: Path, root: Path, index: Index | None = None) -> list[str]:
    """What is wrong with the stored notebook of a page.

    Parameters
    ----------
    page : Path
        A page under `book/`.
    root : Path
        Root of the working tree.
    index : Index, optional
        Of the tree, where it was read already.

    Returns
    -------
    list of str
        One finding each; empty if it may be published.
    """
    path = notebook_of(page)
    if not path.is_file():
        return ["has no notebook"]
    stored = read(path)
    parted = [] if path.read_text("utf8") == written(wanted(page)) else ["differs from what its page asks for"]
    return parted + freshness.stale(stored, root, index) + forbidden_outputs(stored, root)


def unpublishable_claims(notebook: Notebook) -> list[str]:
    """Return the claims that must not be stored: one that fails, or a known gap that holds.

    Parameters
    ----------
    notebook : NotebookNode
        Executed.

    Returns
    -------
    list of str
        One finding each.
    """
    found = [judged(record) for record in stored_records(notebook)]
    bad = [f"{r['id']} fails: {line(claim(r['id']), r)}" for r in found if r["status"] == "fails"]
    return bad + [
        f"{r['id']} is listed as a known gap and holds: remove it from the chapter's tried.py"
        for r in found
        if r["status"] == "holds" and r["tried"]
    ]


def run(page: Path, root: Path) -> list[str]:
    """Execute a page in the class profile and store it if it may be published.

    Parameters
    ----------
    page : Path
        A page under `book/`.
    root : Path
        Root of the working tree.

    Returns
    -------
    list of str
        Why it was not stored; empty if it was.
    """
    notebook = wanted(page)
    try:
        seconds = execution.execute(notebook, root)
    except execution.CellFailed as failure:
        return [str(failure)]
    redraw_notebook(notebook, with_assets=False)  # style and scripts are added where a notebook is shown
    found = unpublishable_claims(notebook) + forbidden_outputs(notebook, root)
    if not found:
        files.write_text(notebook_of(page), written(notebook))
        slow = sorted(enumerate(seconds, start=1), key=lambda s: -s[1])[:3]
        cells = ", ".join(f"cell {number} {s:.1f} s" for number, s in slow if s >= 0.1)
        print(f"{page.stem}: executed in {sum(seconds):.0f} s{f'; slowest {cells}' if cells else ''}", flush=True)
    return found
