"""What comes out of a training: the weight, its card, and whether it is better than what ships.

The card says what happened, not what was asked for: the sources that were used, the steps that were taken, the PSNR of
the file as it is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dprior_lite.data import SOURCES
from dprior_lite.gates.files import read_pair, write_pair
from dprior_lite.machine import hardware
from dprior_lite.metrics import psnr
from dprior_lite.miyasawa import noisy
from dprior_lite.store import SCHEMA, SHIPPED, WeightError, read_card, steps_taken, to_float32, verified
from dprior_lite.training.recipe import Recipe
from dprior_lite.training.sources import SAMPLERS, held_out, pictures, training_data
from dprior_lite.training.state import State

FP16_DROP_DB = 0.02
FINISH_ON = 10_000  # pictures
Row = tuple[float, float, float]  # sigma in 1/255, PSNR of the noisy and of the denoised pictures in dB


def psnr_table(
    denoiser: Callable[[Tensor, float], Tensor], x: Tensor, sigmas_255: Sequence[float], batch: int = 8
) -> list[Row]:
    """Return `(sigma_255, psnr_in, psnr_out)` of a denoiser for each noise level.

    Parameters
    ----------
    denoiser : callable
        `(y, sigma) -> x_hat`.
    x : Tensor
        Clean pictures (B, C, H, W) in [0, 1]; the noise is drawn from seed 0.
    sigmas_255 : sequence of float
        Standard deviations of the noise, in 1/255.
    batch : int
        Pictures denoised at once.

    Examples
    --------
    >>> [round(v) for v in psnr_table(lambda y, sigma: y, torch.full((1, 1, 64, 64), 0.5), [25.5])[0]]
    [26, 20, 20]
    """
    rows = []
    for sigma in sigmas_255:
        y = noisy(x, sigma / 255, torch.Generator().manual_seed(0))
        with torch.inference_mode():
            x_hat = torch.cat([denoiser(part, sigma / 255).float() for part in y.split(batch)])  # (B, C, H, W)
        rows.append((float(sigma), psnr(y.cpu(), x.cpu()), psnr(x_hat.cpu(), x.cpu())))
    return rows


def write(
    recipe: Recipe,
    state: State,
    profile: str,
    folder: Path,
    device: torch.device,
    inherited: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write `NAME.safetensors` and `NAME.json` of a finished training and return the path of the weight.

    Parameters
    ----------
    recipe : Recipe
        What was trained.
    state : State
        The last one of the training.
    profile : {"ci", "class", "full"}
        Its size.
    folder : Path
        Where the two files go; they replace a former pair together.
    device : torch.device
        Where it was trained, and where the PSNR is measured.
    inherited : sequence of dict
        The rows `data` of the card of the weight that this training started from: the result owes something to those.

    Raises
    ------
    FloatingPointError
        If a weight is NaN or infinite.
    NotWritten
        If the files cannot be written; the former pair is intact.
    """
    from safetensors.torch import save

    full = {k: v.detach().cpu().contiguous() for k, v in state.net.state_dict().items()}
    if not all(bool(v.isfinite().all()) for v in full.values()):
        raise FloatingPointError(f"The weights of {recipe.name} hold NaN or infinite values: nothing was written.")
    net = recipe.build().to(device).eval().requires_grad_(False)
    tensors, rows = choose_precision(recipe, net, full, device)
    if recipe.finish:
        tensors = tensors | finished(recipe, net, tensors, state.left_out)
    content = save(tensors)
    card = build_card(recipe, state, profile, device, inherited, rows, sha256(content).hexdigest())
    return write_pair(folder / f"{recipe.name}.safetensors", content, json.dumps(card, indent=1) + "\n")


def choose_precision(
    recipe: Recipe, net: nn.Module, full: dict[str, Tensor], device: torch.device
) -> tuple[dict[str, Tensor], list[Row]]:
    """Return the tensors as they are written, and their PSNR table on the pictures of the card.

    Half precision is used where the PSNR moves by less than 0.02 dB, never for what is float64. Weights that do not fit
    in half precision stay in float32, and that is printed.
    """
    x = held_out(recipe)
    if x is None:
        return full, []
    denoiser, x = recipe.function("denoiser")(net), x.to(device)
    net.load_state_dict(full)
    rows = psnr_table(denoiser, x, recipe.sigmas_255)

    half = {k: v.half() if v.dtype == torch.float32 else v for k, v in full.items()}
    if not all(bool(v.isfinite().all()) for v in half.values()):
        print(f"{recipe.name} is kept in float32: some weights are too large for half precision")
        return full, rows
    net.load_state_dict(to_float32(half))
    halved = psnr_table(denoiser, x, recipe.sigmas_255)
    moved = max((abs(a[2] - b[2]) for a, b in zip(rows, halved)), default=0.0)
    return (half, halved) if moved < FP16_DROP_DB else (full, rows)


