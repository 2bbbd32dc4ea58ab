"""Blind diffusion: sampling by a denoiser that is not told how much noise there is, and needs no schedule.

A picture of d pixels that has few degrees of freedom is d measurements of one number, its noise level. So a denoiser
can read the level off the picture, and a sampler made of it follows a schedule that nobody gave it (Kadkhodaie,
Pooladian, Chewi & Simoncelli 2026). This package has

- `euler`, `exponential_euler`, `stochastic_ascent`: the steps, one family with a map between the parameters;
- `implicit_level`, `stalling_level`, `gaussian_variances`: the schedule that follows from a step, in closed form;
- `residual_level`, `corrected_level`: the noise in one picture, from the residual of a denoiser;
- `Clouds`: data of few among many dimensions, where likelihood, blind and told denoisers have closed forms;
- `sample`: the blind sampler, the loop of `sampling` with these steps;
- `log_levels`, `karras_levels`, `scheduled`, `sample_scheduled`: samplers along a schedule, for comparison.
"""

from __future__ import annotations

from dprior_lite.blind.clouds import Clouds
from dprior_lite.blind.estimates import corrected_level, kept_share, residual_level
from dprior_lite.blind.losses import balanced_error, balanced_error_told, level_error
from dprior_lite.blind.sampler import require_blind, sample
from dprior_lite.blind.schedule import gaussian_variances, implicit_level, stalling_level
from dprior_lite.blind.scheduled import karras_levels, log_levels, require_told, sample_scheduled, scheduled
from dprior_lite.blind.steppers import Stepper, canonical, euler, exponential_euler, stochastic_ascent

__all__ = [
    "Clouds",
    "Stepper",
    "balanced_error",
    "balanced_error_told",
    "canonical",
    "corrected_level",
    "euler",
    "exponential_euler",
    "gaussian_variances",
    "implicit_level",
    "karras_levels",
    "kept_share",
    "level_error",
    "log_levels",
    "require_blind",
    "require_told",
    "residual_level",
    "sample",
    "sample_scheduled",
    "scheduled",
    "stalling_level",
    "stochastic_ascent",
]
