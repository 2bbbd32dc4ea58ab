"""Networks: a denoiser maps a noisy picture y (B, C, H, W) to its estimate x_hat of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from torch import nn

from dprior_lite.gates.levels import float32_on_cpu


def build(net: str, args: Mapping[str, Any]) -> nn.Module:
    """Return the untrained network that a recipe or a card names, "module.Class" of this package, with `args`.

    In float32 on the CPU, whatever torch's default dtype and device are.

    Examples
    --------
    >>> sum(p.numel() for p in build("bfcnn.BFCNN", {"depth": 3, "width": 4}).parameters())
    220
    """
    module, _, name = net.partition(".")
    with float32_on_cpu():
        return getattr(import_module(f"{__name__}.{module}"), name)(**args)
