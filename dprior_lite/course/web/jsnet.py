"""A small trained network inside the page: noise on a slider, denoised by plain JavaScript without a kernel.

Only stacks of 3x3 convolutions with zero padding and ReLU (`BFCNN.folded()` gives one).  About 5 layers of 32 channels
on 64x64 pixels keep up with a slider.  `Twins` and `FilterLens` are made of the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dprior_lite.course.web import widgets

#: Weight (O, I, 3, 3), bias (O,) or None, and whether a ReLU follows.
Layer = tuple[ArrayLike, ArrayLike | None, bool]


class JSDenoiser(widgets.Widget):
    """One network, or several side by side, denoising one picture at the noise of a slider.

    Parameters
    ----------
    nets : sequence of layers, or dict of str to (layers, residual)
        One network, or several by name; a layer is `(weight (O, I, 3, 3), bias (O,) or None, relu)`.
    picture : array (H, W)
        The clean picture, grey, in [0, 1]; kept with 8 bits.
    sigmas : sequence of float
        Noise levels of the slider, in units of 1/255.
    residual : bool
        True if the layers estimate the *noise*, so that x_hat = y - layers(y); False if they give x_hat. For one
        network.
    seed : int
        Of the noise; the button counts on from it.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.
    start : float, optional
        Noise level at the start; the middle one unless given.
    unshuffle : int
        Side of the blocks of pixels that every network works on, as in `BFCNN`; 1 for the picture as it is.

    Raises
    ------
    ValueError
        If layers do not fit together, the picture is not grey in [0, 1], a text is empty, or the figure is over 400 kB.

    Examples
    --------
    >>> identity = np.zeros((1, 1, 3, 3)); identity[0, 0, 1, 1] = 1
    >>> JSDenoiser([(identity, None, False)], np.full((8, 8), 0.5), [10, 50], residual=False, caption="Nothing done.",
    ...            alt="a grey square, noisy and unchanged")
    network in the page: denoised, 8 x 8 pixels
    """

    def __init__(
        self,
        nets: Sequence[Layer] | Mapping[str, tuple[Sequence[Layer], bool]],
        picture: ArrayLike,
        sigmas: Sequence[float],
        residual: bool = True,
        seed: int = 0,
        caption: str = "",
        alt: str = "",
        start: float | None = None,
        unshuffle: int = 1,
    ) -> None:
        named = dict(nets) if isinstance(nets, Mapping) else {"denoised": (nets, residual)}
        pixels = grey(picture, unshuffle)
        values, place = levels(sigmas, start)
        record = pixels_data(pixels, caption, alt) | {
            "sigmas": values,
            "start": place,
            "seed": seed,
            "names": list(named),
            "nets": [network(name, *net, unshuffle) for name, net in named.items()],
        }
        super().__init__("jsnet", record, f"network in the page: {', '.join(named)}, {size(pixels)}")


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template of `JSDenoiser` needs beside its record: nothing."""
    return {}


def grey(picture: ArrayLike, unshuffle: int = 1) -> np.ndarray:
    """Return a grey picture (H, W) in [0, 1] with 8 bits a pixel; sides are multiples of `unshuffle`.

    Examples
    --------
    >>> grey([[0, 0.5, 1]])
    array([[  0, 128, 255]], dtype=uint8)
    """
    array = np.asarray(picture, dtype=np.float64)
    if array.ndim != 2 or not array.size or not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise ValueError(
            f"a grey picture (H, W) in [0, 1] was expected, not shape {array.shape} with values "
            f"{array.min(initial=np.inf):.3g} to {array.max(initial=-np.inf):.3g}"
        )
    if unshuffle < 1 or any(side % unshuffle for side in array.shape):
        raise ValueError(
            f"a picture with sides in multiples of unshuffle={unshuffle} was expected, not {array.shape}; crop it"
        )
    return np.round(array * 255).astype(np.uint8)


def pixels_data(pixels: np.ndarray, caption: str, alt: str) -> dict[str, Any]:
    """Return what a record says of its clean picture (H, W) of bytes, of its caption and of its alt text.

    Examples
    --------
    >>> pixels_data(np.zeros((1, 3), dtype=np.uint8), "Black.", "a black bar")["picture"]
    'AAAA'
    """
    return {
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "picture": widgets.text_of(pixels.tobytes()),
        "caption": widgets.needed("caption", caption),
        "alt": widgets.needed("alt text", alt),
    }


def size(pixels: np.ndarray) -> str:
    """Return the size of a picture in words.

    Examples
    --------
    >>> size(np.zeros((8, 6)))
    '8 x 6 pixels'
    """
    return f"{pixels.shape[0]} x {pixels.shape[1]} pixels"


def levels(sigmas: Sequence[float], start: float | None) -> tuple[list[float], int]:
    """Return the noise levels of a slider and the place of `start` among them, the middle unless given.

    Whole levels are given as int.

    Examples
    --------
    >>> levels([5.0, 7.5, 10.0], start=10)
    ([5, 7.5, 10], 2)
    """
    values = [float(sigma) if sigma % 1 else int(sigma) for sigma in sigmas]
    if not values or (start is not None and start not in values):
        raise ValueError(f"start={start} was expected among the noise levels {values}, of which there is at least one")
    return values, len(values) // 2 if start is None else values.index(start)


def network(name: str, layers: Sequence[Layer], residual: bool, unshuffle: int = 1) -> dict[str, Any]:
    """Return one network as its script reads it, or say which layer does not fit.

    A layer is kept as float16 where that loses nothing, else as float32.

    Examples
    --------
    >>> network("none", [(np.zeros((1, 1, 3, 3)), None, False)], True)["layers"][0]["weight"]
    'AAAAAAAAAAAAAAAAAAAAAAAA'
    """
    coded, ends = [], unshuffle**2
    channels = ends
    for i, (weight, bias, relu) in enumerate(layers):
        weight = np.asarray(weight, dtype=np.float64)
        if weight.ndim != 4 or weight.shape[1:] != (channels, 3, 3):
            raise ValueError(f"layer {i} of {name!r}: a weight (O, {channels}, 3, 3) was expected, not {weight.shape}")
        channels = weight.shape[0]
        if bias is not None and np.shape(bias) != (channels,):
            raise ValueError(f"layer {i} of {name!r}: a bias ({channels},) was expected, not {np.shape(bias)}")
        half = all(_fits_half(values) for values in (weight, bias) if values is not None)
        coded.append(
            {
                "inputs": weight.shape[1],
                "outputs": channels,
                "relu": bool(relu),
                "half": half,
                "weight": _coded(weight, half),
                "bias": None if bias is None else _coded(bias, half),
            }
        )
    if channels != ends:
        raise ValueError(
            f"{name!r} ends with {channels} channels; a network that gives {ends}, one grey picture, was expected"
        )
    return {"residual": bool(residual), "unshuffle": unshuffle, "layers": coded}


def _fits_half(values: ArrayLike) -> bool:
    exact = np.asarray(values, dtype=np.float32)
    with np.errstate(over="ignore"):
        return bool((exact == exact.astype(np.float16)).all())


def _coded(values: ArrayLike, half: bool) -> str:
    with np.errstate(over="ignore"):
        coded = np.asarray(values, dtype=np.float64).astype("<f2" if half else "<f4")
    if not np.isfinite(coded).all():
        raise ValueError(f"finite weights were expected, not up to {np.abs(values).max():.3g}")
    return widgets.text_of(coded.tobytes())
