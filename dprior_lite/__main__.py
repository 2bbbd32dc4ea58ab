"""`python -m dprior_lite COMMAND`: one command a file of `dprior_lite/cli`."""

from __future__ import annotations

import argparse
import ast
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).parent / "cli"
EXPECTED = (ValueError, KeyError, OSError, FloatingPointError, ImportError, MemoryError)


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


class Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines and exit status 1, as all errors of the command line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments and where to read on."""
        self.exit(1, f"{self.prog}: {message}\n{self.prog} --help says what is possible.\n")


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit status: 1 for an expected error, said in at most three lines."""
    argv = sys.argv[1:] if argv is None else argv
    parser = Parser(prog="python -m dprior_lite", description="The image prior inside a denoiser.")
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    try:
        for name, text in commands().items():
            command = choices.add_parser(name, help=text, description=text)
            if argv and argv[0] == name:
                import_module(f"dprior_lite.cli.{name.replace('-', '_')}").cli(command)
        args = parser.parse_args(argv)
        return args.run(args)
    except BrokenPipeError:
        # whoever reads the output has seen enough; nothing is left to be flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nstopped; a training goes on from its last checkpoint when the command is repeated", file=sys.stderr)
        return 130
    except EXPECTED as error:
        print(in_three_lines(error), file=sys.stderr)
        return 1
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError":  # torch's own, without importing torch
            raise
        print(in_three_lines(error), file=sys.stderr)
        return 1


def in_three_lines(error: BaseException) -> str:
    """Return what an error says, at most three lines of it.

    Examples
    --------
    >>> in_three_lines(KeyError("There is no recipe 'x'."))
    "There is no recipe 'x'."
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[:3]) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
