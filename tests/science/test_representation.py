"""What the middle of a denoiser represents: block averages, sparsity, clusters, neighbours, reconstructions.

Closed forms and second routes; each comes with a control that fails.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dprior_lite import representation as rep
from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.nets.guided import GuidedUNet
from dprior_lite.representation.blocks import means_of
from dprior_lite.sampling import Ascent, ItemNoise, advance, item_seeds, sample

BLOCKS = ["encoder.0", "encoder.1", "middle", "decoder.1", "decoder.0"]
QUICK = rep.Guidance(rounds=4, draws=2)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def net() -> GuidedUNet:
    """A small network, not trained, whose blocks answer to the picture."""
    torch.manual_seed(0)
    return GuidedUNet((4, 6, 10), (1, 1, 1), guided=False).eval().requires_grad_(False)


def pictures(n: int, seed: int = 0) -> Tensor:
    return torch.rand(n, 1, 16, 16, generator=seeded(seed))


# averages of blocks


def test_block_means_are_those_that_the_network_itself_gives() -> None:
    y, found = pictures(3), rep.channel_means(net(), pictures(3), BLOCKS)
    ends = [a.mean((-2, -1)) for a in net().maps(y)]  # its own route: no hooks
    assert [tuple(v.output.shape) for v in found.values()] == [(3, 4), (3, 6), (3, 10), (3, 6), (3, 4)]
    for name, end in zip(BLOCKS, ends):
        assert torch.equal(found[name].output, end)
    assert torch.equal(found["encoder.0"].input, y.mean((-2, -1)))
    assert torch.allclose(found["encoder.1"].input, found["encoder.0"].output, atol=1e-6), "pooling keeps the mean"
    assert not torch.allclose(found["middle"].output, ends[1].mean(1, keepdim=True))


def test_blocks_are_found_in_the_order_in_which_they_run() -> None:
    names = rep.block_names(net(), pictures(1))
    assert [name for name in names if name in BLOCKS] == BLOCKS and names[-1] == "tail" and "encoder" not in names
    assert not any(module._forward_hooks for module in net().modules())


def test_the_rest_of_the_network_does_not_run_and_no_hook_stays() -> None:
    model, ran = net(), []
    model.tail.register_forward_hook(lambda *a: ran.append("tail"))
    means_of(model, pictures(1), ["middle"])
    assert ran == [] and not model.middle._forward_hooks
    model(pictures(1))
    assert ran == ["tail"]


def test_features_are_the_mean_over_the_draws_of_each_picture() -> None:
    x, sigma = pictures(4), torch.tensor([0.1, 0.2, 0.0, 0.5])
    found = rep.features(net(), x, sigma, seeded(), draws=3, together=2)
    noise = ItemNoise(item_seeds(4, seeded()), (1, 16, 16))
    levels = sigma.reshape(-1, 1, 1, 1)
    by_hand = torch.stack([net().maps(x + levels * noise.draw())[2].mean((-2, -1)) for _ in range(3)]).mean(0)
    assert torch.allclose(found, by_hand, atol=1e-6)
    assert torch.allclose(rep.features(net(), x[:2], sigma[:2], seeded(), draws=3), found[:2], atol=1e-6), "by itself"
    assert float((rep.features(net(), x, 0.9, seeded(), draws=3) - found).abs().max()) > 1e-3, "the level matters"


class Twice(nn.Module):
    """A network that uses one block twice."""

    def __init__(self) -> None:
        super().__init__()
        self.block, self.pool = nn.Conv2d(1, 1, 3, padding=1), nn.Sequential(nn.Flatten(), nn.Linear(256, 4))

    def forward(self, y: Tensor) -> Tensor:
        self.pool(y)
        return self.block(self.block(y))


@pytest.mark.parametrize(
    "model, block, said",
    [
        (lambda y: y, "middle", "expected a torch network"),
        (net(), "centre", "has no block 'centre'; expected one of its blocks: .*middle"),
        (BFCNN(3, 4).eval(), "middle", "BFCNN has no block 'middle'"),
        (net(), "up", "runs 0 times"),
        (Twice(), "block", "runs 2 times"),
        (Twice(), "pool", r"returns \(1, 4\); expected a block with maps"),
        (net(), "", "has no block ''"),
    ],
)
def test_a_network_without_such_a_block_is_refused(model, block: str, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        rep.features(model, pictures(2), 0.1, seeded(), block)
    with pytest.raises((TypeError, ValueError), match=said):
        rep.guide(model, pictures(2), torch.zeros(2, 10), block)
    with pytest.raises((TypeError, ValueError), match=said):
        rep.reconstruct(model, pictures(2), 0.5, seeded(), (1.0, 0.5), block)


def test_features_of_another_block_or_of_other_pictures_are_refused() -> None:
    for target in (torch.zeros(2, 6), torch.zeros(3, 10), torch.zeros(1, 10)):
        with pytest.raises(ValueError, match=r"expected \(2, 10\), the features of 2 pictures at the block 'middle'"):
            rep.guide(net(), pictures(2), target)
    with pytest.raises(ValueError, match="features of one network and one block"):
        rep.assign(torch.zeros(2, 6), torch.zeros(3, 10))


# sparsity


@pytest.mark.parametrize("power, holds", [(1.0, True), (1.1, False)])
def test_eq_nulls(power: float, holds: bool) -> None:
    """Equal channels 1, k of C equal ones k/C, |Gaussian| 2/pi, ReLU of a Gaussian 1/pi."""
    z = torch.randn(4, 200_000, generator=seeded(), dtype=torch.float64)
    some = torch.zeros(1, 50, dtype=torch.float64)
    some[:, :7] = 3.0
    found = [rep.participation_ratio(v).mean() for v in (torch.ones(1, 9), some, z, z.clamp(min=0))]
    expected = [1.0, 7 / 50, 2 / math.pi, 1 / math.pi]
    off = max(abs(float(a) ** power - b) for a, b in zip(found, expected))
    assert (off < 4e-3) == holds
    nulls = rep.PARTICIPATION_NULLS
    assert [nulls["equal channels"], nulls["|Gaussian|"], nulls["ReLU of Gaussian"]] == [expected[0], *expected[2:]]


def test_the_ratio_has_no_scale_and_no_sign_and_is_refused_for_silence() -> None:
    v = torch.randn(3, 8, generator=seeded())
    once = rep.participation_ratio(v)
    for other in (1e-30 * v, -5 * v, 1e30 * v):
        assert torch.allclose(rep.participation_ratio(other), once, rtol=1e-5)
    with pytest.raises(ValueError, match="Row 1 of v is all zeros"):
        rep.participation_ratio(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))


def test_channel_types_by_another_route() -> None:
    n, draw = 2000, seeded()
    gaussian = 5 + torch.randn(n, generator=draw, dtype=torch.float64)
    rare = torch.where(torch.rand(n, generator=draw) < 0.02, 1.0, 0.0).double()
    middling = torch.rand(n, generator=draw, dtype=torch.float64)
    phi = torch.stack([gaussian, rare, middling, torch.zeros(n), torch.ones(n)], 1)
    found = rep.channel_types(phi)
    p = float(rare.mean())
    assert float(found.kurtosis[1]) == pytest.approx((1 - 6 * p * (1 - p)) / (p * (1 - p)), rel=1e-6), "Bernoulli"
    assert abs(float(found.kurtosis[0])) < 0.3 and float(found.kurtosis[2]) == pytest.approx(-1.2, abs=0.1)
    assert found.common.tolist() == [True, False, True, False, False]
    assert found.specialised.tolist() == [False, True, False, False, False]
    assert bool(found.kurtosis[3:].isnan().all()) and found.active[3:].tolist() == [0, 1]
    with pytest.raises(ValueError, match="ends with a ReLU"):
        rep.channel_types(-phi)


# clusters


def groups(n: int = 60, far: float = 8.0, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Three round groups in six dimensions, each with channels of its own."""
    labels = torch.arange(n) % 3
    centres = far * torch.eye(3, dtype=torch.float64).repeat_interleave(2, 1)
    return centres[labels] + torch.randn(n, 6, generator=seeded(seed), dtype=torch.float64), labels


