"""A multi-scale model: a denoiser of the low-pass picture, and one of the details of each scale given what is coarser.

By the chain rule the density of a picture is that of its low-pass picture times that of the details of each scale given
the coarser picture, `p(x) = p(x_J) p(d_J | x_J) ... p(d_1 | x_1)`. A blind denoiser stands for each factor (Kadkhodaie,
Guth, Mallat & Simoncelli 2023). All work on normalised bands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network, require_eval
from dprior_lite.gates.numbers import kind_of, require_kind, require_whole
from dprior_lite.multiscale.cascade import Bands, decompose, reconstruct
from dprior_lite.multiscale.filters import taps

ConditionalDenoiser = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class MultiscaleModel:
    """Denoisers of the bands of a picture; the model itself denoises pictures, `model(y) -> x_hat`.

    Attributes
    ----------
    low : callable
        Denoiser `y -> x_hat` of normalised low-pass pictures (B, C, h, w).
    details : tuple of callable
        Denoisers `(y, low) -> x_hat` of normalised details (B, 3 C, h, w), given the low-pass picture of their scale,
        the finest scale first.
    wavelet : str
        Its name.

    Raises
    ------
    TypeError, ValueError
        If something is no denoiser or is in train mode, or there is no such wavelet.

    Examples
    --------
    >>> model = MultiscaleModel(lambda y: 0.5 * y, [lambda y, low: 0 * y] * 2)
    >>> model(torch.ones(1, 1, 8, 8)).mean()
    tensor(0.5000)
    """

    low: Denoiser
    details: tuple[ConditionalDenoiser, ...]
    wavelet: str = "haar"

    def __post_init__(self) -> None:
        if not isinstance(self.details, tuple | list) or not len(self.details):
            raise TypeError(
                f"details is {kind_of(self.details)}; expected a tuple of one denoiser a scale, finest first."
            )
        object.__setattr__(self, "details", tuple(self.details))
        network(self.low, "low")
        for scale, net in enumerate(self.details, 1):
            _conditional(net, f"details[{scale - 1}]")
        taps(self.wavelet)

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise pictures `y` (B, C, H, W), see `denoise`."""
        return denoise(self, y)


def denoise(model: MultiscaleModel, y: Tensor, scales: int | None = None) -> Tensor:
    """Return pictures denoised from the coarsest scale to the finest.

    The low-pass picture is denoised first. The details of each scale are denoised given the picture found so far, and
    both are put together to the picture of the next scale.

    Parameters
    ----------
    model : MultiscaleModel
        Denoisers, in `eval` mode.
    y : Tensor
        Noisy pictures (B, C, H, W), H and W multiples of 2 to the number of scales.
    scales : int, optional
        Of how many scales the details are kept, the coarsest first; those of the others are set to zero. All by
        default; 0 keeps the low-pass picture alone.

    Returns
    -------
    Tensor
        (B, C, H, W), differentiable.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or a denoiser returns something else than what it was given.

    Examples
    --------
    >>> model = MultiscaleModel(lambda y: y, [lambda y, low: 0.5 * y])
    >>> y = torch.tensor([[[[4.0, 0.0], [0.0, 0.0]]]])
    >>> denoise(model, y).flatten().tolist(), denoise(model, y, scales=0).flatten().tolist()
    ([2.5, 0.5, 0.5, 0.5], [1.0, 1.0, 1.0, 1.0])
    """
    require_kind(model, MultiscaleModel, "model")
    levels = len(model.details)
    scales = levels if scales is None else require_whole(scales, "scales", 0, levels)
    bands = decompose(y, levels, model.wavelet, normalised=True)
    x = network(model.low, "low")(bands.low)  # (B, C, h, w)
    for scale in range(levels, 0, -1):
        details = bands.details[scale - 1]  # (B, 3 C, h, w)
        if levels - scale < scales:
            details = network(_conditional(model.details[scale - 1]), f"details[{scale - 1}]")(details, x)
        else:
            details = torch.zeros_like(details)
        x = merged(x, details, model.wavelet)  # (B, C, 2 h, 2 w)
    return x


def merged(low: Tensor, details: Tensor, wavelet: str = "haar") -> Tensor:
    """Return the picture of the next finer scale, from normalised bands of one scale.

    Parameters
    ----------
    low, details : Tensor
        (B, C, h, w) and (B, 3 C, h, w), normalised.
    wavelet : {"haar", "db2", "db4"}
        Its name.

    Returns
    -------
    Tensor
        (B, C, 2 h, 2 w), with the gray levels of `low`.

    Examples
    --------
    >>> float(merged(torch.ones(1, 1, 2, 2), torch.zeros(1, 3, 2, 2)).mean())
    1.0
    """
    return reconstruct(Bands(low, (details,), wavelet, normalised=True))


class GivenLow:
    """Denoiser `y -> x_hat` of details whose low-pass pictures are fixed; made by `given`."""

    def __init__(self, net: ConditionalDenoiser, low: Tensor) -> None:
        self.net, self.low = net, low

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise details `y` (B, 3 C, h, w)."""
        if len(y) != len(self.low) or y.shape[2:] != self.low.shape[2:]:
            raise ValueError(
                f"y is {kind_of(y)} and the low-pass pictures are {kind_of(self.low)}; expected details of as many"
                " pictures and of the same size."
            )
        return self.net(y, self.low.clone())

    def of(self, items: Tensor) -> GivenLow:
        """Return the denoiser of some items of the batch."""
        return GivenLow(self.net, self.low[items])


def given(net: ConditionalDenoiser, low: Tensor) -> GivenLow:
    """Return the denoiser of details whose low-pass pictures are given; the sampler can call it.

    Parameters
    ----------
    net : callable
        Conditional denoiser `(y, low) -> x_hat` in `eval` mode.
    low : Tensor
        Normalised low-pass pictures (B, C, h, w).

    Raises
    ------
    TypeError, ValueError
        If `net` is no denoiser or in train mode, or `low` is no batch of finite pictures.

    Examples
    --------
    >>> given(lambda y, low: 0.5 * y, torch.ones(2, 1, 4, 4))(torch.ones(2, 3, 4, 4)).shape
    torch.Size([2, 3, 4, 4])
    """
    return GivenLow(_conditional(net), require_batch(low, "low", 4).detach())


def _conditional(net: ConditionalDenoiser, name: str = "net") -> ConditionalDenoiser:
    """Return `net` if it can be called and is not in train mode."""
    if not callable(net):
        raise TypeError(f"{name} is {kind_of(net)}; expected a denoiser of details that is called net(y, low).")
    require_eval(net, name)
    return net
