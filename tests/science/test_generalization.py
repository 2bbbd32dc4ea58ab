"""From memorising to generalising: likeness, pairs of networks on one noise, the exact denoiser of a finite set.

Closed forms and second routes; each comes with a control that fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from random_nets import noise, random_net, relative
from torch import Tensor
from torch.func import jvp
from torch.utils._python_dispatch import TorchDispatchMode

from dprior_lite import metrics, miyasawa
from dprior_lite.course.lab.paired import jackknife
from dprior_lite.course.lab.pooled import ratio
from dprior_lite.data import Patches, digits8
from dprior_lite.generalization import (
    EmpiricalBayes,
    correlation,
    cosine,
    disagreement,
    disjoint_halves,
    mismatched,
    nearest,
    paired_samples,
    train_test_gap,
    without_near_duplicates,
)
from dprior_lite.geometry import jacobian, probed
from dprior_lite.miyasawa import GaussianMixture
from dprior_lite.sampling import Ascent, ItemNoise, ascend

EXACT = 1e-10
FAST = Ascent(h0=0.1, beta=0.2, sigma_L=0.02)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int, side: int = 8, seed: int = 0) -> Tensor:
    """Unrelated pictures (n, 1, side, side) in [0, 1]."""
    return torch.rand(n, 1, side, side, generator=seeded(seed))


def zero(y: Tensor) -> Tensor:
    return 0 * y


def by_numpy(a: Tensor, b: Tensor) -> list[float]:
    """Correlations by another route."""
    return [float(np.corrcoef(p.flatten().numpy(), q.flatten().numpy())[0, 1]) for p, q in zip(a.double(), b.double())]


# likeness


def test_correlation_is_that_of_numpy_and_ignores_brightness_and_contrast() -> None:
    a, b = pictures(5), pictures(5, seed=1)
    assert correlation(a, b).tolist() == pytest.approx(by_numpy(a, b), abs=EXACT)
    assert correlation(a, 0.3 * a + 0.6).tolist() == pytest.approx([1] * 5, abs=1e-6)
    assert correlation(a, 1 - a).tolist() == pytest.approx([-1] * 5, abs=1e-6)
    assert float((cosine(a, 0.3 * a + 0.6) - 1).abs().max()) > 0.02, "the raw cosine sees brightness"


def test_two_unrelated_bright_pictures_have_a_large_raw_cosine_and_no_correlation() -> None:
    """Of values uniform on [0.5, 1] the cosine is E[a]² / E[a²] = 27/28 in the limit."""
    a, b = (0.5 + pictures(1, 128, seed) / 2 for seed in (0, 1))
    assert float(cosine(a, b)) == pytest.approx(27 / 28, abs=2e-3)
    assert abs(float(correlation(a, b))) < 0.03
    assert float(cosine(a, b)) == pytest.approx(float((a * b).sum() / a.norm() / b.norm()), abs=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
def test_a_constant_picture_has_no_correlation(value: float) -> None:
    x, flat = pictures(3), torch.full((3, 1, 8, 8), value)
    for a, b, name in ((flat, x, "a"), (x, flat, "b")):
        with pytest.raises(ValueError, match=f"Picture 0 of {name} is constant.*Remove it"):
            correlation(a, b)
    with pytest.raises(ValueError, match="Picture 0 of b is constant"):
        mismatched(x, flat)
    with pytest.raises(ValueError, match="Picture 2 of training is constant"):
        nearest(x, torch.cat([x[:2], flat]), block=2)
    found = nearest(flat, torch.cat([x, flat]), by="distance")
    assert found.index.tolist() == [3] * 3 and found.value.tolist() == [0.0] * 3


def test_a_picture_of_faint_contrast_still_has_a_correlation() -> None:
    a, b = pictures(1), pictures(1, seed=1)
    assert float(correlation(0.5 + 1e-3 * a, b)) == pytest.approx(float(correlation(a, b)), abs=1e-3)


def test_a_picture_of_zeros_has_no_cosine_and_others_keep_theirs_at_any_scale() -> None:
    x = pictures(2)
    with pytest.raises(ValueError, match="picture of zeros"):
        cosine(0 * x, x)
    assert cosine(1e-30 * x, x).tolist() == pytest.approx([1, 1], abs=1e-6)


def test_mismatched_pairs_are_all_others() -> None:
    a, b = pictures(4), pictures(4, seed=1)
    expected = [float(correlation(a[i : i + 1], b[j : j + 1])) for i in range(4) for j in range(4) if i != j]
    assert mismatched(a, b).tolist() == pytest.approx(expected, abs=EXACT)
    with pytest.raises(ValueError, match="at least two"):
        mismatched(a[:1], b[:1])


@pytest.mark.parametrize("block", [1, 3, 1024])
def test_the_nearest_picture_is_that_of_the_whole_table(block: int) -> None:
    x, training = pictures(7), pictures(20, seed=1)
    table = torch.tensor([by_numpy(p.expand(20, -1, -1, -1), training) for p in x], dtype=torch.float64)
    found = nearest(x, training, block=block)
    assert torch.equal(found.index, table.argmax(1))
    assert found.value.tolist() == pytest.approx(table.amax(1).tolist(), abs=EXACT)
    far = (x[:, None] - training).double().flatten(2).norm(dim=2)  # (7, 20)
    found = nearest(x, training, by="distance", block=block)
    assert torch.equal(found.index, far.argmin(1)) and torch.allclose(found.value, far.amin(1), atol=1e-6)
    assert not torch.equal(table.argmax(1), far.argmin(1)), "the two measures choose differently somewhere"


@pytest.mark.parametrize("by", ["correlation", "distance"])
@pytest.mark.parametrize("block", [1, 2, 7, 1024])
def test_of_copies_the_first_is_the_nearest(by: str, block: int) -> None:
    x = pictures(3)
    training = torch.cat([pictures(4, seed=1), x, x.flip(0), x])  # copies at 4..6, 7..9 in reverse, 10..12
    found = nearest(x, training, by, block)
    assert found.index.tolist() == [4, 5, 6]
    assert found.value.tolist() == pytest.approx([1.0] * 3 if by == "correlation" else [0.0] * 3, abs=EXACT)


def test_rounding_does_not_choose_between_equals() -> None:
    """Of a picture and a paler version of it both have correlation 1; the digits beyond 1e-12 are chance."""
    x = pictures(40).double()
    pale = torch.stack([0.37 * x + 0.21, x], 1).flatten(0, 1)  # (80, 1, 8, 8)
    each = torch.stack([correlation(x, 0.37 * x + 0.21), correlation(x, x)])
    assert len(set(each.flatten().tolist())) > 1, "the control: the digits differ"
    for block in (1, 80):
        assert nearest(x, pale, block=block).index.tolist() == list(range(0, 80, 2))


class Largest(TorchDispatchMode):
    """The largest tensor in bytes that is made while it is on; views make nothing."""

    bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        known = {v.untyped_storage().data_ptr() for v in args if isinstance(v, Tensor)}
        for v in out if isinstance(out, tuple | list) else (out,):
            if isinstance(v, Tensor) and v.untyped_storage().data_ptr() not in known:
                self.bytes = max(self.bytes, v.numel() * v.element_size())
        return out


def test_a_large_set_is_worked_through_in_a_small_memory() -> None:
    n, block = 2000, 50
    x, training = pictures(120), pictures(n)
    net = EmpiricalBayes(training, block)
    works = [
        lambda: nearest(x, training, block=block),
        lambda: nearest(x, training, "distance", block),
        lambda: net(x, 0.5),
        lambda: EmpiricalBayes(training, block),
    ]
    for work in works:
        with Largest() as seen:
            work()
        assert 0 < seen.bytes <= 8 * max(block * 64, 120 * 64), "no table of all pairs, and no copy of the set"
    with Largest() as seen:
        EmpiricalBayes(training, n)(x, 0.5)
    assert seen.bytes > 20 * 8 * block * 64, "the control: one block of all"


# subsets


def test_halves_are_the_first_and_the_last_and_grow_into_each_other() -> None:
    x = torch.arange(10)
    a, b = disjoint_halves(10, 5)
    assert x[list(a)].tolist() == [0, 1, 2, 3, 4] and x[list(b)].tolist() == [5, 6, 7, 8, 9]
    for n in range(1, 6):
        first, last = disjoint_halves(10, n)
        assert len(first) == len(last) == n and not set(first) & set(last)
        assert set(first) <= set(a) and set(last) <= set(b)


@pytest.mark.parametrize("count, n", [(10, 6), (10, 0), (10, -1), (10, 11), (1, 1), (0, 1), (10, math.nan)])
def test_halves_that_overlap_or_are_empty_are_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="expected a whole number"):
        disjoint_halves(count, n)


def greedy(table: Tensor, threshold: float) -> list[int]:
    """Kept are those that resemble no kept one before them, by the whole table."""
    kept: list[int] = []
    for i in range(len(table)):
        if all(table[i, j] <= threshold for j in kept):
            kept.append(i)
    return kept


def crowd() -> Tensor:
    """Sixty pictures, many of them noisy copies of others."""
    base = pictures(12, 16)
    copies = base[torch.randint(12, (48,), generator=seeded(1))]
    share = torch.rand(48, 1, 1, 1, generator=seeded(2)) * 0.6
    return torch.cat([base, (1 - share) * copies + share * pictures(48, 16, seed=3)])


@pytest.mark.parametrize("threshold", [0.8, 0.95])
@pytest.mark.parametrize("block", [1, 7, 60, 1024])
def test_near_duplicates_are_those_of_the_whole_table(threshold: float, block: int) -> None:
    x = crowd()
    small = x.reshape(60, 4, 4, 4, 4).mean((2, 4))[:, None]  # averages of 4 x 4 pixels
    table = torch.tensor([by_numpy(p.expand(60, -1, -1, -1), small) for p in small])
    kept = without_near_duplicates(x, threshold, side=4, block=block).tolist()
    assert kept == greedy(table, threshold) and 12 < len(kept) < 60
    left = without_near_duplicates(x[kept], threshold, side=4)
    assert left.tolist() == list(range(len(kept))), "what is kept holds no near duplicates"


def test_a_chain_of_near_duplicates_loses_every_second_one() -> None:
    """Neighbours on a circle of pictures are alike, second neighbours are not."""
    wave = torch.arange(16) * 2 * math.pi / 16
    chain = torch.stack([0.5 + 0.5 * torch.cos(wave + 0.3 * k) for k in range(6)]).reshape(6, 1, 4, 4)
    assert math.cos(0.3) > 0.95 > math.cos(0.6)
    assert without_near_duplicates(chain, side=4).tolist() == [0, 2, 4]


def test_constant_small_versions_are_duplicates_of_each_other_only() -> None:
    flat = torch.stack([torch.full((1, 8, 8), v) for v in (0.1, 0.9)])
    checks = ((torch.arange(8)[:, None] + torch.arange(8)) % 2).float()[None, None]  # gray when averaged
    x = torch.cat([flat[:1], pictures(1), checks, flat[1:], pictures(1, seed=1)])
    assert without_near_duplicates(x, side=4).tolist() == [0, 1, 4]
    assert without_near_duplicates(x, side=8).tolist() == [0, 1, 2, 4], "the control: nothing is averaged"


@pytest.mark.parametrize(
    "change, said",
    [({"threshold": 0.0}, "above 0"), ({"threshold": 1.0}, "below 1"), ({"threshold": math.nan}, "finite"),
     ({"side": 9}, "from 1 to 8"), ({"side": 0}, "from 1 to 8"), ({"block": 0}, "at least 1"),
     ({"x": 255 * pictures(2)}, "divide by 255")],
)  # fmt: skip
def test_what_cannot_be_compared_for_duplicates_is_refused(change: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        without_near_duplicates(**{"x": pictures(2), **change})


@pytest.mark.parametrize("n", [1, 3])
def test_a_subset_smaller_than_a_batch_fills_a_batch(n: int) -> None:
    x = (pictures(n) * 255).round() / 255
    drawn = Patches(x, 8, turn=False).draw(48, seeded())
    found = nearest(drawn, x, by="distance")
    assert drawn.shape == (48, 1, 8, 8) and float(found.value.max()) == 0 and set(found.index.tolist()) == set(range(n))


# the exact denoiser of a finite set


def direct(y: Tensor, x: Tensor, sigma: float | Tensor) -> Tensor:
    """The formula at once, in float64."""
    level = torch.as_tensor(sigma, dtype=torch.float64).reshape(-1, 1)
    a, b = y.double().flatten(1), x.double().flatten(1)
    weights = (-(a[:, None] - b).square().sum(2) / (2 * level**2)).softmax(1)
    return (weights @ b).reshape(y.shape)


@pytest.mark.parametrize("sigma", [0.2, 0.7, 1.5])
@pytest.mark.parametrize("two, holds", [(2.0, True), (2.02, False), (1.0, False)])
def test_eq_empirical_bayes(sigma: float, two: float, holds: bool) -> None:
    """The mean with these weights is Miyasawa's `y + sigma² grad log p` of the noisy training points.

    Of two points at -1 and 1 it is `tanh(y / sigma²)`.
    """
    x = 0.3 * noise(6, 3)
    y = x[:5] + sigma * noise(5, 3, seed=2)
    law = GaussianMixture(x, torch.zeros(6, 3, 3, dtype=x.dtype), torch.full((6,), 1 / 6, dtype=x.dtype))
    by_score = y + sigma**2 * law.score(y, sigma)
    by_weights = (-(y[:, None] - x).square().sum(2) / (two * sigma**2)).softmax(1) @ x
    assert (relative(by_weights, by_score) < EXACT) == holds

    line = torch.linspace(-1, 1, 9, dtype=torch.float64)[:, None]
    ends = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    closed = torch.tanh(2 / two * line / sigma**2)
    assert (relative(EmpiricalBayes(ends)(line, sigma), closed) < EXACT) == holds
    assert relative(EmpiricalBayes(x)(y, sigma), by_score) < EXACT


@pytest.mark.parametrize("block", [1, 7, 50, 1024])
@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0, torch.linspace(0.05, 1, 9)])
def test_in_blocks_it_is_the_direct_sum(block: int, sigma: float | Tensor) -> None:
    x = pictures(50).double()
    y = miyasawa.noisy(x[:9], 0.3, seeded(1))
    assert relative(EmpiricalBayes(x, block)(y, sigma), direct(y, x, sigma)) < EXACT
    last = torch.stack([EmpiricalBayes(x.flip(0), block)(y, sigma), EmpiricalBayes(x, 50)(y, sigma)])
    assert relative(last[0], last[1]) < EXACT, "the order of the training pictures does not matter"


def test_pictures_that_are_close_keep_their_digits() -> None:
    """At sigma 1e-3 the weights rest on the last digits of small distances between bright pictures."""
    x = 0.5 + 1e-4 * noise(30, 400)
    y = x[:8] + 1e-3 * noise(8, 400, seed=2)
    exact = EmpiricalBayes(x, 7)(y, 1e-3)
    assert relative(exact - 0.5, direct(y, x, 1e-3) - 0.5) < EXACT
    inner = -(y.square().sum(1)[:, None] + x.square().sum(1) - 2 * y @ x.mT) / 2e-6
    assert relative(inner.softmax(1) @ x - 0.5, exact - 0.5) > EXACT, "the control: inner products lose them"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sigma", [1e-4, 1e-12, 1e-200, 5e-324])
def test_without_noise_it_is_the_nearest_training_picture(dtype: torch.dtype, sigma: float) -> None:
    x = pictures(20).to(dtype)
    net = EmpiricalBayes(x, 6)
    assert torch.equal(net(x, sigma), x)
    y = miyasawa.noisy(x[:9], 0.8, seeded(1))
    assert torch.equal(net(y, sigma), x[nearest(y, x, by="distance").index]) and net(y, sigma).dtype == dtype
    far = net(1e6 * y, sigma)
    assert bool(far.isfinite().all()) and float(nearest(far, x, by="distance").value.max()) == 0


def test_in_much_noise_it_is_the_mean_and_between_it_is_neither() -> None:
    x = pictures(20).double()
    y = miyasawa.noisy(x[:4], 0.5, seeded(1))
    mean, near = x.mean(0).expand(4, -1, -1, -1), x[nearest(y, x, by="distance").index]
    assert relative(EmpiricalBayes(x, 6)(y, 1e8), mean) < EXACT and relative(EmpiricalBayes(x)(y, 1e200), mean) < EXACT
    between = EmpiricalBayes(x)(y, 1.0)
    assert relative(between, mean) > 0.01 and relative(between, near) > 0.01


def test_one_picture_is_always_the_answer_and_a_copy_has_twice_the_weight() -> None:
    x, y = pictures(3).double(), miyasawa.noisy(pictures(3).double(), 2.0, seeded(1))
    assert torch.equal(EmpiricalBayes(x[:1])(y, 0.7), x[:1].expand(3, -1, -1, -1)) and len(EmpiricalBayes(x)) == 3
    middle = 0 * x[:1]
    pair = torch.cat([-x[:1], x[:1], x[:1]])
    assert torch.allclose(EmpiricalBayes(pair, 2)(middle, 1.0), x[:1] / 3), "two votes against one"


def test_its_derivatives_are_the_posterior_covariance() -> None:
    """By Bayes' rule, the covariance of the training points under the weights, against sigma² J both ways."""
    x, sigma = noise(7, 5), 0.8
    y = x[:3] + sigma * noise(3, 5, seed=2)
    net = EmpiricalBayes(x, 3)
    weights = (-(y[:, None] - x).square().sum(2) / (2 * sigma**2)).softmax(1)  # (3, 7)
    spread = x - (weights @ x)[:, None]  # (3, 7, 5)
    covariance = torch.einsum("bk,bki,bkj->bij", weights, spread, spread)
    assert relative(miyasawa.posterior_covariance(net.at(sigma), y, sigma), covariance) < 1e-8
    v = noise(3, 5, seed=3)
    forward = jvp(net.at(sigma), (y,), (v,))[1]
    assert relative(forward, torch.einsum("bij,bj->bi", jacobian(net.at(sigma), y), v)) < 1e-8
    assert bool(probed(net.at(sigma), y, 2, seeded()).degrees_of_freedom.isfinite().all())


