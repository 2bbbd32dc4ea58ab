"""The gate for derivatives: a network whose derivative is taken must record it, or it is zero in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dprior_lite.gates.network import Network, same_kind
from dprior_lite.gates.numbers import holds

_POINTS, _FAR = 3, 0.05  # where finite differences are taken, and how far off the derivative must be at all of them


class _CutWatch(TorchFunctionMode):
    """Note whether something that carries a gradient is cut off from it."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        carries = any(isinstance(v, Tensor) and v.requires_grad for v in args)
        if carries and (func in (Tensor.detach, Tensor.detach_, torch.detach, Tensor.data.__get__) or not _recording()):
            self.cut = True
        return func(*args, **(kwargs or {}))


def _recording() -> bool:
    return torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


def require_gradient(net: Network, y: Tensor, *levels: float | Tensor) -> Tensor | None:
    """Refuse a network whose answer does not carry the gradient of `y`; it is asked once a network.

    A network that only looks cut off, such as one with a detached constant, is compared with finite differences.

    Parameters
    ----------
    net : Network
        From `network`.
    y : Tensor
        One item (1, ...).
    *levels
        What else the network takes.

    Returns
    -------
    Tensor or None
        The answer, with its graph, if the network was asked.

    Raises
    ------
    ValueError
        If the answer depends on `y` and its derivative is not recorded.

    Examples
    --------
    >>> from dprior_lite.gates.network import network
    >>> _ = require_gradient(network(lambda y: 2 * y), torch.zeros(1, 2))
    >>> require_gradient(network(torch.no_grad()(lambda y: 2 * y)), torch.zeros(1, 2))
    Traceback (most recent call last):
    ValueError: net records no gradient: its answer changes with y, and its derivative by y is zero or incomplete...
    """
    if net.state["recorded"]:
        return None
    with torch.inference_mode(False), torch.enable_grad():
        start = y.detach().clone().requires_grad_()
        with _CutWatch() as watch:
            out = net.raw(start, *levels)
        if not isinstance(out, Tensor):
            same_kind(out, start)
        if (watch.cut or not out.requires_grad) and _derivative_is_wrong(net, y.detach().clone(), levels):
            raise ValueError(
                f"{net.name} records no gradient: its answer changes with y, and its derivative by y is zero or"
                " incomplete.\nA derivative of the network is needed here: remove detach, torch.no_grad and"
                " torch.inference_mode from inside it."
            )
    net.state["recorded"] = True
    return out


def _derivative_is_wrong(net: Network, y: Tensor, levels: tuple) -> bool:
    """Return whether finite differences in some directions all say so, at points where the network has no kink."""
    generator, scale = torch.Generator().manual_seed(0), float(y.std()) + 1e-2 if y.numel() > 1 else 1.0
    for _ in range(_POINTS):
        away, v = (torch.randn(y.shape, generator=generator, dtype=y.dtype, device="cpu").to(y) for _ in range(2))
        start = (y + 0.1 * scale * away).requires_grad_()
        out, step = net.raw(start, *levels), 1e-3 * scale * v
        with torch.no_grad():
            moved = (net.raw(start + step, *levels) - net.raw(start - step, *levels)).double() / 2
        claimed = torch.zeros_like(moved)
        if out.requires_grad:
            weights = torch.ones_like(out, requires_grad=True)
            back = torch.autograd.grad(out, start, weights, create_graph=True, allow_unused=True)[0]
            if back is not None and back.requires_grad:
                forward = torch.autograd.grad(back, weights, step, allow_unused=True)[0]
                claimed = claimed if forward is None else forward.double()
        size = torch.stack([moved.norm(), claimed.norm()]).amax()
        if not float((moved - claimed).norm()) > _FAR * float(size) or not holds(size.isfinite()):
            return False
    return True
