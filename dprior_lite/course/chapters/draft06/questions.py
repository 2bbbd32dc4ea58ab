"""Questions of page 06: the angle of a ruler, what PCA is best for, and a derivative through a sampler."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

ANGLE = Predict(
    "ruler-angle",
    "Points lie on a cross: a whole bar along the first axis, and the two ends of a bar along the second. You may"
    " measure one number of a point, its place along a ruler. The decoder knows the cross. At which angle do you hold"
    " the ruler?",
    (
        Option(
            "0°, along the whole bar, where the variance is largest",
            "That is PCA. Every point of the other bar is seen at 0, and the decoder cannot tell its upper end from its"
            " lower end, nor either of them from the middle of the whole bar.",
        ),
        Option(
            "45°, so that both bars are seen equally well",
            "At 45° both bars fold onto the same part of the ruler. A reading of 0.6 may be a point of either, and the"
            " decoder has to compromise.",
        ),
        Option(
            "About 65°: the bars fold onto different parts of the ruler",
            "Held at about 65°, the whole bar covers the middle of the ruler and the ends of the other bar lie outside"
            " it. One number then tells which bar, and where on it.",
            right=True,
        ),
        Option(
            "90°, along the other bar, since the first is known to be there",
            "Most points lie on the whole bar, and at 90° all of them are seen at 0. It is the worst angle.",
        ),
    ),
)

START = Predict(
    "ruler-start",
    "Gradient descent turns the ruler downhill. It starts at 5°, close to the principal axis. Where does it end?",
    (
        Option(
            "At the best angle: with the exact decoder there is only one minimum",
            "The error has several minima. One of them lies beside the principal axis.",
        ),
        Option(
            "In a minimum beside the principal axis, which is not the best one",
            "There is one at about 5° for the thin cross, and at 15° for the thick one. A start from PCA alone may stay"
            " there, so start from several places and compare the loss.",
            right=True,
        ),
        Option(
            "At the principal axis itself",
            "A degree beside it the two ends of the other bar already fall onto different places. The error falls away"
            " from the axis on both sides.",
        ),
        Option(
            "It depends on the step length alone",
            "A short step ends in the minimum of the valley it starts in. Only a long step could leave it.",
        ),
    ),
)

RANDOM = Predict(
    "random-rows",
    "32 numbers of each digit are read by the prior. One matrix holds random rows, the other principal components. How"
    " do the two compare?",
    (
        Option(
            "About equal: random measurements are what compressive sensing takes",
            "Compressive sensing needs several random measurements for each number that describes a picture. 32 are far"
            " too few for a digit.",
        ),
        Option(
            "Random rows are worse with the linear decoder, and the prior makes up for it",
            "The prior fills in what was not measured. After 32 random measurements that is nearly everything, also"
            " which digit it is.",
        ),
        Option(
            "Random rows are worse, and with the prior by more than with the linear decoder",
            "The prior makes much of measurements that tell which digit it is, and hardly anything of random ones. It"
            " then draws some other digit, which is worse than a blurred guess.",
            right=True,
        ),
        Option(
            "Random rows are better: they see all pixels alike",
            "Most pixels of a digit are black, or can be guessed from others. To see all of them alike is a waste.",
        ),
    ),
)

GAUSSIAN = Numeric(
    "gaussian-ruler",
    "Points are Gaussian with mean 0 and variances 4 and 1 along the axes. You measure one number, without noise, at"
    " 45°. What is the expected squared error of the best decoder?",
    value=1.6,
    tolerance=0.01,
    why="Σu = (4, 1)/√2 and uᵀΣu = 2.5. The decoder explains |Σu|²/uᵀΣu = 8.5/2.5 = 3.4 of the total variance 5. That"
    " leaves 1.6. At 0° it would explain 4 and leave 1.",
    hint="The best decoder is linear. It explains |Σu|²/uᵀΣu of the total variance.",
    wrong=(
        WrongValue(1.0, "That is the error at 0°, along the principal axis."),
        WrongValue(
            2.5,
            "That is the variance along the ruler, and also what is left if the decoder only projects:"
            " the other direction can be guessed from the measured one.",
        ),
        WrongValue(4.0, "That is the error at 90°: what is left is the variance along the first axis."),
        WrongValue(3.4, "That is what is explained. The error is what is left of 5."),
    ),
)

DRAWS = Numeric(
    "draws",
    "The mean of 4 exact draws from the posterior stands in for the posterior mean. By which factor is its expected"
    " squared error larger?",
    value=1.25,
    tolerance=0.005,
    why="Each draw is as far from the posterior mean as the truth is, independently. So the mean of S draws adds 1/S of"
    " the smallest possible error: 1 + 1/4.",
    hint="The truth and each draw are independent draws from one posterior.",
    wrong=(
        WrongValue(0.25, "That is what is added. The error of the posterior mean itself is there as well."),
        WrongValue(2.0, "That is the factor of a single draw."),
        WrongValue(1.0625, "The variance of a mean of 4 falls by 4, not by 16."),
        WrongValue(1.5, "The standard deviation falls by √4 = 2, the variance by 4."),
    ),
)


def _sampled(rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor, level: Callable) -> Tensor:
    """Return x after three steps of the constrained sampler, h = 0.5 and gain 0.4; `noise` is (4, B, d)."""
    m = x @ rows.T
    y = m @ rows + noise[0] - noise[0] @ rows.T @ rows
    for z in noise[1:]:
        x_hat = net(y)
        r = x_hat + (m - x_hat @ rows.T) @ rows - y
        y = y + 0.5 * r + 0.4 * level(r) * z
    x_hat = net(y)
    return x_hat + (m - x_hat @ rows.T) @ rows


def _gradient(
    rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor, level: Callable | None = None
) -> Tensor:
    rows = rows.detach().requires_grad_()
    level = level or (lambda r: r.square().mean(1, keepdim=True).sqrt())
    loss = (_sampled(rows, x, net, noise, level) - x).square().sum(1).mean()
    return torch.autograd.grad(loss, rows)[0]


def gradient(rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    """Return the derivative (K, d) of the mean squared error of three sampler steps by the rows."""
    return _gradient(rows, x, net, noise)


def _net(y: Tensor) -> Tensor:
    return 0.6 * y + 0.2 * torch.tanh(y.roll(1, 1))


def _cases() -> list[tuple[Tensor, Tensor, Callable[[Tensor], Tensor], Tensor]]:
    draw = torch.Generator().manual_seed(0)
    made = []
    for k in (1, 3):
        rows = torch.linalg.qr(torch.randn(6, k, generator=draw, dtype=torch.float64))[0].T.contiguous()
        x, noise = (torch.randn(*shape, 5, 6, generator=draw, dtype=torch.float64) for shape in ((), (4,)))
        made.append((rows, x, _net, noise))
    return made


def _detached_level(rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    return _gradient(rows, x, net, noise, lambda r: r.detach().square().mean(1, keepdim=True).sqrt())


def _fresh_noise(rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    return _gradient(rows, x, net, noise.flip(1))


def _detached_measurements(rows: Tensor, x: Tensor, net: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    rows = rows.detach().requires_grad_()
    m = (x @ rows.T).detach()
    y = m @ rows + noise[0] - noise[0] @ rows.T @ rows
    for z in noise[1:]:
        x_hat = net(y)
        r = x_hat + (m - x_hat @ rows.T) @ rows - y
        y = y + 0.5 * r + 0.4 * r.square().mean(1, keepdim=True).sqrt() * z
    x_hat = net(y)
    found = x_hat + (m - x_hat @ rows.T) @ rows
    return torch.autograd.grad((found - x).square().sum(1).mean(), rows)[0]


GRADIENT = Code(
    "through-the-sampler",
    "Write `gradient(rows, x, net, noise)`: the derivative of the loss by `rows` (K, d), through three steps of the"
    " constrained sampler. Points `x` are (B, d), `noise` is (4, B, d): `noise[0]` for the start, then one a step."
    " Start at `m @ rows + noise[0] - noise[0] @ rows.T @ rows` with `m = x @ rows.T`. In a step, denoise, add"
    " `(m - x_hat @ rows.T) @ rows`, take r from that and y, and add `0.5 * r + 0.4 * level * noise[n]` to y, where"
    " `level` is the root mean square of r, (B, 1). At the end denoise and agree once more; the loss is the squared"
    " error of a point, averaged over the batch.",
    reference=gradient,
    cases=_cases,
    why="Everything between rows and loss is differentiable once the noise is drawn: the measurement, the start, every"
    " projection, and the level of the residual.",
    wrong=(
        WrongFunction(_detached_level, "The level of the noise depends on the rows too: do not detach it."),
        WrongFunction(_fresh_noise, "Use the noise that was given, in its order: other noise is another function."),
        WrongFunction(_detached_measurements, "The measurements m = x @ rows.T depend on the rows too."),
        WrongFunction(
            lambda rows, x, net, noise: gradient(rows, x, net, noise) * len(x),
            "That is the derivative of the sum over the batch; the loss is the mean.",
        ),
    ),
)

ITEMS = (ANGLE, START, RANDOM, GAUSSIAN, DRAWS, GRADIENT)