@pytest.mark.parametrize("sigma", [0, 0.0, -0.1, math.nan, math.inf, [0.1, 0.0], torch.tensor([math.nan, 1.0])])
def test_noise_levels_that_are_none_are_refused(sigma: object) -> None:
    net = EmpiricalBayes(pictures(3))
    with pytest.raises(ValueError, match="above 0.*nearest"):
        net(pictures(2), sigma)
    if not isinstance(sigma, list | Tensor):
        with pytest.raises(ValueError, match="above 0.*nearest"):
            net.at(sigma)
        with pytest.raises(ValueError, match="above 0"):
            disagreement(zero, zero, pictures(2), sigma, seeded())


@pytest.mark.parametrize("y", [None, [[0.5]], pictures(2).half(), pictures(2) / 0, pictures(2)[0, 0, 0], pictures(0)])
def test_noisy_pictures_that_are_none_are_refused(y: object) -> None:
    with pytest.raises((TypeError, ValueError), match="expected"):
        EmpiricalBayes(pictures(3))(y, 0.5)


def test_pictures_of_another_shape_are_refused() -> None:
    small, large = EmpiricalBayes(pictures(3)).at(0.5), EmpiricalBayes(pictures(3, 16)).at(0.5)
    with pytest.raises(ValueError, match=r"y has shape \(2, 1, 8, 8\) and training \(3, 1, 16, 16\)"):
        disagreement(small, large, pictures(2), 0.5, seeded())
    with pytest.raises(ValueError, match="pictures of one shape"):
        paired_samples([small, large], torch.zeros(1, 8, 8), [0, 1], FAST)
    with pytest.raises(ValueError, match="The denoiser returned"):
        paired_samples([zero, lambda y: y[..., :4]], torch.zeros(1, 8, 8), [0, 1], FAST)
    for call in (
        lambda: train_test_gap(zero, pictures(2), pictures(2, 16), seeded()),
        lambda: nearest(pictures(2), pictures(2, 16)),
        lambda: correlation(pictures(2), pictures(3)),
    ):
        with pytest.raises(ValueError, match="one shape|one picture of each"):
            call()


