"""A recurrent denoiser: one block of convolutions, applied again and again to the noisy picture and the last estimate.

The recurrent CNN of Mohan et al. 2020 (after Zhang et al. 2018), without normalisation. Theirs draws the number of
stages at random while it trains; here it is fixed, so that a step of a training is a function of its seed alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import convolutions


@architecture("recurrent.RecurrentCNN")
class RecurrentCNN(nn.Module):
    """Blind denoiser `y -> x_hat`, both (B, C, H, W).

    It estimates the picture itself, not its noise, unless it is centred.

    Parameters
    ----------
    stages : int
        Times the block is applied, at least 1; the first one gets y as its last estimate.
    depth : int
        Convolutions in the block, at least 2.
    width : int
        Channels between them.
    channels : int
        C of the pictures.
    bias : bool
        False: no additive constant anywhere. True: the ordinary twin, a bias in every convolution but the last.
    centred : bool
        Each stage subtracts its answer from y, and its first filters have mean zero for good: away from the border the
        estimate of the noise cannot depend on a constant added to the picture.

    Examples
    --------
    >>> net = RecurrentCNN(stages=2, depth=3, width=4).eval()
    >>> net(torch.zeros(1, 1, 7, 5)).shape
    torch.Size([1, 1, 7, 5])
    """

    def __init__(
        self,
        stages: int = 4,
        depth: int = 7,
        width: int = 64,
        channels: int = 1,
        bias: bool = False,
        centred: bool = False,
    ) -> None:
        super().__init__()
        self.stages, self.centred = stages, centred
        self.block = convolutions(depth, 2 * channels, width, channels, bias, centred=centred)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        x = y
        for _ in range(self.stages):
            answer = self.block(torch.cat([y, x], dim=1))
            x = y - answer if self.centred else answer
        return x
