"""What stands in the way of the claims of chapter 11 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "en-7": KnownGap(
        "log p is skewed to the left: at t = 1e-4 the noise alone has a mean log density of 3.19 nats per dimension,"
        " and smooth patches crowd just below that; the paper looks at t = 1e-9. The control of the spread fails:"
        " Gaussian patches spread more than 5 as well.",
        tried=(
            ("skewness of clean patches", -0.74),
            ("skewness at t = 1e-3", -1.18),
            ("skewness of the 359 patches with a contrast above .1", -0.82),
        ),
    ),
    "en-8": KnownGap(
        "the order holds; the participation ratio counts the mean of a patch as a large coefficient, and the relation"
        " bends where log p crowds.",
        tried=(
            ("correlation with the ratio of the details alone", -0.62),
            ("rank correlation", -0.59),
            ("clean patches", -0.42),
        ),
    ),
}
