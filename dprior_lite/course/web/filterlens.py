"""The row of a denoiser's Jacobian under the pointer, back-propagated in the page.

A network of convolutions and ReLUs without additive constants is, at each noisy picture y, a matrix: `x_hat = J y`.
The row of a pixel is the filter that makes this pixel from the noisy ones (Mohan, Kadkhodaie, Simoncelli &
Fernandez-Granda 2020). The page keeps which ReLUs are open, goes back through them from one pixel, and adds up weights
times pixels to show that the sum *is* the output.  The network is one of `jsnet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from dprior_lite.course.web import jsnet, widgets

_READOUT = (
    ("pixel", "pixel (row, column)"),
    ("weights", "sum of weights"),
    ("radius", "filter radius"),
    ("share", "squared weights inside the window"),
)


class FilterLens(widgets.Widget):
    """A noisy picture, its denoised pixels, and the filter behind the pixel that the reader points at.

    Parameters
    ----------
    layers : sequence of (weight (O, I, 3, 3), None, relu)
        The network without biases, as `BFCNN.folded()` gives it.
    picture : array (H, W)
        The clean picture, grey, in [0, 1]; kept with 8 bits.
    sigmas : sequence of float
        Noise levels of the slider, in units of 1/255.
    residual : bool
        True if the layers estimate the *noise*, so that x_hat = y - layers(y); False if they give x_hat.
    seed : int
        Of the noise; the button counts on from it.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.
    start : float, optional
        Noise level at the start; the middle one unless given.
    unshuffle : int
        Side of the blocks of pixels that the network works on, as in `BFCNN`; 1 for the picture as it is.
    window : int
        Side in pixels of the neighbourhood in which the filter is drawn, odd.
    pixel : (int, int), optional
        Row and column to begin at; the middle unless given.

    Raises
    ------
    ValueError
        If there is a bias, layers do not fit together, the picture is not grey in [0, 1] or does not fill the blocks,
        the window or the pixel does not fit the picture, a text is empty, or the figure is over 400 kB.

    Examples
    --------
    >>> import numpy as np
    >>> mean = [(np.full((1, 1, 3, 3), 1 / 9), None, False)]
    >>> FilterLens(mean, np.full((9, 9), 0.5), [10, 50], residual=False, unshuffle=1, window=5,
    ...            caption="A mean over nine pixels.", alt="A grey square and a filter of nine equal weights.")
    filter under the pointer: 9 x 9 pixels, window 5, receptive field 3
    """

    def __init__(
        self,
        layers: Sequence[jsnet.Layer],
        picture: ArrayLike,
        sigmas: Sequence[float],
        residual: bool = True,
        seed: int = 0,
        caption: str = "",
        alt: str = "",
        start: float | None = None,
        unshuffle: int = 2,
        window: int = 21,
        pixel: tuple[int, int] | None = None,
    ) -> None:
        pixels = jsnet.grey(picture, unshuffle)
        values, place = jsnet.levels(sigmas, start)
        at = (pixels.shape[0] // 2, pixels.shape[1] // 2) if pixel is None else tuple(int(index) for index in pixel)
        _validate(layers, pixels.shape, window, at)
        field = unshuffle * (2 * len(layers) + 1)
        record = jsnet.pixels_data(pixels, caption, alt) | {
            "sigmas": values,
            "start": place,
            "seed": seed,
            "window": window,
            "pixel": list(at),
            "field": field,
            "net": jsnet.network("network", layers, residual, unshuffle),
        }
        text = f"filter under the pointer: {jsnet.size(pixels)}, window {window}, receptive field {field}"
        super().__init__("filterlens", record, text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: what is read out."""
    cut = record["field"] > record["window"]
    return {"readout": [(name, text) for name, text in _READOUT if cut or name != "share"]}


def _validate(layers: Sequence[jsnet.Layer], shape: tuple[int, ...], window: int, pixel: tuple[int, ...]) -> None:
    biased = [i for i, (_, bias, _) in enumerate(layers) if bias is not None]
    if biased:
        raise ValueError(
            f"layers without a bias were expected, but {biased} have one: weights times pixels would not be the output"
        )
    if window % 2 != 1 or not 3 <= window <= min(shape):
        raise ValueError(
            f"an odd window from 3 pixels to the picture's smaller side {min(shape)} was expected, not {window}"
        )
    if len(pixel) != 2 or not all(0 <= index < side for index, side in zip(pixel, shape, strict=True)):
        raise ValueError(f"a pixel (row, column) within {shape} was expected, not {pixel}")
