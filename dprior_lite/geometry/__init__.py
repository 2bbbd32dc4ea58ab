"""The Jacobian of a denoiser: rows and columns, singular values and subspaces, and what is not linear.

`J_ij = d x_hat_i / d y_j`. Row i is the filter that makes output pixel i, column j the trace that input pixel j
leaves. A network of ReLUs is affine around every y, `x_hat = J y + b`; without additive constants the *net bias* b is
zero (Mohan, Kadkhodaie, Simoncelli & Fernandez-Granda 2020, sections 3 to 5). Two numbers count what is kept: the
*effective dimension* `sum s² = |J|_F²`, the share of white noise that leaks through, and the *degrees of freedom*
`tr J`, which for a posterior mean is MSE / sigma² on average. Eigenvectors of the symmetric part of J are the basis in
which a bias-free denoiser shrinks its input (Kadkhodaie, Guth, Simoncelli & Mallat 2024, section 3). A picture
(C, H, W) is flattened to d = C H W numbers; a pixel is its index among them.
"""

from __future__ import annotations

from dprior_lite.geometry.affine import frozen, linear_part, net_bias
from dprior_lite.geometry.bases import principal_cosines, random_basis, shrinkage, shrinkage_error
from dprior_lite.geometry.eigen import Eigenbasis, leading_eigenpairs, symmetric_eigenbasis
from dprior_lite.geometry.harmonics import contour_energy, dct_oracle, mean_frequency, slope
from dprior_lite.geometry.jacobians import columns, filter_radius, jacobian, rows
from dprior_lite.geometry.probes import Probed, degrees_of_freedom, effective_dimension, probed, random_signs
from dprior_lite.geometry.subspaces import chance, containment, top_singular

__all__ = [
    "Eigenbasis",
    "Probed",
    "chance",
    "columns",
    "containment",
    "contour_energy",
    "dct_oracle",
    "degrees_of_freedom",
    "effective_dimension",
    "filter_radius",
    "frozen",
    "jacobian",
    "leading_eigenpairs",
    "linear_part",
    "mean_frequency",
    "net_bias",
    "principal_cosines",
    "probed",
    "random_basis",
    "random_signs",
    "rows",
    "shrinkage",
    "shrinkage_error",
    "slope",
    "symmetric_eigenbasis",
    "top_singular",
]
