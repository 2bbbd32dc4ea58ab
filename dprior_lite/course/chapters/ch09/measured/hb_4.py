"""The eight largest eigenvalues at noisy discs, and the leading five directions beside the tangent space (hb-4).

One item is one held-out disc with three seeds of the noise. The controls are an untrained network, the tangent space
of the next disc, the network of one portrait at that portrait, and the network of portraits at portraits.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite import data, geometry, load, miyasawa
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.lab.halves import seen, unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.gates.network import Denoiser
from dprior_lite.training.recipes.harmonic import FIRST_TEST

SIGMA, SIZE, CONTRAST, PICTURES, SEEDS, LEADING = 0.04, 32, 0.3, 16, (0, 1, 2), 12


def keys() -> list[str]:
    """Return the items: each disc, then the controls on fewer pictures."""
    counts = {"disc": PICTURES, "untrained": 4, "portrait": 4, "one": 1}
    return [f"{kind} {k}" for kind, count in counts.items() for k in range(count)]


def measure(key: str) -> Numbers:
    """Return the largest eigenvalues of each seed, and of a disc the mean squared cosines with two tangent spaces."""
    kind, k = key.split()
    if kind in ("portrait", "one"):
        x = seen(1, "a") if kind == "one" else unseen(PICTURES)[int(k)][None]
        name = "portraits-1-a" if kind == "one" else "portraits-30000-a"
        return {f"values_{seed}": _leading(name, x, k, seed)[0].tolist() for seed in SEEDS}
    own, other = (data.disc_parameters([FIRST_TEST + n], SIZE, contrast=CONTRAST) for n in (int(k), int(k) + 1))
    x = data.draw_discs(own, SIZE)
    net = untrained(0, "discs") if kind == "untrained" else "discs"
    found = [_leading(net, x, k, seed) for seed in SEEDS]
    return {f"values_{seed}": values.tolist() for seed, (values, _) in zip(SEEDS, found)} | {
        "tangent": [_overlap(vectors, own) for _, vectors in found],
        "next_tangent": [_overlap(vectors, other) for _, vectors in found],
    }


def _leading(net: Denoiser | str, x: Tensor, k: str, seed: int) -> tuple[Tensor, Tensor]:
    """Return the largest eigenvalues at a noisy version of `x` and their eigenvectors."""
    generator = torch.Generator().manual_seed(100 * seed + int(k))
    y = miyasawa.noisy(x, SIGMA, generator)
    chosen = load(net).requires_grad_(False) if isinstance(net, str) else net
    values, vectors, _ = geometry.leading_eigenpairs(chosen, y, LEADING, generator)
    return values.double(), vectors


def _overlap(vectors: Tensor, disc: data.Discs) -> float:
    """Return the mean squared cosine of the principal angles between five vectors and the tangent space of a disc."""
    return float(geometry.principal_cosines(vectors[:5], data.disc_tangent(disc, SIZE)[0]).square().mean())
