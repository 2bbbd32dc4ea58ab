"""The covariance in the Jacobian at work: the mean given a noisy picture and its measurements, in the same ascent.

Given the state `y`, a picture has the mean `x_hat` and the covariance `sigma² J` (chapter 1). Take it for Gaussian.
Then measurements `m = A x + noise` move the mean to

    x_hat + J A^T (A J A^T + (noise / sigma)²)^-1 (m - A x_hat),

which is exact if the pictures are Gaussian. The residual of this denoiser goes through `sampling.ascend`. With the
identity in place of J it is the denoiser of the 2021 algorithm, `inverse.Constrained`. Related: PiGDM (Song et al.
2023) has the identity inside the inverse; Tweedie moment projection (Boys et al. 2023) and moment matching (Rozet et
al. 2024) have J there, as here, in the drift of a diffusion with a schedule.

J of a network is no exact covariance: it is not symmetric, and has eigenvalues below zero and above one. So the
equation is solved by conjugate residuals, conjugate gradients whose remainder cannot grow whatever J is; a direction
of negative variance is left alone; and no answer moves farther than `LARGEST_MOVE` levels of noise.
"""

from __future__ import annotations

from dprior_lite.covariance.denoiser import CovarianceConstrained
from dprior_lite.covariance.products import linearised, translated
from dprior_lite.covariance.residuals import conjugate_residuals
from dprior_lite.covariance.solver import posterior, solve

__all__ = ["CovarianceConstrained", "conjugate_residuals", "linearised", "posterior", "solve", "translated"]
