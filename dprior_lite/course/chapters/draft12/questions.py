"""Questions of page 12: what a class is worth against noise, what lies between two classes, what a weight of 3 does."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

WHERE = Predict(
    "where-a-class-helps",
    "Two twins denoise faint digits. One is told the class of the digit by the features of other digits, its twin is"
    " not. Where is the first one better?",
    (
        Option(
            "At every noise level, by about as much",
            "At faint noise the digit is plain, and so is its class. What is known already cannot help: the difference"
            " is {fg-2.low:.2f} dB there.",
        ),
        Option(
            "At faint noise, where fine details of the class can be added",
            "There the details can be seen in the noisy picture itself. The class adds what the picture does not show,"
            " and at faint noise it shows nearly everything.",
        ),
        Option(
            "At strong noise",
            "By at least {fg-2.high:.2f} dB from σ = 0.5 on. The noise hides the class there, so a hint about it is"
            " news. A wrong hint does harm in the same place: {fg-2.wrong:.1f} dB.",
            right=True,
        ),
        Option(
            "Nowhere: a digit of the same class is another picture",
            "It is. But it narrows down what the picture may be, and a posterior mean over fewer pictures has a smaller"
            " error.",
        ),
    ),
)

HALFWAY = Predict(
    "halfway",
    "No network has seen ovals with aspect ratios between 1.0 and 2.4. Take the mean of the two centroids at"
    " these ratios, and sample with it. What do the samples show?",
    (
        Option(
            "Either circles or tall ovals: each sample picks one of the two classes",
            "That is what a mixture of the two densities would give. The features are no coin that is tossed: every"
            " sample has the same ones.",
        ),
        Option(
            "Circles and tall ovals together in one picture",
            "Features are means over space, so half of the ovals of either kind would have nearly the same features as"
            " a picture of ovals in between. The aspect ratio that is measured does not tell the two apart; look at the"
            " samples.",
        ),
        Option(
            "Ovals between the two",
            "The measured ratio rises with the weight, with a rank correlation of {fg-6.spearman:.2f}; halfway it has"
            " come {fg-6.midpoint:.2f} of the way.",
            right=True,
        ),
        Option(
            "Nothing that looks like ovals: no training picture has these features",
            "The features are new, but each of them is between two that were seen, and the network is continuous.",
        ),
    ),
)

WEIGHT = Predict(
    "weight-three",
    "Two Gaussian classes of standard deviation 1, their means 2 apart. Guidance by a class adds the difference of the"
    " two scores, times a weight. At the weight 1 it is exact. What does the weight 3 do to the samples of a class?",
    (
        Option(
            "It makes them narrower, about the right mean",
            "They do get narrower, {fg-1.spread_3:.2f} of the true spread. But their mean moves too, by"
            " {fg-1.mean_3:.2f} of the distance between the classes, away from the other one.",
        ),
        Option(
            "It makes them narrower and moves them away from the other class",
            "The spread is {fg-1.spread_3:.2f} of the true one, and the mean is off by {fg-1.mean_3:.2f} of the"
            " distance. What is said three times as loudly is how this class differs from the other.",
            right=True,
        ),
        Option(
            "It makes them wider",
            "The added term pushes all points in one direction, and those that are nearest to the other class most."
            " They are squeezed, not spread.",
        ),
        Option(
            "Nothing but speed: a larger step towards the same density",
            "The step is not larger; its direction changes. The mixture's score keeps its weight, and the term that"
            " tells the classes apart is tripled.",
        ),
    ),
)

MOVED = Numeric(
    "moved-mean",
    "A channel of the noisy picture has the mean 0.3 over space. In the partner it is 0.5, and γ = 0.6. What is the"
    " mean of the channel after the move?",
    value=0.42,
    tolerance=0.002,
    why="0.3 + 0.6 · (0.5 − 0.3) = 0.42.",
    hint="The channel is shifted by γ times the difference of the two means.",
    wrong=(
        WrongValue(0.5, "That is γ = 1: the mean is replaced. Here only a part of the way is gone."),
        WrongValue(0.6, "That adds γ times the partner's mean and does not take off the own one."),
        WrongValue(0.38, "That goes 0.4 of the way. γ is the share that is moved, not the one that is kept."),
        WrongValue(0.12, "That is the shift. Add it to the mean."),
    ),
)

_MIXTURE_SCORE = (math.tanh(0.5) - 1) / 2

PUSH = Numeric(
    "push-at-the-mean",
    "Two classes N(−1, 1) and N(1, 1), equally likely, with noise of σ = 1. Stand at y = 1, the mean of the second."
    " What is the guided score, the mixture's plus 3 times the difference of the class's and the mixture's?",
    value=-2 * _MIXTURE_SCORE,
    tolerance=0.005,
    why=(
        "With noise each class has the variance 2. The score of the class is 0 at its mean. That of the mixture is"
        " (tanh(1/2) − 1)/2 = −0.269. So the guided score is −0.269 + 3 · 0.269 = 0.538: at the mean of the class it"
        " still pushes away from the other one."
    ),
    hint="The mixture's score at y is (tanh(y/2) − y)/2 here, since variance and noise add up to 2.",
    wrong=(
        WrongValue(0.0, "That is the score of the class alone, the weight 1."),
        WrongValue(_MIXTURE_SCORE, "That is the score of the mixture, the weight 0."),
        WrongValue(-3 * _MIXTURE_SCORE, "That leaves out the mixture's own score."),
        WrongValue(2 * _MIXTURE_SCORE, "The sign: the difference is class minus mixture, 0 + 0.269."),
        WrongValue(2 * (1 - math.tanh(1)), "With the noise the variance is 2, not 1."),
    ),
)

JEFFREYS = Numeric(
    "jeffreys-of-gaussians",
    "What is the Jeffreys divergence KL(p₁ | p₂) + KL(p₂ | p₁) of two Gaussians of variance 1 whose means are 2 apart,"
    " in nats?",
    value=4.0,
    tolerance=0.02,
    why=(
        "Each KL is 2²/2 = 2. By the integral: the two denoisers differ by 2σ²/(1 + σ²) everywhere, and"
        " ∫ 2 · 4σ⁴/(1 + σ²)² σ⁻³ dσ = 4."
    ),
    hint="The KL divergence of two Gaussians of one variance s² is the squared distance of the means over 2s².",
    wrong=(
        WrongValue(2.0, "That is one of the two."),
        WrongValue(8.0, "Each KL has a factor of one half."),
        WrongValue(1.0, "The distance enters squared."),
    ),
)


def moved(a: Tensor, partner: Tensor, gamma: Tensor) -> Tensor:
    """Return channels (B, C, H, W) whose means over space were moved towards those of the partner's, gamma (C,)."""
    shift = gamma * (partner.mean((2, 3)) - a.mean((2, 3)))
    return a + shift[:, :, None, None]


