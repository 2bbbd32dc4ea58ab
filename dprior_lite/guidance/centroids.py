"""The centroid of a class: the mean of the features of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.gates.numbers import kind_of, require_kind, require_number
from dprior_lite.guidance.features import Features, features, of_one_kind
from dprior_lite.nets.guided import GuidedUNet

Name = str | int | float


@dataclass(frozen=True)
class Centroids:
    """The centroids of K classes.

    Attributes
    ----------
    features : Features
        Of the classes, K rows.
    names : tuple
        One a class: texts or numbers.
    counts : tuple of int
        Pictures behind each.
    """

    features: Features
    names: tuple[Name, ...]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.names)

    def of(self, name: Name) -> Features:
        """Return the centroid of one class, one row.

        Raises
        ------
        ValueError
            If there is no such class.

        Examples
        --------
        >>> found = centroids(GuidedUNet((4, 8)), torch.rand(4, 1, 8, 8), torch.tensor([0, 1, 0, 1]), ["a", "b"])
        >>> found.of("c")
        Traceback (most recent call last):
        ValueError: There is no class 'c'; there are 'a', 'b'.
        """
        if name not in self.names:
            raise ValueError(f"There is no class {name!r}; there are {', '.join(map(repr, self.names))}.")
        k = self.names.index(name)
        return replace(self.features, values=self.features.values[k : k + 1])


def centroids(net: GuidedUNet, x: Tensor, classes: Tensor, names: Sequence[Name] | None = None) -> Centroids:
    """Return the mean features of every class, from clean pictures.

    Parameters
    ----------
    net : GuidedUNet
        Network.
    x : Tensor
        Pictures (N, C, H, W) in [0, 1].
    classes : Tensor
        The class of each, (N,): whole numbers from 0 to K - 1.
    names : sequence, optional
        What the K classes are called; 0 to K - 1 by default.

    Raises
    ------
    TypeError, ValueError
        If `classes` does not say the class of every picture, or a class has fewer than two pictures.

    Examples
    --------
    >>> found = centroids(GuidedUNet((4, 8)), torch.zeros(4, 1, 8, 8), torch.tensor([0, 1, 0, 1]), ["a", "b"])
    >>> found.of("b").values.shape, found.counts
    (torch.Size([1, 16]), (2, 2))
    """
    found = features(net, x)
    if not isinstance(classes, Tensor) or classes.shape != (len(x),) or classes.is_floating_point():
        raise TypeError(f"classes is {kind_of(classes)}; expected whole numbers ({len(x)},), one a picture.")
    names = tuple(range(int(classes.max()) + 1)) if names is None else tuple(names)
    if not 0 <= int(classes.min()) <= int(classes.max()) < len(names):
        raise ValueError(
            f"classes are from {int(classes.min())} to {int(classes.max())}; expected 0 to {len(names) - 1}, one of the"
            f" {len(names)} names."
        )
    counts = torch.bincount(classes, minlength=len(names))  # (K,)
    if int(counts.min()) < 2:
        k = int(counts.argmin())
        raise ValueError(
            f"The class {names[k]!r} has {int(counts[k])} picture{'' if counts[k] == 1 else 's'}; expected at least 2."
            " In a class of one, the picture would be its own partner."
        )
    means = torch.stack([found.values[classes == k].mean(0) for k in range(len(names))])  # (K, F)
    return Centroids(replace(found, values=means), names, tuple(counts.tolist()))


def between(a: Features, b: Features, weight: float) -> Features:
    """Return the features on the straight way from `a` to `b`: `(1 - weight) a + weight b`.

    Parameters
    ----------
    a, b : Features
        Of the same blocks of one network, of as many rows.
    weight : float
        0 gives a, 1 gives b.

    Examples
    --------
    >>> found = features(GuidedUNet((4, 8)), torch.rand(2, 1, 8, 8))
    >>> a, b = (replace(found, values=found.values[[k]]) for k in range(2))
    >>> torch.equal(between(a, b, 1.0).values, b.values)
    True
    """
    of_one_kind([a, b])
    weight = require_number(weight, "weight")
    if a.values.shape != b.values.shape:
        raise ValueError(f"a has {len(a)} rows and b {len(b)}; expected as many.")
    return replace(require_kind(a, Features, "a"), values=(1 - weight) * a.values + weight * b.values)
