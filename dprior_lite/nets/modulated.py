"""UNet twins with additive constants: one is blind, the other is told the noise level, and nothing else differs.

Both work on blocks of pixels, as `blocked.BlockUNet`. Both scale and shift the channels inside every residual block
(feature-wise linear modulation, Perez et al. 2018). In the network that is told, scales and shifts come from the noise
level; in the blind one, from the mean squares of its own first maps. They start at zero, so both twins start as the
same function. A `target` says whether they estimate the clean picture or the noise.

`NoiseLevel` reads the standard deviation of the noise off a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.gates.levels import per_item
from dprior_lite.gates.numbers import require_whole
from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import conv3, first_conv, pad_to_multiple
from dprior_lite.nets.conditional import LevelFeatures

TARGETS = ("clean", "residual")
FEATURES = 64  # of a noise level
LEAST_SQUARE = 1e-6  # added to a mean square before its logarithm
SMALLEST = 1e-24  # the root of a mean square of 0 has no derivative


class ModulatedBlock(nn.Module):
    """`x + conv(relu(gain * conv(x) + shift))`, with a gain and a shift for every channel of every picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = conv3(channels, channels, True), conv3(channels, channels, True)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
        """Map x (B, C, H, W), with gains less 1 and shifts (B, 2C), to the same shape."""
        gain, shift = modulation[:, :, None, None].chunk(2, 1)  # (B, C, 1, 1)
        return x + self.second(F.relu(self.first(x) * (1 + gain) + shift))


class MapLevels(nn.Module):
    """Features (B, width) of maps (B, C, H, W): the log root mean square of every map, and two layers.

    It shows the blind network how strong the noise is in its whole picture. Layer normalisation lets the network of
    Kadkhodaie, Pooladian, Chewi & Simoncelli 2026 see this too.

    Examples
    --------
    >>> MapLevels(4, 8)(torch.zeros(2, 4, 5, 5)).shape
    torch.Size([2, 8])
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(channels, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of maps `x` (B, C, H, W)."""
        return self.layers(x.square().mean((2, 3)).add(LEAST_SQUARE).log() / 2)


