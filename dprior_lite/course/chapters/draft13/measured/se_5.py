"""Share of nearest neighbours that have the class of a picture (se-5), in features, untrained features, and pixels.

One item is one kind of picture and one draw of the noise. Neighbours are looked for among pictures that the network was
trained on; those that look are held out.
"""

from __future__ import annotations

from torch import Tensor

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers
from dprior_lite.representation import principal_coordinates, purity

SEEDS, NEAREST, DIRECTIONS = (0, 1, 2), 5, 64
OTHERS = ("untrained", "another", "pixels", "pca")


def keys() -> list[str]:
    """Return the items."""
    return [f"{kind}, seed {seed}" for kind in middles.NETS for seed in SEEDS]


def measure(key: str) -> Numbers:
    """Return each mean share, and the mean of what the features have more, with its standard error over pictures."""
    kind, place = key.split(", ")
    seed = int(place.removeprefix("seed "))
    (x, classes), (near, near_classes) = (
        middles.pictures(kind, split, count) for split, count in (("test", middles.HELD), ("train", middles.NEIGHBOURS))
    )
    coordinates = {
        "features": _phi(kind, seed, None),
        "untrained": _phi(kind, seed, seed),
        "another": _phi(kind, seed, seed + 10),
        "pixels": (x.flatten(1), near.flatten(1)),
        "pca": principal_coordinates(x.flatten(1), near.flatten(1), DIRECTIONS),
    }
    shares = {name: purity(a, classes, b, near_classes, NEAREST) for name, (a, b) in coordinates.items()}
    numbers: Numbers = {name: float(v.mean()) for name, v in shares.items()}
    for name in OTHERS:
        more = shares["features"] - shares[name]
        numbers |= {f"over_{name}": float(more.mean()), f"error_{name}": float(more.std() / len(more) ** 0.5)}
    twice = shares["another"] - shares["untrained"]
    return numbers | {"untrained_twice": float(twice.mean())}


def _phi(kind: str, seed: int, untrained: int | None) -> tuple[Tensor, Tensor]:
    """Return features of those that look and of those that are looked at."""
    return (
        middles.phi(kind, "test", middles.HELD, seed, untrained),
        middles.phi(kind, "train", middles.NEIGHBOURS, seed, untrained),
    )
