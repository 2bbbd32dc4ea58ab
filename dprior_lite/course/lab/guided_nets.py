"""The guided networks of chapter 12 and their twins: pictures of their classes, centroids, and samples."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from dprior_lite import load
from dprior_lite.data import TEXTURES, TRAINED_RATIOS, faint_digits, ovals_of_classes, texture_patches
from dprior_lite.gates.network import Denoiser
from dprior_lite.generalization import paired_samples
from dprior_lite.guidance import Centroids, Features, centroids, guided
from dprior_lite.nets.guided import GuidedUNet
from dprior_lite.sampling import Ascent, Result
from dprior_lite.training.recipes.guidance import FIRST_TEST, FIRST_TUNE

CLASSES = {"ovals": TRAINED_RATIOS, "faint-digits": tuple(range(10)), "textures": TEXTURES}
EACH = 64  # pictures behind a centroid
# chosen by eye on the noises 1000 to 1015
ASCENT = Ascent(h0=0.02, beta=0.1, sigma_0=1.0, sigma_L=0.02, max_steps=600)
# gray level where an ascent starts, near the mean of all classes
GRAY = {"ovals": 0.28, "faint-digits": 0.04, "textures": 0.37}


@cache
def net(name: str, kind: str = "guided") -> GuidedUNet:
    """Return the network of one set that is "guided", or its twin "mixture".

    Examples
    --------
    >>> net("no", "such")
    Traceback (most recent call last):
    dprior_lite.card.WeightError: There is no weight 'no-such'; ...
    """
    return load(f"{name}-{kind}").requires_grad_(False)


def pictures(name: str, part: str, count: int) -> tuple[Tensor, Tensor]:
    """Return held-out pictures of all classes in turn, (count, 1, 32, 32), and their classes, (count,).

    Those of "tune" choose, those of "test" measure.

    Examples
    --------
    >>> pictures("textures", "test", 5)[1]
    tensor([0, 1, 2, 3, 0])
    """
    if name == "ovals":
        return ovals_of_classes(count, start={"tune": FIRST_TUNE, "test": FIRST_TEST}[part])
    return texture_patches(count, split=part) if name == "textures" else faint_digits(count, split=part)


@cache
def centres(name: str, kind: str = "guided") -> Centroids:
    """Return the centroids of all classes of a set, from pictures that choose.

    Examples
    --------
    >>> CLASSES["textures"]
    ('brick', 'grass', 'gravel', 'stars')
    """
    x, classes = pictures(name, "tune", EACH * len(CLASSES[name]))
    return centroids(net(name, kind), x, classes, CLASSES[name])


def drawn(name: str, features: Features | None, seeds: range) -> Result:
    """Return samples of the guided network for one vector of features, or of its twin for none.

    Item i has the noise of `seeds[i]`, whatever the features.

    Examples
    --------
    >>> ASCENT.sigma_0
    1.0
    """
    denoiser: Denoiser = net(name, "mixture") if features is None else guided(net(name), features)
    return paired_samples([denoiser], torch.full((1, 32, 32), GRAY[name]), seeds, ASCENT)[0]
