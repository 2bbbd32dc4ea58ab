"""Pictures in a page: the same pixels in light and dark, twice the size they are shown at, large on a click."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from browser import PHONE, missing_alternatives, sideways_scroll, visit
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from widget_helpers import every_kind

from dprior_lite.course import web
from dprior_lite.course.page import figures, roadmap
from dprior_lite.course.page.diagrams import Diagram
from dprior_lite.course.page.strips import strip
from dprior_lite.course.page.tables import table
from dprior_lite.course.web import palette

AXE = Path(__file__).with_name("axe.min.js")
CUSTOM = Path(__file__).resolve().parents[2] / "book/_static/custom.css"
GREYS = np.linspace(0, 1, 64).reshape(8, 8)
# what the theme of the book does with pictures in the dark, and its colours
THEME = """<style>html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af;
    --pst-color-background: #121212; } html { --pst-color-background: #fff; --pst-color-text-base: #222832;
    --pst-color-text-muted: #48566b; }
    body { background: var(--pst-color-background); color: var(--pst-color-text-base); }
    figure figcaption { color: var(--pst-color-text-muted); font-weight: 300; }
    div.math { display: flex; max-width: 100%; overflow: hidden; } mjx-container { display: block; overflow: auto; }
    html[data-theme=dark] img:not(.only-dark,.dark-light) { filter: brightness(.8) contrast(1.2); }
    html[data-theme=dark] .bd-content div.cell_output img {
        background-color: #ced6dd; border-radius: .25rem; padding: .5rem; }</style>"""


def page_of(tmp_path, body, theme="light"):
    """A page with the theme's rules, the book's style sheet and these outputs."""
    path = tmp_path / f"{theme}.html"
    names = dict.fromkeys(kind for kind, _ in web.records(body))
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>t</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{THEME}'
        f"<style>{CUSTOM.read_text()}</style>"
        f'<body>{web.assets(names or ["boxes"])}<main class="bd-content"><article class="bd-article"><h1>Title</h1>'
        f'<div class="cell"><div class="cell_output">{body}</div></div></article></main></body></html>',
        encoding="utf-8",
    )
    return path


def picture_of(figure):
    """An output of a notebook as the book shows it."""
    content, (width, height) = figures.png(figure)
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    size = f"width:{width}px;height:{height}px"
    return f'<figure><img src="{source}" alt="x" style="{size}"><figcaption>It.</figcaption></figure>'


def lines():
    figure, panels = figures.axes(1, 2)
    panels[0, 0].plot([0, 1, 2], [1, 0.5, 2], label="a")
    panels[0, 0].legend()
    return figure


def test_a_plot_of_lines_is_an_svg_and_always_the_same():
    bundle, metadata = lines()._repr_mimebundle_()
    assert list(bundle) == ["image/svg+xml"] and metadata == {}
    again = lines()._repr_mimebundle_()[0]["image/svg+xml"]
    assert bundle["image/svg+xml"] == again and again.startswith("<svg") and "dc:date" not in again
    many, panels = figures.axes()
    panels[0, 0].scatter(*np.random.default_rng(0).random((2, 5000)))
    assert list(many._repr_mimebundle_()[0]) == ["image/png"], "a cloud of marks is smaller as a picture"


def test_pictures_have_twice_the_pixels_and_a_palette():
    rows = [[torch.tensor(GREYS)] * 4] * 2
    made = [figures.pictures(rows, titles=list("abcd"), labels=["one", "two"])._repr_mimebundle_() for _ in range(2)]
    bundle, metadata = made[0]
    image = Image.open(io.BytesIO(bundle["image/png"]))
    shown = metadata["image/png"]
    assert image.mode == "P" and image.size == (2 * shown["width"], 2 * shown["height"]) and shown["width"] == 750
    assert made[0] == made[1]


def test_a_notebook_shows_a_figure_once_and_in_its_own_way():
    code = [
        "from dprior_lite.course.page import figures\nf, a = figures.axes(width=3, height=2)\na[0, 0].plot([0, 1]);",
        "f, a = figures.axes(width=3, height=2)\na[0, 0].imshow([[0, 1]]);",
        "import matplotlib.pyplot as plt\nplt.plot([0, 1]);",
    ]
    made = new_notebook(cells=[new_code_cell(each) for each in code])
    NotebookClient(made, timeout=120).execute()
    drawn = [[set(output.data) - {"text/plain"} for output in cell.outputs] for cell in made.cells]
    assert drawn == [[{"image/svg+xml"}], [{"image/png"}], [{"image/png"}]]
    assert made.cells[1].outputs[0].metadata["image/png"] == {"width": 300, "height": 200}
    png = base64.b64decode(made.cells[1].outputs[0].data["image/png"])
    assert Image.open(io.BytesIO(png)).size == (600, 400)


