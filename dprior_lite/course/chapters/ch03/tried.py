"""What stands in the way of the claims of chapter 3 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "af-2": KnownGap(
        "a fifth of the pixels measured are nearly black, where a homogeneous network pulls its estimate towards zero.",
        tried=(
            ("row sum of interior pixels whose 9 × 9 neighbourhood is brighter than .2, sigma 30/255", 1.000),
            ("those where it is darker than .1", 0.683),
            ("three pictures in place of thirteen, the worst of them", 0.919),
        ),
    ),
}
