"""Training an energy by its two scores: the derivative by y and the derivative by t (Guth et al. 2025, section 3).

`y = x + sqrt(t) z`, `U(y, t) = -log p(y | t)`. Miyasawa's identity gives `grad_y U = E[(y - x)/t | y]`;
differentiating the Gaussian by its variance instead gives `d_t U = E[d/(2t) - |y - x|²/(2t²) | y]`. Matching both,
weighted by t/d and (t/d)² so that neither has a unit, is *dual score matching*. The first alone is blind to any
function of t, and to the relative height of modes that do not touch.

An energy is any `net(y, t) -> U`, (B, ...) and (B,) to (B,), twice differentiable; a training's sigma is sqrt(t).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from dprior_lite.gates.levels import as_picture, per_item, require_batch, require_level
from dprior_lite.gates.network import answer, same_kind
from dprior_lite.gates.numbers import kind_of
from dprior_lite.miyasawa import noisy

EnergyNet = Callable[[Tensor, Tensor], Tensor]


class Derivatives(NamedTuple):
    """An energy (B,), its gradient by y (B, ...), and its derivative by t (B,)."""

    energy: Tensor
    space: Tensor
    time: Tensor


def derivatives(net: EnergyNet, y: Tensor, t: Tensor, create_graph: bool = False) -> Derivatives:
    """Return the energy and both derivatives by one backward pass.

    In the precision of `y`, also where a training autocasts.

    Parameters
    ----------
    net : callable
        An energy.
    y, t : Tensor
        (B, ...) and (B,).
    create_graph : bool
        Keep what is needed to differentiate once more: True in a loss, whose gradient by the weights passes through
        these derivatives.

    Examples
    --------
    >>> found = derivatives(lambda y, t: t * y.square().sum(1) / 2, torch.ones(1, 3), torch.tensor([2.0]))
    >>> found.energy, found.space, found.time
    (tensor([3.]), tensor([[2., 2., 2.]]), tensor([1.5000]))
    """
    require_batch(y, values=isinstance(y, Tensor) and y.device.type == "cpu", empty=True)  # a training does not wait
    if len(y):
        require_level(t, y, "t")
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(y.device.type, enabled=False):
        t = per_item(t, y, "t")
        y, t = (v.detach().clone().requires_grad_() for v in (y, t))
        energy = answer(net, y.clone(), t.clone())  # (B,)
        if not isinstance(energy, Tensor) or energy.shape != (len(y),):
            raise ValueError(f"The energy returned {kind_of(energy)} for {len(y)} items; expected one number an item.")
        if not energy.requires_grad:
            raise ValueError("net records no gradient: expected an energy without detach and no_grad inside it.")
        space, time = torch.autograd.grad(energy.sum(), (y, t), create_graph=create_graph, materialize_grads=True)
    return Derivatives(energy if create_graph else energy.detach(), space, time)


class Losses(NamedTuple):
    """The two terms of the loss, each without a unit: 1 and about 1/(2d) for `U = 0`."""

    space: Tensor
    time: Tensor


def losses(net: EnergyNet, x: Tensor, sigma: Tensor, generator: torch.Generator, create_graph: bool = True) -> Losses:
    """Return both terms of dual score matching on fresh noisy versions of `x` (B, ...).

    `|x_hat - x|² / (d t)` with `x_hat = y - t grad U`, and `((1 - |z|²/d)/2 - t d_t U / d)²`, each averaged over
    the batch.

    Examples
    --------
    >>> flat = lambda y, t: 0 * y.sum(1)
    >>> found = losses(flat, torch.zeros(4, 10_000), torch.ones(4), torch.Generator().manual_seed(0), False)
    >>> round(float(found.space), 1), float(found.time) < 1e-3
    (1.0, True)
    """
    y = noisy(x, sigma, generator)
    require_level(sigma, x)  # above 0: both terms are divided by it
    t, d = per_item(sigma, x).square(), x[0].numel()  # (B,)
    found = derivatives(net, y, t, create_graph)
    error = (y - x) - as_picture(t, x) * found.space
    surplus = (1 - (y - x).square().flatten(1).mean(1) / t) / 2
    # several processes wait for a gradient of every weight, also of those no derivative depends on
    unseen = 0 * found.energy.mean()
    return Losses(
        (error.square().flatten(1).mean(1) / t).mean() + unseen, (surplus - t * found.time / d).square().mean()
    )


def dual(net: EnergyNet, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the loss of dual score matching: the space term plus the time term.

    Examples
    --------
    >>> flat = lambda y, t: 0 * y.sum(1)
    >>> loss = dual(flat, torch.zeros(2, 10_000), torch.ones(2), torch.Generator().manual_seed(0))
    >>> round(loss.item(), 1)
    1.0
    """
    return sum(losses(net, x, sigma, generator))


def single(net: EnergyNet, x: Tensor, sigma: Tensor, generator: torch.Generator) -> Tensor:
    """Return the space term alone, with the same noise: ordinary denoising score matching.

    Examples
    --------
    >>> shifted = lambda y, t: 5 * t + y.square().sum(1) / (2 * (1 + t))   # any function of t goes unnoticed
    >>> x = torch.randn(64, 100, generator=torch.Generator().manual_seed(1))
    >>> round(float(single(shifted, x, torch.ones(64), torch.Generator().manual_seed(0))), 1)
    0.5
    """
    return losses(net, x, sigma, generator).space


def relative_error(
    net: Callable[[Tensor, Tensor], Tensor], x: Tensor, sigma: Tensor, generator: torch.Generator
) -> Tensor:
    """Return `|x_hat - x|² / (d t)` of a denoiser `net(y, sigma)`: the space term of a network without energy.

    Examples
    --------
    >>> x, sigma = torch.zeros(2, 10_000), torch.ones(2)
    >>> loss = relative_error(lambda y, sigma: y, x, sigma, torch.Generator().manual_seed(0))
    >>> round(float(loss), 1)
    1.0
    """
    y = noisy(x, sigma, generator)
    require_level(sigma, x)  # above 0: the error is divided by it
    x_hat = same_kind(answer(net, y, sigma), x, dtype=False).float()
    return ((x_hat - x).square().flatten(1).mean(1) / per_item(sigma, x).square()).mean()
