"""Several processes that train one network, through Accelerate; one process needs none of it."""

from __future__ import annotations

import os
from typing import Any

import torch


def start_processes(device: torch.device) -> Any:
    """Return Accelerate's view of several processes, or None for one.

    Accelerate's own defaults for precision and compilation are not used.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import Accelerator

    return Accelerator(
        cpu=device.type == "cpu", mixed_precision="no", dynamo_backend="no", gradient_accumulation_steps=1
    )


def agreed(processes: Any, number: float, device: torch.device) -> float:
    """Return the number of the first process on all of them: clocks may differ, steps must not."""
    if processes is None:
        return number
    shared = torch.tensor(number, dtype=torch.float64, device=device)
    torch.distributed.broadcast(shared, src=0)
    return float(shared)


def first_process() -> bool:
    """Return whether this is the only process, or the first of several.

    Examples
    --------
    >>> first_process()
    True
    """
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0
