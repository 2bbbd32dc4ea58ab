"""What all operators share: shapes, checks of the arguments, and the projection onto the pictures that agree with a measurement."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def picture_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    """Return `shape` as a tuple (C, H, W), or say what is wrong with it.

    Examples
    --------
    >>> picture_shape([3, 8, 8])
    (3, 8, 8)
    """
    if len(shape) != 3 or min(shape) < 1:
        raise ValueError(f"shape is {tuple(shape)}; expected (C, H, W) of one picture, each at least 1.")
    channels, height, width = map(int, shape)
    return channels, height, width


def count(fraction: float, d: int) -> int:
    """Return how many of `d` numbers are the given fraction of them, 0 to 1.

    Examples
    --------
    >>> count(0.1, 64)
    6
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction}; expected the measured part of all {d} numbers, 0 to 1.")
    return round(fraction * d)


def drawing(generator: torch.Generator) -> torch.device:
    """Return where a generator draws, or say that one is needed.

    Examples
    --------
    >>> drawing(torch.Generator())
    device(type='cpu')
    """
    if not isinstance(generator, torch.Generator):
        raise TypeError(
            f"generator is a {type(generator).__name__}; this is drawn at random, give"
            " generator=torch.Generator().manual_seed(0)."
        )
    return generator.device


class Operator(nn.Module):
    """A linear map `A` from pictures (B, C, H, W) to measurements `(B, *measured)`; a kind of its own gives `_forward` and `_adjoint`.

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
        self.adjoint_inverts = orthonormal
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
        if not isinstance(t, Tensor) or t.dtype not in (torch.float32, torch.float64):
            raise TypeError(
                f"{name} is {t.dtype if isinstance(t, Tensor) else type(t).__name__}; expected a tensor of float32 or"
                " float64."
            )
        if t.ndim != len(item) + 1 or tuple(t.shape[1:]) != item:
            hint = f" One item alone becomes {name}[None]." if tuple(t.shape) == item else ""
            expected = "(" + ", ".join(["B", *map(str, item)]) + ")"
            raise ValueError(f"{name} has shape {tuple(t.shape)}; this {type(self).__name__} expects {expected}.{hint}")
        return t

    def A(self, x: Tensor) -> Tensor:
        """Measure pictures `x` (B, C, H, W), float32 or float64; returns `(B, *measured)`."""
        return self._forward(self._checked(x, self.shape, "x"))

    forward = A

    def A_adjoint(self, m: Tensor) -> Tensor:
        """Return the pictures (B, C, H, W) with `<x, A_adjoint m> = <A x, m>` for every `x`; `m` is `(B, *measured)`."""
        return self._adjoint(self._checked(m, self.measured, "m"))

    def A_dagger(self, m: Tensor) -> Tensor:
        """Return the smallest pictures (B, C, H, W) whose measurements are as near to `m` `(B, *measured)` as any can be."""
        m = self._checked(m, self.measured, "m")
        return self._adjoint(m) if self.adjoint_inverts else self._dagger(m)

    def project(self, x: Tensor, m: Tensor) -> Tensor:
        """Return `x + A_dagger(m - A x)`: for each of `x` (B, C, H, W) the nearest picture that agrees with `m`, of shape `(B or 1, *measured)`."""
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
