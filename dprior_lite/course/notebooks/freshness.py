"""Is a stored output still what the code, the weights and the data would give?

A notebook's `metadata.dprior` records what it was executed with: the profile, a hash of the page's code cells, of each
module of the package it had loaded at the end, of each weight it loaded and each recipe it asked for, and the declared
version of each data set. `stale` compares that with the tree; `unfit` looks for what no stored output may contain.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import dprior_lite

Notebook = dict[str, Any]

PACKAGE = "dprior_lite"
# how a page looks and how long it took is not what it measured
NOT_HASHED = frozenset(f"{PACKAGE}.course.{name}" for name in ("figures", "sliders", "receipts", "progress"))
# a page depends on the recipes it asks for, not on those of other chapters that stand beside them
RECIPES = f"{PACKAGE}.training.recipes"
# scripts and styles travel inside the outputs of every widget
WIDGETS, STATIC = f"{PACKAGE}.course.widgets", f"{PACKAGE}.course.static"
LARGEST = 2**20  # bytes of one stored notebook

_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")
_ABSOLUTE = re.compile(
    r"(?<![\w.:/<~-])/(?:home|root|tmp|Users|work|workspace|opt|usr|var|mnt|media|srv|private|data|build|builds)/[^\s<>\"']+"
    r"|\b[A-Za-z]:\\\\?(?:Users|Windows|Program|home|tmp)\b[^\s<>\"']*"
)


def repository() -> Path:
    """The root of the working tree: the folder of the package that also holds the book.

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


def code_hash(notebook: Notebook) -> str:
    """Hash of what a page executes: the sources and tags of its code cells, in order.

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
    cells = [
        (c["source"], sorted(c["metadata"].get("tags", []))) for c in notebook["cells"] if c["cell_type"] == "code"
    ]
    return _digest(json.dumps(cells))


def module_hash(source: str) -> str:
    """Hash of a module's syntax tree, comments and docstrings left out.

    Written out here because `ast.dump` and `ast.unparse` differ between versions of Python.

    Parameters
    ----------
    source : str
        Python.

    Returns
    -------
    str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> module_hash("x = 1  # one") == module_hash("x  =  1")
    True
    >>> module_hash("x = 1") == module_hash("x = 2")
    False
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return _digest(_written(tree))


def _written(node: Any) -> str:
    """A syntax tree as text that does not depend on the version of Python: empty fields are left out."""
    if isinstance(node, list):
        return f"[{','.join(map(_written, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(k, v) for k, v in ast.iter_fields(node) if v is not None and v != []]
    return f"{type(node).__name__}({','.join(f'{k}={_written(v)}' for k, v in fields)})"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _module_hash_at(path: Path, changed: int) -> str:
    return module_hash(path.read_text(encoding="utf8"))


