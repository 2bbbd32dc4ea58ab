"""Interactive figures that need no kernel: each one's Python, script and template stand side by side.

`redraw` draws a stored figure again from its record, `redraw_notebook` all of a notebook, `assets` gives the style
sheet and the scripts that stand once a page.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "assets": "carry",
    "script": "carry",
    "style": "carry",
    "records": "stored",
    "redraw": "stored",
    "redraw_notebook": "stored",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"dprior_lite.course.web has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
