"""How far the network of discs is above the error that five numbers need (hb-5).

One item is one denoiser with one seed of the noise: the squared error per pixel of each of 64 held-out discs at each
level. `fit` finds the five numbers of a noisy disc by least squares, from the true ones on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from dprior_lite import data, load, miyasawa
from dprior_lite.course.measurements import Numbers
from dprior_lite.training.recipes.harmonic import FIRST_TEST

SIGMA, SIZE, CONTRAST, PICTURES, SEEDS = 0.04, 32, 0.3, 64, (0, 1, 2)
LEVELS = (0.02, SIGMA, 0.08, 0.16)
METHODS = ("fit", "discs", "discs-twice")


def keys() -> list[str]:
    """Return the items; the first and the last are cheap."""
    return [f"{name}, seed {seed}" for name in reversed(METHODS) for seed in SEEDS]


def measure(key: str) -> Numbers:
    """Return for each level the squared error of each disc, per pixel, in units of sigma²."""
    name, seed = key.split(", seed ")
    discs = data.disc_parameters(range(FIRST_TEST, FIRST_TEST + PICTURES), SIZE, contrast=CONTRAST)
    x = data.draw_discs(discs, SIZE)
    found = {}
    for sigma in LEVELS:
        generator = torch.Generator().manual_seed(1000 * int(seed) + round(100 * sigma))
        y = miyasawa.noisy(x, sigma, generator)
        with torch.no_grad():
            x_hat = fitted(y, discs) if name == "fit" else load(name)(y)
        found[str(sigma)] = ((x_hat - x).double().square().mean((1, 2, 3)) / sigma**2).tolist()
    return found


def fitted(y: Tensor, start: data.Discs) -> Tensor:
    """Return the discs (B, 1, size, size) that are nearest to noisy ones, found from `start` on."""
    from scipy.optimize import least_squares

    numbers = torch.stack(start.numbers(), 1).double().numpy()  # (B, 5)
    ends = [least_squares(_misfit(one), first).x for one, first in zip(y.double(), numbers)]
    return _drawn(np.stack(ends)).to(y)


def _misfit(y: Tensor) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from five numbers to the differences of all pixels."""
    return lambda numbers: (_drawn(numbers[None])[0] - y).flatten().numpy()


def _drawn(numbers: np.ndarray) -> Tensor:
    return data.draw_discs(data.Discs(*torch.from_numpy(numbers).unbind(1)), SIZE)
