"""The command `train`: train a recipe, or say which there are."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dprior_lite.gates.files import check_writable, tidy
from dprior_lite.machine import pick_device
from dprior_lite.profiles import PROFILES
from dprior_lite.store import SHIPPED, cards_in, own_folder, read_card, steps_taken, verified
from dprior_lite.store import find as find_weight
from dprior_lite.training import checkpoint as checkpoint_file
from dprior_lite.training import weight_card
from dprior_lite.training.loop import fit
from dprior_lite.training.processes import first_process
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.recipes import all_recipes, find
from dprior_lite.training.sources import remaining
from dprior_lite.training.state import State

TO_FORCE = "Add --force to replace it, or --continue to go on from it."


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `train`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="recipes; none with --all")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument(
        "--minutes", type=float, help="end after so many minutes, learning rate brought to zero by then"
    )
    parser.add_argument(
        "--continue",
        dest="further",
        action="store_true",
        help="start from the weight of that name: the steps it still lacks, or all of them again",
    )
    parser.add_argument(
        "--ship", action="store_true", help="copy the result into the package if it is better than what ships"
    )
    parser.add_argument("--all", action="store_true", help="every recipe whose weight is missing or unfinished")
    parser.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    parser.add_argument("--without", action="append", default=[], metavar="SOURCE", help="leave a data source out")
    parser.add_argument(
        "--force", action="store_true", help="replace a weight of your own that took more steps than this run"
    )
    parser.add_argument("--list", action="store_true", help="say which recipes there are")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `train`; return the exit status. A recipe that fails does not stop the others."""
    if args.list or not (args.names or args.all):
        for recipe in all_recipes().values():
            print(f"{recipe.name:16} {recipe.says}")
        return 0
    remove_remains(own_folder())
    names = args.names or unfinished()
    failed = 0
    for name in names:
        try:
            train(find(name), args)
        except (ValueError, KeyError, OSError, FloatingPointError) as error:
            if len(names) == 1:
                raise
            failed += 1
            said = error.args[0] if isinstance(error, KeyError) else error
            print(f"{name} was not trained: {said}", file=sys.stderr, flush=True)
    return int(failed > 0)


def unfinished() -> list[str]:
    """Return the recipes without a weight of their whole step count; name files that cannot be used."""
    done = set()
    for place in (SHIPPED, own_folder()):
        cards, problems = cards_in(place)
        done |= {c["name"] for c in cards if c["profile"] == "full" and steps_taken(c) >= c["steps"]["asked"]}
        for problem in problems:
            print(problem, file=sys.stderr, flush=True)
    return [name for name in all_recipes() if name not in done]


def remove_remains(folder: Path) -> None:
    """Remove what a killed process left: parts of files, and checkpoints whose weight is written."""
    tidy(folder)
    for path in folder.glob("*.checkpoint.pt"):
        name, profile = path.name.split(".")[:2]
        try:
            card, kept = read_card(folder / f"{name}.json"), checkpoint_file.read(path)
        except ValueError:
            continue
        steps, seconds = card["steps"], round(kept["seconds"])
        same = (kept["step"], kept.get("earlier", 0)) == (steps["done"], steps.get("earlier", 0))
        if same and card["profile"] == profile and card.get("wall_seconds") == seconds:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Start:
    """Where a training starts: at nothing, or at a finished weight.

    Attributes
    ----------
    weights : dict, optional
        Tensors to start from.
    data : list of dict
        Rows of the card of that weight: what it has seen.
    steps : int
        Steps behind it.
    mark : str
        Part of the name of the checkpoint: another start has another one.
    """

    weights: dict[str, Tensor] | None = None
    data: list[dict[str, Any]] = field(default_factory=list)
    steps: int = 0
    mark: str = ""


def start_of(name: str, further: bool) -> Start:
    """Return the start of a training; the weight it goes on from is compared with its sha256."""
    if not further:
        return Start()
    card, weights = verified(find_weight(name, own_first=True))
    return Start(weights, card["data"], steps_taken(card), f".from-{card['sha256'][:12]}")


def train(recipe: Recipe, args: argparse.Namespace) -> None:
    """Train one recipe to its end, then write weight and card and remove the checkpoint."""
    folder = check_writable(own_folder())
    card = folder / f"{recipe.name}.json"
    remaining(recipe, args.without)
    start = start_of(recipe.name, args.further)
    steps = recipe.steps[args.profile]
    if not (args.force or args.further):
        weight_card.refuse_shorter(card, steps, TO_FORCE)

    # the steps that the start still lacks, or all of them again
    left = replace(recipe, steps=recipe.steps | {args.profile: steps - start.steps}) if start.steps < steps else recipe
    checkpoint = folder / f"{recipe.name}.{args.profile}{start.mark}.checkpoint.pt"
    options = {"device": args.device, "checkpoint": checkpoint, "minutes": args.minutes, "without": args.without}
    last = None
    for last in fit(left, args.profile, start=start.weights, earlier=start.steps, **options):
        if first_process():
            _line(recipe, last)
    if not first_process():
        return

    # what counts is the number of steps that were taken
    if not args.force:
        hint = f"The new one waits in {checkpoint.name}. {TO_FORCE}"
        weight_card.refuse_shorter(card, last.earlier + last.step, hint)
    path = weight_card.write(recipe, last, args.profile, folder, pick_device(args.device), start.data)
    checkpoint.unlink(missing_ok=True)
    print(_summary(path, last))
    if args.ship:
        print(weight_card.ship(path))


def _line(recipe: Recipe, state: State) -> None:
    """Replace the progress line."""
    end = "\n" if state.done else ""
    print(f"\r{recipe.name}  step {state.step}/{state.steps}  loss {state.loss:.3e}", end=end, flush=True)


def _summary(path: Path, state: State) -> str:
    """Return where the weight went and its PSNR table."""
    rows = read_card(path.with_suffix(".json"))["psnr"]
    table = "".join(
        f"\n  sigma {s:5.0f}/255   {a:6.2f} dB -> {b:6.2f} dB"
        for s, a, b in zip(rows["sigma_255"], rows["in"], rows["out"])
    )
    return f"wrote {path.name} ({state.step} steps, {state.seconds:.0f} s) to {path.parent}{table}"
