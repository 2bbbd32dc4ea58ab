"""Other pictures with the same features: a stochastic reconstruction in which a network guides itself.

A picture is reduced to its features phi at one block. A sampler then starts from noise and repeats two moves. *Guide*:
change the noisy state a little, by gradient descent on the pixels, until its features are those of the picture at the
same level of noise. *Denoise*: take a step of the sampler of chapter 4. The network is the same in both and was trained
to denoise, nothing else (Kadkhodaie, Mallat & Simoncelli 2025, two schedules).

With a list of levels each step denoises completely and adds the noise of the next level: a step of the ascent with
h = 1. With an `Ascent` the step is partial and the level is measured on the residual, as chapter 4 does.
Each move can be left out, to see what it is good for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dprior_lite.gates.levels import as_picture, require_batch
from dprior_lite.gates.network import network
from dprior_lite.gates.numbers import kind_of, require_generator, require_kind, require_number
from dprior_lite.representation.blocks import means_of, require_blocks
from dprior_lite.representation.guiding import USUAL, Guidance, guide, guided
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, advance, item_seeds, noise_level
from dprior_lite.sampling.outcome import copied, run

__all__ = ["Guidance", "guide", "reconstruct", "reconstruction"]

MOVES = ("both", "guidance", "score")


@dataclass(frozen=True)
class _Loop:
    """What every step of a reconstruction needs."""

    net: nn.Module
    denoise: Callable[[Tensor], Tensor]
    x: Tensor
    block: str
    guidance: Guidance
    noise: ItemNoise
    moves: str

    def target(self, sigma: Tensor) -> Tensor:
        """Return the features of the pictures at the levels (B,), (B, channels of the block)."""
        level = as_picture(sigma, self.x)
        with torch.no_grad():
            draws = [self.x + level * self.noise.draw() for _ in range(self.guidance.draws)]
            return sum(means_of(self.net, y, [self.block])[self.block].output for y in draws) / len(draws)

    def guided(self, y: Tensor, sigma: Tensor) -> Tensor:
        """Return the states moved to the features of the pictures, or as they are where that is left out."""
        if self.moves == "score":
            return y
        return guided(self.net, y, self.target(sigma), self.block, self.guidance)


def reconstruction(
    net: nn.Module,
    x: Tensor,
    mean: Tensor | float,
    generator: torch.Generator,
    schedule: Sequence[float] | Ascent,
    block: str = "middle",
    guidance: Guidance = USUAL,
    moves: str = "both",
) -> Iterator[State]:
    """Yield the states of a reconstruction of pictures from their features at one block.

    Parameters
    ----------
    net : nn.Module
        Blind denoiser in `eval` mode.
    x : Tensor
        Pictures whose features are kept, (B, C, H, W).
    mean : Tensor or float
        Where the sampler starts: one picture (C, H, W), such as the mean of the training pictures, or a gray level.
    generator : torch.Generator
        Gives the seed of every item.
    schedule : sequence of float, or Ascent
        Levels of the noise, falling; or the settings of an ascent that measures its own.
    block : str
        Name from `block_names`.
    guidance : Guidance
        Settings of the first move.
    moves : {"both", "guidance", "score"}
        Which moves are made. Without the score each state keeps what guidance did: the noise that was added to it is
        subtracted again in place of the denoising. That is possible with a list of levels only.

    Yields
    ------
    State
        Before every step and at the end. `y` is the guided noisy state, `x_hat` what the denoiser makes of it.

    Raises
    ------
    TypeError, ValueError
        If the network has no such block, the pictures are none, or the settings are not what they should be.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> net, x, draw = UNet((4, 8), (1, 1)).eval(), torch.rand(2, 1, 8, 8), torch.Generator().manual_seed(0)
    >>> states = list(reconstruction(net, x, 0.5, draw, (1.0, 0.3), guidance=Guidance(rounds=3)))
    >>> len(states), states[-1].x_hat.shape, [round(float(s.sigma[0]), 2) for s in states]
    (2, torch.Size([2, 1, 8, 8]), [1.0, 0.3])
    """
    x = require_batch(x, "x", 4).detach()
    require_kind(guidance, Guidance, "guidance")
    levels = schedule if isinstance(schedule, Ascent) else _falling(schedule)
    if moves not in MOVES:
        raise ValueError(f"moves is {moves!r}; expected one of {', '.join(MOVES)}.")
    if moves == "guidance" and isinstance(levels, Ascent):
        raise ValueError(
            "moves='guidance' leaves out the denoising, by which an Ascent measures its levels: pass a list."
        )
    require_blocks(net, x, [block])
    noise = ItemNoise(item_seeds(len(x), require_generator(generator)), x.shape[1:], x.device, x.dtype)
    loop = _Loop(net, torch.no_grad()(network(net)), x, block, guidance, noise, moves)
    start = _start(mean, x)
    return _measured(loop, start, levels) if isinstance(levels, Ascent) else _listed(loop, start, levels)


def _listed(loop: _Loop, start: Tensor, levels: Sequence[float]) -> Iterator[State]:
    """Yield the states of the first schedule: guide, denoise completely, add the noise of the next level."""
    running = torch.ones(len(start), dtype=torch.bool, device=start.device)
    added = levels[0] * loop.noise.draw()  # (B, C, H, W)
    y = start + added
    for n, level in enumerate(levels):
        # guide, and denoise
        sigma, more = start.new_full((len(start),), level), n + 1 < len(levels)  # (B,)
        y = loop.guided(y, sigma)
        x_hat = y - added if loop.moves == "guidance" else loop.denoise(y)
        yield copied(State(torch.full_like(sigma, n, dtype=torch.long), y, x_hat, sigma, running & more))

        # a step with h = 1 to the next level
        if more:
            z = loop.noise.draw()
            added = levels[n + 1] * z
            y = advance(y, x_hat - y, sigma, 1.0, 1 - levels[n + 1] / level, z)


def _measured(loop: _Loop, start: Tensor, ascent: Ascent) -> Iterator[State]:
    """Yield the states of the second schedule: guide, measure the noise, take a partial step of the ascent."""
    taken = torch.zeros(len(start), dtype=torch.long, device=start.device)  # (B,)
    running, sigma = taken == 0, start.new_full((len(start),), ascent.sigma_0)
    y, x_hat = start + ascent.sigma_0 * loop.noise.draw(), start
    for done in range(ascent.max_steps + 1):
        # guide, and denoise; who has arrived stands still
        here = as_picture(running, y)
        y = torch.where(here, loop.guided(y, sigma), y)
        x_hat = torch.where(here, loop.denoise(y), x_hat)
        sigma = torch.where(running, noise_level(x_hat - y), sigma)

        # stop by the noise
        running = running & (sigma > ascent.sigma_L)
        yield copied(State(taken, y, x_hat, sigma, running))
        if done == ascent.max_steps or not bool(running.any()):
            return

        # denoise partially, add noise
        moved = advance(y, x_hat - y, sigma, ascent.step_size(taken + 1), ascent.beta, loop.noise.draw())
        y = torch.where(as_picture(running, y), moved, y)
        taken = taken + running


def reconstruct(
    net: nn.Module,
    x: Tensor,
    mean: Tensor | float,
    generator: torch.Generator,
    schedule: Sequence[float] | Ascent,
    block: str = "middle",
    guidance: Guidance = USUAL,
    moves: str = "both",
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> Result:
    """Return where a reconstruction of pictures from their features ends.

    Parameters
    ----------
    net, x, mean, generator, schedule, block, guidance, moves
        As in `reconstruction`.
    watch : callable
        Wraps the states as they pass, such as `course.progress`.

    Returns
    -------
    Result
        Pictures (B, C, H, W), not clipped. With a list of levels all arrive at its end.

    Raises
    ------
    TypeError, ValueError
        As `reconstruction`.

    Examples
    --------
    >>> from dprior_lite.nets.unet import UNet
    >>> net, x, draw = UNet((4, 8), (1, 1)).eval(), torch.rand(2, 1, 8, 8), torch.Generator().manual_seed(0)
    >>> reconstruct(net, x, 0.5, draw, (1.0, 0.3), guidance=Guidance(rounds=3)).x.shape
    torch.Size([2, 1, 8, 8])
    """
    return run(reconstruction(net, x, mean, generator, schedule, block, guidance, moves), watch)[0]


def _falling(schedule: Sequence[float]) -> list[float]:
    """Return levels of noise that fall."""
    if not isinstance(schedule, Sequence) or isinstance(schedule, str) or not schedule:
        raise TypeError(f"schedule is {kind_of(schedule)}; expected falling levels of noise, or an Ascent.")
    levels = [require_number(level, "a level of schedule", above=0) for level in schedule]
    if any(not b < a for a, b in zip(levels, levels[1:])) or not math.isfinite(levels[0]):
        raise ValueError(
            f"schedule goes from {levels[0]:g} to {levels[-1]:g}; expected levels that fall at every step."
        )
    return levels


def _start(mean: Tensor | float, x: Tensor) -> Tensor:
    """Return the picture at which every item starts, (B, C, H, W)."""
    if isinstance(mean, Tensor) and mean.ndim:
        if mean.shape != x.shape[1:]:
            raise ValueError(
                f"mean has shape {tuple(mean.shape)}; expected one picture {tuple(x.shape[1:])}, or a number."
            )
        return require_batch(mean[None], "mean").detach().to(x).expand_as(x).clone()
    return torch.full_like(x, require_number(mean, "mean"))
