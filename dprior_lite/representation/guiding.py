"""Guide a noisy picture: change it a little until its features are those of a target."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dprior_lite.gates.levels import as_picture, require_batch
from dprior_lite.gates.numbers import require_kind, require_number, require_whole
from dprior_lite.representation.blocks import means_of, require_blocks


@dataclass(frozen=True)
class Guidance:
    """How a state is moved until its features are those that are wanted.

    Attributes
    ----------
    rate : float
        Learning rate of Adam, in units of the pictures.
    rounds : int
        Most steps of Adam at one level.
    enough : float
        A picture stops where the squared error of its features is below this share of the first one.
    draws : int
        Draws of noise over which the wanted features are averaged.

    Examples
    --------
    >>> Guidance(rounds=20).rate
    0.01
    """

    rate: float = 0.01
    rounds: int = 100
    enough: float = 0.01
    draws: int = 10

    def __post_init__(self) -> None:
        require_number(self.rate, "rate", above=0)
        require_number(self.enough, "enough", least=0, below=1)
        require_whole(self.rounds, "rounds", 1, 100_000)
        require_whole(self.draws, "draws", 1, 10_000)


USUAL = Guidance()


def guide(net: nn.Module, y: Tensor, target: Tensor, block: str = "middle", guidance: Guidance = USUAL) -> Tensor:
    """Return states that are near `y` and have the features `target` at a block, (B, C, H, W).

    Parameters
    ----------
    net : nn.Module
        Denoiser in `eval` mode.
    y : Tensor
        Noisy pictures (B, C, H, W).
    target : Tensor
        Features at the level of the noise in `y`, (B, channels of the block), from `features`.
    block : str
        Name from `block_names`.
    guidance : Guidance
        Settings.

    Raises
    ------
    TypeError, ValueError
        If the network has no such block, or the features are of another block or another number of pictures.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> net, y = UNet((4, 8), (1, 1)).eval(), torch.rand(2, 1, 8, 8)
    >>> guide(net, y, torch.zeros(2, 8), guidance=Guidance(rounds=3)).shape
    torch.Size([2, 1, 8, 8])
    """
    y, target = require_batch(y, "y", 4).detach(), require_batch(target, "target", 2).detach()
    require_kind(guidance, Guidance, "guidance")
    (channels,) = require_blocks(net, y, [block])
    if target.shape != (len(y), channels):
        raise ValueError(
            f"target has shape {tuple(target.shape)}; expected ({len(y)}, {channels}), the features of {len(y)}"
            f" pictures at the block {block!r} of this network."
        )
    return guided(net, y, target, block, guidance)


def guided(net: nn.Module, y: Tensor, target: Tensor, block: str, guidance: Guidance) -> Tensor:
    """Return what `guide` does, without its checks."""
    with torch.inference_mode(False), torch.enable_grad():
        moved = y.detach().clone().requires_grad_()
        optimiser, first = torch.optim.Adam([moved], lr=guidance.rate), None
        for _ in range(guidance.rounds):
            # squared error of the features, each picture by itself
            found = means_of(net, moved, [block])[block].output
            error = (found - target).square().mean(1)  # (B,)
            first = error.detach() if first is None else first
            going = error.detach() > guidance.enough * first  # (B,)
            if not bool(going.any()):
                break

            # one step of Adam; who is near enough stays
            (gradient,) = torch.autograd.grad(error.sum(), moved)
            before, moved.grad = moved.detach().clone(), gradient
            optimiser.step()
            with torch.no_grad():
                moved.copy_(torch.where(as_picture(going, y), moved, before))
    return moved.detach()
