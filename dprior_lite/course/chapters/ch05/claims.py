"""Claims of page 05: any linear inverse problem, with one denoiser and no retraining."""

from __future__ import annotations

from dprior_lite.course.claims.rules import Ci, Claim, Rule

_FEWER = "fewer patches"

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
                "PSNR of the mean of 4 over the pseudo-inverse, dB, the smallest of inpainting, random pixels,"
                " projections",
            ),
            Rule("inverse_easier", ">=", 1, "the same, the smallest of enlargement 2 and 4 times and deblurring"),
            Rule("classical", ">=", 4, "of five tasks, those in which the mean of 4 is .5 dB over a classical method"),
        ),
        control=(
            Rule("idle", "<", 2, "the same with a denoiser that does nothing", breaks="inverse"),
            Rule("idle_easier", "<", 1, "the same with a denoiser that does nothing", breaks="inverse_easier"),
            Rule("idle_classical", "<", 4, "the same with a denoiser that does nothing", breaks="classical"),
        ),
        ci=Ci(_FEWER, factor=2),
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
            Rule("exact", "<=", 1e-5, "rms of A x − m after re-projection, largest"),
        ),
        control=(
            Rule("other", ">", 0.02, "rms against the measurements of another patch, smallest", breaks="state"),
            Rule(
                "denoised",
                ">",
                1e-5,
                "rms after the last denoising without re-projection, smallest of the tasks' largest",
                breaks="exact",
            ),
        ),
    ),
    Claim(
        id="in-3",
        paper="",
        says="the mean of samples is better than a sample",
        parts=(
            Rule("value", "in", (0.5, 3.5), "PSNR of the mean of 4 over that of one sample, dB, mean of six tasks"),
        ),
        control=(Rule("control", "<", 0.5, "the same of one sample counted four times", breaks="value"),),
        ci=Ci(_FEWER, factor=1.5),
    ),
    Claim(
        id="in-4",
        paper="",
        says="diversity sits where nothing was measured, and where the error is",
        parts=(
            Rule("ratio", ">=", 5, "mean std inside the hole over outside, before re-projection"),
            Rule(
                "follows",
                ">",
                0.3,
                "Spearman correlation of std and abs(error of the mean) inside the hole, mean over patches",
            ),
        ),
        control=(
            Rule("white_ratio", "<", 5, "the ratio for white noise everywhere", breaks="ratio"),
            Rule("white", "<=", 0.1, "the correlation for white noise of equal std", breaks="follows"),
        ),
        ci=Ci(_FEWER, factor=2),
    ),
    Claim(
        id="in-5",
        paper="",
        says="compressive sensing at 10 % and 25 %",
        parts=(
            Rule("tenth", ">=", 1, "PSNR of the mean of 4 over total variation, 10 % of the numbers, dB"),
            Rule("quarter", ">=", 1, "the same with 25 %"),
        ),
        control=(
            Rule("idle_tenth", "<", 1, "a denoiser that does nothing over total variation, 10 %", breaks="tenth"),
            Rule("idle_quarter", "<", 1, "the same with 25 %", breaks="quarter"),
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
        parts=(Rule("value", ">=", 4, "of five tasks, those in which ours is within .3 dB of the best"),),
        control=(
            Rule("inverse", "<", 4, "tasks in which the pseudo-inverse is", breaks="value"),
            Rule("one_step", "<", 4, "tasks in which ours is after one step, h0 = beta = 1", breaks="value"),
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
        control=(Rule("control", "<", 1.05, "the batch over itself", breaks="value"),),
        ci=Ci("a timing", skip="timing"),
    ),
    Claim(
        id="in-8",
        paper="their network, our run: 29.5 dB at 25/255 on six crops",
        says="the authors' checkpoint runs in it unchanged",
        parts=(
            Rule("denoising", "<=", 0.2, "PSNR at 25/255 on six crops of BSD68 minus 29.5 dB", absolute=True),
            Rule("sensing", ">=", 2, "one sample from 20 % of the numbers over the pseudo-inverse, dB"),
        ),
        control=(
            Rule("noisy", ">", 0.2, "the noisy crops minus 29.5 dB", absolute=True, breaks="denoising"),
            Rule("inverse", "<", 2, "the pseudo-inverse over itself", breaks="sensing"),
        ),
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
            ),
            Rule("ours", "reported", None, "the same of this sampler with the exact denoiser"),
            Rule("photographs", "reported", None, "the same on inpainted photographs, inside the hole"),
        ),
        control=(Rule("control", ">", 1.5, "the same of this sampler at beta 1, in one step", breaks="exact"),),
        ci=Ci("fewer problems", factor=2),
    ),
)
