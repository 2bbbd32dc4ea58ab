"""Fréchet distance between sets of digits, in the features of a small classifier.

`|m_a - m_b|² + tr(C_a + C_b - 2 (C_a C_b)^(1/2))`, with mean and covariance of the features of either set: the squared
Wasserstein distance of two Gaussians (Heusel et al. 2017, with another network). It depends on the classifier and on
the number of samples, so its values are comparable within one table only.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
import torch
from torch import Tensor, nn

FEATURES = 64


class DigitFeatures(nn.Module):
    """Small classifier of digits (B, 1, 28, 28) whose last hidden layer gives the features (B, 64).

    Examples
    --------
    >>> DigitFeatures().features(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 64])
    """

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 49, FEATURES),
            nn.ReLU(),
        )
        self.last = nn.Linear(FEATURES, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (B, 10) of the ten digits."""
        return self.last(self.hidden(x))

    @torch.no_grad()
    def features(self, x: Tensor, batch: int = 1000) -> Tensor:
        """Return the features (B, 64) of pictures `x` (B, 1, 28, 28)."""
        return torch.cat([self.hidden(part) for part in x.split(batch)])


def trained_features(x: Tensor, labels: Tensor, passes: int = 2, seed: int = 0) -> DigitFeatures:
    """Return a classifier trained on digits `x` (B, 1, 28, 28) with labels (B,).

    Examples
    --------
    >>> net = trained_features(torch.rand(8, 1, 28, 28), torch.arange(8))
    >>> net(torch.rand(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        net = DigitFeatures()
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(passes):
            for batch in torch.randperm(len(x)).split(128):
                optimiser.zero_grad()
                nn.functional.cross_entropy(net(x[batch]), labels[batch]).backward()
                optimiser.step()
    return net.eval().requires_grad_(False)


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Return the Fréchet distance of two sets of features (A, F) and (B, F).

    Raises
    ------
    ValueError
        If the sets do not have the same number of features, or one has fewer than two items.

    Examples
    --------
    >>> a = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    >>> round(frechet_distance(a, a), 3), round(frechet_distance(a, a + 1), 3)
    (0.0, 3.0)
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(
            f"a has shape {tuple(a.shape)} and b {tuple(b.shape)}; expected (A, F) and (B, F), at least two each."
        )
    (m_a, c_a), (m_b, c_b) = ((v.mean(0), np.atleast_2d(np.cov(v.T))) for v in (a.double().numpy(), b.double().numpy()))
    root = scipy.linalg.sqrtm(c_a @ c_b)
    return max(0.0, float(((m_a - m_b) ** 2).sum() + np.trace(c_a) + np.trace(c_b) - 2 * np.trace(root.real)))
