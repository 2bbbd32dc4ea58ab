"""Recipes of chapter 13: two blind networks of digits and of small photographs, with a wide middle.

They are of the kind of chapter 12 and know no classes. Their middle has more channels than those of chapter 12, so that
a code in which few channels are on can be told from one in which all are. At 32 x 32 pixels its maps have 4 x 4 places.

The learning rate was chosen by a trial of 300 steps on digits, judged on the digits of the card. With .002, the rate of
chapter 12, 43 of the 112 channels of the middle were never on, and 2 % were on for few pictures only. With .001 these
were 25 channels and 12 %.
"""

from __future__ import annotations

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.recipes.guidance import LEVELS

WIDTHS = (8, 16, 32, 112)


def middle(name: str, says: str, data: str, held_out: str, patch: int) -> Recipe:
    """Return the recipe of a network of pictures of all classes together.

    Parameters
    ----------
    name, says : str
        Of the network, and the pictures in words.
    data, held_out : str
        Pictures that train, and that the card reports on.
    patch : int
        Side of a picture.

    Examples
    --------
    >>> middle("digits-middle", "digits", "mnist:train", "mnist:tune", 28).net_args["guided"]
    False
    """
    return Recipe(
        name=name,
        says=f"blind UNet with a wide middle, {says}",
        net="guided.GuidedUNet",
        net_args={"widths": list(WIDTHS), "guided": False},
        data=(data,),
        held_out=held_out,
        noise=LogUniform(*LEVELS),
        steps={"ci": 20, "class": 300, "full": 6_000},
        batch=48,
        patch=patch,
        turn=False,
        lr=1e-3,
        loss="blind.balanced_error",
        sigmas_255=(12.75, 51.0, 127.5),
    )


RECIPES = (
    middle("digits-middle", "MNIST digits", "mnist:train", "mnist:tune", 28),
    middle("cifar-middle", "gray pictures of CIFAR-10", "cifar10_gray:0-17000", "cifar10_gray:17000-17064", 32),
)
