"""Claims of page 01: a denoiser trained by squared error is a score."""

from __future__ import annotations

from dprior_lite.course.claims.rules import Ci, Claim, Rule

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
        control=(Rule("control", ">", 0.05, "the same with sigma × 1.1", breaks="value"),),
    ),
    Claim(
        id="mi-2",
        paper="",
        says="a network trained by MSE alone finds it",
        parts=(Rule("value", "<=", 0.10, "relative error of a live-trained MLP's residual where p is not tiny"),),
        control=(Rule("control", ">", 0.10, "the same with sigma told 1.2 times too large", breaks="value"),),
        ci=Ci(_SHORT, factor=2),
    ),
    Claim(
        id="mi-3",
        paper="",
        says="second order: posterior covariance = sigma² J",
        parts=(
            Rule("closed_form", "<=", 1e-8, "autograd Jacobian against the closed-form covariance, relative"),
            Rule("trained", "<=", 0.15, "Jacobian of the trained MLP against the closed-form covariance, relative"),
        ),
        control=(Rule("control", ">", 0.30, "y of another draw", breaks="trained"),),
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
            Rule("gain", ">=", 5, "PSNR of the output over the input, dB, worst"),
        ),
        control=(
            Rule("halfway", "<", -1, "q of (y + x̂)/2, at the level where it is farthest from 0", breaks="q"),
            Rule(
                "blurred",
                ">",
                0.8,
                "q of the output blurred by 3×3, at the level where it is farthest from 0",
                breaks="q",
            ),
            Rule("identity", "==", 0, "gain of the identity, dB", breaks="gain"),
        ),
    ),
    Claim(
        id="mi-5",
        paper="",
        says="SURE, without the clean picture, equals the true MSE, for any denoiser (net, 3×3 blur)",
        parts=(
            Rule("net", "<=", 0.05, "difference/MSE of the net, sigma 10..50, at least 2 Mpixel, worst", absolute=True),
            Rule("blur", "<=", 0.05, "difference/MSE of the 3×3 blur, the same", absolute=True),
        ),
        control=(
            Rule(
                "no_trace",
                ">",
                0.10,
                "the net without the trace term, the smallest of the three levels",
                absolute=True,
                breaks="net",
            ),
            Rule(
                "wrong_sigma",
                ">",
                0.10,
                "the net with sigma told 5 % wrong, the smallest of the three levels",
                absolute=True,
                breaks="net",
            ),
        ),
        ci=Ci("fewer pixels, so the standard error is larger", factor=2),
    ),
)
