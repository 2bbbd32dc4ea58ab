"""The twins: traces grow where the reader has been, and the brightness slider tells a homogeneous network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from browser import (
    PHONE,
    console_errors,
    dead_sliders,
    foreign_requests,
    missing_alternatives,
    pale_text,
    sideways_scroll,
    visit,
    written,
)
from widget_helpers import DARK, layers, pictures, torch_forward

from dprior_lite import metrics
from dprior_lite.course import Twins
from dprior_lite.nets.bfcnn import BFCNN

PICTURE = (np.add.outer(np.arange(12), np.arange(10)) % 7) / 7
NETS = {"bias-free": (layers(False), True), "with biases": (layers(True), True)}
SIGMAS = [0, 5, 10, 20, 40, 60, 80, 100]
TEXTS = {"caption": "Twins.", "alt": "a pattern, noisy and twice denoised"}
# what the book's theme does in dark mode


def twins(**changes):
    return Twins(
        **{"nets": NETS, "picture": PICTURE, "sigmas": SIGMAS, "trained": (0, 10), "start": 40, **TEXTS, **changes}
    )


def rested(page, before="0"):
    """Wait until nothing is left to compute, and return how often that was so."""
    page.wait_for_function(
        "before => Number(document.querySelector('.dprior').dataset.rest || 0) > Number(before)", arg=before
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.get_attribute(".dprior", "data-rest")


def move(page, slider, place):
    """Put a slider somewhere and wait until the page has followed."""
    before = page.get_attribute(".dprior", "data-rest")
    page.fill(f"input[type=range] >> nth={slider}", str(place))
    return rested(page, before)


def noisy(page):
    """The noisy picture at the start, (1, 1, 12, 10)."""
    clean = (np.round(PICTURE * 255) / 255).flatten().tolist()
    y = page.evaluate("clean => Array.from(DPrior.net.noisy(Float32Array.from(clean), 40, 0))", clean)
    return torch.tensor(y).reshape(1, 1, 12, 10)


def marks(page):
    return {name: page.locator(f'[data-trace="{name}"] .dp-mark').count() for name in NETS}


def errors(page):
    return [
        float(panel)
        for panel in page.evaluate("Array.from(document.querySelectorAll('[data-error]')).map(e => e.dataset.error)")
    ]


def test_the_start_is_computed_and_nothing_else(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        rested(seen.page)
        assert marks(seen.page) == {"bias-free": 1, "with biases": 1}
        assert (
            seen.page.locator(".dp-noisy").get_attribute("points").count(",") == len(SIGMAS) - 1
        )  # no noise: no decibels
        assert "trained on this" in seen.page.text_content(".dp-plot") and "40/255" in seen.page.inner_text(
            "output >> nth=0"
        )
        assert console_errors(seen) == [] and foreign_requests(seen) == []


def test_decibels_are_those_of_torch(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        rested(seen.page)
        y = noisy(seen.page)
        shown = [
            text.split()[-2] for text in seen.page.locator(".dp-panels >> nth=0 >> .dp-panel").all_inner_texts()[:3]
        ]
    clean = torch.tensor(np.round(PICTURE * 255) / 255).float()[None, None]
    right = [y, *(torch_forward(stack, y, residual) for stack, residual in NETS.values())]
    assert shown == [f"{metrics.psnr(x, clean):.1f}" for x in right]
    assert shown[1] != shown[2]


def test_traces_grow_by_pointer_and_by_keys(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        page, rest, before = seen.page, rested(seen.page), pictures(seen.page)
        page.focus("input >> nth=0")
        page.keyboard.press("ArrowRight")
        rest = rested(page, rest)
        by_keys = pictures(page)
        assert marks(page) == {"bias-free": 2, "with biases": 2}
        assert [a != b for a, b in zip(before, by_keys, strict=True)] == [True] * 3 + [False] + [
            True
        ] * 3  # all but the clean one
        box = page.query_selector("input").bounding_box()
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2, steps=20)
        page.mouse.up()
        page.wait_for_function("document.querySelectorAll('.dp-mark').length >= 12")
        assert pictures(page)[1] != by_keys[1] and "sigma 0/255" in page.inner_text(".dp-live")
        sigmas = [
            [float(point.split(",")[0]) for point in line.split()]
            for line in page.evaluate(
                "Array.from(document.querySelectorAll('[data-trace] polyline')).map(e => e.getAttribute('points'))"
            )
        ]
        assert all(line == sorted(set(line)) and len(line) >= 6 for line in sigmas)


def test_every_level_passed_gets_its_point_and_the_last_its_picture(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        rested(seen.page)
        seen.page.evaluate(
            """() => { const slider = document.querySelector("input"); for (const place of [0, 1, 2, 3, 5, 6, 7]) {
            slider.value = place; slider.dispatchEvent(new Event("input")); } }"""
        )
        seen.page.wait_for_function("n => document.querySelectorAll('.dp-mark').length === n", arg=2 * len(SIGMAS))
        after_all = pictures(seen.page)
    with visit(browser, written(tmp_path, twins(start=100).markup)) as seen:
        rested(seen.page)
        assert pictures(seen.page) == after_all


def test_new_noise_clears_the_traces(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        page, line = seen.page, None
        rested(page)
        rest = move(page, 0, 6)
        line, noisy = page.locator(".dp-noisy").get_attribute("points"), pictures(page)[0]
        assert marks(page)["bias-free"] == 2
        page.click("text=New noise")
        rested(page, rest)
        assert marks(page) == {"bias-free": 1, "with biases": 1}
        assert page.locator(".dp-noisy").get_attribute("points") != line and pictures(page)[0] != noisy


def test_brightness_tells_the_homogeneous_network(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup)) as seen:
        page = seen.page
        rested(page)
        assert errors(page) == [0, 0] and page.locator(".dp-panels >> nth=1 >> b").all_inner_texts()[1].startswith(
            "0 ("
        )
        for place in (0, 5, 12):
            move(page, 1, place)
            free, biased = errors(page)
            assert 0 < free < 1e-6 and biased > 1e-3
            assert "·10⁻⁸" in page.inner_text(".dp-second") or "·10⁻⁷" in page.inner_text(".dp-second")
        move(page, 1, 8)
        assert errors(page) == [0, 0]


def test_the_relative_error_is_that_of_torch(browser, tmp_path):  # noqa: F811
    torch.manual_seed(0)
    net = BFCNN(depth=5, width=6, bias=True).eval()
    for norm in net.norms:
        norm.running_mean.uniform_(-0.5, 0.5)
        norm.bias.data.uniform_(-0.5, 0.5)
    with visit(
        browser, written(tmp_path, twins(nets={"with biases": (net.folded(), True)}, factors=(0.3, 1, 3)).markup)
    ) as seen:
        rested(seen.page)
        move(seen.page, 1, 0)
        error = errors(seen.page)[0]
        y = noisy(seen.page)
    with torch.no_grad():
        right, wrong = (((net(0.3 * x) - 0.3 * net(x)).norm() / (0.3 * net(x)).norm()).item() for x in (y, y.mT))
    assert error == pytest.approx(right, rel=1e-4) and abs(error - wrong) > 1e-3 * right


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_described_and_fits_a_phone(browser, tmp_path, theme):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup, head=DARK), PHONE) as seen:
        seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        rested(seen.page)
        assert sideways_scroll(seen) == [] and missing_alternatives(seen) == [] and pale_text(seen) == []
        ends = seen.page.evaluate(
            "Array.from(document.querySelectorAll('.dp-plot text')).map(e => e.getBoundingClientRect().right)"
        )
        assert max(ends) <= PHONE[0]
        assert dead_sliders(seen) == [] and console_errors(seen) == []


def test_without_scripts_it_says_so(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, twins().markup), scripts=False) as seen:
        assert (
            seen.page.is_visible(".dp-static")
            and not seen.page.is_visible("input")
            and not seen.page.is_visible(".dp-second")
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"nets": {}},
        {"nets": dict.fromkeys("abcd", NETS["bias-free"])},
        {"sigmas": [10], "start": 10},
        {"sigmas": [10, 5], "start": 5},
        {"sigmas": [-1, 5], "start": 5},
        {"start": 7},
        {"factors": (0.5, 2)},
        {"factors": (1, 0.5)},
        {"factors": (0, 1)},
        {"trained": (10, 10)},
        {"trained": (200, 300)},
        {"caption": ""},
        {"alt": " "},
        {"picture": PICTURE * 255},
        {"nets": {"a": (layers(False)[1:], True)}},
    ],
)
def test_what_cannot_run_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        twins(**changes)


def test_it_is_the_same_every_time_and_small():
    stack = [(np.zeros((o, i, 3, 3)), None, o > 1) for i, o in ((1, 32), (32, 32), (32, 32), (32, 32), (32, 1))]
    made = [twins(nets={"a": (stack, True), "b": (stack, True)}, picture=np.zeros((64, 64))).markup for _ in range(2)]
    assert made[0] == made[1] and len(made[0]) < 250_000
