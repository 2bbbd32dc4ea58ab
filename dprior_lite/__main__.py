"""`python -m dprior_lite COMMAND`: one command a file of `dprior_lite/cli`."""

from __future__ import annotations

import argparse
import ast
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent / "cli"


def commands() -> dict[str, str]:
    """Return the commands and what each does, read from the first lines of the files in `cli`.

    Examples
    --------
    >>> commands()["doctor"]
    'say what this machine can do, and what is missing'
    """
    texts = {
        p.stem: ast.get_docstring(ast.parse(p.read_text(encoding="utf8"))) or "" for p in sorted(HERE.glob("[a-z]*.py"))
    }
    return {name.replace("_", "-"): text.splitlines()[0].partition(": ")[2].rstrip(".") for name, text in texts.items()}


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status. An expected error prints one line, no traceback."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="python -m dprior_lite", description="The image prior inside a denoiser.")
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in commands().items():
        command = choices.add_parser(name, help=text, description=text)
        if argv and argv[0] == name:
            import_module(f"dprior_lite.cli.{name.replace('-', '_')}").cli(command)
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except (ValueError, KeyError, OSError, FloatingPointError) as error:
        print(error.args[0] if isinstance(error, KeyError) and error.args else error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
