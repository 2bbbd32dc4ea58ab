"""Claims: their rules, the check a page makes, how a claim looks, and the ledger of what was measured.

A page writes `from dprior_lite.course import claims` and calls `claims.check("mi-3", closed_form=a, trained=b,
control=c)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HERE = ("ClaimFailed", "also_checked", "check", "checked", "not_measured", "reported")
__all__ = list(_HERE)


def __getattr__(name: str) -> Any:
    if name not in _HERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.checks"), name)