# samples from one noise


def by_hand(net: object, mean: Tensor, seed: int, ascent: Ascent) -> tuple[Tensor, int]:
    """One item, from its own stream, by the equations of the ascent."""
    stream = seeded(seed)
    y = mean + ascent.sigma_0 * torch.randn(mean.shape, generator=stream)
    for n in range(1, ascent.max_steps):
        x_hat = net(y[None])[0]
        r = x_hat - y
        sigma = float(r.square().mean().sqrt())
        if sigma <= ascent.sigma_L:
            return x_hat, n - 1
        h = ascent.step_size(n)
        gamma = math.sqrt((1 - ascent.beta * h) ** 2 - (1 - h) ** 2)
        y = y + h * r + gamma * sigma * torch.randn(mean.shape, generator=stream)
    raise AssertionError("did not arrive")


def timid(y: Tensor) -> Tensor:
    return 0.9 * y


def content(y: Tensor) -> Tensor:
    """A denoiser that leaves noise below 0.3 as it is, so it stops early."""
    level = y.square().mean((1, 2, 3), keepdim=True).sqrt()
    return y * (level < 0.3)


def test_one_network_that_stops_early_does_not_shift_the_noise_of_the_other() -> None:
    mean, seeds = pictures(1)[0], [5, 6, 7]
    a, b = paired_samples([content, zero], mean, seeds, FAST)
    assert bool((a.steps < b.steps).all())
    for found, net in ((a, content), (b, zero)):
        for k, seed in enumerate(seeds):
            x, steps = by_hand(net, mean, seed, FAST)
            assert int(found.steps[k]) == steps and torch.allclose(found.x[k], x, atol=1e-6)
    alone, swapped = paired_samples([zero], mean, seeds, FAST)[0], paired_samples([zero, content], mean, seeds, FAST)[0]
    assert torch.equal(alone.y, b.y) and torch.equal(swapped.y, b.y)
    # the control: one tape for both, one after the other
    tape = ItemNoise(seeds, mean.shape)
    start = mean + tape.draw()
    *_, _ = ascend(content, start, tape, FAST)
    *_, late = ascend(zero, start, tape, FAST)
    assert float((late.y - b.y).abs().max()) > 1e-3


