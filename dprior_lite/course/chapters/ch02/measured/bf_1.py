"""PSNR of every network that chapter 2 compares, on all 50 held-out patches of 128 pixels (bf-1 to bf-5, bf-9).

One item is one network at one noise level with one seed of the noise: the PSNR of each patch in dB, clipped to [0, 1].
The levels that claims ask for have three seeds, those that only the figure shows have one.
"""

from __future__ import annotations

import torch

from dprior_lite import data, load, miyasawa
from dprior_lite.course.lab.filters import untrained
from dprior_lite.metrics import psnr_each

SEEDS = (0, 1, 2)
KINDS = ("dncnn", "unet", "recurrent", "dense")
_TWINS = tuple(f"{kind}-{which}" for kind in KINDS for which in ("bf-10", "biased-10", "bf-100"))
#: Levels in 1/255 that a claim asks for, three seeds each.
CLAIMED = {
    **{name: (5, 10, 50, 100) for name in _TWINS},
    "dncnn-bf-55": (10, 30, 50),
    "dncnn-biased-55": (30, 50),
    "untrained": (5, 10, 30, 50, 100),
    "noisy": (50, 100),
    "photos-unet": (10,),
    "dncnn-bf-10-plain": (50,),
    "dncnn-bf-10-contrast": (50,),
}
#: Levels of figures and tables, seed 0.
SHOWN = {
    **{name: (5, 10, 20, 30, 50, 70, 100) for name in (*_TWINS[:3], "dncnn-bf-55", "dncnn-biased-55", "noisy")},
    **{name: (5, 10, 50, 100) for name in ("dncnn-bf-10-plain", "dncnn-bf-100-plain")},
    "dncnn-bf-10-contrast": (10, 50),
}


def keys() -> list[str]:
    """Return the items; the first and the last are cheap and of networks that the page loads anyway."""
    found = {_key(name, level, seed) for name, levels in CLAIMED.items() for level in levels for seed in SEEDS}
    found |= {_key(name, level, 0) for name, levels in SHOWN.items() for level in levels}
    first, last = _key("dncnn-bf-10", 50, 0), _key("dncnn-biased-10", 100, 2)
    return [first, *sorted(found - {first, last}), last]


def _key(name: str, level: int, seed: int) -> str:
    return f"{name}, {level}/255, seed {seed}"


def measure(key: str) -> dict[str, list[float]]:
    """Return the PSNR of each patch under `psnr`."""
    name, level, seed = key.split(", ")
    x = data.photos("test", size=128)  # (50, 1, 128, 128)
    y = miyasawa.noisy(x, int(level.split("/")[0]) / 255, torch.Generator().manual_seed(int(seed.split()[1])))
    if name == "noisy":
        return {"psnr": _listed(psnr_each(y, x))}
    net = untrained(0, "dncnn-bf-10") if name == "untrained" else load(name)
    net = net.to(memory_format=torch.channels_last)  # half the time on a CPU
    with torch.inference_mode():
        x_hat = torch.cat([net(part) for part in y.split(5)])
    return {"psnr": _listed(psnr_each(x_hat, x))}


def _listed(decibels: torch.Tensor) -> list[float]:
    return [round(float(value), 3) for value in decibels]
