"""Which measurements to take: K linear measurements, chosen for the decoder that will read them.

PCA is the best choice for Gaussian pictures, and for a decoder that is linear. For the prior inside a denoiser it is
not, and the best measurements are found by gradient descent through the sampler (Zhang, Kadkhodaie, Simoncelli &
Brainard 2024):

- `MeasurementMatrix` holds orthonormal rows that stay so while they are trained; `save_rows` and `load_rows` keep them;
- `pca_rows`, `ica_rows` and `random_rows` are what they are compared with, and where they start;
- `decode_by_projection`, `LinearDecoder` and `PriorDecoder` turn measurements back into pictures;
- `optimise` and `descend` train the rows, `objective` is the loss;
- `pooled_psnr`, `captured_variance`, `principal_axes` and `skewness` say what came out;
- `cross`, `Arms`, `Clouds` and `expected_error` are points in the plane whose best decoder is exact.

A gradient finds a local optimum. Whether it is the global one is known here for the points and for Gaussian pictures
alone.
"""

from __future__ import annotations

from dprior_lite.measurements.baselines import ica_rows, moments, pca_rows, random_rows
from dprior_lite.measurements.decoders import (
    Decoder,
    LinearDecoder,
    PriorDecoder,
    decode_by_projection,
)
from dprior_lite.measurements.descent import Descent, DescentState, Optimised
from dprior_lite.measurements.files import load_rows, read_rows_card, save_rows
from dprior_lite.measurements.matrices import (
    MeasurementMatrix,
    measured,
    orthonormality_error,
    orthonormalized,
)
from dprior_lite.measurements.optimise import descend, objective, optimise
from dprior_lite.measurements.quality import (
    captured_variance,
    pooled_psnr,
    principal_axes,
    skewness,
    ssim_each,
)
from dprior_lite.measurements.strokes import Arm, Arms, cross
from dprior_lite.measurements.toys import Clouds, ToyDecoder, error_curve, expected_error

__all__ = [
    "Arm",
    "Arms",
    "Clouds",
    "Decoder",
    "Descent",
    "DescentState",
    "LinearDecoder",
    "MeasurementMatrix",
    "Optimised",
    "PriorDecoder",
    "ToyDecoder",
    "captured_variance",
    "cross",
    "decode_by_projection",
    "descend",
    "error_curve",
    "expected_error",
    "ica_rows",
    "load_rows",
    "measured",
    "moments",
    "objective",
    "optimise",
    "orthonormality_error",
    "orthonormalized",
    "pca_rows",
    "pooled_psnr",
    "principal_axes",
    "random_rows",
    "read_rows_card",
    "save_rows",
    "skewness",
    "ssim_each",
]
