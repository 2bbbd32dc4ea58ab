"""The DnCNN-type denoiser, biased or bias-free by one switch.

A stack of 3x3 convolutions that estimates the noise and subtracts it (Zhang et al. 2017); without biases, and with
batch normalisation that subtracts no mean, it is the BF-CNN of Mohan et al. 2020. Depth 20 and width 64 are the
paper's; the receptive field is `2 * depth + 1` pixels. On a CPU the same stack is several times faster on a picture
rearranged into fewer pixels of more channels (`unshuffle`, as in FFDNet, Zhang et al. 2018), with a receptive field
as many times wider.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.nets import architecture
from dprior_lite.nets.blocks import CentredConv2d, batch_norm, conv3, first_conv, pad_to_multiple


@architecture("bfcnn.BFCNN")
class BFCNN(nn.Module):
    """Blind denoiser `y -> x_hat = y - noise(y)`, both (B, C, H, W).

    Parameters
    ----------
    depth : int
        Number of convolutions, at least 2.
    width : int
        Channels between them.
    channels : int
        C of the pictures.
    bias : bool
        False: no additive constant anywhere. True: the ordinary twin, with biases and ordinary batch normalisation.
    norm : bool
        Batch normalisation after every convolution but the first and the last.
    unshuffle : int
        Work on blocks of `unshuffle * unshuffle` pixels, each block one pixel of as many channels; 1 leaves the
        picture as it is.
    centred : bool
        First filters of mean zero for good: away from the border the estimate of the noise cannot depend on a constant
        added to the picture.

    Examples
    --------
    >>> net = BFCNN(depth=4, width=8).eval()
    >>> y = torch.randn(1, 1, 9, 9)
    >>> bool(torch.allclose(net(2 * y), 2 * net(y), atol=1e-5))
    True
    """

    def __init__(
        self,
        depth: int = 20,
        width: int = 64,
        channels: int = 1,
        bias: bool = False,
        norm: bool = True,
        unshuffle: int = 1,
        centred: bool = False,
    ) -> None:
        super().__init__()
        self.unshuffle, channels = unshuffle, channels * unshuffle**2
        if depth < 2:
            raise ValueError(f"BFCNN got depth={depth}; it needs at least 2 convolutions.")
        inner = range(depth - 2)
        self.convs = nn.ModuleList(
            [
                first_conv(channels, width, bias, centred),
                *(conv3(width, width, bias and not norm) for _ in inner),
                conv3(width, channels, bias),
            ]
        )
        self.norms = nn.ModuleList(batch_norm(width, bias) if norm else nn.Identity() for _ in inner)
        with torch.no_grad():
            self.convs[-1].weight.mul_(0.1)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        height, width = y.shape[-2:]
        x = F.pixel_unshuffle(pad_to_multiple(y, self.unshuffle), self.unshuffle)
        x = F.relu(self.convs[0](x))
        for conv, norm in zip(self.convs[1:-1], self.norms):
            x = F.relu(norm(conv(x)))
        return y - F.pixel_shuffle(self.convs[-1](x), self.unshuffle)[..., :height, :width]

    def folded(self) -> list[tuple[Tensor, Tensor | None, bool]]:
        """Return the network in `eval` mode as plain convolutions `(weight (O, I, 3, 3), bias (O,) or None, relu)`.

        The stack estimates the *noise*, of an unshuffled picture if the network unshuffles; batch normalisation is
        folded into weight and bias.
        """
        layers: list[tuple[Tensor, Tensor | None, bool]] = []
        for k, conv in enumerate(self.convs):
            weight = (conv.filters if isinstance(conv, CentredConv2d) else conv.weight).detach().clone()
            bias = None if conv.bias is None else conv.bias.detach().clone()
            norm = self.norms[k - 1] if 0 < k < len(self.convs) - 1 else nn.Identity()
            if isinstance(norm, nn.BatchNorm2d):
                gain = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
                weight, bias = weight * gain[:, None, None, None], norm.bias.detach() - gain * norm.running_mean
            elif not isinstance(norm, nn.Identity):
                weight = weight * (norm.weight.detach() / norm.running_sd)[:, None, None, None]
            layers.append((weight, bias, k < len(self.convs) - 1))
        return layers
