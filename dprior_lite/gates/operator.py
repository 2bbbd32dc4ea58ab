"""The gate for operators: linear, each item by itself, a true adjoint, and solutions that agree with m.

Functions are tried on Gaussian probes from a generator of their own, so no random stream of a caller moves. What an
operator is handed is always a copy, made where the operator is called.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Linear = Callable[[Tensor], Tensor]

CLOSE, TINY = 1e-4, 1e-30  # relative errors of float32 allow for this much
SHARE, STRAY = 0.05, 0.25  # of averages out of range, and how far one may be: noise that was not declared
EXACT = {torch.float32: 1e-4, torch.float64: 1e-8}  # of the largest measurement: agreement that is promised


def inner(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner products of the items of two batches, (B,), float64 on the CPU.

    Examples
    --------
    >>> inner(torch.ones(2, 3), torch.ones(2, 3))
    tensor([3., 3.], dtype=torch.float64)
    """
    return (a.flatten(1).cpu().double() * b.flatten(1).cpu().double()).sum(1)


def worst(difference: Tensor, *sizes: Tensor) -> float:
    """Return the largest of the differences (B,), each relative to the largest of its sizes (B,).

    Examples
    --------
    >>> worst(torch.tensor([1.0, 1.0]), torch.tensor([2.0, 4.0]))
    0.5
    """
    return float((difference.abs() / torch.stack(sizes).amax(0).clamp(min=TINY)).max())


def require_linear(A: Linear, x: Tensor, y: Tensor, name: str = "forward") -> None:
    """Refuse a function that is not linear, on probes `x` and `y` (B, ...).

    Raises
    ------
    ValueError
        If `A(2 x - 3 y)` is not `2 A(x) - 3 A(y)`.

    Examples
    --------
    >>> require_linear(lambda v: 2 * v, torch.ones(2, 3), torch.ones(2, 3))
    """
    both, apart = A(2 * x - 3 * y), 2 * A(x) - 3 * A(y)
    if not (both - apart).norm() <= CLOSE * apart.norm() + TINY:
        raise ValueError(
            f"{name} is not linear: A(2 x - 3 y) is not 2 A(x) - 3 A(y). Is a constant added,"
            " or a value clipped? Give its linear part."
        )


def require_items_apart(A: Linear, x: Tensor, name: str = "forward") -> None:
    """Refuse a function whose answer for an item depends on its place in the batch, or on the others.

    Parameters
    ----------
    A : callable
        (B, ...) -> (B, ...).
    x : Tensor
        At least three probes (B, ...).
    name : str
        What the error calls it.

    Raises
    ------
    ValueError
        If `A(x)[1:2]` is not `A(x[1:2])`, or the last items alone differ from the last items among all.

    Examples
    --------
    >>> masks = torch.eye(3)
    >>> require_items_apart(lambda v: v * masks[: len(v)], torch.ones(3, 3))
    Traceback (most recent call last):
    ValueError: forward treats items by their place in the batch: A(x)[1:2] is not A(x[1:2]). Give each mask ...
    """
    whole = A(x)
    for part in (slice(1, 2), slice(2, None)):
        alone = A(x[part])
        if not (whole[part] - alone).norm() <= CLOSE * whole[part].norm() + TINY:
            raise ValueError(
                f"{name} treats items by their place in the batch: A(x)[1:2] is not A(x[1:2]). Give each mask an"
                " operator of its own and solve item by item."
            )


def adjoint_gap(A: Linear, A_adjoint: Linear, x: Tensor, m: Tensor) -> float:
    """Return how far `<A x, m>` is from `<x, A_adjoint m>`, relative to the larger of `|A x|` and `|A_adjoint m|`.

    Examples
    --------
    >>> adjoint_gap(lambda v: 2 * v, lambda v: 2 * v, torch.ones(1, 3), torch.ones(1, 3))
    0.0
    """
    with torch.no_grad():
        seen, back = A(x), A_adjoint(m)
    return worst(inner(seen, m) - inner(x, back), inner(seen, seen).sqrt(), inner(back, back).sqrt())


def disagreement(seen: Tensor, m: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far measurements of solutions are from those that were given, and which are too far, each (B,).

    Parameters
    ----------
    seen : Tensor
        `A x`, (B, *measured).
    m : Tensor
        What it should be.

    Returns
    -------
    off : Tensor
        Largest difference of each item.
    wrong : Tensor
        bool: above 1e-4 (float32) or 1e-8 (float64) of the largest measurement, or of 1.

    Examples
    --------
    >>> disagreement(torch.zeros(2, 3), torch.tensor([[0.0], [0.5]]).expand(2, 3))
    (tensor([0.0000, 0.5000]), tensor([False,  True]))
    """
    if not m[0].numel():
        return m.new_zeros(len(m)), torch.zeros(len(m), dtype=torch.bool, device=m.device)
    off = (seen - m).flatten(1).abs().amax(1)  # (B,)
    size = m.flatten(1).abs().amax(1).clamp(min=1)  # (B,)
    return off, ~(off <= EXACT.get(m.dtype, 1e-2) * size)


def require_range(m: Tensor, flat: Tensor, low: float, high: float, noise: float) -> None:
    """Refuse averages of pixels that lie outside the range of pictures.

    Parameters
    ----------
    m : Tensor
        Measurements (B, *measured), each a sum of pixels with weights that are not negative.
    flat : Tensor
        Measurements (1, *measured) of a picture of ones: the sum of the weights of each.
    low, high : float
        Range of pictures.
    noise : float
        Standard deviation of the noise in `m`; five of it are allowed for. One average in twenty of a picture may
        be outside, by at most 0.25.

    Raises
    ------
    ValueError
        With a guess at the scale of the pictures.

    Examples
    --------
    >>> require_range(torch.zeros(1, 2), torch.ones(1, 2), -0.5, 1.5, 0.0)
    >>> require_range(torch.full((1, 2), -0.9), torch.ones(1, 2), -0.5, 1.5, 0.0)
    Traceback (most recent call last):
    ValueError: m holds averages of pixels from -0.9 to -0.9; expected those of pictures in [0, 1]. Were the ...
    """
    counted = (flat > TINY).expand_as(m)
    if not bool(counted.any()):
        return
    means, margin = m / flat.clamp(min=TINY), 5 * noise / flat.clamp(min=TINY)
    too_low, too_high = low - margin - means, means - high - margin
    beyond = torch.maximum(too_low, too_high).masked_fill(~counted, -1.0).flatten(1)  # (B, k)
    means = means[counted]
    if bool(((beyond > 0).double().mean(1) > SHARE).any() | (beyond > STRAY).any()):
        least, most = float(means.min()), float(means.max())
        signed = -1.05 <= least and most <= 1.05
        guess = "Were the pictures in [-1, 1]? Use (x + 1) / 2 before measuring." if signed else "Rescale the pictures."
        if most > high and least >= low:
            guess = "Were they 0..255? Divide 8-bit measurements by 255."
        raise ValueError(
            f"m holds averages of pixels from {least:.3g} to {most:.3g}; expected those of pictures in [0, 1]. {guess}"
        )
