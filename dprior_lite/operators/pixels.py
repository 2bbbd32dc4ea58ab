"""Measurements in the picture itself: pixels that are missing, and pixels that are averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.gates.numbers import require_whole
from dprior_lite.operators.base import Operator, count, drawing, picture_shape


class Inpaint(Operator):
    """Measure the pixels where `mask` is True; the rest of the picture is missing.

    Rows of the identity, measured (k,).

    Parameters
    ----------
    mask : Tensor
        bool, (H, W) for all channels alike or (C, H, W); all False (k = 0) and all True are allowed.
    channels : int
        C of the pictures when the mask is (H, W).

    Examples
    --------
    >>> Inpaint(torch.tensor([[True, False]])).A(torch.tensor([[[[5.0, 7.0]]]]))
    tensor([[5.]])
    """

    def __init__(self, mask: Tensor, channels: int = 1) -> None:
        if not isinstance(mask, Tensor) or mask.dtype != torch.bool or mask.ndim not in (2, 3):
            kind = f"{mask.dtype}, shape {tuple(mask.shape)}" if isinstance(mask, Tensor) else type(mask).__name__
            raise ValueError(
                f"mask is {kind}; expected a bool tensor (H, W) or (C, H, W), True where measured. Use mask > 0.5."
            )
        if mask.ndim == 3 and channels not in (1, mask.shape[0]):
            raise ValueError(
                f"mask has {mask.shape[0]} channels of its own, and channels={channels}; leave channels out."
            )
        channels = require_whole(channels, "channels")
        mask = mask.expand(channels, *mask.shape) if mask.ndim == 2 else mask
        seen = mask.flatten()
        super().__init__(mask.shape, (int(seen.sum()),), device=mask.device)
        self.averages = True
        self.register_buffer("mask", mask.clone())
        self.register_buffer("_seen", seen.nonzero()[:, 0])
        # an unmeasured pixel looks up the zero appended to m
        self.register_buffer("_source", torch.where(seen, seen.cumsum(0) - 1, self.k))

    def _forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, self._seen]

    def _adjoint(self, m: Tensor) -> Tensor:
        return F.pad(m, (0, 1))[:, self._source].unflatten(1, self.shape)


class RandomPixels(Inpaint):
    """Measure `round(fraction * C * H * W)` numbers of the picture, drawn at random; measured (k,).

    They are drawn without regard to pixel or channel.

    Examples
    --------
    >>> RandomPixels((3, 4, 5), 0.1, torch.Generator().manual_seed(0)).k
    6
    """

    def __init__(self, shape: Sequence[int], fraction: float, generator: torch.Generator) -> None:
        d = math.prod(picture_shape(shape))
        order = torch.randperm(d, generator=generator, device=drawing(generator))
        super().__init__((order < count(fraction, d)).reshape(tuple(shape)))


class SuperResolution(Operator):
    """Measure sums over blocks of `factor x factor` pixels, over the root of how many these are.

    Measured (C, ceil(H / f), ceil(W / f)). That is `factor` times the block's mean, which makes the rows orthonormal;
    blocks cut by the right or lower border have fewer pixels.

    Examples
    --------
    >>> SuperResolution((1, 2, 3), 2).A(torch.ones(1, 1, 2, 3))
    tensor([[[[2.0000, 1.4142]]]])
    """

    def __init__(self, shape: Sequence[int], factor: int) -> None:
        factor, (channels, height, width) = require_whole(factor, "factor"), picture_shape(shape)
        super().__init__(shape, (channels, -(-height // factor), -(-width // factor)))
        self.factor, self.averages = factor, True
        sizes = ([min(factor, n - i) for i in range(0, n, factor)] for n in self.shape[1:])
        high, wide = (torch.tensor(size, device="cpu") for size in sizes)
        self.register_buffer("pixels", high[:, None] * wide)  # (h, w)

    def _forward(self, x: Tensor) -> Tensor:
        (_, height, width), (_, h, w), f = self.shape, self.measured, self.factor
        blocks = F.pad(x, (0, w * f - width, 0, h * f - height)).unflatten(3, (w, f)).unflatten(2, (h, f))
        return blocks.sum((3, 5)) * self.pixels.to(x.dtype).rsqrt()

    def _adjoint(self, m: Tensor) -> Tensor:
        _, height, width = self.shape
        spread = (m * self.pixels.to(m.dtype).rsqrt())[:, :, :, None, :, None].expand(
            -1, -1, -1, self.factor, -1, self.factor
        )
        return spread.flatten(4, 5).flatten(2, 3)[:, :, :height, :width]
