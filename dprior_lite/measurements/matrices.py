"""Orthonormal measurement matrices: K rows of length d, kept orthonormal while they are trained.

A picture x of d numbers is measured as `m = M x`, and `M Mᵀ = 1`. The rows are a product of K Householder reflections
of free numbers (`torch.nn.utils.parametrizations.orthogonal`), so that any gradient step leaves them orthonormal. The
first k rows depend on the first k reflections alone, so a part of the rows is a smaller matrix of the same kind.

Of two matrices with the same row space every decoder of this package makes the same picture, since it depends on M only
through the projection `Mᵀ M`. So compare the spaces (`geometry.principal_cosines`), or rotate first (`principal_axes`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import orthogonal

from dprior_lite.gates.levels import float32_on_cpu, require_batch
from dprior_lite.gates.numbers import kind_of, require_shape
from dprior_lite.operators import Matrix

ORTHONORMAL = 1e-5  # how far M Mᵀ may be from 1, at any entry


def orthonormality_error(rows: Tensor) -> float:
    """Return the largest entry of `abs(M Mᵀ - 1)`, computed in float64.

    Parameters
    ----------
    rows : Tensor
        (K, d).

    Raises
    ------
    TypeError, ValueError
        If `rows` is no matrix of finite numbers.

    Examples
    --------
    >>> orthonormality_error(torch.eye(3)[:2]), orthonormality_error(2 * torch.eye(3)[:1])
    (0.0, 3.0)
    """
    rows = require_batch(rows, "rows", 2).detach().double()  # (K, d)
    return float((rows @ rows.mT - torch.eye(len(rows), dtype=rows.dtype, device=rows.device)).abs().max())


def orthonormalized(rows: Tensor) -> Tensor:
    """Return orthonormal rows (K, d) that span what the given ones span.

    Orthonormal rows come back as they are.

    Parameters
    ----------
    rows : Tensor
        (K, d) with 1 <= K <= d, of rank K.

    Raises
    ------
    TypeError, ValueError
        If `rows` is no such matrix: no rows, more rows than numbers in a picture, or a rank below K.

    Examples
    --------
    >>> orthonormalized(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    >>> orthonormalized(torch.ones(2, 3))
    Traceback (most recent call last):
    ValueError: rows has rank 1; expected 2, one a row. Remove the rows that are combinations of others.
    """
    _require_matrix(rows)
    wide = rows.detach().double()  # (K, d)
    values = torch.linalg.svdvals(wide)  # (K,)
    rank = int((values > max(wide.shape) * torch.finfo(rows.dtype).eps * values[0]).sum())
    if rank < len(rows):
        raise ValueError(
            f"rows has rank {rank}; expected {len(rows)}, one a row. Remove the rows that are combinations of others."
        )
    q, r = torch.linalg.qr(wide.mT)  # (d, K), (K, K)
    return (q * r.diagonal().sign()).mT.to(rows.dtype).contiguous()


def _require_matrix(rows: Tensor) -> None:
    """Refuse what is no matrix with 1 to d rows."""
    if isinstance(rows, Tensor) and rows.ndim == 2 and not len(rows):
        raise ValueError(f"rows has shape {tuple(rows.shape)}: no measurement; expected at least one row.")
    k, d = require_batch(rows, "rows", 2).shape
    if k > d:
        raise ValueError(
            f"rows has {k} rows of {d} numbers; expected at most {d} measurements, since more cannot be orthonormal."
        )


def require_rows(rows: Tensor, d: int) -> Tensor:
    """Return `rows` if it is an orthonormal matrix for pictures of `d` numbers, or say what it is.

    Raises
    ------
    TypeError, ValueError
        If it is not (K, d), or `abs(M Mᵀ - 1)` exceeds 1e-5 somewhere.

    Examples
    --------
    >>> require_rows(torch.eye(3), 4)
    Traceback (most recent call last):
    ValueError: rows has 3 numbers a row and the pictures have 4; expected one number a pixel and channel.
    """
    _require_matrix(rows)
    if rows.shape[1] != d:
        raise ValueError(
            f"rows has {rows.shape[1]} numbers a row and the pictures have {d}; expected one number a pixel and"
            " channel."
        )
    error = orthonormality_error(rows)
    if not error <= ORTHONORMAL:
        raise ValueError(
            f"rows is not orthonormal: M Mᵀ differs from 1 by {error:.2g}; expected at most {ORTHONORMAL:g}. Use"
            " orthonormalized(rows)."
        )
    return rows


class MeasurementMatrix(nn.Module):
    """K orthonormal measurements of pictures (C, H, W), with trainable rows.

    Parameters
    ----------
    rows : Tensor
        Start (K, d), d = C H W, such as `pca_rows` or `random_rows`; orthonormalised first.
    shape : sequence of three int
        (C, H, W) of a picture.

    Raises
    ------
    TypeError, ValueError
        If there are no rows, more rows than numbers in a picture, rows of another length, or the rank is below K.

    Examples
    --------
    >>> matrix = MeasurementMatrix(torch.tensor([[3.0, 4.0]]), (1, 1, 2))
    >>> matrix.rows
    tensor([[0.6000, 0.8000]], grad_fn=...)
    >>> matrix(torch.ones(1, 1, 1, 2))
    tensor([[1.4000]], grad_fn=...)
    """

    def __init__(self, rows: Tensor, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = require_shape(shape, dims=3)
        start, d = orthonormalized(rows), math.prod(self.shape)
        if start.shape[1] != d:
            raise ValueError(
                f"rows has {start.shape[1]} numbers a row; expected {d}, one a number of a picture {self.shape}."
            )
        with float32_on_cpu():
            layer = nn.Linear(d, len(start), bias=False).to(start)
        self.layer = orthogonal(layer, orthogonal_map="householder")
        self.layer.weight = start

    @property
    def rows(self) -> Tensor:
        """The rows (K, d), differentiable in the free numbers behind them."""
        return self.layer.weight

    @property
    def k(self) -> int:
        """How many numbers are measured of one picture."""
        return self.layer.out_features

    def forward(self, x: Tensor) -> Tensor:
        """Measure pictures `x` (B, C, H, W); returns (B, K)."""
        return measured(self.rows, x)

    def operator(self) -> Matrix:
        """Return the operator of the present rows, for `inverse.solve`."""
        return Matrix(self.rows, self.shape)

    def extra_repr(self) -> str:
        """Say the two shapes where the matrix is printed."""
        return f"{self.shape} -> ({self.k},)"


def measured(rows: Tensor, x: Tensor) -> Tensor:
    """Return the measurements `M x` of each picture, (B, K); differentiable in both.

    Parameters
    ----------
    rows : Tensor
        (K, d).
    x : Tensor
        Pictures (B, C, H, W) with d = C H W, of the dtype of `rows`.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other, or hold NaN or infinite values.

    Examples
    --------
    >>> measured(torch.tensor([[0.0, 1.0]]), torch.tensor([[[[2.0, 3.0]]]]))
    tensor([[3.]])
    """
    require_batch(x, "x", 4)
    require_batch(rows, "rows", 2)
    return products(rows, x)


def products(rows: Tensor, x: Tensor) -> Tensor:
    """Return `M x` of each picture or state, (B, K), whatever its values are.

    NaN passes, since a training watches its own loss.

    Examples
    --------
    >>> products(torch.tensor([[0.0, 1.0]]), torch.tensor([[[[2.0, 3.0]]]]))
    tensor([[3.]])
    """
    if x[0].numel() != rows.shape[1] or x.dtype != rows.dtype or x.device != rows.device:
        raise ValueError(
            f"x is {kind_of(x)} on {x.device} and rows {kind_of(rows)} on {rows.device}; expected one number a pixel"
            " and channel in each row, one dtype and one device."
        )
    return x.flatten(1) @ rows.mT  # (B, K)
