"""Boxes of a page: a guess before the figure, a number to work out, and the self-test, all without a kernel.

The questions are those of the chapters, which `course.exercises` checks in the notebook. Where scripts do not run, and
on paper, the question stands and nothing is hidden. The template is `web/boxes.html`, the script `web/boxes.js`.
"""

from __future__ import annotations

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
        Cover what follows, until the reader has chosen or asked to see it: everything up to
        `<div class="dp-end"></div>` in the text, or else up to the next heading; in the built page and in JupyterLab.

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
    return _box([item], f"question {id!r}: choose one of {len(item.options)}", curtain)


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
    return _box([item], f"question {id!r}: a number" + (f" in {item.unit}" if item.unit else ""))


def selftest(page: str = "00") -> widgets.Widget:
    """Every question of a page that leads to a refresher, as one list with a score.

    Examples
    --------
    >>> selftest()
    self-test: 10 questions
    """
    items = [item for item in questions.items(page) if isinstance(item, Predict) and item.refresher]
    return _box(items, f"self-test: {len(items)} questions", score=True)


def _of_kind(id: str, kind: type, function: str) -> Any:
    item = questions.find(id)
    if not isinstance(item, kind):
        right = {"Predict": "boxes.predict", "Numeric": "boxes.answer", "Code": "exercises.check"}[type(item).__name__]
        raise TypeError(f"boxes.{function}({id!r}): this question is a {type(item).__name__}; use {right}({id!r})")
    return item


def _box(items: Sequence[Item], text: str, curtain: bool = False, score: bool = False) -> widgets.Widget:
    # the record holds ids: what is asked and said comes from the questions of today
    return widgets.Widget("boxes", {"items": [item.id for item in items], "curtain": curtain, "score": score}, text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the questions of today, and their answers."""
    items = [questions.find(id) for id in record["items"]]
    return {"items": items, "script": {"items": [_judged(item) for item in items], "curtain": record["curtain"]}}


def _judged(item: Item) -> dict[str, Any]:
    """Return what the script needs in order to judge and to answer."""
    if isinstance(item, Predict):
        return {
            "options": [{"right": option.right, "says": widgets.rich(option.says)} for option in item.options],
            "refresher": item.refresher,
        }
    return {
        "value": item.value,
        "tolerance": item.tolerance,
        "digits": item.digits,
        "why": widgets.rich(item.why),
        "hint": widgets.rich(item.hint),
        "close": widgets.rich(item.close),
        "wrong": [{"value": slip.value, "hint": widgets.rich(slip.hint)} for slip in item.wrong],
    }
