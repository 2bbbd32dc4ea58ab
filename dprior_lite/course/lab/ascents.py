"""Noise levels along an ascent of the prior, and how fast they fall: what chapter 4 holds against theory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from dprior_lite.sampling import Ascent, Denoiser, ItemNoise, ascend, item_seeds, noise_level, sample
from dprior_lite.sampling.outcome import Result

#: The three settings whose levels are held against theory, with 47, 36 and 63 steps of an ideal ascent.
SETTINGS = {"coarse": Ascent(0.01, 0.5), "middle": Ascent(0.1, 0.2), "fine": Ascent(0.1, 0.1)}
#: An ascent with a wrong residual is stopped after so many steps.
MOST_STEPS = 100


def levels_of(net: Denoiser, ascent: Ascent, seed: int, side: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Return the noise levels of one ascent and the shares of the noise that the denoiser keeps.

    Parameters
    ----------
    net : callable
        Denoiser of one channel.
    ascent : Ascent
        Settings. If it is `corrected`, the levels are.
    seed : int
        Of the noise.
    side : int
        Pixels of a side.

    Returns
    -------
    ndarray, ndarray
        One number a state: the level, and 1 − (plain level / level)², which estimates tr J / d where the level is
        corrected and is 0 elsewhere.

    Examples
    --------
    >>> levels, shares = levels_of(lambda y: 0 * y, Ascent(h0=0.1, beta=0.5), 0, side=8)
    >>> len(levels), float(shares.max())
    (19, 0.0)
    """
    noise = ItemNoise([seed], (1, side, side))
    levels, shares = [], []
    for state in ascend(net, 0.5 + noise.draw(), noise, replace(ascent, max_steps=MOST_STEPS)):
        levels.append(float(state.sigma[0]))
        shares.append(1 - float(noise_level(state.x_hat - state.y)[0] / state.sigma[0]) ** 2)
    return np.array(levels), np.array(shares)


def steps_kept(levels: np.ndarray, ascent: Ascent) -> int:
    """Return how many steps start and end above three times the level at which the ascent stops.

    Examples
    --------
    >>> steps_kept(np.array([1.0, 0.5, 0.2, 0.01]), Ascent())
    2
    """
    return int((levels > 3 * ascent.sigma_L).sum()) - 1


def contraction(levels: np.ndarray, ascent: Ascent) -> float:
    """Return the slope of the measured log ratios of levels against log(1 − βh): 1 if theory holds.

    Only steps down to three times the last level count.

    Examples
    --------
    >>> ascent = Ascent(h0=0.1, beta=0.2)
    >>> round(contraction(np.array(ascent.levels()), ascent), 6)
    1.0
    """
    kept = steps_kept(levels, ascent)
    theory = np.log([1 - ascent.beta * ascent.step_size(n) for n in range(1, kept + 1)])
    return float(np.polyfit(theory, np.diff(np.log(levels[: kept + 1])), 1)[0])


def part_of_samples(net: Denoiser, side: int, seed: int, part: int, size: int, ascent: Ascent) -> Result:
    """Return samples `part * size` to `(part + 1) * size` of those that `sampling.sample` draws from one seed.

    Parameters
    ----------
    net : callable
        Denoiser of one channel.
    side : int
        Pixels of a side.
    seed, part, size : int
        Seed of all samples; which part of them; samples a part.
    ascent : Ascent
        Settings.

    Examples
    --------
    >>> setting = Ascent(h0=0.1, beta=0.5)
    >>> every = part_of_samples(lambda y: 0.1 * y, 4, 0, 0, 4, setting).y
    >>> bool((part_of_samples(lambda y: 0.1 * y, 4, 0, 1, 2, setting).y == every[2:]).all())
    True
    """
    generator = torch.Generator().manual_seed(seed)
    if part:
        item_seeds(part * size, generator)  # those of the parts before
    return sample(net, size, (1, side, side), generator, ascent)
