"""Claims of page 07: why a small window is enough for details, and not for pixels."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

_FACES = "faces of 160 pixels, read off a figure"

CLAIMS = (
    Claim(
        id="ms-1",
        paper="",
        says="the cascade is orthonormal: it loses nothing, and noise keeps its standard deviation",
        parts=(
            Rule("reconstruction", "<", 1e-5, "largest error of a reconstruction, float32, three wavelets", ideal=0),
            Rule("noise", "in", (0.99, 1.01), "standard deviation of noise in a band over the predicted one", ideal=1),
            Rule("reference", "<", 1e-5, "largest difference from PyWavelets, three wavelets", ideal=0),
        ),
        control=(
            Control("other_wavelet", "reconstruction", "the same, put together with another wavelet"),
            Control("other_scale", "noise", "the same, predicted for the next scale"),
            Control("swapped", "reference", "the same with horizontal and vertical edges exchanged"),
        ),
    ),
    Claim(
        id="ms-2",
        paper="5, 9, 13, 23 and 43 pixels",
        says="the windows of the networks are as large as they say",
        parts=(
            Rule(
                "wrong",
                "==",
                0,
                "networks whose gradient has another support than 5, 9, 13, 23 or 43 pixels, of ten, flat and"
                " conditional",
            ),
        ),
        control=(Control("all_three", "wrong", "the same, with every convolution made 3 × 3"),),
    ),
    Claim(
        id="ms-3",
        paper=f"2.7 dB, {_FACES}",
        says="on pixels, a small window costs much at high noise",
        parts=(
            Rule(
                "gain",
                ">=",
                1,
                "PSNR with a window of 43 pixels minus that with 9, sigma 1, 64 C^alpha pictures of 64 pixels, alpha 2,"
                " the smallest of three draws; the best linear denoisers differ by 1.75",
                unit="dB",
            ),
        ),
        control=(Control("conditional", "gain", "the same difference of the networks over wavelet scales"),),
        compares=("c-alpha-2-flat-9", "c-alpha-2-flat-43"),
    ),
    Claim(
        id="ms-4",
        paper=f"below 0.1 dB, {_FACES}",
        says="over wavelet scales, a small window costs little",
        parts=(
            Rule(
                "difference",
                "<=",
                0.3,
                "PSNR with windows of 43 pixels minus that with 9, 64 C^alpha pictures, the farthest from zero of sigma"
                " 1, .5 and .2 and three draws",
                absolute=True,
                ideal=0,
                unit="dB",
            ),
            Rule("share", "<=", 1 / 3, "that at sigma 1 over the difference on pixels", absolute=True, ideal=0),
        ),
        control=(
            Control("pixels", "difference", "the difference on pixels at sigma 1"),
            Control("whole", "share", "the difference on pixels over itself"),
        ),
        compares=tuple(f"c-alpha-2-details-{scale}-{field}" for field in (9, 43) for scale in (1, 2)),
    ),
    Claim(
        id="ms-5",
        paper=f"about 3.3 dB at sigma .8, {_FACES}",
        says="with the same small window, the model over scales is better at high noise",
        parts=(
            Rule(
                "gain",
                ">=",
                0.5,
                "PSNR over scales minus that on pixels, both with windows of 9 pixels, the smaller of sigma .8 and 1,"
                " C^alpha pictures of 64 pixels",
                unit="dB",
            ),
            Rule("against_43", "reported", quantity="the same against the window of 43 pixels, at sigma 1", unit="dB"),
        ),
        control=(Control("noisy_low", "gain", "the same with a low-pass picture that is not denoised"),),
        compares=("c-alpha-2-flat-9", "c-alpha-2-details-1-9", "c-alpha-2-details-2-9"),
    ),
    Claim(
        id="ms-6",
        paper=f"about 2 dB, {_FACES}",
        says="at low noise even details need more than five pixels",
        parts=(
            Rule(
                "loss",
                ">=",
                1,
                "PSNR with windows of 13 pixels minus that with 5, sigma .02, 64 portraits, the smallest of three"
                " draws",
                unit="dB",
            ),
        ),
        control=(Control("high_noise", "loss", "the same at sigma 1"),),
    ),
    Claim(
        id="ms-7",
        paper="",
        says="drawn details leave the low-pass picture as it is, and their mean is nearer to the truth than one draw",
        parts=(
            Rule("low", "<", 1e-5, "largest change of the given low-pass picture", ideal=0),
            Rule(
                "gain",
                "in",
                (1, 4),
                "PSNR of the mean of 16 answers minus that of one, 32 portraits",
                ideal=2.75,
                unit="dB",
            ),
            Rule("details", ">", 0, "PSNR of that mean minus that of the picture without details", unit="dB"),
        ),
        control=(
            Control("bicubic", "low", "the same for a bicubic enlargement"),
            Control("one_seed", "gain", "the same for 16 answers from one seed"),
            Control("stranger", "details", "the same with details drawn for another low-pass picture"),
        ),
    ),
    Claim(
        id="ms-8",
        paper="",
        says="drawn details are as sparse as those of pictures",
        parts=(
            Rule(
                "ratio",
                "in",
                (0.85, 1.15),
                "E|c| over the standard deviation, of drawn details over that of the data's, the farthest from 1 of the"
                " scales",
                ideal=1,
            ),
        ),
        control=(Control("gaussian", "ratio", "the same for Gaussian details, whose E|c|/sd is .80"),),
    ),
    Claim(
        id="ms-9",
        paper="",
        says="pictures drawn from coarse to fine have the structure of a face, those of a local model of pixels do not",
        parts=(
            Rule(
                "cascade",
                ">=",
                0.4,
                "mean-removed correlation of samples with the mean portrait, mean of at least 64 samples",
                ideal=1,
            ),
            Rule("times", ">", 2, "that over the same of the network on pixels with a window of 9 pixels"),
        ),
        control=(
            Control("pixels", "cascade", "the same of the network on pixels with a window of 9 pixels"),
            Control("itself", "times", "the second of that network over itself"),
        ),
    ),
    Claim(
        id="ms-10",
        paper=f"2.6 and 7.7 dB, {_FACES}",
        says="the networks of details improve on the low-pass picture alone",
        parts=(
            Rule(
                "moderate",
                ">=",
                1,
                "PSNR of the whole model minus that without details, sigma .2, 64 portraits, the smallest of three"
                " draws",
                unit="dB",
            ),
            Rule("low_noise", ">=", 4, "the same at sigma .05", unit="dB"),
        ),
        control=(
            Control("untrained_moderate", "moderate", "the first with untrained networks of details"),
            Control("untrained_low", "low_noise", "the second with these"),
            Control("stranger", "moderate", "the first with details given the low-pass picture of another portrait"),
        ),
    ),
)
