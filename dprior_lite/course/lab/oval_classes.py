"""The aspect ratio of the ovals in a picture, and a classifier of five ratios.

The ratio is read off the edges. If a picture is stretched in one direction, its differences of neighbouring pixels in
that direction shrink. So the root of the mean squared difference across over that down rises with the ratio of height
to width. A table of pictures whose ratio is known turns it into a ratio.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from dprior_lite.data import ASPECT_RATIOS, TRAINED_RATIOS, ovals, ovals_of_classes
from dprior_lite.training.recipes.guidance import FIRST_TEST, FIRST_TUNE

FIVE = ASPECT_RATIOS[1::4]  # far apart, all of them trained on
ENDS = ASPECT_RATIOS[9], ASPECT_RATIOS[13]  # what lies between them was never trained on
_KNOWN = 64  # pictures in a row of the table of edges


def of_ratio(ratio: float, count: int, first: int = FIRST_TEST) -> Tensor:
    """Return pictures (count, 1, 32, 32) of one aspect ratio that no network has seen; they measure unless told else.

    Examples
    --------
    >>> of_ratio(2.0, 3).shape
    torch.Size([3, 1, 32, 32])
    """
    return ovals(count, ratio, start=first // len(TRAINED_RATIOS))


def edge_ratio(x: Tensor) -> Tensor:
    """Return the root of the mean squared difference across over that down, (B,), of pictures (B, 1, H, W).

    Examples
    --------
    >>> edge_ratio(torch.eye(4)[None, None])
    tensor([1.])
    """
    across, down = (x.diff(dim=dim).square().mean((1, 2, 3)) for dim in (-1, -2))
    return (across / down).sqrt()


@cache
def _edges() -> tuple[np.ndarray, np.ndarray]:
    """Return the log of the edge ratio and the log of the aspect ratio, of pictures that only choose; both rise."""
    logs = [float(edge_ratio(of_ratio(ratio, _KNOWN, FIRST_TUNE)).log().mean()) for ratio in ASPECT_RATIOS]
    return np.array(logs), np.log(ASPECT_RATIOS)


def aspect_ratio(x: Tensor) -> Tensor:
    """Return the aspect ratio of the ovals in each picture, (B,), from its edges; between the table's ends.

    Examples
    --------
    >>> 1.6 < float(aspect_ratio(of_ratio(2.0, 20)).mean()) < 2.4
    True
    """
    return torch.from_numpy(np.exp(np.interp(edge_ratio(x).log().double().numpy(), *_edges())))


@cache
def classifier(seed: int = 0) -> nn.Module:
    """Return a small network that says which of `FIVE` a picture (B, 1, 32, 32) shows, trained on pictures that choose.

    Examples
    --------
    >>> classifier()(of_ratio(FIVE[0], 2)).argmax(1)
    tensor([0, 0])
    """
    x, classes = ovals_of_classes(3000, start=FIRST_TUNE // len(TRAINED_RATIOS) * len(FIVE), ratios=FIVE)
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        found = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(8, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(16, len(FIVE)),
        )
        optimiser = torch.optim.Adam(found.parameters(), lr=1e-2)
        schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.02, total_iters=300)
        for _ in range(5):
            for batch in torch.randperm(len(x)).split(50):
                optimiser.zero_grad()
                nn.functional.cross_entropy(found(x[batch]), classes[batch]).backward()
                optimiser.step()
                schedule.step()
    return found.eval().requires_grad_(False)
