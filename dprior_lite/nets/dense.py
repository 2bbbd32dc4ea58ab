"""A densely connected denoiser in the reduced form of Mohan et al. 2020: every block sees the noisy picture again.

Blocks of plain convolutions follow one another; each but the last hands on a few maps, and the next block gets them
together with the noisy picture (after Huang et al. 2017). There is no normalisation.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import convolutions


@architecture("dense.DenseNet")
class DenseNet(nn.Module):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W).

    It estimates the picture itself, not its noise, unless it is centred.

    Parameters
    ----------
    blocks : int
        Blocks of convolutions, at least 1.
    depth : int
        Convolutions in a block, at least 2.
    width : int
        Channels between the convolutions of a block.
    maps : int
        Maps (times C) that a block hands to the next one.
    channels : int
        C of the pictures.
    bias : bool
        False: no additive constant anywhere. True: the ordinary twin, a bias in every convolution but the last of all.
    centred : bool
        Every map is y less what its block answers, and the first filters of each block have mean zero for good: away
        from the border the estimate of the noise cannot depend on a constant added to the picture.

    Examples
    --------
    >>> net = DenseNet(blocks=2, width=4).eval()
    >>> net(torch.zeros(1, 1, 7, 5)).shape
    torch.Size([1, 1, 7, 5])
    """

    def __init__(
        self,
        blocks: int = 4,
        depth: int = 7,
        width: int = 64,
        maps: int = 5,
        channels: int = 1,
        bias: bool = False,
        centred: bool = False,
    ) -> None:
        super().__init__()
        self.centred, last = centred, blocks - 1
        self.blocks = nn.ModuleList(
            convolutions(
                depth,
                channels * (1 if k == 0 else 1 + maps),
                width,
                channels * (1 if k == last else maps),
                bias,
                last_bias=bias and k < last,
                centred=centred,
            )
            for k in range(blocks)
        )

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        x = y[:, :0]
        for block in self.blocks:
            answer = block(torch.cat([y, x], dim=1))
            x = y.repeat(1, answer.shape[1] // y.shape[1], 1, 1) - answer if self.centred else answer
        return x
