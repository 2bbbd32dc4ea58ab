"""A picture that moves along an eigenvector of a denoiser: the reader chooses which eigenvector, and how far.

At a noisy picture a network without additive constants is nearly shrinkage in a basis of its own (`geometry.eigen`).
What the basis holds is seen when a multiple of an eigenvector is added to the picture: an object moves, grows, gets
brighter, or ripples. Beside it stand the eigenvector, its eigenvalue, and all eigenvalues against their rank.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dprior_lite.course.page.numbers import number
from dprior_lite.course.web import jsnet, widgets

#: Places of the slider of epsilon on either side of zero.
HALF = 40

_ZERO, _MOST = 128, 127  # bytes of a vector: zero, and how far its largest number is from it
_UNIT = 1e-2  # largest error of an eigenvector's length
_CURVE = 96  # eigenvalues that the curve is drawn through, beside those of the vectors
_STILL = 6  # eigenvectors in the picture for pages without scripts
_BLUE, _RED = (33, 102, 172), (178, 24, 43)


@dataclass(frozen=True)
class Eigenvectors:
    """A picture, some eigenvectors of a denoiser at it, and all eigenvalues that are known.

    Attributes
    ----------
    picture : array (H, W)
        Grey, in [0, 1]: what the eigenvectors are added to. Leading axes of length one are dropped.
    vectors : array (K, H, W)
        Eigenvectors of unit length, the one of the largest eigenvalue first; (K, 1, H, W) too.
    values : array (n,)
        Eigenvalues from the largest on, without gaps; n is at least the last rank.
    ranks : sequence of int, optional
        Rank of each vector among the values, counted from 1; 1 to K unless given.
    says : sequence of str, optional
        What each eigenvector does to the picture, in a few words.
    """

    picture: ArrayLike
    vectors: ArrayLike
    values: ArrayLike
    ranks: Sequence[int] = ()
    says: Sequence[str] = ()


class Wiggle(widgets.Widget):
    """A picture plus epsilon times an eigenvector, with sliders for the eigenvector and for epsilon.

    Parameters
    ----------
    choices : dict of str to sequence
        What else the reader chooses, such as the picture or the noise: a label and the values of each choice, shown as
        radio buttons. Empty for one picture.
    view : callable
        `view(*values)`, one value a choice in their order: `Eigenvectors`. Sizes and numbers may differ.
    caption : str
        What to see.
    alt : callable
        `alt(*values)`: what is seen at these values, for readers who do not see it.
    start : dict of str to value, optional
        Values at which the figure stands first, and for ever where scripts do not run; the first of each if not named.
    reach : float
        Largest epsilon, as the root mean square of the change of a pixel.

    Raises
    ------
    ValueError
        If shapes or numbers do not fit together, a vector has not unit length, eigenvalues do not fall, the picture is
        not in [0, 1], a text is empty, or the figure is over 400 kB.

    Examples
    --------
    >>> waves = np.stack([np.ones((4, 4)) / 4, np.outer([1, -1, 1, -1], np.ones(4)) / 4])
    >>> found = Eigenvectors(np.full((4, 4), 0.5), waves, values=[1.0, 0.2], says=["brighter", "stripes"])
    >>> Wiggle({}, lambda: found, caption="Two directions.", alt=lambda: "A grey square that gets brighter.")
    picture that moves along 2 eigenvectors
    >>> Wiggle({"picture": ["a", "b"]}, lambda name: found, caption="Two of them.", alt=lambda name: f"Square {name}.")
    pictures that move along 2 eigenvectors each: picture (2 views)
    """

    def __init__(
        self,
        choices: Mapping[str, Sequence[Any]],
        view: Callable[..., Eigenvectors],
        caption: str,
        alt: Callable[..., str],
        start: Mapping[str, Any] | None = None,
        reach: float = 0.06,
    ) -> None:
        if not 0 < reach <= 1:
            raise ValueError(f"reach={reach} was expected above 0 and at most 1: the change of a pixel, of [0, 1]")
        places = _places(choices, start or {})
        points = list(itertools.product(*choices.values()))
        pictures: dict[str, int] = {}
        views = [_encoded(view(*point), pictures, point) for point in points]
        record = {
            "labels": list(choices),
            "choices": [[_text(value) for value in values] for values in choices.values()],
            "places": places,
            "reach": reach,
            "half": HALF,
            "pictures": list(pictures),
            "views": views,
            "alts": [widgets.needed(f"alt text at {point}", alt(*point)) for point in points],
            "caption": widgets.needed("caption", caption),
        }
        counts = sorted({len(each["vectors"]) for each in views})
        many = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        one = f"picture that moves along {many} eigenvectors"
        several = f"pictures that move along {many} eigenvectors each: {', '.join(choices)} ({len(points)} views)"
        super().__init__("wiggle", record, several if choices else one)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: where it starts, and a picture for pages without scripts."""
    sides = [len(values) for values in record["choices"]]
    first = int(np.ravel_multi_index(record["places"], sides)) if sides else 0
    shown = record["views"][first]
    content = widgets.png(_still(record, shown), colors=128)
    count = min(_STILL, len(shown["vectors"]))
    width, height = widgets.size_of(content)
    return {
        "first": first,
        "shown": shown,
        "still": widgets.text_of(content),
        "size": (width, height),
        "larger": max(1, 640 // width) * width,
        "told": [(rank, f"{_value(shown, rank):.3f}".replace("-", "−")) for rank in shown["ranks"][:count]],
        "epsilon": number(record["reach"] * (shown["height"] * shown["width"]) ** 0.5, 2),
    }


def _places(choices: Mapping[str, Sequence[Any]], start: Mapping[str, Any]) -> list[int]:
    if not all(len(values) for values in choices.values()):
        raise ValueError(f"each choice needs a label and at least one value, not {dict(choices)!r}")
    for label, value in start.items():
        if value not in list(choices.get(label, ())):
            raise ValueError(f"start says {label!r} = {value!r}, expected one of the choices {dict(choices)!r}")
    return [list(values).index(start[label]) if label in start else 0 for label, values in choices.items()]


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else str(value)


def _encoded(found: Eigenvectors, pictures: dict[str, int], point: tuple[Any, ...]) -> dict[str, Any]:
    """Return one view as its script reads it; its picture joins `pictures`, each different one once."""
    where = f" at {point}" if point else ""
    pixels = jsnet.grey(_without_ones(found.picture, 2))
    vectors = _without_ones(found.vectors, 3)
    values = np.asarray(found.values, dtype=np.float64)
    if vectors.ndim != 3 or not len(vectors) or vectors.shape[1:] != pixels.shape:
        raise ValueError(f"vectors{where}: (K, {pixels.shape[0]}, {pixels.shape[1]}) was expected, not {vectors.shape}")
    lengths = np.sqrt(np.square(vectors).sum((1, 2)))
    if not (np.abs(lengths - 1) <= _UNIT).all():
        raise ValueError(f"vectors{where}: unit lengths were expected, not {np.round(lengths, 3).tolist()}")
    ranks = _ranks(found, len(vectors), values, where)
    says = [str(text) for text in found.says]
    if says and len(says) != len(vectors):
        raise ValueError(f"says{where}: a text for each of {len(vectors)} vectors was expected, not {len(says)}")
    picture = widgets.text_of(pixels.tobytes())
    scales = np.abs(vectors).max((1, 2))
    coded = np.round(vectors / scales[:, None, None] * _MOST + _ZERO).astype(np.uint8)
    kept = sorted({*ranks, *np.geomspace(1, len(values), _CURVE).round().astype(int).tolist()})
    return {
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "picture": pictures.setdefault(picture, len(pictures)),
        "vectors": [widgets.text_of(each.tobytes()) for each in coded],
        "scales": [_short(scale) for scale in scales],
        "ranks": ranks,
        "says": says,
        "curve": [[rank, _short(values[rank - 1])] for rank in kept],
        "count": len(values),
    }


def _ranks(found: Eigenvectors, count: int, values: np.ndarray, where: str) -> list[int]:
    """Return the rank of each vector, or refuse eigenvalues or ranks that are none."""
    if values.ndim != 1 or not np.isfinite(values).all() or (np.diff(values) > 1e-6).any():
        raise ValueError(f"values{where}: finite eigenvalues (n,) from the largest on were expected, not {values}")
    ranks = [int(rank) for rank in found.ranks] or list(range(1, count + 1))
    rising = all(low < high for low, high in itertools.pairwise([0, *ranks]))
    if len(ranks) != count or not rising or ranks[-1] > len(values):
        raise ValueError(
            f"ranks{where}: {count} rising ranks from 1 to {len(values)}, the number of eigenvalues, were expected, not"
            f" {ranks}"
        )
    return ranks


def _without_ones(values: ArrayLike, axes: int) -> np.ndarray:
    """Return an array of at most `axes` axes: those of length one before height and width are dropped."""
    array = np.asarray(values, dtype=np.float64)
    while array.ndim > axes and array.shape[-3] == 1:
        array = array.squeeze(-3)
    return array


def _short(value: float) -> float:
    """Return a number with seven significant digits, those of float32."""
    return float(f"{value:.7g}")


def _value(shown: dict[str, Any], rank: int) -> float:
    return dict((place, value) for place, value in shown["curve"])[rank]


def _still(record: dict[str, Any], shown: dict[str, Any]) -> np.ndarray:
    """Return tiles (H, W, 3) in [0, 1]: a column an eigenvector, the picture minus and plus epsilon times it below."""
    shape = shown["height"], shown["width"]
    epsilon = record["reach"] * (shape[0] * shape[1]) ** 0.5
    picture = _decoded(record["pictures"][shown["picture"]]).reshape(shape) / 255
    columns = []
    for text, scale in list(zip(shown["vectors"], shown["scales"], strict=True))[:_STILL]:
        part = (_decoded(text).reshape(shape) - _ZERO) / _MOST
        greys = [(picture + sign * epsilon * scale * part).clip(0, 1) for sign in (-1, 1)]
        # few enough shades for a palette without losses
        columns.append(
            [_signed((16 * part).round() / 16), *((63 * x[..., None]).round().repeat(3, 2) / 63 for x in greys)]
        )
    gap = max(1, shape[1] // 16)
    rows = [np.concatenate([_framed(tile, gap) for tile in row], 1) for row in zip(*columns, strict=True)]
    return np.concatenate(rows, 0)[:-gap, :-gap]


def _decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8).astype(np.float64)


def _signed(part: np.ndarray) -> np.ndarray:
    """Return numbers (H, W) from -1 to 1 as colours (H, W, 3): blue, white at zero, red."""
    ends = np.where(part[..., None] < 0, np.array(_BLUE), np.array(_RED)) / 255
    return 1 + np.abs(part).clip(0, 1)[..., None] * (ends - 1)


def _framed(tile: np.ndarray, gap: int) -> np.ndarray:
    return np.pad(tile, ((0, gap), (0, gap), (0, 0)), constant_values=1.0)
