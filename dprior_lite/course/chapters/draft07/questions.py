"""Questions of page 07: what a small window sees, the noise of a band and of a mean, one step of the cascade."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

WINDOW = Predict(
    "window-of-nine",
    "A network sees 9 × 9 pixels around each pixel. Two models are built from such networks: one works on the pixels,"
    " the other on wavelet details, given the coarser picture. The noise has σ = 1. Which of them loses quality against"
    " a window of 43 pixels?",
    (
        Option(
            "Both: no window of 9 pixels shows a face",
            "The second model has its low-pass picture from a network that sees all of it. Given that picture, a small"
            " window is nearly enough: the difference is {ms-4.difference:.2f} dB.",
        ),
        Option(
            "Only the one on pixels",
            "On pixels the small window costs {ms-3.gain:.1f} dB. Over scales the difference is {ms-4.difference:.2f}"
            " dB, since the coarser picture says what lies beyond the window.",
            right=True,
        ),
        Option(
            "Only the one on details, since details have little energy",
            "That they have little energy makes a poor estimate of them cheap. The difference is"
            " {ms-4.difference:.2f} dB there, and {ms-3.gain:.1f} dB on pixels.",
        ),
        Option(
            "Neither: noise is independent from pixel to pixel",
            "The noise is, the picture is not. At strong noise the mean over a larger window tells more: on pixels the"
            " difference is {ms-3.gain:.1f} dB.",
        ),
    ),
)

STRANGER = Predict(
    "low-pass-of-another",
    "The networks of details see few pixels. What happens to the denoised picture if they are given the low-pass"
    " picture of another picture?",
    (
        Option(
            "Little: details are local, so the low-pass picture hardly matters",
            "Local means that a few pixels of the low-pass picture are enough, not that none are needed. At σ = 0.2 the"
            " details of portraits gain {ms-10.moderate:.1f} dB, and {ms-10.stranger:.1f} dB with the wrong picture.",
        ),
        Option(
            "It becomes worse: edges are put where the other picture has them",
            "The low-pass picture says where edges are. At σ = 0.2 the details of portraits, given their own low-pass"
            " picture, gain {ms-10.moderate:.1f} dB over no details. Given that of another portrait they gain"
            " {ms-10.stranger:.1f} dB.",
            right=True,
        ),
        Option(
            "It becomes the other picture",
            "The low-pass picture of the result is still that of the right picture. Only the details are wrong.",
        ),
    ),
)

BAND = Numeric(
    "noise-of-a-band",
    "White noise of σ = 0.8 is added to the pixels. What is its standard deviation in the details of scale 2, in bands"
    " that are divided by 2 at scale 1 and by 4 at scale 2?",
    value=0.2,
    tolerance=0.002,
    why="The cascade is orthonormal, so every band has the noise 0.8 before the division. 0.8 / 4 = 0.2.",
    hint="An orthonormal change of coordinates leaves white noise as it is. What remains is the division.",
    wrong=(
        WrongValue(0.8, "That is the noise of the orthonormal bands. These are divided by 4."),
        WrongValue(0.05, "It was divided by 4 for each scale: that is σ/4², the factor for variances."),
        WrongValue(0.4, "That is the noise of scale 1."),
        WrongValue(0.1, "It was divided by 4 and by 2: the division by 4 is the whole one."),
    ),
)


MEAN = Numeric(
    "mean-of-a-window",
    "Noise of σ = 1 lies on a region of constant gray. A network averages over a window of 9 × 9 pixels. What is the"
    " standard deviation of the noise in its answer?",
    value=1 / 9,
    tolerance=0.002,
    why="The mean of 81 independent numbers has the standard deviation 1/√81 = 1/9 = 0.111. With 43 × 43 pixels it is"
    " 1/43 = 0.023, nearly five times less.",
    hint="The variance of a mean of n independent numbers is that of one divided by n. How many pixels are there?",
    wrong=(
        WrongValue(1 / 81, "That is the variance of the mean. The standard deviation is its root."),
        WrongValue(1 / 3, "There are 81 pixels in the window, not 9."),
        WrongValue(1.0, "The noise of one pixel is 1. In a mean it partly cancels."),
    ),
)


def haar_details(x: Tensor) -> Tensor:
    """Return the orthonormal Haar details (B, 3, H/2, W/2) of pictures (B, 1, H, W)."""
    a, b, c, d = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
    return torch.cat([a + b - c - d, a - b + c - d, a - b - c + d], 1) / 2


def _cases() -> list[tuple[Tensor]]:
    draw = torch.Generator().manual_seed(0)
    return [(torch.rand(2, 1, 6, 8, generator=draw),), (torch.rand(1, 1, 2, 2, generator=draw),)]


HAAR = Code(
    "haar-details",
    "Write `haar_details(x)`: the orthonormal Haar details (B, 3, H/2, W/2) of pictures (B, 1, H, W). With the block"
    " [[a, b], [c, d]] they are (a + b − c − d)/2, (a − b + c − d)/2, (a − b − c + d)/2, in this order.",
    reference=haar_details,
    cases=_cases,
    why="Take every second row and column from four starting places, add and subtract, divide by 2.",
    wrong=(
        WrongFunction(
            lambda x: haar_details(x)[:, [1, 0, 2]],
            "The first two are exchanged: (a + b − c − d)/2 compares the upper row with the lower one.",
        ),
        WrongFunction(lambda x: -haar_details(x), "All signs are turned: the first pixel of a block counts positive."),
        WrongFunction(lambda x: 2 * haar_details(x), "The division by 2 is missing, so the step is not orthonormal."),
        WrongFunction(lambda x: haar_details(x) / 2, "Divided by 4: that is the normalised band of scale 1."),
    ),
)

ITEMS = (WINDOW, STRANGER, BAND, MEAN, HAAR)
