"""PSNR on all of BSD68 of the best photograph net that ships, of non-local means, and of the noisy picture (bf-8).

One item is one picture at four noise levels, its number the seed of the noise. Which network is the best is read off
the weights' cards, so that another one makes other items. The control, an untrained network of the same kind, is
measured on every sixth picture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite import data, load, miyasawa
from dprior_lite.course.lab.filters import untrained
from dprior_lite.course.lab.quality import best_photograph_net
from dprior_lite.metrics import psnr

PUBLISHED = {10: 33.65, 20: 30.13, 30: 28.29, 50: 26.20}
UNTRAINED = "untrained "


def keys() -> list[str]:
    """Return the items: every picture, then every sixth with an untrained network."""
    name = best_photograph_net()
    return [f"{name}, picture {k}" for k in range(68)] + [f"{UNTRAINED}{name}, picture {k}" for k in range(0, 68, 6)]


def measure(key: str) -> dict[str, float]:
    """Return `net_10` to `net_50` and, of a trained network, `nlm_10`, `noisy_10` and so on, in dB.

    Raises
    ------
    DataAbsent
        If BSD68 is not at hand; the message says where it goes.
    """
    name, _, place = key.partition(", picture ")
    x = data.picture_set("bsd68")[int(place)]  # (1, 1, 321, 481) or upright
    blank = name.startswith(UNTRAINED)
    net = untrained(0, name.removeprefix(UNTRAINED)) if blank else load(name)
    net = net.to(memory_format=torch.channels_last)  # a third less time on a CPU
    found = {}
    for level in PUBLISHED:
        sigma = level / 255
        y = miyasawa.noisy(x, sigma, torch.Generator().manual_seed(int(place)))
        found[f"net_{level}"] = _psnr(net, y, x)
        if not blank:
            found[f"nlm_{level}"] = _psnr(lambda v: nl_means(v, sigma), y, x)
            found[f"noisy_{level}"] = psnr(y, x)
    return found


def _psnr(denoiser: Callable[[Tensor], Tensor], y: Tensor, x: Tensor) -> float:
    with torch.inference_mode():
        return psnr(denoiser(y), x)


def nl_means(y: Tensor, sigma: float) -> Tensor:
    """Return scikit-image's non-local means of one gray picture (1, 1, H, W), told the true sigma."""
    from skimage.restoration import denoise_nl_means

    found = denoise_nl_means(y[0, 0].numpy(), 5, 6, 0.6 * sigma, fast_mode=True, sigma=sigma)
    return torch.from_numpy(found).float()[None, None]
