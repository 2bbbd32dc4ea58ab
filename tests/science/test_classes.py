"""Pictures in classes: ovals by aspect ratio, natural textures by photograph, digits by number."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import pytest
import torch

from dprior_lite import data
from dprior_lite.course.lab.oval_classes import FIVE, aspect_ratio, edge_ratio, of_ratio
from dprior_lite.data import faint_digits, generated, oval_groups, ovals, ovals_of_classes, texture_groups
from dprior_lite.training.recipes.guidance import FIRST_TEST, FIRST_TUNE, RECIPES

RATIOS = data.TRAINED_RATIOS


def test_ratios_of_the_classes() -> None:
    assert len(RATIOS) == 16 and len(data.HELD_OUT_RATIOS) == 3 and len(data.ASPECT_RATIOS) == 19
    steps = [b / a for a, b in zip(data.ASPECT_RATIOS, data.ASPECT_RATIOS[1:])]
    assert max(steps) / min(steps) < 1.002
    assert set(FIVE) <= set(RATIOS) and all(1.0 < ratio < 2.3 for ratio in data.HELD_OUT_RATIOS)


def test_ovals_belong_to_their_index_alone() -> None:
    x = ovals(5, 2.0, seed=3, start=10)
    assert torch.equal(x[2:4], ovals(2, 2.0, seed=3, start=12)) and not torch.equal(x, ovals(5, 2.0, start=10))
    assert torch.equal(x * 2**20, (x * 2**20).round()) and 0 <= float(x.min()) < float(x.max()) <= 1
    # painted alone, and in a block of a hundred
    assert torch.equal(ovals(100, 0.5)[70:71], ovals(1, 0.5, start=70))


def test_an_oval_turned_by_a_quarter_has_the_reciprocal_ratio() -> None:
    for ratio in (0.2, 1.0, 3.0):
        x = of_ratio(ratio, 60)
        measured = aspect_ratio(x).log().mean()
        assert math.exp(float(measured)) == pytest.approx(ratio, rel=0.08)
        assert float(edge_ratio(x.mT).log().mean()) == pytest.approx(-float(edge_ratio(x).log().mean()), abs=1e-5)
    assert math.exp(float(aspect_ratio(of_ratio(3.0, 60).mT).log().mean())) == pytest.approx(1 / 3, rel=0.08)


def test_the_same_area_and_gray_for_every_ratio() -> None:
    means = torch.stack([ovals(60, ratio).mean() for ratio in data.ASPECT_RATIOS])
    assert float(means.max() / means.min()) < 1.03


def test_groups_are_balanced_and_hold_four_different_pictures() -> None:
    groups = oval_groups(2 * len(RATIOS), start=len(RATIOS))
    assert torch.equal(groups[3], torch.cat(list(ovals(4, RATIOS[3], start=4))))
    flat = groups.flatten(0, 1).flatten(1)
    assert len({v.numpy().tobytes() for v in flat}) == len(flat)
    x, classes = ovals_of_classes(32)
    assert classes.bincount().tolist() == [2] * 16 and torch.equal(x[17], ovals(1, RATIOS[1], start=1)[0])


def test_no_picture_of_ovals_trains_and_measures() -> None:
    (training,) = {recipe.data for recipe in RECIPES if recipe.name.startswith("ovals")}
    groups = int(training[0].rpartition("-")[2])
    assert 4 * groups <= FIRST_TUNE < FIRST_TEST
    held = [recipe.held_out for recipe in RECIPES if recipe.name.startswith("ovals")]
    assert held == ["oval-groups:120000-120016", "ovals:480000-480064"]


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put numbers in the place of the photographs: every pixel has its own."""
    module = sys.modules["dprior_lite.data.textures"]
    squares = torch.arange(4 * 256 * 256, dtype=torch.float64).reshape(4, 256, 256)
    monkeypatch.setattr(module, "_squares", lambda: squares)


def test_textures_are_those_of_the_photographs() -> None:
    x, classes = data.texture_patches(400)
    assert torch.equal(x[8:9], data.texture_patches(1, start=8)[0]) and classes[:5].tolist() == [0, 1, 2, 3, 0]
    means = [float(x[classes == k].mean()) for k in range(4)]
    brick = data.texture("brick")
    assert means[0] == pytest.approx(float(brick[..., :288, :].mean()), abs=0.02) and means[3] < 0.15 < min(means[:3])


def test_faint_digits_where_mnist_is() -> None:
    try:
        x, classes = faint_digits(200, split="test")
    except data.DataAbsent as error:
        pytest.skip(str(error)[:80])
    assert classes.bincount().tolist() == [20] * 10 and float(x.max()) == pytest.approx(0.35)
    assert float(x.std()) == pytest.approx(float(data.texture_patches(400)[0][::4].std()), abs=0.02)  # that of bricks
    groups = data.digit_groups(20, start=10)
    flat = groups.flatten(0, 1).flatten(1)
    assert len({v.numpy().tobytes() for v in flat}) == 80
    held = faint_digits(400, split="tune")[0].flatten(1)
    assert float(torch.cdist(held, flat).min()) > 0
    with pytest.raises(ValueError, match="the smallest class of 'tune' has"):
        faint_digits(10_000, split="tune")


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: ovals(1, 9.0), "height over width"),
        (lambda: ovals(1, 0.0), "height over width"),
        (lambda: ovals(1, 1.0, size=4), "at least 8"),
        (lambda: ovals_of_classes(1, ratios=()), "such as"),
        (lambda: texture_groups(1, split="all"), "one of train, tune, test"),
        (lambda: texture_groups(1, size=64), "from 8 to 48"),
        (lambda: generated.pictures("ovals", 3, 3), "count=0"),
    ],
)
def test_classes_that_do_not_exist_are_refused(call: Callable[[], object], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()
