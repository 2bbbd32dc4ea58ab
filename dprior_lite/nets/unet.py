"""A UNet denoiser whose biases can be removed by one switch.

Residual blocks at a few scales, joined by 2x2 strided and transposed convolutions, as in bias-free UNets for denoising
(Ronneberger et al. 2015 for the shape; Mohan et al. 2020 for the removal of the biases). There is no normalisation:
with ReLU and without additive constants the network is homogeneous of degree one in every mode.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import ResidualBlock, conv3, first_conv, pad_to_multiple


@architecture("unet.UNet")
class UNet(nn.Module):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W), any H and W.

    Parameters
    ----------
    widths : sequence of int
        Channels at full, half, quarter, ... resolution.
    blocks : sequence of int
        Residual blocks at each scale, on the way down and again on the way up; the last scale has them once.
    channels : int
        C of the pictures.
    bias : bool
        False: no additive constant anywhere. True: the ordinary twin, a bias in every convolution.
    centred : bool
        First filters of mean zero for good: away from the border the estimate of the noise cannot depend on a constant
        added to the picture.

    Examples
    --------
    >>> net = UNet(widths=(8, 16), blocks=(1, 1))
    >>> net(torch.zeros(1, 1, 31, 17)).shape
    torch.Size([1, 1, 31, 17])
    """

    def __init__(
        self,
        widths: Sequence[int] = (32, 64, 128),
        blocks: Sequence[int] = (1, 2, 2),
        channels: int = 1,
        bias: bool = False,
        centred: bool = False,
    ) -> None:
        super().__init__()
        if len(widths) != len(blocks):
            raise ValueError(f"UNet got {len(widths)} widths and {len(blocks)} block counts; give one count a width.")
        self.multiple = 2 ** (len(widths) - 1)

        def stack(level: int) -> nn.Sequential:
            return nn.Sequential(*(ResidualBlock(widths[level], bias) for _ in range(blocks[level])))

        steps = range(len(widths) - 1)
        self.head = first_conv(channels, widths[0], bias, centred)
        self.down_blocks = nn.ModuleList(stack(k) for k in steps)
        self.down = nn.ModuleList(nn.Conv2d(widths[k], widths[k + 1], 2, stride=2, bias=bias) for k in steps)
        self.middle = stack(len(widths) - 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(widths[k + 1], widths[k], 2, stride=2, bias=bias) for k in steps)
        self.up_blocks = nn.ModuleList(stack(k) for k in steps)
        self.tail = conv3(widths[0], channels, bias)
        with torch.no_grad():
            self.tail.weight.mul_(0.1)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        height, width = y.shape[-2:]
        x, skips = self.head(pad_to_multiple(y, self.multiple)), []
        for blocks, down in zip(self.down_blocks, self.down):
            skips.append(blocks(x))
            x = down(skips[-1])
        x = self.middle(x)
        for blocks, up in zip(reversed(self.up_blocks), reversed(self.up)):
            x = blocks(up(x) + skips.pop())
        return y - self.tail(x)[..., :height, :width]
