"""Numbers as the course writes them: 0.16 and not .16, a true minus, powers of ten that can be read."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(x: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, as text.

    Parameters
    ----------
    x : float
        Any number; whole ones keep all their digits.
    digits : int
        Significant digits, at least 1.

    Examples
    --------
    >>> number(0.1649), number(-1.5), number(26), number(3.2e-9), number(float("inf"))
    ('0.165', '−1.5', '26', '3.2·10⁻⁹', '∞')
    >>> number(1234567.8, digits=2), number(0.0)
    ('1.2·10⁶', '0')
    """
    if digits < 1:
        raise ValueError(f"at least one significant digit was expected, not {digits}")
    if math.isnan(x):
        return "not a number"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == 0 or (float(x).is_integer() and abs(x) < 1e6):
        return f"{int(x)}".replace("-", "−")
    rounded = float(f"{x:.{digits - 1}e}")
    if 1e-4 <= abs(rounded) < 10 ** max(digits, 6):
        places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        text = f"{rounded:.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace("-", "−")
    mantissa, _, power = f"{rounded:.{digits - 1}e}".partition("e")
    mantissa = (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa).replace("-", "−")
    return f"{mantissa}·10{str(int(power)).translate(_RAISED)}"