def module_hashes(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Hashes of modules of the package, by name, as they stand in the tree.

    Parameters
    ----------
    root : Path
        Root of the working tree.
    names : iterable of str
        Modules; those that set looks or timing alone are left out, as are modules of recipes and absent ones.

    Returns
    -------
    dict of str to str
        Sorted by name.

    Examples
    --------
    >>> list(module_hashes(repository(), ["dprior_lite.course.page.profiles", "dprior_lite.course.page.figures"]))
    ['dprior_lite.course.page.profiles']
    """
    found = {}
    for name in sorted(
        name for name in set(names) - NOT_HASHED if name != RECIPES and not name.startswith(f"{RECIPES}.")
    ):
        base = root.joinpath(*name.split("."))
        path = next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)
        if path:
            found[name] = _module_hash_at(path, path.stat().st_mtime_ns)
    if WIDGETS in found:
        scripts = sorted(p for p in (root / PACKAGE / "course/static").glob("*.*") if p.suffix in (".js", ".css"))
        found[STATIC] = _digest("".join(p.read_text(encoding="utf8") for p in scripts))
    return found


def with_scripts(names: Iterable[str]) -> set[str]:
    """Module names, and the scripts and styles among them if one of the modules puts them into its outputs.

    Examples
    --------
    >>> with_scripts(["dprior_lite.course.web.widgets"]) - {"dprior_lite.course.web.widgets"}
    {'dprior_lite.course.static'}
    """
    return set(names) | ({STATIC} if WIDGETS in names else set())


def package_modules(root: Path) -> list[str]:
    """Names of all modules of the package in the tree.

    Examples
    --------
    >>> "dprior_lite.course.page.profiles" in package_modules(repository())
    True
    """
    files = (p.relative_to(root).with_suffix("") for p in (root / PACKAGE).rglob("*.py"))
    return sorted(".".join(p.parts).removesuffix(".__init__") for p in files)


def weight_hash(root: Path, name: str) -> str:
    """The sha256 of a shipped weight as it lies in the tree, empty if it is not there."""
    path = root / PACKAGE / "weights" / f"{name}.safetensors"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def stale(notebook: Notebook, root: Path) -> list[str]:
    """Why the stored outputs of a notebook are no longer what the tree would give.

    Parameters
    ----------
    notebook : dict
        In nbformat 4, with or without `metadata.dprior`.
    root : Path
        Root of the working tree.

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
    if not done:
        return ["was never executed"]
    reasons = []
    if done["profile"] != "class":
        reasons.append(f"was executed in profile {done['profile']!r}; stored outputs are always of 'class'")
    if done["code"] != code_hash(notebook):
        reasons.append("its code changed after it was executed")
    reasons += _changed("module", done["modules"], module_hashes(root, done["modules"]))
    reasons += _changed("weight", done["weights"], {name: weight_hash(root, name) for name in done["weights"]})
    if done["data"]:
        from dprior_lite.data import SOURCES

        reasons += _changed("data set", done["data"], {name: source.version for name, source in SOURCES.items()})
    if done.get("recipes"):
        from dprior_lite.training.recipes import digests

        reasons += _changed("recipe", done["recipes"], digests())
    return reasons


def _changed(kind: str, before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [f"{kind} {name} changed after it was executed" for name, was in before.items() if now.get(name) != was]


def unfit(notebook: Notebook, root: Path) -> list[str]:
    """What a stored notebook contains and must not.

    Parameters
    ----------
    notebook : dict
        In nbformat 4.
    root : Path
        Root of the working tree: its address is refused in outputs, as are other absolute paths and this machine's
        name.

    Returns
    -------
    list of str
        One finding each: stderr, an error, widget state, a path or host name, a size over 1 MB.

    Examples
    --------
    >>> output = {"output_type": "stream", "name": "stderr", "text": "careful"}
    >>> cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [output]}
    >>> unfit({"metadata": {}, "cells": [cell]}, repository())
    ['cell 1 wrote to stderr: careful']
    """
    found = ["holds widget state"] if "widgets" in notebook["metadata"] else []
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", []):
            found += [f"cell {number} {what}" for what in _output_faults(output, cell, root)]
    size = len(json.dumps(notebook, ensure_ascii=False).encode())
    return found + ([f"is {size / 2**20:.2f} MB large, at most 1 is allowed"] if size > LARGEST else [])


def _output_faults(output: dict[str, Any], cell: dict[str, Any], root: Path) -> Iterator[str]:
    if output.get("name") == "stderr":
        yield f"wrote to stderr: {''.join(output['text']).strip()[:100]}"
    if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get("tags", []):
        yield f"ended in {output['ename']}: {output['evalue'][:100]}"
    if any("widget" in mime for mime in output.get("data", {})):
        yield "shows a widget, which is dead in the page"
    for text in _texts(output):
        yield from (f"prints a path of this machine: {p[:80]}" for p in _paths(text, root))
        if _host() and re.search(rf"(?<![\w-]){re.escape(_host())}(?![\w-])", text):
            yield "prints the name of this machine"


def _texts(output: dict[str, Any]) -> Iterator[str]:
    """Everything legible in an output, embedded pictures left out."""
    data = output.get("data", {})
    parts = [v for mime, v in data.items() if not mime.startswith("image/") or mime == "image/svg+xml"]
    for part in [*parts, output.get("text", ""), output.get("traceback", "")]:
        text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
        yield _EMBEDDED.sub("", text)


def _paths(text: str, root: Path) -> list[str]:
    here = [str(root)] if len(root.parts) > 1 and str(root) in text else []
    return here or _ABSOLUTE.findall(text)


@cache
def _host() -> str:
    name = platform.node()
    return name if len(name) > 3 and name != "localhost" else ""
