"""The command `optimise`: train measurements for a denoiser's prior, or say which recipes there are."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from dprior_lite.gates.files import check_writable
from dprior_lite.measurements import DescentState, read_rows_card
from dprior_lite.profiles import PROFILES
from dprior_lite.store import own_folder
from dprior_lite.training.matrices import RECIPES, find_matrix, train_matrix
from dprior_lite.training.matrix_shipping import ship_matrix


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `optimise`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="recipes; without one, they are listed")
    parser.add_argument("--profile", choices=PROFILES, default="full")
    parser.add_argument("--steps", type=int, help="another number of steps than that of the profile")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--ship", action="store_true", help="copy the result into the package if it is better than what ships"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `optimise`; return the exit status."""
    for recipe in () if args.names else RECIPES:
        print(f"{recipe.name:22} {recipe.says}")
    recipes = [find_matrix(name) for name in args.names]
    for recipe in recipes:
        folder = check_writable(own_folder() / "measurements")
        path = train_matrix(recipe, folder, args.profile, args.steps, args.device, _line)
        card = read_rows_card(path)
        tried = card["held_out"]
        skipped = f", {card['skipped']} skipped" if card["skipped"] else ""
        print(
            f"\nwrote {path.name} to {path.parent}: {card['steps']} steps{skipped} in {card['seconds']} s, loss on"
            f" {tried['pictures']} held-out pictures {tried['before']:.4g} -> {tried['after']:.4g}"
        )
        if args.ship:
            print(ship_matrix(path))
    return 0


def _line(states: Iterable[DescentState]) -> Iterator[DescentState]:
    """Replace the progress line at every step."""
    for state in states:
        skipped = f"  skipped {state.skipped}" if state.skipped else ""
        print(f"\rstep {state.step}  loss {state.loss:.4g}  gradient {state.gradient:.3g}{skipped}", end="", flush=True)
        yield state
