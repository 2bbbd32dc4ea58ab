"""A small trained network inside the page: noise on a slider, denoised by plain JavaScript without a kernel.

Only stacks of 3x3 convolutions with zero padding and ReLU (`BFCNN.folded()` gives one).  About 5 layers of 32 channels on 64x64
pixels keep up with a slider.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dprior_lite.course import widgets

#: Weight (O, I, 3, 3), bias (O,) or None, and whether a ReLU follows.
Layer = tuple[ArrayLike, ArrayLike | None, bool]


class JSDenoiser(widgets.Widget):
    """One network, or several side by side, denoising one picture at the noise of a slider.

    Parameters
    ----------
    nets : sequence of layers, or dict of str to (layers, residual)
        One network, or several by name; a layer is ``(weight (O, I, 3, 3), bias (O,) or None, relu)``.
    picture : array (H, W)
        The clean picture, grey, in [0, 1]; kept with 8 bits.
    sigmas : sequence of float
        Noise levels of the slider, in units of 1/255.
    residual : bool
        True if the layers estimate the *noise*, so that x_hat = y - layers(y); False if they give x_hat. For one network.
    seed : int
        Of the noise; the button counts on from it.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.
    start : float, optional
        Noise level at the start; the middle one unless given.
    half : bool
        Keep weights as float16 (half the size) or as float32.

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

    def __init__(self, nets: Sequence[Layer] | Mapping[str, tuple[Sequence[Layer], bool]], picture: ArrayLike,
                 sigmas: Sequence[float], residual: bool = True, seed: int = 0, caption: str = "", alt: str = "",
                 start: float | None = None, half: bool = True) -> None:
        named = dict(nets) if isinstance(nets, Mapping) else {"denoised": (nets, residual)}
        picture = _grey(picture)
        levels = [float(sigma) if sigma % 1 else int(sigma) for sigma in sigmas]
        if not levels or (start is not None and start not in levels):
            raise ValueError(f"start={start} was expected among the noise levels {levels}, of which there is at least one")
        place = len(levels) // 2 if start is None else levels.index(start)
        data = {"height": picture.shape[0], "width": picture.shape[1], "picture": base64.b64encode(picture.tobytes()).decode(),
                "sigmas": levels, "seed": seed, "nets": [_net(name, *net, half) for name, net in named.items()]}
        body = widgets.figure(_panels(["noisy", *named, "clean"], picture.shape, alt) + _controls(levels, place), caption)
        super().__init__(widgets.block("jsnet", body, data, [widgets.static("net.js"), widgets.static("jsnet.js")]),
                         f"network in the page: {', '.join(named)}, "
                         f"{picture.shape[0]} x {picture.shape[1]} pixels")


def _grey(picture: ArrayLike) -> np.ndarray:
    array = np.asarray(picture, dtype=np.float64)
    if array.ndim != 2 or not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise ValueError(f"a grey picture (H, W) in [0, 1] was expected, not shape {array.shape} with values "
                         f"{array.min():.3g} to {array.max():.3g}")
    return np.round(array * 255).astype(np.uint8)


def _net(name: str, layers: Sequence[Layer], residual: bool, half: bool) -> dict[str, Any]:
    kind = "<f2" if half else "<f4"
    coded, channels = [], 1
    for i, (weight, bias, relu) in enumerate(layers):
        weight = np.asarray(weight, dtype=np.float64)
        if weight.ndim != 4 or weight.shape[1:] != (channels, 3, 3):
            raise ValueError(f"layer {i} of {name!r}: a weight (O, {channels}, 3, 3) was expected, not {weight.shape}")
        channels = weight.shape[0]
        coded.append({"inputs": weight.shape[1], "outputs": channels, "relu": bool(relu), "weight": _coded(weight, kind),
                      "bias": None if bias is None else _coded(np.asarray(bias), kind)})
    if channels != 1:
        raise ValueError(f"{name!r} ends with {channels} channels; a network that gives one grey picture was expected")
    return {"residual": bool(residual), "half": half, "layers": coded}


def _coded(values: np.ndarray, kind: str) -> str:
    with np.errstate(over="ignore"):
        coded = values.astype(kind)
    if not np.isfinite(coded).all():
        raise ValueError(f"weights up to {np.abs(values).max():.3g} do not fit into {np.dtype(kind).name}; use half=False")
    return base64.b64encode(coded.tobytes()).decode()


def _panels(names: Sequence[str], shape: tuple[int, ...], alt: str) -> str:
    alt = html.escape(widgets.needed("alt text", alt))
    cells = "".join(f'<div class="dp-panel" data-name="{html.escape(name)}"><canvas width="{shape[1]}" height="{shape[0]}" '
                    f'role="img" aria-label="{html.escape(name)}"></canvas><p>{html.escape(name)} <b></b></p></div>'
                    for name in names)
    return (f'<div class="dp-panels" role="group" aria-label="{alt}" style="--dp-shape:{shape[1]}/{shape[0]}">{cells}'
            f"</div>\n{widgets.NEEDS_SCRIPTS}\n")


def _controls(levels: Sequence[float], place: int) -> str:
    return ('<div class="dp-controls" hidden><label class="dp-slider"><span>noise σ</span>'
            f'<input type="range" min="0" max="{len(levels) - 1}" step="1" value="{place}" autocomplete="off" '
            f'aria-label="noise sigma"><output aria-live="off">{levels[place]:g}/255</output></label>'
            '<div><button type="button" class="dp-button dp-quiet" data-noise>New noise</button></div></div>\n'
            '<p class="dp-sr dp-live" role="status" aria-live="polite"></p>')