def test_an_item_does_not_depend_on_when_others_of_its_batch_stop() -> None:
    data = pictures(12)
    net, mean = EmpiricalBayes(data).at(0.15), data.mean(0)
    together = paired_samples([net], mean, [1, 2, 3, 4], FAST)[0]
    assert len(set(together.steps.tolist())) > 1
    for k, seed in enumerate([1, 2, 3, 4]):
        alone = paired_samples([net], mean, [seed], FAST)[0]
        assert torch.equal(alone.steps[0], together.steps[k]) and torch.allclose(alone.x[0], together.x[k], atol=1e-5)


def test_two_copies_of_a_network_agree_on_one_tape_and_not_on_two() -> None:
    data = pictures(40)
    net, copy, mean = EmpiricalBayes(data).at(0.3), EmpiricalBayes(data.clone()).at(0.3), data.mean(0)
    a, b = paired_samples([net, copy], mean, range(16), FAST)
    assert torch.equal(a.x, b.x) and float(correlation(a.x, b.x).min()) == pytest.approx(1, abs=1e-6)
    other = paired_samples([copy], mean, range(100, 116), FAST)[0]
    assert float(correlation(a.x, other.x).median()) < 0.5 and float(mismatched(a.x, b.x).median()) < 0.5
    same = disagreement(net, copy, pictures(8, seed=2), 0.3, seeded())
    assert same.value == same.error == 0
    assert disagreement(net, zero, pictures(8, seed=2), 0.3, seeded()).value > 0.1


