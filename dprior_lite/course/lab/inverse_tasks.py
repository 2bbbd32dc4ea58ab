"""The six inverse problems of chapter 5 on patches of 64 x 64 pixels, and the scores of one patch.

The pictures are the fixed crops of the held-out photographs, `data.photos("test", size=64)`. Every sample is drawn with
its own seed, so that a patch has the same numbers whatever else is solved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from dprior_lite import data, inverse, load
from dprior_lite.course.lab import classical
from dprior_lite.course.page.seeds import seeded
from dprior_lite.metrics import psnr, ssim
from dprior_lite.operators import Inpaint, Operator, RandomPixels, RandomProjection, SpectralDeblur, SuperResolution
from dprior_lite.sampling import Ascent

NET = "photos-unet"
SHAPE = (1, 64, 64)
#: Thirty of the 210 held-out crops, every seventh.
PATCHES = tuple(range(5, 210, 7))
QUICK = Ascent(h0=0.1, beta=0.1, max_steps=300)
SAMPLES = 4
#: Tasks whose gain over the pseudo-inverse must be 2 dB; of the others 1 dB is asked.
HARD = ("inpainting", "random pixels, 20 %", "random projections, 25 %")
ENLARGEMENTS = ("enlarge 2×", "enlarge 4×")


def known_pixels() -> Tensor:
    """Return the mask of the inpainting problem, (64, 64): False in a square hole of 20 x 20 pixels.

    Examples
    --------
    >>> int((~known_pixels()).sum())
    400
    """
    known = torch.ones(64, 64, dtype=torch.bool)
    known[22:42, 22:42] = False
    return known


@cache
def tasks() -> dict[str, Operator]:
    """Return the operators of the six problems by name.

    Examples
    --------
    >>> [operator.k for operator in tasks().values()]
    [3696, 819, 1024, 256, 441, 1024]
    """
    return {
        "inpainting": Inpaint(known_pixels()),
        "random pixels, 20 %": RandomPixels(SHAPE, 0.2, seeded(0)),
        "enlarge 2×": SuperResolution(SHAPE, 2),
        "enlarge 4×": SuperResolution(SHAPE, 4),
        "deblurring, 10 %": SpectralDeblur(SHAPE, 0.1),
        "random projections, 25 %": RandomProjection(SHAPE, 0.25, seeded(1)),
    }


def classical_answer(operator: Operator, m: Tensor) -> Tensor:
    """Return what a classical method makes of the measurements, (B, C, H, W).

    Biharmonic interpolation of missing pixels, bicubic enlargement, and least total variation for everything else.

    Examples
    --------
    >>> classical_answer(SuperResolution((1, 8, 8), 4), torch.full((1, 1, 2, 2), 2.0)).shape
    torch.Size([1, 1, 8, 8])
    """
    if isinstance(operator, Inpaint):
        return classical.biharmonic(operator, m)
    if isinstance(operator, SuperResolution):
        return classical.bicubic(operator, m)
    return classical.total_variation(operator, m)


def idle(y: Tensor) -> Tensor:
    """Return `y`: a denoiser that does nothing."""
    return y


def score_of_patch(
    denoiser: nn.Module, operator: Operator, x: Tensor, other: Tensor, ascent: Ascent = QUICK
) -> dict[str, float | list[float]]:
    """Return how well one patch (1, C, H, W) is recovered from its measurements.

    Parameters
    ----------
    denoiser : nn.Module
        The network.
    operator : Operator
        What is measured.
    x : Tensor
        The patch.
    other : Tensor
        Another patch, whose measurements the states must not agree with.
    ascent : Ascent
        Settings of the sampler.

    Returns
    -------
    dict
        PSNR in dB of the pseudo-inverse, of mid-grey moved to agree, of the classical method, of one sample, of the
        mean of four, of one sample counted four times (`copied`), and of the mean of four of a denoiser that does
        nothing (`idle`); SSIM of the mean; squared error and variance (`skill`); how many of four arrived, fewest and
        most steps (`arrived`); rms of A x − m of the state before the last denoising, after re-projection, against the
        measurements of the other patch, and after the last denoising without re-projection (`agreement`).
    """
    m, wrong = operator.A(x), operator.A(other)
    loose = inverse.posterior(denoiser, operator, m, SAMPLES, seeded(0), ascent=ascent, reproject=False)
    lazy = inverse.posterior(idle, operator, m, SAMPLES, seeded(0), ascent=ascent)
    each = m.repeat_interleave(SAMPLES, 0)
    states, denoised = loose.y.flatten(0, 1), loose.samples.flatten(0, 1)
    agreeing = operator.project(denoised, each)  # (S, C, H, W)
    mean = agreeing.mean(0, keepdim=True)
    return {
        "pseudo_inverse": psnr(operator.A_dagger(m), x),
        "grey": psnr(operator.project(torch.full_like(x, 0.5), m), x),
        "classical": psnr(classical_answer(operator, m), x),
        "one": psnr(agreeing[:1], x),
        "mean": psnr(mean, x),
        "copied": psnr(agreeing[:1].expand(SAMPLES, -1, -1, -1).mean(0, keepdim=True), x),
        "idle": psnr(lazy.mean, x),
        "ssim": ssim(mean, x),
        "skill": [float((mean - x).square().mean()), float(agreeing.var(0).mean())],
        "arrived": [float(loose.converged.sum()), float(loose.steps.min()), float(loose.steps.max())],
        "agreement": [
            float(inverse.inconsistency(operator, states, each).max()),
            float(inverse.inconsistency(operator, agreeing, each).max()),
            float(inverse.inconsistency(operator, states, wrong.repeat_interleave(SAMPLES, 0)).min()),
            float(inverse.inconsistency(operator, denoised, each).max()),
        ],
    }


@cache
def net() -> nn.Module:
    """Return the network of the chapter, in the memory layout that is faster on a CPU.

    Examples
    --------
    >>> sum(p.numel() for p in net().parameters())
    1040960
    """
    return load(NET).to(memory_format=torch.channels_last)


def patch(number: int) -> Tensor:
    """Return one crop of the held-out photographs by its number, (1, 1, 64, 64).

    Examples
    --------
    >>> patch(5).shape
    torch.Size([1, 1, 64, 64])
    """
    return data.photos("test", size=64)[number : number + 1]


def first_step(beta: float, steps: int) -> float:
    """Return the h0 with which an ideal ascent at this beta takes so many steps.

    Parameters
    ----------
    beta : float
        In (0, 1].
    steps : int
        From sigma 1 to .01.

    Examples
    --------
    >>> Ascent(h0=first_step(1.0, QUICK.ideal_steps()), beta=1.0).ideal_steps() == QUICK.ideal_steps()
    True
    """
    low, high = 1e-6, 1.0
    for _ in range(50):
        middle = math.sqrt(low * high)
        too_slow = Ascent(h0=middle, beta=beta).ideal_steps() > steps
        low, high = (middle, high) if too_slow else (low, middle)
    return high


def spearman(a: Tensor, b: Tensor) -> float:
    """Return Spearman's rank correlation of two lists of numbers.

    Examples
    --------
    >>> round(spearman(torch.tensor([1.0, 2.0, 5.0]), torch.tensor([0.1, 0.2, 9.0])), 6)
    1.0
    """
    return float(torch.corrcoef(torch.stack([v.argsort().argsort().double() for v in (a, b)]))[0, 1])


def ratio_of_rms(error: Sequence[float], variance: Sequence[float]) -> tuple[float, float]:
    """Return the rms error over the rms spread, pooled over problems, and its standard error.

    Parameters
    ----------
    error, variance : sequence of float
        Mean squared error of the mean, and mean variance of the samples, of every problem.

    Returns
    -------
    float, float
        The ratio, and its standard error by the delta method over problems.

    Examples
    --------
    >>> ratio_of_rms([4.0, 4.0], [1.0, 1.0])
    (2.0, 0.0)
    """
    e, v = np.asarray(error, float), np.asarray(variance, float)
    ratio = math.sqrt(e.mean() / v.mean())
    deviation = (e - ratio**2 * v) / (2 * ratio * v.mean())
    return ratio, float(deviation.std(ddof=1) / math.sqrt(len(e)))
