"""Chapter 2: its bounds, its stored measurements, and how the best network is chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dprior_lite import data, load, miyasawa
from dprior_lite.course.chapters import claims_of
from dprior_lite.course.chapters.ch02.measured import bf_1, bf_7, bf_8
from dprior_lite.course.lab import quality
from dprior_lite.course.lab.paired import jackknife, paired
from dprior_lite.metrics import psnr_each

BOUNDS = {
    "bf-1": {"low": "abs <= 0.3", "middle": "abs <= 0.3", "near": "<= 1"},
    "bf-2": {"at_50": "<= 3", "at_100": "<= 3"},
    "bf-3": {"at_50": ">= -1.5", "at_100": ">= -2.5"},
    "bf-4": {"at_50": ">= 5", "at_100": ">= 5"},
    "bf-5": {"close_50": ">= -1.5", "close_100": ">= -2.5", "gap_50": ">= 5", "gap_100": ">= 5"},
    "bf-6": {"value": "< 0.0001"},
    "bf-7": {"free": "in [0.9, 1.05]", "biased": "< 0.8", "growth": ">= 2"},
    "bf-8": {"below": "<= 1", "over_nlm": ">= 0.5"},
    "bf-9": {"value": "< 1e-05", "contrast": "reported"},
}


@pytest.mark.parametrize("profile", ["ci", "class"])
def test_the_bounds_are_those_that_were_fixed(profile):
    found = {row.id: {r.name: r.limit for r in row.parts_in(profile)} for row in claims_of("02_bias_free")}
    assert found == BOUNDS


def card(
    name="net", out=(38.0, 30.0), noisy=(28.163, 15.276), held_out="photos:tune", levels=(10.0, 50.0), **arguments
):
    psnr = {"data": held_out, "sigma_255": list(levels), "in": list(noisy), "out": list(out)}
    return {"name": name, "recipe": {"net_args": arguments}, "psnr": psnr}


def test_the_best_net_is_the_best_on_the_same_noisy_pictures():
    others = [
        card("digits", (60.0, 60.0), held_out="mnist:tune"),
        card("one size", (60.0, 60.0), shape=[1, 32, 32]),
        card("few levels", (60.0,), levels=(10.0,), noisy=(28.163,)),
    ]
    found = quality.photograph_nets([card("a", (39.0, 29.0)), *others, card("b", (38.5, 30.0))])
    assert found == [("b", 38.5, 30.0), ("a", 39.0, 29.0)]
    with pytest.raises(ValueError, match="no card"):
        quality.photograph_nets(others)
    with pytest.raises(ValueError, match="other noisy pictures"):
        quality.photograph_nets([card(), card("elsewhere", noisy=(28.17, 15.276))])


def test_the_best_net_that_ships_is_the_one_that_is_measured():
    best = quality.best_photograph_net()
    assert best == quality.photograph_nets()[0][0]
    trained = [key for key in bf_8.keys() if not key.startswith(bf_8.UNTRAINED)]
    assert trained == [f"{best}, picture {k}" for k in range(68)] and len(bf_8.keys()) == 68 + 12


def test_the_worst_seed_and_its_standard_error():
    difference = np.array([[1.0, 2.0, 6.0], [4.0, 4.0, 4.0]])
    assert paired(difference) == (3.0, pytest.approx(np.std([1, 2, 6], ddof=1) / math.sqrt(3)))
    assert paired(difference, np.max) == (4.0, 0.0)


def test_the_jackknife_of_a_ratio_is_near_its_spread_over_draws():
    generator = np.random.default_rng(0)
    ratio = lambda pictures: pictures[:, 1].mean() / pictures[:, 0].mean()
    draws = 1 + 0.2 * generator.standard_normal((400, 50, 2))
    expected = np.std([ratio(pictures) for pictures in draws])
    assert np.mean([jackknife(ratio, pictures) for pictures in draws[:40]]) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("module", [bf_1, bf_7])
def test_every_level_of_a_claim_has_three_seeds(module):
    keys = module.keys()
    assert len(set(keys)) == len(keys)
    for name, levels in module.CLAIMED.items():
        assert {f"{name}, {level}/255, seed {seed}" for level in levels for seed in (0, 1, 2)} <= set(keys)


def test_what_is_stored_is_what_the_network_gives():
    x = data.photos("test", size=128)
    assert len(x) >= 30
    y = miyasawa.noisy(x, 50 / 255, torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = psnr_each(load("unet-bf-10")(y[:3]), x[:3])
    found = bf_1.measure("unet-bf-10, 50/255, seed 1")["psnr"]
    assert len(found) == len(x) and found[:3] == pytest.approx(expected.tolist(), abs=1e-3)
    assert np.mean(bf_1.measure("noisy, 50/255, seed 1")["psnr"]) < np.mean(found) - 5


def test_a_net_without_constants_has_only_a_residual():
    found = bf_7.measure("dncnn-bf-55, 50/255, seed 0")
    assert set(found) == {"residual"} and len(found["residual"]) == 50
    assert math.sqrt(np.mean(found["residual"])) == pytest.approx(50, rel=0.1)
    assert set(bf_7.measure("dncnn-biased-55, 10/255, seed 0")) == {"residual", "bias"}


def test_of_one_picture_the_order_is_noisy_classical_network(monkeypatch):
    monkeypatch.setattr(data, "picture_set", lambda name: [data.photos("test", size=128)[:1]])
    found = bf_8.measure("photos-tiny, picture 0")
    assert found["noisy_50"] < found["nlm_50"] < found["net_50"]
    untrained = bf_8.measure("untrained photos-tiny, picture 0")
    assert set(untrained) == {f"net_{s}" for s in bf_8.PUBLISHED} and untrained["net_50"] < found["nlm_50"]
