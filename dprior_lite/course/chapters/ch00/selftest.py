"""The self-test of page 00: ten quick questions on what the course needs, each with its half page of the refresher."""

from __future__ import annotations

from dprior_lite.course.questions.kinds import Option, Predict


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
