"""Claims of page 11: what an energy trained by two derivatives knows."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_FEWER = "fewer pictures and draws"

CLAIMS = (
    Claim(
        id="en-1",
        paper="true 1.384, dual 1.377, single .768 nats per dimension, another t",
        says="matching both derivatives finds the height of one shell over the other; matching one does not",
        parts=(
            Rule(
                "dual",
                "<=",
                0.05,
                "energy per dimension on the outer shell minus the inner, minus the true 1.3816, the worst of five"
                " seeds",
                absolute=True,
            ),
            Rule("single", "reported", quantity="the same from the space term alone, the farthest of five seeds"),
            Rule("nearest", "reported", quantity="the nearest of these five"),
            Rule("single_loss", "<=", 0.02, "largest denoising error of all ten over that of the true energy, minus 1"),
        ),
        control=(
            Control(
                "start_range",
                "dual",
                "the same height before training, largest minus smallest of the five seeds of the space term alone",
                ">",
                1,
            ),
            Control(
                "follows",
                "dual",
                "correlation over these five of how far the height is off after training and before",
                ">",
                0.9,
            ),
            Control("single_range", "dual", "the height after training, largest minus smallest of these five", ">", 1),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="en-2",
        paper="",
        compares=("patches-dual", "patches-single"),
        says="the density of Gaussian patches is found, constant included",
        parts=(
            Rule("bias", "<", 0.02, "mean of energy minus the true one, nats per dimension", absolute=True),
            Rule("sd", "<", 0.02, "standard deviation of that difference, nats per dimension"),
            Rule("correlation", ">", 0.99, "correlation of the two over fresh patches"),
        ),
        control=(
            Control("single", "bias", "the bias of a network trained by the space term alone and anchored alike"),
            Control("white_sd", "sd", "the standard deviation for the Gaussian base alone"),
            Control("white", "correlation", "the correlation for the Gaussian base alone"),
        ),
    ),
    Claim(
        id="en-3",
        paper="within .6 % of d/2 from t = 1e-4 to 1e-2",
        compares=("digits-energy-a", "digits-told"),
        says="the energy changes with the noise as the error of a denoiser says",
        parts=(
            Rule(
                "identity",
                "<=",
                0.03,
                "dE[U]/d log t against (d − d_eff)/2 of a separate denoiser, over d/2, the worst t in [1e-3, 95]",
                absolute=True,
            ),
            Rule(
                "tail",
                "<=",
                0.01,
                "dE[U]/d log t over d/2, minus 1, at the largest t (true of the Gaussian base already)",
                absolute=True,
            ),
        ),
        control=(
            Control(
                "untrained",
                "identity",
                "the first for an untrained energy with the same Gaussian base, t ≤ 1e-2",
                ">",
                0.1,
                absolute=True,
            ),
            Control("by_sigma", "tail", "the second with the derivative by log sigma"),
        ),
    ),
    Claim(
        id="en-4",
        paper="better than the score network at every sigma ≥ 1e-3, in colour",
        compares=("digits-energy-a", "digits-told"),
        says="an energy denoises like a network that only denoises, to .3 dB",
        parts=(
            Rule(
                "value",
                ">=",
                -0.3,
                "PSNR of the energy's denoiser minus that of a denoiser of the same inner network, the worst sigma in"
                " [.01, 1], dB",
                ideal=0,
                unit="dB",
            ),
        ),
        control=(Control("control", "value", "the same for the untrained energy"),),
        ci=Ci(_FEWER, factor=2),
    ),
    Claim(
        id="en-5",
        paper=".003 nats per dimension on average at t = 1e-9",
        compares=("digits-energy-a", "digits-told"),
        says="log p in one pass agrees with the integral of another network's error",
        parts=(
            Rule(
                "mean",
                "<",
                0.05,
                "energy minus integral at t = 1e-3, each less (|z|² − d)/2 of its own draw of noise, mean over 512 test"
                " digits, nats per dimension",
                absolute=True,
            ),
            Rule("correlation", ">", 0.97, "of the two over these digits"),
            Rule("raw", "reported", quantity="the correlation without taking off (|z|² − d)/2"),
        ),
        control=(
            Control("wiener", "mean", "the mean difference if the denoiser is the best one of a white Gaussian"),
            Control("shuffled", "correlation", "the correlation with the integrals of other digits"),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="en-6",
        paper="",
        compares=("digits-energy-a", "digits-energy-single"),
        says=(
            "the trace of the posterior covariance comes from one backward pass: first derivatives say what second"
            " ones do"
        ),
        parts=(
            Rule(
                "value",
                "<=",
                0.1,
                "tr Cov by first derivatives over t tr J by random probes, minus 1, means over 512 test digits, the"
                " worst t of 1e-4, 1e-3, 1e-2",
                absolute=True,
            ),
            Rule(
                "expected",
                "reported",
                quantity="squared error expected at sigma .1 over that of a separate denoiser, minus 1",
            ),
            Rule("base_expected", "reported", quantity="the same for the untrained energy"),
        ),
        control=(
            Control(
                "control",
                "value",
                "the same for an energy trained by the space term alone, the best t",
                ">",
                0.5,
                absolute=True,
            ),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="en-7",
        paper="skewness 1.19",
        says="probabilities of pictures vary enormously, and are skewed to the right",
        parts=(
            Rule("spread", ">=", 5, "standard deviation of log p per dimension over held-out patches, times √d"),
            Rule("skewness", ">", 0.5, "skewness of log p over held-out patches"),
        ),
        control=(
            Control(
                "gaussian",
                "spread",
                "the first for as many Gaussian patches with the training patches' mean and covariance, by their own"
                " density in closed form (0.71)",
            ),
            Control("gaussian_skewness", "skewness", "the second for these"),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="en-8",
        paper="",
        says="a constant picture is more probable than a smooth one, than texture, than noise; sparse wavelets, high p",
        parts=(
            Rule(
                "order",
                "==",
                3,
                "of the three steps constant, smooth, texture, noise (the last three of equal mean and contrast), how"
                " many go down by .01 nats per dimension",
            ),
            Rule(
                "pearson",
                "<",
                -0.6,
                "correlation of log p with the participation ratio of the Haar details (the mean left out), held-out"
                " patches",
                ideal=-1,
            ),
            Rule("spearman", "<", -0.6, "their rank correlation", ideal=-1),
        ),
        control=(
            Control("base_order", "order", "the order for the Gaussian base alone", "<", 3),
            Control("shuffled", "pearson", "the correlation with the ratio of other patches"),
            Control("shuffled_ranks", "spearman", "the rank correlation with these"),
        ),
        ci=Ci(_FEWER, factor=2, parts=("pearson", "spearman")),
        amended="2026-11-30",
    ),
    Claim(
        id="en-9",
        paper="from .04 to .92 of d at t = 1e-3",
        says="the number of dimensions differs between pictures, at every scale",
        parts=(
            Rule(
                "value",
                ">",
                3,
                "local dimension of the least probable over that of the most probable held-out patch, the smallest of t"
                " = 1e-3, 3e-3, 1e-2",
            ),
        ),
        control=(Control("control", "value", "the same for the Gaussian base alone"),),
    ),
    Claim(
        id="en-10",
        paper=".9987, .19 dB per dimension for halves of 100,000 photographs",
        compares=("digits-energy-a", "digits-energy-b"),
        says="two networks that share no picture agree about the density",
        parts=(
            Rule("correlation", ">", 0.97, "of log p of test digits at t = 1e-3, halves of 27,500", ideal=1),
            Rule("difference", "<", 0.4, "rms difference of these, dB per dimension", ideal=0, unit="dB"),
        ),
        control=(
            Control("few_test", "correlation", "the same for two networks with 50 digits each, the same test digits"),
            Control("few_drop", "correlation", "by how much that is lower", ">=", 0.05),
            Control("few_difference", "difference", "the rms difference for these two"),
            Control(
                "few_own",
                "difference",
                "log p of a network's own 50 digits, its own minus the other network's, the smaller of the two, dB per"
                " dimension",
                ">",
                2,
            ),
        ),
        ci=Ci(_FEWER, factor=2),
        amended="2026-11-30",
    ),
    Claim(
        id="en-11",
        paper="about 1000 times",
        says="one pass replaces an integral",
        parts=(
            Rule(
                "value", ">=", 50, "seconds for en-5's integral of 16 digits over seconds for the energies of the same"
            ),
        ),
        control=(Control("control", "value", "an integral of two levels and one draw over the same pass"),),
        ci=Ci("a timing", skip="timing"),
    ),
)
