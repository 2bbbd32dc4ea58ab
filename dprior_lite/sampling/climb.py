"""The ascent itself: a generator of states over a batch in which every item stops by its own noise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import jvp

from dprior_lite.sampling.ascent import Ascent, advance, noise_level
from dprior_lite.sampling.tape import NoiseTape, item_seeds

Denoiser = Callable[[Tensor], Tensor]
LARGEST_SHARE = 0.9  # of the noise that a probe may declare kept by the denoiser


@dataclass(frozen=True)
class State:
    """Where a batch stands: steps taken (B,), noisy state, what the denoiser sees in it, measured level (B,), who is still climbing (B,)."""

    step: Tensor
    y: Tensor
    x_hat: Tensor
    sigma: Tensor
    running: Tensor


@dataclass(frozen=True)
class Result:
    """Where a batch ended: pictures, the states before the last denoising, steps taken (B,), last level (B,), who arrived (B,)."""

    x: Tensor
    y: Tensor
    steps: Tensor
    sigma: Tensor
    converged: Tensor

    def __str__(self) -> str:
        arrived, first, last = int(self.converged.sum()), int(self.steps.min()), int(self.steps.max())
        took = f"{first} steps" if first == last else f"{first} to {last} steps"
        return f"{arrived} of {len(self.x)} arrived, {took}, last sigma {float(self.sigma.max()):.2g} at most"


def _measured(net: Denoiser, y: Tensor, signs: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the denoised state and the level of its noise (B,), plain, or with a probe corrected by the degrees of freedom."""
    x_hat, moved = (net(y), None) if signs is None else jvp(net, (y,), (signs,))
    if x_hat.shape != y.shape:
        raise ValueError(f"The denoiser returned {tuple(x_hat.shape)} for {tuple(y.shape)}; expected the same shape.")
    share = 0.0 if signs is None else (signs * moved).flatten(1).mean(1).clamp(0, LARGEST_SHARE)
    return x_hat, noise_level(x_hat - y) / (1 - share) ** 0.5


@torch.no_grad()
def ascend(
    net: Denoiser, y: Tensor, tape: NoiseTape, ascent: Ascent = Ascent(), steps: Tensor | None = None
) -> Iterator[State]:
    """Climb from `y`, yielding a `State` before every step and once at the end.

    Every item stops by its own level and then stands still; the last state's `x_hat` is the sample. No gradients are
    recorded: to differentiate through the ascent, loop over `advance`.

    Parameters
    ----------
    net : callable
        Denoiser. One that differs from item to item, such as `inverse.Constrained`, has a method `of(items)` that
        returns the denoiser of those items.
    y : Tensor
        Start, (B, ...), at about the level `ascent.sigma_0`.
    tape : NoiseTape
        Noise of as many items.
    ascent : Ascent
        Settings.
    steps : Tensor, optional
        Steps that each item has behind it, (B,); 0 unless given.

    Raises
    ------
    ValueError
        If the tape is for another batch or shape, or the denoiser returns another shape.
    FloatingPointError
        If a residual is NaN or infinite.

    Examples
    --------
    >>> tape = NoiseTape([0], (4,))
    >>> *_, last = ascend(lambda y: 0 * y, tape.draw(), tape, Ascent(h0=0.1, beta=0.5))
    >>> int(last.step), float(last.sigma) <= 0.01
    (17, True)
    """
    if y.shape != (len(tape), *tape.shape):
        raise ValueError(
            f"y has shape {tuple(y.shape)} and the tape plays {(len(tape), *tape.shape)}; expected one stream of noise"
            " an item."
        )
    taken = torch.zeros(len(y), dtype=torch.long, device=y.device) if steps is None else steps.clone()
    running = torch.ones(len(y), dtype=torch.bool, device=y.device)
    sigma, x_hat = y.new_full((len(y),), ascent.sigma_0), y
    for done in range(ascent.max_steps + 1):
        here = running.nonzero()[:, 0]  # who has arrived is not denoised again
        signs = tape.signs()[here] if ascent.corrected else None
        now, level = _measured(net.of(here) if hasattr(net, "of") else net, y[here], signs)
        if not bool(level.isfinite().all()):
            raise FloatingPointError(
                f"After {done} steps the residual of {int((~level.isfinite()).sum())} of {len(y)} items is NaN or "
                "infinite: run check_denoiser, or start at a smaller sigma_0."
            )
        x_hat, sigma = x_hat.index_copy(0, here, now), sigma.index_copy(0, here, level)
        running = sigma > ascent.sigma_L
        yield State(taken.clone(), y, x_hat, sigma, running)
        if done == ascent.max_steps or not bool(running.any()):
            return
        moved = advance(y, x_hat - y, sigma, ascent.step_size(taken + 1), ascent.beta, tape.draw())
        y = torch.where(running.reshape(-1, *[1] * (y.ndim - 1)), moved, y)
        taken = taken + running


