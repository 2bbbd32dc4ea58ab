"""Inverse problems: the equations, each with a constant that is changed to see the test fail; agreement, noise,
and what
is refused.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from random_nets import noise, relative
from torch import Tensor, nn

from dprior_lite import load
from dprior_lite.inverse import Constrained, Posterior, check_measurements, inconsistency, posterior, solve
from dprior_lite.operators import (
    Compose,
    Functions,
    Inpaint,
    Matrix,
    RandomPixels,
    RandomProjection,
    SpectralDeblur,
    SuperResolution,
)
from dprior_lite.sampling import Ascent, Result, State, sample

EXACT = 1e-10
SHAPE = (1, 8, 8)
FAST = Ascent(h0=0.1, beta=0.2, sigma_L=0.02)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uneven(rows: Tensor, shape: tuple[int, ...] = SHAPE) -> Matrix:
    """Rows that are neither orthogonal nor of one length; the last one twice."""
    return Matrix(torch.cat([rows + 0.3 * rows.roll(1, 0) + 0.2 * rows.roll(1, 1), 2 * rows[-1:]]), shape)


OPERATORS = {
    "inpaint": Inpaint(torch.arange(64).reshape(8, 8) % 3 > 0),
    "pixels": RandomPixels(SHAPE, 0.3, seeded()),
    "blocks": SuperResolution(SHAPE, 2),
    "low-pass": SpectralDeblur(SHAPE, 0.15),
    "projection": RandomProjection(SHAPE, 0.2, seeded()),
    "two": Compose(RandomPixels((1, 4, 4), 0.5, seeded()), SuperResolution(SHAPE, 2)),
    "matrix": uneven(torch.eye(64)[5:20]),
    "everything": Inpaint(torch.ones(8, 8) > 0),
    "nothing": Inpaint(torch.ones(8, 8) < 0),
}
COLOURED = {
    "inpaint-rgb": Inpaint(torch.eye(5, 4) > 0, 3),
    "blocks-rgb": SuperResolution((3, 5, 4), 3),
    "pixels-rgb": RandomPixels((3, 5, 4), 0.4, seeded()),
}
each_operator = pytest.mark.parametrize("name", OPERATORS)


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return load("photos-tiny").eval()


class Smooth:
    """Pictures (1, 8, 8) of a Gaussian with mean 0.5 and smooth covariance, and their blind denoiser, which finds sigma
    by likelihood.
    """

    def __init__(self) -> None:
        at = torch.cartesian_prod(torch.arange(8.0), torch.arange(8.0)).double()
        self.covariance = 0.04 * torch.exp(-torch.cdist(at, at).square() / 8)
        self.eigenvalues, self.vectors = torch.linalg.eigh(self.covariance)
        self.eigenvalues = self.eigenvalues.clamp(min=0)

    def pictures(self, n: int, seed: int = 9) -> Tensor:
        return (0.5 + noise(n, 64, seed=seed) * self.eigenvalues.sqrt() @ self.vectors.mT).unflatten(1, SHAPE)

    def __call__(self, y: Tensor) -> Tensor:
        c = (y.flatten(1) - 0.5) @ self.vectors
        low, high = torch.full((2, len(y), 1), 1e-8, dtype=y.dtype).unbind()
        high = high + c.square().mean(1, keepdim=True)
        for _ in range(40):
            middle = (low * high).sqrt()
            above = (c.square() / (self.eigenvalues + middle)).mean(1, keepdim=True) > 1
            low, high = torch.where(above, middle, low), torch.where(above, high, middle)
        return (0.5 + c * self.eigenvalues / (self.eigenvalues + low) @ self.vectors.mT).unflatten(1, SHAPE)


SMOOTH = Smooth()


def rms(a: Tensor) -> float:
    return float(a.square().mean().sqrt())


def first(found: Result, n: int) -> Result:
    return Result(*(v[:n] for v in vars(found).values()))


def same(a: Result, b: Result) -> bool:
    return torch.equal(a.steps, b.steps) and float((a.x - b.x).abs().max()) <= 1e-4


@pytest.mark.parametrize("name", [*OPERATORS, *COLOURED])
@pytest.mark.parametrize(
    "of_kept, of_pull, holds",
    [(1.0, 1.0, True), (0.95, 1.0, False), (1.0, 1.05, False), (1.0, -1.0, False), (-1.0, 1.0, False)],
)
def test_eq_constrained(name: str, of_kept: float, of_pull: float, holds: bool) -> None:
    """The residual of the constrained denoiser, with the operator written out as a matrix and inverted by torch."""
    operator = (OPERATORS | COLOURED)[name]
    y, m, d = noise(3, *operator.shape), noise(3, *operator.measured, seed=2), math.prod(operator.shape)
    A = operator.A(torch.eye(d, dtype=torch.float64).unflatten(1, operator.shape)).flatten(1).mT
    inverse, r = torch.linalg.pinv(A, rtol=1e-6), (torch.tanh(y) - y).flatten(1)
    claimed = r - of_kept * r @ (inverse @ A).mT + of_pull * (m.flatten(1) - y.flatten(1) @ A.mT) @ inverse.mT
    off = relative((Constrained(torch.tanh, operator, m)(y) - y).flatten(1), claimed)
    assert (off < EXACT) == (holds or operator.k == 0) and (holds or operator.k == 0 or off > 1e-3)


def exact_draws(samples: int, told: float = 1.0) -> tuple[Tensor, Posterior]:
    """Clean pictures behind the pixels that are left, and exact draws of their posterior; all second moments of the
    random numbers exact.
    """
    white = torch.linalg.qr(noise(3000, (samples + 1) * 12))[0] * 3000**0.5
    root = noise(12, 12, seed=3)
    prior = (white.unflatten(1, (samples + 1, 12)) @ root.mT).unflatten(2, (1, 3, 4))
    x, free, left = (
        prior[:, 0],
        prior[:, 1:].flatten(0, 1),
        Inpaint(torch.tensor([[True, False, False, True]]).expand(3, 4)),
    )
    A = left.A(torch.eye(12).double().unflatten(1, (1, 3, 4))).mT
    wiener = root @ root.mT @ A.mT @ torch.linalg.inv(A @ root @ root.mT @ A.mT)
    gap = left.A(x).repeat_interleave(samples, 0) - left.A(free)
    mean = (left.A(x) @ wiener.mT).reshape(-1, 1, 1, 3, 4)
    draws = (free + (gap @ wiener.mT).unflatten(1, (1, 3, 4))).unflatten(0, (3000, samples))
    return x, Posterior(mean + told * (draws - mean), *[torch.zeros(3000, samples)] * 3)


@pytest.mark.parametrize("samples", [2, 4, 16])
@pytest.mark.parametrize(
    "claim, told, holds",
    [
        (lambda S: 10 * math.log10(2 / (1 + 1 / S)), 1.0, True),
        (lambda S: 10 * math.log10(2 / (1 + 1 / S)), 0.9, False),
        (lambda S: 10 * math.log10(S), 1.0, False),
        (lambda S: 20 * math.log10(2 / (1 + 1 / S)), 1.0, False),
        (lambda S: 10 * math.log10(2.05 / (1 + 1 / S)), 1.0, False),
        (lambda S: 10 * math.log10(2 / (1 + 1 / (S + 1))), 1.0, False),
    ],
)
def test_eq_mean_gain(samples: int, claim, told: float, holds: bool) -> None:
    x, draws = exact_draws(samples, told)
    gain = 20 * math.log10(rms(draws.samples[:, 0] - x) / rms(draws.mean - x))
    assert (abs(gain - claim(samples)) < 1e-9) == holds and (holds or abs(gain - claim(samples)) > 0.01)


@pytest.mark.parametrize("samples", [2, 4, 16])
@pytest.mark.parametrize(
    "claim, told, holds",
    [
        (lambda S: (1 + 1 / S) ** 0.5, 1.0, True),
        (lambda S: (1 + 1 / S) ** 0.5, 0.9, False),
        (lambda S: 1 + 1 / S, 1.0, False),
        (lambda S: (1 - 1 / S) ** 0.5, 1.0, False),
        (lambda S: 1.0, 1.0, False),
    ],
)
def test_eq_skill(samples: int, claim, told: float, holds: bool) -> None:
    x, draws = exact_draws(samples, told)
    skill = draws.skill_over_spread(x)
    assert (abs(skill - claim(samples)) < EXACT) == holds and (holds or abs(skill - claim(samples)) > 1e-3)
    assert skill == pytest.approx(rms(draws.mean - x) / rms(draws.std)) and (
        told == 1 or skill > (1 + 1 / samples) ** 0.5
    )


@each_operator
def test_a_solution_agrees_with_what_was_measured(name: str, net: nn.Module) -> None:
    """To rounding after the last projection; to the last noise before it; and better than any picture from the
    prior.
    """
    operator, x = OPERATORS[name], SMOOTH.pictures(3)
    for denoiser, dtype in ((SMOOTH, torch.float64), (net, torch.float32)):
        m = operator.A(x.to(dtype))
        found = solve(denoiser, operator, m, seeded(), FAST)
        assert (
            found.x.shape == x.shape
            and found.x.dtype == dtype
            and bool(found.converged.all())
            and bool((found.sigma <= FAST.sigma_L).all())
        )
        assert float((operator.A(found.x) - m).abs().max() if operator.k else 0) <= (
            1e-5 if dtype == torch.float32 else 1e-11
        )
        length = 3 if name == "matrix" else 1  # of its longest row
        assert float(inconsistency(operator, found.y, m).max()) <= 2 * length * FAST.sigma_L
        assert float(inconsistency(operator, found.y, m).max()) > 1e-4 or not operator.k
    free = solve(net, operator, m, seeded(), FAST, reproject=False)
    assert (
        torch.equal(free.y, found.y)
        and torch.allclose(free.x, net(free.y), atol=1e-6)
        and torch.equal(free.steps, found.steps)
    )
    assert not operator.k or not torch.equal(free.x, found.x)
    assert float(inconsistency(operator, free.x, m).max()) < 0.3


def test_what_was_measured_helps() -> None:
    """The rest of a smooth picture from its pixels, and only by its own measurements."""
    x = SMOOTH.pictures(16)
    errors = {
        name: rms(solve(SMOOTH, OPERATORS[name], OPERATORS[name].A(x), seeded(), FAST).x - x) for name in OPERATORS
    }
    assert errors["everything"] < 1e-11 < errors["inpaint"] < errors["pixels"] < 0.5 * errors["nothing"], errors
    assert all(errors[name] < 0.9 * errors["nothing"] for name in errors if name != "nothing"), errors
    swapped = solve(SMOOTH, OPERATORS["inpaint"], OPERATORS["inpaint"].A(x.flip(0)), seeded(), FAST).x
    assert rms(swapped - x.flip(0)) < 0.5 * rms(swapped - x)


def test_everything_measured_and_nothing(net: nn.Module) -> None:
    """The measurement itself; and the sampler of the prior, number by number."""
    x = SMOOTH.pictures(2).float()
    everything = solve(net, OPERATORS["everything"], x.flatten(1), seeded(), FAST)
    assert torch.allclose(everything.x, x, atol=1e-6) and bool(everything.converged.all())
    for ascent in (FAST, replace(FAST, corrected=True, sigma_0=0.7)):
        for options in ({}, {"mean": 0.2}, {"reproject": False}):
            nothing = solve(net, OPERATORS["nothing"], torch.zeros(2, 0), seeded(), ascent, **options)
            prior = sample(net, 2, SHAPE, seeded(), ascent, mean=options.get("mean", 0.5))
            assert (
                torch.equal(nothing.y, prior.y)
                and torch.equal(nothing.steps, prior.steps)
                and torch.allclose(nothing.x, prior.x, atol=1e-6)
            )
    assert inconsistency(OPERATORS["nothing"], x, torch.zeros(2, 0)).tolist() == [0, 0]


def test_the_start_lies_about_what_is_known() -> None:
    operator, x = RandomPixels((1, 64, 64), 0.5, seeded()), torch.rand(2, 1, 64, 64, generator=seeded())
    y = solve(
        lambda v: v, operator, operator.A(x), seeded(), FAST, mean=0.8, watch=lambda states: itertools.islice(states, 1)
    ).y
    other = Inpaint(~operator.mask)
    for off in (operator.A(y - x), other.A(y) - 0.8):
        assert float(off.mean()) == pytest.approx(0, abs=0.05) and float(off.std()) == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("noise_level", [0.0, 0.15])
@pytest.mark.parametrize("corrected", [False, True])
def test_a_solution_does_not_depend_on_its_batch(net: nn.Module, corrected: bool, noise_level: float) -> None:
    operator, ascent = OPERATORS["inpaint"], replace(FAST, corrected=corrected)
    m = operator.A(SMOOTH.pictures(16)).float() + noise_level * torch.randn(16, operator.k, generator=seeded(4))
    alone, three, sixteen = (solve(net, operator, m[:n], seeded(), ascent, noise_level) for n in (1, 3, 16))
    assert same(alone, first(sixteen, 1)) and same(three, first(sixteen, 3)) and len(set(sixteen.steps.tolist())) > 1
    assert not same(alone, solve(net, operator, m[1:2], seeded(), ascent, noise_level))
    assert not same(alone, solve(net, operator, m[:1], seeded(1), ascent, noise_level))


def test_of_picks_items_with_their_measurements() -> None:
    operator, items = OPERATORS["pixels"], torch.tensor([2, 0])
    all_three, y = Constrained(SMOOTH, operator, noise(3, operator.k)), noise(3, *SHAPE, seed=2)
    assert torch.allclose(all_three.of(items)(y[items]), all_three(y)[items])
    assert not torch.allclose(all_three.of(items.flip(0))(y[items]), all_three(y)[items])
    assert float(inconsistency(operator, all_three(y), all_three.m).max()) < EXACT


def test_declared_noise_is_not_believed() -> None:
    """Less error than if it were taken for picture, that of an exact posterior draw; as far from the measurements as
    they from the truth.
    """
    operator, x, level = OPERATORS["inpaint"], SMOOTH.pictures(32), 0.2
    m, A = (
        operator.A(x) + level * noise(32, operator.k, seed=7),
        operator.A(torch.eye(64, dtype=torch.float64).unflatten(1, SHAPE)).mT,
    )
    C = SMOOTH.covariance
    left = C - C @ A.mT @ torch.linalg.solve(A @ C @ A.mT + level**2 * torch.eye(operator.k), A @ C)
    declared, taken = (solve(SMOOTH, operator, m, seeded(), FAST, told) for told in (level, 0.0))
    assert rms(declared.x - x) == pytest.approx((2 * float(left.trace()) / 64) ** 0.5, rel=0.1) and rms(
        declared.x - x
    ) < 0.85 * rms(taken.x - x)
    off = float(inconsistency(operator, declared.x, m).mean())
    assert 0.8 * level < off < 1.2 * level and float(inconsistency(operator, taken.x, m).max()) < 1e-11
    kept = solve(SMOOTH, operator, m, seeded(), FAST, level, reproject=False)
    assert torch.equal(kept.x, declared.x) and torch.allclose(declared.x, SMOOTH(declared.y))


def test_the_pull_stops_at_the_level_of_the_noise() -> None:
    """The first ascent ends there; the second starts at pictures that hold the measurements, with the steps of the
    first
    behind it.
    """
    climbs: list[list[State]] = []

    def watch(states):
        climbs.append([])
        yield from (climbs[-1].append(s) or s for s in states)

    operator = OPERATORS["inpaint"]
    m = operator.A(SMOOTH.pictures(4)) + 0.2 * noise(4, operator.k, seed=7)
    found = solve(SMOOTH, operator, m, seeded(), FAST, 0.2, watch=watch)
    pulled, free = climbs
    assert (
        bool((pulled[-1].sigma <= 0.2).all())
        and bool((pulled[-2].sigma > 0.2).any())
        and float(pulled[-1].sigma.min()) > 0.1
    )
    assert (
        torch.equal(free[0].step, pulled[-1].step)
        and torch.equal(free[-1].step, found.steps)
        and bool((found.steps > free[0].step).all())
    )
    assert (
        torch.equal(free[0].y, operator.project(pulled[-1].y, m))
        and float(inconsistency(operator, free[0].y, m).max()) < EXACT
    )
    assert bool((free[-1].sigma <= FAST.sigma_L).all())
    short = solve(SMOOTH, operator, m, seeded(), replace(FAST, max_steps=int(pulled[-1].step.max()) - 3), 0.2)
    assert bool((free[-1].step - free[0].step <= int(pulled[-1].step.max()) - 3).all()), (
        "the second ascent is short enough"
    )
    assert not bool(short.converged.any()) and bool(short.x.isfinite().all()), "an item must arrive twice"
    clean = solve(SMOOTH, operator, m, seeded(), FAST, 1e-3)
    assert bool(clean.converged.all()) and clean.x.shape == found.x.shape


@pytest.mark.parametrize("told", [1.0, 1.5, -0.1, math.nan])
def test_noise_that_makes_no_sense_is_refused(told: float) -> None:
    operator = OPERATORS["inpaint"]
    with pytest.raises(ValueError, match=r"noise=.*from 0 to below sigma_0=1.0"):
        solve(SMOOTH, operator, operator.A(SMOOTH.pictures(1)), seeded(), FAST, told)


def test_noise_that_the_operator_would_colour_is_refused() -> None:
    matrix, x = OPERATORS["matrix"], SMOOTH.pictures(1)
    with pytest.raises(
        ValueError,
        match="of Matrix are not orthonormal, so its pseudo-inverse rescales or colours the noise.*or pass noise=0",
    ):
        solve(SMOOTH, matrix, matrix.A(x), seeded(), FAST, 0.1)
    straight = Matrix(torch.eye(64)[5:20], SHAPE)
    assert solve(SMOOTH, straight, straight.A(x), seeded(), FAST, 0.1).converged.all()


def test_noise_under_a_mask_that_keeps_its_shape() -> None:
    """As two functions: rows of the identity beside rows of zeros. What comes back is what `Inpaint` gives with
    the same
    noise.
    """
    operator, x = OPERATORS["inpaint"], SMOOTH.pictures(2)
    shaped = Functions(lambda v: v * operator.mask, lambda v: v * operator.mask, SHAPE, SHAPE)
    assert shaped.adjoint_inverts and not shaped.orthonormal
    z = 0.1 * torch.randn(2, *SHAPE, generator=seeded())
    found = solve(SMOOTH, shaped, shaped.A(x) + z, seeded(), FAST, 0.1)
    assert bool(found.converged.all()) and torch.equal(
        found.x, solve(SMOOTH, operator, operator.A(x + z), seeded(), FAST, 0.1).x
    )
    scaled = Functions(lambda v: 2 * v * operator.mask, lambda v: 2 * v * operator.mask, SHAPE, SHAPE)
    assert not scaled.adjoint_inverts
    with pytest.raises(ValueError, match="rescales or colours"):
        solve(SMOOTH, scaled, scaled.A(x), seeded(), FAST, 0.1)


def test_a_posterior_says_who_arrived() -> None:
    operator = OPERATORS["inpaint"]
    found = posterior(SMOOTH, operator, operator.A(SMOOTH.pictures(2)), 3, seeded(), ascent=FAST)
    assert str(found).startswith("problems 2, samples of each 3: 6 of 6 arrived")
    stopped = posterior(
        SMOOTH, operator, operator.A(SMOOTH.pictures(2)), 3, seeded(), ascent=replace(FAST, max_steps=2)
    )
    assert "0 of 6 arrived, 2 steps" in str(stopped)


@pytest.mark.parametrize(
    "m, error, message",
    [
        (torch.zeros(2, 41), ValueError, r"m has shape \(2, 41\); expected \(B, \*\(42,\)\), what Inpaint.A returns"),
        (torch.zeros(42), ValueError, r"m has shape \(42,\)"),
        (torch.zeros(0, 42), ValueError, r"m has shape \(0, 42\)"),
        (torch.zeros(2, 1, 42), ValueError, r"m has shape \(2, 1, 42\)"),
        (torch.zeros(1, 42, dtype=torch.uint8), TypeError, "m is torch.uint8"),
        ([0.0] * 42, TypeError, "m is list; expected a floating-point tensor"),
        (
            torch.zeros(2, 42).index_fill(1, torch.tensor([3]), math.nan),
            ValueError,
            "m holds 2 values that are NaN or infinite",
        ),
        (torch.full((1, 42), math.inf), ValueError, "m holds 42 values"),
        (torch.full((1, 42), 128.0), ValueError, "Divide 8-bit measurements by 255"),
    ],
)
def test_measurements_that_do_not_fit_are_refused(m: Tensor, error: type[Exception], message: str) -> None:
    for call in (
        lambda: check_measurements(OPERATORS["inpaint"], m),
        lambda: solve(SMOOTH, OPERATORS["inpaint"], m, seeded(), FAST),
        lambda: posterior(SMOOTH, OPERATORS["inpaint"], m, 2, seeded(), ascent=FAST),
    ):
        with pytest.raises(error, match=message):
            call()


@each_operator
def test_pictures_of_eight_bits_are_refused_and_noisy_ones_are_not(name: str) -> None:
    operator, x = OPERATORS[name], torch.ones(2, *SHAPE)
    assert check_measurements(operator, operator.A(x)) is not None
    if operator.adjoint_inverts:
        noisy = operator.A(x) + 2.0 * torch.randn(2, *operator.measured, generator=seeded())
        assert check_measurements(operator, noisy, noise=2.0) is noisy
    if operator.k:
        with pytest.raises(ValueError, match="Divide 8-bit measurements by 255"):
            check_measurements(operator, operator.A(255 * x))


def test_a_posterior_is_as_many_solutions_of_every_problem() -> None:
    operator, before = OPERATORS["inpaint"], torch.random.get_rng_state()
    m, settings = operator.A(SMOOTH.pictures(2)), {"ascent": FAST, "noise": 0.1, "mean": 0.4}
    found = posterior(SMOOTH, operator, m, 3, seeded(), **settings)
    assert found.samples.shape == (2, 3, *SHAPE) and found.mean.shape == found.std.shape == (2, *SHAPE)
    assert found.steps.shape == found.sigma.shape == found.converged.shape == (2, 3) and found.converged.all()
    by_hand = solve(SMOOTH, operator, torch.stack([m[0]] * 3 + [m[1]] * 3), seeded(), **settings)
    assert torch.equal(found.samples.flatten(0, 1), by_hand.x) and torch.equal(found.steps.flatten(), by_hand.steps)
    assert torch.allclose(found.mean[1], by_hand.x[3:].sum(0) / 3)
    assert (
        torch.allclose(found.std[1], ((by_hand.x[3:] - found.mean[1]).square().sum(0) / 2).sqrt())
        and float(found.std.mean()) > 0.01
    )
    assert torch.allclose(
        posterior(SMOOTH, operator, m[:1], 3, seeded(), **settings).samples, found.samples[:1], atol=1e-4
    )
    for name, value in {"ascent": replace(FAST, h0=0.2), "noise": 0.0, "mean": 0.6}.items():
        assert not torch.allclose(
            posterior(SMOOTH, operator, m, 3, seeded(), **settings | {name: value}).samples, found.samples, atol=1e-3
        ), name
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("samples", [1, 0, -2])
def test_one_sample_has_no_spread(samples: int) -> None:
    with pytest.raises(ValueError, match=f"samples={samples}; expected a whole number.*A spread needs at least 2"):
        posterior(SMOOTH, OPERATORS["inpaint"], torch.zeros(1, 42), samples, seeded())


def test_the_hole_of_the_live_notebook() -> None:
    """The cell of page 05 that only a live notebook runs: it cuts at both ends of its sliders, and leaves one figure
    behind, which ipywidgets shows.
    """
    import matplotlib.pyplot as plt

    from dprior_lite import data, inverse, operators
    from dprior_lite.course.notebooks.freshness import repository
    from dprior_lite.course.page import figures

    page = (repository() / "book/05_inverse_problems.md").read_text(encoding="utf8")
    cell = next(part for part in page.split("```") if "import ipywidgets" in part and "skip-execution" in part)
    source = cell.split("skip-execution]\n", 1)[1].replace("import ipywidgets\n", "")
    answers, drawn = [], []

    def interact(continuous_update: bool, **ranges: tuple[int, int]):
        def tried(cut):
            for end in (0, 1):
                plt.close("all")
                answers.append(cut(**{name: ends[end] for name, ends in ranges.items()}))
                drawn.append([np.asarray(panel.images[0].get_array()) for panel in plt.gcf().axes])
                assert len(plt.get_fignums()) == 1
            return cut

        return tried

    face = data.photos("test")[2][..., 96:160, 136:200]
    exec(
        source,
        {
            "ipywidgets": SimpleNamespace(interact=interact),
            "torch": torch,
            "operators": operators,
            "inverse": inverse,
            "figures": figures,
            "net": lambda y: 0.5 * y,
            "face": face,
            "seeded": lambda seed: torch.Generator().manual_seed(seed),
            "quick": replace(FAST, max_steps=5),
        },
    )
    plt.close("all")
    assert answers == [None, None], "what the cell returned would be shown a second time"
    (clean, cut, filled), (_, other, _) = drawn
    assert (
        (cut[:4, :4] == 0).all()
        and not (cut[4:, 4:] == 0).all()
        and np.allclose(filled[4:, 4:], clean[4:, 4:], atol=0.01)
        and not np.array_equal(cut, other)
    )
