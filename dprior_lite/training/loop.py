"""One training loop for every recipe: it yields its state, writes checkpoints and resumes.

The random numbers of a step depend on the recipe's seed and the step alone, so the step *is* the data position: a
training killed at any moment continues from its last checkpoint, and on a CPU, without a limit of minutes, with the
losses it would have had. Speed: bf16 autocast where the processor has it, channels_last, fused AdamW, an averaged copy
of the weights by one foreach operation, data resident on the device, `torch.compile` in the profile full, several
processes through Accelerate.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from textwrap import shorten

import torch
from torch import Tensor, nn

from dprior_lite.machine import bf16_helps, pick_device
from dprior_lite.training import checkpoint as checkpoint_file
from dprior_lite.training.processes import agreed, start_processes
from dprior_lite.training.recipe import PROFILES, Recipe
from dprior_lite.training.sources import training_data
from dprior_lite.training.state import Diverged, State

__all__ = ["CHECKPOINT_SECONDS", "LONGEST_STEP", "Diverged", "State", "Training", "fit"]

CHECKPOINT_SECONDS = 30.0
LONGEST_STEP = 60.0  # a suspended laptop does not use up the minutes of a training


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
        self.ended: float | None = None  # the minutes that ended this training before its last step
        self.processes = start_processes(device)
        self.rank, self.world = 0, 1
        if self.processes:
            self.rank, self.world = self.processes.process_index, self.processes.num_processes
        if recipe.batch % self.world:
            raise ValueError(
                f"{recipe.name} has batch {recipe.batch}, which {self.world} processes cannot share equally."
            )
        self.device = self.processes.device if self.processes else device

        # the network, drawn from the recipe's seed, and its averaged copy
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.net = recipe.build().to(self.device, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.model = self.processes.prepare(self.net) if self.processes else self.net
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=recipe.lr, weight_decay=0.0, fused=True)

        self.data = training_data(recipe, without).to(self.device)
        self.loss = recipe.function("loss")
        self.step, self.seconds, self.count = 0, 0.0, 0
        self.sum = torch.zeros((), dtype=torch.float32, device=self.device)
        self.history: list[tuple[int, float]] = []
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

        # all processes draw the whole batch and keep their part
        x = self.data.draw(self.recipe.batch, places)[mine]  # (B, C, H, W), or (B, d)
        sigma = self.recipe.noise.draw(self.recipe.batch, places)[mine].to(self.device)  # (B,)
        with self.autocast():
            return self.loss(self.model, x, sigma, noise)

    def advance(self, fraction: float) -> None:
        """Take one optimiser step; the schedule is at `fraction` of its way."""
        # gradient
        loss = self._loss(self.step)
        loss.backward()

        # clipped step at the scheduled learning rate
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.lr * _schedule(fraction)
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

        # averages of the loss and of the weights
        self.sum += loss.detach()
        self.count, self.step = self.count + 1, self.step + 1
        self._average_weights()

    def agreed(self, number: float) -> float:
        """Return the number of the first process, on all of them."""
        return agreed(self.processes, number, self.device)

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
        shown = self.step, self.steps, last, self.seconds, self.average, tuple(self.history), done
        return State(*shown, left_out=tuple(self.without), earlier=self.earlier)

    def finish(self, checkpoint: Path | None, minutes: float | None) -> State:
        """Return the last state of a training that is saved by then: whoever writes the weight may be killed."""
        state = self.state(done=True)
        self.ended = minutes if self.step < self.steps else None
        if checkpoint is not None:
            self.save(checkpoint)
        return state

    def save(self, path: Path) -> None:
        """Write a checkpoint, see `training.checkpoint`."""
        checkpoint_file.save(self, path)

    def restore(self, path: Path) -> None:
        """Continue from a checkpoint of the same run."""
        checkpoint_file.restore(self, path)

    def begin(self, start: dict[str, Tensor] | None, checkpoint: Path | None, minutes: float | None) -> None:
        """Start from finished weights, or go on from a checkpoint, where there is one."""
        if start is not None:
            self.start_from(start)
        if checkpoint is not None and checkpoint.is_file():
            self.restore(checkpoint)
        checkpoint_file.refuse_spent(self, minutes, checkpoint)

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Start from finished weights instead of random ones."""
        try:
            self.net.load_state_dict(weights)
            self.average.load_state_dict(weights)
        except (RuntimeError, TypeError, AttributeError) as error:
            said = shorten(str(error), 160, placeholder=" ...")
            raise ValueError(f"The weights do not fit the network of {self.recipe.name} ({said}).") from error


def fit(
    recipe: Recipe,
    profile: str = "class",
    *,
    device: str | torch.device | None = None,
    checkpoint: str | Path | None = None,
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
    device : str or torch.device, optional
        By default a CUDA device if there is one.
    checkpoint : str or Path, optional
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
    states : int
        About how many states are shown.

    Raises
    ------
    Diverged
        If the loss is no longer finite.
    ValueError
        For an unknown profile, device or source, a checkpoint of another run, or minutes that are spent already.
    NotWritten
        If a checkpoint cannot be written; the last one is intact.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from dprior_lite.training.recipes import find
    >>> *_, last = fit(replace(find("mixture-mlp"), steps={"ci": 20}), "ci", device="cpu")
    >>> last.step, last.done
    (20, True)
    """
    _check(recipe, profile, minutes, earlier, states)
    run = Training(recipe, profile, pick_device(device), compiled, without, earlier)
    checkpoint = None if checkpoint is None else Path(checkpoint)
    run.begin(start, checkpoint, minutes)

    budget = math.inf if minutes is None else 60 * minutes
    every = max(1, run.steps // states)
    saved = before = time.monotonic()
    while run.step < run.steps and run.seconds < budget:
        # one step; the learning rate reaches zero with the last step or the last minute
        run.advance(max(run.step / run.steps, run.seconds / budget))
        run.ended = None

        # the mean loss since the last state; a loss that is not finite ends here, before it is saved
        state = run.state(done=False) if run.step % every == 0 and run.step < run.steps else None

        # the clock of the training stands still while nobody asks for the next state
        now = time.monotonic()
        run.seconds = run.agreed(run.seconds + min(now - before, LONGEST_STEP))
        if checkpoint is not None and now - saved > CHECKPOINT_SECONDS:
            run.save(checkpoint)
            saved = now
        if state is not None:
            yield replace(state, seconds=run.seconds)
        before = time.monotonic()

    yield run.finish(checkpoint, minutes)


def _check(recipe: Recipe, profile: str, minutes: float | None, earlier: int, states: int) -> None:
    """Refuse arguments of `fit` that mean nothing."""
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe is {recipe!r}; expected a Recipe, such as training.find('photos-tiny').")
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; expected one of {', '.join(PROFILES)}.")
    if not recipe.steps.get(profile, 0) >= 1:
        raise ValueError(
            f"{recipe.name} has {recipe.steps.get(profile)} steps in the profile {profile}; expected some."
        )
    if minutes is not None and not (isinstance(minutes, int | float) and 0 < minutes < math.inf):  # NaN is neither
        raise ValueError(f"minutes={minutes!r} is no time to train; give a positive number.")
    for name, value, least in (("earlier", earlier, 0), ("states", states, 1)):
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}.")
