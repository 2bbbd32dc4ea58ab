"""The filter under the pointer: its row is autograd's, its sum the output; it follows pointer, finger and keys."""

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
from torch.nn import functional as F
from widget_helpers import DARK

from dprior_lite.course import FilterLens
from dprior_lite.course.web import jsnet
from dprior_lite.nets.bfcnn import BFCNN

PICTURE = 0.5 + 0.4 * np.sin(np.add.outer(np.arange(24) / 3, np.arange(20) / 5))
TEXTS = {"caption": "A filter.", "alt": "a pattern, noisy and denoised, and a filter"}
SIGMAS = [5, 20, 50]


def network(unshuffle=2, depth=4, norm=True):
    torch.manual_seed(0)
    net = BFCNN(depth=depth, width=8, unshuffle=unshuffle, norm=norm).eval()
    for each in net.norms:
        if norm:
            each.running_sd.uniform_(0.5, 2)
    net.convs[-1].weight.data.mul_(3)
    return net.requires_grad_(False)


def lens(**changes):
    return FilterLens(
        **{"layers": network().folded(), "picture": PICTURE, "sigmas": SIGMAS, "window": 7} | TEXTS | changes
    )


def noisy(page, sigma, seed=0):
    """The noisy picture, (1, 1, 24, 20)."""
    clean = torch.tensor(np.round(PICTURE * 255) / 255).float().flatten().tolist()
    y = page.evaluate(
        "([x, s, seed]) => Array.from(DPrior.net.noisy(Float32Array.from(x), s, seed))", [clean, sigma, seed]
    )
    return torch.tensor(y).reshape(1, 1, *PICTURE.shape)


ROW = """([coded, y, H, W, pixel]) => new Promise(done => {
    const net = DPrior.net.decode(coded), back = net.layers.map(DPrior.lens.turned);
    DPrior.net.slowly(net, Float32Array.from(y), H, W, () => true, (x, outputs) => {
        const found = DPrior.lens.row(net, back, outputs, H, W, pixel);
        done({...found, weights: Array.from(found.weights), x: x[pixel[0] * W + pixel[1]]});
    });
})"""


def whole(found, shape):
    """The row on the whole picture, and what of it lies outside."""
    wide = np.zeros([side + 2 * found["side"] for side in shape])
    top, left = (found[name] + found["side"] for name in ("top", "left"))
    wide[top : top + found["side"], left : left + found["side"]] = np.reshape(
        found["weights"], (found["side"], found["side"])
    )
    inside = tuple(slice(found["side"], found["side"] + side) for side in shape)
    row = wide[inside].copy()
    wide[inside] = 0
    return row, np.abs(wide).max()


def autograd_row(net, y, pixel):
    y = y.clone().requires_grad_()
    return torch.autograd.grad(net(y)[0, 0, pixel[0], pixel[1]], y)[0][0, 0].numpy()


@pytest.mark.parametrize("unshuffle", [1, 2])
@pytest.mark.parametrize(
    "pixel", [(12, 9), (13, 10), (0, 0), (23, 18)], ids=["interior", "odd", "corner", "far corner"]
)
def test_the_row_is_that_of_autograd(browser, tmp_path, unshuffle, pixel):  # noqa: F811
    net = network(unshuffle)
    with visit(browser, written(tmp_path, lens().markup)) as seen:
        y = noisy(seen.page, 20)
        coded = jsnet.network("net", net.folded(), True, unshuffle)
        found = seen.page.evaluate(ROW, [coded, y.flatten().tolist(), *PICTURE.shape, list(pixel)])
    row, outside = whole(found, PICTURE.shape)
    expected = autograd_row(net, y, pixel)
    assert np.abs(row - expected).max() <= 1e-5 and outside == 0
    assert found["side"] == unshuffle * (2 * 4 + 1)
    output = net(y)[0, 0, pixel[0], pixel[1]].item()
    assert [(row * y[0, 0].numpy()).sum(), found["x"]] == pytest.approx([output, output], abs=1e-5)
    # a column, the row of another picture and the row of a neighbour are not the row
    there = F.one_hot(torch.tensor(pixel[0] * 20 + pixel[1]), y.numel()).float().reshape(y.shape)
    column = torch.autograd.functional.jvp(net, y, there)[1][0, 0].numpy()
    neighbour = (pixel[0], pixel[1] + 1)
    for wrong in (column, autograd_row(net, -y, pixel), autograd_row(net, y, neighbour)):
        assert np.abs(row - wrong).max() > 1e-2


