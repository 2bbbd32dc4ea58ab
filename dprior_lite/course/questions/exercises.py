"""The notebook's side of the questions: the same bank as the page's boxes, and checks of functions that a student wrote.

A wrong answer is compared with the catalogued slips, so that what is printed names the misconception and not just the
difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dprior_lite.course import questions
from dprior_lite.course.claims import checks as claims
from dprior_lite.course.questions.kinds import Code, Item, Numeric, Predict


class NotYet(AssertionError):
    """The answer is not right yet; the message is the hint."""


#: Verdicts of this session, by question: what `report` hands in.
_attempts: dict[str, list[bool]] = {}


def ids(page: str) -> tuple[str, ...]:
    """Names of all questions of a page (`"01"` or `"01_miyasawa"`), in order.

    Examples
    --------
    >>> ids("01")[0]
    'arrow'
    """
    return tuple(item.id for item in questions.items(page))


def check(id: str, given: Callable[..., Any] | float | str) -> None:
    """Judge an answer and print why it is right.

    Parameters
    ----------
    id : str
        Question of the bank.
    given : callable, number or str
        A function for a code exercise; a number (or its text, with a comma or a point) for a numeric one; the number of
        the option, counted from 1, for a prediction.

    Raises
    ------
    NotYet
        If the answer is wrong; its message is the hint.
    TypeError
        If a function was expected and something else came, or the reverse.

    Examples
    --------
    >>> check("decibels", 20.17)
    correct: −10 log₁₀(σ²) = −20 log₁₀(25/255) = 20.17 dB: the mean squared error is σ², the peak is 1.
    """
    item = questions.find(id)
    right, says = _judge(item, given)
    _attempts.setdefault(id, []).append(right)
    if not right:
        raise NotYet(f"{id}: {_plain(says)}")
    print(f"correct: {_plain(says)}")


def report() -> list[dict[str, Any]]:
    """What was checked in this session, ready for `json.dump`: question, number of attempts, whether it was solved."""
    return [{"id": id, "attempts": len(tries), "ok": any(tries)} for id, tries in _attempts.items()]


def _judge(item: Item, given: Any) -> tuple[bool, str]:
    if isinstance(item, Code) != callable(given):
        raise TypeError(
            f"{item.id} asks for a {'function' if isinstance(item, Code) else 'number'}, not {type(given).__name__}"
        )
    if isinstance(item, Predict):
        return _judge_option(item, int(given))
    return _judge_value(item, _number(given)) if isinstance(item, Numeric) else _judge_function(item, given)


def _judge_option(item: Predict, number: int) -> tuple[bool, str]:
    if not 1 <= number <= len(item.options):
        raise TypeError(f"{item.id} has the options 1 to {len(item.options)}, not {number}")
    option = item.options[number - 1]
    return option.right, option.says


def _judge_value(item: Numeric, value: float) -> tuple[bool, str]:
    if abs(value - item.value) <= item.tolerance:
        return True, item.why
    hints = (slip.hint for slip in item.wrong if abs(value - slip.value) <= item.tolerance)
    return False, next(hints, item.hint)


def _judge_function(item: Code, function: Callable[..., Any]) -> tuple[bool, str]:
    cases = item.cases()
    outputs = [_called(item, function, case) for case in cases]
    expected = [_tensor(item.reference(*case)) for case in cases]
    if _agree(outputs, expected, item.tolerance):
        return True, item.why
    for slip in item.wrong:
        if _agree(outputs, [_tensor(slip.function(*case)) for case in cases], item.tolerance):
            return False, slip.hint
    return False, _difference(outputs, expected, item.tolerance)


def _called(item: Code, function: Callable[..., Any], case: tuple[Any, ...]) -> Tensor:
    try:
        value = function(*case)
        output = _tensor(value) if value is not None else None
    except Exception as error:
        raise NotYet(f"{item.id}: your function stopped with {type(error).__name__}: {error}") from error
    if output is None:
        raise NotYet(f"{item.id}: your function returns nothing yet")
    return output


def _tensor(value: Any) -> Tensor:
    return torch.as_tensor(value).detach().to(torch.float64)


def _agree(a: list[Tensor], b: list[Tensor], tolerance: float) -> bool:
    return all(
        p.shape == q.shape and torch.allclose(p, q, rtol=tolerance, atol=tolerance) for p, q in zip(a, b, strict=True)
    )


def _difference(outputs: list[Tensor], expected: list[Tensor], tolerance: float) -> str:
    number, (came, wanted) = next(
        (i, pair)
        for i, pair in enumerate(zip(outputs, expected, strict=True), 1)
        if not _agree([pair[0]], [pair[1]], tolerance)
    )
    if came.shape != wanted.shape:
        return (
            f"case {number} of {len(expected)}: the shape is {tuple(came.shape)}, expected was {tuple(wanted.shape)}."
        )
    worst = (came - wanted).abs().nan_to_num(nan=torch.inf).argmax()
    return (
        f"case {number} of {len(expected)}: {came.flatten()[worst]:.4g} where {wanted.flatten()[worst]:.4g} was"
        " expected; no catalogued slip gives this, so compare one case by hand."
    )


def _number(given: float | str) -> float:
    if isinstance(given, str):
        given = given.strip().replace(",", ".").replace("−", "-")
    return float(given)


def _plain(text: str) -> str:
    """`text` for a terminal, with the numbers that this kernel has measured."""
    measured = {
        f"{record['id']}.{part}": value
        for record in claims.checked()
        for part, value in (record["value"] | record["control"]).items()
    }

    def quoted(match: re.Match[str]) -> str:
        name, how = match[1], match[2] or ""
        return format(measured[name], how) if name in measured else f"({name}, not measured yet)"

    return re.sub(r"\{([a-z]+-\d+\.\w+)(?::([^{}]*))?\}", quoted, text).replace("`", "")
