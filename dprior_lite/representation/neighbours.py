"""Nearest neighbours: do pictures that are close in some coordinates belong together?"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.numbers import require_whole
from dprior_lite.representation.clusters import _same_channels, require_labels
from dprior_lite.representation.sparsity import require_features

__all__ = ["nearest_neighbours", "principal_coordinates", "purity"]


def nearest_neighbours(phi: Tensor, training: Tensor, k: int = 5) -> Tensor:
    """Return the places of the `k` nearest rows of `training` to each row of `phi`, nearest first, (B, k).

    Parameters
    ----------
    phi : Tensor
        Coordinates of pictures (B, C): features, or pixels `x.flatten(1)`.
    training : Tensor
        Coordinates of other pictures (N, C).
    k : int
        How many.

    Raises
    ------
    TypeError, ValueError
        If they are not finite, have different numbers of coordinates, or there are fewer than k others.

    Examples
    --------
    >>> nearest_neighbours(torch.tensor([[0.9]]), torch.tensor([[0.0], [1.0], [2.0]]), 2).tolist()
    [[1, 0]]
    """
    from sklearn.neighbors import NearestNeighbors

    phi, k = require_features(phi), require_whole(k, "k")
    training = require_features(training, "training", least=k)
    _same_channels(phi, training, "phi", "training")
    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(training.double().cpu().numpy())
    return torch.from_numpy(found.kneighbors(phi.double().cpu().numpy(), return_distance=False)).to(phi.device)


def purity(phi: Tensor, labels: Tensor, training: Tensor, training_labels: Tensor, k: int = 5) -> Tensor:
    """Return the share of the `k` nearest other pictures that have the class of each picture, (B,), in float64.

    Its mean is the purity; of guesses it is one over the number of classes.

    Parameters
    ----------
    phi, training : Tensor
        Coordinates of pictures (B, C), and of the others among which neighbours are looked for (N, C).
    labels, training_labels : Tensor
        Their classes, whole numbers (B,) and (N,).
    k : int
        Neighbours a picture.

    Raises
    ------
    TypeError, ValueError
        As `nearest_neighbours`; also if classes are no whole numbers, one a picture.

    Examples
    --------
    >>> at, of = torch.tensor([[0.0], [0.2], [1.0], [1.2]]), torch.tensor([0, 0, 1, 1])
    >>> purity(torch.tensor([[0.1], [0.65]]), torch.tensor([0, 0]), at, of, k=2).tolist()
    [1.0, 0.5]
    """
    near = nearest_neighbours(phi, training, k)  # (B, k)
    labels, training_labels = require_labels(labels, phi), require_labels(training_labels, training, "training_labels")
    return (training_labels[near] == labels[:, None]).double().mean(1)


def principal_coordinates(x: Tensor, training: Tensor, n: int = 64) -> tuple[Tensor, Tensor]:
    """Return the coordinates of two sets along the `n` leading principal directions of the second, (B, n) and (N, n).

    Parameters
    ----------
    x, training : Tensor
        Pictures as rows, (B, d) and (N, d).
    n : int
        Directions, at most N and d.

    Raises
    ------
    TypeError, ValueError
        If they are not finite, have different sizes, or there are fewer than `n` directions.

    Examples
    --------
    >>> training = torch.tensor([[0.0, 0.0], [4.0, 0.0], [8.0, 0.1]])
    >>> principal_coordinates(training, training, 1)[0].abs().round().flatten().tolist()
    [4.0, 0.0, 4.0]
    """
    from sklearn.decomposition import PCA

    x, training = require_features(x, "x"), require_features(training, "training", least=2)
    _same_channels(x, training, "x", "training")
    n = require_whole(n, "n", 1, min(training.shape), hint="There are no more directions in these pictures.")
    found = PCA(n, svd_solver="full").fit(training.double().cpu().numpy())
    return tuple(torch.from_numpy(found.transform(v.double().cpu().numpy())).to(v.device) for v in (x, training))
