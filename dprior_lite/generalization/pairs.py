"""Two networks beside each other: samples from the same noise, and their difference as functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch, require_level
from dprior_lite.gates.network import Denoiser, Network, network
from dprior_lite.gates.numbers import FLOATS, kind_of, require_kind, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.miyasawa import noisy
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, ascend
from dprior_lite.sampling.outcome import awake, require_apart, run

TOGETHER = 64  # pictures that a network is given at once


def paired_samples(
    nets: Sequence[Denoiser],
    mean: Tensor,
    seeds: Sequence[int],
    ascent: Ascent = Ascent(),
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> tuple[Result, ...]:
    """Return samples of several denoisers from the same noise: item i of each has the seed `seeds[i]`.

    Every network has its own copy of the noise of every item, at the start and at each step. So item i meets the same
    noise at its n-th step in every network, also where one network stops earlier than another.

    Parameters
    ----------
    nets : sequence of callable
        Denoisers, at least one.
    mean : Tensor
        One picture (C, H, W), the same for all: the ascent starts at it plus noise of `ascent.sigma_0`. Take the mean
        of all training pictures of all networks, or gray. The mean of one network's own pictures would give the
        answer away: of one picture it is that picture.
    seeds : sequence of int
        One an item, see `sampling.item_seeds`.
    ascent : Ascent
        Settings, the same for all.
    watch : callable
        Wraps the states of every ascent, such as `sampling.progress_bar(ascent)`.

    Returns
    -------
    tuple of Result
        One a network, in order. An item that did not arrive is reported in its `converged`, and is still there.

    Raises
    ------
    TypeError, ValueError
        As `sampling.sample`; also if `nets` is empty or `mean` is no picture, and where a network does not take
        pictures of that shape.

    Examples
    --------
    >>> fast = Ascent(h0=0.1, beta=0.5)
    >>> a, b = paired_samples([lambda y: 0.9 * y, lambda y: 0.8 * y], torch.zeros(1, 8, 8), [3, 5], fast)
    >>> a.x.shape, bool((a.steps > b.steps).all())
    (torch.Size([2, 1, 8, 8]), True)
    """
    require_kind(ascent, Ascent, "ascent")
    mean = _one_picture(mean)
    if not isinstance(nets, Sequence) or isinstance(nets, str) or not len(nets):
        raise TypeError(f"nets is {kind_of(nets)}; expected a list of at least one denoiser, such as [net_a, net_b].")
    checked = [network(net, f"nets[{k}]") for k, net in enumerate(nets)]
    return tuple(_sampled(net, mean, list(ItemNoise(seeds, mean.shape).seeds), ascent, watch) for net in checked)


def _one_picture(mean: Tensor) -> Tensor:
    """Return `mean` if it is one picture, or one point, of finite numbers."""
    if not isinstance(mean, Tensor) or mean.dtype not in FLOATS or not mean.ndim:
        raise TypeError(f"mean is {kind_of(mean)}; expected one picture (C, H, W), float32 or float64: x.mean(0).")
    return require_batch(mean[None], "mean")[0].detach()


def _sampled(net: Network, mean: Tensor, seeds: list[int], ascent: Ascent, watch: Callable) -> Result:
    """Return samples of one network, from its own copy of the noise."""
    noise = ItemNoise(seeds, mean.shape, mean.device, mean.dtype)
    start = mean + ascent.sigma_0 * noise.draw()  # (B, C, H, W)
    found, seen = run(ascend(net, start, noise, ascent), watch)
    return awake(require_apart(net, found), seen, ascent.sigma_0)


@dataclass(frozen=True)
class Disagreement:
    """How far two networks are from each other, in units of the error of the first.

    Attributes
    ----------
    value : float
        The sum of `between` over the sum of `error_a`.
    error : float
        Its standard error over pictures; infinite for a single picture.
    between : Tensor
        Mean squared difference of the two networks, (B,) in float64.
    error_a, error_b : Tensor
        Mean squared error of each network, (B,) in float64.
    """

    value: float
    error: float
    between: Tensor
    error_a: Tensor
    error_b: Tensor


def disagreement(
    net_a: Denoiser,
    net_b: Denoiser,
    x: Tensor,
    sigma: float | Tensor,
    generator: torch.Generator,
    together: int = TOGETHER,
) -> Disagreement:
    """Return how far two networks are from each other on pictures that neither saw, and their errors.

    That is `V = E |f_a(y) - f_b(y)|² / E |x - f_a(y)|²` over noisy versions y of the pictures x. It is 0 for one and
    the same function. It is about 1 for two memorisers: their answers are as far from each other as from x. The error
    of the first network is the unit. With the networks exchanged, and the same noise, only the unit changes. Noise is
    drawn once, and both networks see the same y.

    Parameters
    ----------
    net_a, net_b : callable
        Denoisers `y -> x_hat`; of an `EmpiricalBayes` pass `at(sigma)`.
    x : Tensor
        Clean pictures (B, C, H, W) in [0, 1], held out from both networks.
    sigma : float or Tensor
        Noise level, above 0: one number, or one a picture (B,).
    generator : torch.Generator
        Of the noise.
    together : int
        Pictures that a network is given at once.

    Returns
    -------
    Disagreement
        Pooled over pictures. Its standard error is that of a ratio of two means, to first order (Cochran 1977).

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, a network returns another shape or values that are not finite, or the
        first network has no error at all.

    Examples
    --------
    >>> x = torch.full((3, 1, 2, 2), 0.5)
    >>> dark, light = (lambda y: 0 * y), (lambda y: 0 * y + 0.25)
    >>> found = disagreement(dark, light, x, 0.1, torch.Generator().manual_seed(0))
    >>> found.value, found.error, float(found.error_b[0])
    (0.25, 0.0, 0.0625)
    """
    x, together = require_batch(check_pictures(x), "x", 4).detach(), require_whole(together, "together")
    require_level(sigma, x)
    y = noisy(x, sigma, generator)
    a, b = (torch.cat(list(denoised(net, y, together, name))) for net, name in ((net_a, "net_a"), (net_b, "net_b")))
    between, error_a, error_b = _square(a, b), _square(a, x), _square(b, x)  # (B,) each
    if not float(error_a.sum()) > 0:
        raise ValueError("net_a returns every clean picture exactly, so V is not defined. Use pictures it never saw.")
    value = float(between.sum() / error_a.sum())
    return Disagreement(value, _ratio_error(between, error_a), between, error_a, error_b)


def denoised(net: Denoiser, y: Tensor, together: int, name: str = "net") -> Iterator[Tensor]:
    """Yield what a network makes of `together` pictures of `y` (B, ...) at a time, without a graph.

    Raises
    ------
    ValueError
        If it returns values that are not finite.

    Examples
    --------
    >>> [len(x_hat) for x_hat in denoised(lambda y: y / 2, torch.ones(5, 2), 3)]
    [3, 2]
    """
    net = network(net, name)
    for part in y.split(together):
        with torch.no_grad():
            x_hat = net(part)
        if not bool(x_hat.isfinite().all()):
            raise ValueError(f"{name} returned NaN or infinite values; expected finite pictures. Run check_denoiser.")
        yield x_hat


def _square(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean squared difference of each pair, (B,), float64."""
    return (a.double() - b.double()).square().flatten(1).mean(1)


def _ratio_error(above: Tensor, below: Tensor) -> float:
    """Return the standard error of the ratio of two sums over items, (B,) each."""
    n = len(above)
    if n < 2:
        return math.inf
    away = (above - above.sum() / below.sum() * below).square().sum()
    return float((n / (n - 1) * away).sqrt() / below.sum())
