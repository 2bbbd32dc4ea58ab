"""The kinds of figures: where each one's Python is, and which scripts it needs. The template of a kind is `KIND.html`.

A home offers `view(record) -> dict`: what its template needs beside the record; under the key `script` what the script
of the kind reads in place of the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True)
class Kind:
    """Module of a kind within `dprior_lite.course`, and its scripts within `course/web`, in order."""

    module: str
    scripts: tuple[str, ...] = ()


KINDS = {
    "boxes": Kind("questions.boxes", ("boxes.js",)),
    "frames": Kind("web.frames", ("frames.js",)),
    "mixturelab": Kind("web.mixturelab", ("mixture.js", "mixturelab.js")),
    "jsnet": Kind("web.jsnet", ("net.js", "jsnet.js")),
    "twins": Kind("web.twins", ("net.js", "twins.js")),
    "filterlens": Kind("web.filterlens", ("net.js", "filterlens.js")),
    "sampler": Kind("web.priorsampler", ("net.js", "sampler.js")),
    "noisescale": Kind("web.noisescale", ("net.js", "noisescale.js")),
    "wiggle": Kind("web.wiggle", ("net.js", "wiggle.js")),
    "ruler": Kind("web.ruler", ("arms.js", "ruler.js")),
    "thermometers": Kind("web.thermometers", ("thermometers.js",)),
    "roadmap": Kind("page.roadmap"),
    "diagram": Kind("page.diagrams"),
    "strip": Kind("page.strips"),
    "table": Kind("page.tables"),
}


def home(kind: str) -> ModuleType:
    """Return the module of a kind.

    Raises
    ------
    KeyError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise KeyError(f"no kind of figure is called {kind!r}; there are {', '.join(KINDS)}")
    return import_module(f"dprior_lite.course.{KINDS[kind].module}")
