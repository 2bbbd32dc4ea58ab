"""The Jeffreys divergence of every pair of sixteen classes of ovals beside the distances of their centroids (fg-5).

One item is one draw of noise. The lists hold the pairs in the order of the upper triangle.
"""

from __future__ import annotations

import torch
from scipy.stats import spearmanr
from torch import Tensor

from dprior_lite.course.lab.guided_nets import centres, net, pictures
from dprior_lite.course.measurements import Numbers
from dprior_lite.data import TRAINED_RATIOS
from dprior_lite.guidance import centroids, distortion, guided, jeffreys
from dprior_lite.nets.guided import GuidedUNet

SEEDS, PICTURES = (0, 1, 2), 8  # of a class
SIGMAS = tuple(0.05 * 20 ** (k / 7) for k in range(8))
STEP = 7  # from a class to the one it is exchanged with: 7 and 16 share no factor


def keys() -> list[str]:
    """Return the items: three draws of noise."""
    return [str(seed) for seed in SEEDS]


def measure(key: str) -> Numbers:
    """Return divergences, squared distances of centroids, rank correlations, and B over A."""
    found, k = centres("ovals"), len(TRAINED_RATIOS)
    x, classes = pictures("ovals", "test", k * PICTURES)
    denoisers = [guided(net("ovals"), found.of(ratio)) for ratio in TRAINED_RATIOS]
    each = [x[classes == c] for c in range(k)]
    divergences = jeffreys(denoisers, each, SIGMAS, torch.Generator().manual_seed(int(key)))
    squares = _squares(found.features.values)
    exchanged = _squares(found.features.values[[STEP * c % k for c in range(k)]])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(key))
        untrained = GuidedUNet(guided=False).requires_grad_(False)
    tune = pictures("ovals", "tune", k * 64)
    random = _squares(centroids(untrained, *tune, TRAINED_RATIOS).features.values)
    i, j = torch.triu_indices(k, k, 1)
    return {
        "divergences": divergences[i, j].tolist(),
        "squares": squares[i, j].tolist(),
        "spearman": _ranks(divergences, squares),
        "distortion": distortion(divergences, squares),
        "shuffled": _ranks(divergences, exchanged),
        "shuffled_distortion": distortion(divergences, exchanged),
        "untrained": _ranks(divergences, random),
        "untrained_distortion": distortion(divergences, random),
    }


def _squares(values: Tensor) -> Tensor:
    """Return the squared distances of rows, (K, K)."""
    return torch.cdist(values.double(), values.double()).square()


def _ranks(a: Tensor, b: Tensor) -> float:
    """Return the rank correlation over all pairs of classes."""
    i, j = torch.triu_indices(len(a), len(a), 1)
    return float(spearmanr(a[i, j].numpy(), b[i, j].numpy()).statistic)
