"""What the package defines, read from its source: one digest for everything that can change a number.

A module is read as a set of definitions: functions, methods, fields, constants. The digest of a definition leaves out
what cannot change a number: comments, docstrings, annotations, the texts of errors and other sentences, import
statements. A name that a definition imports from the package counts by what it resolves to, through every re-export, so
that a module may move and a re-export may be added, but not be pointed at something else.

This is a reading of the text, nothing is imported. A module that only re-exports has no definitions.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

PACKAGE = "dprior_lite"
STATEMENTS = "statements"
Meanings = Callable[[str, str], str]

_SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,} [^\W\d_]{2,}")
_LITERAL = (ast.Dict, ast.Tuple, ast.List, ast.Constant, ast.Starred)


@dataclass(frozen=True)
class Module:
    """One module: its definitions by qualified name, and what its names stand for.

    `imports` maps a local name to (module, name), or to (module, "") for a module itself; `places` does so for names
    that a module hands out on first use.
    """

    name: str
    nodes: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    places: dict[str, tuple[str, str]] = field(default_factory=dict)


def digest(text: str) -> str:
    """Return ten hexadecimal digits of a text.

    Examples
    --------
    >>> digest("a") != digest("b"), len(digest("a"))
    (True, 10)
    """
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def read_module(source: str, name: str, package: bool = False) -> Module:
    """Return the definitions and names of a module.

    Parameters
    ----------
    source : str
        Python.
    name : str
        Its full name.
    package : bool
        Whether it is the `__init__` of a package.

    Examples
    --------
    >>> sorted(read_module("import torch\\nX = 1\\ndef f(): return X", "dprior_lite.a").nodes)
    ['X', 'f']
    """
    tree, module = ast.parse(source), Module(name)
    here = name if package else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module.imports.update(_bound(node, here))
    if _only_re_exports(tree):
        module.places.update(_handed_out(tree, name))
        return module
    rest: list[ast.stmt] = []
    for node in tree.body:
        named = dict(_named(node))
        module.nodes.update(named)
        if not named and not isinstance(node, ast.Import | ast.ImportFrom) and not _is_idle(node):
            rest.append(node)
    if rest:
        module.nodes[STATEMENTS] = ast.Module(rest, [])
    return module


def _bound(node: ast.Import | ast.ImportFrom, here: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the names of the package that an import statement binds."""
    if isinstance(node, ast.Import):
        yield from ((a.asname, (a.name, "")) for a in node.names if a.asname and a.name.partition(".")[0] == PACKAGE)
        return
    parents = here.split(".")[: len(here.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*parents, *filter(None, [node.module])])
    if base.partition(".")[0] == PACKAGE:
        yield from ((a.asname or a.name, (base, a.name)) for a in node.names)


def _named(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Yield the definitions that a statement of a module makes, those of a class one by one."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name, node
    elif isinstance(node, ast.ClassDef):
        yield from _members(node)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        if names and names != ["__all__"]:
            yield ",".join(names), node


def _members(node: ast.ClassDef) -> Iterator[tuple[str, ast.AST]]:
    """Yield a class without its body's details, then every method and every field that has a default.

    The class itself lists its methods and its fields without default: one more of these can change a number, one more
    field with a default cannot.
    """
    methods = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
    values = [m for m in node.body if isinstance(m, ast.Assign | ast.AnnAssign) and m.value is not None]
    others = [m for m in node.body if m not in methods and m not in values and not _is_text(m)]
    listed = [ast.Name(m.name) for m in methods]
    yield node.name, ast.ClassDef(node.name, node.bases, node.keywords, [*listed, *others], node.decorator_list)
    yield from ((f"{node.name}.{m.name}", m) for m in methods)
    for member in values:
        yield f"{node.name}.{next(_named(member), ('', None))[0]}", member


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_idle(node: ast.stmt) -> bool:
    """Return whether a statement is a text, `__all__`, or runs only as a program or for a type checker."""
    if isinstance(node, ast.If):
        return any(n in ast.dump(node.test) for n in ("TYPE_CHECKING", "__name__"))
    return _is_text(node) or (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__")


def _only_re_exports(tree: ast.Module) -> bool:
    """Return whether a module holds nothing but imports, lists of names, and the functions that hand these out."""
    own = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _is_idle(n)]
    functions = {n.name for n in own if isinstance(n, ast.FunctionDef)}
    lists = [n for n in own if isinstance(n, ast.Assign | ast.AnnAssign) and isinstance(n.value, _LITERAL)]
    handed = bool(functions) and functions <= {"__getattr__", "__dir__"}
    return len(functions) + len(lists) == len(own) and (handed or not own)


def _handed_out(tree: ast.Module, name: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what a module hands out on first use: literal dictionaries of name -> "module" or "module:name"."""
    for node in tree.body:
        value = getattr(node, "value", None)
        if isinstance(value, ast.Dict) and all(isinstance(k, ast.Constant) for k in value.keys):
            for key, place in ast.literal_eval(value).items():
                if isinstance(place, str):
                    module, _, attribute = place.partition(":")
                    yield key, (f"{name}.{module}", attribute or key)


class _Strip(ast.NodeTransformer):
    """Take out of a definition what cannot change a number."""

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return ast.Raise(error, None)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        is_sentence = isinstance(node.value, str) and _SENTENCE.search(node.value)
        return ast.Constant("") if is_sentence else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        text = "".join(str(v.value) if isinstance(v, ast.Constant) else "0" for v in node.values)
        return ast.Constant("") if _SENTENCE.search(text) else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(node.arg, None)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value) if node.value else node.target

    def _function(self, node: Any) -> ast.AST:
        node.returns = None
        node.body = [n for n in node.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _is_text(n)]
        return self.generic_visit(node)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _function


@cache
def stripped(node: ast.AST) -> ast.AST:
    """Return a copy of a definition without what cannot change a number."""
    return _Strip().visit(copy.deepcopy(node))


def written(node: Any, meanings: Meanings | None = None) -> str:
    """Return a syntax tree as text that does not depend on the version of Python: empty fields are left out.

    Parameters
    ----------
    node : ast.AST, list or constant
        The tree.
    meanings : callable, optional
        Gives the digest of what an imported name, or an attribute of an imported module, stands for; empty for others.

    Examples
    --------
    >>> written(ast.parse("x"))
    "Module(body=[Expr(value=Name(id='x'))])"
    """
    if isinstance(node, list):
        return f"[{','.join(written(n, meanings) for n in node)}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(k, v) for k, v in ast.iter_fields(node) if v is not None and v != [] and k not in ("ctx", "kind")]
    text = ",".join(f"{k}={written(v, meanings)}" for k, v in fields)
    meaning = ""
    if meanings is not None and isinstance(node, ast.Name):
        meaning = meanings(node.id, "")
    elif meanings is not None and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        meaning = meanings(node.value.id, node.attr)
    return f"{type(node).__name__}({text}{'→' + meaning if meaning else ''})"


@cache
def plain_digest(node: ast.AST) -> str:
    """Return the digest of a definition by its own text alone."""
    return digest(written(stripped(node)))
