"""Training: recipes, noise laws, one loop that resumes, and the cards of what came out."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# on first use: whoever only reads a recipe does not load the loop
_PLACES = {
    "Diverged": "state",
    "State": "state",
    "fit": "loop",
    "Recipe": "recipe",
    "find": "recipes",
    "all_recipes": "recipes",
}
__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
