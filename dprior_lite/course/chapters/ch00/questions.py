"""Questions of page 00: what a posterior mean is, decibels, receipts, and the self-test on what the course needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite import metrics
from dprior_lite.course.chapters.ch00.selftest import SELFTEST
from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

#: What the pictures A, B, C, D of the opening figure are, in this order.
CAMERA_ORDER = ("denoised", "sampled", "camera", "inpainted")

CAMERA = Predict(
    "camera",
    "One of these four pictures was taken by a camera. Which one?",
    (
        Option(
            "A",
            "A was denoised: noise was added to a photograph and one pass of a network took it away. Look at the "
            "finest texture: where noise and picture could not be told apart, the posterior mean averages, so it is "
            "smoother than what a camera sees. That is chapter 1.",
        ),
        Option(
            "B",
            "B was drawn by a denoiser that started from pure noise. Nobody ever photographed it: the network was "
            "never asked to make pictures, only to remove noise. That is chapter 4.",
        ),
        Option(
            "C",
            "C was taken by a camera. The other three went through a network that has only ever removed noise: A was "
            "denoised, B was drawn from noise, D was completed where pixels were missing.",
            right=True,
        ),
        Option(
            "D",
            "Only part of D is a photograph: what lies outside a square in its middle. The square was removed, and a"
            " denoiser filled it so that it fits its surroundings. That is chapter 5.",
        ),
    ),
)

MOST_LIKELY = Predict(
    "most-likely",
    "A pixel is x = −1 or x = +1, equally likely. It reaches you with Gaussian noise of σ = 0.5 as y = 0.3, and a"
    " network trained to minimise the squared error says x̂. What is x̂?",
    (
        Option(
            "exactly +1: the more likely of the two",
            "That is the most likely value, sign(y). It is wrong least often. But when it is wrong its squared error"
            " is 4, and squared error prefers an answer that is never so far off.",
        ),
        Option(
            "0.3: nothing better is known than the measurement",
            "The measurement is not all that is known: x is −1 or "
            "+1, and 0.3 is neither. A denoiser that returns y has learned nothing about pictures.",
        ),
        Option(
            "a number between 0.3 and 1 that x can never be",
            "The mean of the two possibilities, weighted by "
            "their probabilities given y. It is tanh(y/σ²), never a possible x, and still the best answer in squared "
            "error.",
            right=True,
        ),
        Option(
            "0: the mean of −1 and +1",
            "That is the mean before the measurement. Seeing y = 0.3 makes +1 more likely "
            "than −1, so the mean moves towards +1.",
        ),
    ),
)

RECEIPT = Predict(
    "receipt",
    "A page trains a network for 20 steps and prints 31.2 dB. Its receipt says: profile ci; from shipped weights: the"
    " decibels (photos-unet); trained live: everything else. Which sentence may you write in your report?",
    (
        Option(
            "“I trained the network for 20 steps and it reached 31.2 dB.”",
            "31.2 dB belongs to the shipped weights, "
            "which were trained before, for many more steps. This mistake is easy, so the receipt names the origin "
            "of each number.",
        ),
        Option(
            "“The shipped network reaches 31.2 dB; I trained my own for 20 steps and did not measure it.”",
            "A number and its network belong together, and an honest report says what was not measured.",
            right=True,
        ),
        Option(
            "“In the profile ci networks reach 31.2 dB, in class more.”",
            "A profile changes sizes only: how many "
            "pictures, steps and seeds. It never changes the shipped network. Its number differs between profiles "
            "only because fewer pictures are measured in ci.",
        ),
        Option(
            "“Nothing: numbers of the profile ci mean nothing.”",
            "They are measurements too, on fewer pictures. The receipt says which profile ran, so you can report it.",
        ),
    ),
)

POSTERIOR_MEAN = Numeric(
    "posterior-mean",
    "x = ±1 with equal probability, noise of standard deviation σ = 0.5, and you measure y = 0.3. What is the "
    "posterior"
    " mean E[x | y]?",
    value=math.tanh(0.3 / 0.5**2),
    tolerance=0.002,
    why=(
        "tanh(y/σ²) = tanh(1.2) = 0.834. The two exponents differ by 2y/σ², the rest cancels. Note that 0.834 is not"
        " a "
        "possible x."
    ),
    hint="Write p(x = +1 | y) and p(x = −1 | y) with Bayes’ rule; the factor exp(−(y² + 1)/2σ²) is common to both.",
    wrong=(
        WrongValue(1.0, "That is the most likely value, sign(y). The mean weighs both possibilities."),
        WrongValue(0.3, "That is y itself: the prior (x is −1 or +1) has not been used."),
        WrongValue(
            math.tanh(0.6),
            "That is tanh(0.6): either σ in place of σ², or the half was taken twice. The difference "
            "of the two exponents is 2y/σ², and tanh takes half of it.",
        ),
        WrongValue(math.tanh(2.4), "That is tanh(2.4): the 2 of 1/2σ² was lost."),
        WrongValue(
            0.3 / 1.25,
            "That is y/(1 + σ²), the posterior mean for a Gaussian x of variance 1. Here x has only two values.",
        ),
        WrongValue((1 + math.tanh(1.2)) / 2, "That is p(x = +1 | y), a probability. The mean is p(+1) − p(−1)."),
        WrongValue(-math.tanh(1.2), "The size is right, the sign is not: y is positive, so +1 is the likelier one."),
    ),
)

DECIBELS = Numeric(
    "decibels",
    "Noise of σ = 25/255 is added to a picture in [0, 1]. What is the PSNR of the noisy picture, before any clipping?",
    value=-20 * math.log10(25 / 255),
    tolerance=0.05,
    unit="dB",
    why="−10 log₁₀(σ²) = −20 log₁₀(25/255) = 20.17 dB: the mean squared error is σ², the peak is 1.",
    hint="PSNR = 10 log₁₀(peak²/MSE), the peak is 1, and the mean squared error of the noisy picture is σ².",
    wrong=(
        WrongValue(
            -10 * math.log10(25 / 255),
            "That is half the right number: σ was taken for the mean squared error, which is σ².",
        ),
        WrongValue(
            20 * math.log10(25 / 255),
            "The sign: a PSNR is the peak over the error, so a smaller error is more decibels.",
        ),
        WrongValue(
            20 * math.log10(255 * 255 / 25),
            "The peak is 255 but the noise is in units of 1. Take both in the same units.",
        ),
        WrongValue(20 * math.log10(25), "That is 20 log₁₀(25). Divide the noise by the peak first: 25/255."),
    ),
)

PSNR_BATCH = Numeric(
    "psnr-batch",
    "Two denoised pictures in [0, 1] have mean squared errors 10⁻² and 10⁻⁴. What PSNR does this course report for "
    "the "
    "batch?",
    value=30.0,
    tolerance=0.05,
    unit="dB",
    why="20 dB and 40 dB, mean 30.0 dB: the mean is taken over pictures, after the logarithm.",
    hint="First the PSNR of each picture, −10 log₁₀(MSE), then their mean.",
    wrong=(
        WrongValue(
            -10 * math.log10(0.00505),
            "The two errors were averaged before the logarithm, so the worse picture alone decides. Here the "
            "decibels are averaged.",
        ),
        WrongValue(30 + 20 * math.log10(255), "The peak is 1 here, not 255: the pictures are in [0, 1]."),
        WrongValue(
            60.0, "20 log₁₀ is for amplitudes; the mean squared error is already a square, so it takes 10 log₁₀."
        ),
        WrongValue(-30.0, "The sign: PSNR is the peak over the error."),
    ),
)


def _tanh(y: Tensor, sigma: float) -> Tensor:
    return torch.tanh(y / sigma**2)


def _signals() -> list[tuple[Tensor, float]]:
    y = torch.linspace(-2.0, 2.0, 9, dtype=torch.float64)
    return [(y, 0.5), (y, 1.3)]


TANH = Code(
    "tanh",
    "Write `posterior_mean(y, sigma)` for x = ±1 with equal probability.",
    reference=_tanh,
    cases=_signals,
    why="tanh(y/σ²): a soft sign, the sharper the smaller the noise.",
    wrong=(
        WrongFunction(
            lambda y, sigma: torch.sign(y),
            "This is the most likely x. The mean of x is asked, and it lies between −1 and +1.",
        ),
        WrongFunction(lambda y, sigma: y, "This returns the measurement. Use that x is −1 or +1."),
        WrongFunction(
            lambda y, sigma: torch.tanh(y / sigma),
            "σ in place of σ²: y/σ² is the number without a unit here, because x has the value 1.",
        ),
        WrongFunction(
            lambda y, sigma: torch.tanh(y / (2 * sigma**2)),
            "A factor 2: the exponents differ by 2y/σ², and tanh(z) = (e²ᶻ − 1)/(e²ᶻ + 1).",
        ),
        WrongFunction(
            lambda y, sigma: y / (1 + sigma**2),
            "This is the answer for a Gaussian x of variance 1, a straight line in y.",
        ),
        WrongFunction(
            lambda y, sigma: torch.sigmoid(2 * y / sigma**2), "This is p(x = +1 | y). The mean is p(+1) − p(−1)."
        ),
    ),
)


def _per_image(x_hat: Tensor, x: Tensor) -> Tensor:
    return (x_hat.clamp(0, 1) - x.clamp(0, 1)).square().mean(dim=(1, 2, 3))


def _batches() -> list[tuple[Tensor, Tensor]]:
    x = torch.full((2, 1, 8, 8), 0.5, dtype=torch.float64)
    error = torch.tensor([1e-1, 1e-2], dtype=torch.float64).reshape(2, 1, 1, 1)
    return [(x + error, x), (x - 3 * error, x), (x + 6 * error, x)]


def _with(mse_to_db: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x_hat, x: mse_to_db(_per_image(x_hat, x))


PSNR = Code(
    "psnr",
    "Write `psnr(x_hat, x)` for a batch (B, 1, H, W) in [0, 1]: clip both, one PSNR a picture, then the mean.",
    reference=metrics.psnr,
    cases=_batches,
    why="one PSNR a picture, then the mean: on errors of 10⁻² and 10⁻⁴ that is 30.0 dB.",
    wrong=(
        WrongFunction(
            _with(lambda mse: -10 * torch.log10(mse.mean())),
            "The errors were pooled before the logarithm (22.97 in place of 30.0 dB): the worst picture decides.",
        ),
        WrongFunction(
            _with(lambda mse: (10 * torch.log10(255**2 / mse)).mean()),
            "Peak 255, but the pictures are in [0, 1]: 48.13 dB too many.",
        ),
        WrongFunction(
            _with(lambda mse: (-20 * torch.log10(mse)).mean()),
            "20 log₁₀ of a mean squared error: it is already a square, take 10 log₁₀.",
        ),
        WrongFunction(_with(lambda mse: (10 * torch.log10(mse)).mean()), "The sign: PSNR is the peak over the error."),
        WrongFunction(
            _with(lambda mse: -10 * torch.log10(mse)), "This returns one number for each picture. Return their mean."
        ),
        WrongFunction(
            lambda x_hat, x: (-10 * torch.log10((x_hat - x).square().mean(dim=(1, 2, 3)))).mean(),
            "Not clipped: a picture is shown in [0, 1], so clip x_hat and x before comparing them.",
        ),
    ),
)

ITEMS = (CAMERA, MOST_LIKELY, RECEIPT, POSTERIOR_MEAN, DECIBELS, PSNR_BATCH, TANH, PSNR, *SELFTEST)
