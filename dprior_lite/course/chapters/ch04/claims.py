"""Claims of page 04: what the sampler of a denoiser's prior does, and what its samples are."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

CLAIMS = (
    Claim(
        id="ip-1",
        paper="",
        says="sigma contracts by 1 − beta h a step, once the level is measured right",
        parts=(
            Rule(
                "value",
                "in",
                (0.85, 1.15),
                "slope of Δ log sigma against log(1 − beta h) down to 3 sigma_L, level divided by √(1 − tr J/d), the"
                " farthest from 1 of three settings and seeds 0 to 4",
            ),
            Rule("plain", "reported", quantity="the same slope of the level without the division, the farthest from 1"),
            Rule("predicted", "reported", quantity="1 + c (1 − beta)/beta for that ascent, c the mean of tr J/d"),
        ),
        control=(
            Control(
                "control",
                "value",
                "the same with a residual 1.6 times too long, the largest of three settings",
                "<",
                0.85,
            ),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="ip-2",
        paper="47 at (.01, .5) in colour; their network of digits, our run: 30 at (.1, .2)",
        says="step counts match theory, a little below it",
        parts=(
            Rule("coarse", "<=", 0.3, "steps over ideal 47, minus 1, at h0 .01, beta .5", absolute=True),
            Rule("middle", "<=", 0.3, "steps over ideal 36, minus 1, at h0 .1, beta .2", absolute=True),
            Rule("fine", "<=", 0.3, "steps over ideal 63, minus 1, at h0 .1, beta .1", absolute=True),
        ),
        control=(
            Control("coarse_too_far", "coarse", "the same with a residual 1.6 times too long"),
            Control("middle_too_far", "middle", "the same with a residual 1.6 times too long"),
            Control("fine_too_far", "fine", "the same with a residual 1.6 times too long"),
        ),
    ),
    Claim(
        id="ip-3",
        paper="",
        says="samples match the data in statistics that do not see contrast",
        parts=(
            Rule(
                "derivatives",
                "<=",
                0.15,
                "E|g|/sd of differences, samples over test photographs, minus 1, the worse direction",
                ideal=0,
            ),
            Rule("slope", "<=", 0.4, "slope of the spectrum, samples minus test photographs", absolute=True, ideal=0),
            Rule(
                "confidence",
                "<=",
                0.25,
                "a classifier's confidence on digits of matched contrast, samples over test, minus 1",
                absolute=True,
                ideal=0,
            ),
        ),
        control=(
            Control(
                "gaussian", "derivatives", "derivatives of Gaussian pictures with the photographs' spectrum", ">", 0.35
            ),
            Control("white", "slope", "slope of white noise minus that of test photographs"),
            Control("gaussian_digits", "confidence", "confidence on Gaussian pictures with the digits' covariance"),
        ),
    ),
    Claim(
        id="ip-4",
        paper="",
        says="the median sample is no copy of a training image",
        parts=(
            Rule("value", "<=", 0.05, "median correlation with the nearest training digit, samples minus test digits"),
        ),
        control=(
            Control("control", "value", "the same of a network trained on a hundred digits, on these", ">=", 0.2),
        ),
    ),
    Claim(
        id="ip-5",
        paper="",
        says="from a biased [0, 55]/255 denoiser the same algorithm fails",
        parts=(Rule("value", "<=", 0.5, "fraction of ascents that reach sigma_L, largest of three seeds"),),
        control=(Control("control", "value", "the same of the bias-free twin, smallest of three seeds", ">=", 0.95),),
    ),
    Claim(
        id="ip-6",
        paper="",
        says="on a Gaussian prior the sampler's spectrum is biased, predictably, and the bias goes with the step",
        parts=(
            Rule(
                "spectrum", "<=", 3, "largest deviation of a sampled variance from the prediction, in standard errors"
            ),
            Rule(
                "itself",
                "<=",
                0.10,
                "variance per eigenvalue of what sample() draws over the prediction, minus 1, h .1, d 625, the farthest"
                " of six eigenvalues and three seeds",
                absolute=True,
            ),
            Rule(
                "ratio",
                ">=",
                3.5,
                "bias at constant h .1 over bias at .01, beta .2, eigenvalues up to .1, the smallest",
            ),
        ),
        control=(
            Control(
                "told",
                "spectrum",
                "the deviation if the denoiser is told a level 1.2 times too high, the smaller of two steps",
            ),
            Control("itself_told", "itself", "the same if the denoiser is told a level 1.2 times too high"),
            Control("by_beta", "ratio", "bias at beta .2 over bias at beta 1, both at h .1: the step is the same"),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="ip-7",
        paper="their network, our run: peaks .9 to 1.6, data 1.0",
        says="the price of homogeneity: contrast is free",
        parts=(
            Rule(
                "value",
                ">",
                2,
                "10th to 90th percentile of the norm about the mean, 288 sampled digits (three seeds) over 2000"
                " test digits",
            ),
        ),
        control=(Control("control", "value", "the same after every sample is divided by its peak"),),
        amended="2026-11-30",
    ),
)
