"""Questions of page 04: who knows the noise, why an ascent arrives early, whose prior it is, and one step of it."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

WHO = Predict(
    "who-tells",
    "The ascent starts in noise of σ = 1 and has to know, at every step, how much noise is left. The network was never"
    " told σ. Who tells the ascent?",
    (
        Option(
            "A schedule: so much noise at step 1, so much at step 2",
            "Diffusion models do that, and their network is told. Here there is no schedule, "
            "and ascents of different pictures take different numbers of steps.",
        ),
        Option(
            "A second network that estimates the noise",
            "It would work, and it is not needed: the first one has already estimated all the noise, pixel by pixel.",
        ),
        Option(
            "The residual: what the network would remove is as long as the noise that is there",
            "The root mean square of x̂ − y estimates σ, from d pixels at once. It is a little too short: the level it"
            " reports falls with a slope of {ip-1.plain:.2f} at the worst where the rule of the page says 1.",
            right=True,
        ),
        Option(
            "Nobody: it takes a fixed number of steps and hopes",
            "Then it could not know how much noise to put back. Watch the number of steps change with β.",
        ),
    ),
)

EARLY = Predict(
    "steps-early",
    "An ideal ascent with h₀ = 0.01 and β = 0.5 takes 47 steps. A real one, with a good denoiser, takes ...",
    (
        Option(
            "More: a network is never perfect, so each step removes too little",
            "It does leave something, but what stops the ascent is what the residual reports, and that is too small.",
        ),
        Option(
            "A few less: the residual is shorter than the noise",
            "What the denoiser keeps is missing in the residual: |r|²/d = σ²(1 − tr J/d). So less noise is put back"
            " than was meant, and less is reported than is there: at these settings {ip-2.coarse:.0%} steps, at β = 0.1"
            " {ip-2.fine:.0%}.",
            right=True,
        ),
        Option(
            "Exactly 47: the rule was derived without approximation",
            "The rule is exact for the noise; the level is measured by a residual that has lost "
            "the part the denoiser keeps.",
        ),
        Option(
            "It depends on the seed, between 20 and 200",
            "One picture has thousands of pixels, each a measurement of the same σ: seeds differ by a few steps.",
        ),
    ),
)

WHOSE = Predict(
    "whose-prior",
    "Three denoisers: one saw photographs, one digits, one a lawn. From the same noise, the ascent with each of them"
    " ends at ...",
    (
        Option(
            "About the same picture: the noise decides",
            "The noise decides which of its pictures a prior gives, not which prior it is.",
        ),
        Option(
            "Pictures of three kinds: each draws what it was shown",
            "The sampler is the same, to the last line. A denoiser's residual is the gradient of *its* density, "
            "and that is all that differs.",
            right=True,
        ),
        Option(
            "Copies of what each has seen",
            "One can check, and the page does: the samples of digits are hardly nearer to the training digits than"
            " fresh ones are.",
        ),
        Option(
            "Photographs look real, the others do not, since they are rarer",
            "It is the other way round: a digit fits into the window that a network sees, a photograph does not.",
        ),
    ),
)

GAMMA = Numeric(
    "gamma",
    "The noise put back: what is γ?",
    value=0.29933,
    tolerance=0.001,
    why="γ² = ((1 − 0.1)² − (1 − 0.5)²) · 0.16 = 0.56 · 0.16 = 0.0896, and its root is 0.299.",
    hint="Variances add: (1 − h)²σ² + γ² = (1 − βh)²σ².",
    wrong=(
        WrongValue(
            0.16,
            "That is the difference of the standard deviations, (0.9 − 0.5) · 0.4. Independent noises add in variance.",
        ),
        WrongValue(0.0896, "That is γ²: take the root."),
        WrongValue(0.36, "That is the level after the step."),
        WrongValue(0.74833, "That is γ/σ: multiply by 0.4."),
    ),
)

NEXT = Numeric(
    "next-level",
    "And the level after the step?",
    value=0.36,
    tolerance=0.002,
    why="(1 − βh)σ = (1 − 0.1) · 0.4 = 0.36.",
    hint="The noise was put back so that 1 − βh of it remains.",
    wrong=(
        WrongValue(0.2, "That is what the step alone leaves, (1 − h)σ; then γz is added."),
        WrongValue(0.32, "(1 − β)σ: the step h is missing."),
        WrongValue(0.49933, "Standard deviations were added; variances add."),
        WrongValue(0.04, "That is what was removed for good."),
    ),
)


def ascent_step(y: Tensor, x_hat: Tensor, n: int, h0: float, beta: float, z: Tensor, power: float = 0.5) -> Tensor:
    """Return the next state (B, C, H, W) at step n; `power` is that of the variance put back."""
    h, r = h0 * n / (1 + h0 * (n - 1)), x_hat - y
    variance = ((1 - beta * h) ** 2 - (1 - h) ** 2) * r.square().mean((1, 2, 3), keepdim=True)
    return y + h * r + variance**power * z


def _scaled(factor: Tensor, y: Tensor, x_hat: Tensor, n: int, h0: float, beta: float, z: Tensor) -> Tensor:
    """A step whose noise is `factor` times what it should be."""
    return ascent_step(y, x_hat, n, h0, beta, factor * z)


def _cases() -> list[tuple[Tensor, Tensor, int, float, float, Tensor]]:
    draw = torch.Generator().manual_seed(0)
    y, z = (torch.randn(3, 1, 4, 5, generator=draw) for _ in range(2))
    y = y * torch.tensor([0.1, 1.0, 3.0])[:, None, None, None]
    return [(y, 0.2 * y, n, 0.1, 0.3, z) for n in (1, 5)]


def _by_batch(y: Tensor, x_hat: Tensor, n: int, h0: float, beta: float, z: Tensor) -> Tensor:
    r = x_hat - y
    return _scaled(r.square().mean().sqrt() / r.square().mean((1, 2, 3), keepdim=True).sqrt(), y, x_hat, n, h0, beta, z)


STEP = Code(
    "ascent-step",
    "Write `ascent_step(y, x_hat, n, h0, beta, z)`: the next state of a batch (B, C, H, W) at step n = 1, 2, ..., every"
    " picture with its own level of noise.",
    reference=ascent_step,
    cases=_cases,
    why="Every picture has its own level, the root mean square of its own residual; the step is counted from 1.",
    wrong=(
        WrongFunction(_by_batch, "One level for the whole batch: a picture's fate would depend on its neighbours."),
        WrongFunction(
            lambda y, x_hat, n, h0, beta, z: _scaled(torch.tensor(1 / 20**0.5), y, x_hat, n, h0, beta, z),
            "|r|/d in place of |r|/√d: the length of a vector of d equal entries goes with √d.",
        ),
        WrongFunction(
            lambda y, x_hat, n, h0, beta, z: ascent_step(y, x_hat, n, h0, beta, z, power=1.0),
            "γ² was used as γ: take the root.",
        ),
        WrongFunction(
            lambda y, x_hat, n, h0, beta, z: ascent_step(y, x_hat, n - 1, h0, beta, z),
            "Steps counted from 0: then h = 0 at the first and the state never moves.",
        ),
        WrongFunction(
            lambda y, x_hat, n, h0, beta, z: ascent_step(y, 2 * y - x_hat, n, h0, beta, z),
            "The sign: the residual is x̂ − y, and adding it removes noise.",
        ),
    ),
)

ITEMS = (WHO, EARLY, WHOSE, GAMMA, NEXT, STEP)
