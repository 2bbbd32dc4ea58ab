"""Recipes of chapter 12: networks guided by a partner of the same class, and their twins without a guide.

Twins have the same groups of pictures, batches, noise, weight of every noise level, steps and seed. They start with the
same weights, see `nets.guided`. The pictures come in groups of four of one class, from which a picture and its partner
are drawn (`guidance.losses`), so classes are balanced and no picture is its own partner.
"""

from __future__ import annotations

from dataclasses import replace

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe

FIRST_TUNE, FIRST_TEST = 480_000, 960_000  # of the ovals of all classes in turn
LEVELS = (0.02, 1.5)


def twins(name: str, says: str, data: str, held_out: tuple[str, str], full: int) -> tuple[Recipe, Recipe]:
    """Return the recipes of a guided network and of its unguided twin.

    Parameters
    ----------
    name, says : str
        Beginning of the names, and the pictures in words.
    data : str
        Groups of pictures that train.
    held_out : (str, str)
        Groups, and single pictures, that the cards report on.
    full : int
        Steps.

    Examples
    --------
    >>> [recipe.name for recipe in twins("ovals", "ovals", "oval-groups:0-10", ("", ""), 100)]
    ['ovals-guided', 'ovals-mixture']
    """
    guided = Recipe(
        name=f"{name}-guided",
        says=f"blind UNet guided by a partner of the same class, {says}",
        net="guided.GuidedUNet",
        data=(data,),
        held_out=held_out[0],
        noise=LogUniform(*LEVELS),
        steps={"ci": 20, "class": 400, "full": full},
        batch=32,
        patch=32,
        turn=False,
        lr=2e-3,
        loss="guidance.guided_error",
        denoiser="guidance.in_groups",
        sigmas_255=(12.75, 51.0, 127.5),
    )
    return guided, replace(
        guided,
        name=f"{name}-mixture",
        says=f"twin of {name}-guided without a guide, {says}",
        net_args={"guided": False},
        held_out=held_out[1],
        loss="guidance.unguided_error",
        denoiser="miyasawa.blind",
    )


RECIPES = (
    *twins(
        "ovals",
        "textures of ovals of sixteen aspect ratios",
        "oval-groups:0-3200",
        (f"oval-groups:{FIRST_TUNE // 4}-{FIRST_TUNE // 4 + 16}", f"ovals:{FIRST_TUNE}-{FIRST_TUNE + 64}"),
        5_000,
    ),
    *twins(
        "faint-digits",
        "digits of MNIST at low contrast",
        "digit-groups:0-10000",
        ("digit-groups:12000-12020", "faint-digits-tune:0-64"),
        3_000,
    ),
    *twins(
        "textures",
        "patches of brick, grass, gravel and stars",
        "texture-groups:0-4000",
        ("texture-groups-tune:0-16", "textures-tune:0-64"),
        2_500,
    ),
)
