"""The Jacobian of a denoiser: exact and in chunks, its trace and its Frobenius norm, exact or by random probes.

``J_ij = d x_hat_i / d y_j``. Two numbers count what is kept (Mohan et al. 2020, section 5): the *effective dimension*
``sum s² = |J|_F²``, the share of white noise that leaks through, and the *degrees of freedom* ``tr J``, which for a posterior mean is
MSE / sigma² on average. A picture (C, H, W) is flattened to d = C H W.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jvp, vjp, vmap

Denoiser = Callable[[Tensor], Tensor]


def _one(net: Denoiser) -> Denoiser:
    """Return ``net`` as a function of one item without batch dimension, in the form that `torch.func` differentiates."""
    return lambda item: net(item[None])[0]


def jacobian(net: Denoiser, y: Tensor, chunk: int = 256) -> Tensor:
    """Return the Jacobian of ``net`` at each item of ``y``, by rows, ``chunk`` rows at a time.

    Parameters
    ----------
    net : callable
        Denoiser, in ``eval`` mode.
    y : Tensor
        (B, ...) with d numbers an item; memory grows as ``chunk`` times that of one forward pass.
    chunk : int
        Rows computed at once by a vectorised vector-Jacobian product.

    Returns
    -------
    Tensor
        (B, d, d); row i is the filter that makes output pixel i.

    Examples
    --------
    >>> jacobian(lambda y: 2 * y, torch.zeros(1, 3))[0]
    tensor([[2., 0., 0.],
            [0., 2., 0.],
            [0., 0., 2.]])
    """
    d = y[0].numel()
    rows = torch.eye(d, dtype=y.dtype, device=y.device).reshape(d, *y.shape[1:])
    result = []
    for item in y.detach():
        pull = vjp(_one(net), item)[1]
        parts = [vmap(lambda v: pull(v)[0])(part) for part in rows.split(chunk)]
        result.append(torch.cat(parts).reshape(d, d).detach())
    return torch.stack(result)


def random_signs(y: Tensor, generator: torch.Generator) -> Tensor:
    """Return independent random signs of the shape, dtype and device of ``y``: the probes of smallest variance (Hutchinson 1990).

    Examples
    --------
    >>> random_signs(torch.zeros(2, 2), torch.Generator().manual_seed(0)).abs()
    tensor([[1., 1.],
            [1., 1.]])
    """
    signs = torch.randint(0, 2, y.shape, generator=generator, device=generator.device)
    return (2 * signs - 1).to(y)


def _quadratic_forms(net: Denoiser, y: Tensor, probes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return ``v.Jv`` and ``|Jv|²`` for random signs ``v``, both (probes, B), float64."""
    traces, norms = [], []
    for _ in range(probes):
        v = random_signs(y, generator)
        with torch.no_grad():
            jv = jvp(net, (y,), (v,))[1].double()
        traces.append((v * jv).flatten(1).sum(1))
        norms.append(jv.square().flatten(1).sum(1))
    return torch.stack(traces), torch.stack(norms)


def degrees_of_freedom(net: Denoiser, y: Tensor, probes: int | None = None, generator: torch.Generator | None = None) -> Tensor:
    """Return ``tr J`` at each item, (B,), float64: exact, or the mean over ``probes`` random probes (Hutchinson 1990).

    Examples
    --------
    >>> degrees_of_freedom(lambda y: y / 2, torch.zeros(1, 8))
    tensor([4.], dtype=torch.float64)
    """
    if probes is None:
        return jacobian(net, y).double().diagonal(dim1=1, dim2=2).sum(1)
    return _quadratic_forms(net, y, probes, _needed(generator))[0].mean(0)


def effective_dimension(net: Denoiser, y: Tensor, probes: int | None = None, generator: torch.Generator | None = None) -> Tensor:
    """Return ``sum s² = |J|_F²`` at each item, (B,), float64: exact, or the mean of ``|J v|²`` over random probes.

    Examples
    --------
    >>> effective_dimension(lambda y: y / 2, torch.zeros(1, 8))
    tensor([2.], dtype=torch.float64)
    """
    if probes is None:
        return jacobian(net, y).double().square().sum((1, 2))
    return _quadratic_forms(net, y, probes, _needed(generator))[1].mean(0)


def _needed(generator: torch.Generator | None) -> torch.Generator:
    if generator is None:
        raise ValueError("Random probes need a generator: pass generator=torch.Generator().manual_seed(0).")
    return generator
