"""Measurements on the trained networks of chapter 10: twins, readers of the noise level, and samplers side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite import load
from dprior_lite.blind import (
    canonical,
    karras_levels,
    kept_share,
    log_levels,
    sample,
    sample_scheduled,
)
from dprior_lite.data import mnist, portraits
from dprior_lite.metrics import psnr_each
from dprior_lite.miyasawa import noisy
from dprior_lite.sampling import Result, State
from dprior_lite.training.recipes.generalization import FIRST_TEST
from dprior_lite.training.sources import MNIST_TUNE

SIGMA_0, SIGMA_L = 4.0, 0.05
COUNTS = (25, 50, 100)
SHAPES = {"digits": (1, 28, 28), "portraits": (1, 32, 32)}
# name -> schedule and rule; a Heun step asks the network twice, so it takes half as many
SCHEDULED: dict[str, tuple[Callable, str]] = {
    "log, Euler": (log_levels, "euler"),
    "log, Heun": (log_levels, "heun"),
    "log, ancestral": (log_levels, "ancestral"),
    "Karras, Euler": (karras_levels, "euler"),
    "Karras, Heun": (karras_levels, "heun"),
}
SAMPLERS = ("blind", *SCHEDULED)


@cache
def net(kind: str, data: str) -> nn.Module:
    """Return a network of the chapter: "blind", "told" or "level", of "digits" or "portraits".

    Examples
    --------
    >>> net("no", "such")
    Traceback (most recent call last):
    dprior_lite.card.WeightError: There is no weight 'no-such'; ...
    """
    return load(f"{kind}-{data}")


@cache
def mean_picture(data: str) -> Tensor:
    """Return the mean (1, H, W) of training pictures, about which every sampler starts.

    Examples
    --------
    >>> mean_picture("portraits").shape
    torch.Size([1, 32, 32])
    """
    return (mnist("train")[0][:-MNIST_TUNE] if data == "digits" else portraits(500)).mean(0)


def unseen(data: str, count: int) -> Tensor:
    """Return pictures (count, 1, H, W) that no network was trained on or chosen by.

    Examples
    --------
    >>> unseen("portraits", 2).shape
    torch.Size([2, 1, 32, 32])
    """
    return mnist("test")[0][:count] if data == "digits" else portraits(count, start=FIRST_TEST)


def twin_psnr(blind: nn.Module, told: nn.Module, x: Tensor, sigma: float, seed: int) -> tuple[Tensor, Tensor]:
    """Return the PSNR (B,) of each picture by a blind network and by its told twin, on one noise.

    Examples
    --------
    >>> a, b = twin_psnr(lambda y: y, lambda y, sigma: y, torch.rand(2, 1, 4, 4), 0.1, seed=0)
    >>> bool((a == b).all())
    True
    """
    y = noisy(x, sigma, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        parts = [(blind(part), told(part, sigma)) for part in y.split(256)]
    return tuple(psnr_each(torch.cat(answers), x) for answers in zip(*parts))


def error_when_told(told: nn.Module, x: Tensor, sigma: float, levels: tuple[float, ...], seed: int) -> list[float]:
    """Return the mean squared error at true noise sigma for every level that the network is told.

    Examples
    --------
    >>> [round(v, 2) for v in error_when_told(lambda y, s: (1 - s) * y, torch.zeros(2, 1, 64, 64), 1.0, (0.0, 0.5), 0)]
    [1.0, 0.25]
    """
    y = noisy(x, sigma, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return [float((told(y, level) - x).square().mean()) for level in levels]


def error_beyond(denoiser: nn.Module, x: Tensor, sigma: float, seed: int = 0) -> float:
    """Return the mean squared error over the variance of the pictures about their mean picture.

    Examples
    --------
    >>> x = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> round(error_beyond(lambda y: x.mean(0).expand(y.shape), x, 1.0), 3)
    1.0
    """
    y = noisy(x, sigma, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return float((denoiser(y) - x).square().mean() / (x - x.mean(0)).square().mean())


def drawn(
    name: str, steps: int, n: int, seed: int, data: str = "digits", corrected: bool = False, watch: Callable = iter
) -> Result:
    """Return n samples by one of `SAMPLERS`, with about so many evaluations of the network.

    Samplers with one seed start from the same noise.

    The blind sampler stops by its own noise and takes at most `steps` steps; its step is the canonical one, of noise
    share 1/2. Heun's rule takes half as many steps.

    Examples
    --------
    >>> "blind" in SAMPLERS
    True
    """
    generator, shape, mean = torch.Generator().manual_seed(seed), SHAPES[data], mean_picture(data)
    if name == "blind":
        step = canonical(steps, SIGMA_0, SIGMA_L)
        with torch.no_grad():
            return sample(
                net("blind", data), n, shape, generator, step, SIGMA_0, SIGMA_L, steps, mean, corrected, watch=watch
            )
    schedule, rule = SCHEDULED[name]
    levels = schedule(max(1, steps // 2) if rule == "heun" else steps, SIGMA_0, SIGMA_L)
    return sample_scheduled(net("told", data), n, shape, generator, levels, rule, mean, watch=watch)


def recorded(name: str, steps: int, n: int, seed: int, data: str = "digits", corrected: bool = False) -> list[State]:
    """Return the states of `drawn`, to measure along the way.

    Examples
    --------
    >>> recorded.__name__
    'recorded'
    """
    states: list[State] = []

    def keep(passing: Iterable[State]) -> Iterator[State]:
        """Pass the states on, and keep each."""
        for state in passing:
            states.append(state)
            yield state

    drawn(name, steps, n, seed, data, corrected, keep)
    return states


def mismatch(states: list[State], reader: Callable[[Tensor], Tensor], least: float = 0.2) -> list[tuple[float, float]]:
    """Return assumed level and mean log of true over assumed level, of every state above `least`.

    `reader` gives the true level.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> state = State(torch.tensor([0]), y, y, torch.tensor([1.0]), torch.tensor([True]))
    >>> [(round(a, 2), round(b, 2)) for a, b in mismatch([state], lambda y: 1.1 * y[:, 0])]
    [(1.0, 0.1)]
    """
    with torch.no_grad():
        found = [(s.sigma, reader(s.y)) for s in states if bool(s.running.all()) and float(s.sigma.mean()) > least]
    return [(float(assumed.mean()), float((true / assumed).log().mean())) for assumed, true in found]


def shortfall(states: list[State], denoiser: nn.Module, least: float = 0.2, probes: int = 4) -> list[float]:
    """Return the mean `log sqrt(1 - tr J / d)` of every state above `least`: what a plain level lacks.

    Examples
    --------
    >>> y = torch.ones(1, 4)
    >>> state = State(torch.tensor([0]), y, y, torch.tensor([1.0]), torch.tensor([True]))
    >>> [round(v, 3) for v in shortfall([state], lambda y: y / 4)]
    [-0.144]
    """
    generator = torch.Generator().manual_seed(0)
    used = [s for s in states if bool(s.running.all()) and float(s.sigma.mean()) > least]
    return [float((1 - kept_share(denoiser, s.y, generator, probes)).log().mean() / 2) for s in used]


def reader_error(reader: Callable[[Tensor], Tensor], x: Tensor, sigma: float, seed: int = 0) -> float:
    """Return the mean of `log(level / sigma)` of a reader of noise levels on noisy pictures.

    Examples
    --------
    >>> abs(round(reader_error(lambda y: torch.full((len(y),), 0.2), torch.zeros(2, 1, 4, 4), 0.2), 6))
    0.0
    """
    with torch.no_grad():
        return float(reader(noisy(x, sigma, torch.Generator().manual_seed(seed))).log().mean()) - math.log(sigma)
