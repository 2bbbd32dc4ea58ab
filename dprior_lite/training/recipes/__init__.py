"""Every recipe of the course, one module a chapter."""

import json
from hashlib import sha256

from ..recipe import Recipe
from . import bias_free, energy, miyasawa, sampling

_MODULES = (miyasawa, bias_free, sampling, energy)
_USED: set[str] = set()


def all_recipes() -> dict[str, Recipe]:
    """Return all recipes by name, in the order of the chapters; two of one name are refused.

    Examples
    --------
    >>> "photos-unet" in all_recipes()
    True
    """
    known: dict[str, Recipe] = {}
    for recipe in (recipe for module in _MODULES for recipe in module.RECIPES):
        if recipe.name in known:
            raise ValueError(f"Two recipes are called {recipe.name}.")
        known[recipe.name] = recipe
    return known


def find(name: str) -> Recipe:
    """Return the recipe called ``name``, or say which there are.

    Examples
    --------
    >>> find("photos-unet").batch
    32
    """
    known = all_recipes()
    if name not in known:
        raise KeyError(f"There is no recipe {name!r}; there are {', '.join(known)}.")
    _USED.add(name)
    return known[name]


def digests() -> dict[str, str]:
    """Return sixteen hexadecimal digits a recipe, by name; they change with anything it says.

    Examples
    --------
    >>> len(digests()["photos-unet"])
    16
    """
    return {name: sha256(json.dumps(recipe.to_json()).encode()).hexdigest()[:16] for name, recipe in all_recipes().items()}


def used() -> dict[str, str]:
    """Return the recipes that `find` gave to this process, name -> digest.

    Examples
    --------
    >>> set(used()) <= set(all_recipes())
    True
    """
    return {name: value for name, value in digests().items() if name in _USED}
