"""The curtain of a question in a browser: what it covers in a built page and in JupyterLab, and when it lifts."""

from __future__ import annotations

import pytest
from browser import console_errors, visit, written

from dprior_lite.course import web
from dprior_lite.course.questions import boxes

BOX = boxes.predict("arrow", curtain=True).markup
PLAIN = boxes.answer("decibels").markup
HIDDEN = f"""<div class="cell" id="figure"><figure><img alt="x" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
    <figcaption>secret caption</figcaption></figure></div>
    <p id="prose">secret prose</p><aside>secret aside</aside>
    <div class="cell"><p class="dprior-claim">secret claim</p></div>
    <div class="cell" id="box">{PLAIN}</div>"""
END = '<div class="dp-end"></div>'


def built(tmp_path, inside, head=""):
    """A page as Sphinx writes it: sections within an article."""
    path = tmp_path / "01_page.html"
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>{head}<body>'
        f'<nav><a href="#prose">there</a></nav><main><article class="bd-article"><section id="one"><h1>Title</h1>'
        f'<p id="before">before</p>{inside}</section>'
        f"</article></main><footer id='foot'>foot</footer></body></html>",
        encoding="utf-8",
    )
    return path


def page_of(tmp_path, body, head=""):
    return built(tmp_path, f'<div class="cell">{web.assets(["boxes"])}{BOX}</div>{body}', head)


def lab(tmp_path, cells):
    """A notebook as JupyterLab shows it."""
    made = "".join(
        f'<div class="jp-Cell jp-{kind}Cell"><div class="jp-Cell-inputWrapper">{c}</div></div>' for kind, c in cells
    )
    path = tmp_path / "lab.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><body data-jp-theme-light="true">'
        f'<div class="jp-NotebookPanel-notebook jp-Notebook"><div class="jp-WindowedPanel-inner">{made}</div></div>'
        "</body></html>",
        encoding="utf-8",
    )
    return path


def choose(page, option=2):
    page.check(f".dp-option:nth-of-type({option}) input")
    page.click(".dp-box[data-curtain] button[type=submit]")


def secret(page):
    return [word for word in page.inner_text("body").split() if word == "secret"] + (
        ["box"] if page.is_visible("[data-id=decibels]") else []
    )


def test_everything_up_to_the_end_marker_is_covered_and_nothing_else(browser, tmp_path):  # noqa: F811
    after = "<p id='after'>after</p><section id='two'><h2>Next</h2><p id='next'>next</p></section>"
    with visit(browser, page_of(tmp_path, HIDDEN + END + after)) as seen:
        assert secret(seen.page) == []
        assert all(seen.page.is_visible(f"#{name}") for name in ("before", "after", "next", "foot"))
        assert seen.page.is_visible(".dp-covered")
        choose(seen.page)
        assert len(secret(seen.page)) == 5 and not seen.page.is_visible(".dp-covered")
        seen.page.reload()
        assert len(secret(seen.page)) == 5, "who has answered finds the page open"


def test_without_a_marker_it_covers_up_to_the_next_heading(browser, tmp_path):  # noqa: F811
    after = "<section id='two'><h2>Next</h2><p id='next'>next</p></section>"
    with visit(browser, page_of(tmp_path, HIDDEN + after)) as seen:
        assert secret(seen.page) == [] and seen.page.is_visible("#next") and seen.page.is_visible("h2")
        seen.page.click("[data-skip]")
        assert len(secret(seen.page)) == 5 and seen.page.inner_text(".dp-feedback >> nth=0") == ""


def test_a_marker_beyond_a_heading_covers_the_heading_too(browser, tmp_path):  # noqa: F811
    after = f"<section id='two'><h2>Next</h2><p>secret</p>{END}<p id='next'>next</p></section>"
    with visit(browser, page_of(tmp_path, HIDDEN + after)) as seen:
        assert secret(seen.page) == [] and seen.page.is_visible("#next") and not seen.page.is_visible("h2")


def test_the_next_question_with_a_curtain_ends_the_one_before(browser, tmp_path):  # noqa: F811
    second = boxes.predict("slope", curtain=True).markup
    body = f"<p>secret</p><div class='cell'>{second}</div><p id='two'>secret</p>{END}<p id='next'>next</p>"
    with visit(browser, page_of(tmp_path, body)) as seen:
        assert secret(seen.page) == [] and seen.page.is_visible("[data-id=slope]") and seen.page.is_visible("#next")
        choose(seen.page)
        assert len(secret(seen.page)) == 1 and not seen.page.is_visible("#two")
        seen.page.reload()
        assert len(secret(seen.page)) == 1 and not seen.page.is_visible("#two")


def test_a_link_raises_the_curtain_before_what_it_leads_to(browser, tmp_path):  # noqa: F811
    with visit(browser, page_of(tmp_path, HIDDEN + END)) as seen:
        seen.page.click("nav a")
        seen.page.wait_for_selector("#prose:visible")
        seen.page.goto(seen.page.url.partition("#")[0])
        assert secret(seen.page) == []


