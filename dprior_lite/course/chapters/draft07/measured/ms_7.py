"""Super-resolution of portraits from 16 x 16 pixels: sixteen answers to each low-pass picture (ms-7, ms-8).

One item is four portraits. The answers with details of a stranger have the same drawn details, put on the low-pass
picture of the next portrait; their error is taken to that portrait.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.course.lab.scales import over_scales, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.metrics import psnr_each
from dprior_lite.multiscale import decompose, reconstruct, super_resolve, without_details
from dprior_lite.multiscale.cascade import Bands
from dprior_lite.training.recipes.multiscale import SCALES

TOGETHER, PICTURES, ANSWERS, SEEDS = 4, 32, 16, (0, 1, 2)


def keys() -> list[str]:
    """Return the items, such as "portraits 0 to 3, seed 0"."""
    firsts = range(0, PICTURES, TOGETHER)
    return [f"portraits {first} to {first + TOGETHER - 1}, seed {seed}" for seed in SEEDS for first in firsts]


def measure(key: str) -> Numbers:
    """Return PSNRs of each portrait, the largest changes of the low-pass pictures, and moments of the details."""
    first, seed = int(key.split()[1]), int(key.split()[-1])
    x = unseen("portraits-64", PICTURES)[first : first + TOGETHER]
    bands = _bands(x)
    given = bands.low.repeat_interleave(ANSWERS, 0)  # (4 · 16, 1, 16, 16)
    generator = torch.Generator().manual_seed(1000 * seed + first)
    found = super_resolve(over_scales("portraits-64", 9), given, generator)
    drawn = _bands(found.x)
    moved = Bands(bands.low.roll(-1, 0).repeat_interleave(ANSWERS, 0), drawn.details, normalised=True)
    answers, strangers = found.x.unflatten(0, (-1, ANSWERS)), reconstruct(moved).unflatten(0, (-1, ANSWERS))
    one = torch.stack([psnr_each(answers[:, k], x) for k in range(ANSWERS)]).mean(0)  # (4,)
    enlarged = F.interpolate(bands.low, scale_factor=2**SCALES, mode="bicubic")
    return {
        "one": one.double().tolist(),
        "mean": psnr_each(answers.mean(1), x).double().tolist(),
        "one_seed": psnr_each(answers[:, :1].expand_as(answers).mean(1), x).double().tolist(),
        "first": psnr_each(answers[:, 0], x).double().tolist(),
        "no_details": psnr_each(reconstruct(without_details(bands)), x).double().tolist(),
        "stranger": psnr_each(strangers.mean(1), x.roll(-1, 0)).double().tolist(),
        "stranger_no_details": psnr_each(reconstruct(without_details(bands)), x).roll(-1).double().tolist(),
        "low": float((drawn.low - given).abs().max()),
        "bicubic": float((_bands(enlarged).low - bands.low).abs().max()),
        "converged": float(found.converged.double().mean()),
        "steps": [float(result.steps.double().mean()) for result in found.results],
        **_moments("drawn", drawn.details),
        **_moments("data", bands.details),
    }


def _bands(x: Tensor) -> Bands:
    return decompose(x, SCALES, normalised=True)


def _moments(name: str, details: tuple[Tensor, ...]) -> Numbers:
    """Return E|c| and E c² of the details of each scale, the finest first."""
    parts = [v.double() for v in details]
    return {
        f"{name}_absolute": [float(v.abs().mean()) for v in parts],
        f"{name}_square": [float(v.square().mean()) for v in parts],
    }
