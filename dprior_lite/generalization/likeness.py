"""How alike two pictures are, and which training picture is nearest.

The correlation takes the mean of each picture away first. The raw cosine does not, and of pictures in [0, 1] it is
large for strangers too: all of them are bright. So a number of either kind says which it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.generalization.vectors import BLOCK, blocks, directions, same_pictures

TIE = 1e-12  # correlations, or relative distances, that differ by less are equal: rounding does not choose
KINDS = ("correlation", "distance")


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean-removed correlation of each pair of pictures, -1 to 1, (B,) in float64.

    It does not change when a picture is made brighter or gets more contrast.

    Parameters
    ----------
    a, b : Tensor
        Pictures (B, ...) of any scale; pair i is a[i] and b[i].

    Raises
    ------
    TypeError, ValueError
        If they are no batches of one shape, are not finite, or hold a constant picture, of which no correlation is
        defined.

    Examples
    --------
    >>> a = torch.tensor([[0.0, 0.5, 1.0]])
    >>> round(float(correlation(a, 0.2 * a + 0.7)), 6), round(float(correlation(a, 1 - a)), 6)
    (1.0, -1.0)
    """
    same_pictures(a, b, "a", "b", paired=True)
    inner = directions(require_batch(a, "a"), "a") * directions(require_batch(b, "b"), "b")  # (B, d)
    return inner.sum(1).clamp(-1, 1)


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Return the raw cosine between the pictures of each pair, their means included, (B,) in float64.

    Parameters
    ----------
    a, b : Tensor
        Pictures (B, ...) of any scale.

    Raises
    ------
    TypeError, ValueError
        If they are no batches of one shape, are not finite, or hold a picture of zeros, of which no cosine is defined.

    Examples
    --------
    >>> a, b = torch.tensor([[0.9, 1.0]]), torch.tensor([[1.0, 0.9]])  # bright, and opposite without their means
    >>> round(float(cosine(a, b)), 3), round(float(correlation(a, b)), 3)
    (0.994, -1.0)
    """
    same_pictures(a, b, "a", "b", paired=True)
    unit = []
    for v, name in ((a, "a"), (b, "b")):
        flat = require_batch(v, name).detach().flatten(1).double()  # (B, d)
        flat = flat / flat.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
        length = flat.norm(dim=1, keepdim=True)  # (B, 1)
        if not bool((length > 0).all()):
            raise ValueError(f"{name} holds a picture of zeros, of which no cosine is defined. Remove it.")
        unit.append(flat / length)
    return (unit[0] * unit[1]).sum(1).clamp(-1, 1)


def mismatched(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean-removed correlations of all pairs a[i], b[j] with different i and j, (B (B - 1),).

    This is the baseline of a comparison of pairs: what pictures have in common that do not belong together.

    Parameters
    ----------
    a, b : Tensor
        Pictures (B, ...), at least two.

    Raises
    ------
    TypeError, ValueError
        As `correlation`; also for a single pair.

    Examples
    --------
    >>> a = torch.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
    >>> correlation(a, a).round(decimals=6).tolist(), mismatched(a, a).round(decimals=6).tolist()
    ([1.0, 1.0], [-1.0, -1.0])
    """
    same_pictures(a, b, "a", "b", paired=True)
    if len(a) < 2:
        raise ValueError(f"a has shape {tuple(a.shape)}; expected at least two pictures, to pair each with others.")
    table = directions(require_batch(a, "a"), "a") @ directions(require_batch(b, "b"), "b").mT  # (B, B)
    return table[~torch.eye(len(a), dtype=torch.bool, device=a.device)].clamp(-1, 1)


@dataclass(frozen=True)
class Nearest:
    """The nearest training picture of each picture.

    Attributes
    ----------
    index : Tensor
        Its place in the training set, (B,).
    value : Tensor
        The correlation with it, or the distance to it, (B,) in float64.
    """

    index: Tensor
    value: Tensor


def nearest(x: Tensor, training: Tensor, by: str = "correlation", block: int = BLOCK) -> Nearest:
    """Return the nearest training picture of each picture of `x`.

    Parameters
    ----------
    x : Tensor
        Pictures (B, ...) of any scale.
    training : Tensor
        Training pictures (N, ...); any N.
    by : {"correlation", "distance"}
        The largest mean-removed correlation, or the smallest Euclidean distance.
    block : int
        Pictures of either set that are compared at once; the working memory is about `16 block d + 32 block²` bytes.

    Returns
    -------
    Nearest
        Of training pictures that are equally near, the first.

    Raises
    ------
    TypeError, ValueError
        If the pictures have different shapes or are not finite; by correlation, also if a picture is constant.

    Examples
    --------
    >>> training = torch.eye(3)
    >>> found = nearest(2 * training[1:2] + 1, training)
    >>> int(found.index), round(float(found.value), 6)
    (1, 1.0)
    >>> nearest(training[:1] + 0.3, training, by="distance").value
    tensor([0.5196], dtype=torch.float64)
    """
    if by not in KINDS:
        raise ValueError(f"by is {by!r}; expected one of {', '.join(KINDS)}.")
    same_pictures(x, training, "x", "training")
    with torch.no_grad():
        found = [_nearest(part, first, training, by, block) for first, part in blocks(x, block)]
    return Nearest(*(torch.cat(v) for v in zip(*found)))


def _nearest(x: Tensor, first: int, training: Tensor, by: str, block: int) -> tuple[Tensor, Tensor]:
    """Return index and value (B,) for pictures `x` of which the first has the place `first`."""
    near = by == "distance"
    a = x.flatten(1).double() if near else directions(x, "x", first)  # (B, d)
    index = torch.zeros(len(x), dtype=torch.long, device=x.device)  # (B,)
    best = a.new_full((len(x),), -torch.inf)  # larger is nearer
    for start, part in blocks(training, block, "training"):
        score = -distances(a, part) if near else a @ directions(part, "training", start).mT  # (B, n)
        largest = score.amax(1)
        # the first of those that differ by rounding
        place = (score >= (largest - _rounding(largest, near))[:, None]).int().argmax(1)
        value = score.gather(1, place[:, None])[:, 0]
        better = value > best + _rounding(best, near)
        index, best = torch.where(better, start + place, index), torch.where(better, value, best)
    return index, -best if near else best.clamp(-1, 1)


def _rounding(value: Tensor, near: bool) -> Tensor | float:
    return TIE * value.abs().nan_to_num(posinf=0.0) if near else TIE


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Return the Euclidean distances (A, B) of vectors (A, d) and pictures (B, ...), in float64.

    They are summed from differences: a formula with inner products would lose the digits of small ones.

    Examples
    --------
    >>> distances(torch.zeros(1, 2, dtype=torch.float64), torch.tensor([[3.0, 4.0]]))
    tensor([[5.]], dtype=torch.float64)
    """
    return torch.cdist(a, b.flatten(1).double(), compute_mode="donot_use_mm_for_euclid_dist")
