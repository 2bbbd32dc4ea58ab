"""Claims of page 09: the basis in which a denoiser shrinks, and where that basis is a good one."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

CLAIMS = (
    Claim(
        id="hb-1",
        paper="J is nearly symmetric, without a number",
        says="the denoiser is shrinkage in its own eigenbasis, approximately",
        parts=(
            Rule("linear", "<", 1e-4, "‖J y − x̂‖/‖x̂‖, portraits, sigma .03 and .1, the largest of three draws"),
            Rule("asymmetry", "<=", 0.5, "‖J − Jᵀ‖/‖J‖ of these, the largest", ideal=0),
            Rule(
                "shrinkage",
                "<=",
                0.2,
                "‖Σ λ⟨y,e⟩e − x̂‖/‖x̂‖ with λ, e of (J + Jᵀ)/2, the largest",
                ideal=0,
            ),
            Rule("removed", "reported", quantity="the same difference over ‖x̂ − y‖, the largest"),
        ),
        control=(
            Control("elsewhere", "linear", "J y with the Jacobian at another picture, the smallest"),
            Control("reordered", "asymmetry", "the denoiser followed by a fixed order of pixels, the smallest"),
            Control("random_basis", "shrinkage", "the same λ in a random orthonormal basis, the smallest", ">", 0.5),
        ),
    ),
    Claim(
        id="hb-2",
        paper="",
        says="the sum of the eigenvalues tells the error: tr J / d = MSE / σ²",
        parts=(
            Rule(
                "portraits",
                "<=",
                0.1,
                "relative error, pooled over 64 test portraits, the largest of sigma .05, .1, .2, .5 and three draws",
                ideal=0,
            ),
            Rule("photographs", "<=", 0.25, "the same over 64 held-out patches of photographs", ideal=0),
        ),
        control=(
            Control(
                "blurred_portraits",
                "portraits",
                "the network followed by a 3 × 3 blur, the smallest of three draws",
                ">",
                0.4,
            ),
            Control("blurred_photographs", "photographs", "the same on photographs", ">", 0.4),
        ),
    ),
    Claim(
        id="hb-3",
        paper=".46, .61, .75, .83 at alpha 1, 2, 3, 5 (theory .50, .67, .75, .83), 80 × 80 pixels",
        says="the more regular the pictures, the faster the error falls: the slope of the PSNR is α/(α + 1)",
        parts=(
            Rule(
                "off",
                "<=",
                0.08,
                "distance of the slope from α/(α + 1), the largest of alpha 2, 3, 4, 5 and three draws; 64 pictures of"
                " 64 × 64 pixels, input 10 to 30 dB",
                ideal=0,
            ),
            Rule("rise", ">", 0, "the smallest rise of the mean slope from one alpha to the next, 2 to 5"),
            Rule("oracle_flat", "<=", 0.03, "half the range of the slopes of the oracle in cosines, alpha 2 to 5"),
            Rule("alpha_1", "reported", quantity="slope at alpha 1, mean of three draws; theory .5"),
        ),
        control=(
            Control("oracle_off", "off", "the same distance of the oracle in cosines, the smallest", ">", 0.08),
            Control("backwards", "rise", "the smallest rise with alpha falling"),
            Control("network_range", "oracle_flat", "the same of the networks"),
        ),
    ),
    Claim(
        id="hb-4",
        paper="1.18, 1.07, 1.00, 1.00, .95, then .67, .55",
        says="at a disc five eigenvalues are near one, and their directions are those of a disc's five numbers",
        parts=(
            Rule("fifth", ">=", 0.85, "fifth eigenvalue, median of 16 test discs, sigma .04, the worst of three draws"),
            Rule("first", "<=", 1.25, "first eigenvalue, the same"),
            Rule("tangent", ">=", 0.85, "mean squared cosine of the five with the tangent space, the same", ideal=1),
            Rule("sixth", "<", 0.75, "sixth eigenvalue, the same"),
        ),
        control=(
            Control("one_portrait", "fifth", "fifth eigenvalue of the network of one portrait at that portrait"),
            Control("untrained", "first", "first eigenvalue of an untrained network"),
            Control("next_disc", "tangent", "the tangent space of another disc"),
            Control("portrait", "sixth", "sixth eigenvalue of the network of portraits at portraits"),
        ),
    ),
    Claim(
        id="hb-5",
        paper="below the line, in a figure",
        says="and still the network is above the least possible error there",
        parts=(
            Rule(
                "short",
                ">",
                1,
                "PSNR in + 10 log10(d/5) minus PSNR out, sigma .04, 64 test discs, errors pooled, the smallest of three"
                " draws",
                unit="dB",
            ),
            Rule("longer", "<", 0.3, "by how much twice the steps move it", unit="dB", absolute=True, ideal=0),
        ),
        control=(
            Control("fit", "short", "least-squares fit of the five numbers, the largest", "<=", 0.5),
            Control("fit_instead", "longer", "by how much the fit moves it, the smallest"),
        ),
    ),
    Claim(
        id="hb-6",
        paper="much lower PSNR and slow decay, in figures",
        says="with the pixels of portraits in another order the network does worse, and its eigenvalues fall slowly",
        parts=(
            Rule(
                "drop",
                ">=",
                2,
                "PSNR of the network of portraits minus that of the network of shuffled ones, sigma .3, 128 test"
                " portraits, the smallest of three draws",
                unit="dB",
            ),
            Rule(
                "tail", ">", 0, "eigenvalue at rank d/20 minus that of the network of portraits, median of 8 portraits"
            ),
        ),
        control=(
            Control("twin", "drop", "the second network of portraits in place of the shuffled one, the largest"),
            Control("twin_tail", "tail", "the second network of portraits in place of the shuffled one"),
        ),
    ),
    Claim(
        id="hb-7",
        paper="oscillate along contours, in figures",
        says="the eigenvectors oscillate along contours, faster where less is kept",
        parts=(
            Rule(
                "near",
                ">",
                1.5,
                "energy of the leading 100 vectors within 3 pixels of the contour over that of random vectors, alpha 3,"
                " sigma .1, median of 8 pictures, the smallest of three draws",
            ),
            Rule("falls", "<", -0.7, "rank correlation of frequency and eigenvalue, the same", ideal=-1),
        ),
        control=(
            Control("untrained_near", "near", "an untrained network, mean of two pictures"),
            Control("untrained_falls", "falls", "the same"),
        ),
    ),
    Claim(
        id="hb-8",
        paper="more eigenvalues away from zero as the noise falls, in figures",
        says="less noise, more directions are kept; a network that memorised one portrait keeps that one",
        parts=(
            Rule(
                "growth",
                ">=",
                1.5,
                "number of eigenvalues above 1/2 over that at the level before, sigma .3, .1, .03, mean of 8 test"
                " portraits, the smaller step, the smallest of three draws",
            ),
            Rule(
                "memory",
                ">",
                0.9,
                "cosine of the first eigenvector of the network of one portrait with that portrait, the smallest of"
                " these levels and draws",
                ideal=1,
            ),
        ),
        control=(
            Control("one", "growth", "the network of one portrait, the larger step"),
            Control("many", "memory", "the network of 30,000 portraits at that portrait, the largest"),
        ),
    ),
)
