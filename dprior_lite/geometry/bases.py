"""Orthonormal bases: shrinkage in one, the angles between two subspaces, and random ones as a control.

Vectors are rows (n, d), or in the shape of pictures (n, C, H, W) as `symmetric_eigenbasis` and `top_singular` return
them. Rows that are not orthonormal are refused: angles and shares would be wrong without a sign of it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import kind_of, require_generator, require_whole
from dprior_lite.geometry.jacobians import single

__all__ = ["principal_cosines", "random_basis", "shrinkage", "shrinkage_error"]

ORTHONORMAL = 1e-3  # largest error of an inner product of two rows


def shrinkage(y: Tensor, values: Tensor, vectors: Tensor) -> Tensor:
    """Return `sum_k lambda_k <y, e_k> e_k`, (B, C, H, W): pictures shrunk in an orthonormal basis.

    Parameters
    ----------
    y : Tensor
        Pictures (B, C, H, W).
    values : Tensor
        Factors (n,), one a vector.
    vectors : Tensor
        (n, C, H, W), orthonormal.

    Raises
    ------
    ValueError
        If the vectors are not orthonormal, or numbers or sizes differ.

    Examples
    --------
    >>> shrinkage(torch.ones(1, 1, 1, 2), torch.tensor([1.0, 0.5]), torch.eye(2).reshape(2, 1, 1, 2))
    tensor([[[[1.0000, 0.5000]]]])
    """
    y, rows = require_batch(y), _orthonormal(vectors, "vectors")
    if not isinstance(values, Tensor) or values.shape != (len(rows),) or values.dtype != rows.dtype:
        raise ValueError(f"values is {kind_of(values)} for {len(rows)} vectors; expected one factor a vector.")
    if not bool(values.isfinite().all()):
        raise ValueError("values holds NaN or infinite numbers; expected finite factors.")
    _same_length(y.flatten(1), rows, "y", "vectors")
    return ((y.flatten(1) @ rows.mT) * values @ rows).reshape(y.shape)


def shrinkage_error(x_hat: Tensor, y: Tensor, values: Tensor, vectors: Tensor) -> Tensor:
    """Return `|sum_k lambda_k <y, e_k> e_k - x_hat| / |x_hat|` of each picture, (B,).

    Parameters
    ----------
    x_hat : Tensor
        What the denoiser makes of `y`, (B, C, H, W).
    y, values, vectors
        As in `shrinkage`.

    Examples
    --------
    >>> y, basis = torch.ones(1, 1, 1, 2), torch.eye(2).reshape(2, 1, 1, 2)
    >>> shrinkage_error(0.5 * y, y, torch.tensor([0.5, 0.0]), basis)
    tensor([0.7071])
    """
    shrunk = shrinkage(y, values, vectors)
    if require_batch(x_hat, "x_hat").shape != y.shape or x_hat.dtype != y.dtype:
        raise ValueError(f"x_hat is {kind_of(x_hat)} and y {kind_of(y)}; expected one shape and dtype.")
    size = x_hat.flatten(1).norm(dim=1)
    if not bool((size > 0).all()):
        raise ValueError("x_hat is zero everywhere, so there is no relative error; expected a denoised picture.")
    return (shrunk - x_hat).flatten(1).norm(dim=1) / size


def principal_cosines(a: Tensor, b: Tensor) -> Tensor:
    """Return the cosines of the principal angles between two subspaces, (min(m, n),), falling.

    They are the singular values of `a b^T` (Björck & Golub 1973). The mean of their squares, over the smaller subspace,
    is `containment(a, b).square().mean()`, and `chance(n, d)` squared for random ones.

    Parameters
    ----------
    a, b : Tensor
        (m, d) and (n, d), orthonormal rows; vectors in the shape of pictures are flattened.

    Raises
    ------
    ValueError
        If the rows are not orthonormal, or of two lengths or dtypes.

    Examples
    --------
    >>> principal_cosines(torch.eye(3)[:2], torch.eye(3)[1:])
    tensor([1., 0.])
    """
    rows, others = _orthonormal(a, "a"), _orthonormal(b, "b")
    _same_length(rows, others, "a", "b")
    return torch.linalg.svdvals(rows @ others.mT).clamp(max=1)


def random_basis(n: int, like: Tensor, generator: torch.Generator) -> Tensor:
    """Return `n` random orthonormal vectors of the shape, dtype and device of one picture: a control.

    Parameters
    ----------
    n : int
        How many, at most d.
    like : Tensor
        One picture (1, C, H, W) with d numbers.
    generator : torch.Generator
        Of the vectors, uniform over all orthonormal sets.

    Examples
    --------
    >>> random_basis(3, torch.zeros(1, 1, 4, 4), torch.Generator().manual_seed(0)).shape
    torch.Size([3, 1, 4, 4])
    """
    item = single(like)
    n = require_whole(n, "n", 1, item.numel(), "There are no more orthogonal directions than pixels.")
    require_generator(generator)
    drawn = torch.randn(item.numel(), n, generator=generator, device=generator.device, dtype=item.dtype)
    columns, triangle = torch.linalg.qr(drawn.to(item))
    # without the signs the set would not be uniform
    return (columns * triangle.diagonal().sign()).mT.reshape(n, *item.shape)


def _orthonormal(vectors: Tensor, name: str) -> Tensor:
    """Return vectors (n, ...) as rows (n, d), or refuse rows that are not orthonormal."""
    rows = require_batch(vectors, name).flatten(1)
    gram = (rows @ rows.mT).detach()  # (n, n)
    off = float((gram - torch.eye(len(rows), dtype=rows.dtype, device=rows.device)).abs().max())
    if not off <= ORTHONORMAL:
        raise ValueError(
            f"The {len(rows)} rows of {name} are not orthonormal: an inner product is off by {off:.2g}. Give an"
            " orthonormal basis, such as torch.linalg.qr(rows.mT)[0].mT."
        )
    return rows


def _same_length(a: Tensor, b: Tensor, name_a: str, name_b: str) -> None:
    if a.shape[1] != b.shape[1] or a.dtype != b.dtype:
        raise ValueError(
            f"{name_a} has rows of {a.shape[1]} numbers in {a.dtype}, {name_b} of {b.shape[1]} in {b.dtype}; expected"
            " one length and dtype."
        )
