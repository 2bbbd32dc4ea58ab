"""What stands in the way of the claims of chapter 6 that do not hold yet, and what was tried, with its number.

Nothing is listed before the optimised rows of digits are trained and measured.
"""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS: dict[str, KnownGap] = {}
