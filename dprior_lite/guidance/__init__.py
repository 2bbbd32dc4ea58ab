"""Feature guidance: sampling one class by moving the features of a picture to those of its class.

A blind network denoises pictures of many classes. Its features phi are averages of its channels over space
(`nets.guided`). With the features of another picture of the same class as a guide, the network is trained by the error
of denoising alone (Kadkhodaie, Mallat & Simoncelli 2024). This package holds what is done with such a network:

- `guided_error` and `unguided_error` train it and its twin that has no guide;
- `features` and `centroids` give the features of pictures and their mean over a class;
- `guided` makes a blind denoiser of a network and a vector of features, which `sampling.sample` takes; `between` gives
  the features on the way from one class to another;
- `separation`, `jeffreys` and `distortion` compare classes: their features, their densities, and one with the other;
- `classifier_free` is the usual guidance by a class, with a weight, for comparison.

The features of a guide are those of clean pictures, in training and in sampling.
"""

from __future__ import annotations

from dprior_lite.guidance.centroids import Centroids, between, centroids
from dprior_lite.guidance.denoisers import Guided, class_gains, classifier_free, guided
from dprior_lite.guidance.distances import distortion, jeffreys, separation
from dprior_lite.guidance.features import Features, features, fingerprint
from dprior_lite.guidance.losses import guided_error, in_groups, leaking_error, pairs, unguided_error

__all__ = [
    "Centroids",
    "Features",
    "Guided",
    "between",
    "centroids",
    "class_gains",
    "classifier_free",
    "distortion",
    "features",
    "fingerprint",
    "guided",
    "guided_error",
    "in_groups",
    "jeffreys",
    "leaking_error",
    "pairs",
    "separation",
    "unguided_error",
]
