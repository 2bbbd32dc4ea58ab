"""Multi-scale local models: a picture drawn, or denoised, from coarse to fine over a wavelet cascade.

An orthonormal wavelet cascade turns a picture into a small low-pass picture and the details of each scale. The density
of the picture is the product of the density of the low-pass picture and the densities of the details given the coarser
picture. Kadkhodaie, Guth, Mallat & Simoncelli (2023) find that the small picture needs a network that sees all of it,
and that the details need only a window of a few pixels. This package has

- the cascade: `decompose`, `reconstruct`, `analysis_step`, `synthesis_step`, and `band_sigma`, the noise in a band;
- the model: `MultiscaleModel`, its denoiser `denoise`, and `given`, a conditional denoiser with its condition fixed;
- sampling: `sample_details` of one scale, `super_resolve` from a low-pass picture, and `sample` from noise;
- the losses of its networks: `details_error`, `coarse_details_error`, `low_pass_error`, and the same with a weight for
  each noise level, `balanced_details_error`, `balanced_coarse_details_error`, `balanced_low_pass_error`,
  `balanced_pixels_error`;
- `load_published_model`, for readers who have the checkpoints of the authors.

The networks are in `dprior_lite.nets.local`. The condition is a clean picture in the training, a denoised or a drawn
one afterwards; nothing here corrects for that.
"""

from __future__ import annotations

from dprior_lite.multiscale.balanced import (
    balanced_coarse_details_error,
    balanced_details_error,
    balanced_low_pass_error,
    balanced_pixels_error,
)
from dprior_lite.multiscale.cascade import (
    Bands,
    analysis_step,
    band_sigma,
    decompose,
    reconstruct,
    synthesis_step,
    without_details,
)
from dprior_lite.multiscale.filters import taps
from dprior_lite.multiscale.losses import coarse_details_error, details_error, low_pass_error, low_pass_only
from dprior_lite.multiscale.model import MultiscaleModel, denoise, given, merged
from dprior_lite.multiscale.published import load_published_model
from dprior_lite.multiscale.synthesis import Synthesis, relative_stop, sample, sample_details, super_resolve

__all__ = [
    "Bands",
    "MultiscaleModel",
    "Synthesis",
    "analysis_step",
    "balanced_coarse_details_error",
    "balanced_details_error",
    "balanced_low_pass_error",
    "balanced_pixels_error",
    "band_sigma",
    "coarse_details_error",
    "decompose",
    "denoise",
    "details_error",
    "given",
    "load_published_model",
    "low_pass_error",
    "low_pass_only",
    "merged",
    "reconstruct",
    "relative_stop",
    "sample",
    "sample_details",
    "super_resolve",
    "synthesis_step",
    "taps",
    "without_details",
]
