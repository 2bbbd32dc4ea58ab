"""The basis in which a denoiser shrinks: eigenvectors of the symmetric part of its Jacobian, whole or the leading ones.

A network without additive constants is `x_hat = J y`. With J close to symmetric it is nearly shrinkage in a basis of
its own, `x_hat = sum_k lambda_k <y, e_k> e_k`, where lambda_k and e_k are the eigenvalues and eigenvectors of
`(J + J^T) / 2` at the noisy picture y (Kadkhodaie, Guth, Simoncelli & Mallat 2024, section 3). How far J is from
symmetric is reported, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.func import jvp, vjp

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import require_generator, require_number, require_whole
from dprior_lite.geometry.jacobians import MEMORY, jacobian, one, single

__all__ = [
    "Eigenbasis",
    "leading_eigenpairs",
    "symmetric_eigenbasis",
]

MOST_RESTARTS = 1000


@dataclass(frozen=True)
class Eigenbasis:
    """Eigenvalues (d,), falling, eigenvectors (d, C, H, W), orthonormal, and the asymmetry `|J - J^T| / |J|`."""

    values: Tensor
    vectors: Tensor
    asymmetry: float


def symmetric_eigenbasis(net: Denoiser, y: Tensor, chunk: int | None = None, memory: float = MEMORY) -> Eigenbasis:
    """Return all eigenvalues and eigenvectors of `(J + J^T) / 2` at one picture, and how asymmetric J is.

    For pictures of up to about 40 x 40 pixels; `leading_eigenpairs` does larger ones.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        One noisy picture (1, C, H, W) with d numbers.
    chunk : int, optional
        Rows of the Jacobian computed at once; by default as many as fit into `memory` GiB, at most 256.
    memory : float
        About the working memory of the network to use, in GiB; a few matrices of d² numbers come on top.

    Raises
    ------
    FloatingPointError
        If the Jacobian holds NaN or infinite values.

    Examples
    --------
    >>> found = symmetric_eigenbasis(lambda y: y * torch.tensor([1.0, 3.0, 2.0]), torch.zeros(1, 1, 1, 3))
    >>> found.values, found.vectors[0].abs(), found.asymmetry
    (tensor([3., 2., 1.]), tensor([[[0., 1., 0.]]]), 0.0)
    """
    item = single(y)
    full = _finite(jacobian(net, item[None], chunk, memory)[0])  # (d, d)
    size = float(full.norm())
    asymmetry = float((full - full.mT).norm()) / size if size else 0.0
    values, columns = torch.linalg.eigh((full + full.mT) / 2)  # rising
    return Eigenbasis(values.flip(0), columns.mT.flip(0).reshape(-1, *item.shape), asymmetry)


def _finite(v: Tensor) -> Tensor:
    if not bool(v.isfinite().all()):
        raise FloatingPointError("The Jacobian holds NaN or infinite values; expected finite ones: run check_denoiser.")
    return v


def leading_eigenpairs(
    net: Denoiser,
    y: Tensor,
    k: int,
    generator: torch.Generator,
    tolerance: float = 1e-3,
    restarts: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the `k` largest eigenvalues of `(J + J^T) / 2` and their vectors, without forming the Jacobian.

    Lanczos' method with restarts (ARPACK) from a random vector, one product with J and one with J^T a step.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        One noisy picture (1, C, H, W) with d numbers.
    k : int
        How many, at most d. From half of d on the whole basis is computed instead.
    generator : torch.Generator
        Of the first vector.
    tolerance : float
        Relative error of an eigenvalue at which the search ends, at least 1e-6 or so in float32.
    restarts : int
        The most restarts.

    Returns
    -------
    values : Tensor
        (k,), falling.
    vectors : Tensor
        (k, C, H, W), orthonormal.
    error : Tensor
        `|S e - lambda e|` of each, S the symmetric part, (k,): some eigenvalue lies within it.

    Raises
    ------
    FloatingPointError
        If the Jacobian holds NaN or infinite values, or the search does not end within `restarts`.

    Examples
    --------
    >>> scale = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)
    >>> values, vectors, error = leading_eigenpairs(
    ...     lambda y: scale * y, torch.zeros(1, 1, 8, 8), 2, torch.Generator().manual_seed(0)
    ... )
    >>> [round(float(v), 3) for v in 63 * values], bool(error.max() < 1e-2)
    ([63.0, 62.0], True)
    """
    item, net = single(y), network(net)
    d = item.numel()
    require_generator(generator)
    k = require_whole(k, "k", 1, d, f"It counts eigenvalues of a Jacobian of {d} rows.")
    tolerance = require_number(tolerance, "tolerance", above=0, below=1)
    restarts = require_whole(restarts, "restarts", 1, MOST_RESTARTS)
    if 2 * k + 1 >= d:
        whole = symmetric_eigenbasis(net, item[None])
        values, vectors = whole.values[:k], whole.vectors[:k].flatten(1)
    else:
        first = torch.randn(d, generator=generator, device=generator.device, dtype=torch.float32)
        values, vectors = _lanczos(net, item, k, first, tolerance, restarts)
    moved = _symmetric_part(net, item)
    error = torch.stack([(moved(e) - value * e).norm() for value, e in zip(values, vectors)])
    return values, vectors.reshape(k, *item.shape), error


def _symmetric_part(net: Denoiser, item: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the function `v -> (J v + J^T v) / 2` of vectors (d,)."""
    require_gradient(net, item[None])
    pull = vjp(one(net), item)[1]

    def product(v: Tensor) -> Tensor:
        """Return the product (d,) with one vector (d,)."""
        v = v.reshape(item.shape)
        with torch.no_grad():
            return _finite((jvp(one(net), (item,), (v,))[1] + pull(v)[0]).flatten() / 2)

    return product


def _lanczos(
    net: Denoiser, item: Tensor, k: int, first: Tensor, tolerance: float, restarts: int
) -> tuple[Tensor, Tensor]:
    """Return the `k` largest eigenvalues (k,), falling, and their vectors (k, d) as ARPACK finds them."""
    from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

    product, d = _symmetric_part(net, item), item.numel()

    def of_array(v: np.ndarray) -> np.ndarray:
        return product(torch.from_numpy(v.reshape(-1).copy()).to(item)).cpu().numpy()

    kind = np.float64 if item.dtype == torch.float64 else np.float32
    operator = LinearOperator((d, d), of_array, dtype=kind)
    start = first.cpu().numpy().astype(kind)
    try:
        values, columns = eigsh(operator, k, which="LA", v0=start, tol=tolerance, maxiter=restarts)
    except ArpackNoConvergence as error:
        raise FloatingPointError(
            f"{len(error.eigenvalues)} of {k} eigenvalues came within {tolerance:g} after {restarts} restarts; give a"
            " larger tolerance, more restarts, or a smaller k."
        ) from None
    except ArpackError as error:
        raise FloatingPointError(
            f"The search for eigenvalues stopped ({error}); expected a denoiser whose answer changes with y."
        ) from None
    order = np.argsort(values)[::-1]
    return tuple(torch.from_numpy(v.copy()).to(item) for v in (values[order], columns[:, order].T))
