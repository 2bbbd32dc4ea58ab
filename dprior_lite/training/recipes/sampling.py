"""Recipes of chapters 4 and 5: digits in the reader's browser, a hundred digits, colour, and a lawn."""

from __future__ import annotations

from dataclasses import replace

from dprior_lite.training.noise import Uniform
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.recipes import bias_free, miyasawa

_DIGITS = next(recipe for recipe in miyasawa.RECIPES if recipe.name == "digits-unet")

RECIPES = (
    replace(
        _DIGITS,
        name="digits-lens",
        says="bias-free CNN on MNIST 28x28 (eight convolutions on 2x2 blocks), small enough to sample inside the page",
        net="bfcnn.BFCNN",
        net_args={"depth": 8, "width": 32, "norm": False, "unshuffle": 2},
        steps={"ci": 20, "class": 400, "full": 40_000},
    ),
    replace(
        _DIGITS,
        name="digits-100",
        says="bias-free UNet on the first 100 digits of MNIST alone: it remembers them",
        net_args={"widths": [16, 32, 64], "blocks": [1, 2, 2]},
        data=("mnist:100",),
        steps={"ci": 20, "class": 400, "full": 20_000},
    ),
    Recipe(
        name="colour-unet",
        says="bias-free UNet on colour photographs, sigma in [0, 100]/255",
        net="unet.UNet",
        net_args={"widths": [24, 48, 72], "blocks": [1, 1, 2], "channels": 3},
        data=(*["photos-rgb:train"] * 5, "bsd400-rgb"),  # repeated: about half of the patches have colour
        held_out="photos-rgb:tune",
        noise=Uniform(0.0, 100 / 255),
        steps={"ci": 20, "class": 400, "full": 40_000},
        lr=2e-3,
        sigmas_255=(10.0, 25.0, 50.0, 100.0),
    ),
    replace(
        next(recipe for recipe in bias_free.RECIPES if recipe.name == "photos-lens"),
        name="grass-live",
        says="bias-free CNN on one photograph of grass, trained in the page",
        data=("photos:grass",),
        held_out="",
        steps={"ci": 150, "class": 800, "full": 20_000},
        sigmas_255=(),
    ),
)
