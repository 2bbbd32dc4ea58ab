"""The ascent: its equations, each with a constant that is changed to see the test fail; items, noise and stops that do
not disturb each other.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from random_nets import noise, relative
from torch import Tensor, nn

from dprior_lite import geometry, load
from dprior_lite.sampling import (
    Ascent,
    Denoiser,
    ItemNoise,
    NoiseTape,
    Result,
    State,
    advance,
    ascend,
    finish,
    gain,
    item_seeds,
    noise_level,
    progress_bar,
    sample,
)

EXACT = 1e-10
FAST = Ascent(h0=0.1, beta=0.2, sigma_L=0.02)
STEPS = {
    (0.01, 1): 32,
    (0.01, 0.5): 47,
    (0.01, 0.1): 127,
    (0.01, 0.05): 200,
    (0.01, 0.01): 661,
    (0.05, 0.1): 75,
    (0.1, 1): 11,
    (0.1, 0.2): 36,
    (0.1, 0.1): 63,
    (0.2, 0.2): 30,
}


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return load("photos-tiny").eval()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def zero(y: Tensor) -> Tensor:
    """The perfect denoiser of a black picture: its residual is all the noise."""
    return 0 * y


def exactly_white(columns: int, rows: int = 4000) -> Tensor:
    """Columns of unit mean square without any correlation, so that moments come out exactly, (rows, columns)."""
    return torch.linalg.qr(noise(rows, columns))[0] * rows**0.5


def same(a: Result, b: Result) -> bool:
    return torch.equal(a.steps, b.steps) and float((a.x - b.x).abs().max()) <= 1e-4


@pytest.mark.parametrize("h, beta", [(0.01, 0.1), (0.5, 0.5), (0.7, 0.05), (0.9, 1.0)])
@pytest.mark.parametrize(
    "of_beta, of_h, of_gamma, holds",
    [(1.0, 1.0, 1.0, True), (1.05, 1.0, 1.0, False), (1.0, 1.05, 1.0, False), (1.0, 1.0, 1.05, False)],
)
def test_eq_gamma(h: float, beta: float, of_beta: float, of_h: float, of_gamma: float, holds: bool) -> None:
    """After a step with the ideal residual -sigma z the noise around x is (1 - beta h) sigma."""
    sigma, (old, new), x = 0.3, exactly_white(2).mT, noise(4000, seed=2)
    y = advance(
        (x + sigma * old)[None], -sigma * old[None], torch.tensor([sigma], dtype=torch.float64), h, beta, new[None]
    )
    left, gamma2 = float((y[0] - x).square().mean().sqrt()), float((y[0] - x - (1 - h) * sigma * old).square().mean())
    claimed = ((1 - of_beta * beta * h) ** 2 - (1 - of_h * h) ** 2) * of_gamma * sigma**2
    off = max(abs(gamma2 - claimed), abs((gain(h, beta) * sigma) ** 2 - claimed)) / sigma**2
    assert left == pytest.approx((1 - beta * h) * sigma, rel=EXACT)
    assert (off < EXACT) == (holds or of_gamma != 1 and beta == 1), "without noise put back a factor of it cannot show"


@pytest.mark.parametrize("h0, beta", [(0.01, 0.5), (0.2, 0.2), (0.05, 0.9), (0.7, 0.3)])
@pytest.mark.parametrize(
    "of_h0, of_beta, later, holds",
    [(1.0, 1.0, 0, True), (1.01, 1.0, 0, False), (1.0, 1.01, 0, False), (1.0, 1.0, 1, False), (1.0, 1.0, -1, False)],
)
def test_eq_levels(h0: float, beta: float, of_h0: float, of_beta: float, later: int, holds: bool) -> None:
    """The product in closed form: every factor is (n (1 - beta) h0 + 1 - h0) / (n h0 + 1 - h0), which is a ratio of
    gamma functions.
    """
    levels = Ascent(h0, beta, sigma_0=2.0, sigma_L=0.03).levels()
    h, keep = of_h0 * h0, 1 - of_beta * beta

    def closed(n: int) -> float:
        a, b = (1 - h) / (h * keep), (1 - h) / h
        return (
            2.0
            * keep**n
            * math.exp(math.lgamma(n + 1 + a) - math.lgamma(1 + a) - math.lgamma(n + 1 + b) + math.lgamma(1 + b))
        )

    off = max(abs(level / closed(n + later) - 1) for n, level in enumerate(levels))
    assert (off < EXACT) == holds and (holds or off > 1e-3)
    assert levels[0] == 2.0 and levels[-1] <= 0.03 < levels[-2]


@pytest.mark.parametrize("h0, beta", STEPS)
def test_a_perfect_denoiser_takes_the_ideal_steps(h0: float, beta: float) -> None:
    """To one or two; among 600 steps chance moves the level by 6 per cent, seven of the last of them."""
    ascent, expected = Ascent(h0, beta), STEPS[h0, beta]
    states = list(ascend(zero, (tape := ItemNoise([0], (100_000,))).draw(), tape, ascent))
    assert ascent.ideal_steps() == expected == len(ascent.levels()) - 1
    assert abs(int(states[-1].step) - expected) <= max(2, expected // 60) and bool(states[-1].sigma <= 0.01)
    assert replace(ascent, beta=0.8 * beta).ideal_steps() > expected
    ratio = torch.tensor([float(s.sigma) / level for s, level in zip(states, ascent.levels())])
    assert float((ratio - 1).abs().max()) < 0.15 and float((ratio[:20] - 1).abs().max()) < 0.02


def test_steps_rise_from_h0_towards_one_or_stay() -> None:
    assert [Ascent(h0=0.01).step_size(n) for n in (1, 2, 101)] == pytest.approx([0.01, 0.02 / 1.01, 1.01 / 2])
    assert (
        Ascent(h0=0.01).step_size(10**6) == pytest.approx(1, abs=2e-4)
        and Ascent(h0=0.01, rising=False).step_size(500) == 0.01
    )
    assert Ascent(h0=0.25).step_size(torch.tensor([1, 3])).tolist() == pytest.approx([0.25, 0.5])
    flat = Ascent(h0=0.2, beta=0.5, rising=False)
    assert flat.levels() == pytest.approx([0.9**n for n in range(45)]) and flat.ideal_steps() == 44


@pytest.mark.parametrize("prior", ["gaussian", "two points"])
@pytest.mark.parametrize(
    "of_trace, of_net, power, holds",
    [(1.0, 1.0, 2, True), (0.9, 1.0, 2, False), (1.0, 0.9, 2, False), (1.0, 1.0, 1, False), (0.0, 1.0, 2, False)],
)
def test_eq_residual_level(prior: str, of_trace: float, of_net: float, power: int, holds: bool) -> None:
    """On average over y, with the trace from the Jacobian; a denoiser that is no posterior mean breaks it."""
    n, d, sigma = 10_000, 12, 0.6
    white = exactly_white(2 * d, n)
    x, z = white[:, :d].sign(), white[:, d:]
    posterior_mean: Denoiser = lambda y: torch.tanh(y / sigma**2)  # noqa: E731
    if prior == "gaussian":
        root = noise(d, d, seed=3) * torch.logspace(0, -2, d, dtype=torch.float64)
        matrix = root @ root.mT @ torch.linalg.inv(root @ root.mT + sigma**2 * torch.eye(d, dtype=torch.float64))
        x, posterior_mean = white[:, :d] @ root.mT, lambda y: y @ matrix.mT
    y, told = x + sigma * z, lambda y: of_net * posterior_mean(y)
    traces = geometry.degrees_of_freedom(told, y, probes=1, generator=seeded())
    found, expected = noise_level(told(y) - y).square().mean(), sigma**power * (1 - of_trace * traces.mean() / d)
    assert (abs(float(found / expected) - 1) < 0.01) == holds


def test_the_corrected_level_is_the_true_one() -> None:
    """In 2000 dimensions one probe is enough; the plain level is too low by the share that the denoiser keeps."""
    variances, sigma, true = torch.logspace(0, -4, 2000), 0.3, torch.full((4,), 0.3)
    weights = variances / (variances + sigma**2)
    tape = ItemNoise([1, 2, 3, 4], (2000,))
    y = variances.sqrt() * tape.draw() + sigma * tape.draw()
    plain, corrected = (next(ascend(lambda y: weights * y, y, tape, Ascent(corrected=c))).sigma for c in (False, True))
    assert torch.allclose(corrected, true, rtol=0.06) and abs(float(corrected.mean()) / sigma - 1) < 0.03
    assert torch.allclose(plain, true * (1 - weights.mean()).sqrt(), rtol=0.06) and float(plain.max()) < 0.9 * sigma


@pytest.mark.parametrize("power, holds", [(0.5, True), (0.53, False), (0.49, False), (1.0, False)])
def test_the_correction_of_the_level_is_a_root(power: float, holds: bool) -> None:
    """Points whose squares are exactly what they are on average, and a probe whose trace is exact: the level is
    sigma.
    """
    variances, sigma = torch.logspace(0, -3, 50).double(), 0.3
    weights, share = variances / (variances + sigma**2), (variances / (variances + sigma**2)).mean()
    y = ((variances + sigma**2).sqrt() * torch.where(torch.arange(50) % 3 > 0, 1, -1))[None]
    noise = ItemNoise([0], (50,), dtype=torch.float64)
    plain, corrected = (next(ascend(lambda v: weights * v, y, noise, Ascent(corrected=c))).sigma for c in (False, True))
    assert float(corrected) == pytest.approx(sigma, rel=EXACT)
    assert (abs(float(plain) / float(1 - share) ** power / sigma - 1) < EXACT) == holds


def test_the_share_that_is_kept_is_bounded() -> None:
    """A denoiser that claims to keep everything, or more, is not divided by zero; one that claims less than nothing is
    not believed.
    """
    for slope, share in ((0.99, 0.9), (3.0, 0.9), (0.5, 0.5), (-1.0, 0.0)):
        tape = ItemNoise([0], (1, 4, 4))
        y = tape.draw()
        level = next(ascend(lambda v: slope * v, y, tape, Ascent(corrected=True))).sigma  # noqa: B023
        assert torch.allclose(level, noise_level((slope - 1) * y) / (1 - share) ** 0.5)


@pytest.mark.parametrize(
    "of_h, of_gamma, power, holds",
    [(1.0, 1.0, 2, True), (1.02, 1.0, 2, False), (1.0, 1.02, 2, False), (1.0, 1.0, 1, False)],
)
def test_eq_spectrum(of_h: float, of_gamma: float, power: int, holds: bool) -> None:
    """Variance of points along six eigenvectors through four steps; the points are exactly uncorrelated with every new
    noise.
    """
    eigenvalues, beta, sigmas = torch.logspace(0, -3, 6).double(), 0.2, (1.0, 0.8, 0.5, 0.3)
    white = exactly_white(30).unflatten(1, (5, 6))
    y, tau2 = white[:, 0] * 1.1, torch.full((6,), 1.1**2, dtype=torch.float64)
    for n, sigma in enumerate(sigmas, 1):
        h = Ascent(h0=0.2).step_size(n)
        shrink = sigma**2 / (eigenvalues + sigma**2)
        y = advance(y, -shrink * y, torch.full((len(y),), sigma, dtype=torch.float64), h, beta, white[:, n])
        tau2 = (1 - of_h * h * shrink) ** power * tau2 + of_gamma * ((1 - beta * h) ** 2 - (1 - h) ** 2) * sigma**2
    off = relative(y.square().mean(0), tau2)
    assert (off < EXACT) == holds and (holds or off > 1e-3)
    assert relative(tau2, eigenvalues + sigmas[-1] ** 2) > 1e-2, "the sampler is not exact"


@pytest.mark.parametrize("corrected", [False, True])
def test_a_picture_does_not_depend_on_its_batch(net: nn.Module, corrected: bool) -> None:
    ascent = replace(FAST, corrected=corrected)
    alone, three, sixteen = (sample(net, n, (1, 16, 16), seeded(), ascent) for n in (1, 3, 16))
    for few in (alone, three):
        first = Result(*(v[: len(few.x)] for v in vars(sixteen).values()))
        assert same(few, first) and torch.allclose(few.sigma, first.sigma, rtol=1e-3)
    tape, after, lone = (
        ItemNoise([7, 8], (1, 16, 16)),
        torch.tensor([1e-3, 1.0]).reshape(2, 1, 1, 1),
        ItemNoise([8], (1, 16, 16)),
    )
    second, only = (
        finish(ascend(net, after * tape.draw(), tape, ascent)),
        finish(ascend(net, lone.draw(), lone, ascent)),
    )
    assert same(only, Result(*(v[1:] for v in vars(second).values()))), "nor on who has left it"
    assert len(set(sixteen.steps.tolist())) > 1 and bool(sixteen.converged.all())
    assert float((sixteen.x[1:] - sixteen.x[:-1]).flatten(1).abs().amax(1).min()) > 0.05, (
        "every item has noise of its own"
    )
    assert not same(alone, sample(net, 1, (1, 16, 16), seeded(1), ascent))
    assert not same(alone, sample(net, 1, (1, 16, 16), seeded(), replace(ascent, corrected=not corrected)))


def test_an_item_stops_by_its_own_noise_and_stands_still() -> None:
    """Starts at levels of 1, 0.1 and 0.001: as many steps fewer, and the denoiser is asked only about those who
    climb.
    """
    seen: list[int] = []
    tape, start = ItemNoise([0, 1, 2], (3, 20, 20)), torch.tensor([1.0, 0.1, 0.001]).reshape(3, 1, 1, 1)
    states = list(ascend(lambda y: seen.append(len(y)) or 0.5 * y, start * tape.draw(), tape, FAST))
    steps = states[-1].step
    assert steps[0] > steps[1] > steps[2] == 0 and len(states) == int(steps[0]) + 1
    assert seen == [int((steps >= n).sum()) for n in range(len(states))]
    for n, (before, after) in enumerate(itertools.pairwise(states)):
        still = before.step == after.step
        assert torch.equal(still, ~before.running) and torch.equal(after.step, steps.clamp(max=n + 1))
        assert all(
            torch.equal(a[still], b[still])
            for a, b in ((before.y, after.y), (before.x_hat, after.x_hat), (before.sigma, after.sigma))
        )
        assert not bool((before.y[~still] == after.y[~still]).flatten(1).all(1).any())
    assert all(
        torch.equal(s.running, s.sigma > FAST.sigma_L) and torch.equal(s.sigma, noise_level(s.x_hat - s.y))
        for s in states
    )


def test_a_later_start_takes_larger_steps() -> None:
    tape, behind = ItemNoise([0, 0], (5000,)), torch.tensor([0, 10])
    first, second, *_ = ascend(zero, tape.draw(), tape, Ascent(beta=1.0), behind)
    assert first.step.tolist() == behind.tolist() == [0, 10] and second.step.tolist() == [1, 11]
    assert torch.allclose(second.sigma / first.sigma, 1 - Ascent().step_size(behind + 1))


@pytest.mark.parametrize("cap", [1, 7])
def test_who_does_not_arrive_is_reported(cap: int) -> None:
    """A residual that never falls; and, halfway, the level that was reached."""
    found = sample(lambda y: y + 0.5, 2, (1, 4, 4), seeded(), replace(FAST, max_steps=cap))
    assert (
        found.converged.tolist() == [False, False]
        and found.steps.tolist() == [cap, cap]
        and str(found).startswith(f"0 of 2 arrived, {cap} steps")
    )
    assert (
        torch.allclose(found.sigma, torch.tensor(0.5))
        and bool(found.x.isfinite().all())
        and torch.allclose(found.x, found.y + 0.5)
    )
    assert sample(zero, 2, (1, 4, 4), seeded(), FAST, mean=0.0).converged.all()
    capped = replace(FAST, max_steps=FAST.ideal_steps() // 2)
    assert sample(zero, 1, (1, 40, 40), seeded(), capped, mean=0.0).sigma == pytest.approx(
        capped.levels()[capped.max_steps], rel=0.1
    )


def test_the_smallest_level_has_a_defined_end(net: nn.Module) -> None:
    """Float32 may or may not resolve it: whoever arrived is below it, and the others are reported after all their
    steps.
    """
    found = sample(net, 4, (1, 8, 8), seeded(), Ascent(h0=0.2, beta=0.5, sigma_L=1e-6, max_steps=150))
    assert bool(found.x.isfinite().all()) and torch.equal(found.converged, found.sigma <= 1e-6)
    assert bool(((found.steps == 150) | found.converged).all()) and float(found.sigma.max()) < 0.02
    assert bool(sample(zero, 4, (1, 8, 8), seeded(), Ascent(h0=0.2, beta=0.5, sigma_L=1e-6), mean=0.0).converged.all())


@pytest.mark.parametrize(
    "settings",
    [
        {"h0": 0.0},
        {"h0": 1.01},
        {"h0": math.nan},
        {"beta": 0.0},
        {"beta": -0.1},
        {"beta": 1.1},
        {"sigma_L": 1.0},
        {"sigma_0": 0.005},
        {"sigma_L": 9e-7},
        {"sigma_L": 0.0},
        {"sigma_0": math.nan},
        {"max_steps": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(settings))}=.*expected"):
        Ascent(**settings)
    with pytest.raises(ValueError, match="n=0; expected a whole number, from 1 to"):
        sample(zero, 0, (1, 2, 2), seeded(), Ascent(h0=1.0, beta=1.0, sigma_0=2.0, sigma_L=1e-6, max_steps=1))


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_none_ends_the_ascent(bad: float, corrected: bool) -> None:
    """One of three, from the third step on."""
    calls = itertools.count()

    def breaks(y: Tensor) -> Tensor:
        whole = len(y) == 3  # the probe of the gradient shows one item
        spoilt = torch.tensor([0.0, bad if whole and next(calls) >= 2 else 0.0, 0.0])[: len(y)]
        return 0.5 * y + spoilt.reshape(-1, 1, 1, 1)

    with pytest.raises(
        FloatingPointError, match="After 2 steps the residual of 1 of 3 items is NaN or infinite: run check_denoiser"
    ):
        sample(breaks, 3, (1, 4, 4), seeded(), replace(FAST, corrected=corrected))


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize(
    "wrong", [lambda y: y[..., :2], lambda y: y[:1], lambda y: y.mean((2, 3)), lambda y: y.repeat(1, 3, 1, 1)]
)
def test_another_shape_is_refused(wrong, corrected: bool) -> None:
    with pytest.raises(ValueError, match=r"The denoiser returned .* for \(2, 1, 4, 4\); expected the same shape"):
        sample(wrong, 2, (1, 4, 4), seeded(), replace(FAST, corrected=corrected))


@pytest.mark.parametrize("n, shape", [(3, (1, 4, 4)), (1, (1, 4, 4)), (2, (1, 4, 5)), (2, (16,))])
def test_the_tape_of_another_batch_is_refused(n: int, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected one stream of noise an item"):
        next(ascend(zero, torch.ones(2, 1, 4, 4), ItemNoise(range(n), shape), FAST))


def test_noise_has_unit_variance_and_every_item_its_own() -> None:
    tape, seeds = ItemNoise([5, 6, 5], (100_000,)), item_seeds(4, seeded())
    first, second = tape.draw(), tape.draw()
    assert (
        len(tape) == 3
        and torch.equal(first[0], first[2])
        and torch.equal(first, ItemNoise([5, 6, 5], (100_000,)).draw())
    )
    different = torch.stack([first[0], first[1], second[0], second[1], tape.signs()[0], tape.signs()[1]])
    assert (
        torch.allclose(different @ different.mT / 100_000, torch.eye(6), atol=0.02)
        and float(different.mean(1).abs().max()) < 0.02
    )
    assert seeds[:2] == item_seeds(2, seeded()) != item_seeds(2, seeded(1)) and len(set(seeds)) == 4
    quiet = ItemNoise([5, 6, 5], (100_000,), dtype=torch.float64)
    assert quiet.draw().dtype == quiet.signs().dtype == torch.float64 and torch.equal(
        tape.signs().abs(), torch.ones(3, 100_000)
    )
    quiet, probing = ItemNoise([3], (9,)), ItemNoise([3], (9,))
    assert not torch.equal(probing.signs(), probing.signs()) and torch.equal(quiet.draw(), probing.draw()), (
        "signs do not shift the noise"
    )


@pytest.mark.parametrize("corrected", [False, True])
def test_nothing_global_is_touched(corrected: bool) -> None:
    """Neither the global generator nor the recording of gradients, which the ascent itself does without."""
    net, ascent, tape = (
        load("photos-tiny").requires_grad_(),
        replace(FAST, corrected=corrected),
        ItemNoise([0], (1, 8, 8)),
    )
    before = torch.random.get_rng_state()
    sample(net, 2, (1, 8, 8), seeded(), ascent)
    for state in itertools.islice(ascend(net, tape.draw().requires_grad_(), tape, ascent), 1, 4):
        assert torch.is_grad_enabled() and not any(v.requires_grad for v in (state.y, state.x_hat, state.sigma))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_advance_is_differentiable_in_every_argument() -> None:
    y, r, z = (noise(3, 1, 2, 2, seed=s).requires_grad_() for s in (1, 2, 3))
    sigma, h, beta = torch.tensor([0.3, 0.5, 1.0]), torch.tensor([0.1, 0.5, 0.9]), torch.tensor(0.4)
    assert torch.autograd.gradcheck(advance, (y, r, *(v.double().requires_grad_() for v in (sigma, h, beta)), z))
    together = advance(y, r, sigma.double(), h.double(), 0.4, z)
    for k in range(3):
        assert torch.allclose(
            together[k : k + 1], advance(y[k : k + 1], r[k : k + 1], sigma[k : k + 1], float(h[k]), 0.4, z[k : k + 1])
        )


@pytest.mark.parametrize(
    "shape, dtype", [((3, 8, 8), torch.float64), ((1, 5, 9), torch.float32), ((2,), torch.float64)]
)
def test_colour_odd_sizes_points_and_float64(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    for ascent in (FAST, replace(FAST, corrected=True)):
        tape = ItemNoise([0, 1, 2], shape, dtype=dtype)
        found = finish(ascend(lambda y: 0.2 + 0.5 * (y - 0.2), 0.2 + tape.draw(), tape, ascent))
        assert found.x.shape == found.y.shape == (3, *shape) and found.x.dtype == found.sigma.dtype == dtype
        assert (
            bool(found.converged.all())
            and float((found.x - 0.2).abs().max()) < 0.1
            and found.steps.shape == found.sigma.shape == (3,)
        )


def test_states_come_one_by_one_and_pass_by_watch(capsys: pytest.CaptureFixture[str]) -> None:
    calls, passed = [], []
    tape = ItemNoise([0], (4,))
    first, second = itertools.islice(ascend(lambda y: calls.append(1) or 0 * y, tape.draw(), tape, FAST), 2)
    assert len(calls) == 2 and int(first.step) == 0 and int(second.step) == 1 and isinstance(first, State)
    found = sample(zero, 3, (1, 4, 4), seeded(), FAST, watch=lambda states: (passed.append(s) or s for s in states))
    assert len(passed) == int(found.steps.max()) + 1 and torch.equal(passed[-1].x_hat, found.x)
    early = sample(zero, 3, (1, 4, 4), seeded(), FAST, watch=lambda states: itertools.islice(states, 5))
    bar = progress_bar(FAST)
    assert torch.equal(sample(zero, 3, (1, 4, 4), seeded(), FAST, watch=bar).x, found.x)
    said = capsys.readouterr()
    assert f"{len(passed)} steps, ideal {FAST.ideal_steps()}, sigma=" in said.out and not said.err
    assert early.steps.tolist() == [4, 4, 4] and not bool(early.converged.any())


def test_the_start_is_noise_about_the_mean() -> None:
    start = sample(
        zero,
        1,
        (1, 300, 300),
        seeded(),
        replace(FAST, sigma_0=2.0),
        mean=0.7,
        watch=lambda states: itertools.islice(states, 1),
    ).y
    assert float(start.mean()) == pytest.approx(0.7, abs=0.02) and float(start.std()) == pytest.approx(2, rel=0.02)


def test_the_former_name_of_the_noise_stays() -> None:
    assert NoiseTape is ItemNoise
