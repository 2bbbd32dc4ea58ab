"""Chapter 1 has no known gap; here stand the numbers that were measured before a row was amended."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS: dict[str, KnownGap] = {}

#: Found by the rows as they were first fixed.
BEFORE_AMENDMENT = {
    "mi-5": (
        ("net, worst of three levels, three seeds; 2.6 Mpixel at 10 and 25/255, 7.8 at 50/255, s.e. 0.014", 0.0178),
        ("3×3 blur, the same", 0.00441),
    ),
}
