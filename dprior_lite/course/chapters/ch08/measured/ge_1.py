"""PSNR on training and on test portraits, for every network of chapter 8, and for untrained ones."""

from __future__ import annotations

import torch

from dprior_lite import load
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.lab.halves import seen, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.generalization import train_test_gap
from dprior_lite.training.recipes.generalization import HALVES, SIZES

PICTURES, SEEDS = 128, (0, 1, 2)
LEVELS = (0.0, 6.0, 12.0, 18.0, 24.0, 30.0)  # PSNR of the noisy pictures, dB


def keys() -> list[str]:
    """Return the items: each size and half, and untrained networks beside the sizes that a claim names."""
    trained = [f"{size}, {half}" for size in SIZES for half in HALVES]
    return [*trained, *(f"untrained, {size}, {half}" for size in (10, 100) for half in HALVES)]


def measure(key: str) -> Numbers:
    """Return PSNR on training and on test portraits by level, mean of three draws, and the mean gap of each draw.

    There are 128 of each; of a smaller training set each portrait stands in the row several times.
    """
    *kind, size, half = key.split(", ")
    name = f"portraits-{size}-{half}"
    net = untrained(0, name) if kind else load(name).requires_grad_(False)
    train = seen(int(size), half, PICTURES)
    train = train.repeat(-(-PICTURES // len(train)), 1, 1, 1)[:PICTURES]
    test, found = unseen(PICTURES), []
    for seed in SEEDS:
        found.append(train_test_gap(net, train, test, torch.Generator().manual_seed(seed), LEVELS))
    return {
        "train": torch.stack([g.train.mean(1) for g in found]).mean(0).tolist(),
        "test": torch.stack([g.test.mean(1) for g in found]).mean(0).tolist(),
        "gap": [g.value for g in found],
        "error": [g.error for g in found],
    }
