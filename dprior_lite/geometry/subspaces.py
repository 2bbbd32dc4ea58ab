"""What a denoiser keeps: leading singular vectors without the whole Jacobian, and one subspace in another."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.func import jvp, vjp

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_generator, require_whole
from dprior_lite.geometry.jacobians import MEMORY, one, products, single, together

MOST_ROUNDS = 10_000


def top_singular(
    net: Denoiser,
    y: Tensor,
    k: int,
    generator: torch.Generator,
    rounds: int = 6,
    chunk: int | None = None,
    memory: float = MEMORY,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the `k` largest singular values of the Jacobian at `y`, and their vectors, without forming it.

    Subspace iteration with both products (Halko, Martinsson & Tropp 2011), in a block of `k + 10` vectors.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        One picture (1, C, H, W).
    k : int
        How many, at most d.
    generator : torch.Generator
        Of the starting block.
    rounds : int
        Rounds of iteration.
    chunk, memory
        As in `rows`.

    Returns
    -------
    u : Tensor
        Left vectors, (k, C, H, W).
    s : Tensor
        Singular values, (k,), falling.
    v : Tensor
        Right vectors, (k, C, H, W).
    error : Tensor
        `|J v - s u|` of each, (k,): some singular value lies within it.

    Examples
    --------
    >>> scale = torch.tensor([3.0, 1.0, 2.0, 0.5]).reshape(1, 1, 2, 2)
    >>> s = top_singular(lambda y: scale * y, torch.zeros(1, 1, 2, 2), 2, torch.Generator().manual_seed(0))[1]
    >>> [round(float(v), 4) for v in s]
    [3.0, 2.0]
    """
    item, net = single(y), network(net)
    d = item.numel()
    require_generator(generator)
    k = require_whole(k, "k", 1, d, f"It counts singular values of a Jacobian of {d} rows.")
    rounds = require_whole(rounds, "rounds", 0, MOST_ROUNDS)
    chunk = together(net, item, memory, chunk, k + 10)
    pull = vjp(one(net), item)[1]

    def push(block: Tensor) -> Tensor:
        """Return J times the columns of a block (d, r), one matrix (d, r)."""
        return (
            products(lambda v: jvp(one(net), (item,), (v,))[1], block.mT.reshape(-1, *item.shape), chunk).flatten(1).mT
        )

    def back(block: Tensor) -> Tensor:
        return products(lambda v: pull(v)[0], block.mT.reshape(-1, *item.shape), chunk).flatten(1).mT

    # a random block, then rounds of both products
    basis = torch.randn(d, min(d, k + 10), generator=generator, device=generator.device, dtype=torch.float32).to(item)
    for _ in range(rounds):
        basis = torch.linalg.qr(back(torch.linalg.qr(push(basis))[0]))[0]

    # singular vectors inside the block, and how far they are off
    outer = torch.linalg.qr(push(basis))[0]  # (d, k + 10)
    if not bool(outer.isfinite().all()):
        raise FloatingPointError("The Jacobian holds NaN or infinite values; expected finite ones: run check_denoiser.")
    v, s, right = torch.linalg.svd(back(outer), full_matrices=False)
    u = (outer @ right.mT)[:, :k]
    error = (push(v[:, :k]) - u * s[:k]).norm(dim=0)
    return u.mT.reshape(k, *item.shape), s[:k], v[:, :k].mT.reshape(k, *item.shape), error


def containment(inner: Tensor, outer: Tensor) -> Tensor:
    """Return how far each vector of one subspace lies in another, (m,).

    That is the length of its projection, 1 if it is inside.

    Parameters
    ----------
    inner, outer : Tensor
        (m, d) and (n, d), orthonormal rows; vectors in the shape of pictures, as from `top_singular`, are flattened.

    Returns
    -------
    Tensor
        (m,). The chance level, of a random direction, is `chance`; were `n < m` their root mean square could not
        exceed `sqrt(n / m)`.

    Examples
    --------
    >>> containment(torch.eye(3)[:2], torch.eye(3)[1:])
    tensor([0., 1.])
    """
    if (
        require_batch(inner, "inner")[0].numel() != require_batch(outer, "outer")[0].numel()
        or inner.dtype != outer.dtype
    ):
        raise ValueError(
            f"inner is {kind_of(inner)} and outer {kind_of(outer)}; expected rows of one length and dtype."
        )
    return (inner.flatten(1) @ outer.flatten(1).mT).norm(dim=1)


def chance(n: int, d: int) -> float:
    """Return the rms projection of a random direction of `d` dimensions on a subspace of `n`: `sqrt(n / d)`.

    Examples
    --------
    >>> chance(25, 100)
    0.5
    """
    d = require_whole(d, "d")
    return (require_whole(n, "n", 0, d) / d) ** 0.5
