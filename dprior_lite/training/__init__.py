"""Training: recipes, noise laws, one loop that resumes, and the cards of what came out."""

from .fit import Diverged, State, fit
from .recipe import Recipe
from .recipes import find, recipes

__all__ = ["Diverged", "Recipe", "State", "find", "fit", "recipes"]
