"""Clusters of the features beside those of a Gaussian surrogate (se-4 and se-6), for three kinds of pictures.

One item is one network, one number of clusters and one draw of the noise. Centres come from pictures that the network
was trained on, everything else from held-out ones. Clusters come from one draw of the noise, leading channels from
another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers
from dprior_lite.representation import (
    assign,
    channel_types,
    clusters,
    gaussian_surrogate,
    separations,
    top_overlap,
)

COUNTS, SEEDS, TOP, ALWAYS = (10, 20, 40), (0, 1, 2), 20, 0.8


def keys() -> list[str]:
    """Return the items; untrained networks are looked at with twenty clusters only."""
    trained = [f"{kind}, trained, K {k}, seed {seed}" for kind in middles.NETS for k in COUNTS for seed in SEEDS]
    return [*trained, *(f"{kind}, untrained, K 20, seed {seed}" for kind in middles.NETS for seed in SEEDS)]


def measure(key: str) -> Numbers:
    """Return overlaps of leading channels and median separations, of the features, surrogates and classes."""
    kind, what, count, place = key.split(", ")
    k, seed = int(count.removeprefix("K ")), int(place.removeprefix("seed "))
    untrained = seed if what == "untrained" else None
    near, held = (_phi(kind, split, seed, untrained) for split in ("train", "test"))
    again = _phi(kind, "test", seed + 10, untrained)
    _, classes = middles.pictures(kind, "test", middles.HELD)
    groups = assign(held, clusters(near, k, seed))
    draw = torch.Generator().manual_seed(seed)
    cloud, second = (gaussian_surrogate(near, len(near) + len(held), draw).split(len(near)) for _ in range(2))
    cloud_groups = assign(cloud[1], clusters(cloud[0], k, seed))
    second_groups = assign(second[1], clusters(second[0], k, seed))
    return {
        **_overlaps(held, again, groups, cloud[1], cloud_groups, draw),
        "separation": _median(held, groups),
        "surrogate_separation": _median(cloud[1], cloud_groups),
        "second_separation": _median(second[1], second_groups),
        "class_separation": _median(held, classes),
    }


def _overlaps(
    held: Tensor, again: Tensor, groups: Tensor, cloud: Tensor, cloud_groups: Tensor, draw: torch.Generator
) -> Numbers:
    """Return shared channels within and between groups, without the channels that are always on."""
    kept = ~(channel_types(held).active > ALWAYS)
    shuffled = groups[torch.randperm(len(groups), generator=draw)]
    found = {"": (again, groups), "surrogate_": (cloud, cloud_groups), "shuffled_": (again, shuffled)}
    numbers: Numbers = {"kept": float(kept.sum())}
    for name, (phi, labels) in found.items():
        overlap = top_overlap(phi, labels, min(TOP, int(kept.sum())), kept)
        numbers |= {f"{name}within": overlap.within, f"{name}between": overlap.between}
    return numbers


def _median(phi: Tensor, labels: Tensor) -> float:
    return float(separations(phi, labels).median())


def _phi(kind: str, split: str, seed: int, untrained: int | None) -> Tensor:
    """Return features of the pictures in which centres are looked for, or of those that are held out."""
    return middles.phi(kind, split, middles.NEIGHBOURS if split == "train" else middles.HELD, seed, untrained)
