"""The bank of questions and the notebook's checks: right answers pass, every catalogued slip gets its own hint."""

from __future__ import annotations

import json
import math
import re

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from dprior_lite.course import chapters, questions
from dprior_lite.course.questions import exercises
from dprior_lite.course.questions.kinds import Code, Numeric, Predict

EVERY = [item for page in questions.pages() for item in questions.items(page)]
NUMBERS, CODES, GUESSES = ([item for item in EVERY if isinstance(item, kind)] for kind in (Numeric, Code, Predict))


def hint_of(id, given):
    with pytest.raises(exercises.NotYet) as caught:
        exercises.check(id, given)
    return str(caught.value).removeprefix(f"{id}: ")


@pytest.mark.parametrize("page", questions.pages())
def test_a_page_has_enough_questions(page):
    chosen = [item for item in questions.items(page) if not getattr(item, "refresher", "")]
    assert (
        sum(isinstance(item, Predict) for item in chosen) >= 2
        and sum(isinstance(item, Numeric) for item in chosen) >= 2
    )
    assert exercises.ids(page) == exercises.ids(f"{page}_name") == tuple(item.id for item in questions.items(page))


def test_names_are_unique_and_safe():
    names = [item.id for item in EVERY]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in names)


def test_an_unknown_question_is_refused():
    with pytest.raises(KeyError, match="arrow"):
        exercises.check("arow", 1)
    with pytest.raises(KeyError, match="00"):
        exercises.ids("99")


@pytest.mark.parametrize("item", GUESSES, ids=lambda item: item.id)
def test_a_guess_has_one_right_option_and_a_reply_to_each(item):
    assert [option.right for option in item.options].count(True) == 1
    assert len({option.says for option in item.options}) == len(item.options)
    for number, option in enumerate(item.options, 1):
        if option.right:
            exercises.check(item.id, number)
        else:
            assert hint_of(item.id, number) == option.says
    with pytest.raises(TypeError, match="options"):
        exercises.check(item.id, len(item.options) + 1)


@pytest.mark.parametrize("item", NUMBERS, ids=lambda item: item.id)
def test_a_number_and_its_slips_do_not_overlap(item, capsys):
    values = [item.value, *(slip.value for slip in item.wrong)]
    gaps = [abs(a - b) for i, a in enumerate(values) for b in values[:i]]
    assert min(gaps) > 2 * item.tolerance
    exercises.check(item.id, f"{item.value + 0.9 * item.tolerance:.6f}".replace(".", ","))
    assert capsys.readouterr().out.startswith("correct: ")
    for slip in item.wrong:
        assert hint_of(item.id, slip.value) == slip.hint
    assert hint_of(item.id, 1e6) == item.hint == hint_of(item.id, math.nan)


def to_digits(value, digits):
    return float(f"{value:.{digits - 1}e}")


@pytest.mark.parametrize("item", NUMBERS, ids=lambda item: item.id)
def test_an_answer_that_rounds_right_is_right_and_a_catalogued_slip_is_not(item, capsys):
    for digits in range(item.digits, 7):
        exercises.check(item.id, to_digits(item.value, digits))
    for slip in item.wrong:
        assert hint_of(item.id, slip.value) == slip.hint
        rounded = to_digits(slip.value, 3)
        if not exercises.rounds(rounded, item.value, item.digits):
            assert hint_of(item.id, rounded) == slip.hint, "a slip that is rounded has its hint too"
    away = item.value + 0.015 * abs(item.value) + 2 * item.tolerance
    if abs(away - item.value) <= 0.02 * abs(item.value) and not exercises.rounds(away, item.value, item.digits):
        assert "not right to 2 significant digits" in hint_of(item.id, away)


@pytest.mark.parametrize("id, answer", [("spread-skill", "1.05"), ("posterior-mean", "0,83"), ("leak", "0.035")])
def test_answers_that_readers_gave_are_right(id, answer, capsys):
    exercises.check(id, answer)
    assert capsys.readouterr().out.startswith("correct: ")


