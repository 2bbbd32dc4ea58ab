"""One training loop for every recipe: a generator that yields its state, writes checkpoints and resumes.

The random numbers of a step depend on the recipe's seed and the step alone, so the step *is* the data position: a
training killed at any moment continues from its last checkpoint, and on a CPU, without a limit of minutes, with the
losses it would have had. Speed: bf16 autocast where the processor has it, channels_last, fused AdamW, an averaged copy
of the weights by one foreach operation, data resident on the device, `torch.compile` in the profile full, several
processes through Accelerate.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dprior_lite.machine import bf16_helps, pick_device
from dprior_lite.training.recipe import PROFILES, Recipe
from dprior_lite.training.sources import training_data

CHECKPOINT_SECONDS = 30.0
LONGEST_STEP = 60.0  # a suspended laptop does not use up the minutes of a training


@dataclass(frozen=True)
class State:
    """What a training shows of itself, about 200 times.

    `loss` is the mean since the last state; `net` the averaged network in `eval` mode; `seconds` the training's
    own, over all its parts.
    """

    step: int
    steps: int
    loss: float
    seconds: float
    net: nn.Module
    history: tuple[tuple[int, float], ...]
    done: bool


class Diverged(FloatingPointError):
    """The loss became NaN or infinite."""


def _schedule(fraction: float) -> float:
    """Return the learning rate's factor: a short warm-up, then half a cosine to zero."""
    return min(1.0, fraction / 0.01) * 0.5 * (1 + math.cos(math.pi * min(1.0, fraction))) + 1e-5


