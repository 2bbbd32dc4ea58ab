"""The affine map that a network of ReLUs is around one picture: linear part, net bias, and ReLUs held."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of
from dprior_lite.geometry.jacobians import MEMORY, pushed


def linear_part(net: Denoiser, y: Tensor, memory: float = MEMORY) -> Tensor:
    """Return `J y` for each item of `y` (B, C, H, W), by one Jacobian-vector product.

    As many items at once as fit into `memory` GiB.

    Examples
    --------
    >>> linear_part(lambda y: 2 * y + 1, torch.ones(1, 3))
    tensor([[2., 2., 2.]])
    """
    return pushed(net, y, y, memory)[1]


def net_bias(net: Denoiser, y: Tensor, memory: float = MEMORY) -> Tensor:
    """Return the net bias `b = x_hat - J y` at each item of `y` (B, C, H, W) (Mohan et al. 2020, section 3).

    In parts, as `linear_part`.

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

    def __torch_function__(self, func, types, args=(), kwargs=None):  # the signature that torch asks for
        if func not in (F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_):
            return func(*args, **(kwargs or {}))
        if self.held is not None:
            gate = next(self.held, None)
            if gate is None or gate.shape[1:] != args[0].shape[1:]:
                raise ValueError("The network met other ReLUs than at y; expected one that always takes the same path.")
            return args[0] * gate
        self.noted.append(args[0] > 0)
        return args[0] * self.noted[-1]


def frozen(net: Denoiser, y: Tensor) -> Denoiser:
    """Return the network with every ReLU held as it stands at `y`: the affine map `x -> J x + b`.

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
    net, shape = network(net), require_batch(y).shape
    with torch.no_grad(), _Gates() as gates:
        net(y)

    def affine(x: Tensor) -> Tensor:
        """Return the network's answer with its ReLUs held as they are at `y`."""
        if not isinstance(x, Tensor) or x.shape != shape:
            raise ValueError(f"x is {kind_of(x)}; expected the shape {tuple(shape)} at which the ReLUs are held.")
        with _Gates(gates.noted):
            return net(x)

    return affine
