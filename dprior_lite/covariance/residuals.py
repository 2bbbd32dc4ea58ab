"""A linear equation by conjugate residuals: matrix-free, item by item, and safe for a matrix that is no covariance."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.gates.levels import as_picture, require_batch
from dprior_lite.gates.numbers import kind_of, require_whole

MOST_ITERATIONS = 10_000


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).flatten(1).sum(1)  # (B,)


def _asked(image: Callable[[Tensor], tuple[Tensor, Tensor]], p: Tensor) -> tuple[Tensor, Tensor]:
    """Return the two parts of `image(p)`, or say what it returned in their place."""
    pair = image(p) if callable(image) else image
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(v, Tensor) for v in pair):
        raise TypeError(
            f"image gives {kind_of(pair)}; expected a function from p to a pair of tensors, S p and a move."
        )
    if pair[0].shape != p.shape or len(pair[1]) != len(p):
        raise ValueError(f"image gives S p as {kind_of(pair[0])} for p, {kind_of(p)}; expected one shape.")
    if not bool(pair[0].isfinite().all() & pair[1].isfinite().all()):
        raise FloatingPointError("J v holds NaN or infinite values; expected finite ones. Run check_denoiser.")
    return pair


def conjugate_residuals(
    image: Callable[[Tensor], tuple[Tensor, Tensor]], gap: Tensor, iterations: int
) -> tuple[Tensor, Tensor]:
    """Return what moves by the solution `u` of `S u = gap`, and what is left of the gap, item by item.

    For a symmetric S these are conjugate residuals (Stiefel 1955); for another S generalised ones (Eisenstat, Elman
    and Schultz 1983). What is left never grows, whatever S is. A direction that S turns round (a negative variance) or
    shrinks to rounding is left alone.

    Parameters
    ----------
    image : callable
        From a direction `p` like `gap` to `S p`, and to what moves by it; both linear in `p`.
    gap : Tensor
        Right side (B, ...).
    iterations : int
        How often `image` is asked. As many as the gap has numbers solve it, up to rounding.

    Returns
    -------
    Tensor, Tensor
        What moves by `u`, and `gap - S u`.

    Raises
    ------
    TypeError, ValueError
        If `gap` is no batch of finite numbers, `iterations` no whole number from 1 on, or `image` no such function.
    FloatingPointError
        If `image` returns NaN or infinite values.

    Examples
    --------
    >>> double = lambda p: (torch.tensor([2.0, 4.0]) * p, p)
    >>> conjugate_residuals(double, torch.tensor([[2.0, 8.0]]), 2)[0]
    tensor([[1.0000, 2.0000]])
    """
    iterations = require_whole(iterations, "iterations", 1, MOST_ITERATIONS)
    rounding = torch.finfo(require_batch(gap, "gap").dtype).eps
    left, total, earlier = gap, 0.0, []
    for _ in range(iterations):
        changed, moved = _asked(image, left)
        before = _dot(changed, changed)

        # make the change orthogonal to the earlier ones
        for other, other_moved in earlier:
            along = as_picture(_dot(changed, other), gap)
            changed, moved = changed - along * other, moved - as_picture(along.flatten(), moved) * other_moved

        # take the length that leaves the least, none along a negative variance
        size = _dot(changed, changed)
        good = (size > rounding * before) & (size > rounding**2 * _dot(left, left))
        unit = torch.where(good, size, 1).rsqrt() * good
        changed, moved = as_picture(unit, gap) * changed, as_picture(unit, moved) * moved
        length = _dot(left, changed).clamp(min=0)
        left, total = left - as_picture(length, gap) * changed, total + as_picture(length, moved) * moved
        earlier.append((changed, moved))
    return total, left
