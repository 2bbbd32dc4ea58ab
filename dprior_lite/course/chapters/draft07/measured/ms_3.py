"""PSNR of models over scales and on pixels by receptive field and noise (ms-3, ms-4, ms-5, ms-6, ms-10).

One item is one denoiser at one noise level. All denoisers of one level and seed get the same noisy pictures.
"""

from __future__ import annotations

from functools import cache

from torch import Tensor

from dprior_lite.course.lab.scales import denoiser, psnr_of, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.training.recipes.multiscale import FIELDS, SETS

LEVELS, SEEDS, PICTURES = (0.02, 0.05, 0.2, 0.5, 0.8, 1.0), (0, 1, 2), 64
KINDS = ("flat", "scales")
MODELS = (*(f"{kind}-{field}" for kind in KINDS for field in FIELDS), "low", "strangers-9", "untrained-9", "kept-9")


def keys() -> list[str]:
    """Return the items, such as "c-alpha-2, flat-9, sigma 1.0, seed 0"."""
    return [
        f"{pictures}, {name}, sigma {sigma}, seed {seed}"
        for pictures in reversed(SETS)
        for name in MODELS
        for sigma in LEVELS
        for seed in SEEDS
    ]


@cache
def _held_out(pictures: str) -> Tensor:
    return unseen(pictures, PICTURES)


def measure(key: str) -> Numbers:
    """Return the PSNR of each picture."""
    pictures, name, sigma, seed = key.split(", ")
    level, number = float(sigma.split()[1]), int(seed.split()[1])
    return {"psnr": psnr_of(denoiser(pictures, name), _held_out(pictures), level, number).double().tolist()}