def _cases() -> list[tuple[Tensor, Tensor, Tensor]]:
    draw = torch.Generator().manual_seed(0)
    a, partner = (torch.rand(3, 4, 5, 6, generator=draw) for _ in range(2))
    return [(a, partner, torch.tensor([0.2, 0.5, 0.9, 1.1])), (a, 2 * partner, torch.rand(4, generator=draw))]


def _normalised(a: Tensor) -> Tensor:
    mean, std = a.mean((1, 2, 3), keepdim=True), a.std((1, 2, 3), keepdim=True)
    return (a - mean) / std


def _per_channel(a: Tensor) -> Tensor:
    return a - a.mean((2, 3), keepdim=True)


MOVE = Code(
    "moved",
    "Write `moved(a, partner, gamma)`: the channels `a` (B, C, H, W), each shifted by `gamma` (C,) times the"
    " difference between its mean over space in the partner, also (B, C, H, W), and its own.",
    reference=moved,
    cases=_cases,
    why="Two means over space, one shift a channel and picture, the same at every place.",
    wrong=(
        WrongFunction(
            lambda a, partner, gamma: moved(a, a, gamma),
            "Nothing moves: the picture is its own partner. In training this would hand the network the clean picture's"
            " own features.",
        ),
        WrongFunction(
            lambda a, partner, gamma: moved(_per_channel(a), _per_channel(partner), gamma),
            "The means were removed first, as an ordinary layer normalisation of each channel does. What is to be"
            " matched is gone.",
        ),
        WrongFunction(
            lambda a, partner, gamma: moved(_normalised(a), _normalised(partner), gamma),
            "Both were normalised with their mean first. A layer that only divides by a standard deviation keeps what"
            " is to be matched.",
        ),
        WrongFunction(
            lambda a, partner, gamma: moved(a, partner, torch.ones_like(gamma)),
            "That replaces the means: γ = 1 for every channel.",
        ),
        WrongFunction(
            lambda a, partner, gamma: a + (gamma * (partner.mean((0, 2, 3)) - a.mean((0, 2, 3))))[None, :, None, None],
            "These are means over the batch as well. Each picture has its own partner.",
        ),
        WrongFunction(
            lambda a, partner, gamma: a + gamma[:, None, None] * (partner - a),
            "That mixes the two pictures place by place. Only their means over space are to be moved.",
        ),
    ),
)

ITEMS = (WHERE, HALFWAY, WEIGHT, MOVED, PUSH, JEFFREYS, MOVE)
