"""Every recipe of the course, one module a chapter."""

from __future__ import annotations

import json
import pkgutil
from dataclasses import MISSING, fields
from hashlib import sha256
from importlib import import_module

from dprior_lite import used
from dprior_lite.gates.names import nearest
from dprior_lite.training.recipe import Recipe


def all_recipes() -> dict[str, Recipe]:
    """Return all recipes by name; two of one name are refused.

    Examples
    --------
    >>> "photos-unet" in all_recipes()
    True
    """
    known: dict[str, Recipe] = {}
    modules = [import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    for recipe in (recipe for module in modules for recipe in module.RECIPES):
        if recipe.name in known:
            raise ValueError(f"Two recipes are called {recipe.name}.")
        known[recipe.name] = recipe
    return known


def find(name: str) -> Recipe:
    """Return the recipe called `name`, or say which there are.

    Examples
    --------
    >>> find("photos-unet").batch
    32
    """
    known = all_recipes()
    if not isinstance(name, str) or name not in known:
        raise KeyError(f"There is no recipe {name!r}; there are {nearest(str(name), known)}.")
    used.record("recipes", name, digest(known[name]))
    return known[name]


def digest(recipe: Recipe) -> str:
    """Return sixteen hexadecimal digits that change with anything the recipe says.

    A field that has its default is left out: a field added later does not change the digest.

    Examples
    --------
    >>> len(digest(find("photos-unet")))
    16
    """
    plain = {f.name: f.default for f in fields(recipe)}
    said = {name: value for name, value in recipe.to_json().items() if value != plain.get(name, MISSING)}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def digests() -> dict[str, str]:
    """Return the digest of every recipe, by name.

    Examples
    --------
    >>> len(digests()["photos-unet"])
    16
    """
    return {name: digest(recipe) for name, recipe in all_recipes().items()}
