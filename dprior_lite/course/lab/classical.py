"""Classical methods: biharmonic interpolation, bicubic enlargement and total variation.

The methods are scikit-image's and torch's. Total variation with exact measurements is solved by Douglas-Rachford
splitting between scikit-image's proximal operator (Chambolle 2004) and the projection of the operator, which needs no
parameter of the data.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dprior_lite.operators import Inpaint, Operator, SuperResolution


def biharmonic(operator: Inpaint, m: Tensor) -> Tensor:
    """Fill what was not measured by the solution of the biharmonic equation (scikit-image).

    Parameters
    ----------
    operator : Inpaint
        Which pixels were measured.
    m : Tensor
        Their values, (B, k).

    Returns
    -------
    Tensor
        Pictures (B, C, H, W).

    Examples
    --------
    >>> hole = torch.ones(5, 5, dtype=torch.bool)
    >>> hole[2, 2] = False
    >>> round(float(biharmonic(Inpaint(hole), torch.full((1, 24), 0.25))[0, 0, 2, 2]), 3)
    0.25
    """
    from skimage.restoration import inpaint_biharmonic

    known, y = operator.A_adjoint(torch.ones_like(m[:1]))[0] > 0, operator.A_adjoint(m)
    filled = [np.stack([inpaint_biharmonic(plane, ~seen) for plane, seen in zip(x.numpy(), known.numpy())]) for x in y]
    return torch.as_tensor(np.stack(filled), dtype=m.dtype)


def bicubic(operator: SuperResolution, m: Tensor) -> Tensor:
    """Enlarge the block averages (B, C, h, w) by cubic interpolation to (B, C, H, W).

    Examples
    --------
    >>> bicubic(SuperResolution((1, 8, 8), 4), torch.full((1, 1, 2, 2), 2.0)).shape
    torch.Size([1, 1, 8, 8])
    """
    return F.interpolate(m / operator.factor, scale_factor=operator.factor, mode="bicubic")[
        ..., : operator.shape[1], : operator.shape[2]
    ]


def total_variation(operator: Operator, m: Tensor, weight: float = 0.05, rounds: int = 200) -> Tensor:
    """Return the pictures of least total variation among those that agree with `m`, (B, C, H, W).

    Parameters
    ----------
    operator : Operator
        Any whose `project` is a projection.
    m : Tensor
        Measurements `(B, *measured)`.
    weight : float
        Step of the splitting; it changes the speed, not the solution.
    rounds : int
        Iterations.

    Examples
    --------
    >>> left = torch.tensor([[True, True, False, False]])
    >>> [round(v, 2) for v in total_variation(Inpaint(left), torch.tensor([[0.2, 0.6]]))[0, 0, 0].tolist()]
    [0.2, 0.6, 0.6, 0.6]
    """
    from skimage.restoration import denoise_tv_chambolle

    state = operator.A_dagger(m)
    for _ in range(rounds):
        agreed = operator.project(state, m)
        turned = (2 * agreed - state).numpy()
        smooth = np.stack([denoise_tv_chambolle(x, weight=weight, channel_axis=0, max_num_iter=30) for x in turned])
        state = state + torch.as_tensor(smooth, dtype=m.dtype) - agreed
    return operator.project(state, m)
