"""Figures in one style: rows of pictures on one grey range, signed data centred at zero, colours for every reader.

A figure from `axes` or `pictures` is displayed as SVG if it consists of lines and text, and as a palette PNG with twice
the pixels of its size in the page if there is a picture in it. The same figure gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from dprior_lite.course.page.strips import strip
from dprior_lite.course.page.svg import compact
from dprior_lite.course.web import palette

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "PageFigure",
    "axes",
    "pictures",
    "show_picture",
    "strip",
    "style",
]

# Okabe & Ito (2008): told apart by colour-blind readers, and by lightness in print
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "figure.facecolor": "white",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GREEN, PURPLE, GREY]),
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    # the names inside an SVG depend on what is drawn, not on chance
    "svg.hashsalt": "dprior",
}
SHOWN = 100  # CSS pixels an inch
LARGEST_SVG = 150_000  # bytes; a plot of more marks than that is smaller as a picture


class PageFigure(Figure):
    """A matplotlib figure that is displayed as SVG, or as PNG with twice the pixels of its size.

    Examples
    --------
    >>> figure, _ = axes()
    >>> type(figure).__name__
    'PageFigure'
    """

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        drawn = "" if self._has_pictures() else svg(self)
        if drawn and len(drawn) <= LARGEST_SVG:
            return {"image/svg+xml": drawn}, {}
        content, (width, height) = png(self)
        return {"image/png": content}, {"image/png": {"width": width, "height": height}}

    def _has_pictures(self) -> bool:
        return bool(self.images) or any(panel.images or panel.get_rasterized() for panel in self.axes)


def svg(figure: Figure) -> str:
    """Return a figure as SVG: no date in it, and the same text for the same figure.

    Examples
    --------
    >>> svg(axes()[0]) == svg(axes()[0])
    True
    """
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    # from the first tag on: what stands before it names a document type on another machine
    return compact(buffer.getvalue()[buffer.getvalue().index("<svg") :])


def png(figure: Figure) -> tuple[bytes, tuple[int, int]]:
    """Return a figure as palette PNG with twice the pixels at which it is shown, and its size in the page.

    Returns
    -------
    bytes, (int, int)
        The file, which says 200 dots an inch, and the CSS pixels of width and height.

    Examples
    --------
    >>> png(axes(width=3, height=2)[0])[1]
    (300, 200)
    """
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="png", dpi=2 * SHOWN, facecolor="white", metadata={"Software": None})
    image = Image.open(buffer).convert("RGB")
    return palette.encoded(image, 256, dpi=2 * SHOWN), (image.width // 2, image.height // 2)


def _displayed_by_itself() -> None:
    """Tell a notebook to leave figures of the book to `PageFigure`, which would be stored twice else."""
    from IPython import get_ipython

    shell = get_ipython()
    for formatter in shell.display_formatter.formatters.values() if shell else ():
        if formatter.format_type.startswith("image/"):
            formatter.for_type(PageFigure, lambda figure: None)


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the book.

    Examples
    --------
    >>> with style():
    ...     plt.rcParams["legend.frameon"]
    False
    """
    # a backend first met inside the context would be switched off again on leaving it
    plt.switch_backend(mpl.get_backend())
    with mpl.rc_context(STYLE):
        yield


def axes(rows: int = 1, columns: int = 1, width: float = 7.5, height: float = 2.8) -> tuple[Figure, np.ndarray]:
    """Return an empty figure in the style of the book and its axes, an array (rows, columns).

    Parameters
    ----------
    rows, columns : int
        Panels.
    width, height : float
        Inches; the text of a page is about 7.5 wide.

    Examples
    --------
    >>> axes(1, 2)[1].shape
    (1, 2)
    """
    _displayed_by_itself()
    with style():
        return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, FigureClass=PageFigure)


def show_picture(panel: Axes, x: Tensor, title: str = "", signed: float | None = None) -> None:
    """Draw one picture (C, H, W) or (H, W) into a panel: grey from 0 to 1, or signed data.

    Signed data go from `-signed` (blue) over 0 (white) to `signed` (red).

    Examples
    --------
    >>> import torch
    >>> figure, panels = axes()
    >>> show_picture(panels[0, 0], torch.zeros(1, 4, 4), "black")
    """
    array = x.detach().cpu().numpy()
    if array.ndim == 3:
        array = array[0] if len(array) == 1 else np.moveaxis(array, 0, -1)  # (H, W) or (H, W, C)
    if signed is None:
        panel.imshow(array.clip(0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    else:
        panel.imshow(array, cmap="RdBu_r", vmin=-signed, vmax=signed, interpolation="nearest")
    panel.set_title(title)
    panel.set_axis_off()


def pictures(
    rows: Sequence[Sequence[Tensor]], titles: Sequence[str] = (), labels: Sequence[str] = (), width: float = 7.5
) -> Figure:
    """Return a grid of pictures on one grey range.

    Parameters
    ----------
    rows : sequence of sequences of Tensor
        Pictures (C, H, W) in [0, 1]; what lies outside is clipped for display only.
    titles : sequence of str
        Above the columns.
    labels : sequence of str
        Left of the rows.
    width : float
        Inches.

    Examples
    --------
    >>> import torch
    >>> len(pictures([[torch.zeros(1, 4, 4)] * 3], titles=["a", "b", "c"]).axes)
    3
    """
    columns = max(len(row) for row in rows)
    height, wide = rows[0][0].shape[-2:]
    side = width / columns
    figure, panels = axes(len(rows), columns, width, len(rows) * side * height / wide + (0.25 if titles else 0))
    for i, row in enumerate(rows):
        for j, panel in enumerate(panels[i]):
            panel.set_axis_off()
            if j < len(row):
                show_picture(panel, row[j], titles[j] if i == 0 and j < len(titles) else "")
        if labels:
            panels[i, 0].text(
                -0.03, 0.5, labels[i], transform=panels[i, 0].transAxes, rotation=90, ha="right", va="center"
            )
    return figure
