"""Timings as ratios against a named baseline, in one run: `make bench`.

Seconds differ from machine to machine and from minute to minute; a ratio of two things measured
in turn does so much less. Each ratio is the median of alternated pairs, with its range.
"""

from __future__ import annotations

import statistics
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


def measurements() -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
    """What is measured: a sentence, the work, and the same work as the baseline does it."""
    import torch

    from dprior_lite.miyasawa import PAGE_MIXTURE
    from dprior_lite.training import find

    y = torch.randn(512, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    yield (
        "posterior mean of 512 points at once, against one at a time",
        lambda: PAGE_MIXTURE.posterior_mean(y, 0.4),
        lambda: [PAGE_MIXTURE.posterior_mean(point, 0.4) for point in y.split(1)],
    )
    net, pictures = find("photos-unet").build().eval(), torch.rand(8, 1, 64, 64)
    last = pictures.to(memory_format=torch.channels_last)
    fast = find("photos-unet").build().eval().to(memory_format=torch.channels_last)
    yield "photos-unet on 8 pictures, channels last, against contiguous", lambda: fast(last), lambda: net(pictures)
    yield "photos-unet on 8 pictures at once, against one at a time", lambda: net(pictures), lambda: [net(p) for p in pictures.split(1)]


def main() -> None:
    """Print every ratio."""
    import torch

    with torch.inference_mode():
        for what, ours, baseline in measurements():
            print(f"{what}: {ratio(ours, baseline)}", flush=True)


if __name__ == "__main__":
    main()
