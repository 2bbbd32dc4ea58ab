"""What stands in the way of the claims of chapter 3 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

#: Numbers of a row as it stood before it was amended.
BEFORE = {
    # nearly black pixels counted too: there a homogeneous network pulls its estimate towards zero
    "af-2": (
        ("mean row sum of all interior pixels at 30/255, minus 1", -0.0637),
        ("row sum where the 9 × 9 neighbourhood is brighter than .2, sigma 30/255", 1.000),
        ("row sum where it is darker than .1", 0.683),
        ("three pictures in place of thirteen, all pixels, the worst of them", 0.919),
    ),
}

#: What else was seen of a row that holds: its control lies close to its bound.
SEEN = {"af-1": (("control `biased`, which must be above .01, with other draws of the same noise", 0.00807),)}

GAPS = {
    "af-6": KnownGap(
        "not yet measured in full: on three of the thirty patches the subspace of 100/255 lies less than asked in that"
        " of 30/255. A patch with little structure keeps four to seven directions at 100/255.",
        tried=(
            ("three patches of 24 × 24 pixels: mean projection of 100 in 30/255", 0.823),
            ("the one of them that keeps fewest directions, four", 0.714),
            ("three patches of 40 × 40 pixels, chosen by hand, the worst", 0.870),
        ),
    ),
}
