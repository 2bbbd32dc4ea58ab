"""Questions of page 10: who says how much noise is left, a ring that moments do not see, and steps as one family."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

TIME = Predict(
    "no-clock",
    "A blind sampler starts at σ = 4. You keep its network and change only the step. What is the noise level after ten"
    " steps?",
    (
        Option(
            "The same as before: the training fixed the schedule",
            "The training drew noise levels at random, in no order. It holds no schedule.",
        ),
        Option(
            "Another one: the step fixes the schedule",
            "The level falls at every step by a factor that follows from the step alone, in closed form.",
            right=True,
        ),
        Option(
            "Another one for every picture, at random",
            "It differs by a few percent only. Hundreds of pixels show the level of one picture with the scatter"
            " √(2/(d − k)).",
        ),
        Option(
            "Nobody can know: there is no list of levels",
            "The residual of the network shows the level, in every single picture.",
        ),
    ),
)

RING = Predict(
    "the-ring",
    "Now the data fill all dimensions: two round clouds in the plane, d = k = 2, and no empty dimension. The blind"
    " sampler runs as it does for pictures. What do its samples look like?",
    (
        Option(
            "The two clouds, only less accurate",
            "Their mean and their spread are about right. But no sample lies in the middle of a cloud.",
        ),
        Option(
            "Two rings",
            "The radius hardly varies within a cloud: by {bd-3.ring:.2f} of its mean, against {bd-3.round:.2f} in many"
            " dimensions. No empty dimension shows the level, so each point is taken for what makes it likeliest.",
            right=True,
        ),
        Option(
            "One blob around the origin: it cannot find the clouds",
            "It finds them. The direction is read off the density; what it cannot read is how far to go.",
        ),
        Option(
            "Two single points, the centres",
            "Averaged over a prior uniform in log σ the clouds shrink, though not to points. At the likeliest level"
            " they do not shrink.",
        ),
    ),
)

SPREAD = Numeric(
    "level-of-one-picture",
    "A picture has 784 pixels, of which 34 dimensions hold data. By what fraction does σ², read off one picture,"
    " scatter? (Standard deviation over σ².)",
    value=math.sqrt(2 / 750),
    tolerance=0.0006,
    why="d − k = 750 empty dimensions, and √(2/750) = 0.052.",
    hint="The law is √(2/(d − k)).",
    wrong=(
        WrongValue(math.sqrt(1 / (2 * 750)), "That is the fraction of σ; the question is about σ²."),
        WrongValue(1 / math.sqrt(750), "The square of a normal number has variance 2, not 1."),
        WrongValue(2 / 750, "That is the variance: take its root."),
        WrongValue(math.sqrt(2 / 34), "These are the dimensions that hold data. The others show the noise."),
    ),
)

STALL = Numeric(
    "read-literally",
    "Euler steps with h = 0.2 and the noise power a = 0.2 σ, linear in σ. The level obeys σ′² = (1 − h)² σ² + 2 h a. At"
    " what level does it stop to fall?",
    value=2 * 0.2 / 1.8,
    tolerance=0.002,
    why="At the fixed point σ² (1 − 0.64) = 0.08 σ, so σ = 0.08/0.36 = 0.222. It never comes to 0.05.",
    hint="Set σ′ = σ, and solve for a σ that is not 0.",
    wrong=(
        WrongValue(0.05, "That is where the sampler would stop; it never comes there."),
        WrongValue(0.2, "That is the slope of the noise power. Solve σ² = 0.64 σ² + 0.08 σ."),
        WrongValue(0.0, "σ = 0 is a fixed point too, but the level does not fall to it: below 0.222 it rises."),
        WrongValue(
            0.4 / (1 - 0.64), "The factor 2 h is 0.4; with a = 0.2 σ the added variance is 0.4 · 0.2 σ = 0.08 σ."
        ),
    ),
)


def contraction(kind: str, h: float, share: float) -> Tensor:
    """Return what one step multiplies the level of pure noise by."""
    rho = {
        "euler": ((1 - h) ** 2 + 2 * share * h) ** 0.5,
        "exponential": math.exp(-(1 - share) * h),
        "ascent": 1 - share * h,
    }
    return torch.tensor(rho[kind])


def _cases() -> list[tuple[str, float, float]]:
    return [(kind, h, share) for kind in ("euler", "exponential", "ascent") for h, share in ((0.2, 0.2), (0.5, 0.3))]


def _always(kind_of_all: str):  # noqa: ANN202
    return lambda kind, h, share: contraction(kind_of_all, h, share)


CONTRACTION = Code(
    "contraction",
    "Write `contraction(kind, h, share)`: what one step multiplies the level of pure noise by, for `kind`"
    ' "euler" and "exponential", with `share` = κ, and "ascent", with `share` = β. Denoised, pure noise is zero.',
    reference=contraction,
    cases=_cases,
    why="Euler: √((1 − h)² + 2κh). Exponential Euler: exp(−(1 − κ)h). Ascent: 1 − βh. At h = κ = β = 0.2 these are"
    " 0.849, 0.852 and 0.96.",
    wrong=(
        WrongFunction(_always("exponential"), "The three are not one: at h = κ = 0.2 Euler has 0.849."),
        WrongFunction(
            _always("ascent"), "β is what stays removed, κ is what is put back: they count in opposite ways."
        ),
        WrongFunction(
            lambda kind, h, share: torch.tensor(1 - h) if kind == "euler" else contraction(kind, h, share),
            "That is the part of the old noise that is left. The step adds noise too, and variances add.",
        ),
        WrongFunction(
            lambda kind, h, share: (
                torch.tensor(1 - h + (2 * share * h) ** 0.5) if kind == "euler" else contraction(kind, h, share)
            ),
            "Standard deviations of independent noises do not add; variances do.",
        ),
    ),
)

ITEMS = (TIME, RING, SPREAD, STALL, CONTRACTION)
