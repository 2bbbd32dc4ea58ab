"""Is a stored output still what the code, the weights and the data would give?

A notebook's `metadata.dprior` records what it was executed with: the profile, a hash of the page's code cells, the
definitions of the package that were loaded and can change a number, what the page's own names stand for, each weight it
loaded, each recipe and each stored measurement it asked for, the declared version of each data set, and the versions of
the libraries that compute. `stale` compares that with the tree.

An edit that cannot change a number makes nothing stale: a comment, a docstring, the text of an error, an import
statement, one more re-export, the look of a card, a box or a figure, a registered chapter, a moved module.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dprior_lite
from dprior_lite.course.notebooks.definitions import PACKAGE, read_module, written
from dprior_lite.course.notebooks.index import Index, counts

Notebook = dict[str, Any]

LIBRARIES = ("torch", "numpy", "scikit-image")
# of a cell's tags, those that decide whether and how it runs
_RUNS = {"skip-execution", "raises-exception"}


def repository() -> Path:
    """Return the root of the working tree: the folder of the package that also holds the book.

    Raises
    ------
    FileNotFoundError
        If the package runs from an installed copy, where there are no notebooks.

    Examples
    --------
    >>> (repository() / "_toc.yml").is_file()
    True
    """
    root = Path(dprior_lite.__path__[0]).resolve().parent
    if not (root / "_toc.yml").is_file():
        raise FileNotFoundError(
            f"{root} is not the course's working tree (no _toc.yml): run this from a clone, installed with -e"
        )
    return root


def cell_key(cell: dict[str, Any]) -> str:
    """Return what a code cell computes, as text: its syntax, without comments and layout.

    Examples
    --------
    >>> cell_key({"source": "x = 1  # one", "metadata": {}}) == cell_key({"source": "x=1", "metadata": {}})
    True
    """
    tags = sorted(_RUNS & set(cell["metadata"].get("tags", [])))
    try:
        return f"{tags} {written(ast.parse(plain_python(cell['source'])))}"
    except SyntaxError:
        return f"{tags} {cell['source']}"


def plain_python(source: str) -> str:
    """Return the source of a cell without its lines of IPython's own commands."""
    return re.sub(r"(?m)^\s*[%!].*$", "", source)


