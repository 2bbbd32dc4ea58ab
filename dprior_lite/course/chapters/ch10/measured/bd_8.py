"""Fréchet distance of samples of every sampler, in the features of a classifier, at 25, 50 and 100 evaluations.

The blind sampler stops by its own noise; the mean number of its steps is kept beside the distance.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from dprior_lite.course.lab.blind_nets import COUNTS, SAMPLERS, drawn, net, unseen
from dprior_lite.course.lab.frechet import DigitFeatures, frechet_distance, trained_features
from dprior_lite.course.measurements import Numbers
from dprior_lite.data import mnist

SEEDS, SAMPLES, PART, TRAIN = (0, 1, 2), 1000, 125, 20_000


def keys() -> list[str]:
    """Return the items: test digits, which is the floor, and each sampler, count and draw of noise."""
    return ["test digits", *(f"{name}, {count}, {seed}" for count in COUNTS for name in SAMPLERS for seed in SEEDS)]


def measure(key: str) -> Numbers:
    """Return the distance of 1000 samples to the training digits, their steps, and the noise left."""
    if key == "test digits":
        return {"distance": _distance(unseen("digits", SAMPLES))}
    name, count, seed = key.rsplit(", ", 2)
    parts = [drawn(name, int(count), PART, 1000 * int(seed) + k) for k in range(SAMPLES // PART)]
    x = torch.cat([part.x for part in parts])
    with torch.no_grad():
        left = net("level", "digits")(x)
    return {
        "distance": _distance(x),
        "steps": float(torch.cat([part.steps for part in parts]).double().mean()),
        "arrived": float(torch.cat([part.converged for part in parts]).double().mean()),
        "left": float(left.double().mean()),
    }


@cache
def _classifier() -> tuple[DigitFeatures, Tensor]:
    """Return the classifier and the features of its training digits."""
    x, labels = mnist("train")
    classifier = trained_features(x[:TRAIN], labels[:TRAIN])
    return classifier, classifier.features(x[:TRAIN])


def _distance(x: Tensor) -> float:
    classifier, features = _classifier()
    return frechet_distance(classifier.features(x), features)
