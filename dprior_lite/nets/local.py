"""Bias-free CNNs whose receptive field is exactly 5, 9, 13, 23 or 43 pixels, on their own or given a coarser picture.

All have 21 convolutions and differ in how many of them look at neighbours: those are 3x3, the others 1x1. So depth and
width stay the same while the window shrinks (Kadkhodaie, Guth, Mallat & Simoncelli 2023). The low-pass picture has a
network of 20 convolutions, all 3x3, and so a receptive field of 41 pixels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.gates.numbers import require_whole
from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import BiasFreeBatchNorm2d

# receptive field in pixels -> sides of the convolutions; each 3x3 adds two pixels
FIELDS: Mapping[int, tuple[int, ...]] = {
    5: (3, *[1] * 19, 3),
    9: tuple(3 if k in (0, 8, 16, 20) else 1 for k in range(21)),
    13: tuple(1 if k % 4 else 3 for k in range(21)),
    23: tuple(1 if k % 2 else 3 for k in range(21)),
    41: (3,) * 20,
    43: (3,) * 21,
}


def _convolution(inputs: int, outputs: int, side: int) -> nn.Conv2d:
    """Return a bias-free convolution with zero padding, initialised for ReLU (He et al. 2015)."""
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return layer


class _NoiseStack(nn.Module):
    """Convolutions that estimate noise, (B, inputs, H, W) -> (B, outputs, H, W); the first one is linear."""

    def __init__(self, field: int, width: int, inputs: int, outputs: int, norm: bool, skip: bool) -> None:
        super().__init__()
        if isinstance(field, bool) or field not in FIELDS:
            raise ValueError(f"field={field!r}; expected a receptive field of {', '.join(map(str, FIELDS))} pixels.")
        self.skip = skip
        width, inner = require_whole(width, "width", 1), len(FIELDS[field]) - 2
        ends = [(inputs, width), *[(width, width)] * inner, (width, outputs)]
        self.convs = nn.ModuleList(_convolution(*c, side) for c, side in zip(ends, FIELDS[field]))
        self.norms = nn.ModuleList(BiasFreeBatchNorm2d(width) if norm else nn.Identity() for _ in range(inner))
        with torch.no_grad():
            # noise shows where the mean of each channel is removed; the first estimate is small
            self.convs[0].weight.sub_(self.convs[0].weight.mean((2, 3), keepdim=True))
            for layer in self.convs[1:] if skip else self.convs[-1:]:
                layer.weight.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the last convolution of `x` (B, channels in, H, W), of the same size."""
        x = self.convs[0](x)
        for conv, norm in zip(self.convs[1:-1], self.norms):
            x = x + norm(conv(F.relu(x))) if self.skip else F.relu(norm(conv(x)))
        return self.convs[-1](x)


@architecture("local.LocalCNN")
class LocalCNN(nn.Module):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W), with a window of `field` x `field` pixels.

    Parameters
    ----------
    field : {5, 9, 13, 23, 41, 43}
        Side of the receptive field in pixels.
    width : int
        Channels between the convolutions.
    channels : int
        C of the pictures.
    norm : bool
        Bias-free batch normalisation after every convolution but the first and the last.
    skip : bool
        Add the input of each of these to what comes out, `x + conv(relu(x))` in place of `relu(conv(x))`: a deep stack
        then learns in fewer steps. The authors' networks have no such connections.

    Examples
    --------
    >>> LocalCNN(field=9, width=8).eval()(torch.zeros(2, 1, 12, 10)).shape
    torch.Size([2, 1, 12, 10])
    """

    def __init__(
        self, field: int = 9, width: int = 64, channels: int = 1, norm: bool = True, skip: bool = False
    ) -> None:
        super().__init__()
        self.noise = _NoiseStack(field, width, channels, channels, norm, skip)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        return y - self.noise(y)


@architecture("local.ConditionalCNN")
class ConditionalCNN(nn.Module):
    """Blind denoiser of details `(y, low) -> x_hat`, given the low-pass picture of their scale.

    It is homogeneous in both together: details and low-pass picture multiplied by a give a times the answer.

    Parameters
    ----------
    field : {5, 9, 13, 23, 41, 43}
        Side of the receptive field, in pixels of the low-pass picture.
    width : int
        Channels between the convolutions.
    channels : int
        C of the pictures: the low-pass picture has C channels, the details 3 C.
    norm : bool
        Bias-free batch normalisation after every convolution but the first and the last.
    skip : bool
        Add the input of each of these to what comes out, `x + conv(relu(x))` in place of `relu(conv(x))`: a deep stack
        then learns in fewer steps. The authors' networks have no such connections.
    direct : bool
        Let the convolutions return the details, not the noise. At strong noise details are near zero, so there is less
        to learn: an untrained stack returns nearly zero. The authors' networks return the noise.

    Examples
    --------
    >>> net = ConditionalCNN(field=9, width=8).eval()
    >>> net(torch.zeros(2, 3, 12, 10), torch.zeros(2, 1, 12, 10)).shape
    torch.Size([2, 3, 12, 10])
    """

    def __init__(
        self,
        field: int = 9,
        width: int = 64,
        channels: int = 1,
        norm: bool = True,
        skip: bool = False,
        direct: bool = False,
    ) -> None:
        super().__init__()
        self.direct = direct
        self.noise = _NoiseStack(field, width, 4 * channels, 3 * channels, norm, skip)

    def forward(self, y: Tensor, low: Tensor) -> Tensor:
        """Denoise details `y` (B, 3 C, H, W), given the clean low-pass picture `low` (B, C, H, W)."""
        found = self.noise(torch.cat([low, y], 1))
        return found if self.direct else y - found
