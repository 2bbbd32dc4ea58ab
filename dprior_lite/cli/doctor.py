"""The command `doctor`: say what this machine can do, and what is missing."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import time
from pathlib import Path

import torch

from dprior_lite.data import SOURCES, cache_folder
from dprior_lite.machine import bf16_helps, hardware, pick_device
from dprior_lite.profiles import VARIABLE, current
from dprior_lite.store import inventory, own_folder
from dprior_lite.training.recipes import find


def cli(parser: argparse.ArgumentParser) -> None:
    """`doctor` takes no arguments."""
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `doctor`; return the exit status, 1 if a setting or a file cannot be used."""
    lines, problems = report()
    print("\n".join([*lines, *(f"PROBLEM: {problem}" for problem in problems)]))
    return int(bool(problems))


def report() -> tuple[list[str], list[str]]:
    """Return the lines of the report, and one sentence on each setting or file that cannot be used.

    Nothing that is wrong stops the report.
    """
    device = pick_device()
    lines = [
        f"python {platform.python_version()}, torch {torch.__version__}",
        f"device: {hardware(device)}",
        f"bfloat16 in hardware: {'yes' if bf16_helps(device) else 'no, training is slower'}",
        f"one training step of photos-unet: {1000 * step_seconds(device):.0f} ms",
    ]
    problems: list[str] = []
    for part in (_profile, _folders, _data, _weights):
        try:
            said, wrong = part()
        except (ValueError, OSError) as error:
            problems += [] if str(error) in problems else [str(error)]
        else:
            lines += said
            problems += wrong
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    lines.append(f"browser for the tests: {browser or 'none found, those tests skip'}")
    return lines, problems


def _profile() -> tuple[list[str], list[str]]:
    given = os.environ.get(VARIABLE, "").strip()
    return [f"profile: {current()}{'' if given else ' (default)'}"], []


def _folders() -> tuple[list[str], list[str]]:
    folders = (cache_folder(), own_folder())
    return [f"{'writable' if _writable(folder) else 'NOT WRITABLE'}: {folder}" for folder in folders], []


def _data() -> tuple[list[str], list[str]]:
    lines = []
    for source in (source for source in SOURCES.values() if source.files):
        present = sum((cache_folder() / source.name / name).is_file() for name in source.files)
        lines.append(f"data {source.name}: {present} of {len(source.files)} files")
    return lines, []


def _weights() -> tuple[list[str], list[str]]:
    cards, problems = inventory()
    return [f"weights: {', '.join(card['name'] for card in cards) or 'none'}"], problems


def step_seconds(device: torch.device, batch: int = 8) -> float:
    """Return the seconds of a training step of photos-unet at batch 32, from a few at batch `batch`.

    Examples
    --------
    >>> step_seconds(torch.device("cpu"), batch=1) > 0
    True
    """
    net = find("photos-unet").build().to(device, memory_format=torch.channels_last)
    y = torch.randn(batch, 1, 48, 48, device=device)
    times = []
    for _ in range(4):
        start = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16_helps(device)):
            loss = net(y).float().square().mean()
        float(loss.detach())
        loss.backward()
        times.append(time.perf_counter() - start)
    return min(times[1:]) * 32 / batch


def _writable(folder: Path) -> bool:
    """Return whether `folder`, or the nearest ancestor that exists, may be written."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK)
