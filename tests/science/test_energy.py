"""Chapter 11: its equations, each with a constant that is changed to see the test fail; exact laws, networks,
normalisation, and trainings of energies.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from random_nets import noise, relative
from safetensors.torch import load_file
from torch import Tensor, nn

from dprior_lite import energy, geometry, miyasawa, store, used
from dprior_lite.data import DataAbsent, mnist
from dprior_lite.energy import GaussianPatches, ScaleMixture
from dprior_lite.gates.levels import per_item
from dprior_lite.nets.conditional import LevelUNet, Told
from dprior_lite.nets.energy import Energy, RadialEnergy
from dprior_lite.sampling import ItemNoise, item_seeds
from dprior_lite.training import find, fit, loop, sources
from dprior_lite.training import weight_card as cards
from dprior_lite.training.sources import held_out, pictures

LEVELS = (0.0625, 0.75, 6.0)
NETS = ("picture", "colour", "plain", "radial")
SMALL = replace(
    find("patches-dual"),
    name="small-energy",
    net_args=find("patches-dual").net_args | {"widths": [8], "blocks": [1]},
    batch=16,
    steps={"ci": 30, "class": 30, "full": 30},
)


MNIST = functools.cache(mnist)


@pytest.fixture(autouse=True)
def no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weight that a test loads is none that a page has used."""
    monkeypatch.setattr(used, "_USED", {"weights": {}, "data": {}, "recipes": {}})


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shells(d: int, t: float, n: int = 12) -> tuple[ScaleMixture, miyasawa.GaussianMixture, Tensor]:
    """A mixture of two scales, the same law as a general mixture (whose posterior is by Bayes' rule), and noisy
    points.
    """
    law = ScaleMixture(d)
    bayes = miyasawa.GaussianMixture.isotropic([[0.0] * d] * 2, [s**0.5 for s in law.variances], [0.5, 0.5])
    return law, bayes, miyasawa.noisy(law.sample(n, seeded()).double(), t**0.5, seeded(1))


def circulant(law: GaussianPatches) -> Tensor:
    """The covariance (d, d) of the pixels, entry by entry: that of two pixels depends on their distance around the
    torus.
    """
    k = torch.arange(law.side)
    near = torch.fft.ifft2(law.spectrum).real
    apart = (k[:, None] - k) % law.side
    return near[apart[:, None, :, None], apart[None, :, None, :]].reshape(law.d, law.d)


def wiener(law: GaussianPatches, y: Tensor, t: float) -> tuple[Tensor, Tensor]:
    """Posterior mean of y (B, 1, H, W) and posterior covariance (d, d), by matrices; the energy has no part in it."""
    c = circulant(law)
    gain = torch.linalg.solve(c + t * torch.eye(law.d).double(), c)
    return (y.flatten(1) @ gain).reshape(y.shape), t * gain


def random_energy(kind: str, dtype: torch.dtype = torch.float64) -> tuple[nn.Module, Tensor, Tensor]:
    """An energy far from its base, sixteen inputs and their levels."""
    torch.manual_seed(0)
    if kind == "radial":
        net = RadialEnergy(d=7, variance=8.5)
    else:
        shape = [3, 6, 4] if kind == "colour" else [1, 6, 7]
        net = Energy(
            mean=0.4,
            variance=0.2,
            shape=shape,
            widths=[6, 8],
            blocks=[1, 1],
            base=kind != "plain",
            time=kind != "plain",
        )
        nn.init.normal_(net.net.tail.weight, std=0.2)
    for name, values in net.named_parameters():
        if name.endswith("bias"):
            values.data.add_(0.3 * torch.randn(values.shape))
    if getattr(net, "time", None) is not None:
        nn.init.normal_(net.time[1].weight, std=0.3)
    t = torch.logspace(-2, 2, 16, dtype=torch.float64)
    y = 0.4 + (0.2 + t).sqrt().reshape(-1, *[1] * len(net.shape)) * noise(16, *net.shape)
    return net.to(dtype).eval(), y.to(dtype), t.to(dtype)


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> Tensor:
    """The training digits, where they are at hand; decoded once."""
    monkeypatch.setattr(sources, "mnist", MNIST)
    try:
        return pictures("mnist:train")[0]
    except DataAbsent as error:
        pytest.skip(str(error)[:80])


# the equations


@pytest.mark.parametrize("t", LEVELS)
@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.1, False)])
def test_eq_energy_score(t: float, factor: float, holds: bool) -> None:
    """The gradient is the mean of (y - x)/t over the posterior, which is known without the energy."""
    law, bayes, y = shells(5, t)
    gradient = factor * (y - bayes.posterior_mean(y, t**0.5)) / t
    assert (relative(-energy.score(law.energy, y, t), gradient) < 1e-10) == holds
    patches = GaussianPatches(4)
    y = miyasawa.noisy(patches.sample(6, seeded()).double(), t**0.5, seeded(1))
    gradient = factor * (y - wiener(patches, y, t)[0]) / t
    assert (relative(-energy.score(patches.energy, y, t), gradient) < 1e-10) == holds
    assert relative(energy.denoise(patches.energy, y, t), wiener(patches, y, t)[0]) < 1e-10


