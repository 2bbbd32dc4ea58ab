"""A UNet that works on blocks of pixels: a quarter of the places, four times the channels, half the time."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.gates.numbers import require_whole
from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import pad_to_multiple
from dprior_lite.nets.unet import UNet


@architecture("blocked.BlockUNet")
class BlockUNet(nn.Module):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W): a `UNet` of which each pixel is a block of the picture.

    Moving pixels into channels is linear and adds no constant, so without biases the network is homogeneous of degree
    one, as the UNet inside it is. The trick is that of FFDNet (Zhang et al. 2018).

    Parameters
    ----------
    widths : sequence of int
        Channels at the resolution of the blocks, half of it, ...
    blocks : sequence of int
        Residual blocks at each scale.
    side : int
        Of a block, in pixels.
    channels : int
        C of the pictures.
    bias : bool
        False: no additive constant anywhere.

    Examples
    --------
    >>> import torch
    >>> BlockUNet(widths=(8, 16), blocks=(1, 1))(torch.zeros(1, 1, 31, 17)).shape
    torch.Size([1, 1, 31, 17])
    """

    def __init__(
        self,
        widths: Sequence[int] = (32, 64),
        blocks: Sequence[int] = (1, 1),
        side: int = 2,
        channels: int = 1,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.side = require_whole(side, "side", 1, 16)
        self.inner = UNet(widths, blocks, channels * side**2, bias)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        height, width = y.shape[-2:]
        blocks = F.pixel_unshuffle(pad_to_multiple(y, self.side), self.side)  # (B, C side², H/side, W/side)
        return F.pixel_shuffle(self.inner(blocks), self.side)[..., :height, :width]
