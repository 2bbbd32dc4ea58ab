"""Blind diffusion: sampling by a denoiser that is not told how much noise there is."""

from __future__ import annotations

from dprior_lite.blind.losses import balanced_error, balanced_error_told, level_error

__all__ = ["balanced_error", "balanced_error_told", "level_error"]
