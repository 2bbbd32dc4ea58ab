"""Where every method of the appendix "Side by side" starts: levels of noise and first pictures."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dprior_lite.operators import Operator
from dprior_lite.sampling import Ascent

SIGMA_0, SIGMA_L = 2.0, 0.01  # first and last level of noise, pictures in [0, 1]
ASSUMED = 0.001  # the level told to methods that divide by the noise of the measurements; it is 0
Run = Callable[[nn.Module, Operator, Tensor, float, int, int], Tensor]


class Counted(nn.Module):
    """A denoiser `net(y)` that counts the pictures it was given."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net, self.pictures = net, 0

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W) and add B."""
        self.pictures += len(y)
        return self.net(y)


class Centred(nn.Module):
    """A denoiser of pictures less mid-grey: what is not measured starts at 0 there."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        return self.net(y + 0.5) - 0.5


def start(operator: Operator, m: Tensor) -> Tensor:
    """Return mid-grey, moved to agree with `m`: pictures (B, C, H, W).

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> start(Inpaint(torch.tensor([[True, False]])), torch.tensor([[0.9]])).flatten().tolist()
    [0.8999999761581421, 0.5]
    """
    return operator.project(torch.full((len(m), *operator.shape), 0.5, dtype=m.dtype), m)


def pace(h0: float, calls: int, first: float = SIGMA_0) -> float:
    """Return the beta with which an ideal ascent at this `h0` takes `calls` steps; at most 1.

    The ascent goes from the level `first` to `SIGMA_L`.

    Examples
    --------
    >>> Ascent(h0=0.1, beta=pace(0.1, 100), sigma_0=SIGMA_0).ideal_steps()
    100
    """
    low, high = 1e-4, 1.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (
            (middle, high)
            if Ascent(h0=h0, beta=middle, sigma_0=first, sigma_L=SIGMA_L).ideal_steps() > calls
            else (low, middle)
        )
    return high
