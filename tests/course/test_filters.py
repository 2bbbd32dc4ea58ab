"""The helpers of chapter 3's stored measurements agree with the package's own Jacobian, and draw their own numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dprior_lite import geometry
from dprior_lite.course.chapters.ch03.measured import af_2, af_3, af_4, af_5
from dprior_lite.course.lab import filters
from dprior_lite.course.lab.bootstrap import bootstrap_error
from dprior_lite.nets.dense import DenseNet


def _net_and_picture() -> tuple[DenseNet, torch.Tensor]:
    torch.manual_seed(0)
    return DenseNet(depth=2, width=4).eval(), torch.rand(1, 1, 6, 5)


@pytest.mark.parametrize("chunk", [7, 30, 64])
def test_columns_give_the_same_matrix_as_rows(chunk: int) -> None:
    net, y = _net_and_picture()
    assert torch.allclose(filters.jacobian_by_columns(net, y, chunk), geometry.jacobian(net, y)[0], atol=1e-5)
    assert not torch.allclose(filters.jacobian_by_columns(net, y, chunk).mT, geometry.jacobian(net, y)[0], atol=1e-3)


def test_row_sums_are_the_sums_of_the_rows() -> None:
    net, y = _net_and_picture()
    assert torch.allclose(filters.row_sums(net, y).flatten(), geometry.jacobian(net, y)[0].sum(1), atol=1e-5)


def test_leaks_estimate_the_sum_of_squares() -> None:
    net, y = _net_and_picture()
    exact = float(geometry.jacobian(net, y).square().sum())
    found = filters.leaks(net, y, 4000, torch.Generator().manual_seed(0))
    assert found == pytest.approx(exact, rel=0.05)


def test_noise_belongs_to_its_numbers() -> None:
    x = torch.zeros(1, 1, 8, 8)
    torch.manual_seed(1)
    drawn = filters.noisy(x, 30, 0, 4)
    torch.manual_seed(2)
    assert torch.equal(drawn, filters.noisy(x, 30, 0, 4))
    scale = {(10, 0, 4): 3.0, (30, 1, 4): 1.0, (30, 0, 5): 1.0}
    assert not any(torch.allclose(drawn, k * filters.noisy(x, *numbers)) for numbers, k in scale.items())


def test_an_untrained_network_depends_on_its_seed_alone() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, again, other = (next(filters.untrained(seed).parameters()) for seed in (0, 0, 1))
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(next(af_2.no_skip().parameters()), next(af_2.no_skip().parameters()))


def test_every_pixel_lies_in_one_band() -> None:
    x = torch.rand(2, 1, 9, 9)
    masks = [filters.bands(x, edges)[0] for edges in af_2.EDGES.values()]
    assert torch.equal(sum(mask.int() for mask in masks), torch.ones(2, 1, 9, 9, dtype=torch.int32))
    flat = torch.full((1, 1, 7, 7), 0.1)
    assert [bool(filters.bands(flat, edges)[0][0, 0, 3, 3]) for edges in ((-1, 0.0999), (0.0999, 1))] == [False, True]


def test_as_many_patches_as_a_row_about_photographs_asks_for() -> None:
    assert len(filters.patches(64)) == len(af_5.keys()) == 30
    for module in (af_3, af_4):
        keys = [key for key in module.keys() if "patch" in key]
        assert len({key.split("patch ")[1] for key in keys}) == 30
        assert [sum(key.startswith(f"seed {seed},") for key in keys) for seed in (0, 1, 2)] == [10, 10, 10]
    assert len(af_2.keys()) >= 8 and af_2.SIZE >= 128


def test_bootstrap_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(size=200)
    expected = values.std(ddof=1) / 200**0.5
    assert bootstrap_error(lambda index: values[index].mean(), 200) == pytest.approx(expected, rel=0.15)
    assert bootstrap_error(lambda index: 1.0, 200) == 0
