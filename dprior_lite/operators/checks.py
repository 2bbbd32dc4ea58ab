"""Is it an operator? Random probes of the identities that an adjoint and a pseudo-inverse must satisfy."""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.numbers import FLOATS, require_kind
from dprior_lite.gates.operator import adjoint_gap, inner, worst
from dprior_lite.operators.base import Operator, drawing

PROBES = 8


def _noise(operator: Operator, item: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    require_kind(operator, Operator, "operator")
    if dtype not in FLOATS:
        raise TypeError(f"dtype is {dtype}; expected torch.float32 or torch.float64.")
    drawn = torch.randn(PROBES, *item, generator=generator, device=drawing(generator), dtype=dtype)
    return drawn.to(operator._place.device)


def _norm(a: Tensor) -> Tensor:
    return inner(a, a).sqrt()


def adjoint_error(operator: Operator, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> float:
    """Return how far `<A x, m>` is from `<x, A_adjoint m>` for Gaussian x and m.

    Relative to the larger of `|A x|` and `|A_adjoint m|`.

    Parameters
    ----------
    operator : Operator
        What to try, where it is.
    generator : torch.Generator
        Draws the probes.
    dtype : torch.dtype
        float32 or float64. Of a true adjoint only the rounding is left: about 1e-6, or 1e-15.

    Examples
    --------
    >>> from dprior_lite.operators import SuperResolution
    >>> adjoint_error(SuperResolution((1, 6, 6), 2), torch.Generator().manual_seed(0)) < 1e-5
    True
    """
    require_kind(operator, Operator, "operator")
    x, m = _noise(operator, operator.shape, generator, dtype), _noise(operator, operator.measured, generator, dtype)
    return adjoint_gap(operator.A, operator.A_adjoint, x, m)


def dagger_error(operator: Operator, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> float:
    """Return the largest relative error of the four equations of a pseudo-inverse (Penrose 1955).

    These are `A A_dagger A = A` and `A_dagger A A_dagger = A_dagger`, and that `A_dagger A` and `A A_dagger`
    are symmetric. Where no measurement depends on others the first says that `A A_dagger m = m`.

    Parameters
    ----------
    operator : Operator
        What to try, where it is.
    generator : torch.Generator
        Draws the probes.
    dtype : torch.dtype
        float32 or float64.

    Examples
    --------
    >>> from dprior_lite.operators import Matrix
    >>> dagger_error(Matrix(torch.tensor([[3.0, 4.0]]), (1, 1, 2)), torch.Generator().manual_seed(0)) < 1e-5
    True
    """
    require_kind(operator, Operator, "operator")
    x, z = (_noise(operator, operator.shape, generator, dtype) for _ in range(2))
    m, n = (_noise(operator, operator.measured, generator, dtype) for _ in range(2))
    A, A_dagger = operator.A, operator.A_dagger
    with torch.no_grad():
        seen, back = A(x), A_dagger(m)
        inside, inside_z, agreed, agreed_n = A_dagger(seen), A_dagger(A(z)), A(back), A(A_dagger(n))
        again, back_again = A(inside), A_dagger(agreed)
    return max(
        worst(_norm(again - seen), _norm(seen)),
        worst(_norm(back_again - back), _norm(back)),
        worst(inner(inside, z) - inner(x, inside_z), _norm(inside), _norm(inside_z)),
        worst(inner(agreed, n) - inner(m, agreed_n), _norm(agreed), _norm(agreed_n)),
    )
