"""What every claim of the course must reach, fixed before anything was measured.

A `Claim` is one row of the book's scorecard. Its `parts` are named rules that must all hold;
its `control` are measurements that must *break* the rule, each with its own condition: a check
that cannot fail proves nothing. One module a page (`page01`, ...) holds that page's rows in
`CLAIMS`, and is imported only when one of them is asked for, so that a new chapter leaves the
stored output of the others fresh.
"""

from __future__ import annotations

from importlib import import_module

from dprior_lite.course.thresholds.rules import Ci, Claim, KnownGap, Rule

__all__ = ["PAGES", "Ci", "Claim", "KnownGap", "Rule", "claim", "claims_of"]

PAGES = {"mi": "01_miyasawa", "bf": "02_bias_free", "af": "03_adaptive_filters", "ip": "04_implicit_prior",
         "in": "05_inverse_problems", "en": "11_energy"}  # prefix of the ids -> page


def claims_of(page: str) -> tuple[Claim, ...]:
    """The claims of one page, in the order of the scorecard.

    Parameters
    ----------
    page : str
        Name of the page, such as `"01_miyasawa"`.

    Returns
    -------
    tuple of Claim
        Empty for a page that claims nothing.

    Examples
    --------
    >>> [c.id for c in claims_of("01_miyasawa")]
    ['mi-1', 'mi-2', 'mi-3', 'mi-4', 'mi-5']
    >>> claims_of("00_start_here")
    ()
    """
    if page not in PAGES.values():
        return ()
    return import_module(f"{__name__}.page{page[:2]}").CLAIMS


def claim(id: str) -> Claim:
    """The claim with this id.

    Parameters
    ----------
    id : str
        Such as `"mi-3"`.

    Raises
    ------
    KeyError
        If no page states it; the message lists the ids of the page it would belong to.

    Examples
    --------
    >>> print(*claim("mi-3").parts, sep="; ")
    closed_form <= 1e-08; trained <= 0.15
    """
    known = claims_of(PAGES.get(id.partition("-")[0], ""))
    for row in known:
        if row.id == id:
            return row
    near = ", ".join(c.id for c in known) or f"ids that begin with {', '.join(PAGES)}"
    raise KeyError(f"no claim {id!r} in dprior_lite.course.thresholds; there are {near}")
