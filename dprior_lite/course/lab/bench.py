"""Timings as ratios against a named baseline, and a few in seconds: `make bench`.

Seconds differ from machine to machine and from minute to minute; a ratio of two things measured
in turn does so much less. Each ratio is the median of alternated pairs, with its range.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How many times faster than the baseline.

    Parameters
    ----------
    median, low, high : float
        Of the pairs; above 1 the first is faster.
    seconds : float
        Median time of one call of the first.
    """

    median: float
    low: float
    high: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.median:.2f}× ({self.low:.2f} to {self.high:.2f}), {self.seconds:.3g} s"


def ratio(ours: Callable[[], object], baseline: Callable[[], object], pairs: int = 5) -> Ratio:
    """Time two functions in turn, after one call of each that does not count.

    Parameters
    ----------
    ours, baseline : callable
        Do the same work; on a GPU they must synchronise before they return.
    pairs : int
        At least 5.

    Returns
    -------
    Ratio
        Baseline's time over ours.

    Raises
    ------
    ValueError
        For fewer than five pairs.

    Examples
    --------
    >>> ratio(lambda: sum(range(100)), lambda: sum(range(100_000))).median > 5
    True
    """
    if pairs < 5:
        raise ValueError(f"a ratio is the median of at least 5 alternated pairs, not of {pairs}")
    ours(), baseline()
    timed = [(_seconds(ours), _seconds(baseline)) for _ in range(pairs)]
    ratios = [theirs / mine for mine, theirs in timed]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), statistics.median(mine for mine, _ in timed))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


Measurement = tuple[str, float, Callable[[], object], Callable[[], object]]
Limit = tuple[str, float, Callable[[], object]]


def training_step() -> Measurement:
    """Return ten training steps of photos-unet as `fit` takes them, and a plain loop as the baseline.

    The loop runs in fp32, NCHW, with PyTorch's defaults.
    """
    from dataclasses import replace

    import torch

    from dprior_lite.machine import pick_device
    from dprior_lite.miyasawa import noisy
    from dprior_lite.training import find
    from dprior_lite.training.loop import Training

    recipe = replace(find("photos-unet"), data=("photos:train",))
    device = pick_device()
    run = Training(recipe, "full", device)
    net = recipe.build().to(device)
    optimiser, generator = torch.optim.AdamW(net.parameters(), lr=recipe.lr), torch.Generator().manual_seed(0)

    def plain() -> None:
        """Take ten steps in fp32, with nothing done for speed."""
        for _ in range(10):
            x = run.data.draw(recipe.batch, generator)
            y = noisy(x, recipe.noise.draw(len(x), generator).to(device), generator)
            optimiser.zero_grad()
            loss = (net(y) - x).square().mean()
            loss.backward()
            optimiser.step()
        float(loss.detach())

    def ours() -> None:
        """Take ten steps of `Training`, and wait for the device."""
        for _ in range(10):
            run.advance(0.5)
        float(run.sum)

    return "ten training steps of photos-unet, batch 32, against a plain fp32 NCHW loop", 1.4, ours, plain


def jacobians() -> Iterator[Measurement]:
    """Yield the Jacobian of photos-unet on a 20 x 20 patch in chunks of rows, with two baselines.

    The baselines take rows one at a time, from one forward pass and from fresh ones.
    """
    import torch

    from dprior_lite.geometry import jacobian
    from dprior_lite.training import find

    net = find("photos-unet").build().eval().requires_grad_(False)
    y = torch.rand(1, 1, 20, 20, generator=torch.Generator().manual_seed(0))

    def rows(fresh: bool) -> torch.Tensor:
        """Return the Jacobian (400, 1, 1, 20, 20) row by row, each row from a fresh forward pass if asked for."""
        v = y.clone().requires_grad_()
        out = None if fresh else net(v).flatten()
        return torch.stack(
            [
                torch.autograd.grad((net(v).flatten() if fresh else out)[i], v, retain_graph=not fresh)[0]
                for i in range(400)
            ]
        )

    what = "Jacobian of photos-unet, 20 x 20, in chunks of rows"
    yield f"{what}, against row by row from one forward pass", 1.15, lambda: jacobian(net, y), lambda: rows(fresh=False)
    yield f"{what}, against a forward pass a row", 2.5, lambda: jacobian(net, y), lambda: rows(fresh=True)


