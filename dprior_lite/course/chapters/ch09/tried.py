"""What stands in the way of the claims of chapter 9 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "hb-1": KnownGap(
        "at sigma .1 the Jacobian is as asymmetric as its bound allows, and at one of three portraits a little more."
        " The other two parts hold.",
        tried=(
            ("the second network of 30,000 portraits, largest asymmetry", 0.484),
            ("the network of 1,000 portraits, largest asymmetry", 0.491),
        ),
    ),
    "hb-2": KnownGap(
        "the networks of portraits keep less than their error asks for, by a tenth at sigma .1 and .05. That of"
        " photographs keeps too little at faint noise and too much at sigma .5, which is beyond its training range.",
        tried=(
            ("the second network of portraits, largest of four levels", 0.098),
            ("photographs, sigma .05, .1 and .2 only", 0.225),
        ),
    ),
    "hb-4": KnownGap(
        "after 8,000 steps a part of the five directions is still missing, and the sixth eigenvalue is a little too"
        " large. After twice the steps both are as asked, and the first eigenvalue is a little too large.",
        tried=(
            ("twice the steps, tangent", 0.864),
            ("twice the steps, sixth", 0.738),
            ("twice the steps, first", 1.28),
            ("faint noise weighted more, 8,000 steps, tangent", 0.533),
            ("faint noise weighted more, 8,000 steps, sixth", 1.008),
        ),
    ),
    "hb-5": KnownGap(
        "the network still improves with more steps, so a part of the distance is a matter of training, not of bases.",
        tried=(
            ("what is short after 8,000 steps", 12.3),
            ("what is short after 16,000 steps", 10.6),
        ),
    ),
    "hb-6": KnownGap(
        "the PSNR drops as asked. The eigenvalues of the network of shuffled portraits fall faster at first and more"
        " slowly later, and the two curves cross at rank 51, where the claim looks.",
        tried=(
            ("the same difference at rank 21", -0.139),
            ("the same difference at rank 201", 0.027),
        ),
    ),
}