def finished(recipe: Recipe, net: nn.Module, tensors: dict[str, Tensor], left_out: Sequence[str]) -> dict[str, Tensor]:
    """Apply the recipe's `finish` to the network as it is written, and return its float64 tensors."""
    net.load_state_dict(to_float32(tensors))
    generator = torch.Generator().manual_seed(recipe.seed)
    recipe.function("finish")(net, training_data(recipe, left_out).draw(FINISH_ON, generator), generator)
    return {k: v.cpu() for k, v in net.state_dict().items() if v.dtype == torch.float64}


def build_card(
    recipe: Recipe,
    state: State,
    profile: str,
    device: torch.device,
    inherited: Sequence[dict[str, Any]],
    rows: Sequence[Row],
    digest: str,
) -> dict[str, Any]:
    """Return the card of a weight whose file has the sha256 `digest` and the PSNR table `rows`."""
    table = {key: [round(row[k], 3) for row in rows] for k, key in enumerate(("sigma_255", "in", "out"))}
    return {
        "schema": SCHEMA,
        "name": recipe.name,
        "recipe": recipe.to_json(),
        "data": _data(recipe, state.left_out, inherited),
        "sha256": digest,
        "parameters": sum(p.numel() for p in state.net.parameters()),
        "device": hardware(device, int(os.environ.get("WORLD_SIZE", "1"))),
        "profile": profile,
        "steps": {"done": state.step, "asked": recipe.steps[profile], "earlier": state.earlier},
        "wall_seconds": round(state.seconds),
        "loss": [list(pair) for pair in _thinned(state.history)],
        "psnr": {"data": recipe.held_out} | table,
        "versions": {name: version(name) for name in ("torch", "numpy", "scikit-image")},
        "created": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def _data(recipe: Recipe, left_out: Sequence[str], inherited: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the weights have seen, and what was left out: name, version, licence, number."""
    seen = [row for row in inherited if not row.get("left_out")]
    rows = [row for row in seen if row["name"] in left_out or row["name"] not in recipe.data]
    for name in (name for name in recipe.data if name not in {row["name"] for row in rows}):
        source = SOURCES[name.partition(":")[0].removesuffix("-rgb")]
        n = 0 if name in left_out or name in SAMPLERS else sum(len(x) for x in pictures(name))
        row = {"name": name, "version": source.version, "licence": source.licence, "n": n}
        rows.append(row | ({"left_out": True} if name in left_out else {}))
    return rows


def _thinned(history: Sequence[tuple[int, float]], most: int = 200) -> list[tuple[int, float]]:
    """Return at most `most` pairs, evenly spaced and with the last."""
    if len(history) <= most:
        return list(history)
    return [history[round(k * (len(history) - 1) / (most - 1))] for k in range(most)]


def refuse_shorter(card: Path, steps: int, hint: str) -> None:
    """Refuse to replace the weight of a card by one that took, or will take, fewer steps.

    Parameters
    ----------
    card : Path
        Card of the weight there is; nothing is refused if there is none.
    steps : int
        Steps behind the new weight, those of the trainings it went on from included.
    hint : str
        What a person can do, the end of the message.

    Raises
    ------
    ValueError
        If the weight there is took more steps.
    """
    done = steps_taken(read_card(card)) if card.is_file() else 0
    if done > steps:
        raise ValueError(f"{card.stem} in {card.parent} took {done} steps, this run {steps}: it is kept. {hint}")


def score(card: dict[str, Any]) -> float:
    """Return what decides whether a weight is better: mean held-out PSNR in dB, or minus the last loss.

    The loss counts where the network is no denoiser of pictures.
    """
    out = card["psnr"]["out"]
    return sum(out) / len(out) if out else -card["loss"][-1][1]


def ship(path: Path, folder: Path = SHIPPED) -> str:
    """Copy a weight and its card into the package if it is better; return a line that says so.

    Raises
    ------
    WeightError
        If the weight is not the one of its card, or a card is damaged.
    """
    card, _ = verified(path)
    there = folder / f"{path.stem}.json"
    old = read_card(there) if there.is_file() else None
    if old is not None and any(old["psnr"].get(key) != card["psnr"].get(key) for key in ("data", "sigma_255")):
        return (
            f"{card['name']} stays as it is: the two were measured on other pictures or noise levels; delete the old"
            " card to replace it"
        )
    if old is not None and not score(card) > score(old):
        return f"{card['name']} stays as it is: {score(card):.3f} is not better than {score(old):.3f}"
    content, text = read_pair(path)
    try:
        write_pair(folder / path.name, content, text.decode("utf8"))
    except ValueError as error:
        raise WeightError(f"{path.name} changed while it was copied: ship it again.") from error
    return f"{card['name']} ships: {score(card):.3f}" + (f" (was {score(old):.3f})" if old else "")
