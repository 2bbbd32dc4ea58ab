"""Channel averages of the named blocks of a network, and their averages over noise: the features phi.

A block is any part of a torch network that returns maps of channels (B, C, h, w). Its features are the averages of the
maps over space. Over several draws of noise at one level they become::

    phi(x, sigma) = E_z [ mean over space of a(x + sigma z) ]

where `a` are the maps at the end of the block (Kadkhodaie, Mallat & Simoncelli 2025). Forward hooks read the maps, so
the network needs no method of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dprior_lite.gates.levels import require_batch, require_level
from dprior_lite.gates.names import nearest
from dprior_lite.gates.numbers import kind_of, require_generator, require_whole
from dprior_lite.representation.hooks import calls, hooked, is_maps, parts_of, require_module
from dprior_lite.sampling import ItemNoise, item_seeds

__all__ = ["BlockMeans", "block_features", "block_names", "channel_means", "features"]

TOGETHER = 64  # pictures that a network is given at once
MOST_DRAWS = 10_000


@dataclass(frozen=True)
class BlockMeans:
    """Averages over space of what enters a block and of what leaves it.

    Attributes
    ----------
    input : Tensor
        Averages of the channels that enter, (B, C_in).
    output : Tensor
        Averages of the channels that leave, (B, C).
    """

    input: Tensor
    output: Tensor


class _AllSeen(Exception):
    """Every block that was asked for has run; the rest of the network need not."""


def block_names(net: nn.Module, y: Tensor) -> tuple[str, ...]:
    """Return the names of the blocks of a network, in the order in which they run.

    These are its parts that return maps of channels (B, C, h, w). A list of parts is no block, its members are. Parts
    of a block can be asked for by their full names too, such as "middle.0".

    Parameters
    ----------
    net : nn.Module
        In `eval` mode.
    y : Tensor
        Noisy pictures (B, C, H, W); the first one is denoised to see what runs.

    Raises
    ------
    TypeError, ValueError
        If `net` is no torch network, or none of its parts returns maps.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> block_names(UNet((4, 8), (1, 1)).eval(), torch.zeros(1, 1, 8, 8))
    ('head', 'down_blocks.0', 'down.0', 'middle', 'up.0', 'up_blocks.0', 'tail')
    """
    y = require_batch(y, "y", 4)
    found = calls(require_module(net), y, parts_of(net))
    maps = tuple(dict.fromkeys(name for name, out in found if is_maps(out)))
    if not maps:
        raise ValueError(f"{type(net).__name__} has no part that returns maps of channels (B, C, h, w): use a UNet.")
    return maps


def channel_means(net: nn.Module, y: Tensor, blocks: Sequence[str]) -> dict[str, BlockMeans]:
    """Return the averages over space of the channels that enter and leave some blocks, by name.

    They carry the gradient of `y` where that is recorded. The network stops after the last of the blocks.

    Parameters
    ----------
    net : nn.Module
        Denoiser in `eval` mode.
    y : Tensor
        Noisy pictures (B, C, H, W).
    blocks : sequence of str
        Names from `block_names`, or of any part of the network.

    Raises
    ------
    TypeError, ValueError
        If `net` is no torch network, has no such part, or the part does not return maps of channels, once a pass.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> found = channel_means(UNet((4, 8), (1, 1)).eval(), torch.zeros(2, 1, 8, 8), ["middle", "up.0"])
    >>> found["up.0"].input.shape, found["up.0"].output.shape
    (torch.Size([2, 8]), torch.Size([2, 4]))
    """
    y = require_batch(y, "y", 4)
    require_blocks(net, y, blocks)
    return means_of(net, y, blocks)


def require_blocks(net: nn.Module, y: Tensor, blocks: Sequence[str]) -> list[int]:
    """Return how many channels leave each block, or say why the network has no such block.

    Raises
    ------
    TypeError, ValueError
        As `channel_means`.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> require_blocks(UNet((4, 8), (1, 1)).eval(), torch.zeros(2, 1, 8, 8), ["middle"])
    [8]
    """
    if isinstance(blocks, str) or not isinstance(blocks, Sequence) or not blocks:
        raise TypeError(f"blocks is {kind_of(blocks)}; expected a list of names, such as ['middle'].")
    known = dict(require_module(net).named_modules())
    for name in blocks:
        if not isinstance(name, str) or not name or name not in known:
            have = nearest(str(name), [*parts_of(net)])
            raise ValueError(f"{type(net).__name__} has no block {name!r}; expected one of its blocks: {have}.")
    found = calls(net, y, blocks)
    for name in blocks:
        runs = [out for called, out in found if called == name]
        if len(runs) != 1:
            raise ValueError(f"The part {name!r} runs {len(runs)} times a pass; expected a block that runs once.")
        if not is_maps(runs[0]):
            shape = tuple(runs[0].shape) if isinstance(runs[0], Tensor) else kind_of(runs[0])
            raise ValueError(f"The part {name!r} returns {shape}; expected a block with maps of channels (B, C, h, w).")
    return [next(out.shape[1] for called, out in found if called == name) for name in blocks]


def means_of(net: nn.Module, y: Tensor, blocks: Sequence[str]) -> dict[str, BlockMeans]:
    """Return what `channel_means` does, without its checks: for loops that made them before.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> means_of(UNet((4, 8), (1, 1)).eval(), torch.zeros(2, 1, 8, 8), ["middle"])["middle"].input.shape
    torch.Size([2, 8])
    """
    found: dict[str, BlockMeans] = {}

    def keep(name: str, given: tuple[Tensor, ...], maps: Tensor) -> None:
        """Keep the averages of a block, and stop the network after the last one."""
        found[name] = BlockMeans(*(v.mean((-2, -1)) for v in (given[0], maps)))  # (B, C_in), (B, C)
        if len(found) == len(set(blocks)):
            raise _AllSeen

    with hooked(net, blocks, keep):
        try:
            net(y)
        except _AllSeen:
            pass
    return {name: found[name] for name in blocks}


def block_features(
    net: nn.Module,
    x: Tensor,
    sigma: float | Tensor,
    generator: torch.Generator,
    blocks: Sequence[str],
    draws: int = 10,
    together: int = TOGETHER,
) -> dict[str, BlockMeans]:
    """Return the channel averages of some blocks for noisy versions of pictures, averaged over draws of the noise.

    Every picture has noise of its own, which does not depend on the others.

    Parameters
    ----------
    net : nn.Module
        Blind denoiser in `eval` mode.
    x : Tensor
        Clean pictures (B, C, H, W).
    sigma : float or Tensor
        Level of the noise, at least 0: one number, or one a picture (B,).
    generator : torch.Generator
        Gives the seed of every picture.
    blocks : sequence of str
        Names from `block_names`.
    draws : int
        Draws of noise to average over. Without noise one is enough.
    together : int
        Pictures that the network is given at once.

    Returns
    -------
    dict of str to BlockMeans
        By block, without a gradient.

    Raises
    ------
    TypeError, ValueError
        As `channel_means`; also for a negative level, no draws, or a missing generator.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> net, x = UNet((4, 8), (1, 1)).eval(), torch.rand(3, 1, 8, 8)
    >>> block_features(net, x, 0.1, torch.Generator().manual_seed(0), ["middle"])["middle"].output.shape
    torch.Size([3, 8])
    """
    x, draws = require_batch(x, "x", 4).detach(), require_whole(draws, "draws", 1, MOST_DRAWS)
    together, level = require_whole(together, "together"), require_level(sigma, x, zero=True)
    require_blocks(net, x, blocks)
    noise = ItemNoise(item_seeds(len(x), require_generator(generator)), x.shape[1:], x.device, x.dtype)
    with torch.no_grad():
        each = [_in_parts(net, x + level * noise.draw(), blocks, together) for _ in range(draws)]
    return {
        name: BlockMeans(*(torch.stack(kind).mean(0) for kind in zip(*((e[name].input, e[name].output) for e in each))))
        for name in blocks
    }


def features(
    net: nn.Module,
    x: Tensor,
    sigma: float | Tensor,
    generator: torch.Generator,
    block: str = "middle",
    draws: int = 10,
    together: int = TOGETHER,
) -> Tensor:
    """Return the features phi of pictures: what leaves one block, averaged over space and noise, (B, C).

    Parameters
    ----------
    net, x, sigma, generator, draws, together
        As in `block_features`.
    block : str
        Name from `block_names`.

    Raises
    ------
    TypeError, ValueError
        As `block_features`.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> features(UNet((4, 8), (1, 1)).eval(), torch.rand(3, 1, 8, 8), 0.1, torch.Generator().manual_seed(0)).shape
    torch.Size([3, 8])
    """
    return block_features(net, x, sigma, generator, [block], draws, together)[block].output


def _in_parts(net: nn.Module, y: Tensor, blocks: Sequence[str], together: int) -> dict[str, BlockMeans]:
    """Return the averages of all pictures, some of them at a time."""
    parts = [means_of(net, part, blocks) for part in y.split(together)]
    return {
        name: BlockMeans(torch.cat([p[name].input for p in parts]), torch.cat([p[name].output for p in parts]))
        for name in blocks
    }
