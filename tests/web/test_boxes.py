"""Question boxes in a browser: they judge as the notebook does, quote measured numbers and remember."""

from __future__ import annotations

import pytest
from browser import (
    PHONE,
    console_errors,
    pale_text,
    sideways_scroll,
    silent_boxes,
    visit,
    written,
)

from dprior_lite.course import questions
from dprior_lite.course.questions import boxes, exercises
from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict

MEASURED = '<span class="dprior-value" data-name="mi-2.value" data-value="0.0831">0.083</span>'
NEXT = '<p id="next">the figure</p>'
EVERY = [item for page in questions.pages() for item in questions.items(page) if not isinstance(item, Code)]


def choose(page, option):
    page.check(f".dp-option:nth-of-type({option}) input")
    page.click("button[type=submit]")


def test_a_box_asks_the_right_kind_of_question():
    for call in (lambda: boxes.predict("decibels"), lambda: boxes.answer("arrow"), lambda: boxes.answer("psnr")):
        with pytest.raises(TypeError, match="use "):
            call()
    assert boxes.predict("arrow").markup == boxes.predict("arrow").markup != boxes.predict("arrow", curtain=True).markup


def test_texts_are_escaped(monkeypatch):
    nasty = Predict(
        "x", "a < b? `net(y)`", (Option("<img src=x onerror=alert(1)>", "</script><script>alert(2)", right=True),)
    )
    monkeypatch.setattr(questions, "find", lambda id: nasty)
    markup = boxes.predict("x").markup
    assert "<img" not in markup and markup.count("<script") == 2 and "a &lt; b? <code>net(y)</code>" in markup


def test_page_and_notebook_judge_alike(browser, tmp_path):  # noqa: F811
    """Every option, every right and catalogued value, and one that nobody thought of."""
    cases = []
    for item in EVERY:
        tried = (
            range(len(item.options))
            if isinstance(item, Predict)
            else [
                round(value * factor, places)
                for value in (item.value, 77.7, *(w.value for w in item.wrong))
                for factor in (1, 0.99, 1.004, -1)
                for places in (1, 2, 3, 4, 12)
            ]
        )
        for given in tried:
            right, says = exercises._judge(item, given + 1 if isinstance(item, Predict) else given)
            cases.append([boxes._judged(item), given, {"ok": right, "says": boxes.widgets.rich(says)}])
    with visit(browser, written(tmp_path, boxes.answer("decibels").markup)) as seen:
        judged = seen.page.evaluate(
            "cases => cases.map(([item, given]) => DPrior.boxes.judge(item, given))", [case[:2] for case in cases]
        )
    assert judged == [case[2] for case in cases]


@pytest.mark.parametrize(
    "text, value", [("20.17", 20.17), (" 20,17 ", 20.17), ("−3", -3), ("+.5", 0.5), ("1e-3", 1e-3), ("5.", 5)]
)
def test_numbers_are_read_as_people_write_them(browser, tmp_path, text, value):  # noqa: F811
    with visit(browser, written(tmp_path, boxes.answer("decibels").markup)) as seen:
        assert seen.page.evaluate("text => DPrior.boxes.number(text)", text) == value


def test_what_is_no_number_is_not_an_attempt(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, boxes.answer("decibels").markup)) as seen:
        for text in ("", "two", "1.000,5", "0x10"):
            seen.page.fill("input", text)
            seen.page.press("input", "Enter")
            assert "such as 0.5 or 0,5" in seen.page.inner_text(".dp-feedback")
        assert seen.page.evaluate("DPrior.store.get('decibels')") is None


def test_feedback_quotes_what_the_page_measured(browser, tmp_path):  # noqa: F811
    for cells, expected in (((MEASURED,), "to within 8%"), ((), "to within (run the page to see the number)")):
        with visit(browser, written(tmp_path, boxes.predict("arrow").markup, *cells)) as seen:
            choose(seen.page, 2)
            assert expected in seen.page.inner_text(".dp-feedback")


@pytest.mark.parametrize(
    "how, text", [(".2f", "0.08"), (".1%", "8.3%"), (".1e", "8.3e-2"), (".2g", "0.083"), ("", "0.0831")]
)
def test_numbers_are_written_as_asked(browser, tmp_path, how, text):  # noqa: F811
    with visit(browser, written(tmp_path, boxes.predict("arrow").markup, MEASURED)) as seen:
        assert seen.page.evaluate("how => DPrior.fill('{mi-2.value' + how + '}')", how and ":" + how) == text