def code_hash(notebook: Notebook) -> str:
    """Return a hash of what a page executes: its code cells in order, comments and layout left out.

    Parameters
    ----------
    notebook : dict
        In nbformat 4.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": "1 + 1", "metadata": {}}
    >>> prose = {"cell_type": "markdown", "source": "One.", "metadata": {}}
    >>> code_hash({"cells": [cell]}) == code_hash({"cells": [prose, cell]})
    True
    """
    cells = [cell_key(c) for c in notebook["cells"] if c["cell_type"] == "code"]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def fingerprint(index: Index, modules: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the digests of what modules define and can change a number, module -> name -> digest.

    Parameters
    ----------
    index : Index
        Of the tree.
    modules : iterable of str
        Names of modules; those that cannot change a number, and absent ones, are left out.

    Examples
    --------
    >>> index = Index(repository())
    >>> list(fingerprint(index, ["dprior_lite.miyasawa", "dprior_lite.course.page.figures"]))
    ['dprior_lite.miyasawa']
    """
    known = [name for name in sorted(set(modules)) if name in index.modules and counts(name)]
    found = {name: index.digests(name) for name in known}
    return {name: entries for name, entries in found.items() if entries}


def bindings(notebook: Notebook, index: Index) -> dict[str, str]:
    """Return the digests of what the names of a page stand for, where the package defines them.

    Parameters
    ----------
    notebook : dict
        In nbformat 4.
    index : Index
        Of the tree.
    """
    sources = [plain_python(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    trees = [ast.parse(source) for source in sources if _parses(source)]
    page = read_module("\n".join(map(ast.unparse, trees)), "page")
    meanings = index.meanings(page.imports)
    nodes = [n for tree in trees for n in ast.walk(tree)]
    names = {(n.id, "") for n in nodes if isinstance(n, ast.Name)}
    names |= {(n.value.id, n.attr) for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
    found = {f"{name}.{attribute}".rstrip("."): meanings(name, attribute) for name, attribute in sorted(names)}
    return {name: digest for name, digest in found.items() if digest}


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that compute, without the mark of a build.

    Examples
    --------
    >>> "+" in libraries()["torch"]
    False
    """
    return {name: version(name).partition("+")[0] for name in LIBRARIES}


def weight_hash(root: Path, name: str) -> str:
    """Return the sha256 of a shipped weight as it lies in the tree, empty if it is not there."""
    path = root / PACKAGE / "weights" / f"{name}.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def record(notebook: Notebook, index: Index, loaded: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return what `metadata.dprior` says of an execution.

    Parameters
    ----------
    notebook : dict
        Executed.
    index : Index
        Of the tree as it was before the execution.
    loaded : dict
        `modules`, `weights`, `data`, `recipes`, `measurements` of the kernel at its end.
    seconds : float
        How long it took.
    """
    return {
        "profile": "class",
        "code": code_hash(notebook),
        "bindings": bindings(notebook, index),
        "definitions": fingerprint(index, loaded["modules"]),
        "libraries": libraries(),
        **{kind: loaded[kind] for kind in ("weights", "data", "recipes", "measurements")},
        "seconds": round(seconds),
        "peak_gib": round(loaded["peak"] / 2**30, 1),
    }


def stale(notebook: Notebook, root: Path, index: Index | None = None) -> list[str]:
    """Return why the stored outputs of a notebook are no longer what the tree would give.

    Parameters
    ----------
    notebook : dict
        In nbformat 4, with or without `metadata.dprior`.
    root : Path
        Root of the working tree.
    index : Index, optional
        Of the tree, where it was read already.

    Returns
    -------
    list of str
        One reason each; empty for a fresh notebook.

    Examples
    --------
    >>> stale({"metadata": {}, "cells": []}, repository())
    ['was never executed']
    """
    done = notebook["metadata"].get("dprior")
    if not done or "definitions" not in done:
        return ["was never executed"]
    index = index or Index(root)
    reasons = []
    if done["profile"] != "class":
        reasons.append(f"was executed in profile {done['profile']!r}; stored outputs are always of 'class'")
    if done["code"] != code_hash(notebook):
        reasons.append("its code changed after it was executed")
    else:
        reasons += _changed("what the page calls", done["bindings"], bindings(notebook, index))
    reasons += changed_definitions(done["definitions"], index)
    reasons += _changed("the version of", done["libraries"], libraries())
    return reasons + changed_sources(done, root)


def changed_definitions(before: dict[str, dict[str, str]], index: Index) -> list[str]:
    """Return which definitions are no longer what they were, as one reason each.

    A definition that moved to another module and is the same there counts as unchanged.
    """
    now = fingerprint(index, index.modules)
    moved = {(name, d) for entries in now.values() for name, d in entries.items()}
    reasons = []
    for module, entries in before.items():
        if not counts(module):  # it did when the entry was made
            continue
        for name, was in entries.items():
            found = now.get(module, {}).get(name)
            if found != was and (found is not None or (name, was) not in moved):
                reasons.append(f"{module}.{name} changed after it was executed")
    return reasons


def changed_sources(done: dict[str, Any], root: Path) -> list[str]:
    """Return which weights, data sets, recipes and stored measurements are no longer what they were."""
    reasons = _changed("weight", done["weights"], {name: weight_hash(root, name) for name in done["weights"]})
    if done.get("data"):
        from dprior_lite.data import SOURCES

        reasons += _changed("data set", done["data"], {name: source.version for name, source in SOURCES.items()})
    if done.get("recipes"):
        from dprior_lite.training.recipes import digests

        reasons += _changed("recipe", done["recipes"], digests())
    if done.get("measurements"):
        from dprior_lite.course.measurements import digest_of

        now = {id: digest_of(id, root) for id in done["measurements"]}
        reasons += _changed("measurement", done["measurements"], now)
    return reasons


def _changed(kind: str, before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [f"{kind} {name} changed after it was executed" for name, was in before.items() if now.get(name) != was]
