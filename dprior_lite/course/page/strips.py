"""A strip of states under a loop: the noisy picture, what the denoiser takes it for, the noise that is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dprior_lite.course.page.numbers import number
from dprior_lite.course.web import widgets


def strip(
    states: Iterable[Any],
    caption: str,
    alt: str,
    count: int = 6,
    item: int = 0,
    side: int = 112,
) -> widgets.Widget:
    """Return a strip of states of an iterative algorithm, in even steps from the first to the last.

    Parameters
    ----------
    states : iterable
        States with `step`, `y`, `x_hat` and `sigma`, as the loops of the package yield them, or tuples of these four;
        pictures (B, C, H, W), (C, H, W) or (H, W) in about [0, 1], clipped for display only.
    caption : str
        What to see.
    alt : str
        What is seen, for readers who do not see it.
    count : int
        How many states to show.
    item : int
        Which picture of a batch.
    side : int
        CSS pixels of a picture's width; it is stored as it is and enlarged by the page.

    Raises
    ------
    ValueError
        If there are no states, or a text is empty.

    Examples
    --------
    >>> fall = [(n, torch.rand(1, 1, 8, 8), torch.zeros(1, 1, 8, 8), 0.5 / (n + 1)) for n in range(9)]
    >>> strip(fall, "Less and less noise.", "A square of noise that turns black.", count=3)
    strip of 3 states: steps 0, 4, 8; σ = 0.5, 0.1, 0.0556
    """
    kept = [_plain(state, item) for state in states]
    if not kept:
        raise ValueError("at least one state was expected")
    places = dict.fromkeys(np.linspace(0, len(kept) - 1, min(count, len(kept))).round().astype(int).tolist())
    shown = [kept[place] for place in places]
    record = {
        "caption": widgets.needed("caption", caption),
        "alt": widgets.needed("alt text", alt),
        "side": side,
        "states": [
            {"step": step, "y": _coded(y), "x_hat": _coded(x_hat), "sigma": sigma} for step, y, x_hat, sigma in shown
        ],
    }
    steps, levels = ", ".join(str(s[0]) for s in shown), ", ".join(number(s[3]) for s in shown)
    return widgets.Widget("strip", record, f"strip of {len(shown)} states: steps {steps}; σ = {levels}")


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: nothing."""
    return {}


def _plain(state: Any, item: int) -> tuple[int, np.ndarray, np.ndarray, float]:
    """Return step, y, x_hat and sigma of one item of a state, detached from everything."""
    parts: Sequence[Any] = state if isinstance(state, tuple) else (state.step, state.y, state.x_hat, state.sigma)
    step, y, x_hat, sigma = parts
    return int(_number(step, item)), _picture(y, item), _picture(x_hat, item), _number(sigma, item)


def _number(value: Any, item: int) -> float:
    each = torch.as_tensor(value).detach().flatten()  # () or (B,)
    return float(each[item if each.numel() > 1 else 0])


def _picture(x: Tensor, item: int) -> np.ndarray:
    x = torch.as_tensor(x).detach().float().cpu()
    x = x[item] if x.ndim == 4 else x
    x = x.squeeze(0) if x.ndim == 3 and len(x) == 1 else x.movedim(0, -1) if x.ndim == 3 else x  # (H, W) or (H, W, 3)
    return x.clamp(0, 1).numpy()


def _coded(picture: np.ndarray) -> str:
    return widgets.text_of(widgets.png(picture, colors=128))
