"""Why claims of chapter 5 do not hold yet, and what was tried, each with its number."""

from __future__ import annotations

from dprior_lite.course.claims.rules import KnownGap

GAPS = {
    "in-1": KnownGap(
        "total variation and biharmonic interpolation are strong on patches of 64 pixels, and the network is small.",
        tried=(
            ("random pixels over biharmonic, dB, slower ascents at beta .04", -0.06),
            ("deblurring over total variation, dB, slower ascents", -0.34),
            ("projections over total variation, dB, slower ascents", 0.02),
            ("projections over total variation, dB, photos-bfcnn in place of photos-unet", -1.43),
        ),
    ),
    "in-4": KnownGap(
        "outside the hole what is left of the noise at sigma_L = .01 differs between samples, a flat patch has little"
        " to differ in, and within one hole the spread follows the error only loosely.",
        tried=(
            ("the ratio with sigma_L = .005, eight samples", 5.55),
            ("the ratio with sigma_L = .002, eight samples", 13.0),
            ("the correlation over all four holes together, which compares patches as well", 0.42),
        ),
    ),
    "in-5": KnownGap(
        "on these crops total variation is better than this network, trained on a CPU.",
        tried=(
            ("10 % over total variation on four tune patches, dB, h0 .1, beta .1", -1.08),
            ("the same at h0 .02, beta .1", -1.31),
            ("the same at h0 .1, beta .04, the setting of the page", -0.19),
            ("25 % at h0 .1, beta .04", -0.05),
        ),
    ),
    "in-6": KnownGap(
        "from scattered measurements, random pixels and random projections, PiGDM is better, which differentiates"
        " through the denoiser, and DDRM a little, which does not.",
        tried=(
            ("random projections on three tuning patches, dB behind PiGDM, the setting of the table", 2.19),
            ("the same with a slower fall of the noise, until all calls are spent", 3.73),
            ("the same with small first steps, h0 .1", 2.38),
            ("the same with nearly three times the calls", 1.61),
        ),
    ),
}
