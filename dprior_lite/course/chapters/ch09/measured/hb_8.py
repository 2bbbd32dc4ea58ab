"""How many eigenvalues are above one half at three levels of noise, and what a network of one portrait keeps (hb-8)."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from dprior_lite import geometry, load, miyasawa
from dprior_lite.course.lab.halves import seen, unseen
from dprior_lite.course.measurements import Numbers

LEVELS, PICTURES, SEEDS = (0.3, 0.1, 0.03), 8, (0, 1, 2)


def keys() -> list[str]:
    """Return the items: the network of 30,000 portraits at test portraits, then both at the one portrait."""
    many = [f"many, portrait {k}, seed {seed}" for k in range(PICTURES) for seed in SEEDS]
    return [*many, *(f"{kind}, the one, seed {seed}" for kind in ("other", "one") for seed in SEEDS)]


def measure(key: str) -> Numbers:
    """Return by level the number of eigenvalues above 1/2 and the cosine of the first eigenvector with the picture."""
    kind, place, _, seed = key.replace(", seed", ", seed,").split(", ")
    net = load("portraits-1-a" if kind == "one" else "portraits-30000-a").requires_grad_(False)
    k = 0 if place == "the one" else int(place.split()[1])
    x = seen(1, "a") if place == "the one" else unseen(PICTURES)[k][None]
    kept, cosine = [], []
    for level, sigma in enumerate(LEVELS):
        y = miyasawa.noisy(x, sigma, torch.Generator().manual_seed(100 * int(seed) + 10 * k + level))
        basis = geometry.symmetric_eigenbasis(net, y)
        kept.append(float((basis.values > 0.5).sum()))
        cosine.append(abs(float(F.cosine_similarity(basis.vectors[0].flatten(), x.flatten(), dim=0))))
    return {"kept": kept, "cosine": cosine}