@pytest.mark.parametrize(
    "answer, value, digits, right",
    [
        (1.1, 1.0541, 2, True),
        (1.05, 1.0541, 2, True),
        (1.1, 1.0541, 3, False),
        (1.06, 1.0541, 2, False),
        (1.0, 1.0541, 2, False),
        (1.01, 1.0541, 2, False),
        (-0.8, -0.8, 2, True),
        (0.8, -0.8, 2, False),
        (9.96, 9.957, 2, True),
        (10.0, 9.957, 2, True),
        (0.12, 0.125, 2, True),
        (0.13, 0.125, 2, True),
        (26.0, 26.0206, 2, True),
        (27.0, 26.0206, 2, False),
        (0.0, 0.0, 2, True),
        (1e-9, 0.0, 2, False),
        (math.nan, 1.0, 2, False),
        (math.inf, 1.0, 2, False),
    ],
)
def test_what_rounds_right(answer, value, digits, right):
    assert exercises.rounds(answer, value, digits) is right


def test_a_question_that_asks_for_more_digits_says_so(monkeypatch):
    for item in NUMBERS:
        assert item.digits == 2 or f"{item.digits} significant digits" in item.question, item.id
    fine = Numeric("fine", "To 4 significant digits?", 1.0541, 1e-6, why="yes.", hint="no.", digits=4)
    monkeypatch.setattr(questions, "find", lambda id: fine)
    exercises.check("fine", 1.054)
    assert hint_of("fine", 1.05) == "That is close, but not right to 4 significant digits. no."
    assert hint_of("fine", 1.2) == "no."


def unwritten(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [lambda *a: ..., lambda *a: None, unwritten, ..., None], ids=str)
def test_an_untouched_stub_is_said_in_one_line_and_stops_nothing(stub, capsys, monkeypatch):
    monkeypatch.setattr(exercises, "_attempts", {})
    for item in [*CODES, *(NUMBERS if not callable(stub) else [])]:
        exercises.check(item.id, stub)
        said = capsys.readouterr().out
        assert said.startswith(f"nothing here yet: {item.id} ") and said.count("\n") == 1
    assert exercises.report() == [], "it is no attempt"


def test_a_wrong_answer_is_reported_where_a_copy_is_executed():
    """nbclient stops with the hint; an untouched stub before it stops nothing."""
    cells = [
        "from dprior_lite.course import exercises",
        "exercises.check('tanh', lambda y, sigma: ...)",
        "exercises.check('decibels', 10.09)",
    ]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError, match="σ was taken for the mean squared error"):
        NotebookClient(made, timeout=120).execute()
    assert made.cells[1].outputs[0].text.startswith("nothing here yet: tanh")
    shown = "\n".join(made.cells[2].outputs[0].traceback)
    assert shown.startswith("not yet: decibels: That is half the right number") and "Traceback" not in shown


@pytest.mark.parametrize("item", CODES, ids=lambda item: item.id)
def test_a_function_and_its_slips_are_told_apart(item):
    exercises.check(item.id, item.reference)
    for slip in item.wrong:
        assert hint_of(item.id, slip.function) == slip.hint.replace("`", "")
    assert "case 1" in hint_of(item.id, lambda *arguments: torch.tensor(math.nan))
    assert "ZeroDivisionError" in hint_of(item.id, lambda *arguments: 1 / 0)
    with pytest.raises(TypeError, match="function"):
        exercises.check(item.id, 1.0)


def test_the_printed_reply_quotes_what_this_kernel_measured(monkeypatch, capsys):
    right = [option.right for option in questions.find("arrow").options].index(True) + 1
    monkeypatch.setattr(
        exercises.claims, "checked", lambda: ({"id": "mi-2", "value": {"value": 0.0831}, "control": {}},)
    )
    exercises.check("arrow", right)
    monkeypatch.setattr(exercises.claims, "checked", lambda: ())
    exercises.check("arrow", right)
    measured, not_yet = capsys.readouterr().out.splitlines()
    assert "to within 8%." in measured and "(mi-2.value, not measured yet)" in not_yet


