"""Recipes of chapters 2 and 3: twins, and the chapter's quality network.

Twins differ by their additive constants and the scale of their noise.

Twins of one architecture are drawn the same patches and the same noise up to its scale, for the same steps, from the
same seed; with one range of noise they are also shown the same of them. Their first weights are other draws of one
distribution, since drawing the constants moves the stream.
"""

from __future__ import annotations

from dataclasses import replace

from dprior_lite.training.noise import LogUniform, Uniform
from dprior_lite.training.recipe import Recipe

_TWIN_SIGMAS_255 = (5.0, 10.0, 30.0, 50.0, 100.0)
_QUALITY_SIGMAS_255 = (10.0, 20.0, 30.0, 50.0, 100.0)

# network, arguments, words, and steps of a `faint_twin`: four to forty minutes on one CPU core. Of the UNet on [0, 10]
# 3,000 steps with s²/v were as good at 10/255
# on the tune photographs as 8,000, and better above
_ARCHITECTURES = {
    "dncnn": ("bfcnn.BFCNN", {"depth": 6, "width": 32, "norm": False}, "six convolutions", 15_000),
    "unet": ("unet.UNet", {"widths": [16, 32], "blocks": [1, 1]}, "UNet of two scales", 3_000),
    "recurrent": (
        "recurrent.RecurrentCNN",
        {"stages": 4, "depth": 4, "width": 32},
        "four convolutions applied four times",
        6_000,
    ),
    "dense": (
        "dense.DenseNet",
        {"blocks": 4, "depth": 3, "width": 24},
        "four densely connected blocks of three convolutions",
        6_000,
    ),
}
_PLAIN_STEPS = 16_000


def twin(kind: str, bias: bool, upper_255: int) -> Recipe:
    """Return the recipe of one twin: an architecture, with or without biases, on sigma in [0, upper]/255.

    It is trained by the plain squared error.

    Examples
    --------
    >>> twin("unet", bias=True, upper_255=10).name
    'unet-biased-10'
    """
    net, arguments, says, _ = _ARCHITECTURES[kind]
    return Recipe(
        name=f"{kind}-{'biased' if bias else 'bf'}-{upper_255}",
        says=f"{says}, {'with biases' if bias else 'bias-free'}, sigma in [0, {upper_255}]/255",
        net=net,
        net_args=arguments | {"bias": bias},
        data=("photos:train", "bsd400"),
        held_out="photos:tune",
        noise=Uniform(0.0, upper_255 / 255),
        steps={"ci": 20, "class": 400, "full": _PLAIN_STEPS},
        batch=32,
        patch=40,
        lr=3e-3,
        sigmas_255=_TWIN_SIGMAS_255,
    )


def faint_twin(kind: str, bias: bool, upper_255: int) -> Recipe:
    """Return the recipe of one twin that is taught faint pictures by a weighted error.

    Its first filters are held at mean zero.

    Of the eight times as many patches that are drawn, the network sees as many as that of `twin`.
    """
    recipe = twin(kind, bias, upper_255)
    return replace(
        recipe,
        net_args=recipe.net_args | {"centred": True},
        loss="miyasawa.faint_error",
        batch=8 * recipe.batch,
        steps=dict(recipe.steps) | {"class": 250, "full": _ARCHITECTURES[kind][-1]},
    )


def _plain(upper_255: int) -> Recipe:
    """Return the recipe of the six convolutions without biases to hold against a `faint_twin`."""
    recipe = twin("dncnn", False, upper_255)
    return replace(recipe, name=f"{recipe.name}-plain", says=f"{recipe.says}; plain squared error, first filters free")


def _on_blocks(name: str, says: str, depth: int, width: int, steps: int) -> Recipe:
    """Return the recipe of a bias-free CNN of `depth` convolutions on blocks of 2 x 2 pixels."""
    return Recipe(
        name=name,
        says=says,
        net="bfcnn.BFCNN",
        net_args={"depth": depth, "width": width, "norm": False, "unshuffle": 2},
        data=("photos:train", "bsd400"),
        held_out="photos:tune",
        noise=Uniform(0.0, 100 / 255),
        steps={"ci": 20, "class": 400, "full": steps},
        lr=2e-3,
        sigmas_255=_QUALITY_SIGMAS_255,
    )


RECIPES = (
    *(
        faint_twin(kind, bias, upper)
        for kind in _ARCHITECTURES
        for bias, upper in ((False, 10), (True, 10), (False, 100))
    ),
    *(twin("dncnn", bias, 55) for bias in (False, True)),
    *(_plain(upper) for upper in (10, 100)),
    replace(
        _plain(10),
        name="dncnn-bf-10-contrast",
        contrast=0.2,
        says="the plain twin on [0, 10]/255 that never saw a faint patch: all are rescaled to one contrast",
    ),
    # low noise is learned last, and has hardly a say in a squared error over all levels alike
    replace(
        _on_blocks(
            "photos-bfcnn",
            "bias-free CNN on photographs (twelve convolutions on 2x2 blocks), sigma in [1, 100]/255, evenly in its"
            " logarithm (the shipped weight: after 38,821 steps with sigma evenly in [0, 100]/255)",
            12,
            64,
            60_000,
        ),
        noise=LogUniform(1 / 255, 100 / 255),
    ),
    _on_blocks(
        "photos-lens",
        "bias-free CNN on photographs (eight convolutions on 2x2 blocks), small enough to be differentiated inside the"
        " page",
        8,
        32,
        20_000,
    ),
)
