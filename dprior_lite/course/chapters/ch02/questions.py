"""Questions of page 02: what additive constants do outside the training range, what homogeneity does not explain."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

PANIC = Predict(
    "panic",
    "Two networks, the same patches, the same steps, the same seed, sigma from 0 to 10/255. One has a bias in every"
    " convolution, the other has none. Both are now given noise of 50/255, five times more than either has seen. What"
    " does the one with biases do?",
    (
        Option(
            "It removes too much: the picture turns into a smooth blur",
            "That would be a network that takes everything for noise. This one "
            "was never shown that much noise, and what its biases have fixed is an amount to remove.",
        ),
        Option(
            "It removes as much noise as it was trained on, or less, and leaves the rest",
            "Its output is close to its input: it gains {bf-2.at_50:.1f} dB at 50/255, and the twin without biases is"
            " {bf-4.at_50:.1f} dB better. What its constants fixed is a scale: noise that is far off that scale passes"
            " for picture.",
            right=True,
        ),
        Option(
            "It invents structure",
            "Noise that looks like picture would be sharpened then. Here it is simply let through: the output "
            "is nearly the input.",
        ),
        Option(
            "It does a little worse than its twin: a handful of constants cannot matter",
            "They are fewer than one parameter in two hundred, "
            "and set the level at which every gate opens. Look at the figure.",
        ),
    ),
)

COST = Predict(
    "cost",
    "Take away every additive constant of a denoiser and train it again, by the plain squared error on sigma in [0,"
    " 55]/255. What happens inside that range, at 30 and 50/255?",
    (
        Option(
            "It loses about a decibel: the constants were there for a reason",
            "So one would think; here they part by far less. (The pair on [0, 10] "
            "does part by as much, at low noise, which its loss hardly minds.)",
        ),
        Option(
            "Little: some tenths of a decibel",
            "At most {bf-1.middle:.2f} dB here; the paper, training far longer, found .15. And so the usual test, on"
            " noise like that of the training, tells nothing about what comes outside.",
            right=True,
        ),
        Option(
            "It cannot be trained any more",
            "ReLUs without biases still choose between linear maps; what they lose is the choice of an absolute level.",
        ),
        Option(
            "It gains a decibel, because there is less to overfit",
            "The constants are fewer than one parameter in two hundred. At the low end of the range it does gain, by"
            " some tenths (see the table); at 30 and 50/255 the two are nearly level.",
        ),
    ),
)

WHY = Predict(
    "why-it-generalises",
    "A bias-free network obeys f(a y) = a f(y). It was trained on sigma up to 10/255, and at 50/255 it is several"
    " decibels better than its twin with biases. Does the first sentence explain the second?",
    (
        Option(
            "Yes: rescaling turns every noise level into every other",
            "It turns the picture along with it: noise of 50 on x becomes noise of 10 on x/5, a picture five times"
            " fainter. A homogeneous network that is poor on faint pictures is exactly as poor at high noise.",
        ),
        Option(
            "Only with a second fact: the network must be good on faint pictures at noise it has seen",
            "f(x + 50 z) = 5 f(x/5 + 10 z), "
            "to {bf-9.value:.0e}. Homogeneity trades unseen noise for faintness, and faint patches are in a "
            "training set.",
            right=True,
        ),
        Option(
            "No: the two have nothing to do with each other",
            "They have: without homogeneity a network may treat noise of 50 as it "
            "likes. With it, one question (noise) becomes another (faintness).",
        ),
    ),
)

WEIGHT = Predict(
    "which-weight",
    "In training, the squared error of every noisy patch is multiplied by a number before the mean is taken. For which"
    " of these numbers does a blind denoiser that sees the whole patch and can represent anything still end at the"
    " posterior mean, for the same pictures and the same noise levels?",
    (
        Option(
            "One over the variance of the clean patch x",
            "Two clean patches behind the same y would then count differently, and the answer leans towards "
            "the one that counts more. That is the posterior mean of another prior.",
        ),
        Option(
            "One over sigma squared",
            "A blind network must find sigma from y. Weighing by it makes small noise more probable than it is; where y"
            " leaves sigma open, the answer moves.",
        ),
        Option(
            "One over the variance of the noisy patch y",
            "For a given y the weight is a constant, and a constant does not move the least-squares answer. What it"
            " moves is where a network with few parameters spends them.",
            right=True,
        ),
        Option(
            "None of them: the squared error must be left alone",
            "Only what depends on more than y changes the answer. A function of y alone is a constant for each y.",
        ),
    ),
)

SCALED = Numeric(
    "scaled-psnr",
    "A bias-free network, given x/5 with noise of 10/255, returns x/5 with a root mean squared error of 0.01. What is"
    " its PSNR on x itself with noise of 50/255, in dB, with nothing clipped?",
    value=26.0206,
    tolerance=0.06,
    unit="dB",
    why="f(x + 50 z) = 5 f(x/5 + 10 z), so the error is 5 times larger: 0.05, and −20 log₁₀ 0.05 = 26.02 dB.",
    hint="What does homogeneity say about the error, when both picture and noise are multiplied by 5?",
    wrong=(
        WrongValue(40.0, "That is −20 log₁₀ 0.01, the PSNR on the faint picture. On x the error is five times larger."),
        WrongValue(33.0103, "10 log₁₀ 5 was taken off. The error is an amplitude: 20 log₁₀ 5 = 14 dB."),
        WrongValue(53.9794, "The sign: on x the error is five times larger, not smaller."),
        WrongValue(
            13.0103, "10 log₁₀ in place of 20 log₁₀: the error given is a root mean square, PSNR is about its square."
        ),
    ),
)

UNIT = Numeric(
    "net-bias-unit",
    "One pixel, f(y) = 2 relu(y − 0.5) + 0.2. What is the net bias b = f(y) − J y at y = 2?",
    value=-0.8,
    tolerance=0.005,
    why=(
        "The gate is open, J = 2, so J y = 4; f = 2 · 1.5 + 0.2 = 3.2; b = −0.8. Where the gate is closed (y < 0.5) J ="
        " 0 and b = 0.2: the net bias depends on which gates are open."
    ),
    hint="J is the slope at y = 2, where the ReLU is open.",
    wrong=(
        WrongValue(
            0.2, "That is the last constant alone. The constant inside the ReLU reaches the output too, times 2."
        ),
        WrongValue(-0.3, "−0.5 + 0.2: the inner constant is multiplied by the weight 2 on its way out."),
        WrongValue(0.8, "The sign: b = f − J y = 3.2 − 4."),
        WrongValue(3.2, "That is f(2). Take J y = 2 · 2 off."),
    ),
)


def bias_free_norm(x: Tensor, weight: Tensor, running_sd: Tensor) -> Tensor:
    """Bias-free batch normalisation in use (`eval`): (B, C, H, W), with (C,) weights and standard deviations."""
    return x * (weight / running_sd)[:, None, None]


def _norms() -> list[tuple[Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 4, 4, generator=generator) + 0.7
    return [
        (x, torch.tensor([1.0, -0.5, 2.0]), torch.tensor([0.5, 1.5, 3.0])),
        (3 * x, torch.ones(3), torch.full((3,), 0.01)),
    ]


def _spread(x: Tensor) -> Tensor:
    return x.std((0, 2, 3), correction=0)


NORM = Code(
    "bias-free-norm",
    "Write `norm(x, weight, running_sd)`: what bias-free batch normalisation computes in a finished network. x is (B,"
    " C, H, W), weight and running_sd are (C,).",
    reference=bias_free_norm,
    cases=_norms,
    why="One fixed factor a channel, weight/running_sd: linear, so homogeneous.",
    wrong=(
        WrongFunction(
            lambda x, w, sd: (x - x.mean((0, 2, 3))[:, None, None]) * (w / sd)[:, None, None],
            "The mean is subtracted: that is an additive constant, and the one that must go.",
        ),
        WrongFunction(
            lambda x, w, sd: x * (w / _spread(x))[:, None, None],
            "This divides by the deviation of the batch at hand. In training that is right; in use it makes the layer"
            " of degree zero: norm(2x) = norm(x).",
        ),
        WrongFunction(
            lambda x, w, sd: (x - x.mean((0, 2, 3))[:, None, None]) * (w / _spread(x))[:, None, None],
            "This is ordinary batch normalisation in training: it subtracts a mean and divides by the statistics of the"
            " batch.",
        ),
        WrongFunction(
            lambda x, w, sd: x * (w / sd.sqrt())[:, None, None], "running_sd is a standard deviation already; no root."
        ),
        WrongFunction(
            lambda x, w, sd: x * (w / sd**2)[:, None, None], "This divides by the variance: the units do not fit."
        ),
        WrongFunction(lambda x, w, sd: x / sd[:, None, None], "The learned weight of the channel is missing."),
    ),
)

ITEMS = (PANIC, COST, WHY, WEIGHT, SCALED, UNIT, NORM)
