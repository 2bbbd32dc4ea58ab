"""Levels along ascents with the denoiser of photographs: three settings, seeds 0 to 4, plain and corrected."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from torch import Tensor

from dprior_lite import load
from dprior_lite.course.lab.ascents import SETTINGS, contraction, levels_of, steps_kept
from dprior_lite.course.measurements import Numbers
from dprior_lite.sampling import Denoiser

SEEDS = range(5)
TOO_LONG = 1.6  # of the control: a residual so many times too long


def keys() -> list[str]:
    """Return the items: a setting and a seed, and a setting with the residual of the control."""
    ascents = [f"{name}, seed {seed}" for seed in SEEDS for name in SETTINGS]
    return [*ascents, *(f"{name}, residual too long" for name in SETTINGS)]


def measure(key: str) -> Numbers:
    """Return levels and slopes of an ascent whose level is plain, and of one whose level is corrected.

    The share of the noise that the denoiser keeps, tr J / d, is the mean over the corrected ascent.
    """
    name, _, which = key.partition(", ")
    ascent = SETTINGS[name]
    corrected = replace(ascent, corrected=True)
    net = _photos() if which.startswith("seed") else too_long
    seed = int(which.removeprefix("seed ")) if which.startswith("seed") else 0
    plain, _ = levels_of(net, ascent, seed)
    levels, shares = levels_of(net, corrected, seed)
    return {
        "plain_levels": plain.tolist(),
        "levels": levels.tolist(),
        "share": float(shares[: steps_kept(levels, ascent)].mean()),
        "plain_slope": contraction(plain, ascent),
        "slope": contraction(levels, ascent),
        "plain_steps": len(plain) - 1,
        "steps": len(levels) - 1,
    }


@cache
def _photos() -> Denoiser:
    return load("photos-unet")


def too_long(y: Tensor) -> Tensor:
    """Return what the denoiser would, had it gone too far."""
    return y + TOO_LONG * (_photos()(y) - y)
