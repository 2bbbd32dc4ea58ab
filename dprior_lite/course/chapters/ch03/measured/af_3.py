"""Radius of interior filters of `photos-unet`, five a patch, on thirty held-out patches of 112 pixels."""

from __future__ import annotations

import torch

from dprior_lite import geometry
from dprior_lite.course.lab import filters
from dprior_lite.course.measurements import Numbers

SIZE, MARGIN, PIXELS = 112, 48, 5  # the filters lie at least 48 pixels from every border
LEVELS = (10, 30, 100)


def keys() -> list[str]:
    """Return one item a patch; a third of the patches belongs to each seed."""
    return [f"seed {k % 3}, patch {k}" for k in range(30)]


def measure(key: str) -> Numbers:
    """Return the radii of the same pixels' filters at each level, and at the lowest level with other noise."""
    seed, k = (int(part.split()[1]) for part in key.split(", "))
    x = filters.patches(SIZE)[k : k + 1]
    draw = torch.Generator().manual_seed(1000 * seed + k)
    places = torch.randint(MARGIN, SIZE - MARGIN, (2, PIXELS), generator=draw)
    pixels = (places[0] * SIZE + places[1]).tolist()

    def radii(y: torch.Tensor) -> list[float]:
        return geometry.filter_radius(geometry.rows(filters.network(), y, pixels), pixels).tolist()

    found: Numbers = {f"radius_{level}": radii(filters.noisy(x, level, seed, k)) for level in LEVELS}
    return found | {"radius_again": radii(filters.noisy(x, LEVELS[0], seed + 3, k))}
