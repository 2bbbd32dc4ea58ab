"""Pages in headless Chromium: opening them without a network, and what must be true of every one of them.

Each `check_*`-like function below takes a `Visit` and returns the problems it found, as sentences; an empty list means
none. `test_browser_book.py` shows on broken pages that each of them can find one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser, ElementHandle, Page, sync_playwright

from dprior_lite.course import web

DESKTOP, PHONE = (1440, 900), (390, 844)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
# The theme says these two on its own, of its mode button and of a page without a subheading; nothing else is let
# through.
HARMLESS = ("Got invalid theme mode: . Resetting to auto.", "Cannot read properties of null (reading 'classList')")
PATIENCE = 3000  # milliseconds in which a slider must have changed its picture
LOCAL = ("file:", "data:", "blob:", "about:")


@dataclass
class Visit:
    """A page that is open, with what it said and asked for."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def refuse_or_skip(reason: str) -> None:
    """Skip a test that cannot run here; where CI=true it fails, since nobody would notice the skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine, open for one module of tests.

    Playwright keeps an event loop running while it is open, which would disturb tests of notebooks in the same process.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        refuse_or_skip("no Chromium on this machine; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def visit(
    browser: Browser,
    path: Path,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "light",
    scripts: bool = True,
    touch: bool = False,
) -> Iterator[Visit]:
    """Open a file without a network, in a fresh profile, and wait until it has settled."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        java_script_enabled=scripts,
        has_touch=touch,
    )
    try:
        page = context.new_page()
        page.set_default_timeout(30_000)
        seen = Visit(page)
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(LOCAL) else route.abort())
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("websocket", lambda socket: seen.requests.append(socket.url))
        page.on("console", lambda message: seen.console.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: seen.console.append(error.message))
        page.goto(path.resolve().as_uri(), wait_until="load")
        if scripts:
            settle(page)
        yield seen
    finally:
        context.close()


def settle(page: Page) -> None:
    """Wait until formulas are set and one picture has been painted."""
    if page.evaluate("() => !!(window.MathJax && MathJax.startup && MathJax.startup.promise)"):
        page.evaluate("() => MathJax.startup.promise.then(() => null)")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def console_errors(seen: Visit) -> list[str]:
    """What the page complained about, the theme's two known messages aside."""
    return [f"console: {text}" for text in seen.console if text not in HARMLESS]


def foreign_requests(seen: Visit) -> list[str]:
    """What the page asked of other machines (it did not get it)."""
    return [f"request: {url}" for url in seen.requests if not url.startswith(LOCAL)]


def missing_alternatives(seen: Visit) -> list[str]:
    """Pictures without a text for readers who do not see them."""
    return seen.page.evaluate("""() => Array.from(document.querySelectorAll("img, canvas, [role=img]"))
        .filter(e => !["alt", "aria-label", "aria-labelledby"].some(name => (e.getAttribute(name) || "").trim()))
        .filter(e => !e.closest("[aria-hidden=true]"))
        .map(e => "no alternative text: " + e.outerHTML.slice(0, 120))""")


def sideways_scroll(seen: Visit) -> list[str]:
    """Elements that make the page wider than the screen."""
    return seen.page.evaluate("""() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        const every = Array.from(document.body.querySelectorAll("*"));
        const over = every.filter(e => e.getBoundingClientRect().right > wide + 1);
        return ["scrolls sideways: " + document.documentElement.scrollWidth + " > " + wide + " px, because of " +
                over.slice(0, 3).map(e => e.outerHTML.slice(0, 100)).join(" | ")];
    }""")


def pale_text(seen: Visit, least: float = 4.5) -> list[str]:
    """Paragraphs, labels and captions whose contrast with what is behind them is below `least` (WCAG AA)."""
    return seen.page.evaluate(_CONTRAST, least)


_CONTRAST = """least => {
    const dot = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = colour => { dot.clearRect(0, 0, 1, 1); dot.fillStyle = colour; dot.fillRect(0, 0, 1, 1);
                             return Array.from(dot.getImageData(0, 0, 1, 1).data); };
    const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] / 255 + b[i] * (1 - a[3] / 255));
    const light = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                        .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
    const ground = e => e ? over(rgba(getComputedStyle(e).backgroundColor), ground(e.parentElement)) : [255, 255, 255];
    const found = [];
    for (const e of document.querySelectorAll("p, li, dt, dd, td, th, summary, label span, legend, figcaption, button, "
                                               + "output, h1, h2")) {
        const own = Array.from(e.childNodes).some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || e.closest("[aria-hidden=true]")) continue;
        if (!e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
        const back = ground(e), ink = over(rgba(getComputedStyle(e).color), back);
        const [a, b] = [light(ink), light(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
        const text = e.textContent.trim().slice(0, 60);
        if (ratio < least) found.push("pale text, contrast " + ratio.toFixed(2) + ": " + text);
    }
    return found;
}"""


