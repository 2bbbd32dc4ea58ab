"""The pictures a recipe names.

Such as "photos:train", "photos-rgb:train", "bsd400", "bsd400-rgb", "mnist:train", "mnist:100", "mnist:100-200",
"mixture", and of a set that is drawn by a program "portraits:0-100".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.data import SPLITS, DataAbsent, Patches, Points, generated, mnist, photos, picture_set, texture, tiles
from dprior_lite.energy.exact import PATCHES, SHELLS
from dprior_lite.miyasawa import PAGE_MIXTURE
from dprior_lite.training.recipe import Recipe

# laws without an end of samples; a recipe that names one names nothing else
SAMPLERS = {"mixture": PAGE_MIXTURE.sample, "scale-mixture": SHELLS.sample, "gaussian-patches": PATCHES.sample}

MNIST_TUNE = 5000  # the last training digits are held out for the card


def pictures(source: str) -> list[Tensor]:
    """Return the pictures of one source as stacks (N, C, H, W) in [0, 1].

    A set of gray pictures with `-rgb` behind its name is repeated in three channels; of the bundled photographs those
    that have colour are meant; `photos:grass` is one texture. `mnist:100` are the first hundred training digits,
    `mnist:100-200` the second hundred, as `portraits:100-200` of a set that is drawn by a program.

    Examples
    --------
    >>> len(pictures("photos:tune")), len(pictures("photos-rgb:tune"))
    (3, 2)
    """
    name, _, part = source.partition(":")
    name, colour = name.removesuffix("-rgb"), name.endswith("-rgb")
    if name == "photos":
        return photos(part, gray=not colour) if part in SPLITS else [texture(part)]
    if name == "mnist":
        return [_digits(part)]
    if name in generated.SETS:
        return [generated.pictures(name, *_range(source, part))]
    return [x.expand(-1, 3, -1, -1) for x in picture_set(name)] if colour else picture_set(name)


def _digits(part: str) -> Tensor:
    """Return digits of MNIST: "test", "tune", "train" (the others), "100" or "100-200" of "train"."""
    x = mnist("test" if part == "test" else "train")[0]
    if part == "test":
        return x
    if part == "tune":
        return x[-MNIST_TUNE:]
    x = x[:-MNIST_TUNE]
    if part == "train":
        return x
    first, last = _range(f"mnist:{part}", part, "; test, tune, train")
    if last > len(x):
        raise ValueError(f"There are no digits mnist:{part}; there are {len(x)} to train on.")
    return x[first:last]


def _range(source: str, part: str, others: str = "") -> tuple[int, int]:
    """Return the first index and the one after the last of "100", which are the first hundred, or of "100-200"."""
    first, _, last = part.rpartition("-") if "-" in part else ("0", "-", part)
    if not first.isdecimal() or not last.isdecimal() or not int(first) < int(last):
        raise ValueError(f"There are no pictures {source}; expected a range such as 100 or 100-200{others}.")
    return int(first), int(last)


def stack(source: str, side: int = 0) -> Tensor:
    """Return the pictures of a source as one stack (N, C, H, W).

    Parameters
    ----------
    source : str
        Such as "mnist:train" or "photos:test".
    side : int
        Pixels of a side of the patches that they are cut into, in an order that mixes the pictures; 0 for whole ones.

    Examples
    --------
    >>> stack("photos:tune", 64).shape
    torch.Size([184, 1, 64, 64])
    """
    if not side:
        return torch.cat(pictures(source))
    cut = tiles(pictures(source), side)
    return cut[torch.randperm(len(cut), generator=torch.Generator().manual_seed(0))]


def training_data(recipe: Recipe, without: Sequence[str] = ()) -> Patches | Points:
    """Return what a recipe trains on, without the sources that are left out.

    Raises
    ------
    ValueError
        If `without` names what the recipe does not train on, or would leave nothing.
    DataAbsent
        If a source is absent.
    """
    left = remaining(recipe, without)
    if left[0] in SAMPLERS:
        return Points(SAMPLERS[left[0]])
    stacks = []
    for source in left:
        try:
            stacks += pictures(source)
        except DataAbsent as error:
            hint = f" Or train without it: --without {source} (the card will say so)." if len(left) > 1 else ""
            raise DataAbsent(f"{error}{hint}") from error
    return Patches(stacks, recipe.patch, recipe.turn, recipe.contrast)


def remaining(recipe: Recipe, without: Sequence[str] = ()) -> list[str]:
    """Return the sources of a recipe that are not left out, at least one.

    Examples
    --------
    >>> from dprior_lite.training.recipes import find
    >>> remaining(find("photos-unet"), ["bsd400"])
    ['photos:train']
    """
    if isinstance(without, str):
        raise ValueError(f"without is {without!r}; expected a list of sources, such as [{without!r}].")
    trains_on = f"it trains on {', '.join(recipe.data)}"
    if unknown := sorted(set(without) - set(recipe.data)):
        raise ValueError(f"{recipe.name} has no source {', '.join(unknown)}; {trains_on}.")
    left = [source for source in recipe.data if source not in without]
    if not left:
        raise ValueError(f"{recipe.name} cannot do without {', '.join(without)}: {trains_on}, and nothing else.")
    return left


def held_out(recipe: Recipe) -> Tensor | None:
    """Return the stack (N, C, H, W) on which the card measures PSNR; None where there is none.

    It holds at most 64 pictures, of 128 pixels or of the network's one size.
    """
    if not recipe.held_out:
        return None
    side = recipe.net_args.get("shape", [128])[-1]
    stacks = pictures(recipe.held_out)
    if min(stacks[0].shape[-2:]) <= side:
        return torch.cat(stacks)[:64]
    cut = tiles(stacks, side)
    return cut[:: max(1, len(cut) // 32)][:32]
