"""Distances of classes: between their features, between their densities, and how well one follows the other.

The distance of two densities is the Jeffreys divergence, `KL(p1 | p2) + KL(p2 | p1)`. Its derivative in the variance of
added noise is a difference of scores, so two denoisers give it (the project page of the paper; the factor from the
identity of de Bruijn)::

    J = integral of (E_1 |x_hat_1 - x_hat_2|² + E_2 |x_hat_1 - x_hat_2|²) sigma^-3 dsigma

E_i is the mean over noisy pictures of class i. The integral is taken over fixed noise levels, so it is that part of the
divergence which these levels see.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import FLOATS, kind_of, require_number
from dprior_lite.generalization.pairs import denoised
from dprior_lite.miyasawa import noisy

TOGETHER = 64  # pictures that a network is given at once


def separation(a: Tensor, b: Tensor) -> float:
    """Return the distance of two classes of features over their spread along it.

    `|m_a - m_b| / sqrt(E <phi - m_a, u>² + E <phi - m_b, u>²)`, u the direction from one mean to the other.

    Parameters
    ----------
    a, b : Tensor
        Features (N, F) and (M, F) of pictures of two classes, at least two of each.

    Raises
    ------
    TypeError, ValueError
        If they do not fit, or the means of the two classes are equal.

    Examples
    --------
    >>> round(separation(torch.tensor([[-1.0], [1.0]]), torch.tensor([[3.0], [5.0]])), 4)
    2.8284
    """
    for name, v in (("a", a), ("b", b)):
        if (
            not isinstance(v, Tensor)
            or v.dtype not in FLOATS
            or v.ndim != 2
            or len(v) < 2
            or v.shape[1:] != a.shape[1:]
        ):
            raise TypeError(f"{name} is {kind_of(v)}; expected features (N, F) of at least two pictures, F as in a.")
        require_batch(v, name, 2)
    a, b = a.detach().double(), b.detach().double()
    way = b.mean(0) - a.mean(0)
    if not float(way.norm()) > 0:
        raise ValueError("The means of the two classes are equal, so no direction leads from one to the other.")
    u = way / way.norm()
    spread = sum(((v - v.mean(0)) @ u).square().mean() for v in (a, b))
    return float(way.norm() / spread.sqrt())


def jeffreys(
    denoisers: Sequence[Denoiser], x: Sequence[Tensor], sigmas: Sequence[float], generator: torch.Generator
) -> Tensor:
    """Return the Jeffreys divergence of every pair of classes that these noise levels see, (K, K) in nats.

    Parameters
    ----------
    denoisers : sequence of callable
        One blind denoiser `y -> x_hat` a class.
    x : sequence of Tensor
        Clean pictures of each class, (N, C, H, W).
    sigmas : sequence of float
        At least two rising noise levels; the integral over log sigma is by the trapezoidal rule.
    generator : torch.Generator
        Of the noise, which is the same for all denoisers.

    Returns
    -------
    Tensor
        Symmetric, float64, with zeros on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If there are not as many classes of pictures as denoisers, at least two each, or the levels do not rise.

    Examples
    --------
    >>> nets = [lambda y: 0 * y, lambda y: 0 * y + 1]
    >>> jeffreys(nets, [torch.zeros(1, 2)] * 2, [1.0, 2.0], torch.Generator().manual_seed(0))[0, 1] > 0
    tensor(True)
    """
    for name, value in (("denoisers", denoisers), ("x", x), ("sigmas", sigmas)):
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
            raise TypeError(f"{name} is {kind_of(value)}; expected a list of at least two.")
    if len(denoisers) != len(x):
        raise ValueError(f"There are {len(denoisers)} denoisers and {len(x)} classes of pictures; expected as many.")
    levels = torch.tensor([require_number(s, "sigma", above=0) for s in sigmas], dtype=torch.float64)
    if not bool((levels.diff() > 0).all()):
        raise ValueError(f"sigmas are {list(sigmas)}; expected noise levels, each above the one before.")
    nets = [network(net, f"denoisers[{k}]") for k, net in enumerate(denoisers)]
    rates = torch.stack([_rate(nets, x, float(s), generator) / s**2 for s in levels])  # (levels, K, K)
    return torch.trapezoid(rates + rates.mT, levels.log(), dim=0)


def _rate(nets: Sequence[Denoiser], x: Sequence[Tensor], sigma: float, generator: torch.Generator) -> Tensor:
    """Return the mean squared difference from the own class's denoiser on its noisy pictures, (K, K)."""
    rows = []
    for own, clean in enumerate(x):
        y = noisy(clean, sigma, generator)
        answers = torch.stack([torch.cat(list(denoised(net, y, TOGETHER))) for net in nets]).double()  # (K, N, ...)
        rows.append((answers - answers[own]).square().flatten(2).sum(2).mean(1))
    return torch.stack(rows)


def distortion(distances: Tensor, squares: Tensor) -> float:
    """Return B / A of the tightest `A squares <= distances <= B squares` over all pairs of classes.

    Parameters
    ----------
    distances, squares : Tensor
        Distances of densities, and squared distances of features: (K, K), symmetric, positive off the diagonal.

    Examples
    --------
    >>> distortion(torch.tensor([[0.0, 2.0], [2.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    1.0
    """
    for name, v in (("distances", distances), ("squares", squares)):
        if not isinstance(v, Tensor) or v.ndim != 2 or v.shape[0] != v.shape[1] or v.shape != distances.shape:
            raise TypeError(f"{name} is {kind_of(v)}; expected a tensor (K, K), K at least 2.")
    i, j = torch.triu_indices(len(distances), len(distances), 1)
    ratios = distances[i, j].double() / squares[i, j].double()
    if not len(ratios) or not bool(((ratios > 0) & ratios.isfinite()).all()):
        raise ValueError("A distance of two classes is not above 0; expected positive numbers off the diagonal.")
    return float(ratios.max() / ratios.min())
