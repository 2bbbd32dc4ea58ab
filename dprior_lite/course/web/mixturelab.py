"""The laboratory of the course: a two-dimensional mixture of round Gaussians under the pointer, in closed form.

What `miyasawa.GaussianMixture` computes is computed again in the page (`mixture.js`, equal to 1e-6), so that
clouds and noise can be moved without a kernel.  Later chapters lay their own pictures over it through `Layer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dprior_lite.course.web import widgets

#: Arrows along each side of the laboratory.
ARROWS = 17

_READOUT = (
    ("y", "probe y"),
    ("mean", "posterior mean x̂(y)"),
    ("residual", "‖x̂ − y‖"),
    ("level", "‖x̂ − y‖/√2, next to σ"),
    ("slope", "largest slope of x̂"),
    ("density", "log p_σ(y), nats"),
)


@dataclass(frozen=True)
class Layer:
    """Something drawn over the laboratory, with a box to switch it on.

    Parameters
    ----------
    name : str
        Key of its function in `DPrior.mixture.layers` (`mixturelab.js` says what the function returns).
    label : str
        Beside the box.
    data : dict
        Handed to the function.
    script : str
        Source that registers the function; empty for `arrows`, which the laboratory brings along.
    """

    name: str
    label: str
    data: Mapping[str, Any]
    script: str = ""


def extent(means: Sequence[Sequence[float]], stds: Sequence[float]) -> float:
    """Half the side of the square that shows all clouds with room around them.

    Examples
    --------
    >>> extent([[-1.0, 0.0], [1.0, 0.5]], [0.3, 0.3])
    2.5
    """
    reach = max(abs(value) + 2.5 * std for mean, std in zip(means, stds, strict=True) for value in mean)
    return float(np.ceil(2 * (reach + 0.5)) / 2)


def grid(half: float) -> Tensor:
    """Feet of the arrows, (ARROWS², 2) float64, row by row from the top left of the square [-half, half]²."""
    centres = (torch.arange(ARROWS, dtype=torch.float64) + 0.5) / ARROWS * 2 - 1
    rows, columns = torch.meshgrid(-centres, centres, indexing="ij")
    return torch.stack([columns, rows], dim=-1).reshape(-1, 2) * half


def slider_levels(sigmas: tuple[float, float] = (0.05, 2.0), count: int = 26) -> list[float]:
    """Return noise levels in even steps of their logarithm, at which an overlay follows the slider.

    Parameters
    ----------
    sigmas : (float, float)
        Ends of the slider, as for `MixtureLab`.
    count : int
        How many; 26 leave no place of the slider further than 8 % from one, at 1.5 kB each.

    Examples
    --------
    >>> slider_levels(count=3)
    [0.05, 0.316, 2.0]
    """
    return [float(f"{sigma:.3g}") for sigma in np.geomspace(*sigmas, count)]


def overlay(
    denoiser: Callable[[Tensor, float], Tensor],
    sigmas: Sequence[float],
    half: float,
    label: str = "arrows of the trained network",
) -> dict[str, Any]:
    """Arrows of a denoiser on the laboratory's grid, for `MixtureLab(overlay=...)`.

    Parameters
    ----------
    denoiser : callable
        `denoiser(y, sigma) -> x_hat`, y float32 (B, 2).
    sigmas : sequence of float
        Noise levels at which to evaluate it, such as `slider_levels()`. The laboratory shows the nearest one; where
        that is another level than its own, the arrows are faint and a note says so.
    half : float
        `extent` of the laboratory.
    label : str
        Beside the box.

    Returns
    -------
    dict
        label, extent, sigmas, and the residuals (S, ARROWS², 2) rounded to 3 decimals.

    Examples
    --------
    >>> overlay(lambda y, sigma: y / 2, [0.5], 2.0)["residuals"].shape
    (1, 289, 2)
    """
    y = grid(half).float()
    with torch.no_grad():
        residuals = torch.stack([denoiser(y, float(sigma)) - y for sigma in sigmas])
    return {
        "label": label,
        "extent": half,
        "sigmas": [float(sigma) for sigma in sigmas],
        "residuals": residuals.double().numpy().round(3),
    }


class MixtureLab(widgets.Widget):
    """Draggable clouds, a noise slider, arrows of the residual, shading by log p_sigma, a probe.

    Parameters
    ----------
    means : sequence of (float, float)
        Centres of the clouds.
    stds, weights : sequence of float
        Standard deviation and probability of each cloud.
    sigma : float
        Noise at the start, within `sigmas`.
    sigmas : (float, float)
        Ends of the noise slider, which is logarithmic.
    overlay : dict, optional
        From `overlay`: arrows of a trained network for the clouds' first places.
    probe : (float, float)
        Where the probe stands first.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.
    half : float, optional
        Half the side of the square; `extent(means, stds)` unless given.
    layers : sequence of Layer
        More to draw, each with its box.

    Raises
    ------
    ValueError
        If lengths or ranges do not fit, a text is empty, or the overlay was made for another square.

    Examples
    --------
    >>> MixtureLab([[-1, 0], [1, 0]], [0.3, 0.3], [0.5, 0.5], caption="Two clouds.", alt="Arrows point at two clouds.")
    laboratory: 2 clouds, sigma 0.05 to 2
    """

    def __init__(
        self,
        means: Sequence[Sequence[float]],
        stds: Sequence[float],
        weights: Sequence[float],
        sigma: float = 0.5,
        sigmas: tuple[float, float] = (0.05, 2.0),
        overlay: Mapping[str, Any] | None = None,
        probe: tuple[float, float] = (0.0, 0.0),
        caption: str = "",
        alt: str = "",
        half: float | None = None,
        layers: Sequence[Layer] = (),
    ) -> None:
        means, stds, weights = (np.asarray(values, dtype=float).tolist() for values in (means, stds, weights))
        _validate(means, stds, weights, sigma, sigmas)
        half = extent(means, stds) if half is None else half
        layers = [*([_arrows(overlay, half)] if overlay else []), *layers]
        record = {
            "means": means,
            "stds": stds,
            "weights": weights,
            "sigma": sigma,
            "sigmas": list(sigmas),
            "probe": list(probe),
            "extent": half,
            "layers": [
                {"name": each.name, "label": each.label, "data": dict(each.data), "script": each.script}
                for each in layers
            ],
            "caption": widgets.needed("caption", caption),
            "alt": widgets.needed("alt text", alt),
        }
        text = f"laboratory: {len(means)} clouds, sigma {sigmas[0]:g} to {sigmas[1]:g}"
        super().__init__("mixturelab", record, text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: the slider's place, and what is read out."""
    low, high = record["sigmas"]
    return {"place": round(100 * np.log(record["sigma"] / low) / np.log(high / low)), "readout": _READOUT}


