"""The ascent itself: a generator of states over a batch in which every item stops by its own noise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.func import jvp

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import as_picture, require_batch
from dprior_lite.gates.network import Denoiser, Network, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_shape, require_whole
from dprior_lite.sampling.noise import MOST_ITEMS, ItemNoise, item_seeds
from dprior_lite.sampling.outcome import Result, State, awake, copied, require_apart, run
from dprior_lite.sampling.step import Ascent, advance, noise_level

LARGEST_SHARE = 0.9  # of the noise that a probe may declare kept by the denoiser


def _measured(net: Network, y: Tensor, signs: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the denoised state and the level of its noise (B,).

    With a probe, the level is corrected by the degrees of freedom.
    """
    x_hat, moved = (net(y), None) if signs is None else jvp(net, (y,), (signs,))
    share = 0.0 if signs is None else (signs * moved).flatten(1).mean(1).clamp(0, LARGEST_SHARE)  # (B,)
    return x_hat, noise_level(x_hat - y) / (1 - share) ** 0.5


def _checked(y: Tensor, noise: ItemNoise, ascent: Ascent, steps: Tensor | None) -> Tensor:
    """Return the steps that each item has behind it (B,), or refuse a start that does not fit."""
    require_batch(y)
    require_kind(noise, ItemNoise, "noise")
    require_kind(ascent, Ascent, "ascent")
    if y.shape != (len(noise), *noise.shape):
        raise ValueError(
            f"y has shape {tuple(y.shape)} and the noise is for {(len(noise), *noise.shape)}; expected one stream of"
            " noise an item."
        )
    if steps is None:
        return torch.zeros(len(y), dtype=torch.long, device=y.device)
    if not isinstance(steps, Tensor) or steps.shape != (len(y),) or steps.is_floating_point() or int(steps.min()) < 0:
        raise ValueError(f"steps is {kind_of(steps)}; expected whole numbers ({len(y)},), one an item, from 0 on.")
    return steps.clone()


@torch.no_grad()
def ascend(
    net: Denoiser, y: Tensor, noise: ItemNoise, ascent: Ascent = Ascent(), steps: Tensor | None = None
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
    noise : ItemNoise
        Noise of as many items.
    ascent : Ascent
        Settings.
    steps : Tensor, optional
        Steps that each item has behind it, (B,); 0 unless given.

    Raises
    ------
    TypeError, ValueError
        If the noise is for another batch or shape, the denoiser is in train mode or returns another shape, or, with
        `corrected`, records no gradient.
    FloatingPointError
        If a residual is NaN or infinite.

    Examples
    --------
    >>> noise = ItemNoise([0], (4,))
    >>> *_, last = ascend(lambda y: 0 * y, noise.draw(), noise, Ascent(h0=0.1, beta=0.5))
    >>> int(last.step), float(last.sigma) <= 0.01
    (17, True)
    """
    net, taken = network(net), _checked(y, noise, ascent, steps)  # taken (B,)
    running = torch.ones(len(y), dtype=torch.bool, device=y.device)  # (B,)
    sigma, x_hat = y.new_full((len(y),), ascent.sigma_0), y  # (B,), (B, ...)

    if ascent.corrected:
        require_gradient(net.of(torch.zeros(1, dtype=torch.long, device=y.device)), y[:1])

    for done in range(ascent.max_steps + 1):
        # denoise, measure the noise: who has arrived is not asked again
        here = running.nonzero()[:, 0]  # (b,)
        signs = noise.signs()[here] if ascent.corrected else None  # (b, ...)
        now, level = _measured(net.of(here), y[here], signs)  # (b, ...), (b,)
        if not bool(level.isfinite().all()):
            raise FloatingPointError(
                f"After {done} steps the residual of {int((~level.isfinite()).sum())} of {len(y)} items is NaN or "
                "infinite: run check_denoiser, or start at a smaller sigma_0."
            )
        x_hat, sigma = x_hat.index_copy(0, here, now), sigma.index_copy(0, here, level)

        # stop by the noise
        running = sigma > ascent.sigma_L
        yield copied(State(taken, y, x_hat, sigma, running))
        if done == ascent.max_steps or not bool(running.any()):
            return

        # denoise partially, add noise
        moved = advance(y, x_hat - y, sigma, ascent.step_size(taken + 1), ascent.beta, noise.draw())
        y = torch.where(as_picture(running, y), moved, y)
        taken = taken + running


def progress_bar(ascent: Ascent) -> Callable[[Iterable[State]], Iterator[State]]:
    """Return what to pass as `watch`: a bar over the steps of an ideal ascent.

    It shows the highest level of noise in the batch.

    Examples
    --------
    >>> watch = progress_bar(Ascent())  # and then sample(..., watch=watch)
    >>> callable(watch)
    True
    """
    from tqdm import tqdm

    def watched(states: Iterable[State]) -> Iterator[State]:
        """Yield the states, and move the bar by one after each."""
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
    """Return `n` pictures drawn from the prior inside a denoiser.

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
        Pictures (n, C, H, W), not clipped: nothing holds them in [0, 1]. An item whose denoiser saw no noise at the
        start did not arrive.

    Raises
    ------
    TypeError, ValueError
        As `ascend`; also without a generator, and for a denoiser that mixes the items of a batch.

    Examples
    --------
    >>> sample(lambda y: 0.9 * y, 2, (1, 8, 8), torch.Generator().manual_seed(0), Ascent(h0=0.1, beta=0.5)).x.shape
    torch.Size([2, 1, 8, 8])
    """
    n, mean = require_whole(n, "n", 1, MOST_ITEMS), require_number(mean, "mean")
    require_kind(ascent, Ascent, "ascent")
    net = network(net)
    noise = ItemNoise(item_seeds(n, generator), require_shape(shape), device)
    start = mean + ascent.sigma_0 * noise.draw()  # (n, C, H, W)

    found, seen = run(ascend(net, start, noise, ascent), watch)
    return awake(require_apart(net, found), seen, ascent.sigma_0)
