"""Which weights, data and recipes this process has used, without loading what it has not."""

from __future__ import annotations

import sys
from typing import Literal


def used(kind: Literal["store", "data", "training.recipes"]) -> dict[str, str]:
    """What was used, by name.

    Parameters
    ----------
    kind : {"store", "data", "training.recipes"}
        Weights with their sha256, data sets with their declared version, or recipes with a digest of all they say.

    Returns
    -------
    dict of str to str
        Sorted by name; empty where the package's module was not even imported.

    Examples
    --------
    >>> isinstance(used("store"), dict)
    True
    """
    module = sys.modules.get(f"dprior_lite.{kind}")
    return dict(sorted(module.used().items())) if module else {}
