"""Singular values and vectors of `photos-unet` on thirty held-out patches of 24 x 24 pixels; also those of af-6."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite import geometry
from dprior_lite.course.lab import filters
from dprior_lite.course.measurements import Numbers

SIDE, COUNT = 24, 30
LEVELS = (10, 30, 100)


def keys() -> list[str]:
    """Return one item a patch, a third of the patches for each seed, and one for the untrained network a seed."""
    return [f"seed {k % 3}, patch {k}" for k in range(COUNT)] + [f"untrained {k}" for k in range(3)]


def clean(k: int) -> Tensor:
    """Return the middle of patch number `k`, (1, 1, 24, 24)."""
    edge = (64 - SIDE) // 2
    return filters.patches(64, COUNT)[k : k + 1, :, edge : edge + SIDE, edge : edge + SIDE]


def measure(key: str) -> Numbers:
    """Return the numbers of one patch at three levels, or of the untrained network."""
    if key.startswith("untrained"):
        seed = int(key.split()[1])
        y = filters.noisy(clean(seed), 100, seed, seed)
        s = torch.linalg.svdvals(filters.jacobian_by_columns(filters.untrained(seed), y))
        return {"dropped": float((s < 0.1).double().mean()), "kept": float(s.square().mean())}

    seed, k = (int(part.split()[1]) for part in key.split(", "))
    found: Numbers = {}
    left, right = {}, {}
    for sigma_255 in LEVELS:
        x, y = clean(k), filters.noisy(clean(k), sigma_255, seed, k)
        J = filters.jacobian_by_columns(filters.network(), y)
        u, s, vh = torch.linalg.svd(J)
        m = max(1, round(float(s.square().sum())))
        left[sigma_255], right[sigma_255] = u[:, :m].mT, vh[:m]  # (m, d)
        for name, value in _counts(J, s, x.flatten(), y.flatten(), sigma_255 / 255).items():
            found[f"{name}_{sigma_255}"] = value

    found["symmetry"] = alike(left[100], right[100])
    found["other"] = alike(left[100], _of_another(k, seed, len(left[100])))
    for high, low in ((100, 30), (30, 10)):
        found |= _nested(left[high], left[low], high, 1000 * seed + k)
    return found


def _counts(J: Tensor, s: Tensor, x: Tensor, y: Tensor, sigma: float) -> dict[str, float]:
    """Return the counts of one Jacobian; error and loss in units of the noise."""
    return {
        "dimension": float(s.square().sum()),
        "trace": float(J.trace()),
        "half": float((s > 0.5).sum()),
        "amplified": float((s > 1).sum()),
        "dropped": float((s < 0.1).double().mean()),
        "asymmetry": float((J - J.mT).norm() / J.norm()),
        "error": float((J @ y - x).square().sum()) / sigma**2,
        "lost": float((J @ x - x).square().sum()) / sigma**2,
    }


def alike(u: Tensor, v: Tensor) -> float:
    """Return the mean of abs(u·v) over pairs of directions, (m, d) each."""
    m = min(len(u), len(v))
    return float((u[:m] * v[:m]).sum(1).abs().mean())


def _of_another(k: int, seed: int, m: int) -> Tensor:
    """Return leading right vectors (m, d) of the next patch, by subspace iteration."""
    k = (k + 1) % COUNT
    y = filters.noisy(clean(k), 100, seed, k)
    draw = torch.Generator().manual_seed(k)
    return geometry.top_singular(filters.network(), y, m, draw, rounds=3)[2].flatten(1)


def _nested(inner: Tensor, outer: Tensor, high: int, seed: int) -> Numbers:
    """Return how far the subspace of the higher level lies in that of the lower, and in a random one."""
    d = inner.shape[1]
    draw = torch.randn(d, len(outer), generator=torch.Generator().manual_seed(seed))
    any_ = torch.linalg.qr(draw)[0].mT
    return {
        f"nested_{high}": float(geometry.containment(inner, outer).mean()),
        f"chance_{high}": geometry.chance(len(outer), d),
        f"random_{high}": float(geometry.containment(inner, any_).mean()),
    }
