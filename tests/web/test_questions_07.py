"""The questions of page 07 by another route, its diagram, and the models that the page compares."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import pywt
import torch
from torch import nn

from dprior_lite import miyasawa
from dprior_lite.course import questions
from dprior_lite.course.lab import scales
from dprior_lite.multiscale import decompose
from dprior_lite.training import find

drawing = pytest.importorskip("dprior_lite.course.chapters.ch07.drawing", reason="chapter 7 is a draft")


def test_haar_details_are_those_of_pywavelets() -> None:
    item = questions.find("haar-details")
    for (x,) in item.cases():
        theirs = np.stack(pywt.dwt2(x[:, 0].numpy(), "haar")[1], 1)
        assert np.allclose(item.reference(x).numpy(), theirs, atol=1e-6)
        assert torch.allclose(item.reference(x), decompose(x, 1).details[0], atol=1e-6)


def test_the_noise_of_a_band_and_of_a_mean_are_measured() -> None:
    noise = 0.8 * torch.randn(1, 1, 1024, 1024, generator=torch.Generator().manual_seed(0))
    band = decompose(noise, 2, normalised=True).details[1]
    assert float(band.std()) == pytest.approx(questions.find("noise-of-a-band").value, rel=0.01)
    means = nn.functional.avg_pool2d(noise / 0.8, 9)
    assert float(means.std()) == pytest.approx(questions.find("mean-of-a-window").value, rel=0.03)


def test_the_diagram_names_every_part_and_fits() -> None:
    made = drawing.cascade_tree()
    texts = {part["text"] for part in made.record["parts"] if part["part"] == "text"}
    assert {"D₁", "D₂", "x₁", "x₂", "sees all of it", "window 9 × 9"} <= texts
    boxes = [part for part in made.record["parts"] if part["part"] == "box"]
    assert all(0 <= part["x"] and part["x"] + part["width"] <= made.record["width"] for part in boxes)
    assert all(0 <= part["y"] and part["y"] + part["height"] <= made.record["height"] for part in boxes)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Untrained networks in place of the weights."""

    @cache
    def build(name: str) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(len(name))
            return find(name).build().eval()

    monkeypatch.setattr(scales, "load", build)
    scales.on_pixels.cache_clear()
    scales.over_scales.cache_clear()
    yield
    scales.on_pixels.cache_clear()
    scales.over_scales.cache_clear()


def test_short_names_give_the_denoisers_that_they_say(untrained: None) -> None:
    y = miyasawa.noisy(scales.unseen("c-alpha-2", 2)[..., :16, :16], 0.2, torch.Generator().manual_seed(0))
    model = scales.over_scales("c-alpha-2", 5)
    found = {
        name: scales.denoiser("c-alpha-2", f"{name}-5")(y) for name in ("scales", "flat", "strangers", "untrained")
    }
    assert torch.equal(found["scales"], model(y)) and torch.equal(found["flat"], scales.on_pixels("c-alpha-2", 5)(y))
    blocks = scales.denoiser("c-alpha-2", "low")(y)
    assert torch.equal(blocks[..., ::4, ::4], blocks[..., 3::4, 3::4]), "no details: blocks of one gray"
    for name in ("strangers", "untrained"):
        assert not torch.allclose(found[name], model(y), atol=1e-4)
        same = decompose(found[name], 2).low - decompose(model(y), 2).low
        assert float(same.abs().max()) < 1e-5, "the low-pass picture is its own"
