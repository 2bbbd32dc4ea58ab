"""What stands in the way of the claims of chapter 8 that do not hold yet, and what was tried, with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "ge-3": KnownGap(
        "after 8,000 steps the networks of a hundred portraits remember most of them, not yet all of them exactly;"
        " those of one and of ten do.",
        tried=(
            ("12,000 steps, N = 100, half A", 0.977),
            ("12,000 steps, N = 100, half B", 0.992),
            ("8,000 steps, half A, samples down to sigma .005", 0.973),
            ("8,000 steps, half A, half the step and half of beta", 0.968),
        ),
    ),
    "ge-4": KnownGap(
        "on pictures that they have never seen, networks of ten and of a hundred portraits are not yet memorisers after"
        " 8,000 steps: some of what they return is the noisy picture itself, which both share. The exact denoisers of"
        " the same sets have V above 1.",
        tried=(
            ("12,000 steps, N = 10, the smallest V", 0.746),
            ("12,000 steps, N = 100, the smallest V", 0.633),
        ),
    ),
    "ge-5": KnownGap(
        "the networks of one and of ten portraits compute the exact denoiser; that of a hundred is on its way after"
        " 8,000 steps. And at sigma .5 the network of 30,000 portraits answers nearly as the exact denoiser of a hundred"
        " does, so the control is close.",
        tried=(
            ("12,000 steps, N = 100, sigma 1, the smallest", 0.857),
            ("12,000 steps, N = 100, sigma .5, the smallest", 0.948),
        ),
    ),
}
