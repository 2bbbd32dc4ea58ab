"""The aspect ratio of samples on the way between two centroids, of ratios that were never trained on (fg-6).

One item is one weight with 16 samples, all weights with the same noise; a weight beyond 1; and samples without a guide.
"""

from __future__ import annotations

from dprior_lite.course.lab.guided_nets import centres, drawn
from dprior_lite.course.lab.oval_classes import ENDS, aspect_ratio
from dprior_lite.course.measurements import Numbers
from dprior_lite.guidance import between

WEIGHTS, BEYOND, SAMPLES = tuple(k / 8 for k in range(9)), 1.5, 16


def keys() -> list[str]:
    """Return the items: nine weights, one beyond, and one noise a weight without a guide."""
    return [*map(str, WEIGHTS), str(BEYOND), *(f"no guide, {k}" for k in range(len(WEIGHTS)))]


def measure(key: str) -> Numbers:
    """Return the measured aspect ratio of every sample."""
    if key.startswith("no guide"):
        k = int(key.rsplit(" ", 1)[1])
        return {"ratios": aspect_ratio(drawn("ovals", None, range(SAMPLES * k, SAMPLES * (k + 1))).x).tolist()}
    a, b = (centres("ovals").of(ratio) for ratio in ENDS)
    found = drawn("ovals", between(a, b, float(key)), range(SAMPLES))
    return {"ratios": aspect_ratio(found.x).tolist(), "arrived": float(found.converged.double().mean())}