def finish(states: Iterable[State]) -> Result:
    """Run an ascent to its end and return where it ended.

    Examples
    --------
    >>> tape = NoiseTape([0, 1], (4,))
    >>> print(finish(ascend(lambda y: 0 * y, tape.draw(), tape, Ascent(h0=0.5, beta=1.0, rising=False))))
    2 of 2 arrived, 6 to 8 steps, last sigma 0.0074 at most
    """
    for state in states:
        pass
    return Result(state.x_hat, state.y, state.step, state.sigma, ~state.running)


def progress_bar(ascent: Ascent) -> Callable[[Iterable[State]], Iterator[State]]:
    """Return what to pass as `watch`: a bar over the steps an ideal ascent takes, with the highest level of noise in the batch.

    Examples
    --------
    >>> watch = progress_bar(Ascent())  # and then sample(..., watch=watch)
    >>> callable(watch)
    True
    """
    from tqdm import tqdm

    def watched(states: Iterable[State]) -> Iterator[State]:
        ideal = ascent.ideal_steps()
        with tqdm(
            total=ideal, file=sys.stdout, bar_format=f"{{bar:20}} {{n_fmt}} steps, ideal {ideal}{{postfix}}"
        ) as bar:
            for state in states:
                bar.set_postfix(sigma=f"{float(state.sigma.max()):.3g}", refresh=False)
                yield state
                bar.update()

    return watched


def sample(
    net: Denoiser,
    n: int,
    shape: Sequence[int],
    generator: torch.Generator,
    ascent: Ascent = Ascent(),
    mean: float = 0.5,
    device: str | torch.device = "cpu",
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> Result:
    """Draw `n` pictures from the prior inside a denoiser.

    Parameters
    ----------
    net : callable
        Denoiser on `device`.
    n : int
        How many; the first ones do not depend on how many follow.
    shape : tuple of int
        Of one picture, (C, H, W).
    generator : torch.Generator
        Gives the seed of every item.
    ascent : Ascent
        Settings.
    mean : float
        Grey level about which the first noise is drawn.
    device : str
        Where the denoiser is.
    watch : callable
        Wraps the states as they pass, such as `progress_bar(ascent)` or `course.progress`.

    Returns
    -------
    Result
        Pictures (n, C, H, W), not clipped: nothing holds them in [0, 1].

    Examples
    --------
    >>> sample(lambda y: 0.9 * y, 2, (1, 8, 8), torch.Generator().manual_seed(0), Ascent(h0=0.1, beta=0.5)).x.shape
    torch.Size([2, 1, 8, 8])
    """
    if n < 1:
        raise ValueError(f"n={n} pictures were asked for; expected at least 1.")
    tape = NoiseTape(item_seeds(n, generator), shape, device)
    return finish(watch(ascend(net, mean + ascent.sigma_0 * tape.draw(), tape, ascent)))
