"""Questions of page 11: what a denoising error cannot see, the most probable picture, conversions, the loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

SAME = Predict(
    "same-loss",
    "Five networks learn the score of two far-apart clouds by denoising. Their errors on new data are as small as they"
    " can be. Do they know how much higher the density is on one cloud than on the other?",
    (
        Option(
            "Yes: the density is the integral of its score",
            "Along a path, yes. But every path from cloud to cloud crosses a region where there is no data, where the"
            " loss never looks, and where every network has an integral of its own.",
        ),
        Option(
            "Yes, up to one constant for the whole density",
            "A constant for all of space does not change the ratio of two clouds. Here every cloud has a constant of"
            " its own.",
        ),
        Option(
            "No, and nothing in their errors says so",
            "One of the five is {en-1.single:.2f} nats per dimension off, in 1000 dimensions, at errors that agree"
            " within {en-1.single_loss:.2%}.",
            right=True,
        ),
        Option(
            "Yes: half of the data is in each",
            "The share of the data enters the loss as a weight, not as a height: the network is right in each cloud,"
            " whatever the share.",
        ),
    ),
)

MOST = Predict(
    "most-probable",
    "Which of these has the highest density under a network trained on 32 × 32 patches of photographs?",
    (
        Option(
            "A typical photograph",
            "Typical pictures are where most of the mass is: there are very many of them, each of low density. Their"
            " log densities differ widely: they do not concentrate.",
        ),
        Option(
            "A patch of texture, of which photographs are full",
            "There are astronomically many of them, and the probability is divided among them.",
        ),
        Option(
            "A constant grey",
            "The density is highest where a picture is most predictable: constant, smooth, texture, noise come in this"
            " order. Flat pictures are rare all the same, because there are so few of them.",
            right=True,
        ),
        Option(
            "White noise, since most pictures are noise",
            "Almost all points of the cube are noise. Almost no probability is there.",
        ),
    ),
)

BITS = Numeric(
    "nats-to-bits",
    "At t = 10⁻⁴ a patch of 32 × 32 pixels in [0, 1] has an energy of −2,000 nats. How many bits per dimension is that"
    " for 8-bit pixels?",
    value=8 - 2000 / (1024 * math.log(2)),
    tolerance=0.02,
    unit="bits",
    why="8 + U/(d ln 2) = 8 − 2000/(1024 · 0.693) = 5.18 bits: 2.8 less than storing the pixels one by one.",
    hint="A density on [0, 1] becomes a probability of one of 256 levels by a factor 1/256 a pixel; then nats to bits.",
    wrong=(
        WrongValue(
            2000 / (1024 * math.log(2)),
            "The 8 bits are missing: a density of 1 on [0, 1] is a probability of 1/256 a level.",
        ),
        WrongValue(8 + 2000 / (1024 * math.log(2)), "A negative energy is a high density, so fewer bits than 8."),
        WrongValue(8 - 2000 / 1024, "Nats, not bits: divide by log 2."),
        WrongValue(8 - 2000 / (1024 * math.log(10)), "That is the logarithm to base 10."),
    ),
)

SHELL = Numeric(
    "shell-height",
    "Half of the data is N(0, I), half N(0, 16 I), in many dimensions. How much larger is −log p, per dimension, on the"
    " outer shell than on the inner one, without noise?",
    value=0.5 * math.log(16),
    tolerance=0.01,
    unit="nats",
    why=(
        "On its own shell |y|²/2s is d/2 for both, so only the normalisers differ: ½ log 16 = log 4 = 1.386. The true"
        " gap at t = 0.01 is 1.3816."
    ),
    hint="Each half is a Gaussian; on its shell |y|² = d s. Which terms of −log p remain different?",
    wrong=(
        WrongValue(math.log(16), "The normaliser is (d/2) log 2πs: one half of log 16."),
        WrongValue(0.5 * 16 - 0.5, "You kept |y|² and forgot to divide it by the variance of its own shell."),
        WrongValue(math.log(2), "The weights are ½ each: they add log 2 in all, not per dimension, and to both."),
        WrongValue(
            0.0, "Equal masses on shells of different volume: the outer one is larger, so its density is lower."
        ),
    ),
)


def dual_terms(y: Tensor, x: Tensor, t: Tensor, space: Tensor, time: Tensor) -> Tensor:
    """Dual score matching, in the form of a denoiser, from the derivatives of an energy by y and by t."""
    d = y.shape[1]
    error = (y - x - t[:, None] * space).square().mean(1) / t
    surplus = (1 - (y - x).square().mean(1) / t) / 2
    return (error + (surplus - t * time / d).square()).mean()


def _cases() -> list[tuple[Tensor, ...]]:
    draw = torch.Generator().manual_seed(0)
    x, z, space = (torch.randn(4, 6, generator=draw) for _ in range(3))
    t, time = 0.1 + torch.rand(4, generator=draw), 5 * torch.randn(4, generator=draw)
    return [(x + t.sqrt()[:, None] * z, x, t, space, time)]


def _wrong(space_scale=lambda t: t, surplus=lambda r, t: (1 - r / t) / 2, weight=lambda t: t, per=True):
    def wrong(y: Tensor, x: Tensor, t: Tensor, space: Tensor, time: Tensor) -> Tensor:
        """Return the loss of both scores with the faults that were asked for."""
        d = y.shape[1] if per else 1
        error = (y - x - space_scale(t)[:, None] * space).square().mean(1) / t
        return (error + (surplus((y - x).square().mean(1), t) - weight(t) * time / d).square()).mean()

    return wrong


DUAL = Code(
    "dual-loss",
    "Write `dual(y, x, t, space, time)`: the mean loss over the batch, for y and x (B, d), noise variances t (B,), the"
    " gradient of the energy by y (B, d) and its derivative by t (B,).",
    reference=dual_terms,
    cases=_cases,
    why=(
        "|x̂ − x|²/(d t) with x̂ = y − t ∂U/∂y, and ((1 − |z|²/d)/2 − t ∂U/∂t /d)² with |z|² = |y − x|²/t. In training,"
        " the derivatives are made with `create_graph=True`: without it the loss has no gradient by the weights."
    ),
    wrong=(
        WrongFunction(
            _wrong(weight=lambda t: torch.ones_like(t)),
            "The derivative is by t, and the term without a unit is t ∂U/∂t: a factor t is missing, as if you had the"
            " derivative by log t.",
        ),
        WrongFunction(
            _wrong(surplus=lambda r, t: -r / t / 2),
            "The normaliser of the Gaussian changes with t as well: d/(2t) was lost, the 1 in 1 − |z|²/d.",
        ),
        WrongFunction(
            _wrong(space_scale=lambda t: t.sqrt()),
            "The step of Miyasawa’s identity is the variance t, not the standard deviation.",
        ),
        WrongFunction(_wrong(weight=lambda t: -t), "The sign of ∂U/∂t: on average the energy rises with the noise."),
        WrongFunction(
            _wrong(per=False),
            "The time term is per dimension: divide t ∂U/∂t by d, or it outweighs the other d² times.",
        ),
        WrongFunction(_wrong(surplus=lambda r, t: 1 - r / t), "d/(2t) − |y − x|²/(2t²): both halves were lost."),
    ),
)

ITEMS = (SAME, MOST, BITS, SHELL, DUAL)
