"""What stands in the way of the claims of chapter 10 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "bd-6": KnownGap(
        "told .03 at noise .15, the network of 7,000 steps still removes most of the noise. A network that is told the"
        " level and was trained for 60,000 steps (chapter 11) pays 4.7 times for .03, 4.9 times for .75. On portraits"
        " the network of 7,000 steps pays 3.5 times for .03, but 2.6 times for .75.",
        tried=(
            ("60,000 steps, the told network of chapter 11, digits, told .03", 4.66),
            ("7,000 steps, portraits, told .03", 3.549),
            ("7,000 steps, portraits, told .75", 2.587),
        ),
    ),
    "bd-9": KnownGap(
        "all counts lie close together: 47 steps, with a standard deviation of 1.2. The noise that is put back moves"
        " them about as much as the picture does. A better estimate of tr J (128 probes for 8) changes the correlation"
        " of the first draw from -.491 to -.495.",
        tried=(
            ("about 95 steps instead of 47, second draw", -0.496),
            ("portraits, second draw", -0.168),
        ),
    ),
    "bd-10": KnownGap(
        "nothing bounds what a network answers beyond its training, whichever of the two it estimates. Without the"
        " scales and shifts that are computed from the picture the errors are smaller: for the clean digit 1.26 at"
        " noise 2 and 4.27 at noise 4, for the noise 1.2 and 1.4 times these. That is still above 2 and below 3.",
        tried=(
            ("blocks that are not scaled and shifted, 5,000 steps, clean digit, noise 4", 4.265),
            ("the same, error of the noise over that of the clean digit, the smaller", 1.204),
        ),
    ),
}
