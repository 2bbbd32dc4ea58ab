"""What stands in the way of the claims of chapter 4 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "ip-1": KnownGap(
        "the residual is shorter than the noise by the factor √(1 − tr J/d), so less noise is put back than was meant;"
        " and tr J grows as the noise falls.",
        tried=(
            ("levels corrected by the degrees of freedom, the farthest of three settings", 0.957),
            ("slope of a line through the origin, the farthest", 1.213),
        ),
    ),
    "ip-5": KnownGap(
        "the twin with biases arrives, in hard-edged shapes: reaching sigma_L is its own opinion of its picture.",
        tried=(
            ("the same with slower steps, h0 .01, beta .1", 1.0),
            ("the twin trained on [0, 10]/255 in its place", 0.125),
            ("a recurrent net with biases trained on [0, 10]/255", 0.125),
        ),
    ),
}
