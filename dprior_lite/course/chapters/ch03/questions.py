"""Questions of page 03: the shape of a filter, how it changes with noise, what the traces of J count."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jvp, vjp

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

FILTER = Predict(
    "filter-shape",
    "The network is a matrix at this picture. Take a pixel on the edge of the hair, and draw the row of the matrix that"
    " makes it: one weight for every noisy pixel around. What does the drawing show?",
    (
        Option(
            "A round spot, the same at every pixel",
            "That is what a convolution with a Gaussian does: one filter for all. This network has a "
            "different row at every pixel, and at an edge a round spot would mix light and dark.",
        ),
        Option(
            "A spot, drawn out along the edge",
            "It averages where the picture continues, along the edge, and not across. The weights add up to one"
            " wherever it is not nearly black: a weighted sum of noisy pixels, chosen for this pixel of this picture.",
            right=True,
        ),
        Option(
            "A stripe across the edge, positive on one side and negative on the other",
            "That is an edge detector. It would answer with the "
            "difference of the two sides; the denoiser answers with a grey level.",
        ),
        Option(
            "Noise: the network is not linear",
            "It is not linear in y, but around this y it is, exactly: a chain of convolutions with the ReLUs "
            "held. The picture is a good deal more orderly than you expect.",
        ),
    ),
)

WIDER = Predict(
    "wider",
    "Ten times more noise on the same picture. What happens to the filters?",
    (
        Option(
            "They stay: the picture is the same",
            "Then the error would grow in proportion to the noise. A network that can compare its inputs "
            "sees how noisy they are, and changes its gates.",
        ),
        Option(
            "They widen, but much less than ten times",
            "More noise needs more pixels to average away, at the price of blur. Their radius grew "
            "at least {af-3.value:.1f} times from 10 to 100/255.",
            right=True,
        ),
        Option(
            "They widen ten times, so that each averages a hundred times as many pixels",
            "That is what averaging would need to reach the same error. The "
            "network stops much earlier: farther pixels belong to something else.",
        ),
        Option(
            "They shrink: distant pixels cannot be trusted any more",
            "The near ones can be trusted even less, each on its own. Trust comes from numbers.",
        ),
    ),
)

LEAK = Numeric(
    "leak",
    "White noise of standard deviation 0.1 enters a linear map J on 400 pixels that keeps 25 orthonormal directions"
    " with s = 1, 100 with s = 0.5, and removes the rest. What is the root mean square of the noise in the output, per"
    " pixel?",
    value=0.035355,
    tolerance=0.0002,
    why=(
        "E|Jz|² = sigma² Σs² = 0.01 · (25 + 100 · 0.25) = 0.5; divided by 400 pixels, root: 0.0354. The effective"
        " dimension is 50."
    ),
    hint="E|Jz|² = sigma² Σs². Then divide by the number of pixels and take the root.",
    wrong=(
        WrongValue(0.043301, "Σs in place of Σs²: noise power goes with the square of the gain."),
        WrongValue(
            0.055902,
            "That counts the 125 directions as kept whole: the rank. Those with s = 0.5 let a quarter of the power"
            " through.",
        ),
        WrongValue(0.025, "That counts only the directions with s = 1."),
        WrongValue(0.00125, "That is the power per pixel; take the root."),
        WrongValue(0.1, "That is the noise that came in."),
    ),
)

UNDECIDED = Numeric(
    "undecided",
    "At sigma 10/255 the authors' network has tr J = 294 and Σs² = 210 on a patch of 900 pixels. If J were symmetric,"
    " with eigenvalues from 0 to 1, what would Σλ(1 − λ) be, which weighs the directions it is undecided about, at most"
    " a quarter each?",
    value=84.0,
    tolerance=0.5,
    why=(
        "Σλ − Σλ² = 294 − 210 = 84. Directions that are kept (λ = 1) or dropped (λ = 0) do not count; a direction with"
        " λ = 1/2 counts a quarter."
    ),
    hint="For a symmetric matrix tr J = Σλ and Σs² = Σλ².",
    wrong=(
        WrongValue(606.0, "900 − 294: that counts what is removed, not what is undecided."),
        WrongValue(690.0, "900 − 210: the dimensions’ worth of noise that does not get through."),
        WrongValue(504.0, "The two were added. Σλ(1 − λ) = Σλ − Σλ²."),
        WrongValue(0.714286, "That is their ratio."),
    ),
)


def row_and_column(net: Callable[[Tensor], Tensor], y: Tensor, i: int) -> tuple[Tensor, Tensor]:
    """Row i and column i of the Jacobian of `net` at one picture `y` (1, C, H, W), both of its shape."""
    unit = torch.zeros_like(y)
    unit.view(-1)[i] = 1
    return vjp(net, y)[1](unit)[0], jvp(net, (y,), (unit,))[1]


def _maps() -> list[tuple[Callable[[Tensor], Tensor], Tensor, int]]:
    y = torch.linspace(-1.0, 2.0, 12).reshape(1, 1, 3, 4)
    return [
        (lambda v: v.cumsum(-1), y, 5),
        (lambda v: torch.relu(v) * torch.arange(12.0).reshape(v.shape).flip(-1) + v.sum(), y, 7),
    ]


ROW = Code(
    "row-and-column",
    "Write `row_and_column(net, y, i)`: row i and column i of the Jacobian at one picture y (1, C, H, W), in the shape"
    " of y and stacked, from one vector-Jacobian and one Jacobian-vector product.",
    reference=lambda net, y, i: torch.stack(row_and_column(net, y, i)),
    cases=_maps,
    why="The row comes backwards (vjp), the column forwards (jvp), each from one unit vector.",
    wrong=(
        WrongFunction(
            lambda net, y, i: torch.stack(row_and_column(net, y, i)[::-1]),
            "They are exchanged: backward from an output pixel gives a row, forward from an input pixel a column.",
        ),
        WrongFunction(
            lambda net, y, i: torch.stack([row_and_column(net, y, i)[0]] * 2),
            "The column is the row again. J is not symmetric, so the two differ.",
        ),
        WrongFunction(
            lambda net, y, i: torch.stack([vjp(net, y)[1](torch.ones_like(y))[0], row_and_column(net, y, i)[1]]),
            "The gradient of the *sum* of all outputs: the sum of all rows, not row i.",
        ),
        WrongFunction(
            lambda net, y, i: torch.stack([net(v) for v in _unit_twice(y, i)]),
            "This is the answer to a unit picture, net(e): right for a linear map, but the gates are those of e, not"
            " of y.",
        ),
    ),
)


def _unit_twice(y: Tensor, i: int) -> list[Tensor]:
    unit = torch.zeros_like(y)
    unit.view(-1)[i] = 1
    return [unit, unit]


ITEMS = (FILTER, WIDER, LEAK, UNDECIDED, ROW)
