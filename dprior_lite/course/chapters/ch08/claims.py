"""Claims of page 08: when a denoiser remembers its training pictures, and when it has learned what they share."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_FEWER = "fewer pictures and draws"

CLAIMS = (
    Claim(
        id="ge-1",
        paper="in a reproduction at 40 × 40 pixels: 35, 31, 24, 6, 0 dB at 12 dB, N = 10 to 100,000",
        says="the gap between training and test pictures closes as the training set grows",
        parts=(
            Rule(
                "ten",
                ">",
                12,
                "PSNR on training pictures minus PSNR on test pictures at N = 10, mean over input 0 to 30 dB, the"
                " smaller of two halves, the worst of three draws of noise",
                unit="dB",
            ),
            Rule("hundred", ">", 6, "the same at N = 100", unit="dB"),
            Rule("largest", "<", 0.5, "the same at N = 30,000, the larger of two halves", unit="dB"),
            Rule("rise", "<=", 0.3, "the largest rise of the mean gap from one N to the next larger one", unit="dB"),
        ),
        control=(
            Control("untrained_ten", "ten", "the gap at N = 10 of an untrained network"),
            Control("untrained_hundred", "hundred", "the gap at N = 100 of an untrained network"),
            Control("middle", "largest", "the gap at N = 100"),
            Control("backwards", "rise", "the largest rise with the sizes in reverse order"),
        ),
    ),
    Claim(
        id="ge-2",
        paper="read off one figure, one seed: .09 at N = 1, .99 at N = 100,000; in a reproduction: median .95 of 20",
        says="two networks that share no picture draw the same face from the same noise, if both saw many",
        parts=(
            Rule(
                "few",
                "<=",
                0.3,
                "median correlation of A's and B's samples less that of mismatched seeds, the largest of N = 1, 10,"
                " 100; 24 seeds",
            ),
            Rule("largest", ">=", 0.9, "that median at N = 30,000", ideal=1),
        ),
        control=(
            Control("largest_excess", "few", "the first at N = 30,000"),
            Control("mismatched", "largest", "the median over mismatched seeds at N = 30,000"),
        ),
    ),
    Claim(
        id="ge-3",
        paper="read off one figure, one seed: 1.00 at N up to 100, .90 at N = 100,000",
        says="a sample of a network that memorises is a training picture, nearly; of one that generalises it is not",
        parts=(
            Rule(
                "few",
                ">=",
                0.98,
                "median correlation of samples with the nearest training picture, the smallest of N = 1, 10, 100 and of"
                " two halves",
                ideal=1,
            ),
            Rule(
                "beyond",
                "<",
                0,
                "that median at N = 30,000, the larger of two halves, minus the median correlation of the pair",
            ),
            Rule("fresh", "<=", 0.05, "the same median minus that of test pictures and their nearest", ideal=0),
        ),
        control=(
            Control("largest", "few", "the first at N = 30,000"),
            Control("hundred_beyond", "beyond", "the second at N = 100"),
            Control("hundred_fresh", "fresh", "the third at N = 100"),
        ),
    ),
    Claim(
        id="ge-4",
        paper="",
        says="as functions too, two networks agree if both saw many pictures",
        parts=(
            Rule(
                "few",
                ">=",
                0.7,
                "V, the mean squared difference of A and B over the error of A, test pictures, the smallest of N = 10,"
                " 100, sigma .1 and .25, and three draws of noise",
            ),
            Rule("largest", "<", 0.2, "V at N = 30,000, the largest of these", ideal=0),
            Rule("exact", "reported", quantity="V of the exact denoisers of both halves, N = 100, sigma .25"),
        ),
        control=(
            Control("largest_few", "few", "the smallest V at N = 30,000"),
            Control("hundred", "largest", "the largest V at N = 100"),
        ),
        ci=Ci(_FEWER, factor=1.5, parts=("largest",)),
    ),
    Claim(
        id="ge-5",
        paper="",
        says="a network that memorises computes the exact denoiser of its training set",
        parts=(
            Rule(
                "value",
                ">=",
                0.95,
                "correlation of the two answers to noisy training pictures, mean, the smallest of N = 1, 10, 100, sigma"
                " .5 and 1, two halves and three draws of noise",
                ideal=1,
            ),
        ),
        control=(
            Control(
                "lower",
                "value",
                "by how much the network of 30,000 pictures is lower on the same inputs, the smallest",
                ">=",
                0.1,
            ),
        ),
    ),
)
