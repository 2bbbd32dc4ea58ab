"""Filters of the orthonormal wavelets: Haar, and Daubechies' with two and four vanishing moments.

The taps are those of PyWavelets, written down here so that a training does not need that library. The high-pass filter
is the low-pass one in reverse order with alternating signs.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from dprior_lite.gates.names import nearest
from dprior_lite.gates.numbers import kind_of

# low-pass taps in the order of a correlation (PyWavelets calls them `rec_lo`)
LOW_PASS: Mapping[str, tuple[float, ...]] = {
    "haar": (0.7071067811865476, 0.7071067811865476),
    "db2": (0.48296291314453416, 0.8365163037378079, 0.2241438680420134, -0.12940952255126037),
    "db4": (
        0.2303778133088965,
        0.7148465705529157,
        0.6308807679298589,
        -0.027983769416859854,
        -0.18703481171909309,
        0.030841381835560764,
        0.0328830116668852,
        -0.010597401785069032,
    ),
}


def taps(wavelet: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the low-pass and the high-pass filter of a wavelet, each of unit norm.

    Parameters
    ----------
    wavelet : {"haar", "db2", "db4"}
        Its name.

    Raises
    ------
    ValueError
        If there is no such wavelet here.

    Examples
    --------
    >>> [round(v, 3) for v in taps("haar")[1]]
    [0.707, -0.707]
    """
    if not isinstance(wavelet, str) or wavelet not in LOW_PASS:
        shown = repr(wavelet) if isinstance(wavelet, str) else kind_of(wavelet)
        raise ValueError(f"wavelet is {shown}; expected one of {nearest(str(wavelet), LOW_PASS)}.")
    low = LOW_PASS[wavelet]
    return low, tuple((-1) ** k * v for k, v in enumerate(reversed(low)))


def kernels(wavelet: str, like: Tensor) -> Tensor:
    """Return the four filters in two dimensions, (4, 1, F, F), on the device and in the dtype of `like`.

    Their order is low-pass, horizontal edges, vertical edges, diagonals (`cA, cH, cV, cD` of PyWavelets).

    Examples
    --------
    >>> kernels("haar", torch.zeros(1))[1, 0]
    tensor([[ 0.5000,  0.5000],
            [-0.5000, -0.5000]])
    """
    low, high = (torch.tensor(v, dtype=torch.float64, device="cpu") for v in taps(wavelet))
    pairs = [(low, low), (high, low), (low, high), (high, high)]  # along rows' index, along columns' index
    return torch.stack([torch.outer(a, b) for a, b in pairs])[:, None].to(like.device, like.dtype)
