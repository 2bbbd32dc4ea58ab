"""Sampled digits, 96 a seed, beside test digits: the nearest training digit, contrast, and a classifier's confidence.

The claims ip-3, ip-4 and ip-7 rest on these numbers.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite import data, load
from dprior_lite.course.lab.ascents import part_of_samples
from dprior_lite.course.lab.digit_classifier import digit_classifier, same_contrast
from dprior_lite.course.lab.sample_statistics import nearest, norm_about_mean
from dprior_lite.course.measurements import Numbers
from dprior_lite.sampling import Ascent, Denoiser

SEEDS = (0, 1, 2)
SAMPLES, PART, OF_HUNDRED = 96, 16, 64
ASCENT = Ascent(h0=0.1, beta=0.1, max_steps=250)
STOCK, TEST = 55_000, 2000


def keys() -> list[str]:
    """Return the items: parts of the samples of each seed, test and Gaussian digits, samples of the hundred."""
    parts = [f"samples, seed {seed}, part {part}" for seed in SEEDS for part in range(SAMPLES // PART)]
    gaussian = [f"Gaussian, seed {seed}" for seed in SEEDS]
    hundred = [f"hundred, seed {seed}, part {part}" for seed in SEEDS for part in range(OF_HUNDRED // PART)]
    return [*parts, "test digits", *gaussian, *hundred]


def measure(key: str) -> Numbers:
    """Return of every picture of an item its likeness to the training digits, its contrast, and the confidence.

    Samples count whether they arrived or not. Of test digits the likeness to the hundred is measured as well.
    """
    kind, _, which = key.partition(", ")
    train = _train()[0]
    if kind == "test digits":
        test = data.mnist("test")[0][:TEST]
        return _statistics(test, train[:STOCK]) | {"nearest_of_hundred": nearest(test, train[:100])[0].tolist()}
    seed = int(which.split(", ")[0].split()[-1])
    if kind == "Gaussian":
        return _statistics(_gaussian_digits(seed), train[:STOCK])
    name, stock = ("digits-unet", train[:STOCK]) if kind == "samples" else ("digits-100", train[:100])
    found = part_of_samples(_net(name), 28, seed, int(which.split()[-1]), PART, ASCENT)
    return _statistics(found.x, stock) | {"arrived": found.converged.double().tolist()}


def _statistics(x: Tensor, stock: Tensor) -> Numbers:
    sure = classifier()(same_contrast(x)).softmax(1).amax(1)  # (B,)
    found = {
        "nearest": nearest(x, stock)[0],
        "norm": norm_about_mean(x),
        "norm_at_peak_1": norm_about_mean(same_contrast(x)),
        "peak": x.amax((1, 2, 3)),
        "confidence": sure,
    }
    return {name: values.tolist() for name, values in found.items()}


def _gaussian_digits(seed: int) -> Tensor:
    """Return Gaussian pictures with the mean and the covariance of ten thousand digits."""
    flat = _train()[0][:10_000].flatten(1).double()
    root = torch.linalg.cholesky(torch.cov(flat.mT) + 1e-6 * torch.eye(784))
    z = torch.randn(SAMPLES, 784, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (flat.mean(0) + z @ root.mT).float().reshape(-1, 1, 28, 28)


@cache
def _train() -> tuple[Tensor, Tensor]:
    return data.mnist("train")


@cache
def classifier() -> nn.Module:
    """Return a classifier trained on twenty thousand digits, the same one in one process."""
    digits, labels = _train()
    return digit_classifier(digits[:20_000], labels[:20_000])


@cache
def _net(name: str) -> Denoiser:
    return load(name)
