"""Claims of page 01: a denoiser trained by squared error is a score."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_SHORT = "the live training runs a fraction of its steps in ci"

CLAIMS = (
    Claim(
        id="mi-1",
        paper="",
        says="residual = sigma² score on a Gaussian mixture in d = 1, 2, 64",
        parts=(
            Rule(
                "value",
                "<=",
                1e-10,
                "relative error: posterior mean by responsibilities against autograd of log p, float64",
            ),
        ),
        control=(Control("control", "value", "the same with sigma × 1.1", ">", 0.05),),
    ),
    Claim(
        id="mi-2",
        paper="",
        says="a network trained by MSE alone finds it",
        parts=(
            Rule("value", "<=", 0.1, "relative error of a live-trained MLP's residual where p is not tiny", ideal=0),
        ),
        control=(Control("control", "value", "the same with sigma told 1.2 times too large"),),
    ),
    Claim(
        id="mi-3",
        paper="",
        says="second order: posterior covariance = sigma² J",
        parts=(
            Rule("closed_form", "<=", 1e-08, "autograd Jacobian against the closed-form covariance, relative"),
            Rule(
                "trained",
                "<=",
                0.15,
                "Jacobian of the trained MLP against the closed-form covariance, relative",
                ideal=0,
            ),
        ),
        control=(Control("control", "trained", "y of another draw", ">", 0.3),),
        ci=Ci(_SHORT, factor=2, parts=("trained",)),
    ),
    Claim(
        id="mi-4",
        paper="BF_CNN: q = −.08, −.22, −.37 at sigma 25, 50, 100/255",
        says="the error of an MSE-optimal denoiser is orthogonal to its residual: calibrated, and it knows something",
        parts=(
            Rule(
                "q",
                "<=",
                0.5,
                "(‖r‖² + ‖x̂−x‖² − ‖y−x‖²)/‖x̂−x‖², pooled, photographs, sigma 25, 50, 100/255, worst",
                absolute=True,
            ),
            Rule("gain", ">=", 5, "PSNR of the output over the input, dB, worst", unit="dB"),
        ),
        control=(
            Control("halfway", "q", "q of (y + x̂)/2, at the level where it is farthest from 0", "<", -1),
            Control(
                "blurred", "q", "q of the output blurred by 3×3, at the level where it is farthest from 0", ">", 0.8
            ),
            Control("identity", "gain", "gain of the identity, dB", "==", 0),
        ),
    ),
    Claim(
        id="mi-5",
        paper="",
        says="SURE, without the clean picture, equals the true MSE, for any denoiser (net, 3×3 blur)",
        parts=(
            Rule(
                "net",
                "<=",
                0.05,
                "(SURE − MSE)/MSE of the net, pooled over seeds 0 to 2 and at least 8 Mpixel, worst of sigma 10, 25, "
                "50/255",
                absolute=True,
                ideal=0,
            ),
            Rule("blur", "<=", 0.05, "the same of the 3×3 blur", absolute=True, ideal=0),
            Rule("standard_error", "<=", 0.015, "standard error of these ratios, the largest", ideal=0),
        ),
        control=(
            Control(
                "no_trace",
                "net",
                "the net without the trace term, the smallest of the three levels",
                ">",
                0.1,
                absolute=True,
            ),
            Control(
                "wrong_sigma",
                "net",
                "the net with sigma told 5 % wrong, the smallest of the three levels",
                ">",
                0.1,
                absolute=True,
            ),
        ),
        amended="2026-11-30",
    ),
)
