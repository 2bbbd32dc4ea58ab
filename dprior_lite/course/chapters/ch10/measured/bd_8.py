"""Fréchet distance of samples of every sampler, in the features of a classifier, at 25, 50 and 100 evaluations.

The blind sampler stops by its own noise; the mean number of its steps is kept beside the distance.

All distances belong to one classifier, so it is stored beside them: trained again on another processor it would be
another one, and the distances would differ by a percent. `train_features` wrote it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from dprior_lite.course.lab.blind_nets import COUNTS, SAMPLERS, drawn, net, unseen
from dprior_lite.course.lab.frechet import DigitFeatures, frechet_distance, trained_features
from dprior_lite.course.measurements import Numbers
from dprior_lite.data import mnist

SEEDS, SAMPLES, PART, TRAIN = (0, 1, 2), 1000, 125, 20_000
FEATURES = Path(__file__).with_name("digit_features.safetensors")


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


def train_features(path: Path = FEATURES) -> None:
    """Train the classifier on one thread and store it; distances measured with another one do not count any more."""
    torch.set_num_threads(1)
    x, labels = mnist("train")
    classifier = trained_features(x[:TRAIN], labels[:TRAIN])
    save_file({name: value.half().contiguous() for name, value in classifier.state_dict().items()}, path)


@cache
def _classifier() -> tuple[DigitFeatures, Tensor]:
    """Return the classifier and the features of its training digits."""
    classifier = DigitFeatures()
    classifier.load_state_dict({name: value.float() for name, value in load_file(FEATURES).items()})
    classifier.eval().requires_grad_(False)
    return classifier, classifier.features(mnist("train")[0][:TRAIN])


def _distance(x: Tensor) -> float:
    classifier, features = _classifier()
    return frechet_distance(classifier.features(x), features)
