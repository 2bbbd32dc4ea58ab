"""The check of clean pictures; it lives in `dprior_lite.gates.pictures`."""

from __future__ import annotations

from dprior_lite.gates.pictures import HIGHEST, LOWEST, check_pictures

__all__ = ["HIGHEST", "LOWEST", "check_pictures"]