@pytest.mark.parametrize("hash", ["#%", "#%E0%A4%A", "#none", "#", "#one"])
def test_a_hash_that_names_nothing_does_no_harm(browser, tmp_path, hash):  # noqa: F811
    path = page_of(tmp_path, HIDDEN + END)
    with visit(browser, path) as seen:
        seen.page.goto(path.as_uri() + hash)
        seen.page.reload()
        assert secret(seen.page) == [] and console_errors(seen) == []
        choose(seen.page)
        assert len(secret(seen.page)) == 5


@pytest.mark.parametrize("kept", ['{"answers": null}', "null", "[]", "no json", '{"seen": "yes"}', '"seen"'])
def test_stored_progress_of_any_kind_does_no_harm(browser, tmp_path, kept):  # noqa: F811
    head = f"<script>localStorage.setItem('dprior:arrow', {kept!r})</script>"
    with visit(browser, page_of(tmp_path, HIDDEN + END, head)) as seen:
        assert console_errors(seen) == []
        choose(seen.page)
        assert len(secret(seen.page)) == 5


FAULTS = {
    "thrown at once": "<script>throw new Error('no')</script>",
    "thrown later": "<script>setTimeout(() => { throw new Error('no') }, 30)</script>",
    "a promise": "<script>Promise.reject(new Error('no'))</script>",
    "a figure": (
        "<div data-dprior='frames' data-kind='frames'></div><script>DPrior.kinds.frames = () => { throw 1 };</script>"
    ),
    "a broken record": (
        "<script>for (const e of document.querySelectorAll('script.dp-view')) e.textContent = '{';</script>"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_error_of_a_script_lifts_it(browser, tmp_path, fault):  # noqa: F811
    with visit(browser, page_of(tmp_path, HIDDEN + END + FAULTS[fault])) as seen:
        seen.page.wait_for_function("() => !document.querySelector('.dp-curtain')", timeout=2000)
        assert len(secret(seen.page)) == 5 and not seen.page.is_visible(".dp-covered")


def test_nothing_is_covered_without_scripts_on_paper_or_without_a_request(browser, tmp_path):  # noqa: F811
    path = page_of(tmp_path, HIDDEN + END)
    with visit(browser, path, scripts=False) as seen:
        assert len(secret(seen.page)) == 5 and not seen.page.is_visible(".dp-covered")
    with visit(browser, path) as seen:
        seen.page.emulate_media(media="print")
        assert len(secret(seen.page)) == 5
    with visit(browser, written(tmp_path, boxes.predict("arrow").markup, HIDDEN)) as seen:
        assert len(secret(seen.page)) == 5


def test_nothing_shows_while_the_page_is_still_being_read(browser, tmp_path):  # noqa: F811
    """A script in the middle of the covered part looks at what stands before it."""
    spy = "<script>window.early = document.getElementById('prose').offsetHeight</script>"
    with visit(browser, page_of(tmp_path, HIDDEN + spy + "<p>more</p>" + END)) as seen:
        assert seen.page.evaluate("window.early") == 0


LAB = [
    ("Markdown", "<h1>Title</h1>"),
    ("Code", web.assets(["boxes"]) + BOX),
    ("Code", HIDDEN),
    ("Markdown", "<p>secret</p>"),
    ("Markdown", f"<p>secret</p>{END}<p id='after'>after</p>"),
    ("Code", "<p id='next'>next</p>"),
]


def test_in_jupyterlab_it_covers_cells(browser, tmp_path):  # noqa: F811
    with visit(browser, lab(tmp_path, LAB)) as seen:
        assert secret(seen.page) == [] and seen.page.is_visible("#after") and seen.page.is_visible("#next")
        choose(seen.page)
        assert len(secret(seen.page)) == 7


def test_in_jupyterlab_cells_that_come_later_are_covered_too(browser, tmp_path):  # noqa: F811
    with visit(browser, lab(tmp_path, [*LAB[:2], ("Markdown", "<h2>Next</h2><p id='next'>next</p>")])) as seen:
        seen.page.evaluate("""() => { const cell = document.createElement("div"); cell.className = "jp-Cell";
            cell.innerHTML = "<p id='new'>secret</p>"; document.querySelectorAll(".jp-Cell")[1].after(cell); }""")
        seen.page.wait_for_function("() => document.getElementById('new').offsetHeight === 0")
        assert secret(seen.page) == [] and seen.page.is_visible("#next")


def test_a_question_that_is_executed_again_keeps_its_curtain(browser, tmp_path):  # noqa: F811
    with visit(browser, lab(tmp_path, LAB)) as seen:
        seen.page.evaluate("""() => { const old = document.querySelector("[data-dprior]"), copy = old.cloneNode(true);
            copy.removeAttribute("data-ready"); old.replaceWith(copy); }""")
        seen.page.wait_for_selector("[data-ready]")
        assert secret(seen.page) == []
        choose(seen.page)
        assert len(secret(seen.page)) == 7
