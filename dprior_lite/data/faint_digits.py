"""MNIST digits in classes, of low contrast: what a class adds to a noisy picture shows where noise hides the class.

The digits stand on 32 x 32 pixels and are multiplied by a number that gives them the standard deviation of the bundled
photograph of bricks, 0.1. At full contrast the class of a digit is plain up to noise of the size of the whole gray
scale.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.data.digits import mnist
from dprior_lite.gates.numbers import require_whole

__all__ = ["digit_groups", "faint_digits"]

CONTRAST = 0.35
GROUP = 4  # digits of one class that a network sees together
CLASSES = 10
_BORDER = 2  # pixels on each side
_TUNE = 5000  # the last training digits, as in `training.sources`


def faint_digits(count: int, start: int = 0, split: str = "train") -> tuple[Tensor, Tensor]:
    """Return digits of the ten classes in turn, (count, 1, 32, 32) in [0, 0.35], and their classes, (count,).

    Digit k has the class `k % 10` and is number `k // 10` of it, so the classes are balanced.

    Parameters
    ----------
    count : int
        How many.
    start : int
        Index of the first.
    split : {"train", "tune", "test"}
        The last 5000 training digits are those to choose with.

    Raises
    ------
    DataAbsent
        If MNIST is absent.
    ValueError
        If there are not as many.

    Examples
    --------
    >>> faint_digits(3, split="all")
    Traceback (most recent call last):
    ValueError: There is no split 'all' of the digits; expected one of train, tune, test.
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    classes = torch.arange(start, start + count, device="cpu") % CLASSES
    return _digits(classes, (torch.arange(start, start + count) // CLASSES), split), classes


def digit_groups(count: int, start: int = 0, split: str = "train") -> Tensor:
    """Return groups of four different digits of one class, in the channels: (count, 4, 32, 32) in [0, 0.35].

    Group k is of class `k % 10`, and no digit is in two groups.

    Parameters
    ----------
    count, start, split
        As in `faint_digits`, in groups.

    Raises
    ------
    DataAbsent, ValueError
        As in `faint_digits`.

    Examples
    --------
    >>> digit_groups(0)
    Traceback (most recent call last):
    ValueError: count=0; expected a whole number, at least 1.
    """
    count, start = require_whole(count, "count"), require_whole(start, "start", 0)
    groups = torch.arange(start, start + count).repeat_interleave(GROUP)
    members = torch.arange(GROUP).repeat(count)
    x = _digits(groups % CLASSES, GROUP * (groups // CLASSES) + members, split)
    return x.reshape(count, GROUP, *x.shape[-2:])


def _digits(classes: Tensor, places: Tensor, split: str) -> Tensor:
    """Return the digits (N, 1, 32, 32) of some classes (N,) at some places (N,) of their class."""
    if not isinstance(split, str) or split not in ("train", "tune", "test"):
        raise ValueError(f"There is no split {split!r} of the digits; expected one of train, tune, test.")
    x, members = _split(split)
    fewest = min(len(of_class) for of_class in members)
    if int(places.max()) >= fewest:
        raise ValueError(
            f"Digit {int(places.max())} of a class was asked for; the smallest class of {split!r} has {fewest}."
        )
    chosen = torch.stack([members[c][k] for c, k in zip(classes.tolist(), places.tolist())])
    return CONTRAST * F.pad(x[chosen], [_BORDER] * 4)


@cache
def _split(split: str) -> tuple[Tensor, list[Tensor]]:
    """Return the digits of a split, and the places of each class among them."""
    x, labels = mnist("test" if split == "test" else "train")
    if split != "test":
        part = slice(-_TUNE, None) if split == "tune" else slice(0, -_TUNE)
        x, labels = x[part], labels[part]
    return x, [(labels == c).nonzero()[:, 0] for c in range(CLASSES)]
