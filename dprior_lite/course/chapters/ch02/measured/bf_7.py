"""Residual and net bias inside and outside the training range, on the middle of all 50 held-out patches (bf-7).

One item is one network at one noise level with one seed of the noise: the mean squares of the residual and of the net
bias of each patch of 64 x 64 pixels, in units of 1/255. A network without constants has no net bias, so only its
residual is measured.
"""

from __future__ import annotations

import torch

from dprior_lite import data, geometry, load, miyasawa

SEEDS = (0, 1, 2)
#: Levels in 1/255 that the claim asks for, three seeds each.
CLAIMED = {"dncnn-biased-55": (30, 50, 90, 100), "dncnn-bf-55": (100,)}
#: Levels of the figure, seed 0.
SHOWN = (5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100)
NETS = ("dncnn-biased-55", "dncnn-biased-10", "dncnn-bf-55")


def keys() -> list[str]:
    """Return the items; the first and the last are of the same network."""
    found = {_key(name, level, seed) for name, levels in CLAIMED.items() for level in levels for seed in SEEDS}
    found |= {_key(name, level, 0) for name in NETS for level in SHOWN}
    first, last = _key("dncnn-biased-55", 90, 0), _key("dncnn-biased-55", 30, 2)
    return [first, *sorted(found - {first, last}), last]


def _key(name: str, level: int, seed: int) -> str:
    return f"{name}, {level}/255, seed {seed}"


def measure(key: str) -> dict[str, list[float]]:
    """Return `residual` and, of a network with constants, `bias`: mean squares of each patch."""
    name, level, seed = key.split(", ")
    x = data.photos("test", size=128)[..., 32:96, 32:96]  # (50, 1, 64, 64)
    y = miyasawa.noisy(x, int(level.split("/")[0]) / 255, torch.Generator().manual_seed(int(seed.split()[1])))
    net = load(name)
    with torch.inference_mode():
        found = {"residual": _squares(miyasawa.residual(net, y))}
    if "biased" in name:
        found["bias"] = _squares(geometry.net_bias(net, y))
    return found


def _squares(v: torch.Tensor) -> list[float]:
    return (255**2 * v.square().mean((1, 2, 3))).tolist()
