"""How many channels take part in a code, and which ones are always on or rarely on.

The participation ratio of a vector v of C channels is::

    PR(v) = |v|_1² / (C |v|_2²)

It is k/C for k equal channels and C - k zeros. A small ratio alone shows little: of the ReLU of Gaussian noise it is
1/pi = 0.32. `PARTICIPATION_NULLS` holds such values, to stand beside a measured one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import require_number

__all__ = ["PARTICIPATION_NULLS", "ChannelTypes", "channel_types", "participation_ratio"]

#: The ratio of codes in which nothing was learned, in the limit of many channels.
PARTICIPATION_NULLS = {"equal channels": 1.0, "|Gaussian|": 2 / math.pi, "ReLU of Gaussian": 1 / math.pi}


def participation_ratio(v: Tensor) -> Tensor:
    """Return `|v|_1² / (C |v|_2²)` of each row, from 1/C for one channel to 1 for equal channels, (B,) in float64.

    Parameters
    ----------
    v : Tensor
        Channel averages (B, C) of any sign and scale.

    Raises
    ------
    TypeError, ValueError
        If it is no such tensor, is not finite, or holds a row of zeros, of which no ratio is defined.

    Examples
    --------
    >>> participation_ratio(torch.tensor([[3.0, 3.0, 3.0, 3.0], [5.0, 5.0, 0.0, 0.0]])).tolist()
    [1.0, 0.5]
    """
    size = require_batch(v, "v", 2).detach().double().abs()  # (B, C)
    largest = size.amax(1, keepdim=True)
    if not bool((largest > 0).all()):
        silent = int((largest[:, 0] == 0).nonzero()[0])
        raise ValueError(
            f"Row {silent} of v is all zeros, of which no ratio is defined. Remove it, or use another block."
        )
    size = size / largest
    return size.sum(1).square() / (v.shape[1] * size.square().sum(1))


@dataclass(frozen=True)
class ChannelTypes:
    """How often each channel is on, and the shape of its distribution over pictures.

    Attributes
    ----------
    active : Tensor
        Share of the pictures on which a channel is above a tenth (or another share) of its largest value, (C,).
    kurtosis : Tensor
        Excess kurtosis of its values over the pictures, (C,): 0 for a Gaussian. NaN for a channel that never changes.
    common, specialised : Tensor
        Which channels are always on with a low kurtosis, and which are rarely on with a high one, (C,) of truth values.
    """

    active: Tensor
    kurtosis: Tensor
    common: Tensor
    specialised: Tensor


def channel_types(
    phi: Tensor,
    on: float = 0.1,
    common: tuple[float, float] = (0.8, 2.0),
    specialised: tuple[float, float] = (0.2, 10.0),
) -> ChannelTypes:
    """Return which channels are on for most pictures, and which for few.

    Parameters
    ----------
    phi : Tensor
        Features (B, C) of B pictures, at least 4, from a block that ends with a ReLU.
    on : float
        A channel is on where it is above this share of its largest value, from 0 to 1.
    common : (float, float)
        On for more than this share of the pictures, and a kurtosis below this.
    specialised : (float, float)
        On for less than this share of the pictures, and a kurtosis above this.

    Returns
    -------
    ChannelTypes
        A channel that never changes is of neither type.

    Raises
    ------
    TypeError, ValueError
        If the features are not finite, are negative, or of too few pictures.

    Examples
    --------
    >>> always, rarely = 1 + torch.linspace(0, 0.1, 100), torch.zeros(100)
    >>> rarely[0] = 1.0
    >>> found = channel_types(torch.stack([always, rarely], 1))
    >>> found.common.tolist(), found.specialised.tolist()
    ([True, False], [False, True])
    """
    from scipy.stats import kurtosis

    phi, on = require_features(phi, "phi", least=4).double(), require_number(on, "on", least=0, below=1)
    if bool((phi < 0).any()):
        raise ValueError("phi has negative values; expected the output of a block that ends with a ReLU.")
    active = (phi > on * phi.amax(0)).double().mean(0)  # (C,)
    moving = phi.amax(0) > phi.amin(0)
    shape = torch.full_like(active, math.nan)
    shape[moving] = torch.from_numpy(kurtosis(phi[:, moving].cpu().numpy(), axis=0)).to(shape)
    return ChannelTypes(
        active,
        shape,
        common=(active > common[0]) & (shape < common[1]),
        specialised=(active < specialised[0]) & (shape > specialised[1]),
    )


def require_features(phi: Tensor, name: str = "phi", least: int = 1) -> Tensor:
    """Return features (B, C) of at least so many pictures, without a gradient.

    Examples
    --------
    >>> require_features(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    phi = require_batch(phi, name, 2).detach()
    if len(phi) < least:
        raise ValueError(f"{name} has shape {tuple(phi.shape)}; expected features (B, C) of at least {least} pictures.")
    return phi
