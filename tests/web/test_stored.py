"""Stored figures drawn again: a new look shows without anything being executed, data stand once, assets once a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import nbformat
import pytest
from browser import console_errors, missing_alternatives, visit
from nbclient import NotebookClient
from widget_helpers import every_kind

from dprior_lite.course import questions, web
from dprior_lite.course.questions import boxes
from dprior_lite.course.questions.kinds import Option, Predict
from dprior_lite.course.web import carry, kinds, stored, widgets

FIGURES = every_kind()


def test_every_kind_is_here():
    assert set(FIGURES) == set(kinds.KINDS)
    with pytest.raises(KeyError, match="frames"):
        kinds.home("frame")


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_comes_back_from_its_record(kind):
    markup = FIGURES[kind].markup
    assert [found for found, _ in web.records(markup)] == [kind]
    assert web.redraw(markup) == markup == web.redraw(web.redraw(markup, with_assets=True))
    assert "<style" not in markup and "DPrior.kinds" not in markup


@pytest.mark.parametrize("kind", FIGURES)
def test_no_data_stand_twice(kind):
    """Longer pieces of base64 are networks and pictures."""
    pieces = re.findall(r"[A-Za-z0-9+/=]{60,}", FIGURES[kind].markup)
    assert len(set(pieces)) == len(pieces)


@pytest.mark.parametrize("kind", FIGURES)
def test_a_new_template_shows_without_execution(kind, monkeypatch):
    markup = FIGURES[kind].markup
    before = widgets._environment().get_template

    def altered(name, *rest):
        if name != f"{kind}.html":
            return before(name, *rest)
        text = widgets.static(name)
        return widgets._environment().from_string(text + "<p>a new line</p>")

    monkeypatch.setattr(widgets._environment(), "get_template", altered)
    assert "<p>a new line</p>" in web.redraw(markup) and web.redraw(markup) != markup


@pytest.mark.parametrize("name", ["widgets.css", "core.js", "curtain.js", "boxes.js", "mixturelab.js"])
def test_a_new_style_or_script_shows_without_execution(name, monkeypatch):
    old = FIGURES["boxes"].markup + FIGURES["mixturelab"].markup
    before = web.redraw(old, with_assets=True)
    read = widgets.static
    monkeypatch.setattr(widgets, "static", lambda each: read(each) + ("/* changed */" if each == name else ""))
    assert "/* changed */" in web.redraw(old, with_assets=True) and "/* changed */" not in before


def test_a_new_wording_of_a_question_shows_without_execution(monkeypatch):
    markup, item = boxes.predict("arrow").markup, questions.find("arrow")
    assert "A wording" not in markup and len(re.findall(r"dp-record.*", markup)[0]) < 150
    assert not any(option.says in json.dumps(record) for _, record in web.records(markup) for option in item.options)
    worded = replace(item, question="A wording", options=(*item.options[:-1], replace(item.options[-1], says="Anew.")))
    monkeypatch.setattr(questions, "find", lambda id: worded)
    assert "A wording" in web.redraw(markup) and "Anew." in web.redraw(markup)


def test_an_output_without_a_figure_is_left_alone():
    assert web.redraw("<p>a table</p>", with_assets=True) == "<p>a table</p>"


def notebook(*outputs):
    made = nbformat.v4.new_notebook()
    for html in outputs:
        output = nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": "a line"})
        made.cells += [nbformat.v4.new_code_cell("x", outputs=[output]), nbformat.v4.new_markdown_cell("text")]
    return made


def texts(made):
    return [cell.outputs[0].data["text/html"] for cell in made.cells if cell.cell_type == "code"]


def test_a_notebook_carries_its_assets_once():
    old = [
        web.assets(["boxes"]) + FIGURES["boxes"].markup,
        "<p>none</p>",
        FIGURES["jsnet"].markup,
        FIGURES["twins"].markup,
    ]
    made = notebook(*old)
    assert web.redraw_notebook(made) == 3
    first, none, *others = texts(made)
    assert none == "<p>none</p>" and others == [FIGURES["jsnet"].markup, FIGURES["twins"].markup]
    for part in ('class="dp-style"', "D.scan = function", "DPrior.kinds.jsnet", "D.kinds.twins", "D.kinds.boxes"):
        assert first.count(part) == 1, part
    assert "kinds.frames" not in first, "only what the page needs"
    again = nbformat.from_dict(json.loads(json.dumps(made)))
    web.redraw_notebook(again)
    assert texts(again) == texts(made)
    web.redraw_notebook(again, with_assets=False)
    assert texts(again)[0] == FIGURES["boxes"].markup


def test_html_that_is_stored_in_lines_is_read():
    made = notebook(FIGURES["boxes"].markup)
    made.cells[0].outputs[0].data["text/html"] = FIGURES["boxes"].markup.splitlines(keepends=True)
    assert web.redraw_notebook(made, with_assets=False) == 1 and texts(made) == [FIGURES["boxes"].markup]


class Cells:
    """A notebook that runs cells: which files each output carries."""

    def __init__(self, monkeypatch):
        self.count, self.cell = 0, ""
        monkeypatch.setattr(carry, "_carried", carry._Carried())
        monkeypatch.setattr(carry, "_running_cell", lambda: (self.cell, self.count))

    def run(self, cell, *shown):
        self.cell, self.count = cell, self.count + 1
        return [
            set(re.findall(r"kinds\.(\w+) =|(dp-style)|D\.(scan) =", carry.for_this_cell(kinds))) for kinds in shown
        ]

    def names(self, cell, *shown):
        return [{name for found in each for name in found if name} for each in self.run(cell, *shown)]


def test_in_a_live_notebook_the_first_figure_carries_what_is_needed(monkeypatch):
    cells = Cells(monkeypatch)
    core = {"dp-style", "scan"}
    assert cells.names("one", ["boxes"], ["boxes"]) == [core | {"boxes"}, set()]
    assert cells.names("two", ["boxes"]) == [set()]
    assert cells.names("three", ["frames"], ["jsnet"]) == [{"frames"}, {"jsnet"}]
    assert cells.names("one", ["boxes"], ["boxes"]) == [core | {"boxes"}, set()], "executed again"
    assert cells.names("two", ["boxes"]) == [core | {"boxes"}], "so does every other cell"
    assert cells.names("four", ["frames"]) == [set()]


def test_an_executed_notebook_carries_its_assets_once_and_a_cell_run_again_anew():
    code = [
        "from dprior_lite import course\ncourse.predict('arrow')",
        "course.predict('slope')",
        "course.predict('slope')",
    ]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in code])
    NotebookClient(made, timeout=120).execute()
    carried = ["D.scan = function" in text for text in texts(made)]
    assert carried == [True, False, True], "two cells of one text are one cell to a front end that names none"
    web.redraw_notebook(made)
    assert ["D.scan = function" in text for text in texts(made)] == [True, False, False]


def test_outside_a_notebook_a_figure_is_complete():
    shown = FIGURES["frames"]._repr_html_()
    assert shown.endswith(FIGURES["frames"].markup) and "DPrior.kinds.frames" in shown and "dp-style" in shown


def whole_page(tmp_path, *bodies):
    path = tmp_path / "page.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><body>' + "".join(bodies),
        encoding="utf-8",
    )
    return path


def test_all_kinds_work_on_one_page_with_assets_once(browser, tmp_path):  # noqa: F811
    made = notebook(*(figure.markup for figure in FIGURES.values()))
    web.redraw_notebook(made)
    with visit(browser, whole_page(tmp_path, *texts(made))) as seen:
        scripted = [kind for kind, each in kinds.KINDS.items() if each.scripts]
        assert seen.page.locator("[data-ready]").count() == len(scripted)
        assert console_errors(seen) == [] and missing_alternatives(seen) == []
        assert seen.page.locator(".dp-missing:visible").count() == 0
        assert seen.page.locator("style.dp-own").count() == 1


@pytest.mark.parametrize("kind", [kind for kind, each in kinds.KINDS.items() if each.scripts])
def test_without_its_assets_a_figure_says_in_one_line_what_to_do(browser, tmp_path, kind):  # noqa: F811
    for brought in ("", web.assets(["roadmap"])):
        with visit(browser, whole_page(tmp_path, brought, FIGURES[kind].markup)) as seen:
            assert "run this cell again, or trust the notebook" in seen.page.inner_text(".dp-missing")
            assert console_errors(seen) == []


def test_options_are_kept_by_what_a_question_says_today():
    nasty = Predict("x", "a < b?", (Option("<img>", "</script>", right=True),))
    assert nasty.options[0].right and "\\u003c/script" in widgets.for_script(nasty.options[0].says)
    assert stored._RECORD.search(FIGURES["boxes"].markup)
