"""The denoiser that knows the measurements: the mean given the state and `m`, by the covariance in the Jacobian."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.covariance.products import Linearised, Product, linearised
from dprior_lite.covariance.residuals import MOST_ITERATIONS, conjugate_residuals
from dprior_lite.gates.levels import as_picture
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_whole
from dprior_lite.operators import Operator
from dprior_lite.sampling import noise_level

ITERATIONS = 1  # see `CovarianceConstrained`
LARGEST_MOVE = 3.0  # levels of noise, root mean square over the picture


@dataclass(frozen=True)
class CovarianceConstrained:
    """A denoiser whose answer is the mean given the noisy picture and the measurements `m` `(B, *measured)`.

    Attributes
    ----------
    net : callable
        Denoiser that records a gradient.
    operator : Operator
        What was measured.
    m : Tensor
        Measurements `(B, *measured)`.
    noise : float
        Standard deviation of white noise in `m`. Without it the answer agrees with `m` exactly.
    iterations : int
        Vector-Jacobian products an answer; each costs about one more pass.
    level : float, optional
        Noise level of the states, where it is known; by default it is read off the residual of `net`.
    linearised : callable
        Gives `x_hat(y)` and the product with J; `translated` puts the identity in its place.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> alike = lambda y: y.mean(-1, keepdim=True).expand_as(y)
    >>> CovarianceConstrained(alike, left, torch.tensor([[0.6]]))(torch.tensor([[[[0.4, 0.6]]]]))
    tensor([[[[0.6000, 0.6000]]]])
    """

    net: Denoiser
    operator: Operator
    m: Tensor
    noise: float = 0.0
    iterations: int = ITERATIONS
    level: float | None = None
    linearised: Linearised = linearised

    def __post_init__(self) -> None:
        object.__setattr__(self, "net", network(self.net))
        require_kind(self.operator, Operator, "operator")
        require_number(self.noise, "noise", least=0)
        require_whole(self.iterations, "iterations", 1, MOST_ITERATIONS)
        if self.level is not None:
            require_number(self.level, "level", above=0)
        if not isinstance(self.m, Tensor) or self.m.shape[1:] != self.operator.measured:
            raise ValueError(f"m is {kind_of(self.m)}; expected measurements (B, *{self.operator.measured}).")

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W), and move by what the measurements say."""
        x_hat, product = self.linearised(self.net, y)
        with torch.no_grad():
            gap = self.m - self.operator.A(x_hat)  # (B, *measured)
            level = noise_level(x_hat - y) if self.level is None else y.new_full((len(y),), self.level)  # (B,)
            if self.noise and self.operator.k:
                return x_hat + _near(self._noisy(product, gap, level), level)
            exact = self.operator.A_dagger(gap)  # (B, C, H, W)
            moved = self._exact(product, exact)

            # what was measured moves to its value, the rest with the covariance
            rest = moved - self.operator.A_dagger(self.operator.A(moved))
            return x_hat + exact + _near(rest, level)

    def _exact(self, product: Product, exact: Tensor) -> Tensor:
        """Return the move (B, C, H, W) without noise: with `A_dagger` for `A^T`, all operators are as easy."""

        def image(p: Tensor) -> tuple[Tensor, Tensor]:
            """Return what is measured of `J p`, as a picture, and `J p`."""
            moved = product(p)
            return self.operator.A_dagger(self.operator.A(moved)), moved

        return conjugate_residuals(image, exact, self.iterations)[0]

    def _noisy(self, product: Product, gap: Tensor, level: Tensor) -> Tensor:
        """Return the move (B, C, H, W) where the measurements have noise."""
        ratio = as_picture((self.noise / level.clamp(min=1e-6 * self.noise)).square(), gap)  # (B, 1, ...)

        def image(p: Tensor) -> tuple[Tensor, Tensor]:
            """Return `(A J A^T + ratio) p`, and `J A^T p`."""
            moved = product(self.operator.A_adjoint(p))
            return self.operator.A(moved) + ratio * p, moved

        return conjugate_residuals(image, gap, self.iterations)[0]

    def of(self, items: Tensor) -> CovarianceConstrained:
        """Return the same for some items of the batch."""
        return replace(self, m=self.m[items])


def _near(move: Tensor, level: Tensor) -> Tensor:
    """Return moves (B, C, H, W), those longer than `LARGEST_MOVE` levels of noise (B,) shortened to that."""
    size, most = noise_level(move), LARGEST_MOVE * level  # (B,)
    return as_picture(torch.where(size > most, most / size.clamp(min=1e-30), 1), move) * move
