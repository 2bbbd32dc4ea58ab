"""Claims of page 06: which measurements are best for the decoder that reads them, and when these are not PCA."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

_TWO_OF_THREE = "the second largest of K = 16, 32, 64; pooled over test digits"

CLAIMS = (
    Claim(
        id="om-1",
        paper="",
        says="the rows stay orthonormal while they are trained, and in a file",
        parts=(
            Rule("training", "<", 1e-5, "largest entry of abs(M Mᵀ − 1) after any step", ideal=0),
            Rule("loaded", "<", 1e-5, "the same after saving and loading", ideal=0),
        ),
        control=(
            Control("free", "training", "the same, of a matrix whose entries are trained freely"),
            Control("half", "loaded", "the same, of rows rounded to half precision"),
        ),
    ),
    Claim(
        id="om-2",
        paper="",
        says="the direction that is found is as good as the best of all directions",
        parts=(
            Rule(
                "excess",
                "<=",
                0.1,
                "expected error at the found angle over that at the best one, as part of the range over all angles; the"
                " worst of two crosses and two ridges",
                ideal=0,
            ),
        ),
        control=(
            Control("pca", "excess", "the same at the principal axis of the thin cross", ">", 0.5),
            Control("diagonal", "excess", "the same at 45° on the thin cross", ">", 0.5),
        ),
    ),
    Claim(
        id="om-3",
        paper="",
        says="for Gaussian pictures the optimum is the PCA subspace",
        parts=(
            Rule(
                "excess",
                "<=",
                0.02,
                "expected error over that of PCA, less 1, of the best decoder; random starts, worst of three seeds",
                ideal=0,
            ),
            Rule("angle", "<", 15, "largest principal angle to PCA in degrees, where λ_K ≥ 4 λ_K+1", ideal=0),
        ),
        control=(
            Control("start_excess", "excess", "the same at the start, the smallest of three seeds", ">", 0.2),
            Control("start_angle", "angle", "the same at the start, the smallest of three seeds", ">", 60),
        ),
    ),
    Claim(
        id="om-4",
        paper="",
        says="for digits, optimised measurements read by the prior beat principal components and random ones",
        parts=(
            Rule("over_pca", ">=", 0.5, f"PSNR of optimised over PCA, both with the prior, {_TWO_OF_THREE}", unit="dB"),
            Rule("over_random", ">=", 2, f"PSNR over random, both with the prior, {_TWO_OF_THREE}", unit="dB"),
        ),
        control=(
            Control("pca_again", "over_pca", f"PCA over PCA with other noise, {_TWO_OF_THREE}"),
            Control("random_again", "over_random", f"other random rows over the random ones, {_TWO_OF_THREE}"),
        ),
    ),
    Claim(
        id="om-5",
        paper="",
        says="they capture less variance than principal components, and still reconstruct better",
        parts=(
            Rule("variance", "<", 1, "variance of the measurements over that of PCA, the largest of K = 16, 32, 64"),
            Rule("gain", ">", 0, f"PSNR of optimised over PCA, both with the prior, {_TWO_OF_THREE}", unit="dB"),
        ),
        control=(
            Control("pca", "variance", "the ratio of PCA itself"),
            Control("random", "gain", f"PSNR of random over PCA, {_TWO_OF_THREE}"),
        ),
    ),
    Claim(
        id="om-6",
        paper="",
        says="optimised measurements are more skewed than principal components, and these more than random ones",
        parts=(
            Rule(
                "over_pca",
                ">",
                2,
                "mean abs(skewness) of optimised less that of PCA, in standard errors, on the principal axes of the"
                " measurements; the smallest of K = 16, 32, 64",
            ),
            Rule("over_random", ">", 2, "that of PCA less that of random, in the same units"),
            Rule("as_trained", "reported", quantity="mean abs(skewness) of the rows as they were trained, K = 32"),
        ),
        control=(
            Control("same", "over_pca", "PCA less PCA of other digits, in standard errors, the largest"),
            Control("others", "over_random", "random less other random rows, in standard errors, the largest"),
        ),
    ),
    Claim(
        id="om-7",
        paper="",
        says="rows trained for squared error and rows trained for SSIM each win on their own measure",
        parts=(
            Rule("mse", ">", 2, "error of SSIM's rows less that of MSE's rows, in standard errors, K = 32"),
            Rule("ssim", ">", 2, "SSIM of SSIM's rows less that of MSE's rows, in standard errors, K = 32"),
        ),
        control=(
            Control("mse_again", "mse", "error of MSE's rows less their own with other noise, in standard errors"),
            Control("ssim_again", "ssim", "SSIM of MSE's rows less their own with other noise, in standard errors"),
        ),
    ),
    Claim(
        id="om-8",
        paper="recomputed from the authors' code: 15.72, 17.77, 20.46, 23.82 dB on another split",
        says="linear decoding of principal components is what it should be on MNIST",
        parts=(
            Rule("k16", "in", (15.69, 15.73), "PSNR of one squared error over 10,000 test digits, K = 16", unit="dB"),
            Rule("k32", "in", (17.72, 17.76), "the same, K = 32", unit="dB"),
            Rule("k64", "in", (20.42, 20.46), "the same, K = 64", unit="dB"),
            Rule("k128", "in", (23.74, 23.78), "the same, K = 128", unit="dB"),
        ),
        control=(
            Control("no_mean_16", "k16", "without the mean picture, K = 16"),
            Control("no_mean_32", "k32", "without the mean picture, K = 32"),
            Control("no_mean_64", "k64", "without the mean picture, K = 64"),
            Control("each_128", "k128", "mean of the PSNR of every digit, K = 128"),
        ),
    ),
    Claim(
        id="om-9",
        paper="",
        says="the gain survives noise, and the prior reads measurements better than a linear decoder",
        parts=(
            Rule(
                "noisy",
                ">=",
                0,
                "PSNR of optimised over PCA, both with the prior, noise of sd .1 in m, the smaller of K = 32, 64",
                unit="dB",
            ),
            Rule(
                "over_linear",
                ">=",
                2,
                "PSNR of optimised with the prior over PCA with the linear decoder, no noise, smaller of K = 32, 64",
                unit="dB",
            ),
            Rule("noisy_linear", "reported", quantity="the same with noise of sd .1, of which both decoders know"),
        ),
        control=(
            Control("random", "noisy", "PSNR of random over PCA, as in the first, the larger"),
            Control(
                "linear", "over_linear", "the optimised rows with the linear decoder, as in the second, the larger"
            ),
        ),
    ),
)
