"""Sampling a multi-scale model: details given a low-pass picture, super-resolution, synthesis from coarse to fine.

Each scale is drawn by the sampler of `dprior_lite.sampling`. Details are small, and how small depends on the picture.
So an item stops where its noise is a fraction of the standard deviation of what was drawn, not at a fixed level
(Kadkhodaie, Guth, Mallat & Simoncelli 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import network
from dprior_lite.gates.numbers import require_kind, require_number, require_shape, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.multiscale.model import ConditionalDenoiser, MultiscaleModel, given, merged
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, ascend, item_seeds
from dprior_lite.sampling.noise import MOST_ITEMS
from dprior_lite.sampling.outcome import awake, require_apart, run

DETAILS = Ascent(h0=0.02, beta=0.1, sigma_0=0.25, sigma_L=0.03, max_steps=600)  # sigma_L is a fraction here
LOW = Ascent(h0=0.02, beta=0.1, sigma_0=1.0, sigma_L=0.02, max_steps=600)
FLOOR = 1e-4  # absolute: where a picture has no details, noise of a fortieth of a gray level is the end
Watch = Callable[[Iterable[State]], Iterable[State]]


@dataclass(frozen=True)
class Synthesis:
    """Pictures drawn from coarse to fine.

    Attributes
    ----------
    x : Tensor
        Pictures (B, C, H, W), not clipped.
    low : Tensor
        The low-pass pictures that they began with, (B, C, h, w), normalised.
    results : tuple of Result
        Of the sampler at each scale, in the order in which they were drawn: the coarsest first.
    converged : Tensor
        Which items arrived at every scale, (B,).
    """

    x: Tensor
    low: Tensor
    results: tuple[Result, ...]
    converged: Tensor


def relative_stop(states: Iterable[State], fraction: float) -> Iterator[State]:
    """Yield the states of an ascent; each item stops where its noise is a fraction of its spread.

    An item has arrived where `sigma <= fraction * std(y)`, or where the ascent itself has stopped it. The ascent ends
    when all items have arrived.

    Parameters
    ----------
    states : iterable of State
        From `sampling.ascend`.
    fraction : float
        In (0, 1).

    Raises
    ------
    TypeError, ValueError
        If the fraction is not between 0 and 1, or something else than a State comes.

    Examples
    --------
    >>> noise = ItemNoise([0, 1], (3, 8, 8))
    >>> mean = torch.tensor([[[[1.0, -1.0]]], [[[10.0, -10.0]]]]).repeat(1, 3, 8, 4)
    >>> climb = ascend(lambda y: mean[: len(y)] * 1.0, noise.draw(), noise, Ascent(h0=0.1, beta=0.5))
    >>> *_, last = relative_stop(climb, 0.1)
    >>> bool(last.running.any()), bool((last.sigma <= 0.1 * last.y.flatten(1).std(1)).all())
    (False, True)
    """
    fraction = require_number(fraction, "fraction", above=0, below=1)
    kept = None
    for state in states:
        require_kind(state, State, "a state")
        spread = state.y.flatten(1).std(1, correction=0)  # (B,)
        state = replace(state, running=state.running & (state.sigma > fraction * spread))
        kept = state if kept is None else _moved(kept, state)
        yield kept
        if not bool(kept.running.any()):
            return


def _moved(kept: State, state: State) -> State:
    """Return the new state of the items that were running, and the kept one of the others."""
    pairs = ((old, new) for old, new in zip(vars(kept).values(), vars(state).values()))
    return State(*(torch.where(kept.running.view(-1, *[1] * (new.ndim - 1)), new, old) for old, new in pairs))


def sample_details(
    net: ConditionalDenoiser,
    low: Tensor,
    generator: torch.Generator,
    ascent: Ascent = DETAILS,
    watch: Watch = iter,
) -> Result:
    """Return details of one scale drawn from the prior inside a conditional denoiser.

    Parameters
    ----------
    net : callable
        Conditional denoiser `(y, low) -> x_hat` of normalised details, in `eval` mode.
    low : Tensor
        Low-pass pictures (B, C, h, w) in [0, 1]; they stay as they are.
    generator : torch.Generator
        Gives the seed of every item.
    ascent : Ascent
        Settings. `sigma_L` is a fraction of the standard deviation of the details drawn.
    watch : callable
        Wraps the states as they pass, such as `sampling.progress_bar(ascent)`.

    Returns
    -------
    Result
        Details (B, 3 C, h, w), normalised.

    Raises
    ------
    TypeError, ValueError
        As `sampling.sample`; also if `low` is no stack of pictures.

    Examples
    --------
    >>> fast = Ascent(h0=0.1, beta=0.5, sigma_0=0.5, sigma_L=0.1)
    >>> found = sample_details(lambda y, low: 0.1 * y, torch.rand(2, 1, 8, 8), torch.Generator().manual_seed(0), fast)
    >>> found.x.shape
    torch.Size([2, 3, 8, 8])
    """
    low = _pictures(low)
    return _details(net, low, item_seeds(len(low), generator), ascent, watch)


def _pictures(low: Tensor) -> Tensor:
    return require_batch(check_pictures(low, "low"), "low", 4).detach()


def _details(net: ConditionalDenoiser, low: Tensor, seeds: Sequence[int], ascent: Ascent, watch: Watch) -> Result:
    """Return details (B, 3 C, h, w) given low-pass pictures: item i has the seed `seeds[i]`."""
    require_kind(ascent, Ascent, "ascent")
    checked = network(given(net, low))
    noise = ItemNoise(seeds, (3 * low.shape[1], *low.shape[2:]), low.device, low.dtype)
    start = ascent.sigma_0 * noise.draw()  # (B, 3 C, h, w)
    absolute = replace(ascent, sigma_L=min(FLOOR, ascent.sigma_L))
    states = relative_stop(ascend(checked, start, noise, absolute), ascent.sigma_L)
    found, seen = run(states, watch)
    return awake(require_apart(checked, found), seen, ascent.sigma_0)


def super_resolve(
    model: MultiscaleModel,
    low: Tensor,
    generator: torch.Generator,
    ascent: Ascent = DETAILS,
    watch: Watch = iter,
) -> Synthesis:
    """Return pictures that have the given low-pass pictures exactly, with details drawn scale by scale.

    Parameters
    ----------
    model : MultiscaleModel
        Denoisers; the one of the low-pass picture is not used.
    low : Tensor
        Low-pass pictures (B, C, h, w) in [0, 1], normalised: with Haar, the means of blocks. For several answers to one
        picture pass `low.expand(8, -1, -1, -1)`.
    generator : torch.Generator
        Gives the seed of every item.
    ascent : Ascent
        Settings. `sigma_L` is a fraction of the standard deviation of the details drawn.
    watch : callable
        Wraps the states of every scale.

    Returns
    -------
    Synthesis
        Pictures (B, C, h * 2 ** J, w * 2 ** J) for a model of J scales.

    Raises
    ------
    TypeError, ValueError
        As `sample_details`.

    Examples
    --------
    >>> model = MultiscaleModel(lambda y: y, [lambda y, low: 0.1 * y] * 2)
    >>> fast = Ascent(h0=0.1, beta=0.5, sigma_0=0.5, sigma_L=0.1)
    >>> super_resolve(model, torch.rand(2, 1, 4, 4), torch.Generator().manual_seed(0), fast).x.shape
    torch.Size([2, 1, 16, 16])
    """
    require_kind(model, MultiscaleModel, "model")
    low = _pictures(low)
    return _refined(model, low, _streams(len(low), generator, model), ascent, watch, ())


def sample(
    model: MultiscaleModel,
    n: int,
    shape: Sequence[int],
    generator: torch.Generator,
    low_ascent: Ascent = LOW,
    ascent: Ascent = DETAILS,
    mean: float = 0.5,
    device: str | torch.device = "cpu",
    watch: Watch = iter,
) -> Synthesis:
    """Return pictures drawn from coarse to fine: the low-pass picture, then the details of each scale.

    Parameters
    ----------
    model : MultiscaleModel
        Denoisers on `device`, in `eval` mode.
    n : int
        How many; the first ones do not depend on how many follow.
    shape : tuple of int
        Of one picture, (C, H, W), H and W multiples of 2 to the number of scales.
    generator : torch.Generator
        Gives the seed of every item; each scale of an item has a stream of its own.
    low_ascent, ascent : Ascent
        Settings for the low-pass picture and for the details. For details `sigma_L` is a fraction of their standard
        deviation.
    mean : float
        Gray level about which the first noise of the low-pass picture is drawn.
    device : str
        Where the denoisers are.
    watch : callable
        Wraps the states of every scale.

    Returns
    -------
    Synthesis
        Pictures (n, C, H, W), not clipped.

    Raises
    ------
    TypeError, ValueError
        As `sampling.sample`; also for a size that cannot be halved often enough.

    Examples
    --------
    >>> model = MultiscaleModel(lambda y: 0.5 + 0.1 * (y - 0.5), [lambda y, low: 0.1 * y] * 2)
    >>> fast = Ascent(h0=0.1, beta=0.5, sigma_0=0.5, sigma_L=0.1)
    >>> sample(model, 2, (1, 16, 16), torch.Generator().manual_seed(0), fast, fast).low.shape
    torch.Size([2, 1, 4, 4])
    """
    require_kind(model, MultiscaleModel, "model")
    require_kind(low_ascent, Ascent, "low_ascent")
    n, mean = require_whole(n, "n", 1, MOST_ITEMS), require_number(mean, "mean")
    channels, *sides = require_shape(shape, dims=3)
    factor = 2 ** len(model.details)
    if any(side % factor for side in sides):
        raise ValueError(
            f"shape is {tuple(shape)}; a model of {len(model.details)} scales expects multiples of {factor}."
        )
    streams = _streams(n, generator, model)
    net = network(model.low, "low")
    noise = ItemNoise(streams[0], (channels, *(side // factor for side in sides)), device)
    start = mean + low_ascent.sigma_0 * noise.draw()  # (n, C, h, w)
    found, seen = run(ascend(net, start, noise, low_ascent), watch)
    found = awake(require_apart(net, found), seen, low_ascent.sigma_0)
    return _refined(model, found.x, streams, ascent, watch, (found,))


def _streams(n: int, generator: torch.Generator, model: MultiscaleModel) -> list[list[int]]:
    """Return the seed of every item for the low-pass picture, then for scale 1, 2, ...; each list has n."""
    scales = len(model.details) + 1
    items = [item_seeds(scales, torch.Generator().manual_seed(seed)) for seed in item_seeds(n, generator)]
    return [list(seeds) for seeds in zip(*items)]


def _refined(
    model: MultiscaleModel,
    low: Tensor,
    streams: Sequence[Sequence[int]],
    ascent: Ascent,
    watch: Watch,
    before: tuple[Result, ...],
) -> Synthesis:
    """Return the low-pass pictures with details of all scales drawn and put in."""
    results, x = list(before), low
    for scale in range(len(model.details), 0, -1):
        results.append(_details(model.details[scale - 1], x, streams[scale], ascent, watch))
        x = merged(x, results[-1].x, model.wavelet)  # (B, C, 2 h, 2 w)
    converged = torch.stack([result.converged for result in results]).all(0)  # (B,)
    return Synthesis(x, low, tuple(results), converged)
