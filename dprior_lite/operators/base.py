"""What all operators share: shapes, checks of arguments, and the projection onto the pictures that agree."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dprior_lite.gates.numbers import FLOATS, require_generator, require_number, require_shape


def picture_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return `shape` as a tuple (C, H, W), or say what is wrong with it.

    Examples
    --------
    >>> picture_shape([3, 8, 8])
    (3, 8, 8)
    """
    channels, height, width = require_shape(shape, dims=3)
    return channels, height, width


def count(fraction: float, d: int) -> int:
    """Return how many of `d` numbers are the given fraction of them, 0 to 1.

    Examples
    --------
    >>> count(0.1, 64)
    6
    """
    hint = f"It is the measured part of all {d} numbers."
    return round(require_number(fraction, "fraction", least=0, most=1, hint=hint) * d)


def drawing(generator: torch.Generator) -> torch.device:
    """Return the device of a generator, or say that one is needed.

    Examples
    --------
    >>> drawing(torch.Generator())
    device(type='cpu')
    """
    return require_generator(generator).device


class Operator(nn.Module):
    """A linear map `A` from pictures (B, C, H, W) to measurements `(B, *measured)`.

    Subclasses implement `_forward` and `_adjoint`, and `_dagger` where their rows are not orthonormal. These get copies
    of what a caller passes.

    Parameters
    ----------
    shape : sequence of three int
        (C, H, W) of one picture.
    measured : sequence of int
        Shape of the measurement of one picture; `k` is how many numbers that is.
    orthonormal : bool
        Whether `A A_adjoint = 1`, so that `A_dagger = A_adjoint`; if not, the kind gives `_dagger` as well.
    device : str or torch.device
        Where it is, until moved with `to`.

    Attributes
    ----------
    adjoint_inverts : bool
        Whether `A_dagger = A_adjoint`: for orthonormal rows, and for these beside rows of zeros (a mask that keeps
        its shape). White noise in the measurements is then white in `A_dagger m` as well, among what was measured.
    averages : bool
        Whether every measurement is a sum of pixels with weights that are not negative.

    Notes
    -----
    Shapes and types are checked here; values are not, since `A` also measures noisy states:
    `inverse.check_measurements` checks those.
    """

    def __init__(
        self,
        shape: Sequence[int],
        measured: Sequence[int],
        orthonormal: bool = True,
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__()
        self.shape, self.measured, self.orthonormal = picture_shape(shape), tuple(map(int, measured)), orthonormal
        self.adjoint_inverts, self.averages = orthonormal, False
        # tells where the operator is, also when it holds nothing else
        self.register_buffer("_place", torch.empty(0, device=device), persistent=False)

    @property
    def k(self) -> int:
        """How many numbers are measured of one picture."""
        return math.prod(self.measured)

    def extra_repr(self) -> str:
        """Say the two shapes where the operator is printed."""
        return f"{self.shape} -> {self.measured}, {'orthonormal rows' if self.orthonormal else 'rows not orthonormal'}"

    def _checked(self, t: Tensor, item: tuple[int, ...], name: str) -> Tensor:
        if not isinstance(t, Tensor) or t.dtype not in FLOATS:
            raise TypeError(
                f"{name} is {t.dtype if isinstance(t, Tensor) else type(t).__name__}; expected a tensor of float32 or"
                " float64."
            )
        if t.ndim != len(item) + 1 or tuple(t.shape[1:]) != item:
            hint = f" One item alone becomes {name}[None]." if tuple(t.shape) == item else ""
            expected = "(" + ", ".join(["B", *map(str, item)]) + ")"
            raise ValueError(f"{name} has shape {tuple(t.shape)}; this {type(self).__name__} expects {expected}.{hint}")
        if t.device != self._place.device:
            raise ValueError(
                f"{name} is on {t.device} and this {type(self).__name__} on {self._place.device}; expected one device."
                " Move the operator with .to(device)."
            )
        return t

    def A(self, x: Tensor) -> Tensor:
        """Measure pictures `x` (B, C, H, W), float32 or float64; returns `(B, *measured)`."""
        return self._forward(self._checked(x, self.shape, "x").clone())  # (B, *measured)

    forward = A

    def A_adjoint(self, m: Tensor) -> Tensor:
        """Return the pictures (B, C, H, W) with `<x, A_adjoint m> = <A x, m>` for every `x`.

        `m` is `(B, *measured)`.
        """
        return self._adjoint(self._checked(m, self.measured, "m").clone())  # (B, C, H, W)

    def A_dagger(self, m: Tensor) -> Tensor:
        """Return the smallest pictures (B, C, H, W) whose measurements are nearest to `m` `(B, *measured)`."""
        m = self._checked(m, self.measured, "m").clone()
        return self._adjoint(m) if self.adjoint_inverts else self._dagger(m)  # (B, C, H, W)

    def project(self, x: Tensor, m: Tensor) -> Tensor:
        """Return `x + A_dagger(m - A x)`, for each of `x` (B, C, H, W) the nearest picture that agrees with `m`.

        `m` has the shape `(B or 1, *measured)`.
        """
        m, seen = self._checked(m, self.measured, "m"), self.A(x)
        if m.dtype != x.dtype or m.shape[0] not in (1, x.shape[0]):
            raise ValueError(
                f"m is {m.dtype} for {m.shape[0]} pictures and x is {x.dtype} for {x.shape[0]}; expected one dtype, and"
                " as many measurements as pictures or a single one."
            )
        return x + self.A_dagger(m - seen)

    def _forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} has no _forward: write A for (B, C, H, W).")

    def _adjoint(self, m: Tensor) -> Tensor:
        raise NotImplementedError(
            f"{type(self).__name__} has no _adjoint: write the transpose of A for (B, *measured)."
        )

    def _dagger(self, m: Tensor) -> Tensor:
        raise NotImplementedError(
            f"{type(self).__name__} has no orthonormal rows and no _dagger: write the pseudo-inverse of A."
        )

    def _keep(self, name: str, matrix: Tensor) -> None:
        # two float32 hold a float64 to 48 bits, and also travel to devices without float64
        self.register_buffer(name, matrix.float())
        self.register_buffer(f"{name}_rest", (matrix.double() - matrix.float().double()).float())

    def _kept(self, name: str, like: Tensor) -> Tensor:
        matrix = getattr(self, name).to(like.dtype)
        return matrix if like.dtype == torch.float32 else matrix + getattr(self, f"{name}_rest").to(like.dtype)
