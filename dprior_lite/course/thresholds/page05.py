"""Claims of page 05: any linear inverse problem, with one denoiser and no retraining."""

from __future__ import annotations

from dprior_lite.course.thresholds.rules import Ci, Claim, KnownGap, Rule

_PAGE = "05_inverse_problems"
_FEWER = "fewer patches"

CLAIMS = (
    Claim(
        id="in-1",
        page=_PAGE,
        paper="",
        says="one algorithm and one denoiser solve inpainting, random pixels, enlargement, deblurring and compressive sensing",
        parts=(
            Rule("inverse", ">=", 2, "PSNR of the mean of 4 over the pseudo-inverse, dB, the smallest of inpainting, random pixels, projections"),
            Rule("inverse_easier", ">=", 1, "the same, the smallest of enlargement 2 and 4 times and deblurring"),
            Rule("classical", ">=", 4, "of five tasks, those in which the mean of 4 is .5 dB over a classical method"),
        ),
        control=(
            Rule("idle", "<", 2, "the same with a denoiser that does nothing", breaks="inverse"),
            Rule("idle_easier", "<", 1, "the same with a denoiser that does nothing", breaks="inverse_easier"),
            Rule("idle_classical", "<", 4, "the same with a denoiser that does nothing", breaks="classical"),
        ),
        ci=Ci(_FEWER, factor=2),
        known_gap=KnownGap(
            "total variation and biharmonic interpolation are strong on patches of 64 pixels, and the network is small.",
            tried=(
                ("random pixels over biharmonic, dB, slower ascents at beta .04", -0.06),
                ("deblurring over total variation, dB, slower ascents", -0.34),
                ("projections over total variation, dB, slower ascents", 0.02),
                ("projections over total variation, dB, photos-bfcnn in place of photos-unet", -1.43),
            ),
        ),
    ),
    Claim(
        id="in-2",
        page=_PAGE,
        paper="their network of digits, our run: .02 to .03 after the last denoising, .12 for random projections",
        says="consistent before the last denoising, exact with re-projection",
        parts=(
            Rule("state", "<=", 0.02, "rms of A y − m before the last denoising, largest of all patches and tasks (2 sigma_L)"),
            Rule("exact", "<=", 1e-5, "rms of A x − m after re-projection, largest"),
        ),
        control=(
            Rule("other", ">", 0.02, "rms against the measurements of another patch, smallest", breaks="state"),
            Rule("denoised", ">", 1e-5, "rms after the last denoising without re-projection, smallest of the tasks' largest", breaks="exact"),
        ),
    ),
    Claim(
        id="in-3",
        page=_PAGE,
        paper="",
        says="the mean of samples is better than a sample",
        parts=(Rule("value", "in", (0.5, 3.5), "PSNR of the mean of 4 over that of one sample, dB, mean of six tasks"),),
        control=(Rule("control", "<", 0.5, "the same of one sample counted four times", breaks="value"),),
        ci=Ci(_FEWER, factor=1.5),
    ),
    Claim(
        id="in-4",
        page=_PAGE,
        paper="",
        says="diversity sits where nothing was measured, and where the error is",
        parts=(
            Rule("ratio", ">=", 5, "mean std inside the hole over outside, before re-projection"),
            Rule("follows", ">", 0.3, "Spearman correlation of std and abs(error of the mean) inside the hole, mean over patches"),
        ),
        control=(
            Rule("white_ratio", "<", 5, "the ratio for white noise everywhere", breaks="ratio"),
            Rule("white", "<=", 0.1, "the correlation for white noise of equal std", breaks="follows"),
        ),
        ci=Ci(_FEWER, factor=2),
        known_gap=KnownGap(
            "outside the hole what is left of the noise at sigma_L = .01 differs between samples, a flat patch has little to differ in, and "
            "within one hole the spread follows the error only loosely.",
            tried=(
                ("the ratio with sigma_L = .005, eight samples", 5.55),
                ("the ratio with sigma_L = .002, eight samples", 13.0),
                ("the correlation over all four holes together, which compares patches as well", 0.42),
            ),
        ),
    ),
    Claim(
        id="in-5",
        page=_PAGE,
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
        known_gap=KnownGap(
            "on these crops total variation is better than this network, trained on a CPU.",
            tried=(
                ("10 % over total variation on four tune patches, dB, h0 .1, beta .1", -1.08),
                ("the same at h0 .02, beta .1", -1.31),
                ("the same at h0 .1, beta .04, the setting of the page", -0.19),
                ("25 % at h0 .1, beta .04", -0.05),
            ),
        ),
    ),
    Claim(
        id="in-6",
        page=_PAGE,
        paper="",
        says="beside DDRM, PiGDM, DPS and DiffPIR with the same denoiser, operator, measurements and budget of network calls",
        parts=(Rule("value", ">=", 4, "of five tasks, those in which ours is within .3 dB of the best"),),
        control=(
            Rule("inverse", "<", 4, "tasks in which the pseudo-inverse is", breaks="value"),
            Rule("one_step", "<", 4, "tasks in which ours is after one step, h0 = beta = 1", breaks="value"),
        ),
        known_gap=KnownGap(
            "from scattered measurements, random pixels and random projections, PiGDM is better, which differentiates through the denoiser, and DDRM a little, which does not.",
            tried=(
                ("random projections on three tuning patches, dB behind PiGDM, the setting of the table", 2.19),
                ("the same with a slower fall of the noise, until all calls are spent", 3.73),
                ("the same with small first steps, h0 .1", 2.38),
                ("the same with nearly three times the calls", 1.61),
            ),
        ),
    ),
    Claim(
        id="in-7",
        page=_PAGE,
        paper="",
        says="solving in a batch is faster than one at a time",
        parts=(Rule("value", ">=", 1.05, "time of eight problems one at a time over their time in one batch, median of five pairs, 64 × 64, CPU"),),
        control=(Rule("control", "<", 1.05, "the batch over itself", breaks="value"),),
        ci=Ci("a timing", skip="timing"),
    ),
    Claim(
        id="in-8",
        page=_PAGE,
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
        page=_PAGE,
        paper="",
        says="exact draws have the ratio √(1 + 1/S); what the sampler has is reported",
        parts=(
            Rule("exact", "in", (0.98, 1.08), "rms error of the mean of 16 over rms spread, exact draws of a Gaussian posterior (1.03)"),
            Rule("ours", "reported", None, "the same of this sampler with the exact denoiser"),
            Rule("photographs", "reported", None, "the same on inpainted photographs, inside the hole"),
        ),
        control=(Rule("control", ">", 1.5, "the same of this sampler at beta 1, in one step", breaks="exact"),),
        ci=Ci("fewer problems", factor=2),
    ),
)
