"""Toys that more than one page plays with."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dprior_lite.miyasawa import GaussianMixture


def plane_in_space(mixture: GaussianMixture) -> Callable[[Tensor], Tensor]:
    """Return the exact denoiser of a mixture in the plane, set into a space of many dimensions.

    All clean numbers but the first two are zero. A single point of the plane cannot say how noisy it is; the other
    dimensions can, and each point is denoised at the level that they show.

    Parameters
    ----------
    mixture : GaussianMixture
        In two dimensions.

    Returns
    -------
    callable
        `net(y)` for (B, ...) with more than two numbers an item.

    Examples
    --------
    >>> origin = GaussianMixture.isotropic([[0.0, 0.0]], [1.0], [1.0])
    >>> plane_in_space(origin)(torch.tensor([[1.0, 1.0, -1.0, 1.0]]))
    tensor([[0.5000, 0.5000, 0.0000, 0.0000]])
    """

    def net(y: Tensor) -> Tensor:
        """Return the posterior mean in the plane, the level taken from the other coordinates, which become 0."""
        flat = y.flatten(1)
        levels = flat[:, 2:].double().square().mean(1).sqrt().tolist()  # (B,)
        points = flat[:, :2].double().split(1)
        means = torch.cat([mixture.posterior_mean(point, level) for point, level in zip(points, levels)])  # (B, 2)
        return torch.cat([means.to(y.dtype), torch.zeros_like(flat[:, 2:])], 1).reshape(y.shape)

    return net
