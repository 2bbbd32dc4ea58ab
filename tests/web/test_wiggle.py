"""A picture that moves along eigenvectors: the numbers are Python's; it follows pointer, keys and its own button."""

from __future__ import annotations

import base64
import math

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
from widget_helpers import DARK, eigenvectors

from dprior_lite.course.web import widgets, wiggle
from dprior_lite.course.web.wiggle import Eigenvectors, Wiggle

SAYS = ("goes to the right", "goes down", "grows", "is brighter")
FOUND = eigenvectors()
LARGER = eigenvectors(seed=1, count=2, shape=(12, 10))


def one(says=SAYS, **changes):
    found = Eigenvectors(FOUND.picture, FOUND.vectors, FOUND.values, says=says)
    options = {"caption": "It moves.", "alt": lambda: "a pattern"}
    return Wiggle({}, lambda: found, **{**options, **changes})


def several():
    def view(picture, sigma):
        return LARGER if picture == "large" else eigenvectors(seed=sigma)

    return Wiggle(
        {"picture": ["small", "large"], "noise": [0.1, 0.3]},
        view,
        "It moves.",
        lambda picture, sigma: f"a {picture} pattern at {sigma}",
        start={"noise": 0.3},
    )


def settled(page):
    """Let the page draw what was asked for."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.get_attribute(".dprior", "data-shown")


def shades(page, panel):
    """Red, green and blue of the pixels of a panel, (H, W, 3)."""
    height, width, flat = page.evaluate(
        """panel => { const c = document.querySelectorAll(".dp-panel canvas")[panel], d = c.getContext("2d");
        return [c.height, c.width, Array.from(d.getImageData(0, 0, c.width, c.height).data)]; }""",
        panel,
    )
    return np.array(flat).reshape(height, width, 4)[..., :3]


def decoded(record, k, view=0):
    """Eigenvector k of a view as Python reads it from the record, (H, W)."""
    shown = record["views"][view]
    coded = np.frombuffer(base64.b64decode(shown["vectors"][k]), dtype=np.uint8).astype(float)
    return ((coded - 128) / 127 * shown["scales"][k]).reshape(shown["height"], shown["width"])


def test_vectors_travel_with_eight_bits():
    record = one().record
    for k, e in enumerate(FOUND.vectors):
        assert np.abs(decoded(record, k) - e).max() <= np.abs(e).max() / 254 * (1 + 1e-6)
    lost = [float(np.abs(decoded(record, k) - FOUND.vectors[0]).max()) for k in (0, 1)]
    assert lost[1] > 50 * lost[0], "another vector is far away"
    assert dict(record["views"][0]["curve"])[64] == pytest.approx(-0.1)


def test_the_curve_keeps_the_values_of_the_vectors_and_is_short():
    values = np.linspace(1, 0, 4096)
    e = np.zeros((3, 64, 64))
    e[range(3), 0, range(3)] = 1
    made = Wiggle({}, lambda: Eigenvectors(e[0], e, values, ranks=[1, 77, 4095]), "It.", lambda: "a dot")
    curve = made.record["views"][0]["curve"]
    assert len(curve) < 110 and [rank for rank, _ in curve] == sorted({rank for rank, _ in curve})
    assert [dict(curve)[rank] for rank in (77, 4095, 4096)] == pytest.approx(values[[76, 4094, 4095]], abs=1e-6)


COMPUTED = """([k, place]) => {
    const data = DPrior.data(document.querySelector("[data-dprior]")), view = data.views[0];
    const e = DPrior.wiggle.vector(view.vectors[k], view.scales[k]), epsilon = DPrior.wiggle.amount(place, data, view);
    return [Array.from(DPrior.wiggle.moved(DPrior.net.picture(data.pictures[0]), e, epsilon)), epsilon];
}"""


def test_the_page_shows_what_python_computes(browser, tmp_path):  # noqa: F811
    made = one()
    with visit(browser, written(tmp_path, made.markup)) as seen:
        page, clean = seen.page, np.round(np.asarray(FOUND.picture) * 255) / 255
        for k, place in ((0, 80), (2, 13)):
            moved, epsilon = page.evaluate(COMPUTED, [k, place])
            right = (place - 40) / 40 * 0.06 * 8
            assert epsilon == pytest.approx(right, abs=1e-12)
            assert np.abs(np.reshape(moved, (8, 8)) - clean - right * decoded(made.record, k)).max() < 1e-6
            step = abs(right) * made.record["views"][0]["scales"][k] / 254
            assert np.abs(np.reshape(moved, (8, 8)) - clean - right * FOUND.vectors[k]).max() <= step + 1e-6
        assert settled(page) == "0:0:40" and "ε = 0.00" in page.inner_text(".dp-panel >> nth=0")
        page.fill("input >> nth=0", "2")
        page.fill("input >> nth=1", "70")
        assert settled(page) == "0:2:70"
        e, epsilon = decoded(made.record, 2), 30 / 40 * 0.06 * 8
        assert np.abs(shades(page, 0)[..., 0] - 255 * (clean + epsilon * e).clip(0, 1)).max() <= 0.51
        colours = 255 * wiggle._signed(e / np.abs(e).max())
        assert np.abs(shades(page, 1) - colours).max() <= 0.51
        assert "k = 3, λ = 1.159" in page.inner_text(".dp-panel >> nth=1")
        assert "ε = +0.36" in page.inner_text(".dp-panel >> nth=0")
        assert page.inner_text(".dp-status") == "e₃: grows"
        assert page.get_attribute("input >> nth=0", "aria-valuetext") == "eigenvector 3, lambda 1.159"
        page.wait_for_function("document.querySelector('.dp-live').textContent.includes('grows; epsilon +0.36')")
        page.click("[data-zero]")
        assert settled(page) == "0:2:40"
        assert np.abs(shades(page, 0)[..., 0] - 255 * clean).max() <= 0.51
        assert console_errors(seen) == [] and foreign_requests(seen) == []
        the_marked_eigenvalue_stands_on_the_curve(page)


def the_marked_eigenvalue_stands_on_the_curve(page):
    places = []
    for k in range(4):
        page.fill("input >> nth=0", str(k))
        settled(page)
        mark = page.locator(".dp-plot circle[r='6']")
        places.append([mark.get_attribute(name) for name in ("cx", "cy")])
        assert ",".join(places[-1]) in page.get_attribute(".dp-plot polyline", "points").split()
    across, down = np.array(places, dtype=float).T
    logs = np.log(np.arange(1, 5))
    assert np.allclose(across - across[0], (across[3] - across[0]) * logs / logs[3], atol=0.2)
    assert (np.diff(down) > 0).all(), "a smaller eigenvalue stands lower"
    assert "1.14 at rank 4, −0.10 at rank 64" in page.get_attribute(".dp-plot svg", "aria-label")


def test_choices_change_the_picture_its_size_and_the_number_of_vectors(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, several().markup, several().markup)) as seen:
        page = seen.page
        page.fill("input[type=range] >> nth=0", "3")
        assert settled(page) == "1:3:40" and shades(page, 0).shape[:2] == (8, 8)
        page.focus("input[value='0'][name='choice-0']")
        page.keyboard.press("ArrowRight")
        assert settled(page) == "3:1:40", "the larger picture has two vectors only"
        assert shades(page, 0).shape[:2] == shades(page, 1).shape[:2] == (12, 10)
        assert page.get_attribute(".dp-panels", "aria-label") == "a large pattern at 0.3"
        page.keyboard.press("ArrowLeft")
        page.click("text=0.1")
        page.evaluate("window.kept = true")
        page.keyboard.press("Enter")
        assert settled(page) == "0:1:40" and page.evaluate("window.kept"), "Enter sends no form"
        assert not page.is_visible(".dp-status"), "nothing is said of these vectors"
        shown = page.locator(".dprior").evaluate_all("every => every.map(e => e.dataset.shown)")
        assert shown[1] == "1:0:40", "the other figure has choices of its own"
        assert console_errors(seen) == []


def test_play_moves_back_and_forth_until_it_is_stopped(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, one().markup)) as seen:
        page, slider = seen.page, "document.querySelectorAll('input')[1]"
        page.click("text=Play")
        page.wait_for_function(f"{slider}.value > 70")
        page.wait_for_function(f"{slider}.value < 10")
        page.click("text=Stop")
        rest = settled(page)
        page.wait_for_timeout(150)
        assert settled(page) == rest and page.is_visible("text=Play")
        page.click("text=Play")
        page.focus("input >> nth=1")
        page.keyboard.press("End")
        page.wait_for_timeout(100)
        assert settled(page) == "0:0:80" and page.is_visible("text=Play"), "who takes the slider has it"
        # nothing moves for readers who asked for that
        page.click("text=Play")
        page.emulate_media(reduced_motion="reduce")
        page.wait_for_function("document.querySelector('[data-play]').hidden")
        rest = settled(page)
        page.wait_for_timeout(150)
        assert settled(page) == rest and not page.is_visible("[data-play]") and page.is_visible("[data-zero]")


def test_it_is_legible_described_and_fits_a_phone(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, several().markup, one().markup, head=DARK), PHONE) as seen:
        for theme in ("light", "dark"):
            seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            settled(seen.page)
            assert sideways_scroll(seen) == [] and missing_alternatives(seen) == [] and pale_text(seen) == []
        assert dead_sliders(seen) == [] and console_errors(seen) == []


def test_without_scripts_a_drawn_picture_stands(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, several().markup), scripts=False) as seen:
        assert seen.page.is_visible(".dp-static img") and not seen.page.is_visible("input")
        assert seen.page.get_attribute("img", "alt") == "a small pattern at 0.3"
        assert "k = 2, λ = 1.179;" in seen.page.inner_text(".dp-static") and not seen.page.is_visible("canvas")


def test_the_drawn_picture_shows_the_vector_and_both_ends():
    made = one()
    tiles = wiggle._still(made.record, made.record["views"][0])
    e, clean = decoded(made.record, 1), np.round(np.asarray(FOUND.picture) * 255) / 255
    assert tiles.shape == (3 * 8 + 2, 4 * 8 + 3, 3)
    assert np.abs(tiles[:8, 9:17] - wiggle._signed(e / np.abs(e).max())).max() <= 1 / 32 + 1e-9
    for row, sign in ((9, -1), (18, 1)):
        right = (clean + sign * 0.06 * 8 * e).clip(0, 1)
        assert np.abs(tiles[row : row + 8, 9:17, 0] - right).max() <= 1 / 126 + 1e-9


def test_tensors_with_a_channel_are_taken():
    found = Eigenvectors(
        torch.as_tensor(FOUND.picture)[None, None],
        torch.as_tensor(FOUND.vectors)[:, None],
        torch.as_tensor(FOUND.values),
    )
    plain = one(says=())
    assert Wiggle({}, lambda: found, "It moves.", lambda: "a pattern").markup == plain.markup


def changed(**fields):
    return lambda: Eigenvectors(**{**vars(FOUND), **fields})


@pytest.mark.parametrize(
    "found",
    [
        changed(picture=255 * FOUND.picture),
        changed(picture=FOUND.picture[:, :7]),
        changed(vectors=2 * FOUND.vectors),
        changed(vectors=FOUND.vectors[:0]),
        changed(vectors=FOUND.vectors * np.nan),
        changed(vectors=np.stack([FOUND.vectors] * 2, 1)),
        changed(values=FOUND.values[:3]),
        changed(values=FOUND.values[::-1]),
        changed(values=FOUND.values * math.nan),
        changed(values=FOUND.values[None]),
        changed(ranks=[1, 2, 3]),
        changed(ranks=[0, 1, 2, 3]),
        changed(ranks=[1, 2, 2, 3]),
        changed(ranks=[1, 2, 3, 65]),
        changed(says=["one"]),
    ],
)
def test_what_are_no_eigenvectors_is_refused(found):
    with pytest.raises(ValueError, match="expected"):
        Wiggle({}, found, "It moves.", lambda: "a pattern")


@pytest.mark.parametrize(
    "changes",
    [{"caption": ""}, {"alt": lambda: " "}, {"reach": 0}, {"reach": math.nan}, {"reach": 2}, {"start": {"noise": 1}}],
)
def test_what_cannot_be_shown_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        one(**changes)
    with pytest.raises(ValueError, match="at least one"):
        Wiggle({"noise": []}, lambda noise: FOUND, "It moves.", lambda noise: "a pattern")


def test_it_is_the_same_every_time_and_small():
    found = eigenvectors(count=8, shape=(32, 32))
    made = [Wiggle({}, lambda: found, "It moves.", lambda: "a pattern").markup for _ in range(2)]
    assert made[0] == made[1] and len(made[0].encode()) < 60_000 < widgets.LIMIT
