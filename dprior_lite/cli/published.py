"""The command `published`: compare the authors' checkpoints, where you have them, with their table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from dprior_lite.course.lab.published import (
    NETS,
    NOISY,
    PUBLISHED,
    REPOSITORY,
    SIGMAS,
    checkpoint_file,
    mean_psnr,
    published_folder,
    verdict,
)
from dprior_lite.data import picture_set
from dprior_lite.machine import pick_device
from dprior_lite.nets.published import load_published


def cli(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `published`."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="clone of the authors' repository; by default $DPRIOR_PUBLISHED, or a folder in the cache",
    )
    parser.add_argument(
        "--sigmas",
        nargs="+",
        type=int,
        choices=SIGMAS,
        default=[10, 30, 50, 100],
        metavar="SIGMA",
        help="noise levels of the table: 10, 20, ..., 100",
    )
    parser.add_argument("--pictures", type=int, metavar="N", help="only the first N of the 68; then nothing is judged")
    parser.add_argument("--net", nargs="+", choices=NETS, default=NETS, help="only these networks")
    parser.add_argument("--device", help="cpu or cuda; by default a GPU if there is one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `published`; return the exit status."""
    folder = args.folder or published_folder()
    names = [name for name in PUBLISHED if name.partition("/")[0] in args.net]
    files = {name: path for name in names if (path := checkpoint_file(folder, name))}
    if not files:
        raise FileNotFoundError(
            f"No checkpoint of the authors is in {folder}. Put their repository there ({REPOSITORY}, MIT licence), or"
            " give its folder here or in DPRIOR_PUBLISHED. Expected are the files"
            f" pretrained/NET/{{bias,bias_free}}/RANGE.pt of {', '.join(args.net)}, for example"
            f" {folder / 'pretrained' / names[0]}.pt."
        )
    if args.pictures is not None and args.pictures < 1:
        raise ValueError(f"--pictures got {args.pictures}; it needs at least 1.")
    every, device = picture_set("bsd68"), pick_device(args.device)
    pictures = every[: args.pictures]
    print(f"{'file':26}{'sigma':>6}{'ours':>9}{'published':>11}{'difference':>12}")
    differences, unread = [], []
    for name, path in [(NOISY, None), *files.items()]:
        try:
            net = load_published(path).to(device) if path else nn.Identity()
            differences += _compare(name, net, pictures, args.sigmas, device)
        except (ValueError, RuntimeError, OSError) as error:
            unread.append(name)
            print(f"{name:26}not measured: {error}")
    if len(files) < len(names):
        print(f"absent: {', '.join(name for name in names if name not in files)}")
    text, wrong = verdict(differences, unread, len(pictures), len(every))
    print(text)
    return int(wrong)


def _compare(
    name: str, net: nn.Module, pictures: Sequence[Tensor], sigmas: Sequence[int], device: torch.device
) -> list[float]:
    """Print one row a noise level and return the differences in dB, ours minus published."""
    differences = []
    for sigma in sigmas:
        ours = mean_psnr(
            net, pictures, sigma, device, lambda k: _line(f"{name}  sigma {sigma}  picture {k}/{len(pictures)}")
        )
        published = PUBLISHED[name][SIGMAS.index(sigma)]
        differences.append(ours - published)
        print(f"{name:26}{sigma:6}{ours:9.2f}{published:11.2f}{differences[-1]:+12.2f}", flush=True)
    return differences


def _line(text: str) -> None:
    """Show how far it is, on a terminal only; the next row of the table, as wide, replaces it."""
    if sys.stdout.isatty():
        print(f"{text:64}", end="\r", flush=True)
