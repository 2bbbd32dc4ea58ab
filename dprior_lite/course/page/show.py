"""Show a function of the package in a page: what runs is what is printed."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def source_without_docstring(fn: Callable[..., Any] | type) -> str:
    """The source of a function or class, its docstrings left out, comments kept.

    Parameters
    ----------
    fn : function or class
        Written in a file.

    Returns
    -------
    str
        Dedented source, without a final newline.

    Examples
    --------
    >>> from dprior_lite.course.page.profiles import current
    >>> print(source_without_docstring(current))
    def current() -> Profile:
        return Profile(os.environ.get(VARIABLE, "class"))
    """
    source = textwrap.dedent(inspect.getsource(fn))
    lines = source.splitlines()
    for node in sorted(_documented(ast.parse(source)), key=lambda n: n.lineno, reverse=True):
        text = node.body[0]
        end = text.end_lineno or text.lineno
        while len(node.body) > 1 and end < len(lines) and not lines[end].strip():
            end += 1
        lines[text.lineno - 1 : end] = []
    return "\n".join(lines).rstrip()


def _documented(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [n for n in ast.walk(tree) if isinstance(n, kinds) and ast.get_docstring(n) is not None]


def show(*fns: Callable[..., Any] | type) -> None:
    """Display the source of functions of the package, without their docstrings, highlighted.

    Parameters
    ----------
    *fns : function or class
        Shown one after the other in one block, under the name of the file they come from.

    Examples
    --------
    >>> from dprior_lite.course.page.profiles import current
    >>> show(current)
    # dprior_lite/course/profiles.py
    def current() -> Profile:
        return Profile(os.environ.get(VARIABLE, "class"))
    """
    from IPython import get_ipython
    from IPython.display import display

    files = dict.fromkeys(fn.__module__.replace(".", "/") + ".py" for fn in fns)
    text = f"# {', '.join(files)}\n" + "\n\n\n".join(source_without_docstring(fn) for fn in fns)
    if get_ipython() is None:
        print(text)
    else:
        display({"text/markdown": f"```python\n{text}\n```", "text/plain": text}, raw=True)