def solving() -> Measurement:
    """Return eight inpainting problems in one batch, and the same one at a time, five steps each."""
    import torch

    from dprior_lite import inverse, load, operators
    from dprior_lite.sampling import Ascent

    net, five = load("photos-unet"), Ascent(h0=0.1, beta=0.1, max_steps=5)
    measure = operators.RandomPixels((1, 64, 64), 0.3, torch.Generator().manual_seed(0))
    m = measure.A(torch.rand(8, 1, 64, 64, generator=torch.Generator().manual_seed(1)))

    def one_at_a_time() -> None:
        for row in m.split(1):
            inverse.solve(net, measure, row, torch.Generator().manual_seed(0), five)

    return (
        "eight problems of 64 x 64 in one batch, against one at a time",
        1.05,
        lambda: inverse.solve(net, measure, m, torch.Generator().manual_seed(0), five),
        one_at_a_time,
    )


def gates() -> Iterator[Measurement]:
    """Yield a sample and a solution of 64 x 64 pixels, and the same arithmetic in a bare loop without any check.

    The gates may cost 2 %: they copy what a network is given, look at what it returns, and try once whether it mixes
    the items of a batch.
    """
    import torch

    from dprior_lite import inverse, load, operators, sampling
    from dprior_lite.sampling.step import advance, noise_level

    net, ascent, shape = load("photos-unet"), sampling.Ascent(h0=0.05, beta=0.1), (1, 64, 64)
    measure = operators.RandomPixels(shape, 0.3, torch.Generator().manual_seed(0))
    m = measure.A(torch.rand(1, *shape, generator=torch.Generator().manual_seed(1)))

    @torch.no_grad()
    def climb(denoise: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Return the last denoised picture of the sampler's bare loop."""
        noise = sampling.ItemNoise(sampling.item_seeds(1, torch.Generator().manual_seed(0)), shape)
        y, step = 0.5 + noise.draw(), 1
        while float((sigma := noise_level((x_hat := denoise(y)) - y)).max()) > ascent.sigma_L:
            y = advance(y, x_hat - y, sigma, ascent.step_size(step), ascent.beta, noise.draw())
            step += 1
        return x_hat

    def generator() -> torch.Generator:
        return torch.Generator().manual_seed(0)

    yield (
        "a sample, against a bare loop",
        0.98,
        lambda: sampling.sample(net, 1, shape, generator(), ascent),
        lambda: climb(net),
    )
    yield (
        "a solution, against a bare loop",
        0.98,
        lambda: inverse.solve(net, measure, m, generator(), ascent),
        lambda: climb(lambda y: measure.project(net(y), m)),
    )


def waits() -> Iterator[Limit]:
    """Yield what a reader waits for in chapters 3 and 4, with the seconds it may take on two cores."""
    import torch

    from dprior_lite import geometry, load, sampling

    net, generator = load("photos-unet"), torch.Generator().manual_seed(0)
    patch, picture = torch.rand(1, 1, 40, 40, generator=generator), torch.rand(1, 1, 512, 512, generator=generator)
    yield (
        "Jacobian of photos-unet and its SVD, 40 x 40 pixels",
        60,
        lambda: torch.linalg.svd(geometry.jacobian(net, patch)[0]),
    )
    yield (
        "one filter of photos-unet in a picture of 512 x 512 pixels",
        2,
        lambda: geometry.rows(net, picture, [512 * 256 + 256], reach=64),
    )
    yield (
        "one sample of photos-unet, 64 x 64 pixels",
        10,
        lambda: sampling.sample(
            net, 1, (1, 64, 64), torch.Generator().manual_seed(0), sampling.Ascent(h0=0.1, beta=0.1)
        ),
    )
    digits = load("digits-unet")
    yield (
        "one sample of digits-unet, 28 x 28 pixels",
        10,
        lambda: sampling.sample(
            digits, 1, (1, 28, 28), torch.Generator().manual_seed(0), sampling.Ascent(h0=0.1, beta=0.1)
        ),
    )


def main() -> int:
    """Print every ratio and every wait beside what is asked of it; return 1 if one is missed."""
    missed = 0
    for what, asked, ours, baseline in (training_step(), *jacobians(), solving(), *gates()):
        found = ratio(ours, baseline)
        missed += found.median < asked
        print(f"{'ok  ' if found.median >= asked else 'MISS'} {found}, asked {asked}×: {what}", flush=True)
    for what, longest, work in waits():
        seconds = _seconds(work)
        missed += seconds > longest
        print(
            f"{'ok  ' if seconds <= longest else 'MISS'} {seconds:.3g} s, asked {longest} s at most: {what}", flush=True
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
