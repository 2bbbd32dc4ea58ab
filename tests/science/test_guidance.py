"""Feature guidance: the layer that moves means, centroids, guided denoisers, and distances of classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
import torch
from scipy.integrate import quad, solve_ivp
from torch import Tensor, nn

from dprior_lite import guidance
from dprior_lite.course.lab.two_classes import guided_points, mean_and_std, two_classes
from dprior_lite.guidance import between, centroids, features, guided, jeffreys, separation
from dprior_lite.mixture import GaussianMixture
from dprior_lite.nets import build
from dprior_lite.nets.guided import GuidedUNet, ScaleNorm
from dprior_lite.sampling import Ascent, ItemNoise, ascend, finish
from dprior_lite.training.recipes.guidance import RECIPES

SHARE = 0.6


def g(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, seed: int = 0) -> Tensor:
    return torch.rand(count, 1, 16, 16, generator=g(seed))


@cache
def small(share: float = SHARE) -> GuidedUNet:
    """Return a small network with one share of all features."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = GuidedUNet((4, 6, 8)).eval().requires_grad_(False)
    net.gamma.fill_(share)
    return net


# the layer


def test_eq_move(factor: float = 1.0, holds: bool = True) -> None:
    """At the end of the first block the mean has gone a share of the way; with the share 1 it arrives everywhere."""
    x, partner = pictures(), pictures(seed=1)
    net = small()
    ends = net._run(x, net.features(partner))[1]
    own, other = (net.maps(v)[0].mean((-2, -1)) for v in (x, partner))
    first = float((ends[0].mean((-2, -1)) - (own + factor * SHARE * (other - own))).abs().max())
    whole = small(1.0)
    arrived = torch.cat([a.mean((-2, -1)) for a in whole._run(x, whole.features(partner))[1]], 1)
    last = float((arrived - factor * whole.features(partner)).abs().max())
    assert (max(first, last) < 1e-5) == holds


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_another_share_is_seen(factor: float) -> None:
    test_eq_move(factor, holds=False)


def test_a_partner_and_its_features_are_the_same_guide() -> None:
    net, x, partner = small(), pictures(), pictures(seed=1)
    assert torch.allclose(net(x, partner), net(x, net.features(partner)), atol=1e-6)
    # features of y itself move nothing
    assert torch.allclose(net(x, x), net(x), atol=1e-5)
    assert float((net(x, partner) - net(x)).abs().max()) > 1e-3


def test_a_standard_layer_normalisation_would_remove_the_features() -> None:
    x = pictures()
    norms: dict[str, nn.Module] = {"ours": ScaleNorm(3), "instance": nn.InstanceNorm2d(3)}
    maps = {name: norm(torch.cat([x, x + 0.5, x * x], 1)).mean((-2, -1)) for name, norm in norms.items()}
    assert float(maps["ours"].abs().min()) > 0.5 and float(maps["instance"].abs().max()) < 1e-5


def test_twins_start_with_the_same_weights_and_differ_by_one_number_a_channel() -> None:
    pair = []
    for recipe in RECIPES[:2]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            pair.append(recipe.build())
    with_guide, without = pair
    x = torch.rand(2, 1, 32, 32, generator=g())
    assert torch.equal(with_guide(x), without(x)) and not torch.equal(with_guide(x, x.flip(0)), without(x))
    with torch.no_grad():
        with_guide.gamma.zero_()
    assert torch.equal(with_guide(x, x.flip(0)), without(x))
    counts = [sum(p.numel() for p in net.parameters()) for net in pair]
    assert counts[0] - counts[1] == sum(with_guide.sizes) == 176 and counts[0] <= 150_000
    middle = with_guide.maps(x)[with_guide.blocks.index("middle")]
    assert min(middle.shape[-2:]) >= 4 and float(middle.min()) >= 0


def test_an_item_does_not_depend_on_its_batch() -> None:
    net, x, partner = small(), pictures(), pictures(seed=1)
    alone = torch.cat([net(x[[k]], partner[[k]]) for k in range(len(x))])
    assert torch.allclose(alone, net(x, partner), atol=1e-5)


