"""Row sums of `photos-unet` on every other held-out photograph of 160 pixels, by how bright the picture is there."""

from __future__ import annotations

import torch

from dprior_lite import data
from dprior_lite.course.lab import filters
from dprior_lite.course.measurements import Numbers
from dprior_lite.nets.dense import DenseNet

SIZE, MARGIN = 160, 48  # pixels; the network sees about 45 to every side
LEVELS, SEEDS = (10, 30), (0, 1, 2)
EDGES = {"dark": (-1.0, 0.1), "dim": (0.1, 0.2), "light": (0.2, 2.0)}


def keys() -> list[str]:
    """Return one item a picture."""
    return [f"picture {k}" for k in range(0, len(data.photos("test", size=SIZE)), 2)]


def measure(key: str) -> Numbers:
    """Return sums of row sums over the pixels of each band, a list over levels and seeds, and how many pixels."""
    k = int(key.split()[1])
    x = data.photos("test", size=SIZE)[k : k + 1]
    interior = (..., slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    there = {name: filters.bands(x, edges)[0][interior] for name, edges in EDGES.items()}
    net, control = filters.network(), no_skip()

    found: Numbers = {f"pixels_{name}": float(mask.sum()) for name, mask in there.items()}
    for sigma_255 in LEVELS:
        for seed in SEEDS:
            y = filters.noisy(x, sigma_255, seed, k)
            sums = filters.row_sums(net, y)[interior]
            for name, mask in there.items():
                found.setdefault(f"sum_{name}", []).append(float(sums[mask].sum()))
            nonsense = filters.row_sums(control, y)[interior]
            found.setdefault("sum_untrained", []).append(float(nonsense[~there["dark"]].sum()))
    return found


def no_skip() -> DenseNet:
    """Return an untrained network without a connection from its input to its output."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return DenseNet(depth=3, width=24).eval()
