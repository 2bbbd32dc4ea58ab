"""dprior_lite: the image prior inside a denoiser.

`load(name)` returns a trained denoiser, `weights()` the cards of all that are at hand, `check_denoiser(net)` says
what is wrong with yours. Everything else lives in its module: `dprior_lite.miyasawa`, `dprior_lite.geometry`,
`dprior_lite.data`, ...
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dprior_lite.version import __version__

_PLACES = {"load": "store", "weights": "store", "check_denoiser": "check"}
__all__ = ["__version__", *_PLACES]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
