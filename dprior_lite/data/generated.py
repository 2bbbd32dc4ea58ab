"""Sets that a program draws or cuts, by index: what a recipe names as "portraits:0-10000"."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from torch import Tensor

from dprior_lite.data.faint_digits import faint_digits
from dprior_lite.data.geometric import shuffle_pixels
from dprior_lite.data.ovals import ovals_of_classes
from dprior_lite.data.portraits import portraits
from dprior_lite.data.textures import texture_patches

# name -> module of `dprior_lite.data`, function (count, start=..., **arguments) -> (count, C, H, W), arguments
SETS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "portraits": ("portraits", "portraits", {"size": 32}),
    "portraits-64": ("portraits", "portraits", {"size": 64}),
    "portraits-shuffled": ("generated", "shuffled_portraits", {"size": 32}),
    **{f"c-alpha-{alpha}": ("geometric", "c_alpha", {"size": 64, "alpha": alpha}) for alpha in (1, 2, 3, 4, 5)},
    "discs": ("disc", "discs", {"size": 32}),
    "sinusoids": ("geometric", "sinusoids", {"size": 32}),
    "ovals": ("generated", "trained_ovals", {}),
    "oval-groups": ("ovals", "oval_groups", {}),
    **{f"textures-{split}": ("generated", "textures", {"split": split}) for split in ("tune", "test")},
    "texture-groups": ("textures", "texture_groups", {}),
    "texture-groups-tune": ("textures", "texture_groups", {"split": "tune"}),
    "faint-digits-tune": ("generated", "tune_digits", {}),
    "digit-groups": ("faint_digits", "digit_groups", {}),
    "cifar10_gray": ("cifar", "training_pictures", {}),  # drawn by nobody, but named by ranges too
}


def shuffled_portraits(count: int, size: int, start: int) -> Tensor:
    """Return portraits (count, 1, size, size) with the pixels of all in one other order."""
    return shuffle_pixels(portraits(count, size, start=start))


def trained_ovals(count: int, start: int) -> Tensor:
    """Return textures of ovals of all trained classes in turn, (count, 1, 32, 32)."""
    return ovals_of_classes(count, start=start)[0]


def tune_digits(count: int, start: int) -> Tensor:
    """Return faint digits of MNIST that are held out, of all classes in turn, (count, 1, 32, 32)."""
    return faint_digits(count, start, "tune")[0]


def textures(count: int, start: int, split: str) -> Tensor:
    """Return patches of the natural textures in turn, (count, 1, 32, 32)."""
    return texture_patches(count, start=start, split=split)[0]


def pictures(name: str, first: int, last: int) -> Tensor:
    """Return pictures `first` to `last - 1` of one set, (last - first, C, H, W) in [0, 1].

    Parameters
    ----------
    name : str
        One of `SETS`.
    first, last : int
        Indices: a picture depends on its own alone.

    Examples
    --------
    >>> pictures("portraits", 3, 5).shape
    torch.Size([2, 1, 32, 32])
    """
    module, function, arguments = SETS[name]
    return getattr(import_module(f"dprior_lite.data.{module}"), function)(last - first, start=first, **arguments)