def test_a_memoriser_lands_on_its_training_pictures_and_two_of_them_disagree() -> None:
    digits = digits8()[0]
    first, last = disjoint_halves(len(digits), 10)
    sets = digits[first], digits[last]
    a, b = paired_samples([EmpiricalBayes(s).at(0.2) for s in sets], digits.mean(0), range(16), FAST)
    for found, own, others in ((a, *sets), (b, *sets[::-1])):
        assert bool(found.converged.all())
        assert float(nearest(found.x, own).value.min()) > 0.99
        assert float(nearest(found.x, others).value.median()) < 0.95
    assert float(correlation(a.x, b.x).median()) < 0.8


def test_a_common_mean_is_needed() -> None:
    """From its own picture a memoriser of one picture starts at the answer."""
    own = pictures(1)
    start = {}
    for name, mean in (("own", own[0]), ("common", pictures(1, seed=1)[0])):
        seen: list[Tensor] = []

        def watch(states, seen=seen) -> Iterator:
            for state in states:
                seen.append(state.y)
                yield state

        paired_samples([EmpiricalBayes(own).at(0.3)], mean, range(200), FAST, watch)
        start[name] = float(correlation(seen[0].mean(0)[None], own))
    assert start["own"] > 0.9 > 0.5 > start["common"]


