"""Checks of answers in the notebook: the same questions as in the page's boxes, and functions that a student wrote.

A wrong answer is compared with the catalogued slips, so that what is printed names the misconception and not just the
difference.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dprior_lite.course import questions
from dprior_lite.course.claims import checks as claims
from dprior_lite.course.questions.kinds import Code, Item, Numeric, Predict


class NotYet(AssertionError):
    """The answer is not right yet; the message is the hint.

    It is raised, so that a copy which is executed as a whole reports it; in a notebook the hint alone is shown.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"not yet: {self}"]


class _Nothing(Exception):
    """The stub was not touched; the message says what came."""


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
    """Judge an answer and print why it is right, or that nothing is there yet.

    A stub that was not touched (`...`, a function that returns None or raises `NotImplementedError`) is no attempt: one
    line says so, and the notebook goes on.

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
    try:
        right, says = _judge(item, given)
    except _Nothing as nothing:
        print(f"nothing here yet: {id} ({nothing}); write your answer and run this cell again")
        return
    _attempts.setdefault(id, []).append(right)
    if not right:
        raise NotYet(f"{id}: {_plain(says)}")
    print(f"correct: {_plain(says)}")


def report() -> list[dict[str, Any]]:
    """Return what was checked in this session: question, number of attempts, whether it was solved."""
    return [{"id": id, "attempts": len(tries), "ok": any(tries)} for id, tries in _attempts.items()]


def _judge(item: Item, given: Any) -> tuple[bool, str]:
    if given is None or given is ...:
        raise _Nothing(f"it is {given}")
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
    if abs(value - item.value) <= item.tolerance or rounds(value, item.value, item.digits):
        return True, item.why
    near = [slip.hint for slip in item.wrong if abs(value - slip.value) <= item.tolerance]
    rounded = [slip.hint for slip in item.wrong if rounds(value, slip.value, item.digits)]
    close = abs(value - item.value) <= 0.02 * abs(item.value)
    return False, [*near, *rounded, item.close if close else item.hint][0]


def rounds(answer: float, value: float, digits: int) -> bool:
    """Return whether an answer is the value, rounded to at least `digits` significant digits.

    Examples
    --------
    >>> rounds(1.05, 1.0541, 2), rounds(1.1, 1.0541, 2), rounds(1.06, 1.0541, 2), rounds(1.1, 1.0541, 3)
    (True, True, False, False)
    """
    if not value or not math.isfinite(answer):
        return answer == value
    for places in range(digits, 13):
        unit = 10.0 ** (math.floor(math.log10(abs(value))) - places + 1)
        steps = answer / unit
        if abs(answer - value) <= unit / 2 * (1 + 1e-9) and abs(steps - round(steps)) <= 1e-6:
            return True
    return False


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
        output = _tensor(value) if value is not None and value is not ... else None
    except NotImplementedError as error:
        raise _Nothing("the function is not written") from error
    except Exception as error:
        raise NotYet(f"{item.id}: your function stopped with {type(error).__name__}: {error}") from error
    if output is None:
        raise _Nothing("the function returns nothing")
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
