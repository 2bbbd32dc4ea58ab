"""The command `handout`: copy the notebooks for a reader or a class, and never overwrite what a person changed."""

from __future__ import annotations

import argparse
from pathlib import Path

from dprior_lite.course.notebooks import freshness
from dprior_lite.course.notebooks.handout import hand_out


def _handout(args: argparse.Namespace) -> int:
    print("\n".join(hand_out(freshness.repository(), args.folder, args.student)))
    return 0


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command `handout` to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Sets `run`, a function of the parsed arguments that gives the exit status.
    """
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the copies go, such as lab")
    parser.add_argument("--student", action="store_true", help="leave out solutions and outputs")
    parser.set_defaults(run=_handout)
