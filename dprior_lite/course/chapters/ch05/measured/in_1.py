"""Six inverse problems on thirty held-out patches: PSNR, agreement with the measurements, arrivals (in-1, in-2, in-3).

One item is one problem on one patch, solved with four samples of the 2021 algorithm. The controls, a denoiser that does
nothing, the measurements of another patch, and one sample counted four times, are measured with it.
"""

from __future__ import annotations

from dprior_lite.course.lab import inverse_tasks
from dprior_lite.course.measurements import Numbers


def keys() -> list[str]:
    """Return the items: every patch with every problem."""
    return [f"{task}; patch {n}" for n in inverse_tasks.PATCHES for task in inverse_tasks.tasks()]


def measure(key: str) -> Numbers:
    """Return what `inverse_tasks.score_of_patch` says of one item."""
    task, _, number = key.partition("; patch ")
    place = inverse_tasks.PATCHES.index(int(number))
    following = inverse_tasks.PATCHES[(place + 1) % len(inverse_tasks.PATCHES)]
    return inverse_tasks.score_of_patch(
        inverse_tasks.net(),
        inverse_tasks.tasks()[task],
        inverse_tasks.patch(int(number)),
        inverse_tasks.patch(following),
    )
