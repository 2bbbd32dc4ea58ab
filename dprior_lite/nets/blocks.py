"""Layers of which every additive constant can be removed by one switch.

A network of convolutions without bias, of `BiasFreeBatchNorm2d` in `eval` mode and of ReLUs is homogeneous of degree
one: `net(a y) = a net(y)` for `a >= 0` (Mohan, Kadkhodaie, Simoncelli & Fernandez-Granda 2020, section 4). What
breaks this: additive constants, smooth activations (GELU, SiLU), normalisation by the statistics of the input itself,
non-zero padding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class BiasFreeBatchNorm2d(nn.Module):
    """Divide each channel by its standard deviation; subtract no mean, add no shift.

    In `train` mode the deviation is that of the batch, which makes the layer of degree *zero*; identities about a
    trained network hold in `eval` mode, where the running deviation is a constant.

    Parameters
    ----------
    channels : int
        Number of channels C of the input (B, C, H, W).
    momentum : float
        Weight of the newest batch in the running standard deviation.
    eps : float
        Added to the variance, so that a constant channel stays finite.
    """

    def __init__(self, channels: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.register_buffer("running_sd", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Scale `x` (B, C, H, W) channel by channel."""
        sd = self.running_sd
        if self.training:
            sd = (x.float().var(dim=(0, 2, 3), unbiased=False) + self.eps).sqrt()
            with torch.no_grad():
                self.running_sd.lerp_(sd, self.momentum)
        return x * (self.weight / sd).to(x.dtype)[:, None, None]


def batch_norm(channels: int, bias: bool) -> nn.Module:
    """Return ordinary batch normalisation, or its bias-free twin."""
    return nn.BatchNorm2d(channels) if bias else BiasFreeBatchNorm2d(channels)


class CentredConv2d(nn.Conv2d):
    """A convolution whose filters have mean zero, whatever its weights.

    Away from the border, one constant added to all channels changes nothing.

    Examples
    --------
    >>> layer = CentredConv2d(1, 2, 3, bias=False)
    >>> bool(layer(torch.ones(1, 1, 5, 5)).abs().max() < 1e-6)
    True
    """

    @property
    def filters(self) -> Tensor:
        """The filters that are applied, (O, I, h, w)."""
        return self.weight - self.weight.mean((1, 2, 3), keepdim=True)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve `x` (B, I, H, W)."""
        return self._conv_forward(x, self.filters, self.bias)


def conv3(in_channels: int, out_channels: int, bias: bool, kind: type[nn.Conv2d] = nn.Conv2d) -> nn.Conv2d:
    """Return a 3x3 convolution with zero padding, initialised for ReLU (He et al. 2015)."""
    layer = kind(in_channels, out_channels, 3, padding=1, bias=bias)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def first_conv(in_channels: int, out_channels: int, bias: bool, centred: bool = False) -> nn.Conv2d:
    """Return `conv3` that starts with zero-mean filters; only for networks that predict noise.

    Noise is small beside the mean of a picture, and shows where that is removed. With `centred` the filters stay so.
    The layers after it never learn the mean of the picture, which suits a network that
    subtracts its answer from y. Given several channels, the mean is that of all: a constant added to every channel is
    not seen, one added to some of them is.
    """
    layer = conv3(in_channels, out_channels, bias, CentredConv2d if centred else nn.Conv2d)
    with torch.no_grad():
        layer.weight.sub_(layer.weight.mean((1, 2, 3), keepdim=True))
    return layer


def convolutions(
    depth: int,
    in_channels: int,
    width: int,
    out_channels: int,
    bias: bool,
    last_bias: bool = False,
    centred: bool = False,
) -> nn.Sequential:
    """Return `depth` 3x3 convolutions with ReLUs between them, `width` channels inside.

    `last_bias` is a switch for the bias of the last one.
    With `centred` the filters of the first one have mean zero for good (`first_conv`), and the last one starts small:
    what it gives is to be subtracted.
    """
    if depth < 2:
        raise ValueError(f"A stack of convolutions got depth={depth}; it needs at least 2.")
    layers: list[nn.Module] = [first_conv(in_channels, width, bias, centred), nn.ReLU()]
    for _ in range(depth - 2):
        layers += [conv3(width, width, bias), nn.ReLU()]
    last = conv3(width, out_channels, last_bias)
    if centred:
        with torch.no_grad():
            last.weight.mul_(0.1)
    return nn.Sequential(*layers, last)


class ResidualBlock(nn.Module):
    """`x + conv(relu(conv(x)))`; the last convolution starts small, so that a deep stack starts near the identity."""

    def __init__(self, channels: int, bias: bool) -> None:
        super().__init__()
        self.first, self.second = conv3(channels, channels, bias), conv3(channels, channels, bias)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        return x + self.second(F.relu(self.first(x)))


def pad_to_multiple(y: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column of `y` (B, C, H, W) until H and W are multiples of `multiple`.

    Repeating, unlike a constant, keeps a network homogeneous.
    """
    bottom, right = -y.shape[-2] % multiple, -y.shape[-1] % multiple
    return F.pad(y, (0, right, 0, bottom), mode="replicate") if bottom or right else y
