"""Stein's estimate beside the true squared error: `photos-unet` and a 3 × 3 blur, more than 8 million pixels a level.

The four held-out photographs are cut into seven tiles. An item is one tile at one level and one seed, with fresh noise
two or three times; the trace is probed on the first of them and counted for all. Twelve draws of every pixel at
50/255, where the estimate scatters most, nine at the lower levels.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite import data, load, miyasawa

#: sigma in units of 1/255 -> how often a seed is repeated, noises a probe.
LEVELS = {10: (1, 3), 25: (1, 3), 50: (2, 2)}
SEEDS = (0, 1, 2)


def keys() -> list[str]:
    """Return the items: level, seed, tile, repetition."""
    return [
        f"sigma {level}, seed {seed}, tile {tile}, draw {draw}"
        for level, (draws, _) in LEVELS.items()
        for seed in SEEDS
        for tile in range(len(tiles()))
        for draw in range(draws)
    ]


def measure(key: str) -> dict[str, float | list[float]]:
    """Return the number of pixels and, for each denoiser, true squared error, SURE and the trace term in it."""
    level, seed, tile, draw = (int(word.split()[1]) for word in key.split(", "))
    sigma, noises, x = level / 255, LEVELS[level][1], tiles()[tile]
    generator = torch.Generator().manual_seed(100_000 * seed + 100 * level + 10 * tile + draw)
    noisy = [miyasawa.noisy(x, sigma, generator) for _ in range(noises)]
    numbers = {name: compare(f, x, noisy, sigma, generator) for name, f in (("net", _net()), ("blur", blur))}
    return {"pixels": float(noises * x.numel())} | numbers


def compare(
    f: miyasawa.Denoiser, x: Tensor, noisy: list[Tensor], sigma: float, generator: torch.Generator
) -> list[float]:
    """Return the squared error of a denoiser over noisy versions of a picture, SURE of it, and the trace term."""
    first = miyasawa.sure(f, noisy[0], sigma, generator)
    with torch.inference_mode():
        outputs = [first.x_hat, *(f(y) for y in noisy[1:])]
    truth = sum(_power(x_hat - x) for x_hat in outputs)
    moved = sum(_power(x_hat - y) for x_hat, y in zip(outputs, noisy, strict=True))
    # noises of one level have the same trace on average: that of the first stands for all
    trace_term = 2 * sigma**2 * float(first.trace.sum()) * len(noisy)
    return [truth, moved - len(noisy) * x.numel() * sigma**2 + trace_term, trace_term]


def blur(y: Tensor) -> Tensor:
    """Return the mean over 3 × 3 pixels, the border repeated."""
    return F.avg_pool2d(F.pad(y, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


@cache
def tiles() -> list[Tensor]:
    """Return the held-out photographs (1, 1, H, W), the larger ones in two halves: seven tiles, 0.9 million pixels."""
    return [part for p in data.photos("test") for part in (p.chunk(2, dim=-1) if p.numel() > 200_000 else [p])]


@cache
def _net() -> miyasawa.Denoiser:
    return load("photos-unet")


def _power(v: Tensor) -> float:
    return float(v.double().square().sum())
