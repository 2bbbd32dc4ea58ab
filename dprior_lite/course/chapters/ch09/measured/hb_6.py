"""The same portraits with their pixels in order and out of order: PSNR, and how fast the eigenvalues fall (hb-6).

One item is one network. Each network sees the pictures that it was trained for: the test portraits, or the same ones
shuffled. The second network of portraits, trained on other portraits, is the control.
"""

from __future__ import annotations

import torch

from dprior_lite import data, geometry, load, miyasawa
from dprior_lite.course.lab.halves import unseen
from dprior_lite.course.measurements import Numbers
from dprior_lite.metrics import psnr_each

SIGMA, SEEDS, PICTURES, SPECTRA = 0.3, (0, 1, 2), 128, 8
NETS = ("portraits-30000-a", "portraits-30000-b", "portraits-shuffled")
LEVELS = (0.03, 0.1, SIGMA)


def keys() -> list[str]:
    """Return the items; the first and the last are cheap."""
    levels = [f"{name}, sigma {sigma}, seed {seed}" for name in NETS for sigma in LEVELS for seed in SEEDS]
    spectra = [f"{name}, spectrum of {k}" for name in NETS for k in range(SPECTRA)]
    return [levels[0], *spectra, *levels[1:]]


def measure(key: str) -> Numbers:
    """Return the PSNR of each picture, or all eigenvalues at one noisy picture at sigma .3."""
    name, what, *drawn = key.split(", ")
    number = what.split()[-1]
    net = load(name).requires_grad_(False)
    x = unseen(PICTURES)
    x = data.shuffle_pixels(x) if name.endswith("shuffled") else x
    if what.startswith("spectrum"):
        y = miyasawa.noisy(x[int(number)][None], SIGMA, torch.Generator().manual_seed(int(number)))
        return {"values": geometry.symmetric_eigenbasis(net, y).values.double().tolist()}
    y = miyasawa.noisy(x, float(number), torch.Generator().manual_seed(int(drawn[0].split()[1])))
    with torch.no_grad():
        return {"psnr": psnr_each(net(y), x).double().tolist()}
