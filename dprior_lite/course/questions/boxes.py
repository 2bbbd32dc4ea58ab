"""Boxes of a page: a guess before the figure, a number to work out, and the self-test, all without a kernel.

The questions are those of `course.bank`, which `course.exercises` checks in the notebook.  Where scripts do not run,
and on paper, the question stands and nothing is hidden.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from dprior_lite.course import questions
from dprior_lite.course.questions.kinds import Item, Numeric, Predict
from dprior_lite.course.web import widgets


def predict(id: str, curtain: bool = False) -> widgets.Widget:
    """Box in which the reader commits to a guess.

    Parameters
    ----------
    id : str
        A `Predict` of the bank.
    curtain : bool
        Hide the next code cell of the built page until the reader has chosen or asked to see it.

    Raises
    ------
    TypeError
        If `id` is a question of another kind.

    Examples
    --------
    >>> predict("most-likely")
    question 'most-likely': choose one of 4
    """
    item = _of_kind(id, Predict, "predict")
    return widgets.Widget(_block([item], curtain), f"question {id!r}: choose one of {len(item.options)}")


def answer(id: str) -> widgets.Widget:
    """Box for a number, with a hint for each catalogued slip; a comma or a point marks the decimals.

    Parameters
    ----------
    id : str
        A `Numeric` of the bank.

    Raises
    ------
    TypeError
        If `id` is a question of another kind.

    Examples
    --------
    >>> answer("decibels")
    question 'decibels': a number in dB
    """
    item = _of_kind(id, Numeric, "answer")
    return widgets.Widget(_block([item]), f"question {id!r}: a number" + (f" in {item.unit}" if item.unit else ""))


def selftest(page: str = "00") -> widgets.Widget:
    """Every question of a page that leads to a refresher, as one list with a score.

    Examples
    --------
    >>> selftest()
    self-test: 10 questions
    """
    items = [item for item in questions.items(page) if isinstance(item, Predict) and item.refresher]
    return widgets.Widget(_block(items, score=True), f"self-test: {len(items)} questions")


def _of_kind(id: str, kind: type, function: str) -> Any:
    item = questions.find(id)
    if not isinstance(item, kind):
        right = {"Predict": "boxes.predict", "Numeric": "boxes.answer", "Code": "exercises.check"}[type(item).__name__]
        raise TypeError(f"boxes.{function}({id!r}): this question is a {type(item).__name__}; use {right}({id!r})")
    return item


def _block(items: Sequence[Item], curtain: bool = False, score: bool = False) -> str:
    tags = [f"Self-test {i} of {len(items)}" if score else "Predict" for i in range(1, len(items) + 1)]
    body = "\n".join(
        _options(item, tag, curtain) if isinstance(item, Predict) else _number(item)
        for item, tag in zip(items, tags, strict=True)
    )
    score_line = '<p class="dp-score" role="status" hidden></p>' if score else ""
    data = {"items": [_data(item) for item in items], "curtain": curtain}
    return widgets.block("boxes", body + score_line, data, [widgets.static("boxes.js")])


def _options(item: Predict, tag: str, curtain: bool) -> str:
    rows = "\n".join(
        f'<label class="dp-option"><input type="radio" name="choice" value="{i}" autocomplete="off">'
        f"<span>{widgets.rich(option.text)}</span></label>"
        for i, option in enumerate(item.options)
    )
    skip = (
        '<button type="button" class="dp-button dp-quiet" data-skip>Show without guessing</button>' if curtain else ""
    )
    commit = "Check" if item.refresher else "That is my guess"
    return _box(
        item.id,
        f'<fieldset><legend><span class="dp-tag">{tag}</span> {widgets.rich(item.question)}</legend>'
        f"\n{rows}\n</fieldset>",
        "",
        commit,
        skip,
    )


def _number(item: Numeric) -> str:
    unit = f"<span>{html.escape(item.unit)}</span>" if item.unit else ""
    field = (
        '<input class="dp-number" type="text" inputmode="decimal" autocomplete="off" '
        f'aria-label="Your answer{f" in {html.escape(item.unit)}" if item.unit else ""}">{unit}'
    )
    return _box(
        item.id,
        f'<p class="dp-question"><span class="dp-tag">Work it out</span> {widgets.rich(item.question)}</p>',
        field,
        "Check",
        "",
    )


def _box(id: str, question: str, field: str, commit: str, skip: str) -> str:
    return (
        f'<section class="dp-box" data-id="{id}"><form>{question}\n<div class="dp-actions" hidden>{field}'
        f'<button type="submit" class="dp-button">{commit}</button>{skip}</div></form>\n'
        '<div class="dp-feedback" role="status" aria-live="polite"></div></section>'
    )


def _data(item: Item) -> dict[str, Any]:
    if isinstance(item, Predict):
        return {
            "options": [{"right": option.right, "says": widgets.rich(option.says)} for option in item.options],
            "refresher": item.refresher,
        }
    return {
        "value": item.value,
        "tolerance": item.tolerance,
        "why": widgets.rich(item.why),
        "hint": widgets.rich(item.hint),
        "wrong": [{"value": slip.value, "hint": widgets.rich(slip.hint)} for slip in item.wrong],
    }
