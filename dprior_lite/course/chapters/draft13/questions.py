"""Questions of page 13: what fires a channel, how sparse chance is, and controls that a claim about meaning needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

CHANNEL = Predict(
    "what-fires-a-channel",
    "A network learned to remove noise from textures of ovals, flat ones and tall ones mixed. Nobody told it about"
    " shapes. Take one channel of its middle block, average it over space, and look for the pictures in which the"
    " average is largest. What do they have in common?",
    (
        Option(
            "Nothing: a channel is one number among many",
            "For a few channels that is how it looks: they are on for every picture. Others are on for few pictures"
            " only, and one sees at once for which.",
        ),
        Option(
            "Often the shape of the ovals, and never their places",
            "An average over space forgets places. What is left is what all ovals of a texture share, such as their"
            " shape or how crowded they are. Some channels are on for all pictures, others for few.",
            right=True,
        ),
        Option(
            "An oval at one certain place",
            "A unit of a map stands for a place. The average over the whole map does not: it hardly changes when the"
            " picture is moved.",
        ),
        Option(
            "One class: there is a channel for each of the sixteen shapes",
            "No label was given, so nothing asks for one channel a class. Neighbouring shapes share most of their"
            " channels.",
        ),
    ),
)

DIGITS = Predict(
    "neighbours-of-digits",
    "For textures of ovals, neighbours in the features have the same shape of ovals far more often than neighbours in"
    " pixels. Now the same with MNIST digits and the network of digits. Whose five nearest neighbours most often show"
    " the same digit?",
    (
        Option(
            "Those in the features, by far",
            "That is what one would like to report. Compared with pixels there is nothing to report:"
            " features minus pixels is {se-5.digits:.1f} points at best.",
        ),
        Option(
            "Those in pixels do as well, or better",
            "Digits stand in the middle of the picture and are all of one size, so two of one class cover the same"
            " pixels. Features minus pixels is {se-5.digits:.1f} points at best. Averages over space cannot know where"
            " a stroke is.",
            right=True,
        ),
        Option(
            "Neither: both are at one in ten",
            "Both are far above one in ten. That is why a purity alone, without pixels beside it, proves nothing.",
        ),
        Option(
            "Those of an untrained network",
            "An untrained network keeps a good deal too, and must stand beside every such number. It is not the best.",
        ),
    ),
)

NULL = Numeric(
    "rectified-noise",
    "A code has many channels. Each is the ReLU of an independent standard Gaussian number: nothing was learned. What"
    " is its participation ratio?",
    value=1 / math.pi,
    tolerance=0.003,
    why="The mean of a rectified Gaussian is 1/√(2π), its mean square 1/2. The ratio is (1/(2π))/(1/2) = 1/π = 0.318.",
    hint="The ratio is the mean, squared, over the mean square. The mean of a rectified Gaussian is 1/√(2π).",
    wrong=(
        WrongValue(0.5, "Half of the channels are on, but not equally: the ratio counts equal channels."),
        WrongValue(2 / math.pi, "That is the ratio of |z|, where no channel is off. The ReLU makes half of them zero."),
        WrongValue(1.0, "1 is the ratio of equal channels."),
        WrongValue(1 / (2 * math.pi), "That is the square of the mean. Divide by the mean of the square, 1/2."),
        WrongValue(1 / math.sqrt(2 * math.pi), "That is the mean. Square it, and divide by the mean square, 1/2."),
    ),
)

CHANCE = Numeric(
    "shared-by-chance",
    "Two pictures have 20 leading channels each, out of 80. If these are chosen by chance, which share of its 20 does"
    " the first picture have in common with the second, on average?",
    value=0.25,
    tolerance=0.005,
    why="Each of the 20 is among the 20 of the other picture with probability 20/80 = 0.25.",
    hint="Take one of the 20 channels. With which probability is it among the 20 of the other picture?",
    wrong=(
        WrongValue(0.0625, "(20/80)² is the probability that a channel is among both. Here it is among the first."),
        WrongValue(5.0, "5 channels are shared on average; the question is for the share of the 20."),
        WrongValue(0.0, "Chance makes them meet: 80 channels are not many."),
        WrongValue(0.2, "That is 20 of 100. There are 80 channels."),
    ),
)


def phi(maps: Callable[[Tensor], Tensor], x: Tensor, sigma: float, z: Tensor) -> Tensor:
    """Return averages over space and noise of the maps of noisy pictures, (B, C)."""
    return torch.stack([maps(x + sigma * one).mean((-2, -1)) for one in z]).mean(0)


def _cases() -> list[tuple[Callable[[Tensor], Tensor], Tensor, float, Tensor]]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        conv = nn.Conv2d(1, 5, 3, padding=1).requires_grad_(False)
        x, z = torch.rand(3, 1, 12, 10), torch.randn(8, 3, 1, 12, 10)

    def maps(y: Tensor) -> Tensor:
        """Return five maps that are zero in places."""
        return conv(y).relu()

    return [(maps, x, sigma, z) for sigma in (0.2, 1.0)]


FEATURES = Code(
    "phi",
    "Write `phi(maps, x, sigma, z)`. `maps(y)` returns the maps (B, C, h, w) of a block for noisy pictures y, `x` is"
    " (B, 1, H, W), and `z` holds several draws of unit noise, (draws, B, 1, H, W). Return the features, (B, C).",
    reference=phi,
    cases=_cases,
    why="Maps of each noisy version, averaged over space, then over the draws; all at the same level of noise.",
    wrong=(
        WrongFunction(
            lambda maps, x, sigma, z: maps(x + sigma * z.mean(0)).mean((-2, -1)),
            "The noise was averaged before the network saw it: that is one picture with fainter noise. Average the"
            " answers of the network.",
        ),
        WrongFunction(
            lambda maps, x, sigma, z: maps(x).mean((-2, -1)),
            "These are the features of the clean picture. The network was trained on noisy ones: add sigma z.",
        ),
        WrongFunction(
            lambda maps, x, sigma, z: torch.stack(
                [(maps(x + sigma * one) > 0).float().mean((-2, -1)) for one in z]
            ).mean(0),
            "That counts the places where a channel is on, the sparsity of its map. The features are averages of the"
            " values.",
        ),
        WrongFunction(
            lambda maps, x, sigma, z: torch.stack([maps(x + sigma * one).amax((-2, -1)) for one in z]).mean(0),
            "That is the largest value of each map. The features are averages over space.",
        ),
        WrongFunction(
            lambda maps, x, sigma, z: torch.stack(
                [maps(x + sigma * k / len(z) * one).mean((-2, -1)) for k, one in enumerate(z, 1)]
            ).mean(0),
            "Each draw has another level of noise. Features of several levels are no features of one.",
        ),
        WrongFunction(
            lambda maps, x, sigma, z: maps(x + sigma * z[0]).mean((-2, -1)),
            "That is one draw. Average over all of them.",
        ),
    ),
)

ITEMS = (CHANNEL, DIGITS, NULL, CHANCE, FEATURES)
