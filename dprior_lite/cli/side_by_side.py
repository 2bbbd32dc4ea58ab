"""The command `side-by-side`: measure the samplers of deepinv beside ours, where it is installed."""

from __future__ import annotations

import argparse

from dprior_lite.course.lab.side_by_side.measure import measure


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `side-by-side`."""
    parser.add_argument("--again", action="store_true", help="forget what is stored")
    parser.set_defaults(run=lambda args: measure(args.again))