FORWARD = "([net, y, H, W]) => Array.from(DPrior.net.forward(DPrior.net.decode(net), Float32Array.from(y), H, W))"


@pytest.mark.parametrize("bias", [False, True])
def test_an_unshuffling_network_runs_as_in_torch(browser, tmp_path, bias):  # noqa: F811
    torch.manual_seed(1)
    net = BFCNN(depth=5, width=6, bias=bias, unshuffle=2).eval().requires_grad_(False)
    for norm in net.norms:
        if bias:
            norm.running_mean.uniform_(-0.5, 0.5)
            norm.running_var.uniform_(0.5, 2)
            norm.bias.uniform_(-0.5, 0.5)
        else:
            norm.running_sd.uniform_(0.5, 2)
    y = torch.rand(1, 1, *PICTURE.shape)
    figure = jsnet.JSDenoiser(net.folded(), PICTURE, SIGMAS, unshuffle=2, **TEXTS)
    with visit(browser, written(tmp_path, figure.markup)) as seen:
        seen.page.wait_for_selector(".dprior[data-turn]")
        coded = jsnet.network("net", net.folded(), True, 2)
        ours = np.array(seen.page.evaluate(FORWARD, [coded, y.flatten().tolist(), *PICTURE.shape]))
        assert console_errors(seen) == []
    assert np.abs(ours - net(y).flatten().numpy()).max() <= 1e-5
    assert np.abs(ours - net(y.flip(-1)).flip(-1).flatten().numpy()).max() > 1e-3


def shown(page, where=""):
    """Wait until the lens stands there ("level:row,column"), and return what it says."""
    page.wait_for_function(
        "where => (document.querySelector('.dprior').dataset.shown || '').endsWith(where)", arg=where
    )
    return {
        name: page.text_content(f'[data-show="{name}"]').replace("−", "-")
        for name in ("pixel", "sum", "output", "weights", "radius", "share", "border", "low", "high")
    }


@pytest.mark.parametrize("pixel", [(12, 10), (0, 19)])
def test_what_it_says_is_measured_on_the_whole_row(browser, tmp_path, pixel):  # noqa: F811
    with visit(browser, written(tmp_path, lens(pixel=pixel, start=20).markup)) as seen:
        said, y = shown(seen.page), noisy(seen.page, 20)
    row, r, s = autograd_row(network(), y, pixel), *np.indices(PICTURE.shape)
    squares, far = row**2, np.hypot(r - pixel[0], s - pixel[1])
    window = (abs(r - pixel[0]) <= 3) & (abs(s - pixel[1]) <= 3)
    near = squares[window].sum()
    assert said["pixel"] == f"({pixel[0]}, {pixel[1]})" and said["sum"] == said["output"]
    assert float(said["output"]) == pytest.approx(network()(y)[0, 0, pixel[0], pixel[1]].item(), abs=6e-5)
    assert float(said["weights"]) == pytest.approx(row.sum(), abs=6e-4)
    assert said["radius"] == f"{np.sqrt((squares * far**2).sum() / squares.sum()):.1f} px"
    assert said["share"] == f"{100 * near / squares.sum():.1f} %" and near < squares.sum()
    assert float(said["high"]) == -float(said["low"]) == pytest.approx(abs(row[window]).max(), rel=0.051)
    assert bool(said["border"]) == (pixel != (12, 10))


def test_the_sum_would_tell_a_wrong_row(browser, tmp_path):  # noqa: F811
    path = written(tmp_path, lens().markup)
    text = path.read_text(encoding="utf-8")
    assert text.count("+ 8 - p % 9") == 1
    path.write_text(text.replace("+ 8 - p % 9", "+ p % 9"), encoding="utf-8")
    with visit(browser, path) as seen:
        said = shown(seen.page)
        assert said["sum"] != said["output"]


def pictures(page):
    return page.evaluate("Array.from(document.querySelectorAll('canvas')).map(canvas => canvas.toDataURL())")


def test_keys_move_the_pixel(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lens().markup)) as seen:
        page = seen.page
        shown(page, "1:12,10")
        before = pictures(page)
        page.focus(".dp-pointed")
        for key, where in (
            ("ArrowRight", "12,11"),
            ("ArrowUp", "11,11"),
            ("Shift+ArrowDown", "19,11"),
            ("Shift+ArrowLeft", "19,3"),
            ("Shift+ArrowLeft", "19,0"),
            ("ArrowLeft", "19,0"),
        ):
            page.keyboard.press(key)
            said = shown(page, where)
            assert said["sum"] == said["output"]
        assert [a != b for a, b in zip(before, pictures(page), strict=True)] == [False, False, True, True]
        assert "row 19, column 0" in page.get_attribute(".dp-pointed", "aria-label")
        page.wait_for_function(
            "document.querySelector('.dp-live').textContent.includes('row 19, column 0: sum of weights')"
        )
        assert console_errors(seen) == [] and foreign_requests(seen) == []


