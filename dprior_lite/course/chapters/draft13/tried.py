"""What stands in the way of the claims of chapter 13 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS: dict[str, KnownGap] = {}
