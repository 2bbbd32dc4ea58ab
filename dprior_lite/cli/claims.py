"""The command `claims`: what the stored notebooks measured."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from dprior_lite.course.chapters import claim
from dprior_lite.course.claims.card import Record, line
from dprior_lite.course.claims.ledger import counts, records, skipped_in_ci, with_summary
from dprior_lite.course.notebooks import freshness


def _claims(args: argparse.Namespace) -> int:
    root = freshness.repository()
    ledger = records(root / "notebooks")
    if args.json:
        print(json.dumps(ledger, indent=1, ensure_ascii=False))
    elif args.readme or args.check:
        return _readme(root / "README.md", ledger, args.readme)
    else:
        for record in ledger:
            print(line(claim(record["id"]), record))
        print(", ".join(f"{n} {status}" for status, n in counts(ledger).items()))
        print(f"skipped in ci: {', '.join(skipped_in_ci()) or 'none'}")
    return int(any(r["status"] == "fails" for r in ledger))


def _readme(path: Path, ledger: Sequence[Record], rewrite: bool) -> int:
    text = path.read_text(encoding="utf8")
    current = with_summary(text, ledger)
    if rewrite:
        path.write_text(current, encoding="utf8")
    elif text != current:
        print("the README's summary of the claims is not current: python -m dprior_lite claims --readme rewrites it")
    return int(text != current and not rewrite)


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command `claims` to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Sets `run`, a function of the parsed arguments that gives the exit status.
    """
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--json", action="store_true", help="the whole ledger as JSON")
    what.add_argument("--readme", action="store_true", help="rewrite the README's summary")
    what.add_argument("--check", action="store_true", help="fail if the README's summary is not current")
    parser.set_defaults(run=_claims)
