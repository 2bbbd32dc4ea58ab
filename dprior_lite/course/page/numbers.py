"""Numbers as the course writes them: 0.16 and not .16, a true minus, powers of ten that can be read."""

from __future__ import annotations

import math
import re

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
    >>> number(1e-8)
    '10⁻⁸'
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
    return _power(mantissa, power)


def rewritten(text: str) -> str:
    """Return a number that Python has formatted as the course writes it; other text stays as it is.

    Parameters
    ----------
    text : str
        What `format` gives for one number.

    Examples
    --------
    >>> rewritten("-1.5"), rewritten("2e-15"), rewritten("-27%"), rewritten("photos-unet")
    ('−1.5', '2·10⁻¹⁵', '−27\xa0%', 'photos-unet')
    """
    found = re.fullmatch(r"([-+]?)(\d[\d.,]*)(?:e([-+]?\d+))?(%?)", text)
    if not found:
        return text
    sign, digits, power, percent = found.groups()
    shown = _power(digits, power) if power else digits
    return sign.replace("-", "−") + shown + ("\N{NO-BREAK SPACE}%" if percent else "")


def plainly(text: str) -> str:
    """Return a sentence with its numbers and Greek letters as the course writes them.

    Examples
    --------
    >>> plainly("a in 1e-3..1e3, to .3 dB at sigma 25, sigma² J")
    'a in 10⁻³..10³, to 0.3 dB at σ 25, σ² J'
    """
    text = re.sub(r"(?<![\w.])\.(?=\d)", "0.", text)
    text = re.sub(r"(?<!\w)(?<!\d\.)(\d+(?:\.\d+)?)e([-+]?\d+)\b", lambda found: _power(found[1], found[2]), text)
    return re.sub(r"\bbeta\b", "β", re.sub(r"\bsigma(?![a-z])", "σ", text))


def _power(mantissa: str, power: str) -> str:
    """Return a mantissa and a power of ten, the mantissa left out where it is one."""
    ten = f"10{str(int(power)).translate(_RAISED)}"
    return {"1": ten, "−1": f"−{ten}"}.get(mantissa, f"{mantissa}·{ten}")
