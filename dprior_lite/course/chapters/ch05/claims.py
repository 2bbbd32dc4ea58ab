"""Claims of page 05: any linear inverse problem, with one denoiser and no retraining."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

_FEWER, _AMENDED = "fewer patches", "2026-11-30"

CLAIMS = (
    Claim(
        id="in-1",
        paper="",
        says=(
            "one algorithm and one denoiser solve inpainting, random pixels, enlargement, deblurring and compressive"
            " sensing"
        ),
        parts=(
            Rule(
                "inverse",
                ">=",
                2,
                "PSNR of the mean of 4 over the pseudo-inverse, dB, mean of 30 patches, the smallest of inpainting,"
                " random pixels, projections; the better of two algorithms counts, only the one of 2021 is measured",
                ideal=10,
                unit="dB",
            ),
            Rule(
                "inverse_easier",
                ">=",
                1,
                "the same, the smallest of enlargement 2 and 4 times and deblurring",
                ideal=10,
                unit="dB",
            ),
            Rule(
                "classical",
                ">=",
                4,
                "of five tasks, those in which the mean of 4 is .5 dB over a classical method (the enlargements count"
                " as one); the better of two algorithms counts, of which only the one of 2021 is measured",
                ideal=5,
            ),
        ),
        control=(
            Control("idle", "inverse", "the same with a denoiser that does nothing"),
            Control("idle_easier", "inverse_easier", "the same with a denoiser that does nothing"),
            Control("idle_classical", "classical", "the same with a denoiser that does nothing"),
        ),
        ci=Ci(_FEWER, factor=2),
        amended=_AMENDED,
    ),
    Claim(
        id="in-2",
        paper="their network of digits, our run: .02 to .03 after the last denoising, .12 for random projections",
        says="consistent before the last denoising, exact with re-projection",
        parts=(
            Rule(
                "state",
                "<=",
                0.02,
                "rms of A y − m before the last denoising, largest of all patches and tasks (2 sigma_L)",
            ),
            Rule("exact", "<=", 1e-05, "rms of A x − m after re-projection, largest"),
        ),
        control=(
            Control("other", "state", "rms against the measurements of another patch, smallest"),
            Control(
                "denoised",
                "exact",
                "rms after the last denoising without re-projection, smallest of the tasks' largest",
            ),
        ),
    ),
    Claim(
        id="in-3",
        paper="",
        says="the mean of samples is better than a sample",
        parts=(
            Rule(
                "value",
                "in",
                (0.5, 3.5),
                "PSNR of the mean of 4 over that of one sample, dB, mean of six tasks",
                ideal=2.04,
                unit="dB",
            ),
        ),
        control=(Control("control", "value", "the same of one sample counted four times", "<", 0.5),),
        ci=Ci(_FEWER, factor=1.25),
    ),
    Claim(
        id="in-4",
        paper="",
        says="diversity sits where nothing was measured, and where the error is",
        parts=(
            Rule(
                "ratio",
                ">=",
                5,
                "mean std inside the hole over outside, before re-projection, sigma_L .005, 30 patches",
            ),
            Rule(
                "follows",
                ">",
                0.3,
                "Spearman correlation of std and abs(error of the mean) inside the hole, mean over patches",
                ideal=1,
            ),
        ),
        control=(
            Control("white_ratio", "ratio", "the ratio for white noise everywhere"),
            Control("white", "follows", "the correlation for white noise of equal std", "<=", 0.1),
        ),
        ci=Ci(_FEWER, factor=1.2),
    ),
    Claim(
        id="in-5",
        paper="",
        says="compressive sensing at 10 % and 25 % on twelve crops of BSD68",
        parts=(
            Rule(
                "tenth",
                ">=",
                1,
                "PSNR of the mean of 4 over total variation, 10 % of the numbers, dB",
                ideal=10,
                unit="dB",
            ),
            Rule("quarter", ">=", 1, "the same with 25 %", ideal=10, unit="dB"),
        ),
        control=(
            Control("idle_tenth", "tenth", "a denoiser that does nothing over total variation, 10 %"),
            Control("idle_quarter", "quarter", "the same with 25 %"),
        ),
        ci=Ci(_FEWER, factor=2),
    ),
    Claim(
        id="in-6",
        paper="",
        says=(
            "beside DDRM, PiGDM, DPS and DiffPIR with the same denoiser, operator, measurements and budget of network"
            " calls"
        ),
        parts=(Rule("value", ">=", 4, "of five tasks, those in which ours is within .3 dB of the best", unit="dB"),),
        control=(
            Control("inverse", "value", "tasks in which the pseudo-inverse is"),
            Control("one_step", "value", "tasks in which ours is after one step, h0 = beta = 1"),
        ),
    ),
    Claim(
        id="in-7",
        paper="",
        says="solving in a batch is faster than one at a time",
        parts=(
            Rule(
                "value",
                ">=",
                1.05,
                "time of eight problems one at a time over their time in one batch, median of five pairs, 64 × 64, CPU",
            ),
        ),
        control=(Control("control", "value", "the batch over itself"),),
        ci=Ci("a timing", skip="timing"),
    ),
    Claim(
        id="in-8",
        paper="",
        says="the authors' checkpoint runs in it unchanged",
        parts=(
            Rule(
                "forward",
                "<=",
                1e-5,
                "our forward pass against the layers written out by hand from the file, relative, largest of six crops"
                " of BSD68 of 96 × 96 pixels at 25/255",
            ),
            Rule("sensing", ">=", 2, "one sample from 20 % of the numbers over the pseudo-inverse, dB", unit="dB"),
        ),
        control=(
            Control("one_gain_off", "forward", "the layers by hand with the gains of one layer left out"),
            Control("inverse", "sensing", "the pseudo-inverse over itself"),
        ),
        amended=_AMENDED,
    ),
    Claim(
        id="in-9",
        paper="",
        says="exact draws have the ratio √(1 + 1/S); what the sampler has is reported",
        parts=(
            Rule(
                "exact",
                "in",
                (0.98, 1.08),
                "rms error of the mean of 16 over rms spread, exact draws of a Gaussian posterior (1.03)",
                ideal=1.03,
            ),
            Rule("ours", "reported", quantity="the same of this sampler with the exact denoiser"),
            Rule("photographs", "reported", quantity="the same on inpainted photographs, inside the hole"),
        ),
        control=(Control("control", "exact", "the same of our sampler at beta = 1, in as many steps"),),
        ci=Ci("fewer problems", factor=2),
        amended=_AMENDED,
    ),
)
