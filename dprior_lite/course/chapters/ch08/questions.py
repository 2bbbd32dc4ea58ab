"""Questions of page 08: two networks that share no picture, the best possible training, and how to compare samples."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

STRANGERS = Predict(
    "two-strangers",
    "Network A was trained on 30,000 portraits, network B on 30,000 others. No portrait is in both sets. Both now draw"
    " from the same noise. What do they draw?",
    (
        Option(
            "Two different faces: each draws what it was shown",
            "That is what happens after training on a hundred portraits. After 30,000 the two faces are much alike.",
        ),
        Option(
            "Two training portraits, one of each set",
            "A copy would correlate with a training portrait almost perfectly, and that is what small training sets"
            " give. With 30,000 portraits the two samples are mostly nearer to each other than to any portrait that"
            " was shown.",
        ),
        Option(
            "Nearly the same face, which is in neither set",
            "The two faces correlate with {ge-2.largest:.2f}; faces from different noise with {ge-2.mismatched:.2f}."
            " Both networks have become nearly the same function, so the same noise leads to the same place.",
            right=True,
        ),
        Option(
            "Two blurred means, since 30,000 faces average out",
            "An average would be the same for every noise. These samples are not: two from different noises are"
            " little alike.",
        ),
    ),
)

PERFECT = Predict(
    "perfect-training",
    "Train on ten portraits until no other denoiser has a smaller squared error on them. Then draw from noise. What"
    " comes out?",
    (
        Option(
            "One of the ten",
            "The denoiser with the smallest error on ten pictures is known in closed form. As the noise falls it"
            " returns one of the ten, so the ascent ends there. It was trained perfectly, and has learned a list.",
            right=True,
        ),
        Option(
            "A new face, mixed of the ten",
            "At strong noise its answer is a mixture. As the noise falls all weight goes to the nearest of the ten.",
        ),
        Option(
            "The average of the ten",
            "That is its answer to pure noise only. The ascent does not stop there.",
        ),
        Option(
            "Something without meaning: ten pictures cannot teach a density",
            "They teach one: ten spikes. What they cannot teach is what lies between.",
        ),
    ),
)

WEIGHT = Numeric(
    "nearest-weight",
    "Two training pictures, at squared distances 0.02 and 0.06 from y. At σ = 0.1, what weight has the nearer one?",
    value=1 / (1 + math.exp(-2)),
    tolerance=0.005,
    why="The exponents are −0.02/0.02 = −1 and −0.06/0.02 = −3, so the weight is 1/(1 + e⁻²) = 0.881.",
    hint="Divide the squared distances by 2σ² = 0.02, and normalise.",
    wrong=(
        WrongValue(1 / (1 + math.exp(-4)), "The 2 of 2σ² is missing: the Gaussian has exponent −|y − x|²/2σ²."),
        WrongValue(1 / (1 + math.exp(-0.2)), "It was divided by 2σ where 2σ² stands."),
        WrongValue(1 - 1 / (1 + math.exp(-2)), "That is the weight of the farther one."),
        WrongValue(math.exp(-1), "That is its weight before normalising: all weights must sum to 1."),
    ),
)

COSINE = Numeric(
    "raw-cosine",
    "Two unrelated pictures each have mean 0.5 and standard deviation 0.2, and are uncorrelated about their means. What"
    " is their cosine, with the means left in?",
    value=0.25 / 0.29,
    tolerance=0.005,
    why="⟨a, b⟩/d = 0.5² = 0.25, and |a|²/d = 0.5² + 0.2² = 0.29. So strangers have the cosine 0.86.",
    hint="The inner product per pixel is the product of the means, the squared norm per pixel is mean² + variance.",
    wrong=(
        WrongValue(0.0, "That is their correlation, with the means removed."),
        WrongValue(0.25, "That is the inner product per pixel: divide by the two norms."),
        WrongValue(0.25 / 0.29**0.5, "Both norms are needed: their product is 0.29, not its root."),
        WrongValue(0.04 / 0.29, "That is the variance over the squared norm; the inner product is that of the means."),
    ),
)


def likeness(a: Tensor, b: Tensor) -> Tensor:
    """Return the correlation of each pair of pictures (B,)."""
    u, v = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (a, b))
    return (u * v).sum(1) / (u.norm(dim=1) * v.norm(dim=1))


def _cases() -> list[tuple[Tensor, Tensor]]:
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.rand(4, 1, 5, 6, generator=draw) + torch.arange(4.0)[:, None, None, None] for _ in range(2))
    return [(a, b), (a, 0.3 * a + 0.2 * b)]


def _with_means(a: Tensor, b: Tensor) -> Tensor:
    u, v = a.flatten(1), b.flatten(1)
    return (u * v).sum(1) / (u.norm(dim=1) * v.norm(dim=1))


def _one_mean(a: Tensor, b: Tensor) -> Tensor:
    u, v = a.flatten(1) - a.mean(), b.flatten(1) - b.mean()
    return (u * v).sum(1) / (u.norm(dim=1) * v.norm(dim=1))


LIKENESS = Code(
    "likeness",
    "Write `likeness(a, b)`: the correlation of picture i of `a` with picture i of `b`, both (B, C, H, W), each without"
    " its own mean; the result is (B,).",
    reference=likeness,
    cases=_cases,
    why="Remove each picture's mean, take the inner product, divide by the two norms.",
    wrong=(
        WrongFunction(_with_means, "The means were left in: every two bright pictures are alike then."),
        WrongFunction(_one_mean, "One mean for the whole batch: each picture has its own."),
        WrongFunction(
            lambda a, b: ((a - a.mean((1, 2, 3), keepdim=True)) * (b - b.mean((1, 2, 3), keepdim=True))).mean(
                (1, 2, 3)
            ),
            "That is the covariance: divide by the two norms.",
        ),
        WrongFunction(lambda a, b: likeness(a, b).mean(), "One number for the batch: each pair has its own."),
    ),
)

ITEMS = (STRANGERS, PERFECT, WEIGHT, COSINE, LIKENESS)
