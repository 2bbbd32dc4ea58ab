"""Claims of page 12: guidance by features, what it is worth against noise, and what the features say about classes."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_FEWER = "fewer pictures and draws"
_OVALS = ("ovals-guided", "ovals-mixture")

CLAIMS = (
    Claim(
        id="fg-1",
        paper="no number: one figure of two Gaussians",
        says="with the weight 1, guidance by a class samples the class; with the weight 3 it does not",
        parts=(
            Rule(
                "mean",
                "<=",
                0.05,
                "error of the mean over the distance of the two classes, 2 standard deviations apart, reverse"
                " stochastic equation, at least 4000 points, the largest of three draws",
                absolute=True,
                ideal=0,
            ),
            Rule(
                "spread",
                "in",
                (0.95, 1.05),
                "standard deviation along the line over the true one, the draw farthest from 1",
                ideal=1,
            ),
        ),
        control=(
            Control("mean_3", "mean", "the same at the weight 3, the smallest; .2 is .4 standard deviations", ">", 0.2),
            Control("spread_3", "spread", "the same at the weight 3, the largest", "<=", 0.85),
        ),
        ci=Ci("fewer points and steps", factor=2),
    ),
    Claim(
        id="fg-2",
        paper="read off a figure: no loss at low noise, a gain that grows with the noise, photographs of textures",
        says="the class helps a denoiser where the noise is strong, and costs nothing where it is faint",
        parts=(
            Rule(
                "low",
                ">=",
                -0.05,
                "PSNR guided by the centroid of the class minus PSNR of the twin without a guide, faint digits, the"
                " smallest of sigma .02, .05, .1 and three draws of noise",
                ideal=0,
                unit="dB",
            ),
            Rule("high", ">", 0.3, "the same, the smallest of sigma .5, .7, 1 and three draws", unit="dB"),
        ),
        control=(
            Control("wrong", "high", "the same with the centroid of another class, the largest", "<", -0.3),
            Control("untrained", "low", "the largest at low noise for an untrained network"),
        ),
        compares=("faint-digits-guided", "faint-digits-mixture"),
        ci=Ci(_FEWER, factor=1.5, parts=("low",)),
    ),
    Claim(
        id="fg-3",
        paper="read off a figure: features of a class are closer together with guidance",
        says="guidance draws the features of a class together and those of different classes apart",
        parts=(
            Rule(
                "ratio",
                ">",
                1,
                "separation of two neighbours of five aspect ratios, with guidance over without, the smallest of four"
                " pairs",
            ),
            Rule("neighbours", ">", 3, "separation of two neighbours with guidance, the smallest of four pairs"),
        ),
        control=(
            Control(
                "shuffled_ratio", "ratio", "the first with the pictures dealt to the classes at random, the largest"
            ),
            Control("shuffled", "neighbours", "the second, in the same way, the largest"),
        ),
        compares=_OVALS,
    ),
    Claim(
        id="fg-4",
        paper="no number: pictures",
        says="samples are of the class that was asked for, they differ from each other, and they are no copies",
        parts=(
            Rule(
                "right",
                ">",
                0.95,
                "share of samples that a classifier gives to their class, five aspect ratios",
                ideal=1,
            ),
            Rule(
                "diverse",
                "in",
                (0.8, 1.2),
                "mean distance of a sample to the nearest other one, over that of pictures of the class, the class"
                " farthest from 1",
                ideal=1,
            ),
            Rule(
                "copies",
                ">=",
                1,
                "median distance of a sample to the nearest picture behind its centroid, over that of other pictures of"
                " the class, the smallest of five classes",
            ),
        ),
        control=(
            Control("mixture", "right", "the same for samples without a guide: chance", "in", (0.1, 0.3)),
            Control("same", "diverse", "the same for one sample, with noise of .02 added to each copy"),
            Control("taken", "copies", "the same for pictures behind the centroid, with noise of .02, the largest"),
        ),
        compares=_OVALS,
        ci=Ci("fewer samples", factor=1.5, parts=("right", "diverse")),
    ),
    Claim(
        id="fg-5",
        paper="a slide: B/A = 2.9 for some hundred pairs of textures",
        says="distances of centroids follow the distances of the densities of the classes",
        parts=(
            Rule(
                "spearman",
                ">",
                0.8,
                "rank correlation of the Jeffreys divergence with the squared distance of centroids, 120 pairs of"
                " sixteen aspect ratios, eight sigmas in [.05, 1], the smallest of three draws of noise",
                ideal=1,
            ),
            Rule("distortion", "<=", 6, "largest over smallest ratio of the two, B/A, the largest draw", ideal=1),
            Rule("above", ">", 0, "the rank correlation minus that of features of an untrained network, smallest"),
        ),
        control=(
            Control("shuffled", "spearman", "the rank correlation with the centroids of classes exchanged"),
            Control("shuffled_distortion", "distortion", "the ratio with the centroids of classes exchanged"),
            Control("untrained", "above", "the untrained network in place of the trained one"),
        ),
        compares=_OVALS,
    ),
    Claim(
        id="fg-6",
        paper="no number: pictures",
        says="between two centroids lie classes that were never trained on",
        parts=(
            Rule(
                "spearman",
                ">",
                0.9,
                "rank correlation of the aspect ratio of samples with the weight, nine weights between 1.0 and 2.4",
                ideal=1,
            ),
            Rule(
                "midpoint",
                "in",
                (0, 1),
                "place of the mean at the weight one half, on the way between those at 0 and 1, logarithmic",
                ideal=0.5,
            ),
        ),
        control=(
            Control("none", "spearman", "the rank correlation of samples without a guide with the same weights"),
            Control("beyond", "midpoint", "the place of the mean at the weight 1.5"),
        ),
        compares=("ovals-guided",),
    ),
)
