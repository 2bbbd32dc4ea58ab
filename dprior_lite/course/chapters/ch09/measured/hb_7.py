"""Eigenvectors for regular pictures: how near to the contour they lie, and how fast they oscillate (hb-7).

One item is one held-out picture with alpha 3 and one seed of the noise.
"""

from __future__ import annotations

import torch

from dprior_lite import data, geometry, load, miyasawa
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.measurements import Numbers
from dprior_lite.training.recipes.harmonic import FIRST_TEST

ALPHA, SIGMA, LEADING, WITHIN, PICTURES, SEEDS = 3, 0.1, 100, 3.0, 8, (0, 1, 2)
NET = f"c-alpha-{ALPHA}"


def keys() -> list[str]:
    """Return the items: each picture with each seed, then two pictures with an untrained network."""
    trained = [f"picture {k}, seed {seed}" for k in range(PICTURES) for seed in SEEDS]
    return [*trained, *(f"untrained, picture {k}, seed 0" for k in range(2))]


def measure(key: str) -> Numbers:
    """Return eigenvalues, mean frequencies, the share near the contour of each vector, and that of random vectors."""
    k, seed = (int(word.split()[1]) for word in key.removeprefix("untrained, ").split(", "))
    net = untrained(0, NET) if key.startswith("untrained") else load(NET)
    x, contour = data.c_alpha_with_contour(1, ALPHA, start=FIRST_TEST + k)
    generator = torch.Generator().manual_seed(100 * seed + k)
    y = miyasawa.noisy(x, SIGMA, generator)
    values, vectors, _ = geometry.leading_eigenpairs(net.requires_grad_(False), y, LEADING, generator, tolerance=0.01)
    distance = data.contour_distance(contour)[0]
    drawn = geometry.random_basis(LEADING, y, generator)
    return {
        "values": values.double().tolist(),
        "frequency": geometry.mean_frequency(vectors).double().tolist(),
        "near": geometry.contour_energy(vectors, distance, WITHIN).double().tolist(),
        "near_random": float(geometry.contour_energy(drawn, distance, WITHIN).mean()),
    }
