"""Every recipe of the course, one module a chapter."""

from ..recipe import Recipe
from . import bias_free, energy, miyasawa, sampling

_MODULES = (miyasawa, bias_free, sampling, energy)


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
    return known[name]