def test_any_size_and_colour() -> None:
    net = build("guided.GuidedUNet", {"widths": [4, 6], "channels": 3})
    y = torch.rand(2, 3, 9, 14, generator=g())
    assert net(y, y.flip(0)).shape == y.shape


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: GuidedUNet((4, 6), guided=False)(pictures(2), pictures(2)), "without guidance"),
        (lambda: small()(pictures(2), torch.zeros(2, 5)), "one vector of 28 features"),
        (lambda: small()(pictures(2), torch.zeros(3, 28)), "or one for each"),
        (lambda: GuidedUNet((4, 6), convs=(0, 1, 1)), "from 1 to 16"),
    ],
)
def test_a_network_refuses_what_it_cannot_take(call: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


# losses


def test_a_picture_is_never_its_own_partner() -> None:
    x = torch.arange(4.0).reshape(1, 4, 1, 1).expand(4000, 4, 2, 2)
    one, other = guidance.pairs(x, g())
    counts = torch.zeros(4, 4)
    for a, b in zip(one[:, 0, 0, 0].long(), other[:, 0, 0, 0].long()):
        counts[a, b] += 1
    assert float(counts.diagonal().max()) == 0
    away = counts[~torch.eye(4, dtype=torch.bool)]
    assert float(away.min()) > 250 and float(away.max()) < 420  # 4000 / 12 is 333


def test_twins_see_the_same_noisy_pictures() -> None:
    x, sigma, seen = torch.rand(5, 4, 8, 8, generator=g()), torch.full((5,), 0.3), []

    def watch(y: Tensor, partner: Tensor | None = None) -> Tensor:
        seen.append((y, partner))
        return y

    losses = [loss(watch, x, sigma, g(1)) for loss in (guidance.guided_error, guidance.unguided_error)]
    (y, partner), (alone, none) = seen
    assert torch.equal(y, alone) and none is None and losses[0] == losses[1]
    clean = x.flatten(0, 1)[:, None]
    assert all(any(torch.equal(p, v) for v in clean) for p in partner)


def test_the_mistake_hands_out_the_clean_picture() -> None:
    x, sigma = torch.rand(5, 4, 8, 8, generator=g()), torch.full((5,), 0.3)
    assert float(guidance.leaking_error(lambda y, partner: partner, x, sigma, g())) == 0
    assert float(guidance.guided_error(lambda y, partner: partner, x, sigma, g())) > 1


# centroids


def test_centroids_are_means_and_the_way_between_them_is_straight() -> None:
    net, x, classes = small(), pictures(), torch.tensor([0, 1, 0, 1, 1, 0])
    found = centroids(net, x, classes, ["a", "b"])
    assert torch.allclose(found.of("b").values[0], net.features(x)[classes == 1].mean(0), atol=1e-6)
    assert found.counts == (3, 3)
    a, b = found.of("a"), found.of("b")
    assert torch.equal(between(a, b, 0).values, a.values) and torch.equal(between(a, b, 1).values, b.values)
    half = between(a, b, 0.5).values
    assert torch.allclose(half - a.values, b.values - half, atol=1e-6)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: centroids(small(), pictures(4), torch.tensor([0, 0, 0, 1])), "has 1 picture; expected at least 2"),
        (lambda: centroids(small(), pictures(4), torch.tensor([0, 0, 0, 0]), ["a", "b"]), "'b' has 0 pictures"),
        (lambda: centroids(small(), pictures(4), torch.tensor([0, 0, 2, 2]), ["a", "b"]), "expected 0 to 1"),
        (lambda: centroids(small(), pictures(4), torch.tensor([0, 0, 0, 0])).of("brick"), "There is no class 'brick'"),
        (lambda: guided(small(), features(small(0.3), pictures(1))), "their channels do not correspond"),
        (lambda: guided(small(), features(small(), pictures(1)).block("middle")), "expected those of all blocks"),
        (lambda: features(small(), pictures(1)).block("decoder 7"), "There is no block 'decoder 7'"),
        (lambda: between(features(small(), pictures(1)), features(small(0.3), pictures(1)), 0.5), "of two networks"),
        (
            lambda: between(*(features(small(), pictures(1)).block(k) for k in ("middle", "encoder 1")), 0.5),
            "of the same blocks",
        ),
        (lambda: between(features(small(), pictures(1)), features(small(), pictures(2)), 0.5), "expected as many"),
        (lambda: guided(GuidedUNet((4, 6), guided=False), features(small(), pictures(1))), "without guidance"),
        (lambda: GuidedUNet((4,)), "expected at least two"),
    ],
)
def test_what_does_not_belong_together_is_refused(call: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


# guided denoisers


def test_a_batch_of_classes_samples_as_each_class_alone() -> None:
    net, found = small(), features(small(), pictures(2))
    ascent = Ascent(h0=0.2, beta=0.5, sigma_L=0.3, max_steps=20)

    def drawn(rows: list[int]) -> Tensor:
        noise = ItemNoise([7 + k for k in rows], (1, 16, 16))
        denoiser = guided(net, replace(found, values=found.values[rows]))
        return finish(ascend(denoiser, 0.5 + noise.draw(), noise, ascent)).x

    assert torch.allclose(drawn([0, 1]), torch.cat([drawn([0]), drawn([1])]), atol=1e-4)


def test_gains_of_a_guide_are_paired() -> None:
    net, x = small(), pictures()
    none = guidance.class_gains(small(0.0), small(0.0), x, features(small(0.0), x[:1]), 0.5, g())
    assert float(none.abs().max()) < 1e-4
    some = guidance.class_gains(net, small(0.0), x, features(net, x), 0.5, g())
    assert some.shape == (6,) and float(some.abs().min()) > 0


def test_the_weight_one_is_the_class() -> None:
    first, _, both = two_classes(3.0)
    y = torch.randn(50, 2, generator=g(), dtype=torch.float64)
    for weight, law in ((1.0, first), (0.0, both)):
        guide = guidance.classifier_free(first.posterior_mean, both.posterior_mean, weight)
        assert torch.allclose(guide(y, 0.7), law.posterior_mean(y, 0.7), atol=1e-12)


def test_guided_points_follow_the_flow_that_another_solver_finds() -> None:
    """The probability flow of the weight 3 is monotone on the line, so it maps the quantiles of the start."""
    count, steps, start = 2000, 100, 30.0

    def slope(log_sigma: float, y: Tensor) -> Tensor:
        v = 1 + math.exp(2 * log_sigma)
        of_class, of_all = (1 - y) / v, (torch.tanh(torch.as_tensor(y) / v).numpy() - y) / v
        return -math.exp(2 * log_sigma) * (of_all + 3 * (of_class - of_all))

    quantiles = torch.special.ndtri((torch.arange(200, dtype=torch.float64) + 0.5) / 200) * start
    solved = solve_ivp(slope, (math.log(start), math.log(0.01)), quantiles.numpy(), rtol=1e-7).y[:, -1]
    away, spread = mean_and_std(2.0, 3.0, 0, rule="heun", count=count, steps=steps)
    assert away == pytest.approx(solved.mean() - 1, abs=0.05) and spread == pytest.approx(solved.std(), abs=0.04)
    assert away > 0.8 and spread < 0.7
    assert abs(float(guided_points(2.0, 1.0, 0, count=count, steps=steps).mean()) - 1) < 0.1


# distances


def test_separation_of_two_clouds() -> None:
    a = torch.randn(20_000, 3, generator=g(), dtype=torch.float64)
    b = torch.randn(20_000, 3, generator=g(1), dtype=torch.float64) + torch.tensor([0.0, 4.0, 0.0])
    assert separation(a, b) == pytest.approx(4 / math.sqrt(2), rel=0.02)
    assert separation(5 * a, 5 * b) == pytest.approx(separation(a, b), rel=1e-9)
    mixed = torch.cat([a, b])[torch.randperm(40_000, generator=g(2))]
    assert separation(mixed[:20_000], mixed[20_000:]) < 0.1


class OfGaussian:
    """Blind posterior mean of pictures `mean + std z`: the noise is read off the variance of the pixels."""

    def __init__(self, mean: float, std: float) -> None:
        self.mean, self.std = mean, std

    def __call__(self, y: Tensor) -> Tensor:
        gain = self.std**2 / y.var(1, keepdim=True)
        return self.mean + gain * (y - self.mean)


def test_eq_jeffreys(factor: float = 1.0, holds: bool = True) -> None:
    """Two Gaussians of one spread: what some noise levels see of d Δ²/s², in closed form."""
    d, std, means, levels = 4000, 0.5, (0.0, 0.1), torch.logspace(-0.7, 1.5, 40).tolist()
    white = torch.randn(4, d, generator=g())
    white = (white - white.mean(1, keepdim=True)) / white.std(1, keepdim=True)
    found = jeffreys([OfGaussian(m, std) for m in means], [m + std * white for m in means], levels, g(3))
    inside = d * (means[1] - means[0]) ** 2 * (1 / (std**2 + levels[0] ** 2) - 1 / (std**2 + levels[-1] ** 2))
    assert bool(torch.equal(found, found.mT)) and float(found.diagonal().abs().max()) == 0
    assert (abs(float(found[0, 1]) / (factor * inside) - 1) < 0.03) == holds


def test_another_factor_of_the_divergence_is_seen() -> None:
    test_eq_jeffreys(0.5, holds=False)


def test_eq_class_information(factor: float = 1.0, holds: bool = True) -> None:
    """Two classes on a line: the error that the class saves, over all noise, is its information about the point."""
    first, second, both = (
        GaussianMixture.isotropic(*law)
        for law in (([[-1.0]], [0.5], [1.0]), ([[1.0]], [0.5], [1.0]), ([[-1.0], [1.0]], [0.5, 0.5], [0.5, 0.5]))
    )
    y = torch.linspace(-60, 60, 24_001, dtype=torch.float64)[:, None]

    def mean_error(law: GaussianMixture, sigma: float) -> float:
        p = law.log_density(y, sigma).exp()
        return float(torch.trapezoid(p * law.posterior_covariance(y, sigma)[:, 0, 0], y[:, 0]))

    logs = torch.linspace(math.log(0.03), math.log(8), 40, dtype=torch.float64)
    saved = [mean_error(both, s) - (mean_error(first, s) + mean_error(second, s)) / 2 for s in logs.exp().tolist()]
    integral = float(torch.trapezoid(torch.tensor(saved) / (2 * logs).exp(), logs))

    def surprise(v: float) -> float:
        point = torch.tensor([[v]], dtype=torch.float64)
        own, every = float(second.log_density(point, 0)), float(both.log_density(point, 0))
        return math.exp(own) * (own - every)

    information = quad(surprise, -4, 6)[0]
    assert information < math.log(2)
    assert (abs(integral / (factor * information) - 1) < 0.02) == holds


def test_another_factor_of_the_information_is_seen() -> None:
    test_eq_class_information(0.5, holds=False)


def test_distortion_is_one_for_proportional_distances() -> None:
    squares = torch.cdist(torch.rand(5, 2, generator=g()), torch.rand(5, 2, generator=g())).square()
    assert guidance.distortion(3 * squares, squares) == pytest.approx(1)
    away = squares.clone()
    away[0, 1] *= 2
    away[1, 0] *= 2
    assert guidance.distortion(away, squares) == pytest.approx(2)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: separation(torch.ones(3, 2), torch.ones(3, 2)), "means of the two classes are equal"),
        (lambda: separation(torch.ones(3, 2), torch.ones(1, 2)), "at least two pictures"),
        (lambda: jeffreys([lambda y: y], [pictures()], [0.1, 1], g()), "at least two"),
        (lambda: jeffreys([lambda y: y] * 2, [pictures()] * 2, [1, 0.1], g()), "each above the one before"),
        (lambda: guidance.distortion(torch.ones(2, 2), torch.zeros(2, 2)), "not above 0"),
        (lambda: guidance.distortion(torch.ones(2, 2), torch.ones(3, 3)), "expected a tensor"),
        (lambda: guidance.pairs(torch.ones(2, 1, 4, 4), g()), "at least 2 pictures"),
    ],
)
def test_distances_refuse_what_has_none(call: Callable[[], object], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()
