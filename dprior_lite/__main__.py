"""``python -m dprior_lite train | weights | doctor | published | side-by-side | claims | notebooks``."""

import argparse
import sys
from importlib import import_module

COMMANDS = {
    "train": ("training.command", "train a recipe, or say which there are"),
    "weights": ("report", "list the trained networks at hand, with their cards"),
    "doctor": ("doctor", "say what this machine can do, and what is missing"),
    "published": ("course.reproduce", "compare the authors' checkpoints, where you have them, with their published table"),
    "side-by-side": ("course.sidebyside.measure", "measure the samplers of deepinv beside ours, where it is installed"),
    "claims": ("course.ledger", "what the stored notebooks measured"),
    "notebooks": ("course.notebooks", "sync, run or check the notebooks"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status. An expected error prints one line, no traceback."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="python -m dprior_lite", description="The image prior inside a denoiser.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if argv and argv[0] == name:
            import_module(f"dprior_lite.{module}").cli(command)
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except (ValueError, KeyError, OSError, FloatingPointError) as error:
        print(error.args[0] if isinstance(error, KeyError) and error.args else error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
