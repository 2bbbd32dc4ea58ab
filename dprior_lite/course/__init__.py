"""What a page of the book needs, and nothing a researcher must import.

Names are resolved on first use, so that a page loads only what it names. `show` and `progress` share
their name with their module and are therefore bound at once; both are light.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dprior_lite.course.page.progress import progress
from dprior_lite.course.page.show import show

_HOME = {
    "claims": "claims",
    "exercises": "questions.exercises",
    "figures": "page.figures",
    "measured": "measurements:measured",
    "profiles": "page.profiles",
    "predict": "questions.boxes:predict",
    "answer": "questions.boxes:answer",
    "table": "page.tables:table",
    "number": "page.numbers:number",
    "Diagram": "page.diagrams:Diagram",
    "Frames": "web.frames:Frames",
    "MixtureLab": "web.mixturelab:MixtureLab",
    "JSDenoiser": "web.jsnet:JSDenoiser",
    "Twins": "web.twins:Twins",
    "FilterLens": "web.filterlens:FilterLens",
    "PriorSampler": "web.priorsampler:PriorSampler",
    "NoiseScale": "web.noisescale:NoiseScale",
    "Eigenvectors": "web.wiggle:Eigenvectors",
    "Wiggle": "web.wiggle:Wiggle",
    "Ruler": "web.ruler:Ruler",
    "Thermometers": "web.thermometers:Thermometers",
    "receipt": "page.receipt:receipt",
    "seeded": "page.seeds:seeded",
}

__all__ = ["progress", "show", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"dprior_lite.course has no {name!r}; it has {', '.join(__all__)}")
    module, _, attribute = _HOME[name].partition(":")
    home = import_module(f"{__name__}.{module}")
    return getattr(home, attribute) if attribute else home


def __dir__() -> list[str]:
    return sorted(__all__)
