"""Agreement with measurements: the denoiser that agrees, how far a picture is from it, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number
from dprior_lite.gates.operator import disagreement, require_range
from dprior_lite.operators import Operator
from dprior_lite.sampling import Result

LOWEST, LARGEST = -0.5, 1.5  # of a clean picture's values, as wherever pictures enter


@dataclass(frozen=True)
class Constrained:
    """A denoiser whose every answer is moved to the nearest picture that agrees with `m` `(B, *measured)`.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> Constrained(lambda y: 0.5 * y, left, torch.tensor([[9.0]]))(torch.ones(1, 1, 1, 2)).tolist()
    [[[[9.0, 0.5]]]]
    """

    net: Denoiser
    operator: Operator
    m: Tensor

    def __post_init__(self) -> None:
        object.__setattr__(self, "net", network(self.net))

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W), then agree."""
        return self.operator.project(self.net(y), self.m)

    def of(self, items: Tensor) -> Constrained:
        """Return the same for some items of the batch."""
        return replace(self, m=self.m[items])


def inconsistency(operator: Operator, x: Tensor, m: Tensor) -> Tensor:
    """Return the root mean square of `A x - m` over the measurements of each picture, (B,).

    It is 0 where nothing was measured.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> inconsistency(Inpaint(torch.ones(2, 2, dtype=torch.bool)), torch.zeros(1, 1, 2, 2), torch.full((1, 4), 0.5))
    tensor([0.5000])
    """
    seen = require_kind(operator, Operator, "operator").A(require_batch(x, "x", 4))  # (B, *measured)
    if not isinstance(m, Tensor) or m.shape != seen.shape or m.dtype != seen.dtype:
        raise ValueError(f"m is {kind_of(m)}; expected {kind_of(seen)}, like the measurements of x.")
    if not bool(m.isfinite().all()):
        raise ValueError("m holds NaN or infinite values; expected finite measurements.")
    return (seen - m).flatten(1).square().sum(1).div(max(operator.k, 1)).sqrt()


def check_measurements(operator: Operator, m: Tensor, noise: float = 0.0) -> Tensor:
    """Return `m` unchanged if it may be what `operator` measured of pictures in [0, 1].

    Raises
    ------
    TypeError
        If `m` is no floating-point tensor.
    ValueError
        If the shape is not `(B, *measured)`, a value is NaN or infinite, or no picture in [0, 1] has such
        measurements: averages of pixels lie below -0.5 or above 1.5, or `A_dagger m`, the smallest picture with these
        measurements, is too large.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> check_measurements(Inpaint(torch.ones(2, 2, dtype=torch.bool)), torch.full((1, 4), 128.0))
    Traceback (most recent call last):
    ValueError: The smallest picture with these measurements has norm 256; pictures in [0, 1] of 4 ...
    """
    require_kind(operator, Operator, "operator")
    noise = require_number(noise, "noise", least=0)
    if not isinstance(m, Tensor) or not m.is_floating_point():
        raise TypeError(
            f"m is {m.dtype if isinstance(m, Tensor) else type(m).__name__}; expected a floating-point tensor (B,"
            f" *{operator.measured})."
        )
    if m.ndim != 1 + len(operator.measured) or m.shape[1:] != operator.measured or not len(m):
        raise ValueError(
            f"m has shape {tuple(m.shape)}; expected (B, *{operator.measured}), what {type(operator).__name__}.A"
            " returns."
        )
    if not bool(m.isfinite().all()):
        raise ValueError(
            f"m holds {int((~m.isfinite()).sum())} values that are NaN or infinite; expected finite measurements."
        )
    d = operator.shape[0] * operator.shape[1] * operator.shape[2]
    with torch.no_grad():
        if operator.averages and operator.k and float(m.abs().max()) <= LARGEST * d:  # what is larger is told below
            flat = operator.A(torch.ones(1, *operator.shape, dtype=m.dtype, device=m.device))  # (1, *measured)
            require_range(m, flat, LOWEST, LARGEST, noise)
        most, norm = (LARGEST + 3 * noise) * d**0.5, float(operator.A_dagger(m).flatten(1).norm(dim=1).max())
    if norm > most:
        cause = (
            ""
            if operator.adjoint_inverts
            else " The pseudo-inverse of this operator also magnifies errors of the measurements."
        )
        raise ValueError(
            f"The smallest picture with these measurements has norm {norm:.3g}; pictures in [0, 1] of {d} numbers have"
            f" at most {most:.3g}. Divide 8-bit measurements by 255.{cause}"
        )
    return m


@torch.no_grad()
def compared(found: Result, operator: Operator, m: Tensor) -> Result:
    """Return solutions that were promised to agree with `m`; who does not agree did not arrive.

    The note of the result says how far off they are.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> both, y = Inpaint(torch.ones(1, 2) > 0), torch.zeros(1, 1, 1, 2)
    >>> ends = torch.tensor([7]), torch.tensor([0.01]), torch.tensor([True])
    >>> bool(compared(Result(y, y, *ends), both, torch.ones(1, 2)).converged)
    False
    """
    attainable = m if operator.orthonormal else operator.A(operator.A_dagger(m))  # (B, *measured)
    off, wrong = disagreement(operator.A(found.x), attainable)  # (B,), (B,)
    if not bool(wrong.any()):
        return found
    note = (
        f"{int(wrong.sum())} of {len(m)} do not agree with their measurements: A x differs from m by"
        f" {float(off.max()):.2g}, so the adjoint or pseudo-inverse of {type(operator).__name__} is wrong. Run"
        " operators.dagger_error."
    )
    return replace(found, converged=found.converged & ~wrong, note=f"{found.note} {note}".strip())
