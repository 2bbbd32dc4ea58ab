"""Denoisers of one class: by features, and by classifier-free guidance; and what the guide is worth, in decibels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, ToldDenoiser, network
from dprior_lite.gates.numbers import require_kind, require_number
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.generalization.pairs import denoised
from dprior_lite.guidance.features import TOGETHER, Features, fingerprint
from dprior_lite.metrics import psnr
from dprior_lite.miyasawa import noisy
from dprior_lite.nets.guided import GuidedUNet


@dataclass(frozen=True)
class Guided:
    """A blind denoiser `y -> x_hat`: a network guided by features; made by `guided`.

    Attributes
    ----------
    net : GuidedUNet
        Network.
    features : Features
        One row for all pictures, or one a picture.
    """

    net: GuidedUNet
    features: Features

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W)."""
        return self.net(y, self.features.values.to(y))

    def of(self, items: Tensor) -> Guided:
        """Return the denoiser of some items of a batch, as `sampling.ascend` asks for it."""
        if len(self.features) == 1:
            return self
        return replace(self, features=replace(self.features, values=self.features.values[items]))


def guided(net: GuidedUNet, features: Features) -> Guided:
    """Return the blind denoiser of one class, or of one class a picture, for `sampling.sample` and others.

    Parameters
    ----------
    net : GuidedUNet
        Network that was trained with a partner.
    features : Features
        A centroid, or features between two: one row. Or one row a picture.

    Raises
    ------
    TypeError, ValueError
        If the network takes no guide, or the features belong to another network or to some blocks only.

    Examples
    --------
    >>> from dprior_lite.guidance import features
    >>> net = GuidedUNet((4, 8))
    >>> guided(net, features(net, torch.zeros(1, 1, 8, 8)))(torch.zeros(2, 1, 8, 8)).shape
    torch.Size([2, 1, 8, 8])
    """
    require_kind(net, GuidedUNet, "net")
    require_kind(features, Features, "features")
    if net.gamma is None:
        raise ValueError("net was built without guidance; expected one that was trained with a partner.")
    if features.net != (own := fingerprint(net)):
        raise ValueError(
            f"The features are of the network {features.net}, and net is {own}: their channels do not correspond."
            " Compute them again with this network."
        )
    if features.blocks != net.blocks:
        raise ValueError(
            f"The features are of {', '.join(features.blocks)}; expected those of all blocks, {', '.join(net.blocks)}."
        )
    return Guided(net, features)


def class_gains(
    net: GuidedUNet, other: Denoiser, x: Tensor, guides: Features, sigma: float, generator: torch.Generator
) -> Tensor:
    """Return by how many decibels a guide improves the denoising of each picture over another network, (N,).

    Parameters
    ----------
    net : GuidedUNet
        Guided network.
    other : callable
        Blind denoiser, such as its unguided twin.
    x : Tensor
        Clean pictures (N, C, H, W) in [0, 1].
    guides : Features
        One row for all, or one a picture.
    sigma : float
        Noise level, above 0.
    generator : torch.Generator
        Of the noise; both networks see the same.

    Returns
    -------
    Tensor
        PSNR of the guided network minus that of the other, float64.

    Examples
    --------
    >>> from dprior_lite.guidance import features
    >>> net, x = GuidedUNet((4, 8)), torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> class_gains(net, lambda y: y, x, features(net, x[:1]), 0.5, torch.Generator().manual_seed(0)).shape
    torch.Size([2])
    """
    denoiser = guided(net, guides)
    y = noisy(require_batch(check_pictures(x), "x", 4), require_number(sigma, "sigma", above=0), generator)
    if len(guides) not in (1, len(y)):
        raise ValueError(f"guides has {len(guides)} rows for {len(y)} pictures; expected 1, or one a picture.")
    parts = torch.arange(len(y)).split(TOGETHER)
    one = torch.cat([next(denoised(denoiser.of(part), y[part], TOGETHER)) for part in parts])
    two = torch.cat(list(denoised(other, y, TOGETHER, "other")))
    return torch.tensor([psnr(a[None], c[None]) - psnr(b[None], c[None]) for a, b, c in zip(one, two, x)]).double()


def classifier_free(of_class: ToldDenoiser, of_all: ToldDenoiser, weight: float) -> Callable[[Tensor, float], Tensor]:
    """Return the denoiser `(y, sigma)` of classifier-free guidance: `all + weight (class - all)`.

    It moves the score of the mixture by `weight` times its difference from the score of the class (Ho & Salimans 2022,
    whose weight is one less). With the weight 1 that is the score of the class, which is exact. With another one it is
    not the score of noisy draws from any density that is named: raising `p(class | y)` to a power does not commute with
    adding noise.

    Parameters
    ----------
    of_class, of_all : callable
        Denoisers `(y, sigma) -> x_hat` of the class and of the mixture.
    weight : float
        1 is exact, above 1 is usual.

    Examples
    --------
    >>> guide = classifier_free(lambda y, sigma: y + 1, lambda y, sigma: y, weight=3)
    >>> guide(torch.zeros(1, 2), 0.5)
    tensor([[3., 3.]])
    """
    weight = require_number(weight, "weight")
    one, all_ = network(of_class, "of_class"), network(of_all, "of_all")

    def denoiser(y: Tensor, sigma: float) -> Tensor:
        """Return the guided estimate (B, ...)."""
        x_hat = all_(y, sigma)
        return x_hat + weight * (one(y, sigma) - x_hat)

    return denoiser