def test_separation_of_two_gaussian_groups_is_the_closed_form() -> None:
    """Distance 3, standard deviations 1 and 2 along the line: 3/√5; across the line anything."""
    z = torch.randn(2, 40_000, 3, generator=seeded(), dtype=torch.float64)
    a = z[0] * torch.tensor([1.0, 9.0, 9.0])
    b = z[1] * torch.tensor([2.0, 9.0, 9.0]) + torch.tensor([3.0, 0.0, 0.0])
    a, b = a - a.mean(0), b - b.mean(0) + torch.tensor([3.0, 0.0, 0.0])
    assert rep.separation_ratio(a, b) == pytest.approx(3 / 5**0.5, rel=0.01)
    assert rep.separation_ratio(2 * a, 2 * b) == pytest.approx(rep.separation_ratio(a, b), rel=1e-9)
    with pytest.raises(ValueError, match="same mean"):
        rep.separation_ratio(a, a)


def test_clusters_find_the_groups_that_are_there_and_a_gaussian_has_none() -> None:
    phi, labels = groups(300)
    held, held_labels = groups(300, seed=1)
    found = rep.assign(held, rep.clusters(phi, 3))
    together = (found[:, None] == found) == (held_labels[:, None] == held_labels)
    assert bool(together.all())
    separation = float(rep.separations(held, found).median())
    cloud = rep.gaussian_surrogate(phi, 600, seeded(2))
    null = float(rep.separations(cloud[300:], rep.assign(cloud[300:], rep.clusters(cloud[:300], 3))).median())
    assert separation > 1.3 * null > 0
    assert len(rep.separations(held, torch.arange(300) % 2)) == 1
    with pytest.raises(ValueError, match="expected at least two"):
        rep.separations(held, torch.zeros(300, dtype=torch.long))


