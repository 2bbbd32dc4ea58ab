"""Clusters of features: how far they lie apart, which channels they share, and what a Gaussian cloud would give.

k-means finds clusters in any cloud, also in one that has none. So every number about clusters has a null beside it: the
same number for a Gaussian with the mean and the covariance of the features, clustered in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.numbers import holds, kind_of, require_generator, require_whole
from dprior_lite.representation.sparsity import require_features

__all__ = ["Overlap", "assign", "clusters", "gaussian_surrogate", "separation_ratio", "separations", "top_overlap"]

RESTARTS = 10  # of k-means
MOST_SEED = 2**32 - 1


def clusters(phi: Tensor, k: int, seed: int = 0) -> Tensor:
    """Return the centres that k-means finds, (k, C), in float64.

    k-means++ starts and ten restarts, of scikit-learn. The features are taken as they are: channels with large averages
    count most.

    Parameters
    ----------
    phi : Tensor
        Features (B, C) of at least k pictures.
    k : int
        Number of clusters.
    seed : int
        Of the starts.

    Raises
    ------
    TypeError, ValueError
        If the features are not finite, or there are fewer pictures than clusters.

    Examples
    --------
    >>> phi = torch.tensor([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.1, 5.0]])
    >>> clusters(phi, 2).sum(1).sort().values.round(decimals=2).tolist()
    [0.05, 10.05]
    """
    from sklearn.cluster import KMeans

    k, seed = require_whole(k, "k"), require_whole(seed, "seed", 0, MOST_SEED)
    phi = require_features(phi, "phi", least=k)
    found = KMeans(k, n_init=RESTARTS, random_state=seed).fit(phi.double().cpu().numpy())
    return torch.from_numpy(found.cluster_centers_).to(phi.device)


def assign(phi: Tensor, centres: Tensor) -> Tensor:
    """Return the number of the nearest centre of each picture, (B,).

    Parameters
    ----------
    phi : Tensor
        Features (B, C).
    centres : Tensor
        From `clusters`, (k, C).

    Raises
    ------
    TypeError, ValueError
        If one is not finite, or the two have different numbers of channels: they are of different blocks.

    Examples
    --------
    >>> assign(torch.tensor([[0.9], [0.2]]), torch.tensor([[0.0], [1.0]])).tolist()
    [1, 0]
    """
    phi, centres = require_features(phi), require_features(centres, "centres")
    _same_channels(phi, centres, "phi", "centres")
    return torch.cdist(phi.double(), centres.double()).argmin(1)


def separation_ratio(a: Tensor, b: Tensor) -> float:
    """Return the distance of two groups' means over their spread along the line between them.

    `|m_a - m_b| / sqrt(E <phi - m_a, u>² + E <phi - m_b, u>²)` with u the direction from one mean to the other.

    Parameters
    ----------
    a, b : Tensor
        Features of two groups, (B, C) each, at least 2 pictures.

    Raises
    ------
    TypeError, ValueError
        If they are no such features, have equal means, or have no spread at all.

    Examples
    --------
    >>> separation_ratio(torch.tensor([[0.0], [2.0]]), torch.tensor([[9.0], [13.0]])) == 10 / 5**0.5
    True
    """
    a, b = (require_features(v, name, least=2).double() for v, name in ((a, "a"), (b, "b")))
    _same_channels(a, b, "a", "b")
    away = a.mean(0) - b.mean(0)  # (C,)
    distance = float(away.norm())
    if not distance > 0:
        raise ValueError("a and b have the same mean, so there is no line between them; expected two groups.")
    u = away / distance
    spread = sum(float(((v - v.mean(0)) @ u).square().mean()) for v in (a, b)) ** 0.5
    if not spread > 0:
        raise ValueError("a and b have no spread along the line between their means; expected more pictures.")
    return distance / spread


def separations(phi: Tensor, labels: Tensor, least: int = 5) -> Tensor:
    """Return the separation ratio of every pair of groups, (pairs,), in float64.

    Parameters
    ----------
    phi : Tensor
        Features (B, C).
    labels : Tensor
        Group of each picture, whole numbers (B,).
    least : int
        Groups of fewer pictures are left out: their spread would be guessed from too few.

    Raises
    ------
    TypeError, ValueError
        As `separation_ratio`; also if fewer than two groups are large enough.

    Examples
    --------
    >>> phi = torch.tensor([[0.0], [2.0], [9.0], [13.0]])
    >>> len(separations(phi, torch.tensor([0, 0, 1, 1]), least=2))
    1
    """
    phi, least = require_features(phi), require_whole(least, "least", 2)
    labels = require_labels(labels, phi)
    groups = [phi[labels == g] for g in labels.unique()]
    large = [g for g in groups if len(g) >= least]
    if len(large) < 2:
        raise ValueError(f"{len(large)} of {len(groups)} groups have {least} pictures or more; expected at least two.")
    found = [separation_ratio(a, b) for i, a in enumerate(large) for b in large[:i]]
    return torch.tensor(found, dtype=torch.float64)


def gaussian_surrogate(phi: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return `n` draws of a Gaussian with the mean and the covariance of features, (n, C), in float64.

    Parameters
    ----------
    phi : Tensor
        Features (B, C) of at least 2 pictures. With fewer pictures than channels the covariance is singular, and the
        draws lie in the same subspace.
    n : int
        How many.
    generator : torch.Generator
        Of the draws.

    Raises
    ------
    TypeError, ValueError
        If the features are not finite, or of one picture alone.

    Examples
    --------
    >>> gaussian_surrogate(torch.eye(3), 5, torch.Generator().manual_seed(0)).sum(1).round(decimals=6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    phi, n = require_features(phi, "phi", least=2).double(), require_whole(n, "n")
    draw = torch.randn(n, len(phi), generator=require_generator(generator), dtype=torch.float64).to(phi.device)
    mean = phi.mean(0)
    return mean + draw @ (phi - mean) / (len(phi) - 1) ** 0.5


@dataclass(frozen=True)
class Overlap:
    """The share of leading channels that two pictures have in common, averaged over pairs.

    Attributes
    ----------
    within : float
        Over pairs of one group.
    between : float
        Over pairs of different groups.
    """

    within: float
    between: float

    @property
    def ratio(self) -> float:
        """`within` over `between`; infinite where different groups share no channel."""
        return self.within / self.between if self.between else float("inf")


def top_overlap(phi: Tensor, labels: Tensor, top: int = 20, channels: Tensor | None = None) -> Overlap:
    """Return the share of their `top` strongest channels that two pictures have in common.

    Parameters
    ----------
    phi : Tensor
        Features (B, C).
    labels : Tensor
        Group of each picture, whole numbers (B,).
    top : int
        Strongest channels of each picture. A channel of which the average is not above zero is not among them.
    channels : Tensor, optional
        Which channels are looked at, (C,) of truth values; all by default. Channels that are always on are among the
        strongest of every picture, so they are best left out.

    Raises
    ------
    TypeError, ValueError
        If the features or groups are not what they should be, there are fewer than `top` channels, or there are no
        pairs of one kind.

    Examples
    --------
    >>> phi = torch.tensor([[3.0, 2.0, 0.0, 0.0], [2.0, 1.0, 0.0, 0.0], [0.0, 3.0, 2.0, 0.0]])
    >>> top_overlap(phi, torch.tensor([0, 0, 1]), top=2)
    Overlap(within=1.0, between=0.5)
    """
    phi, top = require_features(phi), require_whole(top, "top")
    labels = require_labels(labels, phi)
    if channels is not None:
        if not isinstance(channels, Tensor) or channels.dtype != torch.bool or channels.shape != phi.shape[1:]:
            raise TypeError(f"channels is {kind_of(channels)}; expected one truth value a channel, ({phi.shape[1]},).")
        phi = phi[:, channels]
    if phi.shape[1] < top:
        raise ValueError(f"{phi.shape[1]} channels are left; expected at least top={top} of them.")
    chosen = torch.zeros_like(phi, dtype=torch.float64).scatter(1, phi.topk(top).indices, 1) * (phi > 0)  # (B, C)
    shared = chosen @ chosen.mT / top  # (B, B)
    same = labels[:, None] == labels
    others = ~torch.eye(len(phi), dtype=torch.bool, device=phi.device)
    if not bool((same & others).any()) or bool(same.all()):
        raise ValueError("labels give no pair of one group, or no pair of two; expected groups of several pictures.")
    return Overlap(float(shared[same & others].mean()), float(shared[~same].mean()))


def require_labels(labels: Tensor, phi: Tensor, name: str = "labels") -> Tensor:
    """Return the groups of pictures if they are whole numbers, one a picture.

    Examples
    --------
    >>> require_labels(torch.tensor([0, 1]), torch.zeros(2, 3)).tolist()
    [0, 1]
    """
    whole = isinstance(labels, Tensor) and not labels.is_floating_point() and not labels.is_complex()
    if not whole or labels.dtype == torch.bool or labels.shape != phi.shape[:1]:
        raise TypeError(f"{name} is {kind_of(labels)}; expected whole numbers, one a picture, ({len(phi)},).")
    if not holds((labels >= 0).all()):
        raise ValueError(f"{name} holds negative numbers; expected the numbers of groups, from 0 on.")
    return labels.to(phi.device)


def _same_channels(a: Tensor, b: Tensor, name_a: str, name_b: str) -> None:
    """Refuse features of two kinds."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"{name_a} has {a.shape[1]} channels and {name_b} has {b.shape[1]}; expected features of one network and"
            " one block."
        )
