"""Chapter 1: the stored measurement of Stein's estimate, and the ratio that pools it."""

from __future__ import annotations

import pytest
import torch

from dprior_lite import miyasawa
from dprior_lite.course.chapters import claim
from dprior_lite.course.chapters.ch01.measured import mi_5
from dprior_lite.course.lab.pooled import ratio


@pytest.mark.parametrize("gain, holds", [(0.5, True), (0.55, False)])
def test_sure_of_a_linear_denoiser_by_hand(gain, holds):
    x, sigma = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(0)), 0.3
    generator = torch.Generator().manual_seed(1)
    noisy = [miyasawa.noisy(x, sigma, generator) for _ in range(3)]
    truth, estimate, term = mi_5.compare(lambda y: y / 2, x, noisy, sigma, generator)
    assert truth == pytest.approx(sum(float((y / 2 - x).double().square().sum()) for y in noisy))
    assert (term == pytest.approx(2 * sigma**2 * gain * 3 * x.numel())) is holds
    moved = sum(float((y / 2).double().square().sum()) for y in noisy)
    assert estimate == pytest.approx(moved - 3 * x.numel() * sigma**2 + term)
    assert abs(estimate / truth - 1) < 0.1 and abs((estimate - term) / truth - 1) > 0.5


def test_every_level_has_eight_million_pixels_and_every_item_its_own_noise(monkeypatch):
    keys, tiles = mi_5.keys(), mi_5.tiles()
    pixels = {level: 0 for level in mi_5.LEVELS}
    for key in keys:
        level, _, tile, _ = (int(word.split()[1]) for word in key.split(", "))
        pixels[level] += mi_5.LEVELS[level][1] * tiles[tile].numel()
    assert min(pixels.values()) >= 8e6 and len(set(keys)) == len(keys)

    drawn = []
    monkeypatch.setattr(mi_5, "tiles", lambda: [torch.zeros(1, 1, 2, 2)] * len(tiles))
    monkeypatch.setattr(mi_5, "_net", lambda: lambda y: drawn.append(float(y.flatten()[0])) or y)
    for key in keys:
        mi_5.measure(key)
    # the estimate may look at a noisy version more than once
    assert len(set(drawn)) == sum(mi_5.LEVELS[int(key.split()[1].rstrip(","))][1] for key in keys)


def test_a_ratio_is_pooled_and_scatters_like_its_items():
    generator = torch.Generator().manual_seed(0)
    below = torch.rand(400, 50, generator=generator) + 0.5
    above = 2 * below + torch.randn(400, 50, generator=generator)
    found = [ratio(a.tolist(), b.tolist()) for a, b in zip(above, below)]
    spread = torch.tensor([r.value for r in found]).std()
    assert float(torch.tensor([r.error for r in found]).mean() / spread) == pytest.approx(1, abs=0.1)
    with pytest.raises(ValueError, match="equally long"):
        ratio([1.0, 2.0], [1.0])


def test_the_row_on_sure_is_bounded_as_it_was_amended():
    row = claim("mi-5")
    assert row.amended == "2026-11-30" and row.ci is None
    assert [(r.name, r.relation, r.bound, r.absolute) for r in row.parts] == [
        ("net", "<=", 0.05, True), ("blur", "<=", 0.05, True), ("standard_error", "<=", 0.015, False),
    ]  # fmt: skip
    assert [(c.name, c.relation, c.bound) for c in row.control] == [("no_trace", ">", 0.1), ("wrong_sigma", ">", 0.1)]