def test_the_surrogate_has_the_mean_and_the_covariance_and_not_the_groups() -> None:
    phi, _ = groups(900)
    cloud = rep.gaussian_surrogate(phi, 20_000, seeded(3))
    assert torch.allclose(cloud.mean(0), phi.mean(0), atol=0.1)
    assert float((cloud.T.cov() - phi.T.cov()).norm() / phi.T.cov().norm()) < 0.03
    flat = rep.gaussian_surrogate(phi[:3], 50, seeded())
    assert np.linalg.matrix_rank((flat - flat.mean(0)).numpy(), tol=1e-8) == 2, "three points span a plane"


def test_overlap_of_sets_by_another_route() -> None:
    phi, labels = groups(30)
    channels = torch.tensor([True, True, True, True, True, False])
    found = rep.top_overlap(phi, labels, 2, channels)
    sets = [{int(k) for k in row.topk(2).indices if row[int(k)] > 0} for row in phi[:, channels]]
    pairs = [(i, j) for i in range(30) for j in range(30) if i != j]
    within = [len(sets[i] & sets[j]) / 2 for i, j in pairs if labels[i] == labels[j]]
    between = [len(sets[i] & sets[j]) / 2 for i, j in pairs if labels[i] != labels[j]]
    assert (found.within, found.between) == pytest.approx((np.mean(within), np.mean(between)))
    assert found.ratio == pytest.approx(np.mean(within) / np.mean(between)) and found.ratio > 2
    shuffled = rep.top_overlap(phi, labels[torch.randperm(30, generator=seeded())], 2)
    assert shuffled.ratio < 1.5, "the control: groups that mean nothing"


def test_silent_channels_are_in_no_set() -> None:
    phi = torch.zeros(4, 6)
    phi[:2, 0], phi[2:, 1] = 1.0, 1.0
    found = rep.top_overlap(phi, torch.tensor([0, 0, 1, 1]), top=3)
    assert (found.within, found.between, found.ratio) == (pytest.approx(1 / 3), 0.0, math.inf)


# neighbours


def test_neighbours_and_purity_by_the_whole_table() -> None:
    (phi, labels), (training, classes) = groups(40, 2.0), groups(90, 2.0, seed=1)
    table = (phi[:, None] - training).norm(dim=2)
    assert torch.equal(rep.nearest_neighbours(phi, training, 3), table.topk(3, largest=False).indices)
    shares = rep.purity(phi, labels, training, classes)
    near = table.topk(5, largest=False).indices
    assert torch.equal(shares, (classes[near] == labels[:, None]).double().mean(1))
    guessed = rep.purity(phi, labels, training, classes[torch.randperm(90, generator=seeded())])
    assert float(shares.mean()) > 0.6 > 0.5 > float(guessed.mean())


def test_principal_coordinates_keep_distances_where_all_are_kept() -> None:
    training, x = groups(50)[0], groups(20, seed=1)[0]
    a, b = rep.principal_coordinates(x, training, 6)
    assert torch.allclose(torch.cdist(a, b), torch.cdist(x, training))
    values = torch.linalg.eigvalsh(training.T.cov()).flip(0)
    assert torch.allclose(rep.principal_coordinates(x, training, 2)[1].var(0), values[:2])
    with pytest.raises(ValueError, match="There are no more directions"):
        rep.principal_coordinates(x, training, 7)


# reconstructions


def test_guidance_brings_the_features_near_and_stops_each_picture_by_itself() -> None:
    model, x, y = net(), pictures(3), pictures(3, 1)
    target = rep.channel_means(model, x, ["middle"])["middle"].output
    target[2] = rep.channel_means(model, y, ["middle"])["middle"].output[2]  # is there already
    setting = rep.Guidance(rounds=200)
    moved = rep.guide(model, y, target, guidance=setting)

    def off(pictures_: Tensor) -> Tensor:
        return (rep.channel_means(model, pictures_, ["middle"])["middle"].output - target).square().mean(1)

    assert bool((off(moved)[:2] <= 0.011 * off(y)[:2]).all()) and torch.equal(moved[2], y[2])
    alone = rep.guide(model, y[:1], target[:1], guidance=setting)
    assert torch.allclose(alone, moved[:1], atol=1e-5), "an item does not depend on the others"
    short = rep.guide(model, y, target, guidance=rep.Guidance(rounds=3))
    assert float((short - y).abs().max()) == pytest.approx(0.03, rel=0.2), "three steps of Adam"


