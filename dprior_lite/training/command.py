"""The command ``python -m dprior_lite train``: run a recipe with a progress line, write weight and card, ship what is better."""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load as parse

from ..store import find as find_weight
from ..store import own_folder, weights
from . import cards
from .fit import State, fit, pick_device
from .recipe import PROFILES, Recipe
from .recipes import find, recipes


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``train``."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="recipes; none with --all")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--minutes", type=float, help="end after so many minutes, learning rate brought to zero by then")
    parser.add_argument("--continue", dest="further", action="store_true", help="start from the finished weight of that name")
    parser.add_argument("--ship", action="store_true", help="copy the result into the package if it is better than what ships")
    parser.add_argument("--all", action="store_true", help="every recipe whose weight is missing or unfinished")
    parser.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    parser.add_argument("--without", action="append", default=[], metavar="SOURCE", help="leave a data source out")
    parser.add_argument("--list", action="store_true", help="say which recipes there are")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out ``train``; return the exit status."""
    if args.list or not (args.names or args.all):
        for recipe in recipes().values():
            print(f"{recipe.name:16} {recipe.says}")
        return 0
    names = args.names or unfinished()
    for name in names:
        train(find(name), args)
    return 0


def unfinished() -> list[str]:
    """Return the names of recipes without a weight of their whole step count."""
    done = {card["name"] for card in weights() if card["profile"] == "full" and card["steps"]["done"] >= card["steps"]["asked"]}
    return [name for name in recipes() if name not in done]


def train(recipe: Recipe, args: argparse.Namespace) -> None:
    """Train one recipe to its end, then write weight and card and remove the checkpoint."""
    folder = own_folder()
    checkpoint = folder / f"{recipe.name}.{args.profile}.checkpoint.pt"
    start = {k: v.float() for k, v in parse(find_weight(recipe.name).read_bytes()).items()} if args.further else None
    last = None
    for last in fit(recipe, args.profile, device=args.device, checkpoint=checkpoint, minutes=args.minutes, start=start, without=args.without):
        _line(recipe, last)
    if torch.distributed.is_initialized() and torch.distributed.get_rank():
        return
    path = cards.write(recipe, last, args.profile, folder, pick_device(args.device), args.without)
    checkpoint.unlink(missing_ok=True)
    print(_summary(path, last))
    if args.ship:
        print(cards.ship(path))


def _line(recipe: Recipe, state: State) -> None:
    """Replace the progress line."""
    end = "\n" if state.done else ""
    print(f"\r{recipe.name}  step {state.step}/{state.steps}  loss {state.loss:.3e}", end=end, flush=True)


def _summary(path: Path, state: State) -> str:
    """Return where the weight went and its PSNR table."""
    rows = cards.read_card(path.with_suffix(".json"))["psnr"]["rows"]
    table = "".join(f"\n  sigma {s:5.0f}/255   {a:6.2f} dB -> {b:6.2f} dB" for s, a, b in rows)
    return f"wrote {path.name} ({state.step} steps, {state.seconds:.0f} s) to {path.parent}{table}"
