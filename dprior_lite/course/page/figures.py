"""Figures in one style: rows of pictures on one grey range, signed data centred at zero, colours for every reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

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
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the book.

    Examples
    --------
    >>> with style():
    ...     plt.rcParams["legend.frameon"]
    False
    """
    plt.switch_backend(
        mpl.get_backend()
    )  # a backend first met inside the context would be switched off again on leaving it
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
    with style():
        return plt.subplots(rows, columns, figsize=(width, height), squeeze=False)


def show_picture(panel: Axes, x: Tensor, title: str = "", signed: float | None = None) -> None:
    """Draw one picture (C, H, W) or (H, W) into a panel: grey from 0 to 1, or signed data from `-signed` (blue) to `signed` (red).

    Examples
    --------
    >>> import torch
    >>> figure, panels = axes()
    >>> show_picture(panels[0, 0], torch.zeros(1, 4, 4), "black")
    """
    array = x.detach().cpu().numpy()
    array = (
        array.squeeze(0)
        if array.ndim == 3 and len(array) == 1
        else np.moveaxis(array, 0, -1)
        if array.ndim == 3
        else array
    )
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
