"""The gate for numbers, counts, shapes and generators.

Every comparison is written so that NaN fails it. Values that cannot be looked at, such as those inside `torch.vmap`,
pass; shapes and types are always checked.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from numbers import Real

import torch
from torch import Tensor

FLOATS = (torch.float32, torch.float64)


def kind_of(value: object) -> str:
    """Return what a value is, for an error message: type, and shape and dtype of a tensor.

    Examples
    --------
    >>> kind_of(torch.zeros(2, 3)), kind_of(None), kind_of(3)
    ('a torch.float32 tensor of shape (2, 3)', 'None', 'an int, 3')
    """
    if isinstance(value, Tensor):
        return f"a {value.dtype} tensor of shape {tuple(value.shape)}"
    if value is None:
        return "None"
    name = type(value).__name__
    article = "an" if name[0].lower() in "aeiou" else "a"
    return f"{article} {name}, {value!r}" if isinstance(value, Real | str) else f"{article} {name}"


def holds(test: Tensor) -> bool:
    """Return whether a test of values holds; True where values cannot be looked at, as inside `torch.vmap`.

    Examples
    --------
    >>> holds(torch.tensor(True)), holds(torch.tensor(False))
    (True, False)
    """
    try:
        return bool(test)
    except RuntimeError:
        return True


def require_kind(value: object, kind: type, name: str) -> object:
    """Return `value` if it is of a kind; otherwise say what it is.

    Raises
    ------
    TypeError
        If it is not.

    Examples
    --------
    >>> require_kind(None, torch.Generator, "g")
    Traceback (most recent call last):
    TypeError: g is None; expected an object of the class Generator.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {kind_of(value)}; expected an object of the class {kind.__name__}.")
    return value


def require_generator(generator: torch.Generator, name: str = "generator") -> torch.Generator:
    """Return `generator` if it is one, or say how to make one.

    Raises
    ------
    TypeError
        For None, a number or anything else.

    Examples
    --------
    >>> require_generator(0)
    Traceback (most recent call last):
    TypeError: generator is an int, 0; this is random: pass generator=torch.Generator().manual_seed(0).
    """
    if not isinstance(generator, torch.Generator):
        raise TypeError(
            f"{name} is {kind_of(generator)}; this is random: pass {name}=torch.Generator().manual_seed(0)."
        )
    return generator


def require_whole(value: int, name: str, least: int = 1, most: int | None = None, hint: str = "") -> int:
    """Return `value` as an int if it is a whole number within its bounds.

    Raises
    ------
    TypeError, ValueError
        If it is no whole number, or out of bounds.

    Examples
    --------
    >>> require_whole(3, "n")
    3
    >>> require_whole(0, "n")
    Traceback (most recent call last):
    ValueError: n=0; expected a whole number, at least 1.
    """
    bounds = f"at least {least}" if most is None else f"from {least} to {most}"
    says = f"expected a whole number, {bounds}.{' ' * bool(hint)}{hint}"
    try:
        whole = operator.index(value)
    except TypeError:
        whole = value
    if isinstance(whole, float) and whole.is_integer():
        whole = int(whole)
    if not isinstance(whole, int):
        shown = f"{name}={value}" if isinstance(value, Real) else f"{name} is {kind_of(value)}"
        raise (ValueError if isinstance(value, Real) else TypeError)(f"{shown}; {says}")
    if whole < least or (most is not None and whole > most):
        raise ValueError(f"{name}={value}; {says}")
    return whole


def require_number(
    value: float,
    name: str,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
    hint: str = "",
) -> float:
    """Return `value` as a float if it is one finite number within its bounds.

    Raises
    ------
    TypeError, ValueError
        If it is no number, NaN or infinite, or out of bounds.

    Examples
    --------
    >>> require_number(0.5, "sigma", above=0)
    0.5
    >>> require_number(float("nan"), "sigma", above=0)
    Traceback (most recent call last):
    ValueError: sigma=nan; expected one finite number, above 0.
    """
    limits = {"above": above, "at least": least, "below": below, "at most": most}
    words = ", ".join(f"{word} {limit:g}" for word, limit in limits.items() if limit is not None)
    says = f"expected one finite number{', ' * bool(words)}{words}.{' ' * bool(hint)}{hint}"
    try:
        if isinstance(value, str | bytes) or value is None:
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} is {kind_of(value)}; {says}") from None
    good = math.isfinite(number)
    good = good and (above is None or number > above) and (least is None or number >= least)
    if not (good and (below is None or number < below) and (most is None or number <= most)):
        raise ValueError(f"{name}={number:g}; {says}")
    return number


def require_shape(shape: Sequence[int], name: str = "shape", dims: int | None = None) -> tuple[int, ...]:
    """Return the shape of one item as a tuple of whole numbers, each at least 1.

    Parameters
    ----------
    shape : sequence of int
        (C, H, W) of a picture, (d,) of a point.
    name : str
        What the error calls it.
    dims : int, optional
        How many numbers it must have; any by default.

    Raises
    ------
    TypeError, ValueError
        If it is no such sequence.

    Examples
    --------
    >>> require_shape([3, 8, 8])
    (3, 8, 8)
    """
    wanted = {3: "(C, H, W) of one picture"}.get(dims, "the numbers of one item, such as (C, H, W)")
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise TypeError(f"{name} is {kind_of(shape)}; expected {wanted}, each at least 1.")
    if not len(shape) or (dims is not None and len(shape) != dims):
        raise ValueError(f"{name} is {tuple(shape)}; expected {wanted}, each at least 1.")
    return tuple(require_whole(n, f"a number of {name}", 1, hint=f"It is {wanted}, each at least 1.") for n in shape)
