"""Which weights, data sets, recipes and measurements this process has used, for claims and receipts.

A weight is used when its network is called, not when it is loaded, so that a claim can name the weights that it rests
on.
"""

from __future__ import annotations

from typing import Any, Literal

Kind = Literal["weights", "data", "recipes", "measurements"]
_USED: dict[str, dict[str, str]] = {"weights": {}, "data": {}, "recipes": {}, "measurements": {}}
_called: set[str] = set()  # weights whose network was called since the last `take_called`


def record(kind: Kind, name: str, version: str) -> None:
    """Record that something was loaded.

    Parameters
    ----------
    kind : {"weights", "data", "recipes", "measurements"}
        What it is.
    name : str
        Its name.
    version : str
        The sha256 of a weight, the declared version of a data set, the digest of a recipe or of a stored measurement.
    """
    _USED[kind][name] = version


def used(kind: Kind) -> dict[str, str]:
    """Return everything of a kind that this process has loaded, name -> version, sorted by name.

    Examples
    --------
    >>> isinstance(used("weights"), dict)
    True
    """
    return dict(sorted(_USED[kind].items()))


class RecordCall:
    """A hook that notes that the network of a weight was called."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any) -> None:
        _called.add(self.name)


def take_called() -> dict[str, str]:
    """Return the weights whose networks were called since this function was last called, name -> sha256.

    Examples
    --------
    >>> _ = take_called()
    >>> take_called()
    {}
    """
    names = sorted(_called)
    _called.clear()
    return {name: _USED["weights"][name] for name in names if name in _USED["weights"]}