@pytest.mark.parametrize("t", LEVELS)
@pytest.mark.parametrize("of_d, of_noise, holds", [(1.0, 1.0, True), (1.05, 1.0, False), (1.0, 1.05, False)])
def test_eq_time_score(t: float, of_d: float, of_noise: float, holds: bool) -> None:
    """The mean of |y - x|² over the posterior is the squared distance to its mean, plus its variance."""
    law, bayes, y = shells(5, t)
    around = (y - bayes.posterior_mean(y, t**0.5)).square().sum(1) + bayes.posterior_covariance(y, t**0.5).diagonal(
        dim1=1, dim2=2
    ).sum(1)
    found = energy.evaluate(law.energy, y, t).time
    assert (relative(found, of_d * 5 / (2 * t) - of_noise * around / (2 * t**2)) < 1e-9) == holds
    patches = GaussianPatches(4)
    y = miyasawa.noisy(patches.sample(6, seeded()).double(), t**0.5, seeded(1))
    mean, covariance = wiener(patches, y, t)
    around = (y - mean).square().flatten(1).sum(1) + covariance.trace()
    found = energy.evaluate(patches.energy, y, t).time
    assert (relative(found, of_d * 16 / (2 * t) - of_noise * around / (2 * t**2)) < 1e-9) == holds


def test_time_score_by_chance() -> None:
    """In one dimension, from samples alone: near every y the average of d/2t - |y - x|²/2t² over what was added is the
    slope of the energy.
    """
    law, t = ScaleMixture(1), 2.0
    x = law.sample(600_000, seeded())
    y = miyasawa.noisy(x, t**0.5, seeded(1))
    for centre in (0.0, 2.0, 5.0):
        near = ((y.abs() - centre).abs() < 0.1)[:, 0]
        mean = float((1 / (2 * t) - (y - x)[near].square() / (2 * t**2)).mean())
        assert mean == pytest.approx(float(energy.evaluate(law.energy, torch.tensor([[centre]]), t).time), abs=0.012)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize(
    "of_space, of_time, of_noise, holds",
    [(1.0, 1.0, 1.0, True), (1.01, 1.0, 1.0, False), (1.0, 1.01, 1.0, False), (1.0, 1.0, 1.01, False)],
)
def test_eq_dual(kind: str, of_space: float, of_time: float, of_noise: float, holds: bool) -> None:
    """Of single items, with the same noise; the derivatives of the other route are central differences, its form
    is that
    of scores.
    """
    net, x, t = random_energy(kind)
    d, off = x[0].numel(), 0.0
    for k in (0, 7, 15):
        item, level = x[k : k + 1], t[k : k + 1]
        y = item + level.sqrt() * torch.randn(item.shape, generator=seeded(k), dtype=torch.float64)
        h = 1e-5 * float(level) ** 0.5
        nudges = h * torch.eye(d).double().reshape(d, *item.shape[1:])
        with torch.no_grad():
            space = (net(y + nudges, level.expand(d)) - net(y - nudges, level.expand(d))) / (2 * h)
            time = (net(y, level * (1 + 1e-5)) - net(y, level * (1 - 1e-5))) / (2e-5 * level)
        level, z = float(level), (y - item).flatten()
        space_term = of_space * level / d * (space - of_noise * z / level).square().sum()
        time_term = (
            of_time
            * (level / d) ** 2
            * (time - d / (2 * level) + of_noise * z.square().sum() / (2 * level**2)).square()
        )
        found = energy.losses(net, item, t[k : k + 1].sqrt(), seeded(k))
        off = max(
            off, abs(float((found.space / space_term).detach()) - 1), abs(float((found.time / time_term).detach()) - 1)
        )
        assert torch.allclose(energy.dual(net, item, t[k : k + 1].sqrt(), seeded(k)), sum(found))
    assert (off < 1e-4) == holds


@pytest.mark.parametrize("t", LEVELS)
@pytest.mark.parametrize(
    "of_d, of_time, of_space, holds",
    [(1.0, 1.0, 1.0, True), (1.05, 1.0, 1.0, False), (1.0, 1.05, 1.0, False), (1.0, 1.0, 1.05, False)],
)
def test_eq_trace(t: float, of_d: float, of_time: float, of_space: float, holds: bool) -> None:
    """Against Bayes' rule for a mixture, where the variance depends on y, and the Wiener filter for patches, where it
    does not.
    """
    law, bayes, y = shells(3, t)
    found, truth = (
        energy.evaluate(law.energy, y, t),
        bayes.posterior_covariance(y, t**0.5).diagonal(dim1=1, dim2=2).sum(1),
    )
    claimed = of_d * t * 3 - of_time * 2 * t**2 * found.time - of_space * t**2 * found.space.square().sum(1)
    assert (relative(claimed, truth) < 1e-8) == holds
    assert relative(energy.posterior_variance_trace(law.energy, y, t), truth) < 1e-8 and float(
        truth.std()
    ) > 1e-3 * float(truth.mean())
    patches = GaussianPatches(4)
    y = miyasawa.noisy(patches.sample(6, seeded()).double(), t**0.5, seeded(1))
    assert (
        relative(energy.posterior_variance_trace(patches.energy, y, t), wiener(patches, y, t)[1].trace().expand(6))
        < 1e-9
    )
    assert float(wiener(patches, y, t)[1].trace()) == pytest.approx(t * patches.local_dimension(t))


@pytest.mark.parametrize("t", LEVELS)
@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.05, False)])
def test_eq_time_dimension(t: float, factor: float, holds: bool) -> None:
    """The energy and the squared error of a Gaussian law are quadratic, so 2d directions of noise average them
    exactly.
    """
    law = GaussianPatches(4)
    x, d = law.sample(3, seeded()).double(), law.d
    z = d**0.5 * torch.cat([torch.eye(d), -torch.eye(d)]).double().reshape(2 * d, 1, 4, 4)

    def mean_energy(level: float) -> Tensor:
        return torch.stack(
            [law.energy(item + level**0.5 * z, torch.tensor(level, dtype=torch.float64)).mean() for item in x]
        )

    slope = (mean_energy(t * math.exp(1e-4)) - mean_energy(t * math.exp(-1e-4))) / 2e-4
    errors = torch.stack(
        [(energy.denoise(law.energy, item + t**0.5 * z, t) - item).square().flatten(1).sum(1).mean() for item in x]
    )
    assert (relative(slope, (d - factor * errors / t) / 2) < 1e-5) == holds
    drawn = energy.local_dimension(energy.denoiser(law.energy), x, t, 1000, seeded(2))
    assert float((drawn / (errors / t) - 1).abs().max()) < 0.06
    assert float(
        energy.local_dimension(energy.denoiser(law.energy), law.sample(2000, seeded()), t, 4, seeded(2)).mean()
    ) == pytest.approx(law.local_dimension(t), rel=0.02)


