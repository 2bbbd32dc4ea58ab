"""Recipes of chapter 9: one network for each class of pictures whose geometry is known.

The network, the law of noise and the learning rate are those of chapter 8. Pictures of 64 pixels come in batches of 16,
pictures of 32 pixels in batches of 48.

The slopes of regular pictures are measured from sigma .3 down to .03. With the plain squared error faint noise hardly
counts, so there the error is weighted by the noise, as in the bound of the paper on the density that a denoiser holds.
A trial of 1,500 steps at alpha 2, on 32 pictures that no claim measures, gave at inputs of 10, 20 and 30 dB
26.8, 32.0, 35.1 dB with the plain error and
25.8, 32.5, 39.3 dB with the weighted one.
After 8,000 steps the slopes from 10 to 30 dB were .52 and .64.
All others have the plain error, as the networks of the paper and of chapter 8.
"""

from __future__ import annotations

from dprior_lite.training.noise import LogUniform
from dprior_lite.training.recipe import Recipe

ALPHAS = (1, 2, 3, 4, 5)
# pictures of each class: those that train, and the first of those that choose and of those that measure
COUNT, PORTRAITS, FIRST_TUNE, FIRST_TEST = 20_000, 30_000, 200_000, 300_000


def harmonic(
    pictures: str,
    says: str,
    size: int = 32,
    steps: int = 8_000,
    name: str = "",
    count: int = COUNT,
    loss: str = "miyasawa.squared_error",
) -> Recipe:
    """Return the recipe of one network for one set of `data.generated.SETS`.

    Parameters
    ----------
    pictures : str
        Name of the set.
    says : str
        The pictures, in a few words.
    size : int
        Their side in pixels, 32 or 64.
    steps : int
        At full scale.
    name : str
        Of the network; that of the set where it is empty.
    count : int
        How many pictures train it.
    loss : str
        What is minimised.

    Examples
    --------
    >>> harmonic("discs", "one disc").data
    ('discs:0-20000',)
    """
    return Recipe(
        name=name or pictures,
        says=f"bias-free UNet on 2x2 blocks, {says}",
        net="blocked.BlockUNet",
        net_args={"widths": [24, 40, 48], "blocks": [1, 1, 1]},
        data=(f"{pictures}:0-{count}",),
        held_out=f"{pictures}:{FIRST_TUNE}-{FIRST_TUNE + 64}",
        noise=LogUniform(0.01, 1.0),
        steps={"ci": 20, "class": 400, "full": steps},
        batch=48 if size == 32 else 16,
        patch=size,
        turn=False,
        lr=2e-3,
        loss=loss,
        sigmas_255=(12.75, 25.5, 63.75, 127.5),
    )


RECIPES = (
    *(
        harmonic(f"c-alpha-{alpha}", f"regular regions and contours, alpha {alpha}", 64, loss="blind.balanced_error")
        for alpha in ALPHAS
    ),
    harmonic("discs", "one disc in each picture"),
    harmonic("discs", "one disc in each picture, twice the steps", steps=16_000, name="discs-twice"),
    harmonic("sinusoids", "sines of one frequency", steps=4_000),
    # the portraits of "portraits-30000-a", to be compared with it
    harmonic("portraits-shuffled", "portraits with their pixels in another order", count=PORTRAITS),
)
