"""CIFAR-10 in gray, 32x32 pixels in ten classes, where a person has it: it is never downloaded.

The one file is `cifar10_gray/cifar10_gray_jpeg.npz` in the folder of data: 20,000 training and 4,000 test pictures of
CIFAR-10 (Krizhevsky 2009), turned gray and compressed once more as JPEG. That is good enough for classes and
representations. Numbers that others published for CIFAR-10 are of other pixels, and so are densities.
"""

from __future__ import annotations

import zipfile
from functools import cache

import numpy as np
import torch
from torch import Tensor

from dprior_lite.data.registry import SOURCES, DataAbsent, cache_folder, check_digest, pixels_digest, record

__all__ = ["CIFAR_CLASSES", "cifar10"]

NAME = "cifar10_gray"
CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TUNE = 3000  # the last training pictures are held out, for cards and for choices


def cifar10(split: str) -> tuple[Tensor, Tensor]:
    """Return gray CIFAR-10, pictures (N, 1, 32, 32) in [0, 1], and their classes (N,), 0 to 9.

    Parameters
    ----------
    split : {"train", "tune", "test"}
        17,000, 3,000 or 4,000 pictures.

    Raises
    ------
    DataAbsent
        If the file is not there; the message says where it belongs.

    Examples
    --------
    >>> cifar10("validation")
    Traceback (most recent call last):
    ValueError: cifar10 has no split 'validation'; expected train, tune or test.
    """
    if split not in ("train", "tune", "test"):
        raise ValueError(f"cifar10 has no split {split!r}; expected train, tune or test.")
    record(NAME)
    images, classes = _read("test" if split == "test" else "train")
    part = {"train": slice(None, -TUNE), "tune": slice(-TUNE, None), "test": slice(None)}[split]
    return torch.from_numpy(images[part])[:, None].float() / 255, torch.from_numpy(classes[part]).long()


def training_pictures(count: int, start: int) -> Tensor:
    """Return training pictures of gray CIFAR-10 in their order, those held out for cards last, (count, 1, 32, 32)."""
    x = torch.cat([cifar10("train")[0], cifar10("tune")[0]])
    if start + count > len(x):
        raise ValueError(f"There are no pictures {NAME}:{start}-{start + count}; there are {len(x)} to train on.")
    return x[start : start + count]


@cache
def _read(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures (N, 32, 32), uint8, and the classes of one part of the file, which is checked first."""
    source = SOURCES[NAME]
    path = cache_folder() / NAME / source.files[0]
    if not path.is_file():
        raise DataAbsent(
            f"The set {NAME!r} is absent: {source.files[0]} is not in {path.parent}, and it cannot be fetched. Put the"
            f" file there, or set DPRIOR_DATA to a folder that has {NAME}/."
        )
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "classes"}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read ({type(error).__name__}): replace it.") from error
    check_digest(source, pixels_digest([arrays[f"{name}_images"] for name in ("train", "test")]))
    return arrays[f"{part}_images"], arrays[f"{part}_labels"]