def _validate(means: list, stds: list, weights: list, sigma: float, sigmas: tuple[float, float]) -> None:
    if not means or any(len(mean) != 2 for mean in means) or not len(means) == len(stds) == len(weights):
        raise ValueError(
            f"expected K centres (x, y), K standard deviations and K weights, not {means}, {stds}, {weights}"
        )
    if min(stds) < 0 or min(weights) <= 0 or abs(sum(weights) - 1) > 1e-6:
        raise ValueError(
            f"standard deviations must not be negative, weights positive with sum 1; came {stds} and {weights}"
        )
    if not 0 < sigmas[0] <= sigma <= sigmas[1] or sigmas[0] == sigmas[1]:
        raise ValueError(
            f"expected 0 < smallest <= sigma <= greatest noise, came sigma={sigma} and sigmas={tuple(sigmas)}"
        )


def _arrows(overlay: Mapping[str, Any], half: float) -> Layer:
    residuals = np.asarray(overlay["residuals"])
    wanted = (len(overlay["sigmas"]), ARROWS**2, 2)
    if residuals.shape != wanted or overlay["extent"] != half:
        raise ValueError(
            f"an overlay with residuals {wanted} on the square of half side {half} was expected, not "
            f"{residuals.shape} on {overlay['extent']}; make it with mixturelab.overlay(net, sigmas, {half})"
        )
    whole = np.round(1000 * residuals)
    if np.abs(whole).max(initial=0) > 32767:
        raise ValueError(f"residuals of at most 32 were expected, not up to {np.abs(residuals).max():.3g}")
    coded = [widgets.text_of(each.astype("<i2").tobytes()) for each in whole]
    return Layer("arrows", overlay["label"], {"sigmas": list(overlay["sigmas"]), "thousandths": coded})
