"""Edges and spectrum of 64 sampled photographs a seed, of test photographs, and of Gaussian pictures."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from dprior_lite import data, load
from dprior_lite.course.lab.ascents import part_of_samples
from dprior_lite.course.lab.sample_statistics import derivative_shape, power, ring_power
from dprior_lite.course.measurements import Numbers
from dprior_lite.sampling import Ascent, Denoiser

SEEDS = (0, 1, 2)
SIDE, SAMPLES, PART = 64, 64, 4
ASCENT = Ascent(h0=0.1, beta=0.2, max_steps=250)


def keys() -> list[str]:
    """Return the items: parts of the samples of each seed, the test photographs, and the controls of each seed."""
    parts = [f"samples, seed {seed}, part {part}" for seed in SEEDS for part in range(SAMPLES // PART)]
    controls = [f"{kind}, seed {seed}" for kind in ("Gaussian", "white") for seed in SEEDS]
    return [*parts, "test photographs", *controls]


def measure(key: str) -> Numbers:
    """Return the shape of derivatives of every picture of an item, and the mean power on rings of frequency.

    Samples count whether they arrived or not.
    """
    kind, _, which = key.partition(", ")
    if kind == "samples":
        seed, part = (int(text.split()[-1]) for text in which.split(", "))
        found = part_of_samples(_photos(), SIDE, seed, part, PART, ASCENT)
        return _statistics(found.x) | {"arrived": found.converged.double().tolist()}
    test = data.photos("test", size=SIDE)
    if kind == "test photographs":
        return _statistics(test)
    generator = torch.Generator().manual_seed(int(which.split()[-1]))
    white = torch.randn(SAMPLES, 1, SIDE, SIDE, generator=generator)
    if kind == "white":
        return _statistics(white)
    return _statistics(torch.fft.ifft2(torch.fft.fft2(white) * power(test).sqrt()).real)


def _statistics(x: Tensor) -> Numbers:
    shape = derivative_shape(x)  # (B, 2)
    return {"across": shape[:, 0].tolist(), "down": shape[:, 1].tolist(), "rings": ring_power(x).tolist()}


@cache
def _photos() -> Denoiser:
    return load("photos-unet")
