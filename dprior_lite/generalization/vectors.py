"""Pictures as vectors in float64, a block at a time, with or without their mean."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import require_whole

BLOCK = 1024  # pictures of one set that are compared at once
ROUNDING = 10  # of the last digit: a picture with less contrast than that is constant


def blocks(x: Tensor, block: int, name: str = "x") -> Iterator[tuple[int, Tensor]]:
    """Yield the place of the first picture, and pictures (b, ...), for `block` pictures of `x` at a time.

    Every block is checked to be finite when its turn comes.

    Examples
    --------
    >>> [(first, len(part)) for first, part in blocks(torch.zeros(5, 2), 3)]
    [(0, 3), (3, 2)]
    """
    block = require_whole(block, "block")
    require_batch(x, name, values=False)
    for first in range(0, len(x), block):
        yield first, require_batch(x[first : first + block], name)


def same_pictures(a: Tensor, b: Tensor, of_a: str, of_b: str, paired: bool = False) -> None:
    """Refuse two sets of pictures unless all pictures have one shape and lie on one device.

    Parameters
    ----------
    a, b : Tensor
        Pictures (A, ...) and (B, ...), or points, of any scale.
    of_a, of_b : str
        What errors call them.
    paired : bool
        Whether there must be equally many.

    Raises
    ------
    TypeError, ValueError
        If they are no batches, or differ.

    Examples
    --------
    >>> same_pictures(torch.zeros(2, 4), torch.zeros(3, 4), "a", "b")
    """
    for v, name in ((a, of_a), (b, of_b)):
        require_batch(v, name, values=False)
    if a.shape[1:] != b.shape[1:] or (paired and len(a) != len(b)):
        which = "one picture of each a pair" if paired else "pictures of one shape"
        raise ValueError(f"{of_a} has shape {tuple(a.shape)} and {of_b} {tuple(b.shape)}; expected {which}.")
    if a.device != b.device:
        raise ValueError(f"{of_a} is on {a.device} and {of_b} on {b.device}; expected one device. Use {of_b}.to(...).")


def unit_vectors(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return pictures without their mean as vectors of length 1, and which pictures are constant.

    Parameters
    ----------
    x : Tensor
        Pictures (B, ...).

    Returns
    -------
    Tensor, Tensor
        (B, d) in float64, zero for a constant picture, and (B,). A picture is constant if its contrast is no more than
        the rounding of its values.

    Examples
    --------
    >>> unit_vectors(torch.tensor([[1.0, 3.0], [0.1, 0.1]]))
    (tensor([[-0.7071,  0.7071],
            [ 0.0000,  0.0000]], dtype=torch.float64), tensor([False,  True]))
    """
    v = x.detach().flatten(1).double()  # (B, d)
    least = ROUNDING * torch.finfo(x.dtype).eps * v.abs().amax(1) * v.shape[1] ** 0.5  # (B,)
    v = v - v.mean(1, keepdim=True)
    length = v.norm(dim=1)  # (B,)
    constant = ~(length > least)
    return v / length.masked_fill(constant, torch.inf)[:, None], constant


def directions(x: Tensor, name: str, first: int = 0) -> Tensor:
    """Return pictures (B, ...) without their mean as vectors of length 1, (B, d), or refuse constant ones.

    `first` is the place of the first picture in its set; an error names the place of a constant picture.

    Raises
    ------
    ValueError
        If a picture is constant: without its mean nothing is left to compare.

    Examples
    --------
    >>> directions(torch.ones(1, 4), "x")
    Traceback (most recent call last):
    ValueError: Picture 0 of x is constant: without its mean nothing is left to compare. Remove it, or ...
    """
    v, constant = unit_vectors(x)
    if bool(constant.any()):
        raise ValueError(
            f"Picture {first + int(constant.nonzero()[0])} of {name} is constant: without its mean nothing is left to"
            " compare. Remove it, or use distances or the raw cosine."
        )
    return v
