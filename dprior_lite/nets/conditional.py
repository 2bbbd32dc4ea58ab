"""Networks that are told the noise level: a UNet whose channels are scaled by it, and a denoiser made of one.

Unlike the blind networks of this package they are smooth (SiLU) and have additive constants: they are not homogeneous,
and need not be. The network sees pictures of unit variance at every level and answers at unit scale; what surrounds it
is the best denoiser of a Gaussian with the data's mean and variance (Karras et al. 2022 call this preconditioning), so
that an untrained network denoises already.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.gates.levels import as_picture, per_item
from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import pad_to_multiple

SMALLEST = 1e-37  # log of a variance of 0 would be infinite


def smooth_conv(in_channels: int, out_channels: int, circular: bool = False) -> nn.Conv2d:
    """Return a 3x3 convolution with bias, of unit gain; `circular` wraps around the border."""
    layer = nn.Conv2d(in_channels, out_channels, 3, padding=1, padding_mode="circular" if circular else "zeros")
    nn.init.normal_(layer.weight, std=1 / (3 * in_channels**0.5))
    nn.init.zeros_(layer.bias)
    return layer


class LevelFeatures(nn.Module):
    """Features (B, width) of noise levels t (B,): sines and cosines of log t, and two layers.

    They cover the range of the training. Linear features of t itself, with frequencies up to one, are constant below
    t = 0.01; log t resolves every octave alike.
    """

    def __init__(self, levels: Sequence[float], width: int, waves: int = 8) -> None:
        super().__init__()
        self.low, self.high = (math.log(t) for t in levels)
        self.register_buffer("waves", math.pi / 2 * torch.arange(1, waves + 1), persistent=False)
        self.layers = nn.Sequential(nn.Linear(2 * waves, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())

    def forward(self, t: Tensor) -> Tensor:
        """Return the features of `t` (B,), a variance."""
        with torch.autocast(t.device.type, enabled=False):  # few numbers, and an energy is sensitive to them
            place = (t.clamp(min=SMALLEST).log() - self.low) / (self.high - self.low)  # (B,)
            angles = place[:, None] * self.waves
            return self.layers(torch.cat([angles.sin(), angles.cos()], 1))


class LevelBlock(nn.Module):
    """`x + conv(silu(gain * conv(silu(x))))`: a residual block whose channels are scaled by the noise level."""

    def __init__(self, channels: int, features: int, circular: bool = False) -> None:
        super().__init__()
        self.first, self.second = (smooth_conv(channels, channels, circular) for _ in range(2))
        self.gain = nn.Linear(features, channels)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        """Map x (B, C, H, W), with features e (B, features) of the noise level, to the same shape."""
        return x + self.second(F.silu(self.first(F.silu(x)) * (1 + self.gain(e))[:, :, None, None]))


class LevelUNet(nn.Module):
    """`(u, t) -> g`, both pictures (B, C, H, W): a UNet told the variance t (B,) of the noise.

    Parameters
    ----------
    widths, blocks : sequence of int
        Channels, and residual blocks, at full, half, ... resolution; one scale is a plain convolutional network.
    channels : int
        C of the pictures.
    levels : (float, float)
        Smallest and largest t of the training.
    circular : bool
        Wrap around at the borders.

    Examples
    --------
    >>> LevelUNet((8, 16), (1, 1))(torch.zeros(2, 1, 9, 6), torch.ones(2)).shape
    torch.Size([2, 1, 9, 6])
    """

    def __init__(
        self,
        widths: Sequence[int],
        blocks: Sequence[int],
        channels: int = 1,
        levels: Sequence[float] = (1e-4, 100.0),
        circular: bool = False,
    ) -> None:
        super().__init__()
        if len(widths) != len(blocks):
            raise ValueError(
                f"LevelUNet got {len(widths)} widths and {len(blocks)} block counts; give one count a width."
            )
        self.multiple, features = 2 ** (len(widths) - 1), 64

        def stack(level: int) -> nn.ModuleList:
            return nn.ModuleList(LevelBlock(widths[level], features, circular) for _ in range(blocks[level]))

        steps = range(len(widths) - 1)
        self.features = LevelFeatures(levels, features)
        self.head = smooth_conv(channels, widths[0], circular)
        self.down_blocks = nn.ModuleList(stack(k) for k in steps)
        self.down = nn.ModuleList(nn.Conv2d(widths[k], widths[k + 1], 2, stride=2) for k in steps)
        self.middle = stack(len(widths) - 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(widths[k + 1], widths[k], 2, stride=2) for k in steps)
        self.up_blocks = nn.ModuleList(stack(k) for k in steps)
        self.tail = smooth_conv(widths[0], channels, circular)
        nn.init.zeros_(self.tail.weight)

    def forward(self, u: Tensor, t: Tensor) -> Tensor:
        """Return g for pictures `u` (B, C, H, W) at levels `t` (B,)."""
        height, width = u.shape[-2:]
        e = self.features(t)
        x, skips = self.head(pad_to_multiple(u, self.multiple)), []
        for blocks, down in zip(self.down_blocks, self.down):
            x = _through(blocks, x, e)
            skips.append(x)
            x = down(x)
        x = _through(self.middle, x, e)
        for blocks, up in zip(reversed(self.up_blocks), reversed(self.up)):
            x = _through(blocks, up(x) + skips.pop(), e)
        return self.tail(F.silu(x))[..., :height, :width]


def _through(blocks: nn.ModuleList, x: Tensor, e: Tensor) -> Tensor:
    for block in blocks:
        x = block(x, e)
    return x


@architecture("conditional.Told")
class Told(nn.Module):
    """Denoiser `(y, sigma) -> x_hat`: the Wiener estimate of a white Gaussian, corrected by a `LevelUNet`.

    At sigma = 0 it returns y.

    Parameters
    ----------
    mean, variance : float
        Of the pixels of the training pictures.
    **unet
        Arguments of `LevelUNet`.

    Examples
    --------
    >>> Told(mean=0.5, variance=0.1, widths=[8], blocks=[1])(torch.zeros(2, 1, 6, 6), 0.3).shape
    torch.Size([2, 1, 6, 6])
    """

    def __init__(self, mean: float, variance: float, **unet) -> None:
        super().__init__()
        self.mean, self.variance, self.net = mean, variance, LevelUNet(**unet)

    def forward(self, y: Tensor, sigma: float | Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W) that has noise of standard deviation `sigma`, a number or (B,)."""
        v, t = self.variance, as_picture(per_item(sigma, y).square(), y)  # (B, 1, 1, 1)
        g = self.net((y - self.mean) / (v + t).sqrt(), t.flatten())  # (B, C, H, W)
        x_hat = self.mean + v / (v + t) * (y - self.mean) - (v * t / (v + t)).sqrt() * g
        return torch.where(t > 0, x_hat, y.to(x_hat.dtype))
