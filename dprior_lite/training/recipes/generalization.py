"""Recipes of chapter 8: one network, one law of noise and equal steps, for training sets of one to thirty thousand.

Half A and half B of a size share no portrait. A subset is drawn from with replacement, so every size gets the same
number of steps on batches of the same size.

The architecture was chosen by a trial of 100 seconds of one CPU core each, on 4,000 portraits of a first version of the
drawing; PSNR of 200 others at sigma .1, .25 and .5 was
27.69, 23.84, 21.04 dB for a UNet of widths 16, 32, 64 on single pixels,
25.97, 22.19, 18.68 dB for eight convolutions of width 32 on blocks of 2 x 2 pixels,
27.96, 24.33, 21.63 dB for a UNet of widths 32, 64 on such blocks,
28.34, 24.96, 22.46 dB for one of widths 24, 48, 64, which were then narrowed to keep the file small.
"""

from __future__ import annotations

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe

SIZES = (1, 10, 100, 300, 1000, 30_000)
# the first portrait of each half, of those that choose, and of those that measure
HALVES = {"a": 0, "b": 100_000}
FIRST_TUNE, FIRST_TEST = 200_000, 300_000


def portraits(size: int, half: str, seed: int = 0) -> Recipe:
    """Return the recipe of one network: `size` portraits of half "a" or "b".

    Another seed is another network of the same portraits.

    Examples
    --------
    >>> portraits(10, "b").data
    ('portraits:100000-100010',)
    """
    first = HALVES[half]
    return Recipe(
        name=f"portraits-{size}-{half}" + (f"-{seed}" if seed else ""),
        says=f"bias-free UNet on 2x2 blocks, {size:,} portrait{'s' if size > 1 else ''} of half {half.upper()}",
        net="blocked.BlockUNet",
        net_args={"widths": [24, 40, 48], "blocks": [1, 1, 1]},
        data=(f"portraits:{first}-{first + size}",),
        held_out=f"portraits:{FIRST_TUNE}-{FIRST_TUNE + 64}",
        noise=LogUniform(0.01, 1.0),
        steps={"ci": 20, "class": 400, "full": 8_000},
        batch=48,
        patch=32,
        turn=False,
        lr=2e-3,
        seed=seed,
        sigmas_255=(12.75, 25.5, 63.75, 127.5),
    )


RECIPES = tuple(portraits(size, half) for size in SIZES for half in HALVES)