def test_a_palette_is_exact_where_it_can_be():
    image = Image.fromarray(np.uint8(np.round(GREYS * 255))).convert("RGB")
    kept = Image.open(io.BytesIO(palette.encoded(image, 64)))
    assert (np.asarray(kept.convert("RGB")) == np.asarray(image)).all()
    fewer = np.asarray(Image.open(io.BytesIO(palette.encoded(image, 8))).convert("RGB")).astype(int)
    assert 0 < np.abs(fewer - np.asarray(image)).max() < 40


def painted(page):
    """Pixels of the picture as the screen shows them."""
    shot = page.query_selector("img").screenshot()
    # its edges lie between pixels of the screen
    return np.asarray(Image.open(io.BytesIO(shot)).convert("L")).astype(int)[2:-2, 2:-2]


def test_a_picture_has_the_same_pixels_in_light_and_dark(browser, tmp_path):  # noqa: F811
    body = picture_of(figures.pictures([[torch.tensor(GREYS)] * 2], width=3))
    seen_in = {}
    for theme in ("light", "dark"):
        with visit(browser, page_of(tmp_path, body, theme), scheme=theme) as seen:
            seen_in[theme] = painted(seen.page)
            caption, text = (
                seen.page.evaluate(f"getComputedStyle(document.querySelector('{e}')).color")
                for e in ("figcaption", "body")
            )
            assert caption == text, "a caption is as dark as the text"
            assert int(seen.page.evaluate("getComputedStyle(document.querySelector('figcaption')).fontWeight")) >= 400
    assert (seen_in["light"] == seen_in["dark"]).all()
    with visit(browser, page_of(tmp_path, body.replace("<img", '<img class="x"'), "dark"), scheme="dark") as seen:
        seen.page.evaluate(
            "document.querySelectorAll('style').forEach(s => { if (s.textContent.includes('no filter')) s.remove(); })"
        )
        assert painted(seen.page).shape != seen_in["light"].shape, "without the book's rules the theme changes it"


def test_a_picture_keeps_its_shape_on_a_phone(browser, tmp_path):  # noqa: F811
    with visit(browser, page_of(tmp_path, picture_of(figures.pictures([[torch.tensor(GREYS)] * 4]))), PHONE) as seen:
        box, natural = seen.page.query_selector("img").bounding_box(), "e => e.naturalWidth / e.naturalHeight"
        assert box["width"] < 390
        assert box["width"] / box["height"] == pytest.approx(seen.page.eval_on_selector("img", natural), rel=0.01)


@pytest.mark.parametrize("size", [(1440, 900), PHONE])
def test_a_click_or_a_key_enlarges_and_escape_closes(browser, tmp_path, size):  # noqa: F811
    fall = [(n, torch.rand(8, 8), torch.rand(8, 8), 0.5) for n in range(3)]
    drawing = Diagram(200, 60, "a box", "A box.").box(10, 10, 80, 30, "net").markup
    body = picture_of(figures.pictures([[torch.tensor(GREYS)]], width=5)) + strip(fall, "A.", "b").markup + drawing
    with visit(browser, page_of(tmp_path, body), size) as seen:
        page = seen.page
        things = page.query_selector_all("[data-zoom]")
        assert len(things) == 1 + 6 + 1
        for how in ("click", "Enter", "Space"):
            for thing in (things[0], things[1], things[-1]):
                before = thing.bounding_box()["width"]
                if how == "click":
                    thing.click()
                else:
                    thing.focus()
                    page.keyboard.press(how)
                large = page.wait_for_selector("dialog.dp-zoom :is(img, svg)")
                assert large.bounding_box()["width"] > 1.5 * before
                page.keyboard.press("Escape")
                page.wait_for_selector("dialog.dp-zoom", state="detached")
                assert thing.evaluate("e => document.activeElement === e"), "the focus comes back"
        things[0].click()
        page.click("dialog.dp-zoom button")
        page.wait_for_selector("dialog.dp-zoom", state="detached")
        assert missing_alternatives(seen) == []


