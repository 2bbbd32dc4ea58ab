"""What stands in the way of the claims of chapter 11 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "en-7": KnownGap(
        "log p is skewed to the left at every noise level of this network's training, least at the smallest, t = 1e-4;"
        " the paper looks at t = 1e-9, below the steps of 8-bit pixels. The network has 4,054 of its 60,000 steps."
        " Few patches come near the log density of the noise alone, 3.19 nats per dimension: 0.7 % within 0.1.",
        tried=(
            ("skewness at t = 1e-2", -1.27),
            ("skewness at t = 1e-3", -1.18),
            ("skewness at t = 3e-4", -1.02),
            ("skewness of clean patches", -0.74),
            ("skewness of the 359 patches with a contrast above .1", -0.82),
            ("control before the row was amended: spread of Gaussian patches by this network", 6.82),
        ),
    ),
    "en-8": KnownGap(
        "the order holds and Pearson's correlation does, by a standard error; the rank correlation does not. Patches of"
        " low contrast are probable whatever their details: among those of high contrast the ranks follow.",
        tried=(
            ("rank correlation at t = 1e-3", -0.42),
            ("rank correlation of clean patches", -0.49),
            ("rank correlation of the 359 patches with a contrast above .1", -0.86),
            ("before the row was amended, the mean among the coefficients: Pearson's correlation", -0.41),
            ("the same, rank correlation", -0.59),
        ),
    ),
}

#: Numbers of rows that hold now, from before: what was measured, and its value.
BEFORE = {
    "en-5": (
        ("correlation over the first 128 digits, standard error 0.005", 0.969),
        ("the same with other noise, before the row was amended", 0.974),
        ("without taking off the draw, 128 digits", 0.922),
        ("mean difference of 128 digits, nats per dimension", -0.009),
    ),
}
