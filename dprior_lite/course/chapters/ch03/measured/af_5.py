"""Effective dimension of `photos-unet` at six noise levels, on thirty held-out patches of 64 pixels."""

from __future__ import annotations

import torch

from dprior_lite.course.lab import filters
from dprior_lite.course.measurements import Numbers

LEVELS, SEEDS, PROBES = (10, 20, 30, 50, 75, 100), (0, 1, 2), 2
ONE_LEVEL = 30


def keys() -> list[str]:
    """Return one item a patch."""
    return [f"patch {k}" for k in range(30)]


def measure(key: str) -> Numbers:
    """Return estimates of Σs² by seed and level; six draws at one level; the untrained network by level."""
    k = int(key.split()[1])
    x = filters.patches(64)[k : k + 1]

    def dimension(net: torch.nn.Module, sigma_255: float, seed: int, probes: int = PROBES) -> float:
        probe = torch.Generator().manual_seed(1_000_000 * seed + 1000 * k + sigma_255)
        return filters.leaks(net, filters.noisy(x, sigma_255, seed, k), probes, probe)

    net, control = filters.network(), filters.untrained(0)
    found: Numbers = {f"seed_{seed}": [dimension(net, level, seed) for level in LEVELS] for seed in SEEDS}
    found["one_level"] = [dimension(net, ONE_LEVEL, 10 + draw) for draw in range(len(LEVELS))]
    return found | {"untrained": [dimension(control, level, 0, probes=1) for level in LEVELS]}
