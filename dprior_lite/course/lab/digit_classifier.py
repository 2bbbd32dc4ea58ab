"""A small classifier that labels sampled digits; a page trains it in a few seconds where it needs it."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def digit_classifier(x: Tensor, labels: Tensor, seed: int = 0) -> nn.Module:
    """Return a small convolutional classifier, trained for one pass over its examples.

    Parameters
    ----------
    x : Tensor
        Digits (B, 1, 28, 28) in [0, 1].
    labels : Tensor
        (B,), 0 to 9.
    seed : int
        Of the first weights and of the order of the examples.

    Examples
    --------
    >>> digit_classifier(torch.rand(8, 1, 28, 28), torch.arange(8))(torch.rand(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 49, 10),
        )
        optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
        for batch in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(x[batch]), labels[batch]).backward()
            optimiser.step()
    return net.eval().requires_grad_(False)


def same_contrast(x: Tensor) -> Tensor:
    """Return every picture (B, C, H, W) divided by its largest value.

    Examples
    --------
    >>> float(same_contrast(torch.full((1, 1, 2, 2), 0.25)).max())
    1.0
    """
    return x / x.amax((1, 2, 3), keepdim=True)


def confidence(net: nn.Module, x: Tensor) -> float:
    """Return the classifier's mean largest probability on pictures of matched contrast, 0.1 to 1.

    Examples
    --------
    >>> confidence(lambda x: torch.zeros(len(x), 10), torch.ones(2, 1, 28, 28))
    0.10000000149011612
    """
    return float(net(same_contrast(x)).softmax(1).amax(1).mean())
