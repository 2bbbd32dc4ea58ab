"""Recipes of optimised measurements, and the training that writes them: rows with a card, as weights of networks.

Rows are trained through a small network and about ten steps, and evaluated with the large network and all steps: a pass
of `digits-unet` takes about ten times the arithmetic, and a whole ascent 36 steps. The two samplers differ, so the
rows are the best for another decoder than the one that is measured, and what that costs is part of the result.

A step takes 0.46 to 0.54 seconds of one CPU core, so that the 850 steps of a digits recipe take at most eight minutes.
The learning rate was chosen by 24 steps of 16 training digits at K = 32. The loss of the last eight fell by 0.42 of
11.1 at 0.001, against the same batches and noise without training, and rose by 0.11 at 0.003.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dprior_lite.gates.names import nearest
from dprior_lite.gates.numbers import require_kind, require_whole
from dprior_lite.machine import pick_device
from dprior_lite.measurements import (
    Descent,
    DescentState,
    MeasurementMatrix,
    PriorDecoder,
    objective,
    optimise,
    pca_rows,
    random_rows,
    save_rows,
)
from dprior_lite.measurements.descent import MOST_STEPS
from dprior_lite.profiles import PROFILES
from dprior_lite.sampling import Ascent
from dprior_lite.store import load
from dprior_lite.training.sources import stack

POINTS = 200  # of the loss on a card
HELD_OUT = 64  # pictures on which starts are compared


@dataclass(frozen=True)
class MatrixRecipe:
    """What is trained: how many measurements, of what, through which sampler.

    Attributes
    ----------
    name, says : str
        Also the name of the file; one line for a person.
    k : int
        Measurements.
    net : str
        Weight of the denoiser through which they are trained.
    data, held_out : str
        Source of the training pictures, and of those on which the result is compared with its start.
    start : {"pca", "random"}
        First rows.
    descent : Descent
        Settings; `steps` is replaced by the number of the profile.
    ascent : Ascent
        Settings of the sampler through which they are trained.
    draws : int
        Samples a picture.
    steps : tuple of int
        In the profiles ci, class and full.
    seed : int
        Of batches, noise and random starts.
    side : int
        Pixels of a side of the patches that pictures are cut into; 0 for whole pictures.
    """

    name: str
    says: str
    k: int
    net: str = "digits-lens"
    data: str = "mnist:train"
    held_out: str = "mnist:tune"
    start: str = "pca"
    descent: Descent = Descent(batch=32, lr=1e-3)
    ascent: Ascent = Ascent(h0=0.3, beta=0.5, sigma_L=0.03, max_steps=16)
    draws: int = 1
    steps: tuple[int, int, int] = (4, 60, 850)
    seed: int = 0
    side: int = 0


def _of_digits() -> list[MatrixRecipe]:
    """Return the recipes of measurements of MNIST digits."""
    made = [
        MatrixRecipe(f"digits-mse-{k}", f"{k} measurements of MNIST digits, squared error, from PCA", k)
        for k in (16, 32, 64)
    ]
    of_32 = made[1]
    made += [
        replace(
            of_32,
            name="digits-mse-32-random",
            says="32 measurements of MNIST digits, squared error, from a random start",
            start="random",
        ),
        replace(
            of_32,
            name="digits-ssim-32",
            says="32 measurements of MNIST digits, structural similarity, from PCA",
            descent=replace(of_32.descent, loss="ssim"),
        ),
        replace(
            of_32,
            name="digits-noise-32",
            says="32 measurements of MNIST digits in noise of sd 0.1, squared error, from PCA",
            descent=replace(of_32.descent, noise=0.1),
        ),
        replace(
            made[2],
            name="digits-nested-64",
            says="64 measurements of MNIST digits of which the first 16 and 32 serve too, squared error, from PCA",
            descent=replace(of_32.descent, nested=(16, 32, 64)),
        ),
    ]
    return made


def _of_photographs(like: MatrixRecipe) -> list[MatrixRecipe]:
    """Return the recipes of measurements of patches of photographs, which differ from `like` in what they see."""
    return [
        replace(
            like,
            name=f"photos-mse-{k}",
            says=f"{k} measurements of photograph patches of 24 x 24 pixels, squared error, from PCA",
            k=k,
            net="photos-lens",
            data="photos:train",
            held_out="photos:tune",
            side=24,
        )
        for k in (16, 64)
    ]


_DIGITS = _of_digits()
RECIPES = (*_DIGITS, *_of_photographs(_DIGITS[1]))


def find_matrix(name: str) -> MatrixRecipe:
    """Return the recipe of a matrix, or say which there are.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> find_matrix("digits-mse-32").k
    32
    """
    known = {recipe.name: recipe for recipe in RECIPES}
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"There is no matrix recipe {name!r}; expected one of {nearest(str(name), known)}.")
    return known[name]


def train_matrix(
    recipe: MatrixRecipe,
    folder: str | Path,
    profile: str = "full",
    steps: int | None = None,
    device: str | torch.device = "cpu",
    watch: Callable[[Iterable[DescentState]], Iterable[DescentState]] = iter,
) -> Path:
    """Train a matrix and write it with its card; return the path.

    Parameters
    ----------
    recipe : MatrixRecipe
        What is trained.
    folder : str or Path
        Where `NAME.safetensors` and `NAME.json` go.
    profile : {"ci", "class", "full"}
        Which number of steps.
    steps : int, optional
        Another number of steps.
    device : str
        Where it is trained.
    watch : callable
        Wraps the states as they pass.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.
    DataAbsent
        If the pictures are absent.
    FloatingPointError
        If no step had a finite gradient.

    Examples
    --------
    >>> train_matrix("digits-mse-32", "folder")
    Traceback (most recent call last):
    TypeError: recipe is a str, 'digits-mse-32'; expected an object of the class MatrixRecipe.
    """
    require_kind(recipe, MatrixRecipe, "recipe")
    if profile not in PROFILES:
        raise ValueError(f"profile is {profile!r}; expected one of {', '.join(PROFILES)}.")
    asked = dict(zip(("ci", "class", "full"), recipe.steps))[profile]
    steps = require_whole(asked if steps is None else steps, "steps", 1, MOST_STEPS)
    place = pick_device(device)
    x = stack(recipe.data, recipe.side).to(place)
    began = time.perf_counter()
    matrix = MeasurementMatrix(start_rows(recipe, x), x.shape[1:]).to(place)
    descent = replace(recipe.descent, steps=steps)
    decoder = PriorDecoder(load(recipe.net, device=place), x.mean(0), recipe.ascent, recipe.draws, noise=descent.noise)
    held_out = stack(recipe.held_out, recipe.side)[:HELD_OUT].to(place)
    before = _held_out(matrix, held_out, decoder, descent)
    found, seconds = _run(matrix, x, decoder, descent, recipe.seed, watch)
    card = found | {
        "says": recipe.says,
        "recipe": _plain(asdict(recipe)),
        "data": recipe.data,
        "pictures": len(x),
        "profile": profile,
        "steps": steps,
        "held_out": {"data": recipe.held_out, "pictures": len(held_out), "before": before},
        "seconds": round(seconds),
        "seconds_in_all": round(time.perf_counter() - began),
        "versions": {"torch": torch.__version__, "numpy": version("numpy")},
    }
    card["held_out"]["after"] = _held_out(matrix, held_out, decoder, descent)
    return save_rows(Path(folder) / f"{recipe.name}.safetensors", matrix, card)


def start_rows(recipe: MatrixRecipe, x: Tensor) -> Tensor:
    """Return the rows (K, d) from which a recipe starts.

    Examples
    --------
    >>> x = torch.rand(40, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    >>> start_rows(MatrixRecipe("two", "two measurements", 2), x).shape
    torch.Size([2, 16])
    """
    if recipe.start == "pca":
        return pca_rows(x, recipe.k)
    if recipe.start == "random":
        generator = torch.Generator().manual_seed(recipe.seed)
        return random_rows(x[0].numel(), recipe.k, generator).to(x)
    raise ValueError(f"start is {recipe.start!r}; expected pca or random.")


def _run(
    matrix: MeasurementMatrix, x: Tensor, decoder: PriorDecoder, descent: Descent, seed: int, watch: Callable
) -> tuple[dict[str, Any], float]:
    """Train, and return what the card says of it and the seconds it took."""
    began = time.perf_counter()
    found = optimise(matrix, x, decoder, torch.Generator().manual_seed(seed), descent, watch)
    every = max(1, -(-len(found.losses) // POINTS))
    means = [[first + len(part), float(part.nanmean())] for first, part in _parts(found.losses, every)]
    said = {"loss": means, "skipped": found.skipped, "orthonormality": found.orthonormality}
    return said, time.perf_counter() - began


def _parts(losses: Tensor, every: int) -> list[tuple[int, Tensor]]:
    """Return the losses in parts, each with the number of steps before it."""
    return [(first, losses[first : first + every]) for first in range(0, len(losses), every)]


def _held_out(matrix: MeasurementMatrix, x: Tensor, decoder: PriorDecoder, descent: Descent) -> float:
    """Return the mean loss on pictures that are not trained on, always with the same noise."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        return float(objective(matrix.rows, x, decoder, generator, descent.loss, descent.noise).mean())


def _plain(value: Any) -> Any:
    """Return a value of a recipe as JSON knows it."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, float) and value in (float("inf"), float("-inf")) else value
