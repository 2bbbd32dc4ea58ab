"""The command `weights`: list the trained networks at hand, with their cards."""

from __future__ import annotations

import argparse
import json

from dprior_lite.store import SHIPPED, find, load, steps_taken, weights


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `weights`."""
    parser.add_argument("name", nargs="?", help="print this card as JSON, after verifying the file")
    parser.add_argument("--check", action="store_true", help="load every weight, verifying its sha256")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `weights`; return the exit status."""
    if args.name:
        path = find(args.name)
        load(path)
        print(json.dumps(json.loads(path.with_suffix(".json").read_text(encoding="utf8")), indent=1))
        return 0
    for card in weights():
        if args.check:
            load(card["name"])
        print(f"{card['name']:16} {summary(card)}")
    print(f"shipped in {SHIPPED.name}/: {sum(f.stat().st_size for f in SHIPPED.glob('*.safetensors')) / 1e6:.1f} MB")
    return 0


def summary(card: dict) -> str:
    """Return one line on a card: size, training, PSNR.

    Examples
    --------
    >>> summary({"parameters": 9, "steps": {"done": 3, "asked": 9, "earlier": 2}, "device": "cpu", "psnr": {"sigma_255": [], "out": []}, "recipe": {"says": "toy"}})
    'toy · 9 parameters · 5 of 9 steps on cpu'
    """
    gains = ", ".join(
        f"{out:.2f} dB at {sigma:.0f}/255" for sigma, out in zip(card["psnr"]["sigma_255"], card["psnr"]["out"])
    )
    steps = f"{steps_taken(card):,} of {card['steps']['asked']:,} steps on {card['device']}"
    return " · ".join(
        part for part in (card["recipe"]["says"], f"{card['parameters']:,} parameters", steps, gains) if part
    )