class ModulatedUNet(nn.Module):
    """UNet on blocks of pixels whose channels are scaled and shifted, block by block, by features of each picture.

    A twin adds its `features`, and then its `modulations`, so that both twins draw the same first weights.

    Parameters
    ----------
    widths : sequence of int
        Channels at the resolution of the blocks, half of it, ...; one residual block a scale and direction.
    side : int
        Of a block of pixels.
    channels : int
        C of the pictures.
    target : {"clean", "residual"}
        What the last convolution estimates: the clean picture, or the noise, which is then subtracted from y.

    Examples
    --------
    >>> len(ModulatedUNet((8, 16)).new_modulations())
    3
    """

    def __init__(
        self, widths: Sequence[int] = (24, 36, 48), side: int = 2, channels: int = 1, target: str = "clean"
    ) -> None:
        super().__init__()
        if target not in TARGETS:
            raise ValueError(f"target is {target!r}; expected one of {', '.join(TARGETS)}.")
        self.side, self.target = require_whole(side, "side", 1, 16), target
        self.multiple, steps = 2 ** (len(widths) - 1), range(len(widths) - 1)
        self.head = conv3(channels * side**2, widths[0], True)
        self.down_blocks = nn.ModuleList(ModulatedBlock(widths[k]) for k in steps)
        self.down = nn.ModuleList(nn.Conv2d(widths[k], widths[k + 1], 2, stride=2) for k in steps)
        self.middle = ModulatedBlock(widths[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(widths[k + 1], widths[k], 2, stride=2) for k in steps)
        self.up_blocks = nn.ModuleList(ModulatedBlock(widths[k]) for k in steps)
        self.tail = conv3(widths[0], channels * side**2, True)
        with torch.no_grad():
            self.tail.weight.mul_(0.1)

    def new_modulations(self) -> nn.ModuleList:
        """Return one layer a block, from features (B, FEATURES) to scales and shifts (B, 2C) that are zero."""
        down = [block.first.out_channels for block in self.down_blocks]
        widths = (*down, self.middle.first.out_channels, *reversed(down))
        layers = nn.ModuleList(nn.Linear(FEATURES, 2 * width) for width in widths)
        for layer in layers:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        return layers

    def estimate(self, y: Tensor, features: Callable[[Tensor], Tensor]) -> Tensor:
        """Denoise `y` (B, C, H, W); `features` gives (B, FEATURES) for the first maps (B, widths[0], H', W')."""
        height, width = y.shape[-2:]
        u = F.pixel_unshuffle(pad_to_multiple(y, self.side), self.side)  # (B, C side², H/side, W/side)
        rows, columns = u.shape[-2:]

        x, skips = self.head(pad_to_multiple(u, self.multiple)), []
        e = features(x[..., :rows, :columns])
        left = iter([layer(e) for layer in self.modulations])
        for block, down in zip(self.down_blocks, self.down):
            skips.append(block(x, next(left)))
            x = down(skips[-1])
        x = self.middle(x, next(left))
        for block, up in zip(reversed(self.up_blocks), reversed(self.up)):
            x = block(up(x) + skips.pop(), next(left))

        out = F.pixel_shuffle(self.tail(x)[..., :rows, :columns], self.side)[..., :height, :width]
        return out if self.target == "clean" else y - out


@architecture("modulated.BlindUNet")
class BlindUNet(ModulatedUNet):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W), with a bias in every convolution.

    Its arguments are those of `ModulatedUNet`.

    Examples
    --------
    >>> BlindUNet(widths=(8, 16))(torch.zeros(1, 1, 31, 17)).shape
    torch.Size([1, 1, 31, 17])
    """

    def __init__(self, **unet) -> None:
        super().__init__(**unet)
        self.features = MapLevels(self.head.out_channels, FEATURES)
        self.modulations = self.new_modulations()

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        return self.estimate(y, self.features)


@architecture("modulated.ToldUNet")
class ToldUNet(ModulatedUNet):
    """Denoiser `(y, sigma) -> x_hat`: the twin of `BlindUNet`, modulated by the noise level.

    Parameters
    ----------
    levels : (float, float)
        Smallest and largest sigma of the training.
    **unet
        Arguments of `ModulatedUNet`.

    Examples
    --------
    >>> ToldUNet(widths=(8, 16))(torch.zeros(2, 1, 6, 6), 0.3).shape
    torch.Size([2, 1, 6, 6])
    """

    def __init__(self, levels: Sequence[float] = (0.02, 4.0), **unet) -> None:
        super().__init__(**unet)
        self.features = LevelFeatures([level**2 for level in levels], FEATURES)
        self.modulations = self.new_modulations()

    def forward(self, y: Tensor, sigma: float | Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W) that has noise of standard deviation `sigma`, a number or (B,)."""
        e = self.features(per_item(sigma, y).square())  # (B, features)
        return self.estimate(y, lambda maps: e)


@architecture("modulated.NoiseLevel")
class NoiseLevel(nn.Module):
    """`y -> sigma`: the noise level (B,) of pictures (B, C, H, W).

    The level is the root mean square of learned maps, made by convolutions without biases on blocks of pixels. So the
    level of a y is a times the level of y, for a >= 0.

    Parameters
    ----------
    width, depth : int
        Channels inside, and convolutions, at least 2.
    side : int
        Of a block of pixels.
    channels : int
        C of the pictures.

    Examples
    --------
    >>> net, y = NoiseLevel(width=8), torch.randn(2, 1, 9, 6, generator=torch.Generator().manual_seed(0))
    >>> bool(torch.allclose(net(3 * y), 3 * net(y)))
    True
    """

    def __init__(self, width: int = 24, depth: int = 4, side: int = 2, channels: int = 1) -> None:
        super().__init__()
        self.side, inner = require_whole(side, "side", 1, 16), channels * side**2
        sizes = [width] * (require_whole(depth, "depth", 2, 64) - 1)
        convs = [conv3(a, b, False) for a, b in zip(sizes, [*sizes[1:], inner])]
        self.convs = nn.ModuleList([first_conv(inner, width, False), *convs])

    def forward(self, y: Tensor) -> Tensor:
        """Return the noise level (B,) of each picture of `y` (B, C, H, W)."""
        x = self.convs[0](F.pixel_unshuffle(pad_to_multiple(y, self.side), self.side))
        for conv in self.convs[1:]:
            x = conv(F.relu(x))
        return x.float().flatten(1).square().mean(1).add(SMALLEST).sqrt().to(y.dtype)  # (B,)