@pytest.mark.parametrize("next_over_this, holds", [(0.5, True), (0.45, False)])
def test_eq_full_step(next_over_this: float, holds: bool) -> None:
    """With h = 1 and 1 - beta the ratio of two levels, a step denoises and adds noise of the next level."""
    y, x_hat, z = pictures(2), pictures(2, 1), torch.randn(2, 1, 16, 16, generator=seeded())
    moved = advance(y, x_hat - y, torch.full((2,), 0.8), 1.0, 1 - next_over_this, z)
    assert torch.allclose(moved, x_hat + 0.4 * z, atol=1e-6) == holds


def test_a_list_of_levels_is_guide_denoise_add_noise() -> None:
    model, x, levels = net(), pictures(2), (1.0, 0.4, 0.1)
    states = list(rep.reconstruction(model, x, 0.3, seeded(), levels, guidance=QUICK))
    noise = ItemNoise(item_seeds(2, seeded()), (1, 16, 16))
    here, z = torch.full_like(x, 0.3), noise.draw()
    for n, (level, state) in enumerate(zip(levels, states)):
        noisy = here + level * z
        draws = [x + level * noise.draw() for _ in range(QUICK.draws)]
        target = torch.stack([model.maps(d)[2].mean((-2, -1)) for d in draws]).mean(0)
        y = rep.guide(model, noisy, target, guidance=QUICK)
        here = model(y)
        z = noise.draw()
        assert torch.allclose(state.y, y, atol=1e-5) and torch.allclose(state.x_hat, here, atol=1e-5)
        assert bool(state.running.all()) == (n < 2) and float(state.sigma[0]) == pytest.approx(level)


def test_without_guidance_an_ascent_is_the_sampler_of_chapter_4() -> None:
    """Their noise differs by the draws of the wanted features only, and the score alone draws none."""
    ascent, x = Ascent(h0=0.3, beta=0.5, sigma_L=0.3), pictures(2)
    model = net()
    found = rep.reconstruct(model, x, 0.5, seeded(), ascent, moves="score")
    plain = sample(model, 2, (1, 16, 16), seeded(), ascent, mean=0.5)
    assert torch.equal(found.steps, plain.steps) and torch.allclose(found.x, plain.x, atol=1e-5)
    guided = rep.reconstruct(model, x, 0.5, seeded(), ascent, guidance=QUICK)
    assert not torch.allclose(guided.x, plain.x, atol=1e-3)


def test_guidance_alone_keeps_its_own_changes_and_none_of_the_noise() -> None:
    model, x = net(), pictures(2)
    found = rep.reconstruct(model, x, 0.5, seeded(), (1.0, 0.5, 0.2), guidance=QUICK, moves="guidance")
    moved = float((found.x - 0.5).abs().max())
    assert 0 < moved <= 3 * QUICK.rounds * QUICK.rate * 1.5, "no more than three levels of four steps of Adam"
    with pytest.raises(ValueError, match="pass a list"):
        rep.reconstruct(model, x, 0.5, seeded(), Ascent(), moves="guidance")


@pytest.mark.parametrize(
    "schedule, said",
    [((), "falling levels"), ((0.5, 0.5), "fall at every step"), ((0.1, 0.5), "fall at every step"), (0.5, "falling"),
     ((1.0, 0.0), "above 0"), ("fast", "falling levels")],
)  # fmt: skip
def test_schedules_that_do_not_fall_are_refused(schedule, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        rep.reconstruct(net(), pictures(1), 0.5, seeded(), schedule)


def test_distances_are_in_units_of_unrelated_items() -> None:
    others = torch.randn(4000, 50, generator=seeded(1))
    b, strangers = torch.zeros(1, 50), torch.randn(3, 50, generator=seeded(2))
    ratios = rep.distance_ratio(strangers, b.expand(3, -1), others)
    assert float(ratios.mean()) == pytest.approx(1, abs=0.2) and float(rep.distance_ratio(b, b, others)) == 0
    with pytest.raises(ValueError, match="unrelated"):
        rep.distance_ratio(b, b, b)


def test_distinct_items_are_counted_once() -> None:
    x = torch.tensor([[0.0], [0.3], [0.6], [5.0], [5.1]])
    assert rep.distinct(x, 1.0, 0.4) == 3 and rep.distinct(x, 1.0, 10) == 1 and rep.distinct(x, 1.0, 0.05) == 5