def test_a_link_to_the_file_of_a_picture_becomes_the_enlarged_picture(browser, tmp_path):  # noqa: F811
    picture = picture_of(figures.pictures([[torch.tensor(GREYS)]], width=2))
    body = picture.replace("<img", '<a class="reference internal image-reference" href="x.png"><img').replace(
        "<figcaption", "</a><figcaption"
    )
    with visit(browser, page_of(tmp_path, body)) as seen:
        seen.page.click("img")
        assert seen.page.wait_for_selector("dialog.dp-zoom img") and not seen.page.query_selector("a.image-reference")
    with visit(browser, page_of(tmp_path, body), scripts=False) as seen:
        assert seen.page.is_visible("a.image-reference img")


def test_the_words_of_the_map_stay_in_their_boxes(browser, tmp_path):  # noqa: F811
    measured = """() => Array.from(document.querySelectorAll(".dprior-map text")).filter(text => {
        const t = text.getBBox(), rects = Array.from(document.querySelectorAll(".dprior-map rect"));
        const boxes = rects.map(r => r.getBBox());
        const inside = b => t.x >= b.x && t.y >= b.y && t.x + t.width <= b.x + b.width - 4;
        return !boxes.some(b => inside(b) && t.y + t.height <= b.y + b.height);
    }).map(text => text.textContent)"""
    for size in ((1440, 900), PHONE):
        with visit(browser, page_of(tmp_path, roadmap.roadmap().markup), size) as seen:
            assert seen.page.evaluate(measured) == [] and sideways_scroll(seen) == []
            seen.page.evaluate(
                "document.querySelector('.dprior-map text:nth-of-type(2)').textContent = 'far too many words'"
            )
            assert seen.page.evaluate(measured) == ["far too many words"]


WIDE = table(
    [[f"a name {i}", *[i / 7] * 9] for i in range(3)], columns=["name", *(f"column {k}, dB" for k in range(9))]
).markup
LONG = (
    '<div class="math"><mjx-container display="true"><div style="width:900px;height:20px">formula</div>'
    "</mjx-container></div>"
)
PRINTED = f"<pre>{'refused: a sentence that goes on ' * 9}</pre>"
NOTATION = """<table><tr><th>symbol</th><th>in the code</th></tr>
    <tr><td>x</td><td><code class='literal'><span class='pre'>posterior_covariance</span></code></td></tr></table>"""


def test_what_is_wide_scrolls_in_its_own_box_and_by_keys(browser, tmp_path):  # noqa: F811
    with visit(browser, page_of(tmp_path, WIDE + LONG + PRINTED + NOTATION), PHONE) as seen:
        page = seen.page
        assert sideways_scroll(seen) == []
        for box in (".dp-scrolls", "mjx-container"):
            assert page.eval_on_selector(box, "e => e.scrollWidth > e.clientWidth && e.tabIndex === 0"), box
            page.focus(box)
            page.keyboard.press("ArrowRight")
            page.wait_for_function(f"() => document.querySelector('{box}').scrollLeft > 0")
        assert page.eval_on_selector("pre", "e => e.scrollWidth <= e.clientWidth"), "printed text wraps"
        assert page.eval_on_selector("code .pre", "e => e.getClientRects().length") == 1, "names break at words only"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser, tmp_path, theme):  # noqa: F811
    body = "".join(figure.markup for figure in every_kind().values()) + picture_of(lines()) + WIDE + LONG
    with visit(browser, page_of(tmp_path, body, theme), scheme=theme) as seen:
        seen.page.evaluate("document.querySelectorAll('[data-skip]').forEach(e => e.click())")
        seen.page.evaluate(AXE.read_text(encoding="utf-8"))
        assert violations(seen.page) == []
        seen.page.evaluate("document.querySelector('input[type=range]').removeAttribute('aria-label')")
        seen.page.evaluate("document.querySelector('label.dp-slider span').remove()")
        pale = {"light": "#999", "dark": "#444"}[theme]
        seen.page.evaluate(f"document.querySelector('figcaption').style.color = '{pale}'")
        assert any(found.startswith("color-contrast") for found in violations(seen.page))
    plt.close("all")


def violations(page):
    """Rules of levels A and AA that are broken, from axe-core."""
    return page.evaluate("""async () => (await axe.run(document.querySelector("article"), {runOnly:
        ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}))
        .violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 90)))""")
