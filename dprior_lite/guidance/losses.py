"""Training losses of a guided network and of its unguided twin, on groups of pictures of one class.

A training set of groups holds K pictures of one class in the channels of an item. A picture and another one of its
group, the partner, are drawn at random. The picture is made noisy, the partner stays clean. The twin gets the same
pictures and the same noise, and no partner. An error counts by `1/sigma² + 1/v`, v the mean variance of the pictures of
the batch: in proportion to the smaller of the noise and the picture (Karras et al. 2022 have this weight).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_batch, require_level
from dprior_lite.gates.network import Denoiser, answer, same_kind
from dprior_lite.gates.numbers import require_generator
from dprior_lite.miyasawa import noisy

LEAST = 1e-4  # of the variance of a picture: a flat one has none


def pairs(x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return a picture of every group, and another one of the same group: both (B, 1, H, W).

    Parameters
    ----------
    x : Tensor
        Groups (B, K, H, W), K at least 2.
    generator : torch.Generator
        Of the choice.

    Examples
    --------
    >>> x = torch.arange(3.0).reshape(1, 3, 1, 1)
    >>> one, other = pairs(x, torch.Generator().manual_seed(0))
    >>> bool(one == other)
    False
    """
    count = require_batch(x, "x", 4).shape[1]
    if count < 2:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected groups (B, K, H, W) of at least 2 pictures.")
    place = require_generator(generator).device
    first = torch.randint(count, (len(x),), generator=generator, device=place)
    second = (first + torch.randint(1, count, (len(x),), generator=generator, device=place)) % count
    items = torch.arange(len(x), device=x.device)
    return x[items, first.to(x.device)][:, None], x[items, second.to(x.device)][:, None]


def guided_error(
    net: Callable[[Tensor, Tensor], Tensor], x: Tensor, sigma: Tensor, generator: torch.Generator
) -> Tensor:
    """Return the weighted error of a network `(y, partner) -> x_hat` on noisy pictures y of groups `x`, a loss.

    Parameters
    ----------
    net : callable
        It may be in train mode.
    x : Tensor
        Groups of clean pictures of one class, (B, K, H, W).
    sigma : Tensor
        Noise levels (B,), above 0.
    generator : torch.Generator
        Of the choice of pictures and of the noise.

    Examples
    --------
    >>> x = torch.eye(2).expand(3, 4, 2, 2)
    >>> guided_error(lambda y, partner: partner, x, torch.ones(3), torch.Generator().manual_seed(0))
    tensor(0.)
    """
    one, partner = pairs(x, generator)
    return _weighted_error(answer(net, noisy(one, sigma, generator), partner), one, sigma)


def unguided_error(net: Denoiser, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the weighted error of a network `y -> x_hat` on the same noisy pictures as `guided_error`, a loss.

    Parameters
    ----------
    net, x, sigma, generator
        As in `guided_error`, without a partner.

    Examples
    --------
    >>> x = torch.eye(2).expand(3, 4, 2, 2)
    >>> round(float(unguided_error(lambda y: 0 * y, x, torch.ones(3), torch.Generator())), 4)
    2.0
    """
    one, _ = pairs(x, generator)
    return _weighted_error(answer(net, noisy(one, sigma, generator)), one, sigma)


def leaking_error(
    net: Callable[[Tensor, Tensor], Tensor], x: Tensor, sigma: Tensor, generator: torch.Generator
) -> Tensor:
    """Return the loss of `guided_error` with the clean picture as its own partner: a mistake, to be shown.

    Parameters
    ----------
    net, x, sigma, generator
        As in `guided_error`.

    Examples
    --------
    >>> x = torch.arange(4.0).reshape(1, 4, 1, 1).expand(3, 4, 2, 2)
    >>> leaking_error(lambda y, partner: partner, x, torch.ones(3), torch.Generator().manual_seed(0))
    tensor(0.)
    """
    one, _ = pairs(x, generator)
    return _weighted_error(answer(net, noisy(one, sigma, generator), one), one, sigma)


def _weighted_error(x_hat: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """Return the mean squared error (), each item weighted by its noise level."""
    require_level(sigma, x)  # above 0: the error is divided by it
    error = (same_kind(x_hat, x, dtype=False).float() - x).square().flatten(1).mean(1)  # (B,)
    variance = x.flatten(1).var(1).mean().clamp(min=LEAST)
    return (error * (1 / per_item(sigma, x).square() + 1 / variance)).mean()


def in_groups(net: Callable[..., Tensor]) -> Callable[[Tensor, float | Tensor], Tensor]:
    """Return a denoiser `(y, sigma) -> x_hat` of groups (B, K, H, W): each picture is guided by the next of its group.

    The next one is noisy too, so a first estimate of it is the guide, made without a guide. For the cards of weights.

    Examples
    --------
    >>> in_groups(lambda y, partner=None: y if partner is None else partner)(torch.eye(2).reshape(1, 2, 1, 2), 0.1)
    tensor([[[[0., 1.]],
    <BLANKLINE>
             [[1., 0.]]]])
    """

    def denoiser(y: Tensor, sigma: float | Tensor) -> Tensor:
        """Return the estimates (B, K, H, W); blind, so sigma is not used."""
        each = y.flatten(0, 1)[:, None]  # (B K, 1, H, W)
        first = net(each).clamp(0, 1).reshape(y.shape)
        return net(each, first.roll(-1, 1).flatten(0, 1)[:, None]).reshape(y.shape)

    return denoiser