@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.005, False), (2 / 2.02, False)])
def test_eq_mmse(factor: float, holds: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the errors of a denoiser, which is given by matrices, to the energies of single pictures.

    The squared error is quadratic in the noise, so 2d directions of noise average it exactly; what is left is the error
    of the trapezoidal rule.
    """
    law, levels = GaussianPatches(4), torch.logspace(-3, 2, 400, dtype=torch.float64).tolist()
    x = law.sample(4, seeded()).double()
    power = torch.fft.fft2(x[:, 0], norm="ortho").abs().square()

    def exact(t: float) -> Tensor:
        s = law.spectrum + t
        return ((power + t) / s + (2 * math.pi * s).log()).sum((1, 2)) / 2

    directions = law.d**0.5 * torch.cat([torch.eye(law.d), -torch.eye(law.d)]).double().reshape(-1, 1, 4, 4)
    many, z = x.repeat_interleave(2 * law.d, 0), directions.repeat(4, 1, 1, 1)
    monkeypatch.setattr("dprior_lite.energy.integrals.noisy", lambda x, sigma, generator: x + sigma * z)
    found = energy.integrate(
        lambda y, sigma: wiener(law, y, sigma**2)[0],
        many,
        levels,
        exact(100.0).repeat_interleave(2 * law.d, 0),
        1,
        seeded(1),
    )
    claimed = exact(100.0) - factor * (exact(100.0) - found.reshape(4, -1).mean(1))
    assert (float((claimed / exact(1e-3) - 1).abs().max()) < 5e-4) == holds
    assert float((exact(100.0) - exact(1e-3)).min()) / law.d > 1


@pytest.mark.parametrize("t", LEVELS)
@pytest.mark.parametrize("half, of_gradient, holds", [(0.5, 1.0, True), (0.55, 1.0, False), (0.5, 1.05, False)])
def test_eq_diffusion(t: float, half: float, of_gradient: float, holds: bool) -> None:
    law, _, y = shells(3, t, n=4)
    found = energy.evaluate(law.energy, y, t)
    laplacian = torch.stack(
        [torch.autograd.functional.hessian(lambda v: law.energy(v[None], t)[0], item).trace() for item in y]
    )
    assert (relative(half * (laplacian - of_gradient * found.space.square().sum(1)), found.time) < 1e-8) == holds


@pytest.mark.parametrize("gray, holds", [(256, True), (250, False)])
def test_eq_bits(gray: int, holds: bool) -> None:
    """Of a smooth density a picture's 8-bit cell has the probability p / 256^d; its bits, and the decibels of p, are
    counted a dimension.
    """
    d, law = 3, torch.distributions.Normal(torch.tensor(0.5).double(), torch.tensor(0.2).double())
    x = torch.tensor([0.3, 0.5, 0.8], dtype=torch.float64)
    nats, cell = -float(law.log_prob(x).sum()), float((law.cdf(x + 0.5 / gray) - law.cdf(x - 0.5 / gray)).log2().sum())
    assert (abs(energy.bits_per_dimension(nats, d) + cell / d) < 1e-4) == holds
    assert energy.decibels_per_dimension(nats, d) == pytest.approx(10 * math.log10(math.exp(-nats)) / d)
    assert energy.decibels_per_dimension(torch.full((2,), -d), d).tolist() == pytest.approx([4.342945] * 2)
    assert energy.bits_per_dimension(torch.zeros(2), d).tolist() == [8, 8]


# the exact laws


@pytest.mark.parametrize("t", [0.01, 3.0])
@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.01, False)])
def test_densities_integrate_to_one(t: float, factor: float, holds: bool) -> None:
    grid = torch.linspace(-40, 40, 1601, dtype=torch.float64)
    line = float((-factor * ScaleMixture(1).energy(grid[:, None], t)).exp().sum()) * 0.05
    plane = float((-factor * ScaleMixture(2).energy(torch.cartesian_prod(grid[::2], grid[::2]), t)).exp().sum()) * 0.01
    assert (abs(line - 1) < 1e-6 and abs(plane - 1) < 1e-6) == holds


def test_two_shells() -> None:
    law = energy.SHELLS
    assert law.gap(0.01) == pytest.approx(1.3816, abs=5e-5) and law.gap(0.01) == pytest.approx(
        math.log(16.01 / 1.01) / 2, abs=1e-3
    )
    radii = (law.sample(400, seeded()).square().sum(1) / law.d).sqrt()
    outer = radii > 2
    assert (
        150 < int(outer.sum()) < 250
        and float((radii[outer] / 4 - 1).abs().max()) < 0.12
        and float((radii[~outer] - 1).abs().max()) < 0.12
    )
    assert (
        torch.equal(law.sample(3, seeded()), law.sample(3, seeded())) and law.sample(3, seeded()).dtype == torch.float32
    )
    y = law.sample(4, seeded())
    each = torch.stack([law.energy(item[None], t)[0] for item, t in zip(y, (0.1, 1.0, 2.0, 50.0))])
    assert torch.allclose(law.energy(y, torch.tensor([0.1, 1.0, 2.0, 50.0])), each) and each.dtype == torch.float64


@pytest.mark.parametrize("side, variance", [(1, 2.0), (3, 1.0), (4, 0.3), (5, 1.0)])
@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.001, False)])
def test_patches_are_the_gaussian_they_say(side: int, variance: float, factor: float, holds: bool) -> None:
    law, t = GaussianPatches(side, variance), 0.25
    c = circulant(law)
    y = miyasawa.noisy(law.sample(5, seeded()).double(), t**0.5, seeded(1))
    normal = torch.distributions.MultivariateNormal(
        torch.zeros(law.d).double(), factor * c + t * torch.eye(law.d).double()
    )
    assert (relative(law.energy(y, t), -normal.log_prob(y.flatten(1))) < 1e-10) == holds
    assert torch.allclose(c.diagonal(), torch.tensor(variance).double()) and law.d == side**2
    levels = torch.tensor([0.1, 0.25, 0.5, 2.0, 9.0])
    assert torch.allclose(law.energy(y, levels)[1], law.energy(y[1:2], 0.25)[0]) and law.energy(y, levels).shape == (5,)


@pytest.mark.parametrize("law", [ScaleMixture(4), GaussianPatches(2)], ids=["shells", "patches"])
def test_a_level_is_exact(law: ScaleMixture | GaussianPatches) -> None:
    """Else differences of the exact energy at two near levels are wrong."""
    y = law.sample(3, seeded()).double()
    assert relative(law.energy(y, 0.1), law.energy(y, torch.tensor(0.1, dtype=torch.float64))) < 1e-14


def test_samples_of_patches_have_the_spectrum() -> None:
    law = GaussianPatches(4)
    x = law.sample(40_000, seeded()).double()
    power = torch.fft.fft2(x[:, 0], norm="ortho").abs().square().mean(0)
    assert float((power / law.spectrum - 1).abs().max()) < 0.04 and float(law.spectrum.max() / law.spectrum.min()) > 10
    assert relative(x.flatten(1).mT @ x.flatten(1) / len(x), circulant(law)) < 0.02


@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.2, False)])
def test_drawn_from_the_top_patches_have_their_spectrum(factor: float, holds: bool) -> None:
    """`sample` with the exact denoiser, in 7 coarse steps: the power of every frequency is what the steps make of it,
    one number at a time.
    """
    law, levels = GaussianPatches(4), torch.logspace(2, -3, 8, dtype=torch.float64).tolist()
    x = energy.sample(
        energy.denoiser(law.energy), ItemNoise(item_seeds(4000, seeded()), (1, 4, 4)), levels[::-1], mean=0.0
    )
    power = levels[0] * torch.ones(4, 4).double()
    for t, s in zip(levels, levels[1:]):
        power = power * (1 - (1 - s / t) * t / (law.spectrum + t)).square() + factor * s * (1 - s / t)
    power = power * (law.spectrum / (law.spectrum + levels[-1])).square()
    found = torch.fft.fft2(x[:, 0].double(), norm="ortho").abs().square().mean(0)
    assert not x.requires_grad and (float((found / power - 1).abs().max()) < 0.1) == holds


def test_many_levels_draw_the_law() -> None:
    """The last picture is denoised, which takes t/(lambda + t) of the power away."""
    law, levels = GaussianPatches(4), torch.logspace(-3, 2, 100).tolist()
    x = energy.sample(energy.denoiser(law.energy), ItemNoise(item_seeds(1500, seeded()), (1, 4, 4)), levels, mean=0.0)
    power = torch.fft.fft2(x[:, 0].double(), norm="ortho").abs().square().mean(0)
    assert float((power / (law.spectrum**2 / (law.spectrum + 1e-3)) - 1).abs().max()) < 0.15


# the networks


@pytest.mark.parametrize("kind", NETS)
def test_derivatives_are_those_of_the_energy(kind: str) -> None:
    """By central differences in float64: every direction is a random one of all pixels, and one of a single pixel."""
    net, y, t = random_energy(kind)
    found = energy.evaluate(net, y, t, batch=5)
    one = torch.zeros_like(y)
    one.flatten(1)[:, 2] = 1
    h = 1e-5
    with torch.no_grad():
        for direction in (noise(*y.shape, seed=4), one):
            slope = (net(y + h * direction, t) - net(y - h * direction, t)) / (2 * h)
            assert relative((found.space * direction).flatten(1).sum(1), slope) < 1e-5
        slope = (net(y, t * (1 + h)) - net(y, t * (1 - h))) / (2 * h * t)
    assert float(((found.time - slope) / (found.time.abs() + 1 / t)).abs().max()) < 1e-5
    assert torch.equal(energy.score(net, y, t), -energy.evaluate(net, y, t).space) and torch.equal(
        found.energy, -energy.log_density(net, y, t, batch=5)
    )
    assert (
        relative(
            energy.denoise(net, y, t), y + per_item(t, y).reshape(-1, *[1] * (y.ndim - 1)) * energy.score(net, y, t)
        )
        < 1e-12
    )
    assert torch.allclose(energy.denoiser(net)(y, t.sqrt()), energy.denoise(net, y, t))


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_item_does_not_know_its_batch(kind: str, dtype: torch.dtype) -> None:
    net, y, t = random_energy(kind, dtype)
    whole = energy.evaluate(net, y, t)
    for n in (1, 3, 16):
        alone = -energy.log_density(net, y[:n], t[:n])
        assert float((alone / whole.energy[:n] - 1).abs().max()) < 1e-5
        assert relative(energy.score(net, y[:n], t[:n]), -whole.space[:n]) < 1e-4
    assert torch.allclose(energy.log_density(net, y, t, batch=3), -whole.energy, rtol=1e-5)
    assert energy.log_density(net, y[:0], 1.0).shape == (0,) and energy.score(net, y[:0], 1.0).shape == (0, *net.shape)


@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.01, False)])
def test_an_untrained_energy_is_its_base(factor: float, holds: bool) -> None:
    """The last layer starts at zero: log p is that of white Gaussian pixels, in every unit, at every level."""
    net = Energy(mean=0.4, variance=0.2, shape=[1, 5, 6], widths=[8, 8], blocks=[1, 1]).double()
    _, y, t = random_energy("picture")
    y = y[:, :, :5, :6]
    sd = (factor * 0.2 + t).sqrt().reshape(-1, 1, 1, 1)
    exact = torch.distributions.Normal(0.4, sd).log_prob(y).flatten(1).sum(1)
    assert (relative(energy.log_density(net, y, t), exact) < 1e-10) == holds
    plain = Energy(mean=0.4, variance=0.2, shape=[1, 5, 6], widths=[8], blocks=[1], base=False, time=False).double()
    assert float(energy.log_density(plain, y, t).abs().max()) == 0 and plain.time is None
    plain.constant.value.fill_(-7.5)
    assert torch.allclose(energy.log_density(plain, y, t), torch.tensor(7.5).double())


QUESTIONS: dict[str, Callable] = {
    "evaluate": energy.evaluate,
    "log_density": energy.log_density,
    "score": energy.score,
    "denoise": energy.denoise,
    "trace": energy.posterior_variance_trace,
    "denoiser": lambda net, y, t: energy.denoiser(net)(y, t**0.5),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("kind", ["picture", "radial"])
def test_what_is_no_question_is_refused(ask: Callable, kind: str) -> None:
    net, y, _ = random_energy(kind, torch.float32)
    low, high = net.levels
    for level in (low, high, 1.0, torch.full((16,), 1.0), torch.tensor([1.0])):
        ask(net, y, level)
    for other in (y[..., :-1], torch.cat([y, y], -1), y[:, None]):
        with pytest.raises(ValueError, match="shape"):
            ask(net, other, 1.0)
    for level in (low * 0.99, high * 1.01, 0.0, torch.tensor([1.0] * 15 + [2 * high])):
        with pytest.raises(ValueError, match="was trained for variances"):
            ask(net, y, level)
    broken = y.clone()
    broken[3].flatten()[1] = math.nan
    for given, level in ((broken, 1.0), (y, math.nan), (y / 0, 1.0), (y, torch.tensor([1.0] * 15 + [math.nan]))):
        with pytest.raises(ValueError, match="NaN or infinite"):
            ask(net, given, level)
    for level in (torch.ones(15), torch.ones(17), torch.ones(16, 1), torch.ones(2)):
        with pytest.raises(ValueError, match="one number, or one a picture"):
            ask(net, y, level)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
def test_gradients_are_found_in_every_mode_and_not_kept(kind: str, mode: Callable) -> None:
    """Even if the weights ask for gradients, as those of a network in training do; made inside the mode or outside."""
    net, y, t = random_energy(kind, torch.float32)
    assert any(p.requires_grad for p in net.parameters())
    plain = energy.evaluate(net, y, t)
    with mode():
        inside, level = 1 * y, 1 * t
        found = energy.evaluate(net, inside, level)
        results = [
            *found,
            energy.log_density(net, inside, level),
            energy.score(net, inside, 1.0),
            energy.denoise(net, inside, level),
            energy.posterior_variance_trace(net, inside, level),
            energy.denoiser(net)(inside, 1.0),
        ]
    assert all(torch.equal(a, b) for a, b in zip(plain, found))
    assert not any(v.requires_grad for v in (*plain, *results)) and all(p.grad is None for p in net.parameters())


def test_no_wrong_derivative_of_the_denoiser() -> None:
    """The denoiser of an energy records no derivative, and whoever takes one is told so; the trace comes by other
    routes.
    """
    law = GaussianPatches(2)
    y = law.sample(1, seeded()).double().requires_grad_()
    x_hat = energy.denoise(law.energy, y, 1.0)
    assert not x_hat.requires_grad
    blind = lambda v: energy.denoise(law.energy, v, 1.0)  # noqa: E731
    for ask in (
        lambda: geometry.jacobian(blind, y),
        lambda: geometry.degrees_of_freedom(blind, y),
        lambda: miyasawa.sure(blind, y, 1.0, seeded()),
        lambda: miyasawa.posterior_covariance(blind, y, 1.0),
    ):
        with pytest.raises(ValueError, match="records no gradient"):
            ask()
    covariance = wiener(law, y.detach(), 1.0)[1]
    by_levels = energy.posterior_variance_trace(law.energy, y.detach(), 1.0)
    by_curvature = law.d - energy.laplacian(law.energy, y.detach(), 1.0, 400, seeded())
    assert float(by_levels) == pytest.approx(float(covariance.trace()), rel=1e-8)
    assert float(by_curvature) == pytest.approx(float(covariance.trace()), rel=0.02)


def test_number_or_one_a_picture() -> None:
    net, y, _ = random_energy("picture")
    for ask in (energy.score, energy.denoise, energy.log_density, energy.posterior_variance_trace):
        assert torch.equal(ask(net, y, 0.3), ask(net, y, torch.full((16,), 0.3, dtype=torch.float64)))
        assert torch.allclose(ask(net, y, 0.3), ask(net, y, torch.tensor(0.3)), rtol=1e-6)


def test_levels_of_any_shape_and_kind() -> None:
    g = seeded()
    for _ in range(40):
        n = int(torch.randint(1, 6, (), generator=g))
        shape = [int(v) for v in torch.randint(1, 5, (int(torch.randint(0, 4, (), generator=g)),), generator=g)]
        y = torch.randn(n, *shape, generator=g).to([torch.float32, torch.float64][n % 2])
        each = torch.rand(n, generator=g)
        for given in (2, 0.5, torch.tensor(0.5), torch.tensor([3]), each, each.double(), each.tolist()):
            t = per_item(given, y)
            assert (
                t.shape == (n,)
                and t.dtype == y.dtype
                and torch.allclose(t, torch.as_tensor(given, dtype=y.dtype).expand(n))
            )
        for wrong in (torch.ones(n + 1), torch.ones(n, 1), torch.ones(n, 2)):
            if wrong.numel() > 1 or wrong.ndim > 1:
                with pytest.raises(ValueError, match="noise levels have shape"):
                    per_item(wrong, y)


def test_networks_take_any_shape() -> None:
    g = seeded()
    for trial in range(16):
        scales, channels, n = 1 + trial % 3, 1 + 2 * (trial % 2), 1 + trial % 4
        height, width = (int(v) for v in torch.randint(1, 14, (2,), generator=g))
        net = LevelUNet([4, 6, 5][:scales], [1, 2, 1][:scales], channels=channels, circular=trial % 5 == 4)
        u = torch.randn(n, channels, height, width, generator=g)
        assert net(u, torch.rand(n, generator=g) + 0.01).shape == u.shape
        told = Told(mean=0.5, variance=0.1, widths=[4, 6, 5][:scales], blocks=[1] * scales, channels=channels)
        assert torch.allclose(told(u, 0.1**0.5), 0.25 + u / 2, atol=1e-6), (
            "an untrained one is the Wiener filter of white pixels"
        )
        whole = Energy(
            mean=0.5, variance=0.1, shape=[channels, height, width], widths=[4] * scales, blocks=[1] * scales
        )
        assert energy.log_density(whole, u, 0.1).shape == (n,)
    with pytest.raises(ValueError, match="one count a width"):
        LevelUNet([4, 4], [1])


def test_circular_networks_do_not_see_the_border() -> None:
    """Energies of shifted pictures are equal, as those of the law are; with zeros around the picture they are not."""
    for circular in (True, False):
        torch.manual_seed(0)
        net = Energy(mean=0.0, variance=1.0, shape=[1, 8, 8], widths=[6], blocks=[2], circular=circular).double()
        nn.init.normal_(net.net.tail.weight, std=0.2)
        y = noise(4, 1, 8, 8)
        shifted = energy.log_density(net, y.roll((3, 5), (2, 3)), 0.5)
        assert (relative(shifted, energy.log_density(net, y, 0.5)) < 1e-10) == circular


# the loss


def test_only_the_second_term_sees_a_function_of_t() -> None:
    law, d = GaussianPatches(4), 16
    x, sigma = law.sample(200, seeded()), torch.full((200,), 0.8)

    def shifted(y: Tensor, t: Tensor) -> Tensor:
        return law.energy(y, t) + 3 * d * t.log()

    plain, other, lifted = (
        torch.stack(energy.losses(net, x, sigma, seeded(1), create_graph=False))
        for net in (law.energy, shifted, lambda y, t: law.energy(y, t) + 123.4)
    )
    assert torch.allclose(plain[0], other[0], atol=1e-7) and (other - plain)[1].item() == pytest.approx(9, rel=0.1)
    assert torch.allclose(lifted, plain), "a constant is seen by neither"
    assert energy.single(shifted, x, sigma, seeded(1)).item() == pytest.approx(plain[0].item(), abs=1e-7)
    assert energy.dual(shifted, x, sigma, seeded(1)).item() == pytest.approx(other.sum().item(), rel=1e-6)


@pytest.mark.parametrize("d", [4, 400])
def test_the_loss_of_nothing_and_of_the_truth(d: int) -> None:
    flat = energy.losses(
        lambda y, t: 0 * y.sum(1), torch.zeros(20_000, d), torch.ones(20_000), seeded(), create_graph=False
    )
    assert float(flat.space) == pytest.approx(1, abs=0.02) and float(flat.time) == pytest.approx(1 / (2 * d), rel=0.06)
    side = int(d**0.5)
    law = GaussianPatches(side)
    x, sigma = law.sample(500_000 // d**2 + 500, seeded()), 0.6
    best = energy.losses(law.energy, x, torch.full((len(x),), sigma), seeded(1), create_graph=False)
    assert float(best.space) == pytest.approx(law.local_dimension(sigma**2) / d, rel=0.03)
    for wrong in (lambda y, t: 1.3 * law.energy(y, t), lambda y, t: law.energy(y, 1.5 * t)):
        worse = energy.losses(wrong, x, torch.full((len(x),), sigma), seeded(1), create_graph=False)
        assert float(worse.space) > float(best.space) and float(sum(worse)) > float(sum(best))


def test_the_loss_reaches_the_weights() -> None:
    """All but a constant by both terms, all but the function of t by the first; derivatives asked for without a graph
    have none.
    """
    net, x, t = random_energy("picture", torch.float32)
    energy.dual(net, x, t.sqrt(), seeded()).backward()
    reached = {name: p.grad for name, p in net.named_parameters() if name != "time.1.bias"}
    assert all(g is not None and bool(g.isfinite().all()) and float(g.abs().max()) > 0 for g in reached.values())
    net.zero_grad(set_to_none=True)
    energy.single(net, x, t.sqrt(), seeded()).backward()
    unmoved = {name.split(".")[0] for name, p in net.named_parameters() if p.grad is None or not bool(p.grad.any())}
    assert unmoved == {"time"}
    assert not any(v.requires_grad for v in energy.losses(net, x, t.sqrt(), seeded(), create_graph=False))


@pytest.mark.parametrize("loss", [energy.dual, energy.single])
def test_several_processes_find_a_gradient_for_every_weight(loss: Callable) -> None:
    """DistributedDataParallel waits for all of them; a zero will do."""
    net, x, t = random_energy("picture", torch.float32)
    loss(net, x, t.sqrt(), seeded()).backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []


def test_relative_error_is_the_first_term_of_a_denoiser() -> None:
    net, x, t = random_energy("picture", torch.float32)
    found = energy.relative_error(energy.denoiser(net), x, t.sqrt(), seeded())
    assert found.item() == pytest.approx(energy.single(net, x, t.sqrt(), seeded()).item(), rel=1e-4)


# the constant


@pytest.mark.parametrize("anchored, holds", [(True, True), (False, False)])
def test_anchor_takes_a_constant_away(anchored: bool, holds: bool) -> None:
    """White pixels, of which the base is the exact energy, plus 123.4 nats hidden in the network."""
    torch.manual_seed(0)
    net = Energy(mean=0.5, variance=0.1, shape=[1, 6, 6], widths=[8], blocks=[1])
    net.time[1].bias.data.fill_(123.4 / 36)
    x = 0.5 + 0.1**0.5 * torch.randn(4000, 1, 6, 6, generator=seeded())
    if anchored:
        net.constant.value.fill_(55.0)
        assert energy.anchor(net, x, seeded(1)) == float(net.constant.value) == pytest.approx(-123.4, abs=0.07)
    for t in (1e-3, 0.1, 100.0):
        y = miyasawa.noisy(x[:100], t**0.5, seeded(2))
        exact = -torch.distributions.Normal(0.5, (0.1 + t) ** 0.5).log_prob(y).flatten(1).sum(1)
        assert (float((-energy.log_density(net, y, t) - exact).abs().max()) / 36 < 0.002) == holds


def test_anchor_makes_the_mean_energy_the_entropy() -> None:
    """At the largest level, whatever the network says there: of patches, whose covariance the base does not know."""
    law = GaussianPatches(6)
    torch.manual_seed(0)
    net = Energy(mean=0.0, variance=1.0, shape=[1, 6, 6], levels=(1e-3, 50.0), widths=[8], blocks=[1])
    nn.init.normal_(net.net.tail.weight, std=0.02)
    net.time[1].bias.data.fill_(1.3)
    x = law.sample(20_000, seeded())
    energy.anchor(net, x, seeded(1))
    y = miyasawa.noisy(law.sample(20_000, seeded(2)), 50**0.5, seeded(3))
    entropy = float((2 * math.pi * math.e * (law.spectrum + 50)).log().sum()) / 2
    assert float(law.energy(y, 50.0).mean()) / 36 == pytest.approx(entropy / 36, abs=0.004)
    assert float(-energy.log_density(net, y, 50.0).mean()) / 36 == pytest.approx(
        float(law.energy(y, 50.0).mean()) / 36, abs=0.002
    )
    assert relative(energy.gaussian_energy(x, y[:50], 50.0), law.energy(y[:50], 50.0)) < 2e-4


def test_gaussian_energy_of_data_without_width() -> None:
    """Pixels that never change, and fewer pictures than pixels: t keeps it finite."""
    x = torch.rand(3, 1, 4, 4, generator=seeded())
    x[..., 0] = 0
    found = energy.gaussian_energy(x, x, 0.01)
    assert bool(found.isfinite().all()) and found.dtype == torch.float64
    c = torch.cov(x.flatten(1).double().mT, correction=0) + 0.01 * torch.eye(16).double()
    normal = torch.distributions.MultivariateNormal(x.flatten(1).double().mean(0), c)
    assert torch.allclose(found, -normal.log_prob(x.flatten(1).double()))


# trainings


def test_training_lowers_the_loss() -> None:
    """On the same pictures and noise, most of the way from the base to the exact energy."""
    *_, last = fit(find("patches-dual"), "ci", device="cpu", states=30)
    assert last.step == 60 and len(last.history) == 30 and all(math.isfinite(v) for _, v in last.history)
    law, t = energy.PATCHES, torch.tensor([0.01, 0.1, 1.0, 10.0]).repeat_interleave(100)
    x = law.sample(400, seeded(5))
    exact, trained, base = (
        float(sum(energy.losses(net, x, t.sqrt(), seeded(6), create_graph=False)))
        for net in (law.energy, last.net, find("patches-dual").build())
    )
    assert exact < trained < exact + 0.4 * (base - exact) and base > 1.05 * exact


def losses(recipe, **options) -> list[tuple[int, float]]:
    return list([*fit(recipe, "ci", device="cpu", states=15, **options)][-1].history)


@pytest.mark.parametrize(
    "recipe",
    [
        SMALL,
        replace(find("shells-dual-0"), batch=16, steps={"ci": 30}),
        replace(find("shells-single-0"), batch=16, steps={"ci": 30}),
    ],
    ids=lambda r: r.name,
)
def test_an_interrupted_training_gives_the_uninterrupted_losses(recipe, tmp_path: Path) -> None:
    checkpoint, whole = tmp_path / "energy.pt", losses(recipe)
    run = loop.Training(recipe, "ci", torch.device("cpu"), compiled=False)
    for step in range(11):
        run.advance(step / 30)
        if run.step % 2 == 0:
            run.state(done=False)
    run.save(checkpoint)
    resumed = losses(recipe, checkpoint=checkpoint)
    assert [s for s, _ in resumed] == [s for s, _ in whole] and len(whole) == 15
    assert max(abs(a[1] / b[1] - 1) for a, b in zip(resumed, whole)) < 1e-5


PHOTOS = replace(
    SMALL,
    data=("photos:train",),
    held_out="photos:tune",
    patch=8,
    steps={"ci": 3},
    noise=find("photos-energy").noise,
    finish="energy.anchor",
    denoiser="energy.denoiser",
    sigmas_255=(25.0, 100.0),
    net_args=SMALL.net_args | {"mean": 0.41, "variance": 0.06, "levels": [1e-4, 100.0], "circular": False},
)


@pytest.mark.parametrize(
    "recipe", [PHOTOS, replace(SMALL, steps={"ci": 3}, finish="energy.anchor")], ids=["half", "full"]
)
def test_the_constant_survives_the_file(recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "FINISH_ON", 2000)
    *_, last = fit(recipe, "ci", device="cpu")
    path = cards.write(recipe, last, "ci", tmp_path, torch.device("cpu"))
    kept, net, halved = load_file(path), store.load(path), recipe is PHOTOS
    assert {v.dtype for k, v in kept.items() if k != "constant.value"} == {torch.half if halved else torch.float32}
    constant = kept["constant.value"]
    assert constant.dtype == net.constant.value.dtype == torch.float64 and torch.equal(constant, net.constant.value)
    assert float(constant) != 0 and float(constant) != float(constant.half()) and float(last.net.constant.value) == 0
    x = cards.training_data(recipe).draw(2000, seeded(recipe.seed))
    again = store.load(path)
    generator = seeded(recipe.seed)
    assert energy.anchor(again, cards.training_data(recipe).draw(2000, generator), generator) == pytest.approx(
        float(constant), rel=1e-6
    )
    y = miyasawa.noisy(x, 10.0, seeded(7))
    assert float(-energy.log_density(net, y, 100.0).mean()) / 64 == pytest.approx(
        float(energy.gaussian_energy(x, y, 100.0).mean()) / 64, abs=0.002
    )
    card = store.read_card(path.with_suffix(".json"))
    assert card["recipe"]["finish"] == "energy.anchor" and len(card["psnr"]["out"]) == (2 if halved else 0)
    assert json.loads(json.dumps(card)) == card


def test_a_constant_is_never_halved(tmp_path: Path) -> None:
    """Nor where nothing is done to the finished network."""
    recipe = replace(PHOTOS, finish="", steps={"ci": 1})
    *_, last = fit(recipe, "ci", device="cpu")
    last.net.constant.value.fill_(1234.5678901)
    path = cards.write(recipe, last, "ci", tmp_path, torch.device("cpu"))
    assert (
        load_file(path)["net.tail.weight"].dtype == torch.half
        and float(store.load(path).constant.value) == 1234.5678901
    )


def test_recipes_of_energies() -> None:
    """Halves that share nothing, one network a family, and levels of the network that are those of the noise."""
    named = {
        name: find(name)
        for name in (
            "digits-energy-a",
            "digits-energy-b",
            "digits-energy-a50",
            "digits-energy-b50",
            "digits-energy-single",
            "photos-energy",
            "patches-dual",
            "shells-dual-0",
            "shells-single-0",
        )
    }
    for recipe in named.values():
        low, high = recipe.net_args["levels"]
        assert (recipe.noise.low**2, recipe.noise.high**2) == pytest.approx((low, high), rel=1e-6)
        assert min(recipe.sigmas_255, default=255) / 255 >= low**0.5 * 0.9999
        assert recipe.build().shape == tuple(recipe.net_args.get("shape", [1000]))
    same = [recipe.net_args for name, recipe in named.items() if name.startswith("digits")]
    assert all(args == same[0] for args in same) and len(same) == 5


def test_which_digits(digits: Tensor) -> None:
    assert torch.equal(pictures("mnist:100-200")[0], digits[100:200]) and torch.equal(
        pictures("mnist:100")[0], digits[:100]
    )
    assert torch.equal(pictures("mnist:0-1")[0], digits[:1]) and torch.equal(
        pictures("mnist:54999-55000")[0], digits[-1:]
    )
    assert (
        len(digits) == 55_000 and len(pictures("mnist:tune")[0]) == 5_000 and len(pictures("mnist:test")[0]) == 10_000
    )
    halves = [pictures(find(f"digits-energy-{name}").data[0])[0] for name in ("a", "b", "a50", "b50")]
    assert [len(x) for x in halves] == [27_500, 27_500, 50, 50] and torch.equal(torch.cat(halves[:2]), digits)
    assert torch.equal(halves[0][:50], halves[2]) and torch.equal(halves[1][:50], halves[3])
    args = find("digits-energy-a").net_args
    assert (float(digits.mean()), float(digits.var())) == pytest.approx((args["mean"], args["variance"]), abs=1e-3)
    assert held_out(find("digits-energy-a")).shape[1:] == (1, 28, 28)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "0",
        "55001",
        "60000",
        "200-100",
        "100-100",
        "100-",
        "a-b",
        "1-2-3",
        "1.5",
        "54000-55001",
        "Train",
        " 100",
        "100--200",
        "--5",
        "-5",
    ],
)
def test_digits_that_are_not_there(digits: Tensor, wrong: str) -> None:
    with pytest.raises(ValueError, match="There are no (digits|pictures) mnist:"):
        pictures(f"mnist:{wrong}")


def test_all_networks_of_digits_are_measured_on_the_same(digits: Tensor) -> None:
    assert torch.equal(held_out(find("digits-told")), held_out(find("digits-energy-a")))


def test_data_of_a_bad_level_is_not_asked_of_a_denoiser() -> None:
    """The levels of a card's table lie in the range of the network, or the training ends in words and not in
    numbers.
    """
    net = PHOTOS.build()
    with pytest.raises(ValueError, match="was trained for variances"):
        cards.psnr_table(energy.denoiser(net), torch.zeros(2, 1, 8, 8), [0.5])
    assert len(cards.psnr_table(energy.denoiser(net), torch.zeros(2, 1, 8, 8), [2.55, 2550.0])) == 2
