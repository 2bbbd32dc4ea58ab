"""Recipes of chapter 11: two laws of known energy, digits and photographs of unknown energy.

sigma² = t. The networks of digits differ in what they are trained on, and by which loss, and in nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from dprior_lite.energy.exact import PATCHES, SHELLS
from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe

_SIGMAS_255 = (2.55, 10.0, 25.0, 50.0, 100.0, 200.0)
_DIGITS = {"mean": 0.1307, "variance": 0.095, "widths": [16, 32, 48], "blocks": [1, 1, 1], "levels": [1e-4, 100.0]}

_SHELLS = Recipe(
    name="shells-dual-0",
    says="energy of a mixture of two scales in 1000 dimensions, both derivatives matched",
    net="energy.RadialEnergy",
    net_args={"d": SHELLS.d, "variance": 8.5, "levels": [1e-2, 100.0]},
    data=("scale-mixture",),
    noise=LogUniform(0.1, 10.0),
    steps={"ci": 600, "class": 2_500, "full": 8_000},
    batch=128,
    ema=0.99,
    loss="energy.dual",
)
_PATCHES = Recipe(
    name="patches-dual",
    says="energy of Gaussian 8x8 patches of known spectrum",
    net="energy.Energy",
    net_args={
        "mean": 0.0,
        "variance": 1.0,
        "shape": [1, PATCHES.side, PATCHES.side],
        "levels": [1e-3, 100.0],
        "widths": [32],
        "blocks": [1],
        "circular": True,
    },
    data=("gaussian-patches",),
    noise=LogUniform(1e-3**0.5, 10.0),
    steps={"ci": 60, "class": 1_500, "full": 20_000},
    batch=96,
    lr=2e-3,
    ema=0.99,
    loss="energy.dual",
)
_ENERGY = Recipe(
    name="digits-energy-a",
    says="energy of MNIST digits, first half of the training set",
    net="energy.Energy",
    net_args=_DIGITS | {"shape": [1, 28, 28]},
    data=("mnist:0-27500",),
    held_out="mnist:tune",
    noise=LogUniform(0.01, 10.0),
    steps={"ci": 10, "class": 200, "full": 60_000},
    batch=64,
    patch=28,
    turn=False,
    loss="energy.dual",
    sigmas_255=_SIGMAS_255,
    denoiser="energy.denoiser",
    finish="energy.anchor",
)

RECIPES = (
    *(replace(_SHELLS, name=f"shells-dual-{seed}", seed=seed) for seed in range(5)),
    *(
        replace(
            _SHELLS,
            name=f"shells-single-{seed}",
            seed=seed,
            loss="energy.single",
            says="the same network and data, derivative by the picture only",
        )
        for seed in range(5)
    ),
    _PATCHES,
    replace(
        _PATCHES,
        name="patches-single",
        says="the same network and data, derivative by the picture only",
        loss="energy.single",
    ),
    _ENERGY,
    replace(
        _ENERGY,
        name="digits-energy-b",
        says="energy of MNIST digits, second half of the training set",
        data=("mnist:27500-55000",),
    ),
    replace(
        _ENERGY,
        name="digits-energy-a50",
        says="energy of 50 MNIST digits",
        data=("mnist:50",),
        steps={"ci": 10, "class": 200, "full": 20_000},
    ),
    replace(
        _ENERGY,
        name="digits-energy-b50",
        says="energy of 50 other MNIST digits",
        data=("mnist:27500-27550",),
        steps={"ci": 10, "class": 200, "full": 20_000},
    ),
    replace(
        _ENERGY,
        name="digits-energy-single",
        says="the network of digits-energy-a, derivative by the picture only",
        loss="energy.single",
        steps={"ci": 10, "class": 200, "full": 20_000},
    ),
    replace(
        _ENERGY,
        name="digits-told",
        says="denoiser of MNIST digits that is told sigma, first half of the training set",
        net="conditional.Told",
        net_args=_DIGITS,
        loss="energy.relative_error",
        denoiser="miyasawa.told",
        finish="",
    ),
    replace(
        _ENERGY,
        name="photos-energy",
        says="energy of 32x32 patches of photographs",
        net_args=_DIGITS
        | {
            "mean": 0.4132,
            "variance": 0.0576,
            "shape": [1, 32, 32],
            "levels": [1e-6, 100.0],
        },  # down to the steps of 8-bit pixels, 1/255²/12
        noise=LogUniform(1e-3, 10.0),
        data=("photos:train", "bsd400"),
        held_out="photos:tune",
        patch=32,
        turn=True,
    ),
)
