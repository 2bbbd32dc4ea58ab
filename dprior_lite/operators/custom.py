"""Operators that a reader brings: two in a row, a matrix, or a pair of functions; each is checked first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dprior_lite.gates.numbers import FLOATS, require_kind
from dprior_lite.gates.operator import CLOSE, require_items_apart, require_linear
from dprior_lite.operators.base import Operator, picture_shape
from dprior_lite.operators.checks import adjoint_error

LARGEST_GRAM, BATCH, TOLERANCE = 4096, 64, 1e-5


class Compose(Operator):
    """Measure first with `inner` and then, what it gives, with `outer`: `A = outer.A(inner.A(x))`.

    Parameters
    ----------
    outer : Operator
        Takes pictures of the shape `inner` measures; has its `A_dagger`, whatever it is.
    inner : Operator
        With measurements that are pictures (`SuperResolution`) and orthonormal rows: only then is the pseudo-inverse
        of the product the product of the pseudo-inverses.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint, SuperResolution
    >>> small = SuperResolution((1, 4, 4), 2)
    >>> Compose(Inpaint(torch.eye(2) > 0), small).A(torch.ones(1, 1, 4, 4))
    tensor([[2., 2.]])
    """

    def __init__(self, outer: Operator, inner: Operator) -> None:
        require_kind(outer, Operator, "outer")
        require_kind(inner, Operator, "inner")
        if inner.measured != outer.shape:
            raise ValueError(
                f"inner measures {inner.measured} and outer expects pictures {outer.shape}; these must be the same (C,"
                " H, W). Where inner measures no picture, write the product as one Functions."
            )
        if not inner.orthonormal:
            raise ValueError(
                "inner has rows that are not orthonormal: the pseudo-inverse of the product is then not the product of"
                " the pseudo-inverses. Write the product as one Matrix or Functions."
            )
        super().__init__(inner.shape, outer.measured, outer.orthonormal, inner._place.device)
        self.outer, self.inner, self.adjoint_inverts = outer, inner, outer.adjoint_inverts
        self.averages = outer.averages and inner.averages

    def _forward(self, x: Tensor) -> Tensor:
        return self.outer.A(self.inner.A(x))

    def _adjoint(self, m: Tensor) -> Tensor:
        return self.inner.A_adjoint(self.outer.A_adjoint(m))

    def _dagger(self, m: Tensor) -> Tensor:
        return self.inner.A_adjoint(self.outer.A_dagger(m))


def _is_identity(product: Tensor) -> bool:
    return torch.allclose(
        product, torch.eye(len(product), dtype=product.dtype, device=product.device), rtol=0, atol=TOLERANCE
    )


class Matrix(Operator):
    """Measure with the rows of a matrix; measured (K,). Kept to 48 bits.

    Rows that are orthonormal to 1e-5 are taken as such. Otherwise the pseudo-inverse comes from a singular value
    decomposition in float64 in which singular values below the rounding of the matrix as it was given (max(K, d) eps,
    of the largest) count as zero: more rows than pixels, or rows that depend on each other, are allowed.

    Parameters
    ----------
    rows : Tensor
        (K, d) with d = C H W, finite.
    shape : sequence of three int
        (C, H, W).

    Raises
    ------
    ValueError
        If the matrix is not (K, d) or holds numbers that are NaN, infinite or beyond float32.

    Examples
    --------
    >>> Matrix(torch.tensor([[3.0, 4.0]]), (1, 1, 2)).A_dagger(torch.tensor([[25.0]])).flatten()
    tensor([3., 4.])
    """

    def __init__(self, rows: Tensor, shape: Sequence[int]) -> None:
        d = math.prod(picture_shape(shape))
        if not isinstance(rows, Tensor) or rows.is_complex() or rows.ndim != 2 or rows.shape[1] != d:
            kind = f"{rows.dtype}, shape {tuple(rows.shape)}" if isinstance(rows, Tensor) else type(rows).__name__
            raise ValueError(
                f"rows is {kind}; expected a real tensor (K, {d}), one row a measurement of pictures {tuple(shape)}."
            )
        bad = int((~rows.float().isfinite()).sum())
        if bad:
            raise ValueError(
                f"rows holds {bad} numbers that are NaN, infinite or beyond float32; expected a finite matrix."
            )
        eps = torch.finfo(rows.dtype if rows.is_floating_point() else torch.float64).eps
        device, rows = rows.device, rows.detach().cpu().double()
        super().__init__(shape, (len(rows),), len(rows) <= d and _is_identity(rows @ rows.mT))
        self._keep("rows", rows)
        if not self.orthonormal:
            self._keep("inverse", torch.linalg.pinv(rows, rtol=max(rows.shape) * eps))
        self.to(device)

    def _forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self._kept("rows", x).mT

    def _adjoint(self, m: Tensor) -> Tensor:
        return (m @ self._kept("rows", m)).unflatten(1, self.shape)

    def _dagger(self, m: Tensor) -> Tensor:
        return (m @ self._kept("inverse", m).mT).unflatten(1, self.shape)


class Functions(Operator):
    """Measure with a function, given with its adjoint; both are tried on random pictures first.

    The functions get copies, so one that writes into its argument changes nothing of the caller's.

    If `forward(adjoint(m))` is `m` to 1e-5 the rows are orthonormal. If that holds only for the `m` that can be
    measured (orthonormal rows and rows of zeros, a mask that keeps its shape), `A_dagger` is `A_adjoint` still.
    Otherwise `A A_adjoint`, k x k, is built column by column and its pseudo-inverse kept, with eigenvalues below the
    rounding counted as zero.

    Parameters
    ----------
    forward : callable
        (B, C, H, W) -> `(B, *measured)`, linear, each item by itself.
    adjoint : callable
        `(B, *measured)` -> (B, C, H, W), its transpose.
    shape : sequence of three int
        (C, H, W).
    measured : sequence of int
        Shape of one measurement.
    dtype : torch.dtype
        What the functions are tried in; float64, if they take it, allows worse conditioned ones.
    device : str or torch.device
        Where they are tried.

    Raises
    ------
    ValueError
        If a shape is not as said, `forward` is not linear or treats items by their place in the batch, `adjoint` is
        not its adjoint (relative error above 1e-4), or the rows are not orthonormal and more than 4096.

    Examples
    --------
    >>> mirror = lambda x: x.flip(-1)
    >>> Functions(mirror, mirror, (1, 4, 4), (1, 4, 4)).orthonormal
    True
    """

    def __init__(
        self,
        forward: Callable[[Tensor], Tensor],
        adjoint: Callable[[Tensor], Tensor],
        shape: Sequence[int],
        measured: Sequence[int],
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        for name, function in (("forward", forward), ("adjoint", adjoint)):
            if not callable(function):
                raise TypeError(f"{name} is a {type(function).__name__}; expected a function of one batch.")
        if dtype not in FLOATS:
            raise TypeError(f"dtype is {dtype}; expected torch.float32 or torch.float64.")
        super().__init__(shape, measured, orthonormal=False, device=device)
        self._measure, self._transpose = forward, adjoint
        with torch.no_grad():
            self.adjoint_inverts = self._try(dtype)
            if not self.adjoint_inverts:
                self._invert(dtype)

    def _try(self, dtype: torch.dtype) -> bool:
        generator, place = torch.Generator("cpu").manual_seed(0), self._place.device

        def probes(item: tuple[int, ...]) -> Tensor:
            return torch.randn(8, *item, generator=generator, dtype=dtype, device="cpu").to(place)

        x, y, m = probes(self.shape), probes(self.shape), probes(self.measured)
        require_linear(self.A, x, y)
        require_items_apart(self.A, x, "forward")
        error = adjoint_error(self, generator, dtype)
        if not error <= CLOSE:
            raise ValueError(
                f"adjoint is not the adjoint of forward: <A x, m> and <x, A_adjoint m> differ by {error:.2g} of |A x|. "
                "Expected the transpose, not the inverse: what forward multiplies by a, it multiplies by a as well."
            )
        require_items_apart(self.A_adjoint, m, "adjoint")
        # A A_adjoint A = A makes A_adjoint the pseudo-inverse, also where some measurements are impossible
        same = (
            [
                bool(
                    (
                        (self.A(self.A_adjoint(t)) - t).abs()
                        <= TOLERANCE * t.abs().amax(dim=tuple(range(1, t.ndim)), keepdim=True)
                    ).all()
                )
                for t in (m, self.A(x))
            ]
            if self.k
            else [True, True]
        )
        self.orthonormal = same[0]
        return same[0] or same[1]

    def _invert(self, dtype: torch.dtype) -> None:
        if self.k > LARGEST_GRAM:
            raise ValueError(
                f"the rows are not orthonormal and k = {self.k} is above {LARGEST_GRAM}: the pseudo-inverse would take"
                f" a matrix {self.k} x {self.k}. Scale the rows to be orthonormal, or write an Operator with its own"
                " _dagger."
            )
        units = torch.eye(self.k, dtype=dtype, device=self._place.device).unflatten(1, self.measured).split(BATCH)
        gram = torch.cat([self.A(self.A_adjoint(u)).flatten(1) for u in units]).cpu().double()
        rounding = max(torch.finfo(dtype).eps, float((gram - gram.mT).abs().max() / gram.abs().max().clamp(min=1e-30)))
        self._keep(
            "inverse", torch.linalg.pinv((gram + gram.mT) / 2, rtol=10 * math.sqrt(self.k) * rounding, hermitian=True)
        )
        self.to(self._place.device)

    def _forward(self, x: Tensor) -> Tensor:
        return self._checked(self._measure(x), self.measured, "forward(x)")

    def _adjoint(self, m: Tensor) -> Tensor:
        return self._checked(self._transpose(m), self.shape, "adjoint(m)")

    def _dagger(self, m: Tensor) -> Tensor:
        return self._adjoint((m.flatten(1) @ self._kept("inverse", m)).unflatten(1, self.measured))
