"""Features of pictures, kept together with the network and the blocks they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import answer
from dprior_lite.gates.numbers import require_kind, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.nets.guided import GuidedUNet

TOGETHER = 64  # pictures that a network is given at once


@dataclass(frozen=True)
class Features:
    """Features of N pictures, or of N classes.

    Attributes
    ----------
    values : Tensor
        (N, F), block after block.
    blocks : tuple of str
        Names of the blocks.
    sizes : tuple of int
        How many features each block has.
    net : str
        `fingerprint` of the network.
    """

    values: Tensor
    blocks: tuple[str, ...]
    sizes: tuple[int, ...]
    net: str

    def __len__(self) -> int:
        return len(self.values)

    def block(self, name: str) -> Features:
        """Return the features of one block.

        Examples
        --------
        >>> features(GuidedUNet((4, 8)), torch.zeros(1, 1, 8, 8)).block("middle").values.shape
        torch.Size([1, 8])
        """
        if name not in self.blocks:
            raise ValueError(f"There is no block {name!r} among these features; there are {', '.join(self.blocks)}.")
        k = self.blocks.index(name)
        return Features(self.values.split(self.sizes, 1)[k], (name,), (self.sizes[k],), self.net)


def fingerprint(net: GuidedUNet) -> str:
    """Return twelve hexadecimal digits that change with any weight of a network.

    Examples
    --------
    >>> len(fingerprint(GuidedUNet((4, 8))))
    12
    """
    require_kind(net, GuidedUNet, "net")
    total = sha256()
    for name, value in net.state_dict().items():
        total.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:12]


@torch.no_grad()
def features(net: GuidedUNet, x: Tensor, together: int = TOGETHER) -> Features:
    """Return the features phi of clean pictures.

    Parameters
    ----------
    net : GuidedUNet
        With guidance or without: without, phi are the averages of the channels themselves.
    x : Tensor
        Pictures (N, C, H, W) in [0, 1].
    together : int
        Pictures that the network is given at once.

    Raises
    ------
    TypeError, ValueError
        If the network has no such features, or `x` are no clean pictures.

    Examples
    --------
    >>> found = features(GuidedUNet((4, 8)), torch.zeros(3, 1, 8, 8))
    >>> found.values.shape, found.blocks
    (torch.Size([3, 16]), ('encoder 1', 'middle', 'decoder 1'))
    """
    require_kind(net, GuidedUNet, "net")
    x, together = require_batch(check_pictures(x), "x", 4), require_whole(together, "together")
    x = x.to(next(net.parameters()))
    values = torch.cat([answer(net.features, part) for part in x.split(together)])  # (N, F)
    return Features(values, net.blocks, net.sizes, fingerprint(net))


def of_one_kind(found: Sequence[Features]) -> None:
    """Refuse features that are not of the same blocks of the same network.

    Examples
    --------
    >>> of_one_kind([features(GuidedUNet((4, 8)), torch.zeros(1, 1, 8, 8))])
    """
    first = require_kind(found[0], Features, "features")
    for other in (require_kind(v, Features, "features") for v in found[1:]):
        if other.net != first.net:
            raise ValueError(
                f"These are features of two networks, {first.net} and {other.net}; expected those of one network."
            )
        if other.blocks != first.blocks:
            raise ValueError(
                f"These are features of {', '.join(first.blocks)} and of {', '.join(other.blocks)}; expected those of"
                " the same blocks."
            )
