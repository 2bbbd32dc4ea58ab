"""Claims of page 02: without additive constants a denoiser generalises over noise."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

CLAIMS = (
    Claim(
        id="bf-1",
        paper="abs(PSNR BF − biased) ≤ .15 dB",
        says="in range, removing the biases costs nothing",
        parts=(
            Rule(
                "low",
                "<=",
                0.3,
                "PSNR BF − PSNR biased, DnCNN type on [0, 10], at 5 and 10/255, worst, dB",
                absolute=True,
                ideal=0,
                unit="dB",
            ),
            Rule("middle", "<=", 0.3, "the same for [0, 55] at 30 and 50/255", absolute=True, ideal=0, unit="dB"),
            Rule(
                "near",
                "<=",
                1.0,
                "PSNR of photos-unet at 10/255 minus that of the worse of the two [0, 10] nets, dB",
                ideal=0,
                unit="dB",
            ),
        ),
        control=(
            Control("untrained_low", "low", "an untrained bias-free net in place of the trained one, [0, 10]"),
            Control("untrained_middle", "middle", "the same against the [0, 55] net"),
            Control("untrained_near", "near", "the untrained net's distance from photos-unet"),
        ),
    ),
    Claim(
        id="bf-2",
        paper=".4 and .1 dB",
        says="trained on [0, 10]/255, tested at 50 and 100, the biased net collapses to its input",
        parts=(
            Rule("at_50", "<=", 3, "PSNR of the output − PSNR of the input at 50/255, dB", unit="dB"),
            Rule("at_100", "<=", 3, "the same at 100/255", unit="dB"),
        ),
        control=(
            Control("free_50", "at_50", "the bias-free twin at 50/255"),
            Control("free_100", "at_100", "the bias-free twin at 100/255"),
        ),
    ),
    Claim(
        id="bf-3",
        paper="−.4 and −.9 dB",
        says="the bias-free net does not collapse: trained on [0, 10] it is nearly as good as trained on [0, 100]",
        parts=(
            Rule("at_50", ">=", -1.5, "PSNR of BF[0, 10] − PSNR of BF[0, 100] at 50/255, DnCNN type, dB", unit="dB"),
            Rule("at_100", ">=", -2.5, "the same at 100/255", unit="dB"),
        ),
        control=(
            Control("biased_50", "at_50", "the biased [0, 10] net in place of the bias-free one, at 50/255"),
            Control("biased_100", "at_100", "the same at 100/255"),
        ),
    ),
    Claim(
        id="bf-4",
        paper="10.5 and 12.4 dB",
        says="the gap between the two nets trained on [0, 10]",
        parts=(
            Rule("at_50", ">=", 5, "PSNR BF − PSNR biased at 50/255, DnCNN type, dB", unit="dB"),
            Rule("at_100", ">=", 5, "the same at 100/255", unit="dB"),
        ),
        control=(
            Control("untrained_50", "at_50", "an untrained bias-free net in place of the trained one, at 50/255"),
            Control("untrained_100", "at_100", "the same at 100/255"),
        ),
    ),
    Claim(
        id="bf-5",
        paper="BF[0, 10] − BF[0, 100] at 50 and 100: UNet −1.06, −2.14; recurrent −1.21, −2.09; dense −.93, −1.58 dB",
        says="it is not the architecture: DnCNN type, UNet, recurrent and dense networks behave alike",
        parts=(
            Rule(
                "close_50",
                ">=",
                -1.5,
                "PSNR of BF[0, 10] − PSNR of BF[0, 100] at 50/255, the worst of four, dB",
                unit="dB",
            ),
            Rule("close_100", ">=", -2.5, "the same at 100/255", unit="dB"),
            Rule("gap_50", ">=", 5, "PSNR BF − PSNR biased at 50/255, both [0, 10], the worst of four, dB", unit="dB"),
            Rule("gap_100", ">=", 5, "the same at 100/255", unit="dB"),
        ),
        control=(
            Control("biased_50", "close_50", "the biased nets in place of BF[0, 10], at 50/255, the best of four"),
            Control("biased_100", "close_100", "the same at 100/255"),
            Control("inside_5", "gap_50", "the gap inside the range, at 5/255, the largest of four"),
            Control("inside_10", "gap_100", "the gap inside the range, at 10/255, the largest of four"),
        ),
    ),
    Claim(
        id="bf-6",
        paper="3e-6",
        says="homogeneity: x̂(ay) = a x̂(y), a in 1e-3..1e3",
        parts=(Rule("value", "<", 0.0001, "relative error, worst of seven factors and four architectures"),),
        control=(Control("biased", "value", "the biased twin of DnCNN type at a = .1", ">", 0.1),),
    ),
    Claim(
        id="bf-7",
        paper="biased, trained on [0, 55]: rms net bias at 90 over that at 30 is 3.3",
        says="out of range the biased net's residual stops following sigma and its net bias grows",
        parts=(
            Rule("free", "in", (0.9, 1.05), "residual norm/(sigma √d) at 100/255, bias-free [0, 55] net"),
            Rule("biased", "<", 0.8, "the same of the biased [0, 55] net"),
            Rule("growth", ">=", 2, "rms net bias of the biased net at 90/255 over that at 30/255"),
        ),
        control=(
            Control("told_wrong", "free", "the bias-free net with sigma told 1.2 times too large", "<", 0.9),
            Control("in_range", "biased", "the biased net at 30/255, inside its range"),
            Control("in_range_growth", "growth", "the growth of its net bias inside the range, from 30 to 50/255"),
        ),
    ),
    Claim(
        id="bf-8",
        paper="DnCNN, bias-free, [0, 100], BSD68: 33.65, 30.13, 28.29, 26.20 dB at 10, 20, 30, 50/255",
        says=(
            "quality, of the best photograph net of any kind that ships: close to the published network, and above a"
            " good method without learning"
        ),
        parts=(
            Rule(
                "below",
                "<=",
                1.0,
                "published PSNR − PSNR of the best photograph net (weights trained on a CPU) on all of BSD68, worst of"
                " four noise levels, dB",
                unit="dB",
            ),
            Rule(
                "over_nlm",
                ">=",
                0.5,
                "PSNR of the best photograph net over scikit-image's non-local means, all of BSD68, worst of four, dB",
                unit="dB",
            ),
        ),
        control=(
            Control(
                "untrained",
                "below",
                "an untrained net of the same kind, its smallest distance below, every sixth picture",
            ),
            Control("identity", "over_nlm", "the noisy picture over non-local means, largest of four"),
        ),
        amended="2026-11-30",
    ),
    Claim(
        id="bf-9",
        paper="",
        says=(
            "(x, 50) is exactly 5 × (x/5, 10), also for a twin that generalises worse: homogeneity alone is not"
            " generalisation"
        ),
        parts=(
            Rule("value", "<", 1e-05, "relative difference of the two outputs, bias-free [0, 10] net"),
            Rule(
                "contrast",
                "reported",
                quantity="PSNR at 50/255 of a twin that saw patches of one contrast only − PSNR of the plain one, dB",
            ),
        ),
        control=(Control("biased", "value", "the biased [0, 10] net", ">", 1e-05),),
    ),
)
