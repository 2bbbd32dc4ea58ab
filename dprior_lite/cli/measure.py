"""The command `measure`: measure once, and store, what takes too long for a page."""

from __future__ import annotations

import argparse
import subprocess
import sys

from dprior_lite.course import measurements, measuring


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `measure`."""
    parser.add_argument("ids", nargs="*", metavar="ID", help="claims, such as in-1; none with --stale or --check")
    parser.add_argument("--again", action="store_true", help="forget what is stored")
    parser.add_argument("--stale", action="store_true", help="measure everything that is missing or no longer current")
    parser.add_argument(
        "--check", action="store_true", help="say what is missing or no longer current; fail if anything is"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `measure`; return the exit status."""
    if args.check or args.stale:
        found = {id: reasons for id in measurements.names() if (reasons := reasons_of(id))}
        for id, reasons in found.items():
            print(f"{id} is not current: {'; '.join(reasons[:3])}{' ...' if len(reasons) > 3 else ''}")
        if args.check or not found:
            print("all measurements current" if not found else "make measurements renews them")
            return int(bool(found))
        # each in a process of its own: a measurement depends on the modules that it loads, not on those of another
        return max(subprocess.run([sys.executable, "-m", "dprior_lite", "measure", id]).returncode for id in found)
    if not args.ids:
        print("\n".join(measurements.names()))
        return 0
    for id in args.ids:
        show(id, args.again)
    return 0


def reasons_of(id: str) -> list[str]:
    """Return why a stored measurement is missing or no longer current."""
    try:
        return measuring.stale(measurements.read(measurements.path_of(id)))
    except measurements.MeasurementError as error:
        return [str(error)]


def show(id: str, again: bool) -> None:
    """Measure one claim with a progress line."""
    done = 0
    for done, total in measuring.make(id, measurements.path_of(id), again):
        print(f"\r{id}: {done} of {total} items", end="", flush=True)
    print("" if done else f"{id}: current")