@pytest.mark.parametrize(
    "change, said",
    [({"nets": []}, "at least one denoiser"), ({"nets": zero}, "at least one denoiser"),
     ({"nets": [zero, None]}, r"nets\[1\] is None"), ({"mean": 0.5}, "expected one picture"),
     ({"mean": torch.zeros(1, 8, 8) / 0}, "NaN or infinite"), ({"seeds": []}, "at least one seed"),
     ({"seeds": 3}, "whole numbers"), ({"ascent": None}, "Ascent")],
)  # fmt: skip
def test_what_cannot_be_sampled_is_refused(change: dict, said: str) -> None:
    good = {"nets": [zero, zero], "mean": torch.zeros(1, 8, 8), "seeds": [0, 1], "ascent": FAST}
    with pytest.raises((TypeError, ValueError), match=said):
        paired_samples(**{**good, **change})


# as functions


def test_the_disagreement_of_two_pictures_is_exact() -> None:
    """A memoriser of one picture always returns it, so V is a ratio of distances between pictures."""
    a, b, x = pictures(1), pictures(1, seed=1), pictures(30, seed=2)
    found = disagreement(EmpiricalBayes(a).at(0.1), EmpiricalBayes(b).at(0.1), x, 0.1, seeded())
    each = (x - a).double().square().mean((1, 2, 3))
    assert found.value == pytest.approx(float((a - b).double().square().mean() / each.mean()), rel=1e-6)
    assert torch.allclose(found.error_a, each) and found.between.std() < 1e-12
    assert torch.allclose(found.error_b, (x - b).double().square().mean((1, 2, 3)))
    swapped = disagreement(EmpiricalBayes(b).at(0.1), EmpiricalBayes(a).at(0.1), x, 0.1, seeded())
    assert torch.equal(swapped.between, found.between) and torch.equal(swapped.error_a, found.error_b)
    assert swapped.value == pytest.approx(found.value * float(found.error_a.sum() / found.error_b.sum()))


