"""The classes of ovals of chapter 12: their networks, the aspect ratio of a picture, and a classifier of five ratios.

The aspect ratio of the ovals in a picture is read off its edges. If a picture is stretched in one direction, its
differences of neighbouring pixels in that direction shrink. So the root of the mean squared difference across over that
down rises with the ratio of height to width. A table of pictures whose ratio is known turns it into a ratio.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from dprior_lite import load
from dprior_lite.data import ASPECT_RATIOS, TRAINED_RATIOS, ovals, ovals_of_classes
from dprior_lite.guidance import Centroids, Features, centroids, guided
from dprior_lite.nets.guided import GuidedUNet
from dprior_lite.sampling import Ascent, ItemNoise, Result, ascend, finish
from dprior_lite.training.recipes.guidance import FIRST_TEST, FIRST_TUNE

FIVE = ASPECT_RATIOS[1::4]  # far apart, all of them trained on
ENDS = ASPECT_RATIOS[9], ASPECT_RATIOS[13]  # what lies between them was never trained on
EACH = 64  # pictures behind a centroid, and in a row of the table of edges
# chosen by eye on the noises 1000 to 1015
ASCENT = Ascent(h0=0.02, beta=0.1, sigma_0=1.0, sigma_L=0.02, max_steps=600)
GRAY = 0.25  # where every ascent starts, about the mean of all ovals
SHAPE = (1, 32, 32)


@cache
def net(kind: str) -> GuidedUNet:
    """Return the network of ovals that is "guided", or its twin "mixture".

    Examples
    --------
    >>> net("guided").gamma is not None
    True
    """
    return load(f"ovals-{kind}").requires_grad_(False)


def of_ratio(ratio: float, count: int, first: int = FIRST_TEST) -> Tensor:
    """Return pictures (count, 1, 32, 32) of one aspect ratio that no network has seen; they measure unless told else.

    Examples
    --------
    >>> of_ratio(2.0, 3).shape
    torch.Size([3, 1, 32, 32])
    """
    return ovals(count, ratio, start=first // len(TRAINED_RATIOS))


@cache
def centres(kind: str = "guided") -> Centroids:
    """Return the centroids of the sixteen trained classes, named by their ratio, of pictures that only choose.

    Examples
    --------
    >>> len(centres())
    16
    """
    x, classes = ovals_of_classes(EACH * len(TRAINED_RATIOS), start=FIRST_TUNE)
    return centroids(net(kind), x, classes, TRAINED_RATIOS)


def drawn(features: Features | None, seeds: range) -> Result:
    """Return samples of the guided network for one vector of features, or of its twin for none.

    Item i has the noise of `seeds[i]`, whatever the features.

    Examples
    --------
    >>> drawn(centres().of(1.0), range(1)).x.shape
    torch.Size([1, 1, 32, 32])
    """
    denoiser = net("mixture") if features is None else guided(net("guided"), features)
    noise = ItemNoise(list(seeds), SHAPE)
    return finish(ascend(denoiser, GRAY + ASCENT.sigma_0 * noise.draw(), noise, ASCENT))


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
    logs = [float(edge_ratio(of_ratio(ratio, EACH, FIRST_TUNE)).log().mean()) for ratio in ASPECT_RATIOS]
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
    x, classes = ovals_of_classes(4000, start=FIRST_TUNE, ratios=FIVE)
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
        for _ in range(5):
            for batch in torch.randperm(len(x)).split(50):
                optimiser.zero_grad()
                nn.functional.cross_entropy(found(x[batch]), classes[batch]).backward()
                optimiser.step()
    return found.eval().requires_grad_(False)
