"""Every page of the built book in a browser; and the same checks on pages that are broken on purpose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import (
    DESKTOP,
    PHONE,
    background,
    console_errors,
    dead_sliders,
    foreign_requests,  # noqa: F401
    missing_alternatives,
    pale_text,
    raw_markup,
    refuse_or_skip,
    sideways_scroll,
    silent_boxes,
    visit,
    written,
)

BOOK = Path(__file__).resolve().parents[2] / "_build" / "html"
# from the table of contents: the book itself is built after the tests are collected
TOC = (BOOK.parents[1] / "_toc.yml").read_text(encoding="utf8")
PAGES = [f"{name}.html" for name in re.findall(r"^(?:root| *- file): *(\S+)", TOC, re.M)]


@pytest.fixture(params=PAGES)
def page_path(request):
    if not (BOOK / request.param).is_file():
        refuse_or_skip(f"{request.param} is not built: run `make book` first")
    return BOOK / request.param


def of_every_view(seen):
    return [
        *console_errors(seen),
        *foreign_requests(seen),
        *missing_alternatives(seen),
        *sideways_scroll(seen),
        *pale_text(seen),
        *raw_markup(seen),
    ]


def test_on_a_large_screen_everything_works(browser, page_path):
    with visit(browser, page_path, DESKTOP) as seen:
        assert of_every_view(seen) == []
        assert dead_sliders(seen) == []
        assert silent_boxes(seen) == []
        assert of_every_view(seen) == []


def test_on_a_phone_in_the_dark(browser, page_path):
    with visit(browser, page_path, PHONE, "light") as seen:
        day = background(seen)
        assert of_every_view(seen) == []
    with visit(browser, page_path, PHONE, "dark") as seen:
        assert background(seen) != day
        assert of_every_view(seen) == []
        assert silent_boxes(seen) == []
        assert of_every_view(seen) == []


GOOD = """<main><h1>A page</h1><p>Some text.</p><img alt="a dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<figure><canvas id="c" role="img" aria-label="a grey square" width="9" height="9"></canvas><input type="range" min="0" max="9" value="0"
aria-label="grey"></figure><section class="dp-box" data-id="q"><form><input type="text" aria-label="answer"></form>
<p class="dp-feedback"></p></section></main><script>
const c = document.getElementById("c").getContext("2d"), s = document.querySelector("input[type=range]");
s.addEventListener("input", () => { c.fillStyle = "rgb(0,0," + 20 * s.value + ")"; c.fillRect(0, 0, 9, 9); });
document.querySelector("form").addEventListener("submit", e => { e.preventDefault();
    document.querySelector(".dp-feedback").innerHTML = "Not <a href='#c'>quite</a>."; });</script>"""

KEYS_ONLY = "s.addEventListener('pointerdown', e => e.preventDefault()); s.style.pointerEvents = 'none';"
BROKEN = {
    "console error": ("<script>console.error('lost')</script>", console_errors, "lost"),
    "exception": ("<script>setTimeout(() => { throw new Error('thrown') })</script>", console_errors, "thrown"),
    "foreign script": (
        '<script src="https://cdn.example.org/x.js"></script>',
        foreign_requests,
        "https://cdn.example.org/x.js",
    ),
    "foreign fetch": (
        "<script>fetch('http://10.0.0.1/beacon').catch(() => 0)</script>",
        foreign_requests,
        "http://10.0.0.1/beacon",
    ),
    "foreign style": (
        '<p style="background:url(https://fonts.example.org/a.png)">x</p>',
        foreign_requests,
        "fonts.example.org",
    ),
    "picture without text": (
        '<img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
        missing_alternatives,
        "<img",
    ),
    "canvas without text": ("<canvas></canvas>", missing_alternatives, "<canvas"),
    "too wide": ('<div style="width:500px">wide</div>', sideways_scroll, "500px"),
    "pale text": ('<p style="color:#aaa;background:#fff">hardly there</p>', pale_text, "hardly there"),
    "stars of an emphasis": (
        "<figure><figcaption>The <b>state</b>. *Way* goes on.</figcaption></figure>",
        raw_markup,
        "*Way*",
    ),
    "formula that was not set": ("<p>where $x_0$ is</p>", raw_markup, "$x_0$"),
    "dead slider": (
        '<figure><input type="range" aria-label="dead"></figure>',
        dead_sliders,
        "'dead' does not change its picture by pointer",
    ),
    "slider deaf to keys": (
        "<script>s.addEventListener('keydown', e => e.preventDefault())</script>",
        dead_sliders,
        "by keyboard",
    ),
    "slider deaf to the pointer": (f"<script>{KEYS_ONLY}</script>", dead_sliders, "by pointer"),
    "silent box": (
        '<section class="dp-box" data-id="mute"><form><input type="radio"></form><p class="dp-feedback"></p></section>',
        silent_boxes,
        "'mute'",
    ),
    "feedback that leads nowhere": (
        "<script>c.canvas.removeAttribute('id')</script>",
        silent_boxes,
        "links to #c, which is not there",
    ),
}
CHECKS = (
    console_errors,
    foreign_requests,
    missing_alternatives,
    sideways_scroll,
    pale_text,
    raw_markup,
    dead_sliders,
    silent_boxes,
)


def test_the_checks_find_nothing_on_a_good_page(browser, tmp_path):
    with visit(browser, written(tmp_path, GOOD), PHONE) as seen:
        assert [problem for check in CHECKS for problem in check(seen)] == []


@pytest.mark.parametrize("case", BROKEN)
def test_the_checks_find_what_is_broken(browser, tmp_path, case, monkeypatch):
    monkeypatch.setattr("browser.PATIENCE", 300)
    fault, check, expected = BROKEN[case]
    with visit(browser, written(tmp_path, GOOD, fault), PHONE) as seen:
        seen.page.wait_for_timeout(50)
        assert any(expected in problem for problem in check(seen))


def test_dark_text_on_a_dark_page_is_found(browser, tmp_path):
    head = "<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style>"
    for scheme, found in (("light", 0), ("dark", 1)):
        with visit(browser, written(tmp_path, "<p>dark ink</p>", head=head), scheme=scheme) as seen:
            assert len(pale_text(seen)) == found


def test_where_the_tests_must_run_a_missing_book_or_browser_fails(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="not here"):
        refuse_or_skip("not here")
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="not here"):
        refuse_or_skip("not here")
