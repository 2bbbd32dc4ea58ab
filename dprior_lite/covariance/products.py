"""A denoiser at a batch of states: its answer, and the product of its Jacobian there with any picture."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network

Product = Callable[[Tensor], Tensor]
Linearised = Callable[[Denoiser, Tensor], tuple[Tensor, Product]]


def linearised(net: Denoiser, y: Tensor) -> tuple[Tensor, Product]:
    """Return `x_hat(y)` and the function `v -> J^T v`, one backward pass a call.

    Each item of the batch has its own J. For the exact denoiser J is symmetric, so that this is `J v`.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode, that records a gradient.
    y : Tensor
        Noisy pictures (B, ...).

    Returns
    -------
    Tensor, callable
        `x_hat` (B, ...), and the function from (B, ...) to (B, ...); neither carries a gradient.

    Raises
    ------
    TypeError, ValueError
        If `y` is no batch of finite numbers, or the network records no gradient.

    Examples
    --------
    >>> x_hat, product = linearised(lambda y: y**2, torch.tensor([[3.0, 1.0]]))
    >>> x_hat, product(torch.ones(1, 2))
    (tensor([[9., 1.]]), tensor([[6., 2.]]))
    """
    net, y = network(net), require_batch(y)
    require_gradient(net, y[:1])
    with torch.inference_mode(False), torch.enable_grad():
        start = y.detach().clone().requires_grad_()
        out = net(start)

    def product(v: Tensor) -> Tensor:
        """Return `J^T v` of every item."""
        if not out.requires_grad:
            return torch.zeros_like(start)
        with torch.inference_mode(False):
            pulled = torch.autograd.grad(out, start, v.clone(), retain_graph=True, allow_unused=True)[0]
        return torch.zeros_like(start) if pulled is None else pulled

    return out.detach(), product


def translated(net: Denoiser, y: Tensor) -> tuple[Tensor, Product]:
    """Return `x_hat(y)` and the function `v -> v`: J replaced by the identity, which is the 2021 algorithm.

    Examples
    --------
    >>> x_hat, product = translated(lambda y: y**2, torch.tensor([[3.0]]))
    >>> x_hat, product(torch.ones(1, 1))
    (tensor([[9.]]), tensor([[1.]]))
    """
    with torch.no_grad():
        return network(net)(require_batch(y)), lambda v: v
