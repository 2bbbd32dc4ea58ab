"""Blind diffusion: steps and the map between them, laws in closed form, noise levels, schedules, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import expit
from torch import Tensor, nn

from dprior_lite import blind, miyasawa
from dprior_lite.blind import Clouds, Stepper, euler, exponential_euler, stochastic_ascent
from dprior_lite.blind.scheduled import RULES
from dprior_lite.course.lab import blind_toys, frechet
from dprior_lite.mixture import GaussianMixture
from dprior_lite.nets.modulated import BlindUNet, ModulatedUNet, NoiseLevel, ToldUNet
from dprior_lite.sampling import Ascent, ItemNoise, ascend, sample
from dprior_lite.sampling.step import gain
from dprior_lite.training import find

STEPS = [euler(0.2, 0.2), euler(0.9, 0.3), exponential_euler(0.2, 0.2), exponential_euler(1.5, 0.7)]
STEPS += [stochastic_ascent(0.2, 0.2), stochastic_ascent(1.0, 0.4), exponential_euler(0.3, 0.0)]


def g(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(x: Tensor, seed: int = 0) -> Tensor:
    return torch.randn(x.shape, generator=g(seed), dtype=x.dtype)


# steps


def test_eq_contraction(factor: float = 1.0, holds: bool = True) -> None:
    """One step on pure noise, drawn: its level is multiplied by the contraction."""
    z, w = noise(torch.zeros(400_000, dtype=torch.float64)), noise(torch.zeros(400_000, dtype=torch.float64), 1)
    worst = 0.0
    for step in STEPS:
        moved = (1 - step.move) * z + step.gain * w
        worst = max(worst, abs(float(moved.std()) / (factor * step.contraction) - 1))
    assert (worst < 0.005) == holds


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_another_contraction_is_seen(factor: float) -> None:
    test_eq_contraction(factor, holds=False)


def test_contractions_of_the_three_kinds() -> None:
    assert euler(0.2, 0.2).contraction == pytest.approx(math.sqrt(0.8**2 + 0.08), abs=1e-12)
    assert exponential_euler(0.2, 0.2).contraction == pytest.approx(math.exp(-0.16), abs=1e-12)
    assert stochastic_ascent(0.2, 0.2).contraction == pytest.approx(0.96, abs=1e-12)


def test_eq_map(of_square: float = 1.0, holds: bool = True) -> None:
    """The step of 2021 with (h, beta) is the Euler step with kappa = (1 - beta) - h (1 - beta²) / 2."""
    worst = 0.0
    for h, beta in ((0.2, 0.2), (0.5, 0.5), (1.0, 0.1), (0.01, 0.9)):
        kappa = (1 - beta) - of_square * h * (1 - beta**2) / 2
        worst = max(worst, abs(stochastic_ascent(h, beta).as_euler().kappa - kappa))
    assert (worst < 1e-12) == holds


def test_another_map_is_seen() -> None:
    test_eq_map(0.0, holds=False)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_the_same_two_numbers_in_all_parameters(step: Stepper) -> None:
    again = [euler(*step.as_euler()), stochastic_ascent(*step.as_ascent())]
    if step.move < 1:
        again.append(exponential_euler(*step.as_exponential()))
    for other in again:
        assert other.move == pytest.approx(step.move, abs=1e-12)
        assert other.gain == pytest.approx(step.gain, abs=1e-7)


def test_the_sampler_takes_the_step_that_was_asked_for() -> None:
    for step in STEPS:
        ascent = step.ascent(4, 0.05)
        assert isinstance(ascent, Ascent) and ascent.step_size(7) == step.move
        assert gain(ascent.step_size(7), ascent.beta) == pytest.approx(step.gain, abs=1e-7)


def test_blind_sampling_is_sampling_with_another_step() -> None:
    step = exponential_euler(0.4, 0.5)
    ours = blind.sample(lambda y: 0.3 * y, 3, (1, 6, 6), g(), step, mean=0.0)
    theirs = sample(lambda y: 0.3 * y, 3, (1, 6, 6), g(), step.ascent(4, 0.05), mean=0.0)
    assert torch.equal(ours.x, theirs.x) and torch.equal(ours.steps, theirs.steps)


# schedule and law


def test_eq_implicit_schedule(of_kappa: float = 1.0, holds: bool = True) -> None:
    """The level of many small steps is the closed form, and the slope of exponential Euler is exact for any h."""
    kappa, worst = 0.4, 0.0
    for h in (1e-4, 0.7):
        rho = exponential_euler(h, kappa).contraction
        worst = max(worst, abs(math.log(rho) / h + 1 - of_kappa * kappa))
    worst = max(worst, abs(blind.implicit_level(3.0, 2.0, kappa) - 3 * math.exp(-2 * (1 - of_kappa * kappa))))
    assert (worst < 1e-9) == holds


def test_another_noise_share_is_seen() -> None:
    test_eq_implicit_schedule(1.02, holds=False)


def test_noise_that_does_not_vanish_stalls_the_schedule() -> None:
    sigma = 4.0
    for _ in range(200_000):
        sigma = math.sqrt(sigma**2 + 1e-3 * 2 * (0.3 * sigma**2 + 0.05 - sigma**2))
        if abs(sigma - math.sqrt(0.05 / 0.7)) < 1e-9:
            break
    assert sigma == pytest.approx(blind.implicit_level(4, 1e3, 0.3, 0.05), rel=1e-4)


def test_the_stalling_level(of_slope: float = 2.0, holds: bool = True) -> None:
    """Euler steps with power slope * sigma, iterated, against the closed form."""
    h, slope, sigma = 0.2, 0.2, 4.0
    for _ in range(500):
        sigma = math.sqrt((1 - h) ** 2 * sigma**2 + 2 * h * slope * sigma)
    assert (abs(sigma - of_slope * slope / (2 - h)) < 1e-9) == holds
    assert blind.stalling_level(h, slope) == pytest.approx(sigma, abs=1e-9)


def test_another_stalling_level_is_seen() -> None:
    test_the_stalling_level(2.02, holds=False)


def test_gaussian_law(of_noise: float = 1.0, holds: bool = True) -> None:
    """Steps on many points of Gaussian data at the ideal levels: variances to 3 %."""
    v, worst = 0.25, 0.0
    for step in (euler(0.3, 0.5), exponential_euler(0.3, 0.5), stochastic_ascent(0.3, 0.5)):
        y, level, draw = math.sqrt(v + 4) * noise(torch.zeros(100_000, dtype=torch.float64)), 2.0, g(1)
        for _ in range(12):
            z = torch.randn(y.shape, generator=draw, dtype=y.dtype)
            y = y - step.move * level**2 / (v + level**2) * y + of_noise * step.gain * level * z
            level *= step.contraction
        worst = max(worst, abs(float(y.var()) / blind.gaussian_variances(step, v, 2.0, 12)[-1] - 1))
    assert (worst < 0.03) == holds


def test_another_noise_of_the_steps_is_seen() -> None:
    test_gaussian_law(1.1, holds=False)


def test_the_blind_sampler_has_the_law_of_a_gaussian() -> None:
    """Two coordinates of Gaussian data among 200, by the sampler itself; the standard error of a variance is 3 %."""
    data, steps, n, step = (
        Clouds(torch.zeros(1, 2, dtype=torch.float64), 0.5, 200),
        12,
        1000,
        exponential_euler(0.3, 0.5),
    )
    tape = ItemNoise(range(n), (200,), dtype=torch.float64)
    start = data.sample(n, g()) + 2 * tape.draw()
    *_, last = ascend(data.blind, start, tape, step.ascent(2.0, 1e-4, max_steps=steps))
    wanted = blind.gaussian_variances(step, 0.25, 2.0, steps)[-1]
    assert float(last.y[:, :2].var()) == pytest.approx(wanted, rel=0.1)


def test_small_steps_keep_the_law() -> None:
    """Exact in the limit: the variance at the end tends to that of the data, for every noise share."""
    for kappa in (0.0, 0.25, 0.5, 0.75):
        errors = []
        for h in (0.2, 0.1, 0.05):
            step = exponential_euler(h, kappa)
            errors.append(abs(blind.gaussian_variances(step, 1.0, 4.0, math.ceil(6 / (h * (1 - kappa))))[-1] - 1))
        assert errors[0] > errors[1] > errors[2] and errors[2] < 0.1


# clouds


@pytest.mark.parametrize("sigma", [0.2, 1.3])
def test_clouds_are_the_mixture_of_chapter_1(sigma: float) -> None:
    clouds = Clouds.pair(k=2, d=2)
    mixture = GaussianMixture.isotropic(clouds.means.tolist(), [0.35, 0.35], [0.5, 0.5])
    y = clouds.sample(50, g()) + sigma * noise(torch.zeros(50, 2, dtype=torch.float64), 1)
    assert torch.allclose(clouds.log_density(y, sigma), mixture.log_density(y, sigma), atol=1e-10)
    assert torch.allclose(clouds.denoise(y, sigma), mixture.posterior_mean(y, sigma), atol=1e-10)


def test_two_far_points_on_a_line_have_a_hyperbolic_tangent() -> None:
    pair = Clouds(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 1e-6, 1)
    y = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None]
    assert torch.allclose(pair.denoise(y, 0.7), 2 * torch.from_numpy(expit(2 * y.numpy() / 0.49)) - 1, atol=1e-6)


def test_empty_coordinates_add_their_own_density() -> None:
    flat, wide = Clouds.pair(2, 2), Clouds.pair(2, 5)
    y = noise(torch.zeros(7, 5, dtype=torch.float64))
    beside = torch.distributions.Normal(0.0, torch.tensor(0.6, dtype=torch.float64)).log_prob(y[:, 2:]).sum(1)
    assert torch.allclose(wide.log_density(y, 0.6), flat.log_density(y[:, :2], 0.6) + beside, atol=1e-10)


@pytest.mark.parametrize("d", [4, 200])
def test_the_likeliest_level_is_the_maximum(d: int) -> None:
    clouds = Clouds.pair(2, d)
    y = clouds.sample(20, g()) + noise(torch.zeros(20, d, dtype=torch.float64), 1)
    level = clouds.likeliest_level(y)
    best = clouds.log_density(y, level)
    for other in (0.5, 0.98, 1.02, 2.0):
        assert bool((clouds.log_density(y, other * level) <= best + 1e-9).all())


def test_eq_level_spread(of_k: float = 1.0, holds: bool = True) -> None:
    """The spread of sigma² read off one point, against sqrt(2 / (d - k)), k large enough to be seen."""
    clouds = Clouds(torch.zeros(1, 30, dtype=torch.float64), 50.0, 80)
    x = clouds.sample(4000, g())
    level = clouds.likeliest_level(x + noise(x, 1)).square()
    assert (abs(float(level.std()) / math.sqrt(2 / (80 - of_k * 30)) - 1) < 0.06) == holds


def test_a_law_without_the_dimension_of_the_data_is_seen() -> None:
    test_eq_level_spread(0.0, holds=False)


def test_the_blind_denoiser_is_the_average_of_the_told_one() -> None:
    clouds = Clouds.pair(2, 6)
    y = clouds.sample(8, g()) + noise(torch.zeros(8, 6, dtype=torch.float64), 1)
    grid = torch.logspace(-4, 2, 1200, dtype=torch.float64)
    logs = torch.stack([clouds.log_density(y, float(s)) for s in grid])  # uniform in log sigma
    told = torch.stack([clouds.denoise(y, float(s)) for s in grid])
    wanted = (logs.softmax(0)[..., None] * told).sum(0)
    assert torch.allclose(clouds.blind_average(y, -1.0), wanted, atol=2e-2)
    assert not torch.allclose(clouds.blind_average(y, -3.0), wanted, atol=2e-2)


def test_with_many_empty_coordinates_blind_is_told() -> None:
    clouds = Clouds.pair(2, 4000)
    y = clouds.sample(20, g()) + 1.5 * noise(torch.zeros(20, 4000, dtype=torch.float64), 1)
    away = [
        float((answer(y) - clouds.denoise(y, 1.5)).norm() / 20**0.5) for answer in (clouds.blind, clouds.blind_average)
    ]
    assert max(away) < 0.05


# noise levels


def test_the_corrected_level_is_right_and_the_plain_one_short_by_the_trace() -> None:
    """A linear denoiser that keeps a subspace of half the dimensions."""
    keep = (torch.arange(400) < 200).double()
    y = 0.3 * noise(torch.zeros(300, 400, dtype=torch.float64))
    net = lambda v: v * keep  # noqa: E731
    plain, corrected = blind.residual_level(net, y), blind.corrected_level(net, y, g(), probes=2)
    assert torch.allclose(blind.kept_share(net, y, g()), torch.full((300,), 0.5, dtype=torch.float64))
    assert float(plain.square().mean().sqrt()) == pytest.approx(0.3 * 0.5**0.5, rel=0.01)
    assert float(corrected.square().mean().sqrt()) == pytest.approx(0.3, rel=0.01)


def test_a_denoiser_that_keeps_everything_has_no_level() -> None:
    with pytest.raises(ValueError, match="keeps all of the noise.*Give one that denoises"):
        blind.corrected_level(lambda y: 1.0 * y, torch.ones(2, 1, 4, 4), g())


# schedules


def test_levels_are_those_of_their_definitions() -> None:
    log, karras = blind.log_levels(10, 4.0, 0.05), blind.karras_levels(10, 4.0, 0.05)
    assert np.allclose(log, np.geomspace(4, 0.05, 11)) and len(karras) == 11
    i = np.arange(11)  # Karras et al. 2022, equation 5, N = 11
    assert np.allclose(karras, (4 ** (1 / 7) + i / 10 * (0.05 ** (1 / 7) - 4 ** (1 / 7))) ** 7)
    assert not np.allclose(karras, blind.karras_levels(10, 4.0, 0.05, rho=5))


def test_one_step_of_every_rule_is_that_of_its_definition() -> None:
    """Euler and Heun of Karras et al. 2022, algorithm 1; ancestral of the variance exploding process."""
    net, y = (lambda v, sigma: v / (1 + sigma**2)), noise(torch.zeros(2, 1, 3, 3, dtype=torch.float64))
    tape = lambda: ItemNoise([0, 1], (1, 3, 3), dtype=torch.float64)  # noqa: E731
    last = {r: [*blind.scheduled(net, y, [2.0, 0.5], r, tape() if r == "ancestral" else None)][-1].y for r in RULES}
    d = (y - net(y, 2.0)) / 2.0
    euler_step = y + (0.5 - 2.0) * d
    assert torch.allclose(last["euler"], euler_step)
    assert torch.allclose(last["heun"], y + (0.5 - 2.0) * (d + (euler_step - net(euler_step, 0.5)) / 0.5) / 2)
    up = math.sqrt(0.5**2 * (2.0**2 - 0.5**2) / 2.0**2)  # k-diffusion's ancestral step with eta = 1
    down = math.sqrt(0.5**2 - up**2)
    assert torch.allclose(last["ancestral"], y + (down - 2.0) * d + up * tape().draw())


def test_heun_is_of_second_order_and_euler_of_first() -> None:
    """Gaussian data: the flow maps y to y sqrt((v + s²)/(v + s0²)). With half the step the error is 1/4, or 1/2."""
    net, y = (lambda v, sigma: v / (1 + sigma**2)), torch.ones(1, 1, dtype=torch.float64)
    exact = math.sqrt((1 + 0.1**2) / (1 + 2.0**2))

    def error(rule: str, steps: int) -> float:
        *_, last = blind.scheduled(net, y, np.linspace(2.0, 0.1, steps + 1).tolist(), rule)
        return abs(float(last.y) - exact)

    ratios = {rule: error(rule, 40) / error(rule, 80) for rule in ("euler", "heun")}
    assert ratios["heun"] == pytest.approx(4, abs=0.3) and ratios["euler"] == pytest.approx(2, abs=0.15)


def test_ancestral_steps_keep_the_noise_on_schedule() -> None:
    """An exact denoiser of the origin: what is left is noise of the scheduled level, to the sampling error."""
    tape, levels = ItemNoise(range(200), (200,), dtype=torch.float64), blind.log_levels(20, 4.0, 0.05)
    states = list(blind.scheduled(lambda y, sigma: 0 * y, 4 * tape.draw(), levels, "ancestral", tape))
    for state in states:
        assert float(state.y.std()) == pytest.approx(float(state.sigma[0]), rel=0.02)


def test_both_samplers_start_from_one_state() -> None:
    first: list[Tensor] = []

    def keep(states):  # noqa: ANN001, ANN202
        for k, state in enumerate(states):
            first.extend([state.y] if k == 0 else [])
            yield state

    blind.sample(lambda y: 0 * y, 2, (1, 4, 4), g(), exponential_euler(0.5, 0.5), watch=keep)
    blind.sample_scheduled(lambda y, s: 0 * y, 2, (1, 4, 4), g(), blind.log_levels(3, 4, 0.05), watch=keep)
    assert torch.equal(*first)


# refusals


def test_a_step_that_cannot_contract_is_refused_with_the_condition() -> None:
    with pytest.raises(ValueError, match=r"h < 2 \(1 - kappa\) = 1; came h=1, kappa=0.5"):
        euler(1.0, 0.5)
    with pytest.raises(ValueError, match="multiplies the level of noise by"):
        Stepper(2.5, 0.0)
    assert exponential_euler(50.0, 0.5).contraction < 1


def test_a_sampler_that_stalls_says_so_and_stops() -> None:
    """A denoiser that answers with the wrong sign: the residual never falls below .3."""
    found = blind.sample(lambda y: 0 * y + 0.3, 2, (1, 8, 8), g(), exponential_euler(0.5, 0.5), mean=0.0)
    assert bool(found.converged.all()) and not found.note
    found = blind.sample(lambda y: -0.3 * y.sign(), 2, (1, 8, 8), g(), exponential_euler(0.5, 0.5), mean=0.0)
    assert not bool(found.converged.any()) and int(found.steps.max()) < 100
    assert "The noise stopped to fall at" in str(found) and "above sigma_L=0.05" in str(found)


def test_a_told_network_is_no_blind_one_nor_the_reverse() -> None:
    told, level = ToldUNet(widths=(4, 4)).eval(), [1.0, 0.5]
    with pytest.raises(ValueError, match="wants to be told the noise level.*Use sample_scheduled"):
        blind.sample(told, 1, (1, 8, 8), g(), exponential_euler(0.5, 0.5))
    with pytest.raises(ValueError, match="blind network; expected one that is told sigma"):
        blind.sample_scheduled(BlindUNet(widths=(4, 4)).eval(), 1, (1, 8, 8), g(), level)
    through = miyasawa.blind(BlindUNet(widths=(4, 4)).eval())
    assert blind.sample_scheduled(through, 1, (1, 8, 8), g(), level).x.shape == (1, 1, 8, 8)


@pytest.mark.parametrize("make", [blind.log_levels, blind.karras_levels])
def test_a_schedule_falls(make) -> None:  # noqa: ANN001
    with pytest.raises(ValueError, match="the schedule would not fall; expected sigma_L below sigma_0"):
        make(10, 0.05, 4.0)


def test_an_unknown_rule_and_a_rising_schedule_are_refused() -> None:
    y = torch.ones(1, 1, 4, 4)
    with pytest.raises(ValueError, match="rule is 'rk4'; expected one of euler, heun, ancestral"):
        next(blind.scheduled(lambda v, s: v, y, [1.0, 0.5], "rk4"))
    with pytest.raises(ValueError, match="each below the one before. Use log_levels or karras_levels"):
        next(blind.scheduled(lambda v, s: v, y, [0.5, 1.0]))


# networks and losses


def test_twins_start_as_one_function_and_see_the_same_examples() -> None:
    built = []
    for name in ("blind-digits", "told-digits"):
        torch.manual_seed(0)
        built.append(find(name).build())
    y, x, sigma = (
        torch.randn(2, 1, 28, 28, generator=g()),
        torch.rand(2, 1, 28, 28, generator=g(1)),
        torch.tensor([0.1, 2.0]),
    )
    assert torch.equal(built[0](y), built[1](y, 0.3))
    losses = blind.balanced_error(built[0], x, sigma, g()), blind.balanced_error_told(built[1], x, sigma, g())
    assert torch.equal(*losses)
    with torch.no_grad():
        built[1].modulations[0].bias.fill_(0.5)
    assert not torch.equal(built[0](y), built[1](y, 0.3))
    same = ("data", "noise", "steps", "batch", "seed", "lr", "ema", "patch", "turn")
    for data in ("digits", "portraits"):
        assert all(getattr(find(f"blind-{data}"), field) == getattr(find(f"told-{data}"), field) for field in same)


def test_the_told_twin_listens() -> None:
    net = ToldUNet(widths=(4, 4))
    nn.init.normal_(net.modulations[0].weight)
    y = torch.randn(2, 1, 8, 8, generator=g())
    assert not torch.allclose(net(y, 0.1), net(y, 1.0))
    assert torch.allclose(net(y, torch.tensor([0.1, 1.0]))[1:], net(y[1:], 1.0), atol=1e-6)


def test_the_blind_twin_modulates_by_each_picture_alone() -> None:
    net = BlindUNet(widths=(4, 4))
    y = torch.randn(3, 1, 9, 8, generator=g()) * torch.tensor([0.1, 1.0, 4.0])[:, None, None, None]
    before = net(y)
    nn.init.normal_(net.modulations[0].weight)
    after = net(y)
    assert not torch.allclose(before, after)
    assert torch.allclose(after[1:2], net(y[1:2]), atol=1e-6)
    features = net.features(net.head(torch.zeros(1, 1 * 4, 4, 4)))
    assert torch.isfinite(features).all()


@pytest.mark.parametrize("size", [(1, 1), (7, 12), (28, 28)])
def test_any_size_and_channels(size: tuple[int, int]) -> None:
    y = torch.zeros(2, 3, *size)
    assert BlindUNet(widths=(4, 8, 8), channels=3)(y).shape == y.shape
    assert NoiseLevel(width=4, channels=3)(y).shape == (2,)


def test_targets() -> None:
    torch.manual_seed(0)
    clean = BlindUNet(widths=(4, 4))
    torch.manual_seed(0)
    rest = BlindUNet(widths=(4, 4), target="residual")
    y = torch.randn(1, 1, 8, 8, generator=g())
    assert torch.allclose(clean(y) + rest(y), y, atol=1e-6)
    with pytest.raises(ValueError, match="target is 'noise'; expected one of clean, residual"):
        ModulatedUNet((4, 4), target="noise")


def test_losses_refuse_noise_of_zero_and_a_reader_of_another_shape() -> None:
    x = torch.zeros(2, 1, 4, 4)
    with pytest.raises(ValueError, match="above 0"):
        blind.balanced_error(lambda y: y, x, torch.tensor([0.0, 1.0]), g())
    with pytest.raises(ValueError, match=r"expected one noise level an item, \(B,\)"):
        blind.level_error(lambda y: y, x, torch.ones(2), g())


def test_the_weight_of_the_loss_is_the_smaller_of_noise_and_picture() -> None:
    """The error of the identity is sigma²: weighted it is 1 + sigma²/v."""
    x = torch.zeros(4, 40_000)
    for sigma in (0.02, 4.0):
        found = float(blind.balanced_error(lambda y: y, x, torch.full((4,), sigma), g()))
        assert found == pytest.approx(1 + sigma**2 / 0.1, rel=0.02)


# what the page measures


def test_exact_experiments_of_the_page() -> None:
    assert blind_toys.spread_over_law(100, 2, 1500, 0) == pytest.approx(1, abs=0.1)
    step = blind_toys.STEPS["Euler"]
    assert abs(blind_toys.slope_error(step, blind_toys.path(step, 500, 2, 8, 0))) < 0.03
    assert abs(blind_toys.slope_error(step, blind_toys.path(step, 10, 2, 8, 0))) > 0.1
    shell = blind_toys.path(euler(0.3, 0.0), 2, 2, 200, 0, 1e-2)[-1].x_hat
    r = blind_toys.radii(shell, 2)
    assert blind_toys.radius_variation(r) < 0.1 and float(r.square().mean().div(2).sqrt()) == pytest.approx(
        0.35, rel=0.05
    )
    assert blind_toys.martingale_slope(0.0, 4000, 0) > 1.03 > 1.01 > blind_toys.martingale_slope(0.5, 4000, 0)


def test_frechet_distance_of_gaussians_is_the_closed_form() -> None:
    """Two diagonal Gaussians: |m|² + sum (s_a - s_b)²."""
    a = noise(torch.zeros(60_000, 3, dtype=torch.float64))
    b = 2 * noise(torch.zeros(60_000, 3, dtype=torch.float64), 1) + 1
    assert frechet.frechet_distance(a, b) == pytest.approx(3 + 3 * (2 - 1) ** 2, rel=0.03)
    assert frechet.frechet_distance(a, a) < 1e-6
