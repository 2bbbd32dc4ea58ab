"""The network in the page: its forward pass is torch's, its noise repeats, its decibels are the course's."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from browser import (
    PHONE,
    console_errors,
    dead_sliders,
    missing_alternatives,
    sideways_scroll,
    visit,
    written,
)
from widget_helpers import layers, torch_forward

from dprior_lite import load, metrics
from dprior_lite.course.notebooks.freshness import repository
from dprior_lite.course.web import jsnet
from dprior_lite.course.web.jsnet import JSDenoiser
from dprior_lite.nets.bfcnn import BFCNN

PICTURE = (np.add.outer(np.arange(12), np.arange(10)) % 7) / 7
TEXTS = {"caption": "A network.", "alt": "a pattern, noisy and denoised"}


FORWARD = "([net, y, H, W]) => Array.from(DPrior.net.forward(DPrior.net.decode(net), Float32Array.from(y), H, W))"


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("half", [False, True])
def test_the_forward_pass_is_that_of_torch(browser, tmp_path, bias, half):  # noqa: F811
    """With weights that float16 holds exactly, and with others, of which it would keep three digits."""
    stack, y = layers(bias), torch.randn(1, 1, 12, 10, generator=torch.Generator().manual_seed(1))
    rounded = [(w.half().float(), b if b is None else b.half().float(), r) for w, b, r in stack]
    kept = rounded if half else stack
    assert [layer["half"] for layer in jsnet.network("net", kept, True)["layers"]] == [half] * 3
    with visit(browser, written(tmp_path, JSDenoiser(stack, PICTURE, [10, 50], **TEXTS).markup)) as seen:
        for residual in (True, False):
            ours = seen.page.evaluate(FORWARD, [jsnet.network("net", kept, residual), y.flatten().tolist(), 12, 10])
            expected = torch_forward(kept, y, residual).flatten().numpy()
            assert np.abs(np.array(ours) - expected).max() <= 1e-5
            turned = torch_forward([(w.mT, b, r) for w, b, r in kept], y, residual).flatten().numpy()
            assert np.abs(np.array(ours) - turned).max() > 1e-2
            assert half or np.abs(np.array(ours) - torch_forward(rounded, y, residual).flatten().numpy()).max() > 1e-5


def test_small_numbers_of_half_precision(browser, tmp_path):  # noqa: F811
    values = np.array([0, 1, -1, 6.1e-5, 5.96e-8, -3e-6, 65504, 0.1])
    with visit(browser, written(tmp_path, JSDenoiser(layers(False), PICTURE, [10], **TEXTS).markup)) as seen:
        ours = seen.page.evaluate("text => Array.from(DPrior.net.floats(text, true))", jsnet._coded(values, True))
    assert np.array_equal(ours, values.astype(np.float16).astype(np.float32))


def test_a_folded_network_of_the_package_runs_in_the_page(browser, tmp_path):  # noqa: F811
    torch.manual_seed(0)
    net = BFCNN(depth=4, width=6).eval()
    for norm in net.norms:
        norm.running_sd.uniform_(0.5, 2)
    y = torch.rand(1, 1, 12, 10)
    with visit(browser, written(tmp_path, JSDenoiser(net.folded(), PICTURE, [10], **TEXTS).markup)) as seen:
        ours = seen.page.evaluate(FORWARD, [jsnet.network("net", net.folded(), True), y.flatten().tolist(), 12, 10])
    assert np.abs(np.array(ours) - net(y).detach().flatten().numpy()).max() <= 1e-5


# picture and noise of about the size at which each page shows it
@pytest.mark.parametrize(
    "name, unshuffle",
    [("photos-tiny", 1), ("dncnn-bf-10", 1), ("dncnn-biased-10", 1), ("photos-lens", 2), ("digits-lens", 2)],
)
def test_a_shipped_network_is_in_the_page_what_it_is_in_torch(browser, tmp_path, name, unshuffle):  # noqa: F811
    """To 1e-5; halves of all its weights would not do where filters are centred."""
    net = load(name)
    y = torch.rand(1, 1, 24, 20, generator=torch.Generator().manual_seed(0)) + 0.2 * torch.randn(
        1, 1, 24, 20, generator=torch.Generator().manual_seed(1)
    )
    with visit(browser, written(tmp_path, JSDenoiser(layers(False), PICTURE, [10], **TEXTS).markup)) as seen:
        ours = np.array(
            seen.page.evaluate(
                FORWARD, [jsnet.network(name, net.folded(), True, unshuffle), y.flatten().tolist(), 24, 20]
            )
        )
    with torch.no_grad():
        assert np.abs(ours - net(y).flatten().numpy()).max() <= 1e-5
        off = (
            torch_forward(
                [(w.half().float(), b if b is None else b.half().float(), r) for w, b, r in net.folded()], y, True
            )
            if unshuffle == 1
            else None
        )
    if name.startswith("dncnn"):
        assert np.abs(ours - off.flatten().numpy()).max() > 1e-5


def test_the_pages_show_no_other_network():
    """A fifth figure wants its network in the list above."""
    pages = "".join(path.read_text(encoding="utf8") for path in (repository() / "book").glob("*.md"))
    assert len(re.findall(r"course\.(?:JSDenoiser|Twins|FilterLens|PriorSampler)\(", pages)) == 4
    assert all(
        f'load("{name}")' in pages
        for name in ("photos-tiny", "dncnn-bf-10", "dncnn-biased-10", "photos-lens", "digits-lens")
    )


def test_noise_repeats_with_its_seed_and_is_normal(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, JSDenoiser(layers(False), PICTURE, [10], **TEXTS).markup)) as seen:
        a, again, b = (
            np.array(seen.page.evaluate(f"Array.from(DPrior.net.noise({seed}, 20000))")) for seed in (3, 3, 4)
        )
    assert np.array_equal(a, again) and abs(np.corrcoef(a, b)[0, 1]) < 0.03
    assert abs(a.mean()) < 0.03 and abs(a.std() - 1) < 0.02 and abs((a**4).mean() - 3) < 0.2
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.03


def test_decibels_are_those_of_the_course(browser, tmp_path):  # noqa: F811
    y = torch.rand(1, 1, 12, 10, generator=torch.Generator().manual_seed(2)) * 1.6 - 0.3
    clean = torch.rand(1, 1, 12, 10, generator=torch.Generator().manual_seed(3))
    with visit(browser, written(tmp_path, JSDenoiser(layers(False), PICTURE, [10], **TEXTS).markup)) as seen:
        ours = seen.page.evaluate("([a, b]) => DPrior.net.psnr(a, b)", [y.flatten().tolist(), clean.flatten().tolist()])
    assert ours == pytest.approx(metrics.psnr(y, clean), abs=1e-4)


def said(page):
    return [text.split()[-2:] for text in page.locator(".dp-panel").all_inner_texts()]


def test_twins_run_side_by_side(browser, tmp_path):  # noqa: F811
    twins = {"biased": (layers(True), True), "bias-free": (layers(False), True)}
    with visit(
        browser, written(tmp_path, JSDenoiser(twins, PICTURE, [5, 25, 100], start=25, **TEXTS).markup), PHONE
    ) as seen:
        page = seen.page
        page.wait_for_selector("[data-turn]")
        before = said(page)
        assert [line[-1] for line in before] == ["dB", "dB", "dB", "clean"] and before[1] != before[2]
        turn = page.get_attribute(".dprior", "data-turn")
        page.click("text=New noise")
        page.wait_for_function("turn => document.querySelector('.dprior').dataset.turn !== turn", arg=turn)
        assert said(page) != before and said(page)[3] == before[3]
        assert "bias-free" in page.inner_text(".dp-live")
        assert page.get_attribute("canvas >> nth=2", "aria-label").startswith("bias-free, ")
        assert dead_sliders(seen) == [] and missing_alternatives(seen) == [] and sideways_scroll(seen) == []
        assert console_errors(seen) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"nets": layers(False)[1:]},
        {"nets": layers(False)[:2]},
        {"picture": PICTURE * 255},
        {"picture": np.zeros((4, 4, 3))},
        {"alt": ""},
        {"start": 7},
        {"sigmas": []},
        {"nets": [(np.full((1, 1, 3, 3), np.inf), None, False)]},
    ],
)
def test_what_cannot_run_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        JSDenoiser(**{"nets": layers(False), "picture": PICTURE, "sigmas": [10, 50], **TEXTS, **changes})


def test_a_large_network_is_refused():
    with pytest.raises(ValueError, match="400,000"):
        JSDenoiser(
            [
                (np.zeros((64, 1, 3, 3)), None, True),
                (np.zeros((400, 64, 3, 3)), None, True),
                (np.zeros((1, 400, 3, 3)), None, False),
            ],
            PICTURE,
            [10],
            **TEXTS,
        )