@pytest.mark.parametrize("n", [1, 10])
def test_memorisers_of_disjoint_sets_are_as_far_from_each_other_as_from_the_truth(n: int) -> None:
    """All three pictures are independent draws of one law: V is 1 in the limit of many pixels."""
    x = pictures(20 + 2 * n, 64)
    pair = EmpiricalBayes(x[:n]).at(0.1), EmpiricalBayes(x[n : 2 * n]).at(0.1)
    found = disagreement(*pair, x[2 * n :], 0.1, seeded())
    assert found.value == pytest.approx(1, abs=0.05)
    shared = disagreement(
        EmpiricalBayes(x[: 2 * n]).at(0.1), EmpiricalBayes(x[: 2 * n]).at(0.1), x[2 * n :], 0.1, seeded()
    )
    assert shared.value == 0


def test_the_error_of_the_disagreement_is_that_of_a_ratio() -> None:
    x = pictures(40)
    nets = [random_net("dncnn", bias, dtype=torch.float32) for bias in (False, True)]
    found = disagreement(*nets, x, torch.linspace(0.1, 1, 40), seeded(), together=7)
    each = torch.stack([found.between, found.error_a], 1).numpy()
    assert found.error == pytest.approx(ratio(*each.T).error, rel=1e-9)
    assert found.error == pytest.approx(jackknife(lambda v: v[:, 0].sum() / v[:, 1].sum(), each), rel=0.2)
    whole = disagreement(*nets, x, torch.linspace(0.1, 1, 40), seeded())
    assert whole.value == pytest.approx(found.value, rel=1e-5), "however many a network is given at once"


