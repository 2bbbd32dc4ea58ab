"""Small inputs that once gave a silent wrong answer, each with the right one: the gates of the package."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite import check_denoiser, energy, geometry, inverse, load, miyasawa, operators, sampling
from dprior_lite.gates.network import network
from dprior_lite.nets import build
from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.operators import (
    Compose,
    Functions,
    Inpaint,
    Operator,
    RandomPixels,
    RandomProjection,
    SpectralDeblur,
    SuperResolution,
    dagger_error,
)
from dprior_lite.sampling import Ascent, ItemNoise

FAST = Ascent(h0=0.2, beta=0.5, sigma_L=0.05)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return load("photos-tiny")


@pytest.fixture
def y() -> Tensor:
    return torch.rand(1, 1, 12, 12, generator=seeded(1)) + 0.1 * torch.randn(1, 1, 12, 12, generator=seeded(2))


# kind 1: a caller's function is handed a copy


def cut(v: Tensor) -> Tensor:
    v[..., 5:11, 5:11] = 0
    return v


def test_a_function_that_cuts_in_place_is_a_mask_and_nothing_else(net: nn.Module) -> None:
    x = torch.rand(1, 1, 16, 16, generator=seeded())
    before, operator = x.clone(), Functions(cut, cut, (1, 16, 16), (1, 16, 16))
    assert not operator.orthonormal and operator.adjoint_inverts and dagger_error(operator, seeded()) < 1e-5
    m = operator.A(x)
    found = inverse.solve(net, operator, m, seeded(), FAST)
    assert torch.equal(x, before) and float((operator.A(found.x) - m).abs().max()) < 1e-5
    hole = found.x[..., 5:11, 5:11]
    assert float(hole.abs().min()) > 0 and not found.note, "the hole is filled"


def test_functions_that_write_are_tried_as_what_they_are() -> None:
    with pytest.raises(ValueError, match="not the adjoint"):
        Functions(lambda v: v.mul_(2), lambda m: m.mul_(3), (1, 4, 4), (1, 4, 4))
    assert not Functions(lambda v: v.mul_(2), lambda m: m.mul_(2), (1, 4, 4), (1, 4, 4)).orthonormal


WRITERS = {
    "residual": lambda n: lambda v: v.sub_(v - n(v)),
    "clamp": lambda n: lambda v: n(v.clamp_(0, 1)),
    "scale": lambda n: lambda v: n(v.mul_(255).div_(255)),
}
PLAIN = {
    "residual": lambda n: n,
    "clamp": lambda n: lambda v: n(v.clamp(0, 1)),
    "scale": lambda n: lambda v: n(v * 255 / 255),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_network_never_sees_our_tensor(kind: str, net: nn.Module, y: Tensor) -> None:
    writes, plain, before = WRITERS[kind](net), PLAIN[kind](net), y.clone()
    calls: list[Callable] = [
        lambda f: sampling.sample(f, 2, (1, 8, 8), seeded(), FAST).x,
        lambda f: inverse.solve(f, SuperResolution((1, 8, 8), 2), torch.ones(1, 1, 4, 4), seeded(), FAST).x,
        lambda f: miyasawa.residual(f, y),
        lambda f: miyasawa.score(f, y, 0.1),
        lambda f: miyasawa.sure(f, y, 0.1, seeded()).error,
        lambda f: geometry.linear_part(f, y),
        lambda f: geometry.rows(f, y, [70]),
        lambda f: geometry.columns(f, y, [70]),
        lambda f: geometry.degrees_of_freedom(f, y, 2, seeded()),
        lambda f: geometry.frozen(f, y)(y),
        lambda f: energy.local_dimension(lambda v, sigma: f(v), y, 0.01, 1, seeded()),
        lambda f: energy.sample(lambda v, sigma: f(v), ItemNoise([0], (1, 8, 8)), [0.01, 1.0]),
    ]
    for k, call in enumerate(calls):
        assert torch.allclose(call(writes).double(), call(plain).double(), rtol=1e-4, atol=1e-5), k
        assert torch.equal(y, before), k


def test_check_denoiser_sees_through_a_network_that_writes(net: nn.Module) -> None:
    clean, written = check_denoiser(net), check_denoiser(lambda v: v.sub_(v - net(v)))
    assert written.ok and str(written).startswith(str(clean)) and "writes into its input" in str(written)
    assert "writes" not in str(clean)


def test_energies_and_watchers_get_copies(net: nn.Module) -> None:
    y = torch.ones(2, 3)

    def writes(v: Tensor, t: Tensor) -> Tensor:
        return v.mul_(2).square().sum(1) / (2 * t.mul_(1))

    assert energy.log_density(writes, y, 0.5).tolist() == [-12.0, -12.0] and torch.equal(y, torch.ones(2, 3))
    assert torch.equal(energy.score(writes, y, 0.5), torch.full((2, 3), -8.0)) and torch.equal(y, torch.ones(2, 3))

    def spoils(states):
        for state in states:
            state.y.zero_(), state.x_hat.zero_(), state.sigma.zero_(), state.running.zero_()
            yield state

    whole, spoilt = (sampling.sample(net, 2, (1, 8, 8), seeded(), FAST, watch=w) for w in (iter, spoils))
    assert torch.equal(whole.x, spoilt.x) and torch.equal(whole.steps, spoilt.steps)


@pytest.mark.parametrize("of_net", [0.0, 1e-3, 1e-2])
def test_a_network_that_hardly_moves_its_input_does_not_arrive(of_net: float, net: nn.Module) -> None:
    found = sampling.sample(lambda v: v + of_net * (net(v) - v), 2, (1, 8, 8), seeded(), FAST)
    assert found.converged.tolist() == [False, False] and str(found).startswith("0 of 2 arrived, 0 steps")
    assert "hardly moves its input" in str(found)
    operator = Inpaint(torch.zeros(8, 8, dtype=torch.bool))
    solved = inverse.solve(lambda v: v + of_net * (net(v) - v), operator, torch.zeros(2, 0), seeded(), FAST)
    assert not bool(solved.converged.any()) and "hardly moves" in solved.note
    assert sampling.sample(net, 2, (1, 8, 8), seeded(), FAST).note == ""


class Halved(Operator):
    """Pixels of the left half, claimed to be orthonormal; its adjoint is multiplied by a factor."""

    def __init__(self, factor: float) -> None:
        super().__init__((1, 8, 8), (1, 8, 4))
        self.factor = factor

    def _forward(self, x: Tensor) -> Tensor:
        return x[..., :4]

    def _adjoint(self, m: Tensor) -> Tensor:
        return self.factor * F.pad(m, (0, 4))


@pytest.mark.parametrize("factor, agrees", [(1.0, True), (0.5, False), (1.01, False), (-1.0, False)])
def test_a_solution_is_compared_with_its_measurements(factor: float, agrees: bool, net: nn.Module) -> None:
    ascent = Ascent(h0=0.2, beta=0.5, sigma_L=0.01, max_steps=60)
    found = inverse.solve(net, Halved(factor), torch.full((4, 1, 8, 4), 0.3), seeded(), ascent)
    assert bool(found.converged.all()) == agrees and ("do not agree with their measurements" in str(found)) != agrees
    several = inverse.posterior(net, Halved(factor), torch.full((1, 1, 8, 4), 0.3), 2, seeded(), ascent=ascent)
    assert ("do not agree" in str(several)) != agrees


@pytest.mark.parametrize("where", ["forward", "adjoint"])
def test_a_mask_for_each_place_in_the_batch_is_refused(where: str) -> None:
    k = (torch.rand(64, 1, 16, 16, generator=seeded()) > 0.4).float()
    one = k[:1]
    masked, plain = (lambda v: v * k[: len(v)]), (lambda v: v * one)
    pair = (masked, masked) if where == "forward" else (plain, masked)
    with pytest.raises(ValueError, match=r"place in the batch: A\(x\)\[1:2\] is not A\(x\[1:2\]\)|not the adjoint"):
        Functions(*pair, (1, 16, 16), (1, 16, 16))
    assert Functions(plain, plain, (1, 16, 16), (1, 16, 16)).adjoint_inverts


def test_a_network_that_mixes_the_batch_is_refused(net: nn.Module) -> None:
    mixes = lambda v: net(v) - 0.1 * v.mean(0)  # noqa: E731
    with pytest.raises(ValueError, match="another answer alone than in its batch"):
        sampling.sample(mixes, 3, (1, 8, 8), seeded(), FAST)
    with pytest.raises(ValueError, match="another answer alone than in its batch"):
        inverse.solve(mixes, SuperResolution((1, 8, 8), 2), torch.ones(3, 1, 4, 4), seeded(), FAST)


# kind 2: a derivative of something detached


def inside(context: Callable, net: nn.Module) -> Callable:
    def noise_only(v: Tensor) -> Tensor:
        with context():
            removed = v - net(v)
        return v - removed

    return noise_only


DETACHED = {
    "no_grad": lambda net: torch.no_grad()(net),
    "inference": lambda net: torch.inference_mode()(net),
    "detach": lambda net: lambda v: net(v).detach(),
    "of its input": lambda net: lambda v: net(v.detach()),
    "data": lambda net: lambda v: net(v.data),
    "half of it": lambda net: inside(torch.no_grad, net),
    "half, inference": lambda net: inside(torch.inference_mode, net),
    "numpy": lambda net: lambda v: torch.from_numpy(net(v).detach().numpy()),
}


@pytest.mark.parametrize("kind", DETACHED)
def test_a_missing_derivative_is_one_error(kind: str, net: nn.Module, y: Tensor) -> None:
    f, small = DETACHED[kind](net), y[..., :4, :4]
    calls: list[Callable] = [
        lambda f: geometry.degrees_of_freedom(f, small),
        lambda f: geometry.degrees_of_freedom(f, y, 2, seeded()),
        lambda f: geometry.effective_dimension(f, small),
        lambda f: geometry.rows(f, y, [70]),
        lambda f: geometry.rows(f, y, [70], chunk=1),
        lambda f: geometry.rows(f, y, [70], reach=3),
        lambda f: geometry.columns(f, y, [70]),
        lambda f: geometry.jacobian(f, small),
        lambda f: geometry.top_singular(f, y, 2, seeded(), rounds=0),
        lambda f: geometry.linear_part(f, y),
        lambda f: geometry.net_bias(f, y),
        lambda f: miyasawa.sure(f, y, 0.1, seeded()),
        lambda f: miyasawa.posterior_covariance(f, small, 0.1),
        lambda f: sampling.sample(f, 2, (1, 8, 8), seeded(), Ascent(h0=0.2, beta=0.5, sigma_L=0.05, corrected=True)),
    ]
    for k, call in enumerate(calls):
        with pytest.raises(ValueError, match="records no gradient"):
            call(f)
            pytest.fail(f"call {k} of {kind} answered")
    assert bool(sampling.sample(f, 1, (1, 8, 8), seeded(), FAST).converged.all()), "a sample needs no derivative"
    assert "records a gradient" in str(check_denoiser(f)) and "records a" not in str(check_denoiser(net))


def test_what_only_looks_detached_is_differentiated(y: Tensor) -> None:
    """Constants, and a gradient that is switched off outside."""
    assert float(geometry.degrees_of_freedom(lambda v: v * torch.full((1,), 0.5).detach(), y)) == 72
    assert float(geometry.degrees_of_freedom(lambda v: torch.zeros_like(v), y)) == 0
    with torch.no_grad():
        assert float(geometry.degrees_of_freedom(lambda v: 0.5 * v, y)) == 72
    with torch.inference_mode():
        assert float(miyasawa.sure(lambda v: 0.5 * v, y.clone(), 0.1, seeded()).trace) == pytest.approx(72)


def test_an_energy_without_a_gradient_is_refused() -> None:
    bowl = lambda v, t: v.square().sum(1) / t  # noqa: E731
    for f in (torch.no_grad()(bowl), lambda v, t: bowl(v, t).detach(), lambda v, t: bowl(v.detach(), t)):
        for call in (
            lambda f: energy.score(f, torch.ones(1, 3), 0.5),
            lambda f: energy.denoise(f, torch.ones(1, 3), 0.5),
            lambda f: energy.posterior_variance_trace(f, torch.ones(1, 3), 0.5),
            lambda f: energy.laplacian(f, torch.ones(1, 3), 0.5, 1, seeded()),
        ):
            with pytest.raises(ValueError, match="records no gradient"):
                call(f)
    assert torch.equal(energy.score(bowl, torch.ones(1, 3), 0.5), torch.full((1, 3), -4.0))


# kind 3: the observer changes what it observes


def normalised() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 3, padding=1))


TRAINING = {
    "batch norm": normalised,
    "inside a function": lambda: (lambda module: lambda v: module(v))(normalised()),
    "one part of it": lambda: _part_in_train_mode(),
    "bias-free norm": lambda: BFCNN(4, 4).train(),
    "bias-free norm in a function": lambda: (lambda module: lambda v: module(v))(BFCNN(4, 4).train()),
    "dropout": lambda: nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Dropout(0.2)).train(),
    "a function of torch": lambda: lambda v: F.batch_norm(v, None, None, training=True),
}


def _part_in_train_mode() -> nn.Module:
    net = normalised().eval()
    net[1].train()
    return net


def _state(net: Callable) -> list[Tensor]:
    module = (
        net
        if isinstance(net, nn.Module)
        else next(
            (c.cell_contents for c in net.__closure__ or () if isinstance(c.cell_contents, nn.Module)), nn.Identity()
        )
    )
    return [v.clone() for v in module.state_dict().values()]


@pytest.mark.parametrize("kind", TRAINING)
def test_a_network_in_train_mode_is_refused_and_left_alone(kind: str) -> None:
    f, y = TRAINING[kind](), torch.rand(2, 1, 8, 8, generator=seeded())
    before = _state(f)
    calls: list[Callable] = [
        lambda: sampling.sample(f, 2, (1, 8, 8), seeded(), FAST),
        lambda: inverse.solve(f, SuperResolution((1, 8, 8), 2), torch.ones(2, 1, 4, 4), seeded(), FAST),
        lambda: geometry.frozen(f, y),
        lambda: geometry.jacobian(f, y[..., :4, :4]),
        lambda: geometry.net_bias(f, y),
        lambda: miyasawa.residual(f, y),
        lambda: miyasawa.score(f, y, 0.1),
        lambda: miyasawa.sure(f, y, 0.1, seeded()),
        lambda: energy.local_dimension(f if isinstance(f, nn.Module) else lambda v, s: f(v), y, 0.1, 1, seeded()),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"train(ing|\smode).*Call net\.eval\(\) first"):
            call()
    if kind != "dropout":
        report = check_denoiser(f)
        assert not report.ok and len(report.findings) == 1 and "net.eval()" in str(report)
    assert all(torch.equal(a, b) for a, b in zip(before, _state(f)))


def test_train_mode_without_batch_statistics_is_allowed() -> None:
    net = build("unet.UNet", {"widths": [4], "blocks": [1]}).train()
    assert miyasawa.residual(net, torch.zeros(1, 1, 8, 8)).shape == (1, 1, 8, 8) and net.training


# kind 4: numbers


def test_a_plan_of_steps_always_ends() -> None:
    assert Ascent(beta=1e-17).ideal_steps() == 1000 and Ascent(beta=1e-17, max_steps=7).ideal_steps() == 7
    for wrong in ({"sigma_0": math.inf}, {"max_steps": 10**9}, {"max_steps": math.nan}, {"max_steps": 2.5}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}=.*expected"):
            Ascent(**wrong)


@pytest.mark.parametrize("wrong", [None, 0, "0", torch.Generator])
def test_random_functions_take_a_generator(wrong: object, net: nn.Module, y: Tensor) -> None:
    x, law, told = torch.rand(1, 1, 8, 8), miyasawa.PAGE_MIXTURE, lambda v, s: v
    for call in (
        lambda: sampling.sample(net, 1, (1, 8, 8), wrong, FAST),
        lambda: sampling.item_seeds(1, wrong),
        lambda: inverse.solve(net, SuperResolution((1, 8, 8), 2), torch.ones(1, 1, 4, 4), wrong, FAST),
        lambda: inverse.posterior(net, SuperResolution((1, 8, 8), 2), torch.ones(1, 1, 4, 4), 2, wrong, ascent=FAST),
        lambda: miyasawa.noisy(x, 0.1, wrong),
        lambda: miyasawa.squared_error(net, x, torch.tensor([0.1]), wrong),
        lambda: miyasawa.contrast_weighted_error(net, x, torch.tensor([0.1]), wrong),
        lambda: miyasawa.drawn_in_proportion(torch.ones(2), 2, wrong),
        lambda: miyasawa.sure(net, y, 0.1, wrong),
        lambda: law.sample(3, wrong),
        lambda: energy.SHELLS.sample(3, wrong),
        lambda: energy.PATCHES.sample(3, wrong),
        lambda: energy.local_dimension(told, x, 0.1, 1, wrong),
        lambda: energy.laplacian(lambda v, t: v.flatten(1).square().sum(1), x, 0.1, 1, wrong),
        lambda: geometry.probed(net, y, 2, wrong),
        lambda: geometry.degrees_of_freedom(net, y, 2, wrong),
        lambda: geometry.effective_dimension(net, y, 2, wrong),
        lambda: geometry.top_singular(net, y, 2, wrong),
        lambda: geometry.random_signs(y, wrong),
        lambda: RandomPixels((1, 4, 4), 0.5, wrong),
        lambda: RandomProjection((1, 4, 4), 0.5, wrong),
        lambda: dagger_error(SuperResolution((1, 4, 4), 2), wrong),
    ):
        with pytest.raises(TypeError, match=r"^generator is .*torch\.Generator\(\)\.manual_seed\(0\)\.$"):
            call()


def test_a_noise_level_is_per_item_and_never_spread_over_the_width(net: nn.Module) -> None:
    y, each = torch.rand(4, 1, 4, 4, generator=seeded()), torch.tensor([0.1, 0.2, 0.3, 0.4])
    for ask in (
        lambda y, s: miyasawa.score(net, y, s),
        lambda y, s: miyasawa.posterior_covariance(net, y, s),
        lambda y, s: miyasawa.sure(net, y, s, seeded()).error - miyasawa.sure(net, y, 0.0, seeded()).error,
        lambda y, s: energy.PATCHES.energy(F.pad(y, (2, 2, 2, 2)), s),
        lambda y, s: energy.SHELLS.energy(F.pad(y.flatten(1), (0, 984)), s),
    ):
        together = ask(y, each)
        for k in range(4):
            assert torch.allclose(ask(y, float(each[k]))[k], together[k], rtol=1e-4, atol=1e-6)
        for wrong in (torch.ones(3), torch.ones(4, 1), torch.ones(1, 1, 1, 4)):
            with pytest.raises(ValueError, match="the noise levels have shape"):
                ask(y, wrong)
    with pytest.raises(ValueError, match="the noise levels have shape"):
        miyasawa.noisy(y[:1], each, seeded())
    assert torch.equal(miyasawa.noisy(y, 0.1, seeded()), miyasawa.noisy(y, torch.full((4,), 0.1), seeded()))
    point = torch.zeros(2, 2, dtype=torch.float64)
    for ask in (miyasawa.PAGE_MIXTURE.score, miyasawa.PAGE_MIXTURE.posterior_mean, miyasawa.PAGE_MIXTURE.log_density):
        with pytest.raises(TypeError, match="sigma is .*one finite number"):
            ask(point, torch.ones(2))


@pytest.mark.parametrize("wrong", [0.0, -0.1, math.nan, math.inf])
def test_levels_that_make_no_sense_are_refused(wrong: float, net: nn.Module) -> None:
    x, told, bowl = torch.rand(2, 1, 8, 8), lambda v, s: v, lambda v, t: v.flatten(1).square().sum(1)
    calls: list[Callable] = [
        lambda s: miyasawa.score(net, x, s),
        lambda s: energy.local_dimension(told, x, s, 1, seeded()),
        lambda s: energy.integrate(told, x, [s, 1.0], torch.zeros(2), 1, seeded()),
        lambda s: energy.gaussian_energy(x, x, s),
        lambda s: energy.log_density(bowl, x, s),
        lambda s: energy.score(bowl, x, s),
        lambda s: energy.sample(told, ItemNoise([0], (1, 8, 8)), [s, 1.0]),
    ]
    if wrong != 0:
        calls += [
            lambda s: miyasawa.noisy(x, s, seeded()),
            lambda s: miyasawa.noisy(x, torch.full((2,), s), seeded()),
            lambda s: miyasawa.sure(net, x, s, seeded()),
            lambda s: miyasawa.posterior_covariance(net, x[..., :3, :3], s),
            lambda s: inverse.solve(net, Inpaint(torch.ones(8, 8) > 0), torch.zeros(1, 64), seeded(), FAST, s),
            lambda s: energy.PATCHES.energy(x, s),
        ]
    for k, call in enumerate(calls):
        with pytest.raises(ValueError, match="expected.*(finite|above 0|between)"):
            call(wrong)
            pytest.fail(f"call {k} answered {wrong}")


@pytest.mark.parametrize("wrong", [0, -1, 1.5, math.nan, None, "2"])
def test_counts_are_whole_numbers(wrong: object, net: nn.Module, y: Tensor) -> None:
    x, told = torch.rand(1, 1, 8, 8), lambda v, s: v
    for call in (
        lambda: sampling.sample(net, wrong, (1, 8, 8), seeded(), FAST),
        lambda: sampling.sample(net, 1, (1, 8, wrong), seeded(), FAST),
        lambda: inverse.posterior(net, SuperResolution((1, 8, 8), 2), torch.ones(1, 1, 4, 4), wrong, seeded()),
        lambda: geometry.probed(net, y, wrong, seeded()),
        lambda: geometry.top_singular(net, y, wrong, seeded()),
        lambda: energy.local_dimension(told, x, 0.1, wrong, seeded()),
        lambda: energy.bits_per_dimension(0.0, wrong),
        lambda: SuperResolution((1, 8, 8), wrong),
        lambda: miyasawa.PAGE_MIXTURE.sample(wrong, seeded()),
        lambda: Ascent(max_steps=wrong),
    ):
        with pytest.raises((TypeError, ValueError), match="expected a whole number"):
            call()


def test_a_told_network_returns_y_where_there_is_no_noise() -> None:
    told, y = load("digits-told"), torch.rand(2, 1, 28, 28, generator=seeded())
    assert torch.equal(told(y, 0.0), y) and torch.equal(told(torch.zeros(1, 1, 28, 28), 0.0), torch.zeros(1, 1, 28, 28))
    mixed = told(y, torch.tensor([0.0, 0.3]))
    assert torch.equal(mixed[0], y[0]) and torch.allclose(mixed[1:], told(y[1:], 0.3), atol=1e-5)
    assert float((mixed[1] - y[1]).abs().max()) > 0.01


AVERAGES = {
    "blocks": SuperResolution((1, 8, 8), 2),
    "pixels": Inpaint(torch.ones(8, 8, dtype=torch.bool)),
    "two": Compose(RandomPixels((1, 4, 4), 0.5, seeded()), SuperResolution((1, 8, 8), 2)),
}


@pytest.mark.parametrize("name", AVERAGES)
def test_measurements_of_pictures_in_other_units_are_refused(name: str, net: nn.Module) -> None:
    operator, x = AVERAGES[name], torch.rand(2, 1, 8, 8, generator=seeded())
    assert inverse.check_measurements(operator, operator.A(x)) is not None
    with pytest.raises(ValueError, match=r"averages of pixels from -.*Were the pictures in \[-1, 1\]\? Use \(x \+ 1\)"):
        inverse.solve(net, operator, operator.A(0.4 * x - 1), seeded(), FAST)
    noisy = operator.A(x) + 0.5 * torch.randn(2, *operator.measured, generator=seeded())
    assert inverse.check_measurements(operator, noisy, 0.5) is noisy
    with pytest.raises(ValueError, match="averages of pixels"):
        inverse.check_measurements(operator, operator.A(2 * x + 1))


@pytest.mark.parametrize("ambient", [torch.float64, torch.float16])
def test_results_do_not_depend_on_the_default_dtype_and_device(ambient: torch.dtype, net: nn.Module) -> None:
    def all_of_it() -> list[Tensor]:
        operators = [
            SuperResolution((1, 8, 8), 3),
            SpectralDeblur((1, 8, 8), 0.2),
            RandomPixels((1, 8, 8), 0.3, seeded()),
            RandomProjection((1, 8, 8), 0.2, seeded()),
            RandomProjection((1, 8, 8), 0.2, seeded(), structured=True),
            Functions(lambda v: 2 * v, lambda m: 2 * m, (1, 8, 8), (1, 8, 8)),
        ]
        x = energy.PATCHES.sample(2, seeded()) / 8 + 0.5
        torch.manual_seed(0)
        fresh = build("unet.UNet", {"widths": [4], "blocks": [1]})
        return [
            sampling.sample(net, 2, (1, 8, 8), seeded(), FAST).x,
            *(inverse.solve(net, A, A.A(x), seeded(), FAST).x for A in operators),
            energy.SHELLS.sample(2, seeded()),
            energy.SHELLS.energy(energy.SHELLS.sample(2, seeded()), 0.5),
            energy.local_dimension(lambda v, s: v / 2, x, 0.1, 2, seeded()),
            miyasawa.PAGE_MIXTURE.sample(3, seeded()),
            miyasawa.GaussianMixture.isotropic([[0.0, 1.0]], [1.0], [1.0]).covariances,
            miyasawa.sure(net, x, 0.1, seeded()).error,
            geometry.degrees_of_freedom(net, x, 2, seeded()),
            geometry.top_singular(net, x[:1], 2, seeded())[1],
            *(p.detach() for p in fresh.parameters()),
        ]

    plain = all_of_it()
    torch.set_default_dtype(ambient)
    torch.set_default_device("meta")
    try:
        other = all_of_it()
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
    assert all(a.dtype == b.dtype and a.device == b.device and torch.equal(a, b) for a, b in zip(plain, other))


# what a network may return


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda v: (v, v), "returned a tuple .*expected one tensor of the same shape"),
        (lambda v: None, "returned None"),
        (lambda v: v.detach().numpy(), "returned a ndarray"),
        (lambda v: v.double(), "returned torch.float64 .* for torch.float32"),
        (lambda v: v.half(), "returned torch.float16"),
        (lambda v: v[..., :2], "expected the same shape"),
        (lambda v, sigma: v, "net failed on .*sigma"),
        (lambda v: v @ torch.zeros(3, 3), "net failed on a torch.float32 tensor of shape"),
    ],
)
def test_what_a_network_returns_is_looked_at(wrong: Callable, says: str, y: Tensor) -> None:
    for call in (
        lambda: sampling.sample(wrong, 1, (1, 8, 8), seeded(), FAST),
        lambda: inverse.solve(wrong, SuperResolution((1, 8, 8), 2), torch.ones(1, 1, 4, 4), seeded(), FAST),
        lambda: miyasawa.residual(wrong, y),
        lambda: miyasawa.sure(wrong, y, 0.1, seeded()),
        lambda: geometry.columns(wrong, y, [3]),
        lambda: geometry.frozen(wrong, y),
    ):
        with pytest.raises((TypeError, ValueError), match=says) as caught:
            call()
        assert str(caught.value).count("\n") < 3
    with pytest.raises(TypeError, match="net is None; expected a denoiser"):
        sampling.sample(None, 1, (1, 8, 8), seeded(), FAST)


def test_a_gated_network_is_gated_once(net: nn.Module) -> None:
    once = network(net)
    assert network(once) is once and once.inner is net


# probed estimates, batches, threads


@pytest.mark.parametrize("n", [1, 3])
def test_probed_estimates_do_not_depend_on_who_follows(n: int, net: nn.Module) -> None:
    x = torch.rand(16, 1, 8, 8, generator=seeded())
    bowl = lambda v, t: v.flatten(1).pow(4).sum(1) + v.flatten(1)[:, :1].mul(v.flatten(1)).sum(1)  # noqa: E731
    for ask in (
        lambda v: geometry.degrees_of_freedom(net, v, 5, seeded()),
        lambda v: geometry.effective_dimension(net, v, 5, seeded()),
        lambda v: geometry.probed(net, v, 3, seeded()).degrees_of_freedom_error,
        lambda v: miyasawa.sure(net, v, 0.1, seeded()).error,
        lambda v: energy.laplacian(bowl, v, 0.5, 4, seeded()),
    ):
        few, all_of_them = ask(x[:n]), ask(x)
        assert torch.allclose(few, all_of_them[:n], rtol=1e-5, atol=1e-6)
        assert not torch.allclose(few, ask(x.flip(0))[:n], rtol=1e-3)


@pytest.mark.parametrize("solved", [False, True], ids=["samples", "solutions"])
def test_batches_order_and_threads_do_not_change_a_sample(net: nn.Module, solved: bool) -> None:
    """With equal seeds, in float64, to 1e-6; in float32 as near as rounding allows after so many steps."""
    double = build("bfcnn.BFCNN", {"depth": 4, "width": 8, "norm": False}).double().eval()
    with torch.no_grad():
        double.convs[-1].weight.mul_(10)
    seeds, threads = sampling.item_seeds(16, seeded()), torch.get_num_threads()
    ascent = Ascent(h0=0.2, beta=0.5, sigma_L=0.05, max_steps=40)
    measure = operators.RandomPixels((1, 8, 8), 0.3, seeded())
    m = measure.A(torch.rand(16, 1, 8, 8, generator=seeded()))

    def drawn(f: nn.Module, which: list[int], dtype: torch.dtype) -> Tensor:
        noise = ItemNoise([seeds[k] for k in which], (1, 8, 8), dtype=dtype)
        denoise = inverse.Constrained(f, measure, m[which].to(dtype)) if solved else f
        return sampling.finish(sampling.ascend(denoise, 0.5 + noise.draw(), noise, ascent)).x

    for f, dtype, near in ((double, torch.float64, 1e-6), (net, torch.float32, 1e-4)):
        whole = drawn(f, list(range(16)), dtype)
        order = torch.randperm(16, generator=seeded()).tolist()
        try:
            torch.set_num_threads(2)
            assert float((drawn(f, list(range(16)), dtype) - whole).abs().max()) <= near
        finally:
            torch.set_num_threads(threads)
        for which in ([0], [0, 1, 2], order):
            assert float((drawn(f, which, dtype) - whole[which]).abs().max()) <= near
        assert float((whole[0] - whole[1]).abs().max()) > 0.05


def test_a_gate_costs_little_beside_a_network() -> None:
    """One call of the gate, in the time of one 64-pixel denoising; the sampler adds a handful of copies a step."""
    import time

    gated, y = network(lambda v: v), torch.rand(1, 1, 64, 64)
    net = load("photos-unet")

    def fastest(work: Callable[[], object], rounds: int) -> float:
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    with torch.no_grad():
        gated(y)
        assert 5 * fastest(lambda: gated(y), 200) <= 0.02 * fastest(lambda: net(y), 10)
