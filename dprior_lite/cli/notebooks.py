"""The command `notebooks`: write, execute and check the stored notebooks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dprior_lite.course.notebooks import freshness
from dprior_lite.course.notebooks.index import Index
from dprior_lite.course.notebooks.pairs import LARGEST_TOGETHER, REFRESH, faults, notebook_of, pages, run, sync


def _sync(args: argparse.Namespace) -> int:
    for page in pages(freshness.repository(), args.pages):
        if sync(page):
            print(f"{page.stem}: written; {REFRESH} executes what changed")
    return 0


def _run(args: argparse.Namespace) -> int:
    root, bad = freshness.repository(), 0
    for page in pages(root, args.pages):
        sync(page)  # prose that changed needs no execution
        if args.all or faults(page, root):
            bad += _told(page, run(page, root), "was executed and not stored")
        else:
            print(f"{page.stem}: current")
    return int(bad > 0)


def _check(args: argparse.Namespace) -> int:
    root = freshness.repository()
    found, index = pages(root), Index(root)
    bad = sum(_told(page, faults(page, root, index), f"is not current ({REFRESH} refreshes it)") for page in found)
    orphans = sorted(set((root / "notebooks").glob("*.ipynb")) - {notebook_of(p) for p in found})
    bad += sum(_told(path, ["belongs to no page of the book"], "should be deleted") for path in orphans)
    size = sum(p.stat().st_size for p in (root / "notebooks").glob("*.ipynb"))
    if size > LARGEST_TOGETHER:
        bad += _told(root / "notebooks", [f"{size / 2**20:.1f} MB, at most 15 are allowed"], "are too large together")
    print(f"{len(found)} pages, {bad} not current" if bad else f"{len(found)} pages, all notebooks current")
    return int(bad > 0)


def _told(path: Path, findings: list[str], what: str) -> int:
    for finding in findings:
        print(f"{path.stem} {what}: {finding}", file=sys.stdout)
    return int(bool(findings))


def cli(parser: argparse.ArgumentParser) -> None:
    """Add `sync`, `run` and `check` to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the command `notebooks`; each choice sets `run`, a function of the parsed arguments that gives the exit
        status.
    """
    commands = parser.add_subparsers(required=True, metavar="sync|run|check")
    help = {
        "sync": "write the notebooks the pages ask for",
        "run": "execute what is stale",
        "check": "say what is not current",
    }
    for name, action in {"sync": _sync, "run": _run, "check": _check}.items():
        command = commands.add_parser(name, help=help[name], description=help[name])
        command.set_defaults(run=action)
        if name != "check":
            command.add_argument(
                "pages", nargs="*", metavar="NN", help="beginnings of page names; all if none is given"
            )
    commands.choices["run"].add_argument("--all", action="store_true", help="execute current pages too")
