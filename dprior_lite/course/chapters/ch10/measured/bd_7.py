"""True and assumed noise along samplers: the level that the reader of noise finds, and the level that is assumed."""

from __future__ import annotations

from dprior_lite.course.lab.blind_nets import SAMPLERS, mismatch, net, reader_error, recorded, shortfall, unseen
from dprior_lite.course.measurements import Numbers

SEEDS, ITEMS, STEPS, PICTURES = (0, 1, 2), 64, 50, 500
LEVELS = (0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 4.0)


def keys() -> list[str]:
    """Return the items: the reader's own error, and each sampler and draw of noise."""
    kinds = ("blind, corrected", *(f"{name}, plain" for name in SAMPLERS))
    runs = [f"{kind}, {seed}" for kind in kinds for seed in SEEDS]
    return ["reader", *runs]


def measure(key: str) -> Numbers:
    """Return assumed levels above .2, and the mean log of true over assumed at each, of 64 samples."""
    reader = net("level", "digits")
    if key == "reader":
        x = unseen("digits", PICTURES)
        return {"sigma": list(LEVELS), "error": [reader_error(reader, x, sigma) for sigma in LEVELS]}
    name, kind, seed = key.rsplit(", ", 2)
    states = recorded(name, STEPS, ITEMS, int(seed), corrected=kind == "corrected")
    assumed, ratio = map(list, zip(*mismatch(states, reader)))
    found: Numbers = {"assumed": assumed, "ratio": ratio}
    if name == "blind" and kind == "plain":
        found["shortfall"] = shortfall(states, net("blind", "digits"))
    return found