def raw_markup(seen: Visit) -> list[str]:
    """Stars, backticks, roles, links and formulas that nothing turned into what they stand for."""
    return seen.page.evaluate(r"""() => {
        const home = document.querySelector("article") || document.body, found = [];
        const texts = document.createTreeWalker(home, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            if (texts.currentNode.parentElement.closest("code, pre, script, style, mjx-container, .math")) continue;
            const text = texts.currentNode.textContent;
            const raw = text.match(/(^|\s)\*{1,2}\w[^*\n]*\*|`|\{\w+(:\w+)?\}|\]\(|\$\S[^$]*\$/);
            if (raw) found.push("raw markup " + raw[0].trim() + ": " + text.trim().slice(0, 60));
        }
        return found;
    }""")


def background(seen: Visit) -> str:
    """Colour behind the page."""
    return seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor")


def unfold(page: Page) -> None:
    """Open what is folded, and let curtains rise, so that every control can be reached."""
    page.evaluate("""() => {
        document.querySelectorAll("details").forEach(e => { e.open = true; });
        document.querySelectorAll("button.toggle-button-hidden").forEach(e => e.click());
        document.querySelectorAll("[data-dprior] [data-skip]").forEach(e => { if (!e.hidden) e.click(); });
    }""")


_PICTURE = """slider => {
    const home = slider.closest("figure, [data-dprior], .cell") || document.body;
    return Array.from(home.querySelectorAll("img, canvas, svg")).map(e => e.tagName === "CANVAS" ? e.toDataURL()
        : e.tagName === "IMG" ? e.currentSrc : e.outerHTML).join("|");
}"""


def _changes(page: Page, slider: ElementHandle, before: str) -> bool:
    try:
        page.wait_for_function(
            f"([slider, before]) => ({_PICTURE})(slider) !== before", arg=[slider, before], timeout=PATIENCE
        )
    except Exception:
        return False
    return True


def dead_sliders(seen: Visit) -> list[str]:
    """Sliders that leave their picture as it is, moved by the pointer or by keys."""
    problems = []
    unfold(seen.page)
    for slider in seen.page.query_selector_all("input[type=range]"):
        name = slider.get_attribute("aria-label") or slider.get_attribute("name") or "slider"
        slider.scroll_into_view_if_needed()
        for how, move in {"pointer": _drag, "keyboard": _press}.items():
            before = seen.page.evaluate(_PICTURE, slider)
            move(seen.page, slider)
            if not _changes(seen.page, slider, before):
                problems.append(f"slider {name!r} does not change its picture by {how}")
    return problems


def _drag(page: Page, slider: ElementHandle) -> None:
    box = slider.bounding_box()
    at_start = slider.evaluate("s => (s.value - s.min) / (s.max - s.min) < 0.5")
    x = box["x"] + box["width"] * (0.97 if at_start else 0.03)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()


def _press(page: Page, slider: ElementHandle) -> None:
    slider.focus()
    value = slider.input_value()
    arrow, end = (
        ("ArrowLeft", "Home")
        if slider.evaluate("s => (s.value - s.min) / (s.max - s.min) > 0.5")
        else ("ArrowRight", "End")
    )
    page.keyboard.press(arrow)
    if slider.input_value() != value:
        page.keyboard.press(end)


def silent_boxes(seen: Visit) -> list[str]:
    """Questions that cannot be answered from the keyboard, say nothing, or point at a place that is not there."""
    problems = []
    unfold(seen.page)
    for box in seen.page.query_selector_all(".dp-box"):
        name = box.get_attribute("data-id")
        _answer(seen.page, box)
        said = box.query_selector(".dp-feedback")
        if said is None or not said.inner_text().strip() or not said.is_visible():
            problems.append(f"question {name!r} gives no feedback")
        else:
            problems += [
                f"feedback of {name!r} links to {link}, which is not there" for link in _lost_links(seen.page, said)
            ]
    return problems


def _lost_links(page: Page, said: ElementHandle) -> list[str]:
    lost = []
    for link in said.query_selector_all("a[href]"):
        href = link.get_attribute("href")
        name, _, anchor = href.partition("#")
        path = Path(unquote(urlparse(page.url).path)).parent / name
        there = page.content() if not name else path.read_text(encoding="utf-8") if path.is_file() else ""
        if not name.startswith("http") and f'id="{anchor}"' not in there:
            lost.append(href)
    return lost


def _answer(page: Page, box: ElementHandle) -> None:
    field = box.query_selector("input")
    if field is None:
        return
    field.focus()
    if field.get_attribute("type") == "radio":
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    else:
        page.keyboard.type("0,5")
    page.keyboard.press("Enter")


def written(folder: Path, *bodies: str, head: str = "") -> Path:
    """A page made of `bodies`, each in a cell of its own as in the built book, with what its figures need once."""
    names = dict.fromkeys(kind for body in bodies for kind, _ in web.records(body))
    head += web.assets(names) if names else ""
    cells = "\n".join(f'<div class="cell">{body}</div>' for body in bodies)
    path = folder / "page.html"
    path.write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1">{head}<body>{cells}</body></html>',
        encoding="utf-8",
    )
    return path
