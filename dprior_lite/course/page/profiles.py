"""The three sizes a page can run in; they live in `dprior_lite.profiles`."""

from __future__ import annotations

from dprior_lite.profiles import PROFILES, VARIABLE, Profile, current

NAMES = PROFILES

__all__ = ["NAMES", "PROFILES", "VARIABLE", "Profile", "current"]
