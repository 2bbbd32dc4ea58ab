"""The command `train`: train a recipe, or say which there are."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load as parse

from dprior_lite.machine import pick_device
from dprior_lite.store import SHIPPED, cards_in, own_folder, read_card, steps_taken, widened
from dprior_lite.store import find as find_weight
from dprior_lite.training import cards
from dprior_lite.training.loop import State, fit
from dprior_lite.training.recipe import PROFILES, Recipe
from dprior_lite.training.recipes import all_recipes, find


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
        "--force", action="store_true", help="replace a weight of your own that took more steps than this run will"
    )
    parser.add_argument("--list", action="store_true", help="say which recipes there are")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `train`; return the exit status."""
    if args.list or not (args.names or args.all):
        for recipe in all_recipes().values():
            print(f"{recipe.name:16} {recipe.says}")
        return 0
    names = args.names or unfinished()
    for name in names:
        train(find(name), args)
    return 0


def unfinished() -> list[str]:
    """Return the names of recipes without a weight of their whole step count."""
    done = {
        card["name"]
        for place in (SHIPPED, own_folder())
        for card in cards_in(place)
        if card["profile"] == "full" and steps_taken(card) >= card["steps"]["asked"]
    }
    return [name for name in all_recipes() if name not in done]


def train(recipe: Recipe, args: argparse.Namespace) -> None:
    """Train one recipe to its end, then write weight and card and remove the checkpoint."""
    folder = own_folder()
    checkpoint = folder / f"{recipe.name}.{args.profile}.checkpoint.pt"
    unknown = sorted(set(args.without) - set(recipe.data))
    if unknown:
        raise ValueError(f"{recipe.name} has no source {', '.join(unknown)}; it trains on {', '.join(recipe.data)}.")
    _spare(folder / f"{recipe.name}.json", recipe.steps[args.profile], args.force or args.further)
    start, inherited, earlier, left, last = None, [], 0, recipe, None
    if args.further:
        path = find_weight(recipe.name, own_first=True)
        start = widened(parse(path.read_bytes()))
        card = read_card(path.with_suffix(".json"))
        inherited, earlier = card["data"], steps_taken(card)
        left = (
            replace(recipe, steps=recipe.steps | {args.profile: recipe.steps[args.profile] - earlier})
            if earlier < recipe.steps[args.profile]
            else recipe
        )
    for last in fit(
        left,
        args.profile,
        device=args.device,
        checkpoint=checkpoint,
        minutes=args.minutes,
        start=start,
        earlier=earlier,
        without=args.without,
    ):
        if first_process():
            _line(recipe, last)
    if not first_process():
        return
    path = cards.write(recipe, last, args.profile, folder, pick_device(args.device), args.without, inherited, earlier)
    checkpoint.unlink(missing_ok=True)
    print(_summary(path, last))
    if args.ship:
        print(cards.ship(path))


def first_process() -> bool:
    """Return whether this is the only process, or the first of several."""
    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0


def _spare(card: Path, steps: int, force: bool) -> None:
    """Refuse to replace a longer training by a shorter one unless told to."""
    done = steps_taken(read_card(card)) if card.is_file() else 0
    if done > steps and not force:
        raise ValueError(
            f"{card.stem} in {card.parent} took {done} steps, this run takes {steps}: add --force to replace it, or"
            " --continue to go on from it."
        )


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
