"""Recipes of chapter 7: networks of pixels, of details given the coarser picture, and of low-pass pictures.

All are trained on pictures of 64 x 64 pixels, and the losses take them through the wavelet cascade. Sigma is the noise
of the pixels everywhere. Networks that the chapter compares differ in their receptive field and in what they see; they
have the same depth, width, law of noise, batch and steps.

The networks have connections around their inner convolutions and no batch normalisation, those of details return the
details and not the noise, and the losses give faint noise a weight. That was chosen by trials of 12 to 20 seconds of
one CPU core each: details of scale 1, batches of 8 of 1,000 portraits. First, with a window of 9 pixels and a loss
without weights, the PSNR of the details of 64 others at sigma .02, .2 and 1 was
38.62, 24.23, 10.42 dB for plain stacks without normalisation, learning rate .003, 659 steps,
38.23, 35.44, 24.43 dB with such connections, learning rate .001, 590 steps,
39.22, 37.86, 29.19 dB with them, learning rate .003, 625 steps; details of zero have 34.72 dB.
Plain stacks with normalisation took three times as long a step. Then, with windows of 5 and of 13 pixels and 600 steps,
38.57, 36.80, 27.36 and 38.58, 37.18, 28.52 dB for stacks that return the noise, no weights,
39.50, 38.90, 37.36 and 40.28, 39.25, 37.58 dB for stacks that return the details, no weights,
43.47, 36.50, 35.95 and 44.96, 38.62, 36.49 dB for these with the weight 1/sigma² + 1/v, as in chapter 10,
42.30, 38.43, 37.17 and 44.91, 39.47, 37.75 dB for these with the weight of `multiscale.balanced_details_error`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe

FIELDS = (5, 9, 13, 43)
SCALES = 2
COARSE = 2  # the scale whose loss has a name of its own
# of each set: the pictures that train, in words; they are aligned, so none is turned
SETS = {"portraits-64": (8_000, "portraits"), "c-alpha-2": (20_000, "C^alpha pictures, alpha 2")}
FIRST_TUNE, FIRST_TEST = 200_000, 300_000
STEPS = 3_500  # of a window of 43 pixels on pixels: nine minutes of one CPU core


def flat(pictures: str, field: int) -> Recipe:
    """Return the recipe of a denoiser of pixels with a receptive field of `field` pixels.

    Examples
    --------
    >>> flat("portraits-64", 9).name
    'portraits-64-flat-9'
    """
    words = f"bias-free CNN, window of {field} pixels"
    return _recipe(pictures, f"flat-{field}", words, "local.LocalCNN", field, loss="multiscale.balanced_pixels_error")


def details(pictures: str, scale: int, field: int) -> Recipe:
    """Return the recipe of a denoiser of the details of one scale, given its low-pass picture.

    Its window is `field` pixels of that scale. The card has no PSNR: the network is no denoiser of pictures.

    Examples
    --------
    >>> details("c-alpha-2", 2, 9).loss
    'multiscale.balanced_coarse_details_error'
    """
    name, words = f"details-{scale}-{field}", f"conditional CNN, details of scale {scale}, window of {field} pixels"
    loss = f"multiscale.balanced_{'coarse_' if scale == COARSE else ''}details_error"
    own = {"loss": loss, "held_out": "", "sigmas_255": ()}
    return _recipe(pictures, name, words, "local.ConditionalCNN", field, {"direct": True}, **own)


def low(pictures: str) -> Recipe:
    """Return the recipe of the denoiser of low-pass pictures, which sees all of their 16 x 16 pixels.

    It is compared with no other network, so it has larger batches and more steps. The PSNR of its card is that of
    pictures without details.

    Examples
    --------
    >>> low("portraits-64").net_args["field"]
    41
    """
    words, own = "bias-free CNN, low-pass pictures of scale 2", {"batch": 32, "full": 2 * STEPS}
    losses = {"loss": "multiscale.balanced_low_pass_error", "denoiser": "multiscale.low_pass_only"}
    return _recipe(pictures, "low", words, "local.LocalCNN", 41, **own, **losses)


def _recipe(
    pictures: str,
    name: str,
    words: str,
    net: str,
    field: int,
    net_args: Mapping[str, Any] = MappingProxyType({}),
    full: int = STEPS,
    **others: Any,
) -> Recipe:
    """Return the recipe of one network; `net_args` and `others` are what it has beside, or instead of, the rest."""
    count, what = SETS[pictures]
    common = {
        "held_out": f"{pictures}:{FIRST_TUNE}-{FIRST_TUNE + 64}",
        "batch": 8,
        "sigmas_255": (5.1, 12.75, 51.0, 127.5),
    }
    return Recipe(
        name=f"{pictures}-{name}",
        says=f"{words}, {what}",
        net=net,
        net_args={"field": field, "width": 16, "norm": False, "skip": True, **net_args},
        data=(f"{pictures}:0-{count}",),
        noise=LogUniform(0.004, 1.0),
        steps={"ci": 20, "class": 400, "full": full},
        patch=64,
        turn=False,
        lr=3e-3,
        **common | others,
    )


def networks(pictures: str, fields: tuple[int, ...] = FIELDS) -> tuple[Recipe, ...]:
    """Return the recipes of all networks of one set of pictures.

    Examples
    --------
    >>> len(networks("c-alpha-2", (9, 43)))
    7
    """
    told = (details(pictures, scale, field) for field in fields for scale in range(1, SCALES + 1))
    return (low(pictures), *(flat(pictures, field) for field in fields), *told)


RECIPES = (*networks("portraits-64"), *networks("c-alpha-2"))
