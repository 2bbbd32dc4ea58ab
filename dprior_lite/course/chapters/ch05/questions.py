"""Questions of page 05, on inverse problems."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

WHICH = Predict(
    "which-pictures",
    "Sixteen numbers are measured of a digit of 784 pixels: random weighted sums. A sampler returns 16 pictures that"
    " give exactly these numbers. They are ...",
    (
        Option(
            "All about the same: the measurements decide",
            "Sixteen numbers leave 768 dimensions open. The measurements decide when there are enough of them: "
            "move the slider.",
        ),
        Option(
            "Different digits, each of them possible",
            "Each agrees with everything that was measured, and most look like digits, some of them dim: the prior"
            " fills what is open, and does not say the same thing twice.",
            right=True,
        ),
        Option(
            "Noise: too little is known",
            "Without a prior, yes: the pseudo-inverse looks like noise. The prior knows what digits look like.",
        ),
        Option(
            "One right digit and 15 failures",
            "All sixteen agree with the measurements to the rounding of the arithmetic. Nothing measured tells them"
            " apart.",
        ),
    ),
)

MEAN = Predict(
    "mean-or-sample",
    "From each problem four samples are drawn. Against the truth, the mean of the four has ...",
    (
        Option(
            "The error of one sample: they are all equally good", "Their errors differ, and partly cancel in the mean."
        ),
        Option(
            "A quarter of the squared error, 6 dB less, since four are averaged",
            "That would be 10 log₁₀ 4, if the truth were the thing averaged. But truth and "
            "samples are all draws: the truth’s own deviation from the posterior mean stays.",
        ),
        Option(
            "Somewhat less error, and less detail",
            "For exact draws 2.04 dB less; here {in-3.value:.1f} dB. It looks smoother than any of them.",
            right=True,
        ),
        Option(
            "More error: averaging blurs",
            "It blurs what the samples do not agree on, and there a guess costs more than a blur.",
        ),
    ),
)

WHERE = Predict(
    "where-unsure",
    "A patch with a hole is filled sixteen times. Where do the fillings differ?",
    (
        Option(
            "Everywhere about equally: every run starts from other noise",
            "The noise is gone at the end. What was measured is the same in all of them.",
        ),
        Option(
            "Mostly in the hole, and there hardly more where the mean is more wrong than elsewhere",
            "The standard deviation inside is {in-4.ratio:.1f} times that outside, and follows the error with a rank "
            "correlation of {in-4.follows:.2f}.",
            right=True,
        ),
        Option(
            "Only in the hole, and there exactly where the mean is wrong",
            "That is what one would like: a map of the error. It follows the error only loosely.",
        ),
        Option("Along all edges of the picture", "Edges outside the hole were measured."),
    ),
)

GAIN = Numeric(
    "gain-of-four",
    "How much does the mean of S = 8 exact posterior samples gain over one sample?",
    value=10 * math.log10(16 / 9),
    tolerance=0.02,
    unit="dB",
    why=(
        "10 log₁₀(2/(1 + 1/8)) = 10 log₁₀ 1.78 = 2.50 dB. The limit for many samples is 3.01 dB: the posterior mean"
        " against a draw."
    ),
    hint="The error of one sample has variance 2v: its own, and that of the truth. What is that of the mean of S?",
    wrong=(
        WrongValue(
            10 * math.log10(8),
            "10 log₁₀ S: as if the truth were the mean. The truth is a draw as well, and its deviation stays.",
        ),
        WrongValue(10 * math.log10(2), "That is the limit of infinitely many samples."),
        WrongValue(20 * math.log10(16 / 9), "The ratio 16/9 is one of variances: 10 log₁₀."),
        WrongValue(16 / 9, "That is the ratio; in decibels, please."),
    ),
)

SKILL = Numeric(
    "spread-skill",
    "With S = 9 exact samples: the rms error of their mean, divided by their rms spread?",
    value=math.sqrt(1 + 1 / 9),
    tolerance=0.004,
    why=(
        "√(1 + 1/9) = 1.054: the truth deviates from the posterior mean by as much as a sample, and the mean of 9 by a"
        " third of that."
    ),
    hint="The variance of the error of the mean is v(1 + 1/S), and the spread estimates v.",
    wrong=(
        WrongValue(math.sqrt(2), "That is the error of one sample over the spread."),
        WrongValue(1 + 1 / 9, "That is the ratio of the variances; take the root."),
        WrongValue(1 / 3, "That is how far the mean of 9 is from the posterior mean; the truth is not there."),
        WrongValue(1.0, "That would need infinitely many samples: close, but the mean of 9 has an error of its own."),
    ),
)


def project_gain(x: Tensor, m: Tensor, g: Tensor) -> Tensor:
    """The picture nearest to `x` for which `g x = m`; pixels with gain 0 are not measured."""
    return x + torch.where(g == 0, 0.0, 1 / torch.where(g == 0, 1.0, g)) * (m - g * x)


def _cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    draw = torch.Generator().manual_seed(0)
    x, truth = (torch.rand(2, 1, 3, 4, generator=draw) for _ in range(2))
    g = torch.tensor([2.0, 0.0, 0.5, -1.0]).expand(1, 1, 3, 4)
    return [(x, g * truth, g), (x, 2 * truth, torch.full_like(x, 2.0))]


PROJECT = Code(
    "project-gain",
    "Write `project_gain(x, m, g)`: the picture nearest to x (B, C, H, W) among those with g · x = m, pixel by pixel;"
    " where g is 0 nothing was measured.",
    reference=project_gain,
    cases=_cases,
    why="x + A†(m − A x), and the pseudo-inverse of a gain is one over it where there is one.",
    wrong=(
        WrongFunction(
            lambda x, m, g: x + g * (m - g * x),
            "The transpose in place of the pseudo-inverse: a gain of 2 is then applied twice, not undone.",
        ),
        WrongFunction(
            lambda x, m, g: torch.where(g == 0, 0.0, m / torch.where(g == 0, 1.0, g)),
            "That is A†m alone: what was not measured became black.",
        ),
        WrongFunction(lambda x, m, g: x, "Nothing was projected: the result does not agree with m."),
        WrongFunction(lambda x, m, g: torch.where(g == 0, x, m), "m was put in without undoing the gain."),
    ),
)

ITEMS = (WHICH, MEAN, WHERE, GAIN, SKILL, PROJECT)
