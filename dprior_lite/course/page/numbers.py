"""One way to write a number in a page: 0.16, −1.4, 3e−16, with a true minus."""

from __future__ import annotations

import math


def number(value: float | str, digits: int = 3) -> str:
    """Return a number as text with a true minus and a leading zero.

    Parameters
    ----------
    value : float or str
        A text is returned as it is.
    digits : int
        Significant digits at most; trailing zeros are left out.

    Examples
    --------
    >>> number(-0.1649), number(1e-16), number(27500), number(float("nan"))
    ('−0.165', '1e−16', '27500', 'not a number')
    """
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite" if value > 0 else "−infinite"
    if abs(value) >= 10**digits and abs(value) < 1e6:
        return f"{value:.0f}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    text = mantissa + (f"e{int(exponent)}" if exponent else "")
    return text.replace("-", "−")
