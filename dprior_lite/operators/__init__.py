"""Linear measurements `m = A x` of pictures, and the picture nearest to a guess that agrees with them.

`A_dagger` is the pseudo-inverse of `A`. Where the rows of `A` are orthonormal (`A A_adjoint = 1`: every
operator here, but not every `Matrix`, `Functions` or `Compose` with one) it is `A_adjoint`, as in Kadkhodaie &
Simoncelli 2021, section 3; and

    project(x, m) = x + A_dagger(m - A x)

is the picture nearest to `x` that agrees with `m`. All act on batches (B, C, H, W), in the dtype of the argument,
and move with `.to(device)`. Not here: noise in the measurement, operators that are not linear, and anything that
knows what pictures look like.
"""

from __future__ import annotations

from dprior_lite.operators.base import Operator
from dprior_lite.operators.checks import adjoint_error, dagger_error
from dprior_lite.operators.custom import Compose, Functions, Matrix
from dprior_lite.operators.pixels import Inpaint, RandomPixels, SuperResolution
from dprior_lite.operators.transforms import RandomProjection, SpectralDeblur

__all__ = [
    "Compose",
    "Functions",
    "Inpaint",
    "Matrix",
    "Operator",
    "RandomPixels",
    "RandomProjection",
    "SpectralDeblur",
    "SuperResolution",
    "adjoint_error",
    "dagger_error",
]
