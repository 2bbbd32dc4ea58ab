"""Small random networks of every kind, whose noise branch is as large as the picture and whose constants, if any, are
far from zero.
"""

from __future__ import annotations

import torch
from torch import nn

from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.nets.blocks import ResidualBlock
from dprior_lite.nets.dense import DenseNet
from dprior_lite.nets.recurrent import RecurrentCNN
from dprior_lite.nets.unet import UNet

KINDS = {
    "dncnn": (BFCNN, {"depth": 4, "width": 8, "norm": False}),
    "dncnn-norm": (BFCNN, {"depth": 4, "width": 8}),
    "dncnn-unshuffle": (BFCNN, {"depth": 4, "width": 8, "norm": False, "unshuffle": 2}),
    "unet": (UNet, {"widths": (6, 10), "blocks": (1, 1)}),
    "recurrent": (RecurrentCNN, {"stages": 2, "depth": 3, "width": 8}),
    "dense": (DenseNet, {"blocks": 2, "depth": 3, "width": 8}),
}


def random_net(kind: str, bias: bool, channels: int = 1, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return an untrained network in `eval` mode, the same for the same arguments."""
    torch.manual_seed(0)
    made, arguments = KINDS[kind]
    net = made(**arguments, bias=bias, channels=channels).eval()
    for layer in net.modules():
        if isinstance(layer, (BFCNN, UNet, ResidualBlock)):  # they start near the identity
            (
                layer.convs[-1] if isinstance(layer, BFCNN) else layer.tail if isinstance(layer, UNet) else layer.second
            ).weight.data.mul_(10)
    for name, values in [*net.named_parameters(), *net.named_buffers()]:
        if name.endswith(("bias", "running_mean")):
            nn.init.normal_(values, std=0.5)
        elif name.endswith(("running_sd", "running_var")):
            nn.init.uniform_(values, 0.5, 1.5)
    return net.to(dtype)


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return `|a - b| / |b|`."""
    return float(((a - b).norm() / b.norm()).detach())


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    """Return white noise in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
