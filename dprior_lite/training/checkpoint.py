"""Checkpoints: everything that a training needs to go on as if nothing had happened, in one file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from dprior_lite.gates.files import write_bytes

if TYPE_CHECKING:
    from dprior_lite.training.loop import Training


def save(run: Training, path: Path) -> None:
    """Write a checkpoint as a whole or not at all; a run that diverged is not kept.

    Raises
    ------
    NotWritten
        If the disk is full or the folder cannot be written; the last checkpoint is intact.
    """
    if run.rank or not bool(run.sum.isfinite()):
        return
    kept = {
        "recipe": run.recipe.to_json(),
        "without": run.without,
        "earlier": run.earlier,
        "net": run.net.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "step": run.step,
        "seconds": run.seconds,
        "sum": run.sum,
        "count": run.count,
        "history": [list(pair) for pair in run.history],
        "ended": run.ended,
    }
    content = io.BytesIO()
    torch.save(kept, content)
    write_bytes(path, content.getvalue())


def read(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Return what a checkpoint holds, or say that it is none.

    Raises
    ------
    ValueError
        If the file is damaged or no checkpoint of this package.
    """
    try:
        kept = torch.load(path, map_location=device, weights_only=True)
        missing = {"recipe", "without", "net", "average", "optimiser", "step", "seconds", "sum", "count"} - set(kept)
    except Exception as error:
        raise ValueError(
            f"{path} is no readable checkpoint ({type(error).__name__}): delete it to start afresh."
        ) from error
    if missing:
        raise ValueError(f"{path} is no readable checkpoint (it lacks {min(missing)}): delete it to start afresh.")
    return kept


def restore(run: Training, path: Path) -> None:
    """Let a run continue from a checkpoint of the same recipe, sources and start.

    Raises
    ------
    ValueError
        If the checkpoint is damaged, or one of another run.
    """
    kept = read(path, run.device)
    if (kept["recipe"], kept["without"], kept.get("earlier", 0)) != (run.recipe.to_json(), run.without, run.earlier):
        raise ValueError(
            f"{path} was written by another version of the recipe {run.recipe.name}, on other data or from another"
            " start: delete it to start afresh."
        )
    run.net.load_state_dict(kept["net"])
    run.average.load_state_dict(kept["average"])
    run.optimiser.load_state_dict(kept["optimiser"])
    run.step, run.seconds, run.count = kept["step"], kept["seconds"], kept["count"]
    run.sum, run.history = kept["sum"].to(run.device), [tuple(pair) for pair in kept["history"]]
    run.ended = kept.get("ended")


def refuse_spent(run: Training, minutes: float | None, path: Path | None) -> None:
    """Refuse to go on where processes disagree, or where more minutes are spent than are given.

    Minutes that ended a training at a learning rate of zero are no reason: it is finished.
    """
    if run.agreed(run.step) != run.step:
        raise ValueError(f"The processes found different checkpoints at {path}: put it on a disk that all of them see.")
    if minutes is None or run.step >= run.steps or run.seconds < 60 * minutes:
        return
    if run.ended is None or minutes < run.ended:
        raise ValueError(
            f"{run.recipe.name} has trained for {run.seconds / 60:.1f} minutes already: give more --minutes, or"
            f" delete {path}."
        )
