"""How much noise is in one picture: from the residual of a denoiser, plain or corrected.

`E|x_hat - y|² = sigma² (d - tr J)` for a posterior mean: the residual misses what the denoiser keeps. Divided by `d`
the estimate of sigma² is short by the factor `1 - tr J / d`; divided by `d - tr J` it is right on average.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import require_whole
from dprior_lite.geometry.probes import item_signs
from dprior_lite.sampling import noise_level


def residual_level(net: Denoiser, y: Tensor) -> Tensor:
    """Return `|x_hat - y| / sqrt(d)` of each picture, (B,): the noise that a blind denoiser sees.

    Parameters
    ----------
    net : callable
        Blind denoiser.
    y : Tensor
        Noisy pictures (B, ...).

    Examples
    --------
    >>> residual_level(lambda y: 0 * y, torch.full((1, 1, 4, 4), 0.5))
    tensor([0.5000])
    """
    y = require_batch(y)
    with torch.no_grad():
        return noise_level(network(net)(y) - y)


def kept_share(net: Denoiser, y: Tensor, generator: torch.Generator, probes: int = 1) -> Tensor:
    """Return `tr J / d` of each picture, (B,), by probes: the share of noise that the denoiser keeps.

    Parameters
    ----------
    net : callable
        Blind denoiser.
    y : Tensor
        Noisy pictures (B, ...).
    generator : torch.Generator
        Of the probes.
    probes : int
        Random signs a picture.

    Examples
    --------
    >>> kept_share(lambda y: y / 4, torch.zeros(1, 1, 4, 4), torch.Generator())
    tensor([0.2500])
    """
    net, y, probes = network(net), require_batch(y).detach(), require_whole(probes, "probes", 1, 10_000)
    require_gradient(net, y[:1])
    share = torch.zeros(len(y), dtype=y.dtype, device=y.device)
    with torch.no_grad():
        for v in item_signs(y, probes, generator):  # (B, ...)
            share += (v * torch.func.jvp(net, (y,), (v,))[1]).flatten(1).mean(1) / probes
    return share


def corrected_level(net: Denoiser, y: Tensor, generator: torch.Generator, probes: int = 1) -> Tensor:
    """Return `|x_hat - y| / sqrt(d - tr J)` of each picture, (B,).

    Parameters
    ----------
    net : callable
        Blind denoiser.
    y : Tensor
        Noisy pictures (B, ...).
    generator : torch.Generator
        Of the probes of the trace.
    probes : int
        Random signs a picture.

    Raises
    ------
    ValueError
        If the denoiser keeps all of the noise of a picture: its residual then says nothing.

    Examples
    --------
    >>> corrected_level(lambda y: y / 4, torch.full((1, 1, 4, 4), 2.0), torch.Generator())
    tensor([1.7321])
    """
    share = kept_share(net, y, generator, probes)
    if bool((share >= 1).any()):
        raise ValueError(
            f"tr J / d is {float(share.max()):.3g} for a picture: the denoiser keeps all of the noise, so that its"
            " residual says nothing about sigma. Give one that denoises; run check_denoiser."
        )
    return residual_level(net, y) / (1 - share).sqrt()
