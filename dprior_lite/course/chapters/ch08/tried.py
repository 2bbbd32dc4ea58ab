"""What stands in the way of the claims of chapter 8 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "ge-3": KnownGap(
        "at N = 100 the samples of half A are not all copies: of 24, six correlate with a training portrait above .98."
        " Those of half B are copies by this measure, and so are all at N = 1 and 10.",
        tried=(
            ("12,000 steps, N = 100, half A", 0.977),
            ("12,000 steps, N = 100, half B", 0.992),
            ("8,000 steps, half A, samples down to sigma .005", 0.973),
            ("8,000 steps, half A, half the step and half of beta", 0.968),
        ),
    ),
    "ge-4": KnownGap(
        "on pictures that they have never seen, the networks of ten and of a hundred portraits go part of the way to"
        " the clean picture, and share that part. The exact denoisers of the same sets have V above 1.",
        tried=(
            ("12,000 steps, N = 10, the smallest V", 0.746),
            ("12,000 steps, N = 100, the smallest V", 0.633),
        ),
    ),
    "ge-5": KnownGap(
        "the network of a hundred portraits is off its exact denoiser. And the control is out of reach: the network of"
        " 30,000 portraits is lower by .04 to .1 in most cases, so even a perfect memoriser would not lead by .1.",
        tried=(
            ("12,000 steps, N = 100, sigma 1, the smallest", 0.857),
            ("12,000 steps, N = 100, sigma .5, the smallest", 0.948),
        ),
    ),
}
