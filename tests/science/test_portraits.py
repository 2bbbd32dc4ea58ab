"""Portraits: range, reproducibility, aliasing, smoothness, and that every factor does what its name says."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from dprior_lite.data import PortraitFactors, draw_portraits, portrait_factors, portraits
from dprior_lite.data.portraits import RANGES
from dprior_lite.used import used

NAMES = [field.name for field in fields(PortraitFactors)]
CENTRE = {name: (low + high) / 2 for name, (low, high) in RANGES.items()}


def stack(**changed: float | list[float]) -> PortraitFactors:
    """Factors in the middle of their ranges, apart from those that are given: one number, or one a portrait."""
    n = max([len(v) for v in changed.values() if isinstance(v, list)], default=1)
    return PortraitFactors(**{name: torch.as_tensor((CENTRE | changed)[name]).expand(n).clone() for name in NAMES})


def correlations(x: Tensor) -> Tensor:
    """Mean-removed, normalised pictures (N, d): their products are correlations."""
    flat = x.flatten(1)
    return torch.nn.functional.normalize(flat - flat.mean(1, keepdim=True))


@pytest.fixture(scope="module")
def many() -> Tensor:
    return portraits(1200)


@pytest.mark.parametrize("size", [8, 31, 32, 64, 100])
def test_portraits_are_pictures(size: int) -> None:
    x = portraits(3, size=size)
    assert x.shape == (3, 1, size, size) and x.dtype == torch.float32 and x.device.type == "cpu"
    assert bool(x.isfinite().all()) and 0 <= float(x.min()) and float(x.max()) <= 1
    assert used("data")["portraits"] == "1"


def test_the_range_of_gray_is_used(many: Tensor) -> None:
    assert 0 < float(many.min()) < 0.02 and 0.9 < float(many.max()) < 1, "no value is cut off, and the range is used"
    low, high = many.flatten()[::50].quantile(torch.tensor([0.05, 0.95]))
    assert low < 0.15 and high > 0.7
    assert float(many.std((1, 2, 3)).median()) > 0.12


def test_factors_are_uniform_in_their_ranges_and_independent() -> None:
    assert list(RANGES) == NAMES and 20 <= len(NAMES) <= 30
    factors = asdict(portrait_factors(range(20_000)))
    unit = torch.stack([(factors[name] - low) / (high - low) for name, (low, high) in RANGES.items()])
    assert 0 <= float(unit.min()) and float(unit.max()) <= 1
    for power in (1, 2, 3):
        assert torch.allclose(unit.pow(power).mean(1), torch.tensor(1 / (power + 1)), atol=0.01)
    assert float((torch.corrcoef(unit) - torch.eye(len(NAMES))).abs().max()) < 0.035
    neighbours = [torch.corrcoef(torch.stack([row[1:], row[:-1]]))[0, 1] for row in unit]
    assert float(torch.stack(neighbours).abs().max()) < 0.035


def test_the_numbers_of_an_index_are_its_blocks_of_the_generator() -> None:
    """Another route: the generator is moved on past 8 blocks an index, and its doubles are read."""
    bits = np.random.Philox(key=5)
    bits.advance(8 * 123)
    unit = np.random.Generator(bits).random(len(NAMES))
    factors = asdict(portrait_factors([123], seed=5))
    for u, (name, (low, high)) in zip(unit, RANGES.items(), strict=True):
        assert float(factors[name]) == pytest.approx(low + (high - low) * u, abs=1e-6)


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor, lambda v: torch.tensor(v, dtype=torch.int32)])
def test_indices_of_every_kind_in_any_order(kind) -> None:
    wanted = [5, 6, 7, 2, 2, 900, 0]
    all_of_them, some = asdict(portrait_factors(range(1000))), asdict(portrait_factors(kind(wanted)))
    assert all(torch.equal(some[name], all_of_them[name][wanted]) for name in NAMES)
    backwards = asdict(portrait_factors(range(999, -1, -3)))
    assert all(torch.equal(backwards[name].flip(0), all_of_them[name][::3]) for name in NAMES)


def test_many_factors_are_drawn_quickly() -> None:
    shuffled, began = torch.randperm(50_000, generator=torch.Generator().manual_seed(0)), time.process_time()
    portrait_factors(shuffled)
    assert time.process_time() - began < 10


def test_a_portrait_depends_on_its_index_and_seed_alone() -> None:
    x = portraits(24)
    assert torch.equal(portraits(24), x)
    assert float((torch.cat([portraits(1, start=k) for k in range(24)]) - x).abs().max()) < 1e-6
    order = torch.randperm(24, generator=torch.Generator().manual_seed(1))
    assert float((draw_portraits(portrait_factors(order)) - x[order]).abs().max()) < 1e-6
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3 if threads == 1 else 1)
        assert float((portraits(24) - x).abs().max()) < 1e-6
    finally:
        torch.set_num_threads(threads)


def test_the_window_around_the_head_has_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    from dprior_lite.data import portrait_parts

    factors = portrait_factors(range(40))
    x = draw_portraits(factors)

    def whole(f, h, side: int) -> list:
        return [(k, slice(0, side), slice(0, side)) for k in range(len(f.turn))]

    with monkeypatch.context() as patched:
        patched.setattr(portrait_parts, "_windows", whole)
        assert float((draw_portraits(factors) - x).abs().max()) < 1e-6
        patched.setattr(
            portrait_parts, "_windows", lambda f, h, side: [(k, *2 * [slice(30, 60)]) for k in range(len(f.turn))]
        )
        assert float((draw_portraits(factors) - x).abs().max()) > 0.1, "a window that is too small is seen"


def test_another_seed_or_index_gives_other_portraits() -> None:
    x = portraits(40)
    for other in (portraits(40, seed=1), portraits(40, start=40)):
        assert float((x - other).abs().amax((1, 2, 3)).min()) > 0.05


def test_a_large_portrait_averaged_is_the_small_one() -> None:
    factors = portrait_factors(range(30))
    small, large = draw_portraits(factors), draw_portraits(factors, 64)
    error = (avg_pool2d(large, 2) - small).abs()
    assert float(error.max()) < 0.06 and float(error.square().mean().sqrt()) < 0.002
    few = portrait_factors(range(8))
    error = avg_pool2d(draw_portraits(few, 256), 8) - small[:8]
    assert float(error.abs().max()) < 0.08 and float(error.square().mean().sqrt()) < 0.003
    picked = large[:, :, ::2, ::2]
    assert float((picked - small).square().mean().sqrt()) > 0.015, "one pixel in four, as without averaging, is aliased"


@pytest.mark.parametrize("name", ["shift", "turn", "tilt", "light_turn", "hair_part", "smile"])
def test_pixels_change_smoothly(name: str) -> None:
    """Second differences shrink with the square of the step; pixels that jump would keep them."""
    low, high = RANGES[name]
    factors = portrait_factors(range(12))
    at = getattr(factors, name) * 0.5

    def bend(step: float) -> float:
        left, middle, right = (draw_portraits(replace(factors, **{name: at + k * step})) for k in (-1, 0, 1))
        return float((left + right - 2 * middle).square().mean().sqrt())

    coarse, fine = bend(0.01 * (high - low)), bend(0.0025 * (high - low))
    assert coarse / fine > 8, "16 for a picture that has two derivatives, 4 for a kink, 1 for a jump"


@pytest.mark.parametrize("name", NAMES)
def test_every_factor_moves_pixels(name: str) -> None:
    low, high = RANGES[name]
    factors = portrait_factors(range(20))
    value = getattr(factors, name)
    step = 0.25 * (high - low) * torch.where(value > (low + high) / 2, -1.0, 1.0)
    moved = draw_portraits(replace(factors, **{name: value + step})) - draw_portraits(factors)
    assert float(moved.abs().amax((1, 2, 3)).median()) > 0.02


def region(x: Tensor, rows: slice, columns: slice) -> Tensor:
    return x[:, 0, rows, columns].mean((1, 2))


LEFT, RIGHT, FACE = slice(9, 13), slice(19, 23), (slice(12, 24), slice(11, 21))


def test_light_from_the_left_brightens_the_left_cheek() -> None:
    x = draw_portraits(stack(light_turn=[-1.0, 1.0], hair_length=0.1, beard=0.0, light_strength=1.0))
    left, right = region(x, slice(17, 21), LEFT), region(x, slice(17, 21), RIGHT)
    assert left[0] > right[0] + 0.2 and right[1] > left[1] + 0.2


def test_factors_point_where_their_names_say() -> None:
    def pair(name: str, **others: float) -> Tensor:
        return draw_portraits(stack(**{name: list(RANGES[name])} | others))

    low, high = region(pair("skin"), *FACE)
    assert high > low + 0.2
    low, high = region(pair("beard", hair_tone=0.03, skin=0.9), slice(24, 27), slice(12, 20))
    assert high < low - 0.2
    low, high = region(pair("hair_length", hair_tone=0.03, background=0.9), slice(22, 27), slice(5, 8))
    assert high < low - 0.2
    low, high = region(pair("hair_tone", hair_length=0.6), slice(3, 6), slice(12, 20))
    assert high > low + 0.2
    low, high = region(pair("background"), slice(0, 4), slice(0, 4))
    assert high > low + 0.4
    low, high = region(pair("clothes"), slice(30, 32), slice(4, 8))
    assert high > low + 0.3
    low, high = region(pair("background_slope"), slice(0, 4), slice(28, 32))
    assert high > low + 0.1


def middle(x: Tensor) -> tuple[Tensor, Tensor]:
    """Centre of gravity of what is dark, to the right and upwards from the first corner; the width is 2."""
    dark = (0.9 - x[:, 0]).clamp_min(0)
    down, right = (torch.arange(n) * 2 / x.shape[-1] for n in dark.shape[1:])
    total = dark.sum((1, 2))
    return (dark.sum(1) * right).sum(1) / total, -(dark.sum(2) * down).sum(1) / total


def test_the_head_moves_as_asked() -> None:
    plain = {"background": 0.95, "background_slope": 0.0, "skin": 0.28, "hair_tone": 0.03, "clothes": 0.9}
    right, _ = middle(draw_portraits(stack(shift=[-0.1, 0.1], **plain), 64)[:, :, :44])
    assert right[1] - right[0] > 0.1
    right, _ = middle(draw_portraits(stack(tilt=[-0.2, 0.2], **plain), 64)[:, :, :24])
    assert right[1] < right[0] - 0.03, "anticlockwise: the top of the head goes to the left"
    left_eye_and_right_eye = draw_portraits(stack(turn=[-0.5, 0.5], skin=0.9, hair_length=0.0, beard=0.0), 64)
    right, _ = middle(left_eye_and_right_eye[:, :, 24:38, 16:48])
    assert right[1] > right[0] + 0.1


def closest(factors: PortraitFactors, pairs: int) -> Tensor:
    """The pairs (2, pairs) of portraits that differ least, each factor weighed by how much it moves pixels."""
    few = portrait_factors(range(12))
    plain, columns = draw_portraits(few), []
    for name, (low, high) in RANGES.items():
        step = 0.05 * (high - low) * torch.where(getattr(few, name) > (low + high) / 2, -1.0, 1.0)
        moved = draw_portraits(replace(few, **{name: getattr(few, name) + step})) - plain
        columns.append(getattr(factors, name) * float((moved.flatten(1).norm(dim=1) / step.abs()).median()))
    points, found = torch.stack(columns, 1), []
    for k in range(0, len(points), 1000):
        apart = torch.cdist(points[k : k + 1000], points)
        apart[torch.arange(len(points)) <= torch.arange(k, k + len(apart))[:, None]] = math.inf
        near, places = apart.flatten().topk(pairs, largest=False)
        found += [
            (d, k + i // len(points), i % len(points)) for d, i in zip(near.tolist(), places.tolist(), strict=True)
        ]
    return torch.tensor([(i, j) for _, i, j in sorted(found)[:pairs]]).T


def test_no_two_of_ten_thousand_portraits_look_the_same(many: Tensor) -> None:
    """Those whose factors are closest are drawn and compared, and all pairs of the first ones."""
    first, second = closest(portrait_factors(range(10_000)), 80)
    assert not bool((first == second).any())
    first, second = (correlations(draw_portraits(portrait_factors(k))) for k in (first, second))
    between = (first * second).sum(1)
    assert float(between.max()) < 0.99 and float(between.median()) > 0.7, "the closest are alike, and not the same"
    unit = correlations(many)
    between = (unit @ unit.T).fill_diagonal_(-1)
    assert 0.8 < float(between.max()) < 0.99
    twins = correlations(torch.cat([many[:1], 0.5 * many[:1] + 0.1]))
    assert float(twins[0] @ twins[1]) > 0.999, "a duplicate, paler, would be seen"


def test_two_random_portraits_have_little_in_common(many: Tensor) -> None:
    unit = correlations(many)
    between = (unit[:600] @ unit[600:].T).flatten()
    assert 0 < float(between.median()) < 0.35
    assert float(between.abs().median()) < 0.35


def test_factors_may_leave_their_ranges_a_little() -> None:
    generator = torch.Generator().manual_seed(0)
    corners = {
        name: torch.where(
            torch.rand(200, generator=generator) < 0.5, low - 0.1 * (high - low), high + 0.1 * (high - low)
        )
        for name, (low, high) in RANGES.items()
    }
    x = draw_portraits(PortraitFactors(**corners))
    assert bool(x.isfinite().all()) and 0 <= float(x.min()) and float(x.max()) <= 1


def test_ambient_settings_change_nothing() -> None:
    x = portraits(2)
    torch.set_default_dtype(torch.float64)
    try:
        y = portraits(2)
    finally:
        torch.set_default_dtype(torch.float32)
    assert y.dtype == torch.float32 and float((x - y).abs().max()) < 1e-6
    factors = portrait_factors(range(2))
    doubled = PortraitFactors(**{name: v.double().requires_grad_() for name, v in asdict(factors).items()})
    z = draw_portraits(doubled)
    assert z.dtype == torch.float32 and not z.requires_grad and float((x - z).abs().max()) < 1e-6


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: portrait_factors([3, -1]), "from -1 to 3"),
        (lambda: portrait_factors([0.0, 1.0]), "float64"),
        (lambda: portrait_factors(torch.tensor([1.5])), "float32"),
        (lambda: portrait_factors(torch.zeros(2, 2, dtype=torch.long)), r"shape \(2, 2\)"),
        (lambda: portrait_factors([]), "at least one"),
        (lambda: portrait_factors([True]), "bool"),
        (lambda: portrait_factors([2**49]), r"2\*\*48"),
        (lambda: portrait_factors([10**30]), "object"),
        (lambda: portrait_factors("12"), "indices is a str"),
        (lambda: portrait_factors(3), "indices is an int"),
        (lambda: portrait_factors([0], seed=-1), "seed=-1"),
        (lambda: portraits(2, size=7), "size=7"),
        (lambda: portraits(2, size=True), "size is True"),
        (lambda: portraits(0), "count=0"),
        (lambda: portraits(2, start=-3), "start=-3"),
        (lambda: draw_portraits(stack(smile=math.nan)), "smile spans"),
        (lambda: draw_portraits(stack(smile=9.0)), "from -1 to 1"),
        (lambda: draw_portraits(replace(stack(), turn=torch.zeros(3))), "tilt has shape"),
        (lambda: draw_portraits(replace(stack(), turn=0.0)), "turn is a float"),
        (lambda: draw_portraits(None), "factors is None"),
    ],
)
def test_wrong_arguments(call, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says) as caught:
        call()
    assert "xpected" in str(caught.value)