def test_the_pointer_looks_and_a_click_keeps(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lens().markup)) as seen:
        page = seen.page
        shown(page, "12,10")
        box = page.query_selector(".dp-pointed").bounding_box()

        def at(row, column):
            return box["x"] + (column + 0.5) * box["width"] / 20, box["y"] + (row + 0.5) * box["height"] / 24

        page.mouse.move(*at(5, 7))
        shown(page, ":5,7")
        page.mouse.move(*at(24.5, 7))
        shown(page, ":12,10")
        page.mouse.click(*at(6, 3))
        page.mouse.move(*at(24.5, 7))
        shown(page, ":6,3")
        square = page.query_selector(".dp-square").bounding_box()
        assert square["width"] == pytest.approx(7 * box["width"] / 20, rel=0.02)
        assert square["x"] - box["x"] == pytest.approx(0, abs=1)


def test_a_finger_keeps_the_pixel_and_may_scroll_elsewhere(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lens().markup), PHONE, touch=True) as seen:
        shown(seen.page, "12,10")
        box = seen.page.query_selector(".dp-pointed").bounding_box()
        seen.page.touchscreen.tap(box["x"] + box["width"] * 0.525, box["y"] + box["height"] * 0.23)
        shown(seen.page, ":5,10")
        actions = seen.page.evaluate(
            "Array.from(document.querySelectorAll('canvas')).map(e => getComputedStyle(e).touchAction)"
        )
        assert actions == ["none", "auto", "auto", "auto"]


def test_the_slider_and_new_noise_change_pictures_and_filter(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lens().markup)) as seen:
        page = seen.page
        first, before = shown(page, "1:12,10"), pictures(page)
        page.fill("input", "2")
        more, after = shown(page, "2:12,10"), pictures(page)
        assert first["sum"] != more["sum"] and more["sum"] == more["output"]
        assert all(a != b for a, b in zip(before, after, strict=True))
        page.fill("input", "1")
        assert shown(page, "1:12,10") == first
        page.click("text=New noise")
        page.wait_for_function("before => document.querySelector('canvas').toDataURL() !== before", arg=before[0])
        again = shown(page, "1:12,10")
        assert again["sum"] == again["output"] != first["sum"]
        assert float(again["output"]) == pytest.approx(
            network()(noisy(page, 20, seed=1))[0, 0, 12, 10].item(), abs=6e-5
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_described_and_fits_a_phone(browser, tmp_path, theme):  # noqa: F811
    with visit(browser, written(tmp_path, lens(pixel=(0, 0)).markup, head=DARK), PHONE) as seen:
        seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        shown(seen.page)
        assert sideways_scroll(seen) == [] and missing_alternatives(seen) == [] and pale_text(seen) == []
        assert dead_sliders(seen) == [] and console_errors(seen) == []


def test_without_scripts_it_says_so(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lens().markup), scripts=False) as seen:
        assert (
            seen.page.is_visible(".dp-static")
            and not seen.page.is_visible("input")
            and not seen.page.is_visible(".dp-equation")
        )


BIASED = [(np.zeros((4, 4, 3, 3)), np.zeros(4), False)]


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": BIASED},
        {"unshuffle": 1},
        {"picture": PICTURE[:-1]},
        {"unshuffle": 0},
        {"window": 6},
        {"window": 21},
        {"window": 1},
        {"pixel": (24, 0)},
        {"pixel": (-1, 0)},
        {"pixel": (1, 2, 3)},
        {"start": 7},
        {"sigmas": []},
        {"caption": ""},
        {"alt": ""},
        {"picture": PICTURE * 255},
    ],
)
def test_what_cannot_run_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        lens(**changes)


def test_it_is_the_same_every_time_and_small():
    layers = BFCNN(depth=8, width=32, unshuffle=2).eval().folded()
    halves = BFCNN(depth=8, width=32, unshuffle=2).eval().half().float().folded()
    made = [lens(layers=these, picture=np.zeros((96, 96)), window=21).markup for these in (halves, halves, layers)]
    assert made[0] == made[1] and len(made[0]) < 250_000 and len(made[2]) < 400_000