def posterior(y, sigma):
    """Mean and variance of x = +-1 given y, by summing over both."""
    x = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    share = torch.softmax(-(y - x).square() / (2 * sigma**2), 0)
    mean = (share * x).sum()
    return float(mean), float((share * (x - mean).square()).sum())


def calibration(denoiser, sigma):
    """(Residual power + MSE)/sigma^2 on x = +-1, by integrating over the noise."""
    z = torch.linspace(-9, 9, 20001, dtype=torch.float64)
    weight = torch.exp(-z.square() / 2) / torch.exp(-z.square() / 2).sum()
    power = 0.0
    for x in (-1.0, 1.0):
        y = x + sigma * z
        power += 0.5 * float((weight * ((denoiser(y) - y).square() + (denoiser(y) - x).square())).sum())
    return power / sigma**2


def test_the_values_of_the_bank_by_another_route():
    right = {item.id: item for item in NUMBERS}
    assert right["posterior-mean"].value == pytest.approx(posterior(0.3, 0.5)[0])
    assert right["posterior-variance"].value == pytest.approx(posterior(0.0, 0.5)[1])
    slope = (posterior(1e-5, 0.5)[0] - posterior(-1e-5, 0.5)[0]) / 2e-5
    assert right["slope-value"].value == pytest.approx(slope, rel=1e-6)
    assert right["decibels"].value == pytest.approx(10 * math.log10(255**2 / 25**2))
    assert right["psnr-batch"].value == pytest.approx((10 * math.log10(1 / 1e-2) + 10 * math.log10(1 / 1e-4)) / 2)
    assert right["scaled-psnr"].value == pytest.approx(10 * math.log10(1 / (5 * 0.01) ** 2), abs=1e-3)
    y = torch.tensor(2.0, requires_grad=True)
    f = 2 * torch.relu(y - 0.5) + 0.2
    assert right["net-bias-unit"].value == pytest.approx(float(f - torch.autograd.grad(f, y)[0] * y))
    gains = torch.cat([torch.ones(25), torch.full((100,), 0.5), torch.zeros(275)]).double()
    drawn = 0.1 * torch.randn(20_000, 400, generator=torch.Generator().manual_seed(0)).double() * gains
    assert right["leak"].value == pytest.approx(float(drawn.square().mean().sqrt()), rel=2e-3)
    assert right["undecided"].value == 294 - 210


def test_calibration_of_the_toy_by_integration():
    best = lambda y: torch.tanh(y / 0.8**2)  # noqa: E731
    measured = {
        "best": best,
        "identity": lambda y: y,
        "halfway": lambda y: (y + best(y)) / 2,
        "overshoot": lambda y: y + 1.3 * (best(y) - y),
    }
    found = {name: calibration(denoiser, 0.8) for name, denoiser in measured.items()}
    assert found == pytest.approx(
        {"best": 1.0, "identity": 1.0, "halfway": questions.find("halfway").value, "overshoot": 1.4062}, abs=1e-4
    )


def test_feedback_quotes_numbers_that_the_page_measures():
    known = {
        f"{claim.id}.{rule.name}"
        for page in [chapter.page for chapter in chapters.all_chapters()]
        for claim in chapters.claims_of(page)
        for rule in (*claim.parts, *claim.control)
    }
    for item in EVERY:
        quoted = re.findall(r"\{([a-z]+-\d+\.\w+)(?::\.\d[feg%])?\}", repr(item))
        assert set(quoted) <= known, item.id
        assert len(re.findall(r"\{[a-z]+-\d", repr(item))) == len(quoted), f"{item.id}: a placeholder is not understood"


def test_the_report_counts_attempts(monkeypatch):
    monkeypatch.setattr(exercises, "_attempts", {})
    hint_of("decibels", 10.09)
    exercises.check("decibels", "20,17")
    hint_of("arrow", 1)
    assert json.loads(json.dumps(exercises.report())) == [
        {"id": "decibels", "attempts": 2, "ok": True},
        {"id": "arrow", "attempts": 1, "ok": False},
    ]
