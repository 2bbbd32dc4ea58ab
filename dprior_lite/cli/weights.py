"""The command `weights`: list the trained networks at hand, with their cards."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from dprior_lite.store import SHIPPED, WeightError, find, inventory, load, read_card, steps_taken


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `weights`."""
    parser.add_argument("name", nargs="?", help="print this card as JSON, after verifying the file")
    parser.add_argument("--check", action="store_true", help="load every weight, verifying its sha256")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `weights`; return the exit status, 1 if a file cannot be used."""
    if args.name:
        path = find(args.name)
        load(path)
        print(json.dumps(read_card(path.with_suffix(".json")), indent=1))
        return 0
    cards, problems = inventory()
    for card in cards:
        try:
            if args.check:
                load(card["name"])
            print(f"{card['name']:16} {summary(card)}")
        except WeightError as error:
            problems.append(str(error))
    print(f"shipped in {SHIPPED.name}/: {sum(f.stat().st_size for f in SHIPPED.glob('*.safetensors')) / 1e6:.1f} MB")
    for problem in problems:
        print(f"not usable: {problem}", file=sys.stderr)
    return int(bool(problems))


def summary(card: Mapping[str, Any]) -> str:
    """Return one line on a card: size, training, PSNR.

    Examples
    --------
    >>> recipe, steps = {"says": "toy"}, {"done": 3, "asked": 9, "earlier": 2}
    >>> psnr = {"sigma_255": [], "out": []}
    >>> summary({"parameters": 9, "steps": steps, "device": "cpu", "psnr": psnr, "recipe": recipe})
    'toy · 9 parameters · 5 of 9 steps on cpu'
    """
    gains = ", ".join(
        f"{out:.2f} dB at {sigma:.0f}/255" for sigma, out in zip(card["psnr"]["sigma_255"], card["psnr"]["out"])
    )
    steps = f"{steps_taken(card):,} of {card['steps']['asked']:,} steps on {card['device']}"
    parts = (card["recipe"]["says"], f"{card['parameters']:,} parameters", steps, gains)
    return " · ".join(part for part in parts if part)
