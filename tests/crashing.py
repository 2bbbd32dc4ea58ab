"""Writers that a test kills: they run in processes of their own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pooch
import safetensors.torch

import dprior_lite.cli.train
from dprior_lite.gates import files
from dprior_lite.training import loop
from dprior_lite.training.recipes import find, miyasawa

IMPORTED_EARLY = (pooch, safetensors, dprior_lite.cli.train)  # the server imports them once for all

# a short training, without pictures
SMALL = replace(find("mixture-mlp"), name="small-mlp", steps={"ci": 150, "class": 150, "full": 150}, batch=64)
if "SERVER_OF_TESTS" in os.environ:  # what torch loads at the first step is loaded before the server forks
    list(loop.fit(replace(SMALL, steps={"ci": 1}), "ci", device="cpu"))


def nothing() -> None:
    """End well: a process that starts the server of the others."""


def stamp(path: Path) -> int:
    """Return when a file was written, 0 if there is none."""
    return path.stat().st_mtime_ns if path.exists() else 0


def pair(k: int, size: int = 20_000) -> tuple[bytes, str]:
    """Return the k-th of many pairs of a weight and its card."""
    content = bytes([k % 256]) * size
    return content, json.dumps({"sha256": sha256(content).hexdigest(), "k": k})


def write_for_ever(path: Path, k: int) -> None:
    """Write one pair after the other, every third of the numbers from k on."""
    while True:
        files.write_pair(path, *pair(k))
        k += 3


def write_rounds(path: Path, k: int, rounds: int) -> None:
    """Write so many pairs and end well."""
    for _ in range(rounds):
        files.write_pair(path, *pair(k))
        k += 2


def die_at(call: int, act: Callable[[], object]) -> bool:
    """Run `act` in a process that ends without a word just before its `call`-th system call on files.

    Return whether it got that far: False if `act` came to its end before.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = call

    def counted(real: Callable) -> Callable:
        def wrapped(*args: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)
            return real(*args, **options)

        return wrapped

    for name in ("open", "replace", "fsync", "unlink", "close"):
        setattr(os, name, counted(getattr(os, name)))
    act()
    os._exit(0)


def small_recipes() -> None:
    """Make the small recipe known to the command line, and checkpoints frequent."""
    miyasawa.RECIPES = (*miyasawa.RECIPES, SMALL)
    loop.CHECKPOINT_SECONDS = 0.01


def train(folder: str, *arguments: str) -> None:
    """Run the command `train` of the small recipe."""
    from dprior_lite.__main__ import main

    os.environ["DPRIOR_WEIGHTS"] = folder
    sys.stdout = sys.stderr = open(os.devnull, "w")
    small_recipes()
    sys.exit(main(["train", SMALL.name, "--profile", "ci", "--device", "cpu", *arguments]))
