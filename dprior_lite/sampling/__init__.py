"""Sampling the prior inside a denoiser: a stochastic ascent that measures its own noise.

Start from noise; move a fraction h of the way to the denoised picture; put back less noise than was taken out, so that
the level falls by `1 - beta h` a step; stop when it is small (Kadkhodaie & Simoncelli 2021, algorithm 1)::

    r = x_hat(y) - y,    sigma = |r| / sqrt(d),    h_n = h0 n / (1 + h0 (n - 1))
    gamma² = ((1 - beta h)² - (1 - h)²) sigma²,    y <- y + h r + gamma z

No schedule of noise is given: the denoiser is blind, and its residual says how much noise is left. The samples are
those of a heuristic that follows the score, not exact draws from a density; chapter 4 measures how far they are off
where that is known.

A denoiser is any callable `net(y) -> x_hat` on (B, C, H, W) or, for toys, (B, d).
"""

from __future__ import annotations

from dprior_lite.gates.network import Denoiser
from dprior_lite.sampling.noise import ItemNoise, NoiseTape, item_seeds
from dprior_lite.sampling.outcome import Result, State, finish
from dprior_lite.sampling.sampler import ascend, progress_bar, sample
from dprior_lite.sampling.step import Ascent, advance, gain, noise_level

__all__ = [
    "Ascent",
    "Denoiser",
    "ItemNoise",
    "NoiseTape",
    "Result",
    "State",
    "advance",
    "ascend",
    "finish",
    "gain",
    "item_seeds",
    "noise_level",
    "progress_bar",
    "sample",
]
