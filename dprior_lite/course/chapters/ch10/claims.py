"""Claims of page 10: the noise level of one picture, the schedule that follows from it, and samplers side by side."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_FEWER = "fewer points, pictures and draws"

CLAIMS = (
    Claim(
        id="bd-1",
        paper="",
        says="one noisy point shows the level of its noise, to √(2/(d − k)), where k of d dimensions hold data",
        parts=(
            Rule(
                "value",
                "in",
                (0.9, 1.1),
                "standard deviation of the likeliest sigma² over its law, two clouds, k = 2, the farthest from 1 of d ="
                " 10, 100, 500 and three draws",
                ideal=1,
            ),
        ),
        control=(Control("control", "value", "the same against the law of a sigma that is 1.2 times the true one"),),
        ci=Ci(_FEWER, factor=1.5),
    ),
    Claim(
        id="bd-2",
        paper="",
        says="the noise falls by the contraction of the step, though nobody gives a schedule",
        parts=(
            Rule(
                "value",
                "<=",
                0.03,
                "relative error of the slope of the log level, d = 500, k = 2, the largest of three kinds of step and"
                " three draws",
                ideal=0,
            ),
        ),
        control=(Control("control", "value", "the smallest of these errors at d = 10", ">", 0.1),),
        ci=Ci(_FEWER, factor=1.5),
    ),
    Claim(
        id="bd-3",
        paper="",
        says="where data fill all dimensions the sampler at the likeliest level fails: its samples lie on a ring",
        parts=(
            Rule(
                "ring",
                "<",
                0.1,
                "variation (standard deviation over mean) of the radius within a cloud, d = k = 2, the largest of three"
                " draws",
                ideal=0,
            ),
            Rule(
                "round",
                "in",
                (0.45, 0.6),
                "the same at d = 100 and 500, k = 2, the value farthest from .525",
                ideal=0.525,
            ),
        ),
        control=(
            Control("high", "ring", "the smallest variation at d = 100 and 500"),
            Control("flat", "round", "the variation at d = 2"),
        ),
        ci=Ci(_FEWER, factor=1.2),
    ),
    Claim(
        id="bd-4",
        paper="",
        says="with noise share 1/2 the later denoised state has slope 1 on the earlier one, as a martingale must",
        parts=(
            Rule(
                "half",
                "<=",
                0.01,
                "slope of the denoised state after a time of .3 on the one before, minus 1, noise share .5, the largest"
                " of three draws",
                absolute=True,
                ideal=0,
            ),
            Rule("quarter", ">=", 0.03, "the same at noise share .25, the smallest"),
            Rule("three_quarters", "<=", -0.03, "the same at noise share .75, the largest"),
        ),
        control=(
            Control("none", "half", "the smallest at noise share 0"),
            Control("half_low", "quarter", "the largest at noise share .5"),
            Control("half_high", "three_quarters", "the smallest at noise share .5"),
        ),
        ci=Ci(_FEWER, factor=2, parts=("half",)),
    ),
    Claim(
        id="bd-5",
        paper="read off figures: at most .3 dB, portraits of celebrities",
        says="a blind network denoises as well as its twin that is told the noise level",
        parts=(
            Rule(
                "value",
                "<=",
                0.3,
                "PSNR of the blind network minus that of its twin, sigma .03 to 3.2, digits and portraits, the largest"
                " of three draws",
                absolute=True,
                ideal=0,
                unit="dB",
            ),
        ),
        control=(Control("untrained", "value", "the smallest difference for a blind network that was not trained"),),
        compares=("blind-digits", "told-digits", "blind-portraits", "told-portraits"),
        ci=Ci(_FEWER, factor=1.5),
    ),
    Claim(
        id="bd-6",
        paper="read off a figure, at .13 to .15: about 7 and 20 times",
        says="a network that is told a wrong noise level pays for it",
        parts=(
            Rule("low", ">=", 3, "mean squared error at noise .15, told .03, over that told .15, the smallest draw"),
            Rule("high", ">=", 3, "the same, told .75"),
            Rule(
                "place",
                "<=",
                1,
                "steps of the grid from the truth to the level of least error; seven levels, .03 to .75",
                absolute=True,
            ),
        ),
        control=(
            Control("true_low", "low", "error told .03 over told .15 where the noise is .03"),
            Control("true_high", "high", "error told .75 over told .15 where the noise is .75"),
            Control("other", "place", "the place for pictures with noise .44, counted from .15"),
        ),
    ),
    Claim(
        id="bd-7",
        paper="read off a figure: blind on the diagonal, true noise of scheduled samplers 4 to 9 % below the schedule",
        says="a blind sampler assumes the noise that is there, once what the denoiser keeps is counted",
        parts=(
            Rule(
                "blind",
                "<",
                0.03,
                "mean log, over 64 samples, of read over assumed noise, level from the residual and tr J, the largest"
                " of the steps above .2 of 50 and of three draws",
                absolute=True,
                ideal=0,
            ),
            Rule(
                "plain",
                "<=",
                0.02,
                "mean log of assumed over read noise, level from the residual alone, minus the log of √(1 − tr J/d)",
                absolute=True,
                ideal=0,
            ),
            Rule("reader", "<", 0.01, "mean log error of the reader of noise on fresh digits", absolute=True, ideal=0),
            Rule("scheduled", "reported", quantity="mean log of true over scheduled noise, the farthest from 0"),
        ),
        control=(
            Control("uncorrected", "blind", "the first with the residual alone, the largest"),
            Control("no_prediction", "plain", "the same number, without the prediction taken off"),
            Control("told_wrong", "reader", "the error against 1.2 times the noise"),
        ),
    ),
    Claim(
        id="bd-8",
        paper="no number: pictures side by side",
        says="blind and scheduled samplers at equal evaluations of the network, by Fréchet distance",
        parts=(
            Rule(
                "blind", "reported", quantity="Fréchet distance at 50 evaluations, mean of three draws of 1000 samples"
            ),
            Rule("best", "reported", quantity="the smallest of the scheduled samplers at 50 evaluations"),
            Rule("worst", "reported", quantity="the largest of these"),
            Rule("floor", "reported", quantity="the distance of 1000 test digits"),
            Rule("error", "reported", quantity="standard error of the blind sampler's mean"),
        ),
        compares=("blind-digits", "told-digits"),
    ),
    Claim(
        id="bd-9",
        paper="",
        says="the number of steps differs between pictures, by how much the denoiser keeps of each",
        parts=(
            Rule(
                "count",
                "in",
                (0.85, 1.15),
                "mean number of steps over log(sigma_0/sigma_L)/(−log rho), the draw farthest from 1",
                ideal=1,
            ),
            Rule(
                "spearman",
                "<",
                -0.5,
                "rank correlation of the number of steps with the last tr J/d, the largest of three draws",
            ),
        ),
        control=(
            Control("other_step", "count", "the count of the step without noise put back, over the same ideal"),
            Control(
                "scheduled", "spearman", "the rank correlation for a scheduled sampler, 0 since all counts are equal"
            ),
        ),
        ci=Ci(_FEWER, factor=1.2, parts=("count",)),
    ),
    Claim(
        id="bd-10",
        paper="a remark, without a number",
        says="with biases, a network that estimates the clean digit goes on beyond its noise; one that estimates the"
        " noise does not",
        parts=(
            Rule(
                "clean",
                "<=",
                2,
                "mean squared error over the variance of digits, estimate of the clean digit, at 2 and 4 times the"
                " training maximum, the largest",
                ideal=1,
            ),
            Rule("ratio", ">=", 3, "error of the estimate of the noise over that of the clean digit, the smallest"),
        ),
        control=(
            Control("residual", "clean", "the first for the network that estimates the noise, at 4 times"),
            Control("inside", "ratio", "the second at half the training maximum"),
        ),
        compares=("beyond-clean", "beyond-residual"),
    ),
)
