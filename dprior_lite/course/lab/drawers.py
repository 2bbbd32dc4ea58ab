"""The channel drawer of chapter 13: what fires one channel of the middle, trained or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.course.lab import middles
from dprior_lite.representation import ChannelTypes, channel_types

SIDE = 3  # pictures in a row and in a column of a drawer


@dataclass(frozen=True)
class Drawer:
    """One channel.

    Attributes
    ----------
    best : Tensor
        The nine pictures in which it is largest, in one picture (h, w) with white lines between them.
    values : Tensor
        Its values in all pictures, (B,).
    active : float
        Share of the pictures for which it is on.
    kurtosis : float
        Excess kurtosis of its values.
    """

    best: Tensor
    values: Tensor
    active: float
    kurtosis: float


def drawer(kind: str, place: float, count: int, untrained: int | None = None) -> Drawer:
    """Return a channel of the middle of a network; place 0 is the one that is on most rarely, 1 the one most often.

    Channels that never change are left out.

    Examples
    --------
    >>> drawer("ovals", 0.5, count=16, untrained=0).best.shape
    torch.Size([102, 102])
    """
    phi, types, order = _sorted(kind, count, untrained)
    channel = order[round(place * (len(order) - 1))]
    best = phi[:, channel].argsort(descending=True, stable=True)[: SIDE**2]
    x = F.pad(middles.pictures(kind, "test", count)[0][best, 0], [1] * 4, value=1.0)  # (9, h + 2, w + 2)
    mosaic = torch.cat([torch.cat(list(row), 1) for row in x.split(SIDE)])
    return Drawer(mosaic, phi[:, channel], float(types.active[channel]), float(types.kurtosis[channel]))


@cache
def _sorted(kind: str, count: int, untrained: int | None) -> tuple[Tensor, ChannelTypes, list[int]]:
    """Return features, the types of the channels, and the channels that change, sorted."""
    phi = middles.phi(kind, "test", count, 0, untrained)
    types = channel_types(phi)
    order = types.active.argsort(stable=True).tolist()
    return phi, types, [channel for channel in order if not types.kurtosis[channel].isnan()]
