"""PSNR after denoising against PSNR before: regular pictures of each alpha, and the oracle in cosines (hb-3)."""

from __future__ import annotations

import torch

from dprior_lite import data, geometry, load, miyasawa
from dprior_lite.course.measurements import Numbers
from dprior_lite.metrics import psnr_each
from dprior_lite.training.recipes.harmonic import ALPHAS, FIRST_TEST

INPUT = (0.0, 5.0, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 27.5, 30.0, 35.0)  # PSNR of the noisy pictures, dB
WINDOW = (10.0, 30.0)
SEEDS, PICTURES = (0, 1, 2), 64


def keys() -> list[str]:
    """Return the items: each alpha with each seed, then the oracle at each alpha."""
    return [*(f"alpha {alpha}, seed {seed}" for alpha in ALPHAS for seed in SEEDS), *(f"oracle {a}" for a in ALPHAS)]


def measure(key: str) -> Numbers:
    """Return the PSNR of each level, mean over pictures, the slope in the window, and the slope's standard error."""
    kind, alpha, *seed = key.replace(",", "").replace("seed ", "").split()
    x = data.c_alpha(PICTURES, int(alpha), start=FIRST_TEST)
    if kind == "oracle":
        each = [-10 * geometry.dct_oracle(x, _sigma(level)).log10() for level in INPUT]
    else:
        net = load(f"c-alpha-{alpha}").requires_grad_(False)
        generator = torch.Generator().manual_seed(int(seed[0]))
        each = [psnr_each(net(miyasawa.noisy(x, _sigma(level), generator)), x) for level in INPUT]
    curves = torch.stack([v.double() for v in each], 1)  # (64, levels)
    slopes = torch.tensor([geometry.slope(INPUT, curve, WINDOW) for curve in curves])
    return {
        "psnr": curves.mean(0).tolist(),
        "slope": geometry.slope(INPUT, curves.mean(0), WINDOW),
        "error": float(slopes.std() / len(slopes) ** 0.5),
    }


def _sigma(level: float) -> float:
    """Return the standard deviation of noise of one input PSNR in dB."""
    return 10 ** (-level / 20)
