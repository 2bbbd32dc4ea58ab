"""How far reconstructions are from a picture, in units of how far unrelated pictures are, and how many are distinct."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import require_number

__all__ = ["distance_ratio", "distinct"]


def distance_ratio(a: Tensor, b: Tensor, others: Tensor) -> Tensor:
    """Return the distance of each pair over the mean distance of `b` to unrelated items, (B,) in float64.

    0 for equal items, about 1 for items that are as unrelated as the others.

    Parameters
    ----------
    a, b : Tensor
        Pictures or features (B, ...); pair i is a[i] and b[i].
    others : Tensor
        Unrelated items (N, ...), none of them among `b`.

    Raises
    ------
    TypeError, ValueError
        If they are no batches of one shape, or an item of `b` equals all others.

    Examples
    --------
    >>> distance_ratio(torch.tensor([[1.0]]), torch.tensor([[0.0]]), torch.tensor([[4.0], [-4.0]])).tolist()
    [0.25]
    """
    a, b, others = (require_batch(v, name).detach() for v, name in ((a, "a"), (b, "b"), (others, "others")))
    if a.shape != b.shape or b.shape[1:] != others.shape[1:]:
        shapes = ", ".join(str(tuple(v.shape)) for v in (a, b, others))
        raise ValueError(f"a, b and others have shapes {shapes}; expected pairs, and others of the same shape.")
    flat, far = b.flatten(1).double(), others.flatten(1).double()
    unit = torch.cdist(flat, far).mean(1)  # (B,)
    if not bool((unit > 0).all()):
        raise ValueError("An item of b equals all others, so there is no unit of distance; give unrelated others.")
    return (a.flatten(1).double() - flat).norm(dim=1) / unit


def distinct(x: Tensor, unit: float, least: float = 0.4) -> int:
    """Return how many items differ from each other by at least a share of a unit of distance.

    The first is counted, and each later one that is far from all that were counted before it.

    Parameters
    ----------
    x : Tensor
        Items (B, ...).
    unit : float
        A distance, such as the mean distance of unrelated items.
    least : float
        Share of the unit.

    Raises
    ------
    TypeError, ValueError
        If `x` is no batch, or a number is not above 0.

    Examples
    --------
    >>> distinct(torch.tensor([[0.0], [0.1], [1.0], [1.1]]), unit=1.0)
    2
    """
    x = require_batch(x, "x").detach().flatten(1).double()
    unit, least = require_number(unit, "unit", above=0), require_number(least, "least", above=0)
    far = torch.cdist(x, x) >= least * unit  # (B, B)
    kept: list[int] = []
    for i in range(len(x)):
        if all(bool(far[i, j]) for j in kept):
            kept.append(i)
    return len(kept)