class Training:
    """Networks, optimiser and counters of one run; `fit` drives it."""

    def __init__(
        self,
        recipe: Recipe,
        profile: str,
        device: torch.device,
        compiled: bool | None = None,
        without: Sequence[str] = (),
        earlier: int = 0,
    ) -> None:
        self.recipe, self.steps, self.without, self.earlier = recipe, recipe.steps[profile], sorted(without), earlier
        self.processes = _processes(device)
        self.rank, self.world = (
            (self.processes.process_index, self.processes.num_processes) if self.processes else (0, 1)
        )
        if recipe.batch % self.world:
            raise ValueError(
                f"{recipe.name} has batch {recipe.batch}, which {self.world} processes cannot share equally."
            )
        self.device = self.processes.device if self.processes else device
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.net = recipe.build().to(self.device, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=recipe.lr, weight_decay=0.0, fused=True)
        self.data = training_data(recipe, without).to(self.device)
        self.loss = recipe.function("loss")
        self.step, self.seconds, self.sum, self.count = 0, 0.0, torch.zeros((), device=self.device), 0
        self.history: list[tuple[int, float]] = []
        self.model = self.processes.prepare(self.net) if self.processes else self.net
        if profile == "full" if compiled is None else compiled:
            self._compile()

    def _compile(self) -> None:
        """Compile the network, and stay with the plain one where there is no working compiler."""
        plain, self.model = self.model, torch.compile(self.model)
        try:
            self._loss(step=0).backward()
        except Exception as error:
            self.model = plain
            print(f"torch.compile does not work here ({type(error).__name__}); training goes on without it")
        self.optimiser.zero_grad(set_to_none=True)

    def autocast(self) -> torch.autocast | nullcontext:
        """Return the context of the forward pass."""
        return torch.autocast(self.device.type, torch.bfloat16) if bf16_helps(self.device) else nullcontext()

    def _loss(self, step: int) -> Tensor:
        """Return the loss of this process's share of the examples of one step."""
        own = self.recipe.batch // self.world
        mine = slice(self.rank * own, (self.rank + 1) * own)
        seed = self.recipe.seed * 1_000_003 + self.earlier + step
        places = torch.Generator().manual_seed(seed)
        noise = torch.Generator(self.device).manual_seed(seed * 64 + self.rank)
        x = self.data.draw(self.recipe.batch, places)[mine]
        sigma = self.recipe.noise.draw(self.recipe.batch, places)[mine].to(self.device)
        with self.autocast():
            return self.loss(self.model, x, sigma, noise)

    def advance(self, fraction: float) -> None:
        """Take one optimiser step; the schedule is at `fraction` of its way."""
        loss = self._loss(self.step)
        loss.backward()
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.lr * _schedule(fraction)
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.sum += loss.detach()
        self.count, self.step = self.count + 1, self.step + 1
        self._average_weights()

    def agreed(self, number: float) -> float:
        """Return the number of the first process, on all of them: their clocks and folders may differ, their steps must not."""
        if self.processes is None:
            return number
        shared = torch.tensor(number, dtype=torch.float64, device=self.device)
        torch.distributed.broadcast(shared, src=0)
        return float(shared)

    @torch.no_grad()
    def _average_weights(self) -> None:
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - decay)
        for kept, new in zip(self.average.buffers(), self.net.buffers()):
            kept.copy_(new)

    def state(self, done: bool) -> State:
        """Return the state since the last one, or raise `Diverged`."""
        if self.count:
            loss = self.sum / self.count
            self.history.append((self.step, float(self.processes.reduce(loss, "mean") if self.processes else loss)))
        self.sum, self.count = torch.zeros_like(self.sum), 0
        last = self.history[-1][1] if self.history else math.nan
        if self.history and not math.isfinite(last):
            raise Diverged(
                f"The loss of {self.recipe.name} is {last} at step {self.step}: the last checkpoint is kept; lower the "
                "recipe's lr, or look for NaN in the data."
            )
        return State(self.step, self.steps, last, self.seconds, self.average, tuple(self.history), done)

    def save(self, path: Path) -> None:
        """Write everything needed to continue to a temporary name, then rename it; a run that diverged is not kept."""
        if self.rank or not bool(self.sum.isfinite()):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "recipe": self.recipe.to_json(),
            "without": self.without,
            "earlier": self.earlier,
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "sum": self.sum,
            "count": self.count,
            "history": [list(pair) for pair in self.history],
        }
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        torch.save(kept, temporary)
        os.replace(temporary, path)

    def restore(self, path: Path) -> None:
        """Continue from a checkpoint of the same recipe."""
        try:
            kept = torch.load(path, map_location=self.device, weights_only=True)
        except Exception as error:
            raise ValueError(
                f"{path} is no readable checkpoint ({type(error).__name__}): delete it to start afresh."
            ) from error
        if (kept["recipe"], kept["without"], kept.get("earlier", 0)) != (
            self.recipe.to_json(),
            self.without,
            self.earlier,
        ):
            raise ValueError(
                f"{path} was written by another version of the recipe {self.recipe.name}, on other data or from another"
                " start: delete it to start afresh."
            )
        self.net.load_state_dict(kept["net"])
        self.average.load_state_dict(kept["average"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.step, self.seconds, self.count = kept["step"], kept["seconds"], kept["count"]
        self.sum, self.history = kept["sum"].to(self.device), [tuple(pair) for pair in kept["history"]]

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Start from finished weights instead of random ones."""
        self.net.load_state_dict(weights)
        self.average.load_state_dict(weights)


def _processes(device: torch.device) -> Any:
    """Return Accelerate's view of several processes, or None for one; its own defaults for precision and compilation are not used."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    from accelerate import Accelerator

    return Accelerator(
        cpu=device.type == "cpu", mixed_precision="no", dynamo_backend="no", gradient_accumulation_steps=1
    )


def fit(
    recipe: Recipe,
    profile: str = "class",
    *,
    device: str | None = None,
    checkpoint: Path | None = None,
    minutes: float | None = None,
    start: dict[str, Tensor] | None = None,
    earlier: int = 0,
    compiled: bool | None = None,
    without: Sequence[str] = (),
    states: int = 200,
) -> Iterator[State]:
    """Train a recipe, yielding a `State` about `states` times and once at the end.

    Parameters
    ----------
    recipe : Recipe
        What is trained.
    profile : {"ci", "class", "full"}
        How many steps.
    device : str, optional
        By default a CUDA device if there is one.
    checkpoint : Path, optional
        Written every 30 seconds and at the end; if it exists, the training continues from it.
    minutes : float, optional
        End after so many minutes of training, over all its parts, with the learning rate brought to zero by then.
    start : dict, optional
        Weights to start from.
    earlier : int
        Steps these weights have taken already: the examples of those are not drawn again.
    compiled : bool, optional
        Use `torch.compile`; by default in the profile full where a compiler is at hand.
    without : sequence of str
        Data sources to leave out.

    Raises
    ------
    Diverged
        If the loss is no longer finite.
    ValueError
        For an unknown profile, device or source, a checkpoint of another run, or minutes that are spent already.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from dprior_lite.training.recipes import find
    >>> *_, last = fit(replace(find("mixture-mlp"), steps={"ci": 20}), "ci", device="cpu")
    >>> last.step, last.done
    (20, True)
    """
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; expected one of {', '.join(PROFILES)}.")
    if minutes is not None and minutes <= 0:
        raise ValueError(f"minutes={minutes} is no time to train; give a positive number.")
    run = Training(recipe, profile, pick_device(device), compiled, without, earlier)
    if start is not None:
        run.start_from(start)
    if checkpoint is not None and checkpoint.is_file():
        run.restore(checkpoint)
    if run.agreed(run.step) != run.step:
        raise ValueError(
            f"The processes found different checkpoints at {checkpoint}: put it on a disk that all of them see."
        )
    budget = math.inf if minutes is None else 60 * minutes
    if run.seconds >= budget and run.step < run.steps:
        raise ValueError(
            f"{recipe.name} has trained for {run.seconds / 60:.1f} minutes already: give more --minutes, or delete"
            f" {checkpoint}."
        )
    every, saved, before = max(1, run.steps // states), time.monotonic(), time.monotonic()
    while run.step < run.steps and run.seconds < budget:
        run.advance(max(run.step / run.steps, run.seconds / budget))
        state = run.state(done=False) if run.step % every == 0 and run.step < run.steps else None
        now = time.monotonic()
        run.seconds = run.agreed(run.seconds + min(now - before, LONGEST_STEP))
        if checkpoint is not None and now - saved > CHECKPOINT_SECONDS:
            run.save(checkpoint)
            saved = now
        if state is not None:
            yield replace(state, seconds=run.seconds)
        before = time.monotonic()
    state = run.state(done=True)
    if checkpoint is not None:
        run.save(checkpoint)
    yield state
