"""Pictures drawn from the prior inside a small denoiser, in the page: up the residual until no noise is left.

The walk of Kadkhodaie & Simoncelli (2021, algorithm 1). From `y = mean + sigma_0 z` on, step t takes the share
`h = h0 t / (1 + h0 (t - 1))` of the residual `r = x_hat - y` and adds fresh noise,

    y <- y + h r + gamma z,    gamma = sigma sqrt((1 - beta h)^2 - (1 - h)^2),    sigma = sqrt(mean r^2),

until `sigma <= sigma_L`; what is drawn is the x_hat of the last y.  The network is never told sigma.  It is one of
`jsnet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dprior_lite.course.web import jsnet, widgets
from dprior_lite.sampling import Ascent

#: Most steps of a walk; a picture's noise of step t has the seed `MOST * seed + t`.
MOST = 4096

_KEPT = 8  # pictures in the collection under the panels


class PriorSampler(widgets.Widget):
    """A walk from noise to a picture of the prior: state, what the network believes, the noise left.

    One slider moves `beta`, a button draws with the next seed, and every step of the last walk can be looked at again.

    Parameters
    ----------
    layers : sequence of (weight (O, I, 3, 3), bias (O,) or None, relu)
        The network, as `BFCNN.folded()` gives it.
    shape : (int, int)
        Height and width of the pictures in pixels, multiples of `unshuffle`.
    betas : sequence of float
        Values of the slider, rising, in (0, 1]: 1 adds no noise on the way, a smaller one adds more and takes more
        steps.
    h0 : float
        Share of the residual that the first step takes, in (0, 1].
    sigma_0, sigma_L : float
        Noise at the start and at which the walk ends, where pictures have values in [0, 1].
    mean : float
        Grey of the start.
    residual : bool
        True if the layers estimate the *noise*, so that x_hat = y - layers(y); False if they give x_hat.
    unshuffle : int
        Side of the blocks of pixels that the network works on, as in `BFCNN`; 1 for the picture as it is.
    start : float, optional
        The `beta` at the start; the middle one unless given.
    seed : int
        Of the first picture; the button counts on from it.
    max_steps : int
        Steps after which a walk that has not arrived is given up.
    caption, alt : str
        What to see; what is seen, for readers who do not see it.

    Raises
    ------
    ValueError
        If layers do not fit together or do not fit the shape, `betas`, noise levels or `h0` are out of range, theory
        needs more than `max_steps` for the smallest beta, a text is empty, or the figure is over 400 kB.

    Examples
    --------
    >>> mean = [(np.full((1, 1, 3, 3), 1 / 9), None, False)]
    >>> PriorSampler(mean, (8, 8), [0.1, 1], residual=False, caption="Smooth pictures.",
    ...              alt="A noisy square that becomes smooth.")
    sampler in the page: 8 x 8 pixels, beta 0.1 to 1, sigma 1 to 0.01
    """

    def __init__(
        self,
        layers: Sequence[jsnet.Layer],
        shape: tuple[int, int],
        betas: Sequence[float],
        h0: float = 0.05,
        sigma_0: float = 1.0,
        sigma_L: float = 0.01,
        mean: float = 0.5,
        residual: bool = True,
        unshuffle: int = 1,
        start: float | None = None,
        seed: int = 0,
        max_steps: int = 300,
        caption: str = "",
        alt: str = "",
    ) -> None:
        pixels = jsnet.grey(np.full(shape, 0.5), unshuffle)
        _validate(betas, h0, sigma_0, sigma_L, mean, start, seed, max_steps)
        values, place = jsnet.levels(betas, start)
        theory = [[float(f"{sigma:.6g}") for sigma in expected_noise(beta, h0, sigma_0, sigma_L)] for beta in values]
        record = {
            "height": pixels.shape[0],
            "width": pixels.shape[1],
            "caption": widgets.needed("caption", caption),
            "alt": widgets.needed("alt text", alt),
            "betas": values,
            "start": place,
            "theory": theory,
            "h0": float(h0),
            "sigma0": float(sigma_0),
            "sigmaL": float(sigma_L),
            "mean": float(mean),
            "seed": int(seed),
            "steps": int(max_steps),
            "most": MOST,
            "net": jsnet.network("network", layers, residual, unshuffle),
        }
        text = (
            f"sampler in the page: {jsnet.size(pixels)}, beta {values[0]:g} to {values[-1]:g}, sigma {sigma_0:g} to"
            f" {sigma_L:g}"
        )
        super().__init__("sampler", record, text)


def view(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the template needs beside the record: how many pictures the collection holds."""
    return {"kept": _KEPT}


def expected_noise(
    beta: float, h0: float = 0.05, sigma_0: float = 1.0, sigma_L: float = 0.01, most: int = MOST
) -> list[float]:
    """Return the noise that theory expects before the walk and after each step, down to `sigma_L`.

    It is `sigma_0 prod(1 - beta h_k)`, the levels of `sampling.Ascent`.

    Parameters
    ----------
    beta, h0 : float
        As in `PriorSampler`.
    sigma_0, sigma_L : float
        Noise at the start and at the end.
    most : int
        Steps after which to stop in any case.

    Returns
    -------
    list of float
        Falling, `sigma_0` first; of them only the last is at most `sigma_L`, unless the walk takes more than `most`
        steps.

    Examples
    --------
    >>> [round(sigma, 3) for sigma in expected_noise(1, h0=0.5, sigma_L=0.3)]
    [1.0, 0.5, 0.167]
    >>> {beta: len(expected_noise(beta)) - 1 for beta in (0.05, 0.1, 0.5, 1)}
    {0.05: 129, 0.1: 75, 0.5: 24, 1: 15}
    """
    return Ascent(h0=h0, beta=beta, sigma_0=float(sigma_0), sigma_L=sigma_L, max_steps=most).levels()[: most + 1]


def _validate(
    betas: Sequence[float],
    h0: float,
    sigma_0: float,
    sigma_L: float,
    mean: float,
    start: float | None,
    seed: int,
    max_steps: int,
) -> None:
    if not len(betas) or not 0 < betas[0] <= betas[-1] <= 1 or min(np.diff(betas), default=1) <= 0:
        raise ValueError(f"at least one beta in (0, 1], each above the one before, was expected, not {list(betas)}")
    if start is not None and start not in list(betas):
        raise ValueError(f"start={start} was expected among betas={list(betas)}")
    if not 0 < h0 <= 1:
        raise ValueError(f"h0 in (0, 1], the share of the residual that the first step takes, was expected, not {h0}")
    if not 0 < sigma_L < sigma_0 < np.inf or not np.isfinite(mean):
        raise ValueError(
            f"0 < sigma_L < sigma_0 and a finite mean were expected, not sigma_L={sigma_L}, sigma_0={sigma_0},"
            f" mean={mean}"
        )
    if seed < 0 or not 1 <= max_steps < MOST:
        raise ValueError(
            f"a seed from 0 on and 1 to {MOST - 1} steps at most were expected, not seed={seed}, max_steps={max_steps}"
        )
    if expected_noise(betas[0], h0, sigma_0, sigma_L, max_steps)[-1] > sigma_L:
        raise ValueError(
            f"beta={betas[0]:g} was expected to arrive within max_steps={max_steps}; by theory it does not, so take a "
            "larger beta, a larger sigma_L or more steps"
        )
