"""Figures with sliders: what they store, what they refuse, and that they follow pointer and keys."""

from __future__ import annotations

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from browser import dead_sliders, visit, written
from PIL import Image

from dprior_lite.course.web import carry, widgets
from dprior_lite.course.web.frames import Frames

LEVELS, TINTS = (0.0, 0.25, 0.75, 1.0), ("dark", "light")


def grey(level, tint):
    return np.full((4, 4), 0.5 * level + 0.4 * TINTS.index(tint))


def frames(**changes):
    options = {
        "sliders": {"level": LEVELS, "tint": TINTS},
        "draw": grey,
        "caption": "Grey.",
        "alt": lambda level, tint: f"grey of level {level}, {tint}",
    }
    return Frames(**{**options, **changes})


def test_the_same_figure_gives_the_same_html():
    assert frames().markup == frames().markup
    assert frames().markup != frames(caption="Other.").markup


def test_equal_frames_are_stored_once():
    many = frames(draw=lambda level, tint: np.random.default_rng(TINTS.index(tint)).random((32, 32)))
    all_different = frames(
        draw=lambda level, tint: np.random.default_rng(int(100 * level)).random((32, 32)) ** (1 + (tint == "dark"))
    )
    assert len(all_different.markup) - len(many.markup) > 5 * 600


def test_a_figure_over_the_limit_is_refused():
    with pytest.raises(ValueError, match="400,000"):
        frames(
            draw=lambda level, tint: np.random.default_rng(0).random((300, 300, 3)) * (level + 0.1) / 1.2, colors=256
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"alt": lambda level, tint: " "},
        {"caption": ""},
        {"sliders": {}},
        {"start": {"level": 3}},
        {"start": {"depth": 0.0}},
        {"draw": lambda level, tint: [[1.5]]},
    ],
)
def test_what_cannot_be_shown_is_refused(changes):
    with pytest.raises(ValueError, match="empty|slider|start|expected"):
        frames(**changes)


def test_figures_are_closed():
    before = plt.get_fignums()
    Frames({"width": (1, 2)}, lambda width: plt.figure(figsize=(width, 1)), "A blank.", lambda width: f"blank {width}")
    assert plt.get_fignums() == before


def test_texts_are_escaped():
    hostile = frames(
        sliders={'<b>"x"': LEVELS, "tint": TINTS}, caption="a < b & c", alt=lambda *_: '"></script><script>alert(1)'
    )
    assert "<b>" not in hostile.markup and "a &lt; b &amp; c" in hostile.markup
    assert hostile.markup.count("<script") == 1


def shade(page):
    return page.evaluate("""async () => { const i = document.querySelector("img"); await i.decode();
        const c = document.createElement("canvas").getContext("2d"); c.drawImage(i, 0, 0);
        return c.getImageData(0, 0, 1, 1).data[0]; }""")


def test_every_place_of_the_sliders_shows_its_frame_and_says_so(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, frames(start={"level": 0.75}).markup)) as seen:
        assert abs(shade(seen.page) - 255 * 0.375) <= 1
        level, tint = seen.page.query_selector_all("input")
        level.focus()
        seen.page.keyboard.press("Home")
        for i, value in enumerate(LEVELS):
            assert abs(shade(seen.page) - 255 * 0.5 * value) <= 1
            assert seen.page.get_attribute("img", "alt") == f"grey of level {value}, dark"
            assert seen.page.inner_text("output") == f"{value:g}" == level.get_attribute("aria-valuetext")
            if i + 1 < len(LEVELS):
                seen.page.keyboard.press("ArrowRight")
        tint.focus()
        seen.page.keyboard.press("ArrowUp")
        assert abs(shade(seen.page) - 255 * 0.9) <= 1
        assert dead_sliders(seen) == []


def test_without_scripts_the_first_frame_stands(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, frames(start={"tint": "light"}).markup), scripts=False) as seen:
        assert seen.page.get_attribute("img", "alt") == "grey of level 0.0, light"
        assert seen.page.is_visible("figcaption") and not seen.page.is_visible("input")


THIEF = """<script>document.addEventListener("keydown", e => {
    if (e.key.startsWith("Arrow")) { e.preventDefault(); e.stopPropagation(); } }, true);</script>"""


def test_arrow_keys_reach_the_slider_where_the_application_takes_them(browser, tmp_path):  # noqa: F811
    """JupyterLab takes arrow keys on their way down to the focused element; a bare slider (control) never sees them."""
    bare = '<input id="bare" type="range" min="0" max="3" value="0" aria-label="bare">'
    with visit(browser, written(tmp_path, frames().markup, bare, head=THIEF)) as seen:
        for selector, expected in (("[data-dprior] input", "1"), ("#bare", "0")):
            seen.page.focus(selector)
            seen.page.keyboard.press("ArrowRight")
            assert seen.page.input_value(selector) == expected


def test_a_figure_that_is_attached_late_starts(browser, tmp_path):  # noqa: F811
    """JupyterLab runs an output's script before the output is in the document, and adds outputs at any time."""
    markup, brought = widgets.for_script(frames().markup), widgets.for_script(carry.script(["frames"]))
    late = f"""<div id="home"></div><script>
        const code = document.createElement("script"); code.textContent = {brought}; document.head.append(code);
        setTimeout(() => {{ document.getElementById("home").innerHTML = {markup}; }}, 150);</script>"""
    with visit(browser, written(tmp_path, late)) as seen:
        seen.page.wait_for_selector("[data-ready] input:visible", timeout=3000)


PHOTO = np.random.default_rng(0).random((60, 60))


def lined(colour):
    figure, panels = plt.subplots(1, 2, figsize=(4, 2))
    panels[0].imshow(PHOTO, cmap="gray")
    panels[1].plot([0, 1], [0, 1], color=colour, linewidth=1.8)
    return figure


@pytest.mark.parametrize("colour", ["#0072B2", "#D55E00", "#009E73"])
def test_a_colour_that_a_caption_names_survives_a_small_palette(colour):
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    drawn = Frames({"n": [0]}, lambda n: lined(colour), "A line.", lambda n: "a line beside a picture", colors=16)
    kept = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn.record["pictures"][0]))).convert("RGB")).astype(int)
    assert np.abs(kept - wanted).max(-1).min() <= 8
    small = Image.fromarray(np.uint8(kept)).quantize(8).convert("RGB")
    assert np.abs(np.asarray(small).astype(int) - wanted).max(-1).min() > 8, "a palette of eight greys has lost it"


def test_a_drawing_is_shown_at_its_own_size_and_stored_with_twice_the_pixels(browser, tmp_path):  # noqa: F811
    drawn = Frames({"n": [0]}, lambda n: lined("red"), "A line.", lambda n: "a line", dpi=80)
    assert drawn.record["size"] == [640, 320] and drawn.record["width"] == 320
    with visit(browser, written(tmp_path, drawn.markup)) as seen:
        assert seen.page.query_selector("img").bounding_box()["width"] == 320


def test_where_twice_the_pixels_are_too_many_a_frame_has_its_own(monkeypatch):
    twice = Frames({"n": [0, 1]}, lambda n: lined(("red", "blue")[n]), "A line.", lambda n: "a line")
    monkeypatch.setattr(widgets, "LIMIT", len(twice.markup) - 1)
    once = Frames({"n": [0, 1]}, lambda n: lined(("red", "blue")[n]), "A line.", lambda n: "a line")
    assert once.record["size"] == [400, 200] and once.record["width"] == 400


def test_a_small_picture_is_enlarged_by_a_whole_number():
    assert frames(draw=lambda level, tint: np.full((28, 28), level)).record["width"] == 22 * 28
