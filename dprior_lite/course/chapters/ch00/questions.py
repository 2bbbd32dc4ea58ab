"""Questions of page 00: what a posterior mean is, decibels, receipts, and the self-test on what the course needs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite import metrics
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


def _quick(
    id: str, refresher: str, question: str, right: str, why: str, *wrong: tuple[str, str], at: int = 0
) -> Predict:
    options = [Option(text, hint) for text, hint in wrong]
    options.insert(at, Option(right, why, right=True))
    return Predict(id, question, tuple(options), refresher)


SELFTEST = (
    _quick(
        "self-conditioning",
        "gaussian",
        "x ~ N(0, 1), y = x + noise of variance 1. What is E[x | y]?",
        "y/2",
        "Signal and noise are equally uncertain, so each gets half.",
        ("y", "That trusts the measurement as if it had no noise."),
        ("0", "That ignores the measurement."),
        at=1,
    ),
    _quick(
        "self-variance",
        "gaussian",
        "Same x and y. You measure y = 3 in place of y = 0. What happens to the posterior variance of x?",
        "it stays 1/2",
        "For Gaussians it does not depend on what was measured. For pictures it does, and chapter 1 "
        "reads it off a denoiser.",
        ("it grows, 3 is a surprise", "Surprise does not enter: the posterior of a Gaussian has one fixed width."),
        ("it shrinks, 3 is a strong signal", "The mean moves to 3/2; the width is fixed by the two variances alone."),
        at=2,
    ),
    _quick(
        "self-vjp",
        "jacobian",
        "f maps 10⁶ numbers to 10⁶ numbers. What does one backward pass give you?",
        "one vector times the Jacobian, vᵀJ",
        "A vector–Jacobian product: with v = eᵢ it is row i of J.",
        ("the whole Jacobian", "That has 10¹² entries, one backward pass returns 10⁶ numbers."),
        (
            "the Jacobian’s diagonal",
            "No single product gives the diagonal; random vectors estimate its sum, the trace.",
        ),
    ),
    _quick(
        "self-jvp",
        "jacobian",
        "How do you get column i of the Jacobian?",
        "jvp with eᵢ: move input i, watch every output",
        "A Jacobian–vector product, forward mode.",
        ("vjp with eᵢ", "That is row i: how output i depends on every input. They agree only if J is symmetric."),
        ("by transposing one row", "A row holds one number of column i only."),
        at=1,
    ),
    _quick(
        "self-svd",
        "svd",
        "A has singular values 2, 1 and 0. How many numbers about x does Ax preserve?",
        "2: its rank",
        "The direction with singular value 0 is lost, the others can be undone.",
        ("3: its size", "The third direction is multiplied by zero: nothing of it arrives."),
        ("1: only the singular value 1 preserves", "2 stretches, and a stretch can be undone. Only 0 destroys."),
        at=2,
    ),
    _quick(
        "self-projection",
        "svd",
        "P projects orthogonally onto a plane in 3 dimensions. What is its trace?",
        "2",
        "Its eigenvalues are 1, 1, 0: the trace of a projection counts dimensions. So will the trace of a "
        "denoiser’s Jacobian.",
        ("1", "That is the dimension of what P throws away."),
        ("3", "That is the trace of the identity, which throws nothing away."),
    ),
    _quick(
        "self-decibel",
        "decibel",
        "The mean squared error falls by half. By how much does the PSNR rise?",
        "3 dB",
        "10 log₁₀ 2 = 3.01.",
        ("6 dB", "6 dB is half the amplitude, a quarter of the squared error."),
        ("2 dB", "Decibels are logarithms: a factor of 2 is 10 log₁₀ 2."),
        at=1,
    ),
    _quick(
        "self-half",
        "decibel",
        "The standard deviation of the noise doubles. What does the PSNR of the noisy picture do?",
        "falls by 6 dB",
        "The squared error is four times as large: 10 log₁₀ 4 = 6.02.",
        ("falls by 3 dB", "That is for twice the squared error; here σ, not σ², doubles."),
        ("falls to half", "A logarithm falls by a difference, not by a factor."),
        at=2,
    ),
    _quick(
        "self-field",
        "receptive-field",
        "Five 3 × 3 convolutions in a row. How wide is the window that one output pixel sees?",
        "11 pixels",
        "Each layer adds one pixel on each side: 1 + 5 · 2.",
        ("15 pixels", "5 · 3 counts the centre five times: a layer adds 2, the first pixel is there already."),
        ("3⁵ = 243 pixels", "That is how the number of paths grows. The width grows by 2 pixels a layer."),
    ),
    _quick(
        "self-border",
        "receptive-field",
        "A 3 × 3 convolution pads with zeros. Where do its outputs differ from those on a larger picture?",
        "in a frame one pixel wide",
        "Only there does the window reach outside; each further layer widens the frame by one.",
        (
            "nowhere: zeros change nothing",
            "Zero is black, not ‘nothing’: the sum misses the pixels that would be there.",
        ),
        ("everywhere", "A pixel inside sees only its 3 × 3 neighbours."),
        at=1,
    ),
)

ITEMS = (CAMERA, MOST_LIKELY, RECEIPT, POSTERIOR_MEAN, DECIBELS, PSNR_BATCH, TANH, PSNR, *SELFTEST)
