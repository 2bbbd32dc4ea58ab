"""What came out of a training: the weight file, its card, and whether it is better than the one that ships."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dprior_lite.data import SOURCES
from dprior_lite.machine import hardware
from dprior_lite.metrics import psnr
from dprior_lite.miyasawa import noisy
from dprior_lite.store import SCHEMA, SHIPPED, read_card, widened
from dprior_lite.training.loop import State
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.sources import SAMPLERS, held_out, pictures, training_data

FP16_DROP_DB = 0.02
FINISH_ON = 10_000  # pictures


def psnr_table(
    denoiser: Callable[[Tensor, float], Tensor], x: Tensor, sigmas_255: Sequence[float], batch: int = 8
) -> list[tuple[float, float, float]]:
    """Return `(sigma_255, psnr_in, psnr_out)` of a denoiser `(y, sigma) -> x_hat` on clean pictures `x` (B, C, H, W), noise drawn from seed 0.

    Examples
    --------
    >>> [round(v) for v in psnr_table(lambda y, sigma: y, torch.full((1, 1, 64, 64), 0.5), [25.5])[0]]
    [26, 20, 20]
    """
    rows = []
    for sigma in sigmas_255:
        y = noisy(x, sigma / 255, torch.Generator().manual_seed(0))
        with torch.inference_mode():
            x_hat = torch.cat([denoiser(part, sigma / 255).float() for part in y.split(batch)])
        rows.append((float(sigma), psnr(y.cpu(), x.cpu()), psnr(x_hat.cpu(), x.cpu())))
    return rows


def write(
    recipe: Recipe,
    state: State,
    profile: str,
    folder: Path,
    device: torch.device,
    without: Sequence[str] = (),
    inherited: Sequence[dict[str, Any]] = (),
    earlier: int = 0,
) -> Path:
    """Write `NAME.safetensors` and `NAME.json` into `folder` and return the path of the weight.

    Half precision is used where the PSNR moves by less than 0.02 dB, never for what is float64; the card's PSNR is that
    of the file, and the recipe's `finish` is applied to the file's network. `inherited` and `earlier` are the
    data and the number of steps of the weight this training started from: the result owes something to those too.
    """
    from safetensors.torch import save

    x = held_out(recipe)
    full = {k: v.detach().cpu().contiguous() for k, v in state.net.state_dict().items()}
    half = {k: v.half() if v.dtype == torch.float32 else v for k, v in full.items()}
    net, rows, tensors = recipe.build().to(device).eval().requires_grad_(False), [], full
    if x is not None:
        denoiser, x = recipe.function("denoiser")(net), x.to(device)
        net.load_state_dict(full)
        rows = psnr_table(denoiser, x, recipe.sigmas_255)
        net.load_state_dict(widened(half))
        halved = psnr_table(denoiser, x, recipe.sigmas_255)
        if max(abs(a[2] - b[2]) for a, b in zip(rows, halved)) < FP16_DROP_DB:
            rows, tensors = halved, half
    if recipe.finish:
        net.load_state_dict(widened(tensors))
        generator = torch.Generator().manual_seed(recipe.seed)
        recipe.function("finish")(net, training_data(recipe, without).draw(FINISH_ON, generator), generator)
        tensors = tensors | {k: v.cpu() for k, v in net.state_dict().items() if v.dtype == torch.float64}
    content = save(tensors)
    card = {
        "schema": SCHEMA,
        "name": recipe.name,
        "recipe": recipe.to_json(),
        "data": _data(recipe, without, inherited),
        "sha256": sha256(content).hexdigest(),
        "parameters": sum(p.numel() for p in state.net.parameters()),
        "device": hardware(device, int(os.environ.get("WORLD_SIZE", "1"))),
        "profile": profile,
        "steps": {"done": state.step, "asked": recipe.steps[profile], "earlier": earlier},
        "wall_seconds": round(state.seconds),
        "loss": [list(pair) for pair in _thinned(state.history)],
        "psnr": (
            {"data": recipe.held_out}
            | {key: [round(row[k], 3) for row in rows] for k, key in enumerate(("sigma_255", "in", "out"))}
        ),
        "versions": {name: version(name) for name in ("torch", "numpy", "scikit-image")},
        "created": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recipe.name}.safetensors"
    for target, bytes_ in ((path, content), (path.with_suffix(".json"), (json.dumps(card, indent=1) + "\n").encode())):
        temporary = target.with_name(f"{target.name}.part")
        temporary.write_bytes(bytes_)
        os.replace(temporary, target)
    return path


def _data(recipe: Recipe, without: Sequence[str], inherited: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the weights have seen: name, version, licence, number of pictures; and what was left out."""
    seen = [row for row in inherited if not row.get("left_out")]
    rows = [row for row in seen if row["name"] in without or row["name"] not in recipe.data]
    for name in (name for name in recipe.data if name not in {row["name"] for row in rows}):
        source = SOURCES[name.partition(":")[0].removesuffix("-rgb")]
        n = 0 if name in without or name in SAMPLERS else sum(len(x) for x in pictures(name))
        rows.append(
            {"name": name, "version": source.version, "licence": source.licence, "n": n}
            | ({"left_out": True} if name in without else {})
        )
    return rows


def _thinned(history: Sequence[tuple[int, float]], most: int = 200) -> list[tuple[int, float]]:
    """Return at most `most` pairs, evenly spaced and with the last."""
    return (
        list(history)
        if len(history) <= most
        else [history[round(k * (len(history) - 1) / (most - 1))] for k in range(most)]
    )


def score(card: dict[str, Any]) -> float:
    """Return what decides whether a weight is better: its mean held-out PSNR in dB, or minus its last loss where it is no denoiser of pictures."""
    out = card["psnr"]["out"]
    return sum(out) / len(out) if out else -card["loss"][-1][1]


def ship(path: Path, folder: Path = SHIPPED) -> str:
    """Copy a weight and its card into the package if it is better than the one there; return one line that says what happened."""
    card, there = read_card(path.with_suffix(".json")), folder / path.with_suffix(".json").name
    old = read_card(there) if there.is_file() else None
    if old is not None and any(old["psnr"][key] != card["psnr"][key] for key in ("data", "sigma_255")):
        return (
            f"{card['name']} stays as it is: the two were measured on other pictures or noise levels; delete the old"
            " card to replace it"
        )
    if old is not None and score(card) <= score(old):
        return f"{card['name']} stays as it is: {score(card):.3f} is not better than {score(old):.3f}"
    folder.mkdir(parents=True, exist_ok=True)
    for file in (path, path.with_suffix(".json")):
        shutil.copyfile(file, folder / f"{file.name}.part")
        os.replace(folder / f"{file.name}.part", folder / file.name)
    return f"{card['name']} ships: {score(card):.3f}" + (f" (was {score(old):.3f})" if old else "")
