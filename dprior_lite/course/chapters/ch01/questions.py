"""Questions of page 01: where a residual points, what its slope and size tell, what calibration certifies."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite import miyasawa
from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

ARROW = Predict(
    "arrow",
    "Two equally likely clouds of possible pictures, of the same size. A noisy y is as far from one as from the "
    "other,"
    " but not on the line that joins them. Where does the arrow x̂(y) − y point?",
    (
        Option(
            "to the centre of one of the two clouds",
            "A denoiser does not choose: squared error punishes the wrong choice "
            "more than a compromise. The arrow ends between the clouds, where no picture is.",
        ),
        Option(
            "to the mean of the two, weighted by their probabilities given y",
            "The arrow ends at the posterior mean, between the clouds. When y moves towards one cloud, that cloud "
            "becomes likelier and the arrow turns towards it. A small network trained by squared error alone finds "
            "this field to within"
            " {mi-2.value:.0%}.",
            right=True,
        ),
        Option(
            "to the nearest place where log p of the clean pictures is high",
            "The arrow is σ² times the gradient of "
            "log p_σ, the density of the noisy pictures, at y. The clean density may be zero there.",
        ),
        Option(
            "nowhere: half way there is nothing to gain",
            "Along the line that joins the clouds the two pulls cancel. But y is not on that line, and both clouds "
            "pull it towards the line.",
        ),
    ),
)

SLOPE = Predict(
    "slope",
    "y is half way between two small clouds whose distance is many times σ, and moves a little towards one of them. "
    "How"
    " far does x̂(y) move, compared with y?",
    (
        Option(
            "less: a denoiser contracts",
            "True inside one cloud, where the slope is its variance over variance plus σ². "
            "Half way between two clouds a small step changes which one is likelier, and x̂ runs ahead of y.",
        ),
        Option(
            "just as far: the slope is 1",
            "That is the identity, which changes nothing. The slope is the posterior variance over σ², and half way"
            " between two small clouds that variance is half their distance, squared: much more than σ².",
        ),
        Option(
            "farther: the slope is greater than 1",
            "The slope is the posterior variance over σ². Between two clouds "
            "the posterior is split, so it is wider than the noise itself. The trained network’s own Jacobian gives "
            "posterior covariances to within {mi-3.trained:.0%}.",
            right=True,
        ),
        Option(
            "it jumps: the slope is infinite",
            "That is the most likely picture, which switches. The mean passes "
            "smoothly from one to the other, however steeply.",
        ),
    ),
)

SURE = Predict(
    "sure",
    "You have noisy pictures and know σ, but have no clean picture. For which denoisers can the true mean squared "
    "error"
    " be estimated?",
    (
        Option(
            "for none: an error needs the truth",
            "No clean picture is needed if the noise is Gaussian and σ is known. Change the input a little and see "
            "how much the output follows: that is the trace of the Jacobian, and the error can be computed from it.",
        ),
        Option(
            "only for the optimal one, because Miyasawa’s identity holds for it alone",
            "The identity is about the "
            "posterior mean; this estimate uses integration by parts over the noise and never asks how f was made. "
            "It "
            "holds for a blur too.",
        ),
        Option(
            "for any continuous, piecewise smooth denoiser",
            "Residual power − dσ² + 2σ² tr J has the right mean whatever the denoiser, "
            "a plain blur included. It is called SURE. On this page it misses the true error by {mi-5.net:.1%} for "
            "the "
            "network and {mi-5.blur:.1%} for a 3 × 3 blur.",
            right=True,
        ),
        Option(
            "only for linear ones, such as Wiener’s filter",
            "For those the trace is known in advance; for others it is "
            "measured with one random vector. Linearity is not needed.",
        ),
    ),
)

CALIBRATION = Predict(
    "calibration",
    "For the optimal denoiser, residual power + MSE = σ². Five candidates: the optimal denoiser, the identity, the "
    "mean"
    " of y and x̂, the optimal output blurred, a plain blur of y. Which are sure to pass this test?",
    (
        Option(
            "only the optimal denoiser",
            "Try the identity: its residual is 0 and its MSE is σ². It passes exactly, and knows nothing.",
        ),
        Option(
            "the optimal denoiser and the identity",
            "The test certifies calibration, not knowledge: when the sum falls below σ² a denoiser is timid (the"
            " halfway one), above it overconfident (a blurred output). Only the MSE tells who knows something. A "
            "plain"
            " blur may land on either side. Measured below as q, which is 0 for a calibrated denoiser: trained "
            "network"
            " {mi-4.q:.2f}, halfway {mi-4.halfway:.1f}, blurred {mi-4.blurred:.1f}.",
            right=True,
        ),
        Option(
            "all but the plain blur",
            "Halfway falls below σ²: half the step has a quarter of the residual power, and the MSE grows by less "
            "than that saves. A blurred output rises above σ².",
        ),
        Option(
            "none: the test is too strict for a network",
            "It is exact for the optimal denoiser: no longer or shorter step lowers its error, so the error is "
            "orthogonal to the residual, and Pythagoras gives the sum. A trained network comes close.",
        ),
    ),
)

VARIANCE = Numeric(
    "posterior-variance",
    "x = ±1 with equal probability, σ = 0.5, and you measure y = 0. What is the posterior variance of x?",
    value=1.0,
    tolerance=0.005,
    why="x is still −1 or +1 with equal probability, so its variance is 1. By the formula: σ² + σ⁴ · 12 = 0.25 + 0.75.",
    hint="Cov(x | y) = σ² + σ⁴ (log p_σ)″, or simply ask what y = 0 tells about the sign of x.",
    wrong=(
        WrongValue(0.75, "That is σ⁴ (log p_σ)″ alone: the σ² I of the noise was dropped."),
        WrongValue(
            0.25, "That is σ², the variance of the noise. The posterior is split here, so it is wider than that."
        ),
        WrongValue(4.0, "That is 1/σ². What you measured at y = 0 says nothing about the sign of x."),
        WrongValue(12.0, "That is the second derivative of log p_σ. Cov = σ² + σ⁴ times it."),
        WrongValue(0.0, "The mean is 0; the variance is not: x is −1 or +1, at distance 1 from it."),
    ),
)

SLOPE_VALUE = Numeric(
    "slope-value",
    "Same x and σ = 0.5. What is the slope of x̂(y) at y = 0?",
    value=4.0,
    tolerance=0.02,
    why="x̂ = tanh(y/σ²), so the slope at 0 is 1/σ² = 4. It equals the posterior variance 1 over σ² = 0.25.",
    hint="x̂(y) = tanh(y/σ²): differentiate, or divide the posterior variance by σ².",
    wrong=(
        WrongValue(1.0, "That is the posterior variance. The slope is the variance over σ²."),
        WrongValue(2.0, "That is 1/σ: tanh(y/σ²), not tanh(y/σ)."),
        WrongValue(0.8, "That is 1/(1 + σ²), the slope for a Gaussian x of variance 1. Two points are not a Gaussian."),
        WrongValue(3.0, "Nearly: that is the slope of the residual x̂ − y. Add the slope of y, which is 1."),
    ),
)

HALFWAY = Numeric(
    "halfway",
    "For x = ±1 and σ = 0.8 the optimal denoiser has MSE 0.479 σ². What is (residual power + MSE)/σ² for the halfway"
    " denoiser (y + x̂)/2?",
    value=0.7396,
    tolerance=0.006,
    why=(
        "residual power (1 − 0.479)/4 = 0.130 and MSE (3 · 0.479 + 1)/4 = 0.609 sum to 0.74: below 1, timid. The"
        " identity gives exactly 1, an overshoot of 1.3 gives 1.41."
    ),
    hint=(
        "The optimal error x̂ − x is orthogonal to the residual x̂ − y. Write both parts of the halfway denoiser with"
        " these two."
    ),
    wrong=(
        WrongValue(
            1.0,
            "The optimal denoiser and the identity both give 1, but their average does not: powers are squares, and "
            "the square of an average is not the average of the squares.",
        ),
        WrongValue(0.8698, "The residual power falls to a quarter, not to a half: it is a square."),
        WrongValue(0.609, "That is the MSE alone. Add the residual power, a quarter of 1 − 0.479."),
        WrongValue(
            0.5, "The errors x̂ − x and y − x are correlated: their product has mean 0.479 σ² and may not be dropped."
        ),
    ),
)


def cloud_denoiser(sigma: float) -> Callable[[Tensor], Tensor]:
    """The optimal denoiser of x = ±1 (each pixel on its own) at one noise level: a case for `score`."""
    return lambda y: torch.tanh(y / sigma**2)


def _nets() -> list[tuple[Callable[[Tensor], Tensor], Tensor, float]]:
    y = torch.linspace(-2.0, 2.0, 16, dtype=torch.float64).reshape(1, 1, 4, 4)
    return [(cloud_denoiser(0.5), y, 0.5), (cloud_denoiser(1.5), y, 1.5), (lambda y: y / 2, y, 0.25)]


SCORE = Code(
    "score",
    "Write `score(net, y, sigma)`: the gradient of log p_σ at y, from one call of the denoiser.",
    reference=miyasawa.score,
    cases=_nets,
    why="(x̂(y) − y)/σ²: the residual is σ² times the score of the noisy density.",
    wrong=(
        WrongFunction(
            lambda net, y, sigma: (y - net(y)) / sigma**2,
            "The sign: y − x̂ is the network’s estimate of the noise. The score points the other way, to where "
            "pictures are likelier.",
        ),
        WrongFunction(
            lambda net, y, sigma: (net(y) - y) / sigma,
            "Divide by σ², not by σ. Check the units: the gradient of a logarithm has the unit 1/y, and a residual "
            "over σ has none.",
        ),
        WrongFunction(lambda net, y, sigma: net(y) - y, "That is the residual. Divide by σ²."),
        WrongFunction(
            lambda net, y, sigma: (net(net(y)) - net(y)) / sigma**2,
            "This takes the residual at x̂, not at y. The identity gives the score of p_σ, the density of noisy "
            "pictures, at y.",
        ),
        WrongFunction(lambda net, y, sigma: net(y) / sigma**2, "Subtract y: the score is about the step from y to x̂."),
    ),
)

ITEMS = (ARROW, SLOPE, SURE, CALIBRATION, VARIANCE, SLOPE_VALUE, HALFWAY, SCORE)
