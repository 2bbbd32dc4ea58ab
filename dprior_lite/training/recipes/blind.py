"""Recipes of chapter 10: blind networks and their twins that are told sigma, and two readers of noise levels.

Twins have the same pictures, batches, noise, weight of every noise level, steps and seed. They start as the same
function; see `nets.modulated`. That the blind network scales and shifts its channels too was decided by a trial of
1,500 steps. On 500 digits that no claim measures, it is behind its twin by .5 dB at sigma .1 and .6 dB at sigma .2;
without, by 1.2 and 1.5 dB.

The readers of noise levels see half an octave more on either side, so that no end of their range lies where they
measure.
"""

from __future__ import annotations

from dataclasses import replace

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.recipes.generalization import FIRST_TUNE

LEVELS = (0.02, 4.0)  # of the noise that both twins see
EXTRAPOLATED_FROM = 1.0  # the largest noise of the two networks that are tried beyond it
_SIGMAS_255 = (12.75, 25.5, 63.75, 127.5, 255.0)

_BLIND = Recipe(
    name="blind-digits",
    says="blind UNet on 2x2 blocks of MNIST digits, estimates the clean digit",
    net="modulated.BlindUNet",
    net_args={"widths": [24, 36, 48], "target": "clean"},
    data=("mnist:train",),
    held_out="mnist:tune",
    noise=LogUniform(*LEVELS),
    steps={"ci": 20, "class": 400, "full": 7_000},
    batch=48,
    patch=28,
    turn=False,
    lr=2e-3,
    loss="blind.balanced_error",
    sigmas_255=_SIGMAS_255,
)
_TOLD = replace(
    _BLIND,
    name="told-digits",
    says="twin of blind-digits that is told sigma",
    net="modulated.ToldUNet",
    net_args={"widths": [24, 36, 48], "target": "clean", "levels": list(LEVELS)},
    loss="blind.balanced_error_told",
    denoiser="miyasawa.told",
)
_LEVEL = replace(
    _BLIND,
    name="level-digits",
    says="reads the noise level off a noisy MNIST digit",
    net="modulated.NoiseLevel",
    net_args={"width": 24},
    held_out="",
    noise=LogUniform(0.01, 6.0),
    steps={"ci": 20, "class": 400, "full": 6_000},
    loss="blind.level_error",
    sigmas_255=(),
)
_CLEAN = replace(
    _BLIND,
    name="beyond-clean",
    says="blind UNet on MNIST digits with noise up to 1, estimates the clean digit",
    net_args={"widths": [16, 24, 32], "target": "clean"},
    noise=LogUniform(LEVELS[0], EXTRAPOLATED_FROM),
    steps={"ci": 20, "class": 400, "full": 5_000},
)
_PORTRAITS = {"data": ("portraits:0-20000",), "patch": 32}
_TUNE = f"portraits:{FIRST_TUNE}-{FIRST_TUNE + 64}"

RECIPES = (
    _BLIND,
    _TOLD,
    _LEVEL,
    _CLEAN,
    replace(
        _CLEAN,
        name="beyond-residual",
        says="blind UNet on MNIST digits with noise up to 1, estimates the noise and subtracts it",
        net_args={"widths": [16, 24, 32], "target": "residual"},
    ),
    replace(
        _BLIND,
        name="blind-portraits",
        says="blind UNet on 2x2 blocks of portraits, estimates the clean portrait",
        held_out=_TUNE,
        **_PORTRAITS,
    ),
    replace(
        _TOLD, name="told-portraits", says="twin of blind-portraits that is told sigma", held_out=_TUNE, **_PORTRAITS
    ),
    replace(_LEVEL, name="level-portraits", says="reads the noise level off a noisy portrait", **_PORTRAITS),
)
