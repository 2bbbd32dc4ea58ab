"""The affine map that a network of ReLUs is around one picture: its linear part, its net bias, and itself with the gates held."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from dprior_lite.geometry.jacobians import MEMORY, Denoiser, pushed


def linear_part(net: Denoiser, y: Tensor, memory: float = MEMORY) -> Tensor:
    """Return `J y` for each item of `y` (B, C, H, W), by one Jacobian-vector product, as many items at once as fit into `memory` GiB.

    Examples
    --------
    >>> linear_part(lambda y: 2 * y + 1, torch.ones(1, 3))
    tensor([[2., 2., 2.]])
    """
    return pushed(net, y, y, memory)[1]


def net_bias(net: Denoiser, y: Tensor, memory: float = MEMORY) -> Tensor:
    """Return the net bias `b = x_hat - J y` at each item of `y` (B, C, H, W) (Mohan et al. 2020, section 3), in parts as `linear_part`.

    Examples
    --------
    >>> net_bias(lambda y: 2 * y + 1, torch.ones(1, 3))
    tensor([[1., 1., 1.]])
    """
    x_hat, linear = pushed(net, y, y, memory)
    return x_hat - linear


class _Gates(TorchFunctionMode):
    """Note which ReLUs are open, or hold them as they were."""

    def __init__(self, held: Sequence[Tensor] | None = None) -> None:
        super().__init__()
        self.noted: list[Tensor] = []
        self.held = None if held is None else iter(held)

    def __torch_function__(self, func, types, args=(), kwargs=None):  # noqa: ANN001, ANN204 - the signature torch gives it
        if func not in (F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_):
            return func(*args, **(kwargs or {}))
        if self.held is not None:
            return args[0] * next(self.held)
        self.noted.append(args[0] > 0)
        return args[0] * self.noted[-1]


def frozen(net: Denoiser, y: Tensor) -> Denoiser:
    """Return the network with every ReLU held as it stands at `y`: the affine map `x -> J x + b` that `net` is around `y`.

    Parameters
    ----------
    net : callable
        Denoiser in `eval` mode whose only non-linear operation is ReLU.
    y : Tensor
        (B, C, H, W); the map takes the same shape.

    Examples
    --------
    >>> f = frozen(lambda v: torch.relu(v) + 1, torch.tensor([[-1.0, 1.0]]))
    >>> f(torch.tensor([[5.0, -5.0]]))
    tensor([[ 1., -4.]])
    """
    with torch.no_grad(), _Gates() as gates:
        net(y)

    def affine(x: Tensor) -> Tensor:
        with _Gates(gates.noted):
            return net(x)

    return affine
