"""Normalised energies by dual score matching: chapter 11."""

from __future__ import annotations

from dprior_lite.energy.density import (
    denoise,
    denoiser,
    evaluate,
    laplacian,
    log_density,
    posterior_variance_trace,
    score,
)
from dprior_lite.energy.exact import PATCHES, SHELLS, GaussianPatches, ScaleMixture
from dprior_lite.energy.integrals import anchor, gaussian_energy, integrate, local_dimension, sample
from dprior_lite.energy.matching import Derivatives, Losses, derivatives, dual, losses, relative_error, single
from dprior_lite.energy.units import bits_per_dimension, decibels_per_dimension

__all__ = [
    "PATCHES",
    "SHELLS",
    "Derivatives",
    "GaussianPatches",
    "Losses",
    "ScaleMixture",
    "anchor",
    "bits_per_dimension",
    "decibels_per_dimension",
    "denoise",
    "denoiser",
    "derivatives",
    "dual",
    "evaluate",
    "gaussian_energy",
    "integrate",
    "laplacian",
    "local_dimension",
    "log_density",
    "losses",
    "posterior_variance_trace",
    "relative_error",
    "sample",
    "score",
    "single",
]