def test_both_networks_see_the_same_noisy_picture() -> None:
    seen: list[Tensor] = []

    def spy(y: Tensor) -> Tensor:
        seen.append(y)
        return 0.5 * y

    disagreement(spy, spy, pictures(3), 0.3, seeded())
    assert torch.equal(seen[0], seen[-1]) and torch.equal(seen[0], miyasawa.noisy(pictures(3), 0.3, seeded()))


def test_a_disagreement_that_is_not_defined_is_refused_and_a_single_picture_has_no_error() -> None:
    x = pictures(1)
    with pytest.raises(ValueError, match="net_a returns every clean picture exactly"):
        disagreement(EmpiricalBayes(x).at(0.1), zero, x, 0.1, seeded())
    with pytest.raises(ValueError, match="net_b returned NaN"):
        disagreement(zero, lambda y: y * math.nan, x, 0.1, seeded())
    assert disagreement(zero, timid, x, 0.1, seeded()).error == math.inf


# training and test pictures


def test_the_gap_of_a_constant_answer_is_a_difference_of_two_known_numbers() -> None:
    train, test = pictures(5), pictures(9, seed=1)
    found = train_test_gap(lambda y: 0 * y + 0.5, train, test, seeded(), [0.0, 12.0, 30.0])
    expected = [metrics.psnr_each(torch.full_like(v, 0.5), v).double() for v in (train, test)]
    assert found.psnr_in == (0.0, 12.0, 30.0)
    for measured, each in zip((found.train, found.test), expected):
        assert torch.allclose(measured, each.expand(3, -1), atol=1e-4)
    assert found.value == pytest.approx(float(expected[0].mean() - expected[1].mean()), abs=1e-4)
    assert found.error == pytest.approx(math.hypot(*(float(v.std()) / len(v) ** 0.5 for v in expected)), rel=1e-4)


def test_the_network_sees_noise_of_the_stated_level_without_clipping() -> None:
    seen: list[Tensor] = []

    def spy(y: Tensor) -> Tensor:
        seen.append(y)
        return y

    gray = torch.full((8, 1, 64, 64), 0.5)
    found = train_test_gap(spy, gray, gray, seeded(), [0.0, 20.0, 30.0])
    assert [float((y - 0.5).std()) for y in seen[:3]] == pytest.approx([1.0, 0.1, 10**-1.5], rel=0.02)
    assert float(seen[0].min()) < -2 and float(seen[0].max()) > 3
    assert found.train.mean(1)[1:].tolist() == pytest.approx([20, 30], abs=0.1), "of the identity it is the input's"
    assert float(found.train[0].mean()) > 5, "and above it where clipping helps"


def test_the_noise_of_the_test_pictures_does_not_depend_on_the_training_set() -> None:
    test = pictures(4, seed=1)
    one, many = (train_test_gap(timid, pictures(n), test, seeded()) for n in (1, 50))
    assert torch.equal(one.test, many.test) and one.train.shape == (6, 1) and many.train.shape == (6, 50)
    assert one.error == math.inf > many.error > 0


def test_a_memoriser_has_a_large_gap_and_a_denoiser_without_training_has_none() -> None:
    digits = digits8()[0]
    train, test = digits[:10], digits[-40:]
    gap = train_test_gap(EmpiricalBayes(train).at(0.4), train, test, seeded(), [12.0])
    assert gap.value > 12
    plain = train_test_gap(lambda y: 0.8 * y, digits[:40], test, seeded(), [12.0])
    assert abs(plain.value) < 3 * plain.error


def test_a_gap_that_is_not_defined_is_refused() -> None:
    x = pictures(3)
    exact = EmpiricalBayes(x).at(1e-3)
    found = train_test_gap(exact, x, pictures(3, seed=1), seeded(), [60.0])
    assert found.value == found.error == math.inf
    with pytest.raises(ValueError, match="test pictures that it never saw"):
        train_test_gap(exact, x, x[:2], seeded(), [60.0])
    for levels in ([], None, 12.0, "12", [math.nan], [math.inf]):
        with pytest.raises((TypeError, ValueError), match="expected"):
            train_test_gap(timid, x, x, seeded(), levels)
