"""A small trained network inside the page: noise on a slider, denoised by plain JavaScript without a kernel.

Only stacks of 3x3 convolutions with zero padding and ReLU (`BFCNN.folded()` gives one).  About 5 layers of 32 channels
on 64x64 pixels keep up with a slider.  `Twins` and `FilterLens` are made of the same parts.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dprior_lite.course.web import widgets

#: Weight (O, I, 3, 3), bias (O,) or None, and whether a ReLU follows.
Layer = tuple[ArrayLike, ArrayLike | None, bool]

NEW_NOISE = '<button type="button" class="dp-button dp-quiet" data-noise>New noise</button>'
#: What a screen reader says once the page has computed.
LIVE = '<p class="dp-sr dp-live" role="status" aria-live="polite"></p>'


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
        data = pixels_data(pixels) | {
            "sigmas": values,
            "seed": seed,
            "nets": [network(name, *net, unshuffle) for name, net in named.items()],
        }
        controls = (
            '<div class="dp-controls" hidden>'
            + slider("noise σ", "noise sigma", len(values), place, f"{values[place]:g}/255")
            + f"<div>{NEW_NOISE}</div></div>\n{LIVE}"
        )
        panels = side_by_side([panel(name, pixels.shape) for name in ("noisy", *named, "clean")], pixels.shape, alt)
        body = widgets.figure(f"{panels}\n{widgets.NEEDS_SCRIPTS}\n{controls}", caption)
        super().__init__(
            widgets.block("jsnet", body, data, [widgets.static("net.js"), widgets.static("jsnet.js")]),
            f"network in the page: {', '.join(named)}, {size(pixels)}",
        )


def grey(picture: ArrayLike, unshuffle: int = 1) -> np.ndarray:
    """Return a grey picture in [0, 1] with 8 bits a pixel, (H, W), whose sides are multiples of `unshuffle`.

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


def pixels_data(pixels: np.ndarray) -> dict[str, Any]:
    """Return what the script needs to know about the clean picture (H, W) of bytes.

    Examples
    --------
    >>> pixels_data(np.zeros((1, 3), dtype=np.uint8))
    {'height': 1, 'width': 3, 'picture': 'AAAA'}
    """
    return {"height": pixels.shape[0], "width": pixels.shape[1], "picture": base64.b64encode(pixels.tobytes()).decode()}


def size(pixels: np.ndarray) -> str:
    """Return the size of a picture in words.

    Examples
    --------
    >>> size(np.zeros((8, 6)))
    '8 x 6 pixels'
    """
    return f"{pixels.shape[0]} x {pixels.shape[1]} pixels"


def levels(sigmas: Sequence[float], start: float | None) -> tuple[list[float], int]:
    """Return the noise levels of a slider, whole ones as int, and the place of `start` among them (the middle unless given).

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
    """Return one network as its script reads it, or say which layer does not fit; a layer is kept as float16 where that loses nothing, else as float32.

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
    return base64.b64encode(coded.tobytes()).decode()


def panel(name: str, shape: tuple[int, ...], mark: str = "") -> str:
    """HTML of one picture (H, W) that a script paints, its name (after `mark`, HTML) and room for a text.

    Examples
    --------
    >>> panel("clean", (2, 3))[:58]
    '<div class="dp-panel" data-name="clean"><canvas width="3" '
    """
    name = html.escape(name)
    return (
        f'<div class="dp-panel" data-name="{name}"><canvas width="{shape[1]}" height="{shape[0]}" role="img" '
        f'aria-label="{name}"></canvas><p>{mark}{name} <b></b></p></div>'
    )


def side_by_side(panels: Iterable[str], shape: tuple[int, ...], alt: str) -> str:
    """HTML of panels with pictures of one shape (H, W); `alt` says what is seen on them.

    Examples
    --------
    >>> side_by_side([], (2, 3), "nothing")
    '<div class="dp-panels" role="group" aria-label="nothing" style="--dp-shape:3/2"></div>'
    """
    alt = html.escape(widgets.needed("alt text", alt))
    return (
        f'<div class="dp-panels" role="group" aria-label="{alt}"'
        f' style="--dp-shape:{shape[1]}/{shape[0]}">{"".join(panels)}</div>'
    )


def slider(label: str, spoken: str, steps: int, place: int, text: str) -> str:
    """HTML of a slider of so many steps that stands at `place`, where it says `text`.

    Examples
    --------
    >>> slider("noise", "noise", 3, 1, "10/255")[:48]
    '<label class="dp-slider"><span>noise</span><inpu'
    """
    return (
        f'<label class="dp-slider"><span>{label}</span><input type="range" min="0" max="{steps - 1}" step="1"'
        f' value="{place}" autocomplete="off" aria-label="{spoken}"><output aria-live="off">{text}</output></label>'
    )