def test_formulas_in_feedback_are_set(browser, tmp_path):  # noqa: F811
    head = (
        "<script>window.MathJax = {typesetPromise: e => { window.typeset = e[0].className; return Promise.resolve();"
        " }}</script>"
    )
    with visit(browser, written(tmp_path, boxes.predict("arrow").markup, head=head)) as seen:
        choose(seen.page, 1)
        assert "dp-feedback" in seen.page.evaluate("window.typeset")


def test_progress_survives_without_storage(browser, tmp_path):  # noqa: F811
    head = "<script>Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }});</script>"
    with visit(browser, written(tmp_path, boxes.predict("arrow", curtain=True).markup, NEXT, head=head)) as seen:
        assert not seen.page.is_visible("#next")
        choose(seen.page, 2)
        assert seen.page.is_visible("#next") and "Yes." in seen.page.inner_text(".dp-feedback")
        assert console_errors(seen) == []


def test_the_self_test_counts_and_points_to_the_refresher(browser, tmp_path):  # noqa: F811
    halves = ("gaussian", "jacobian", "svd", "decibel", "receptive-field")
    (tmp_path / "a_refresher.html").write_text(
        "".join(f'<h2 id="{name}">{name}</h2>' for name in halves), encoding="utf-8"
    )
    with visit(browser, written(tmp_path, boxes.selftest().markup)) as seen:
        found = seen.page.query_selector_all(".dp-box")
        assert len(found) == 10
        for box, item in zip(
            found, (item for item in questions.items("00") if getattr(item, "refresher", "")), strict=True
        ):
            wrong = next(i for i, option in enumerate(item.options) if not option.right)
            box.query_selector_all("input")[wrong].check()
            box.query_selector("button").click()
            assert box.query_selector(".dp-feedback a").get_attribute("href") == f"a_refresher.html#{item.refresher}"
        assert seen.page.inner_text(".dp-score") == "0 of 10 right, 0 still open."
        found[0].query_selector_all("input")[[o.right for o in questions.items("00")[8].options].index(True)].check()
        found[0].query_selector("button").click()
        assert seen.page.inner_text(".dp-score") == "1 of 10 right, 0 still open."
        assert silent_boxes(seen) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_boxes_are_legible_and_fit_a_phone(browser, tmp_path, scheme):  # noqa: F811
    everything = [
        boxes.predict(item.id).markup if isinstance(item, Predict) else boxes.answer(item.id).markup for item in EVERY
    ]
    assert {type(item) for item in EVERY} == {Predict, Numeric}
    (tmp_path / "a_refresher.html").write_text(
        '<p id="gaussian"></p><p id="jacobian"></p><p id="svd"></p><p id="decibel"></p><p id="receptive-field"></p>',
        encoding="utf-8",
    )
    path = written(tmp_path, *everything)
    with visit(browser, path, PHONE) as seen:
        seen.page.evaluate(
            f"document.documentElement.dataset.theme = '{scheme}'; document.body.style.background ="
            f" '{'#fff' if scheme == 'light' else '#121212'}'; document.body.style.setProperty('--pst-color-text-base',"
            f" '{'#222832' if scheme == 'light' else '#ced6dd'}');"
            "document.body.style.setProperty('--pst-color-text-muted',"
            f" '{'#48566b' if scheme == 'light' else '#9ca4af'}')"
        )
        assert silent_boxes(seen) == [] and pale_text(seen) == [] and sideways_scroll(seen) == []


@pytest.mark.parametrize(
    "kept",
    [
        '{"answers": [7]}',
        '{"answers": ["x"]}',
        '{"answers": null}',
        '{"answers": {"0": 1}}',
        "no json",
        "[]",
        "3",
        "null",
    ],
)
def test_answers_to_an_older_question_do_no_harm(browser, tmp_path, kept):  # noqa: F811
    with visit(browser, written(tmp_path, boxes.predict("arrow").markup)) as seen:
        seen.page.evaluate("kept => localStorage.setItem('dprior:arrow', kept)", kept)
        seen.page.reload()
        assert seen.page.inner_text(".dp-feedback") == ""
        choose(seen.page, 2)
        assert "Yes." in seen.page.inner_text(".dp-feedback") and console_errors(seen) == []
