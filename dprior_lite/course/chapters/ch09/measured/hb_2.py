"""Trace of the Jacobian beside the squared error, on held-out portraits and photographs (hb-2).

For the posterior mean tr J equals MSE / sigma² on average over noisy pictures. One item is one denoiser at one level
with three seeds of the noise. The trace is probed with random signs. The standard error of the
ratio over the 64 pictures is stored beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite import geometry, load, miyasawa
from dprior_lite.course.lab.filters import patches
from dprior_lite.course.lab.halves import unseen
from dprior_lite.course.measurements import Numbers

LEVELS, SEEDS, PICTURES, PROBES = (0.05, 0.1, 0.2, 0.5), (0, 1, 2), 64, 2
NETS = {"portraits": "portraits-30000-a", "photographs": "photos-unet"}


def keys() -> list[str]:
    """Return the items; the first and the last are the cheapest."""
    kinds = [f"{kind}, {sigma}" for kind in NETS for sigma in LEVELS]
    return [*kinds, *(f"blurred {kind}, {sigma}" for kind in reversed(NETS) for sigma in LEVELS)]


def measure(key: str) -> Numbers:
    """Return, by seed: MSE / sigma² and tr J / d, pooled over pictures, and the standard error of their ratio."""
    kind, level = key.split(", ")
    x, sigma = _pictures(kind.removeprefix("blurred ")), float(level)
    denoiser = _denoiser(kind)
    found: dict[str, list[float]] = {"error": [], "trace": [], "scatter": []}
    for seed in SEEDS:
        generator = torch.Generator().manual_seed(1000 * seed + round(100 * sigma))
        y = miyasawa.noisy(x, sigma, generator)
        with torch.no_grad():
            lost = (denoiser(y) - x).double().square().flatten(1).mean(1) / sigma**2  # (64,)
        kept = geometry.degrees_of_freedom(denoiser, y, PROBES, generator) / x[0].numel()
        ratio = float(kept.mean() / lost.mean())
        found["error"].append(float(lost.mean()))
        found["trace"].append(float(kept.mean()))
        found["scatter"].append(float((kept - ratio * lost).std() / lost.mean() / len(x) ** 0.5))
    return found


@cache
def _pictures(kind: str) -> Tensor:
    return unseen(PICTURES) if kind == "portraits" else patches(64, PICTURES)


def _denoiser(kind: str) -> Callable[[Tensor], Tensor]:
    """Return a network, or the network followed by a mean over 3 x 3 pixels."""
    net = load(NETS[kind.removeprefix("blurred ")]).requires_grad_(False)
    if not kind.startswith("blurred"):
        return net
    return lambda y: F.avg_pool2d(F.pad(net(y), (1, 1, 1, 1), mode="replicate"), 3, stride=1)
