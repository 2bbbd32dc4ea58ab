"""The command `python -m dprior_lite side-by-side`: every method on every task.

Each is tuned on other pictures than it is measured on.
One file of numbers and one sheet of pictures are renewed after each method of each task, so that a run that was stopped
goes on where it was. Numbers of another network, or with other settings, are not mixed: they are refused unless
`--again` begins anew.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dprior_lite import data, interop, inverse, operators
from dprior_lite.course.lab.side_by_side import (
    COMMAND,
    HERE,
    METHODS,
    NET,
    NUMBERS,
    SCHEMA,
    SHEET,
    TASKS,
    digest,
    table,
    within,
)
from dprior_lite.course.lab.side_by_side.methods import METHOD, SIGMA_0, SIGMA_L, Counted, Method
from dprior_lite.course.notebooks.definitions import digest as short_digest
from dprior_lite.course.notebooks.definitions import plain_digest, read_module
from dprior_lite.machine import hardware
from dprior_lite.metrics import psnr, psnr_each, ssim
from dprior_lite.operators import Operator
from dprior_lite.sampling import Ascent
from dprior_lite.store import SHIPPED, load, read_card

SHAPE = (1, 64, 64)
CALLS, SAMPLES, SEED = 64, 4, 0
TEST = tuple(range(5, 5 + 26 * 8, 26))  # crops of photos("test", 64), two of each photograph or so
TUNE, TUNE_SAMPLES, TUNE_SEED = (
    (11, 41, 72, 102, 133, 163),
    1,
    1,
)  # crops of photos("tune", 64), of all three photographs
CHOICE_TASKS = ("inpainting", "random pixels, 20 %")
# method, what is chosen, its scalar, what differs from the function's defaults; the first of a method is what is used
CHOICES = (
    ("ours", "from level 2, beta for an ideal fall of the noise", 0.3, {}),
    ("ours", "from level 1", 0.3, {"first": 1.0}),
    ("ours", "more patient, until the calls are spent", 0.3, {"patience": 1.2}),
    ("DDRM", "from level 2, levels falling by one factor, grey at 0", 0.95, {}),
    ("DDRM", "from level 1", 0.95, {"first": 1.0}),
    ("DDRM", "levels falling evenly to 0, as deepinv's default", 0.95, {"even": True}),
    ("PiGDM", "from level 2, levels falling by one factor", 2.0, {}),
    ("PiGDM", "from level 1", 2.0, {"first": 1.0}),
    ("PiGDM", "variance-preserving schedule from level 2", 2.0, {"schedule": "vp"}),
    ("PiGDM", "whole variance-preserving schedule", 2.0, {"schedule": "vp", "first": None}),
    ("DPS", "from level 2, levels falling by one factor", 300.0, {}),
    ("DPS", "from level 1", 300.0, {"first": 1.0}),
    ("DPS", "whole variance-preserving schedule, deepinv's default", 300.0, {"schedule": "vp", "first": None}),
    ("DPS", "deepinv's other guidance, annealed", 3.0, {"guidance": "annealed"}),
    ("DiffPIR", "its schedule from level 2", 1.0, {}),
    ("DiffPIR", "its whole schedule, deepinv's default", 1.0, {"first": None}),
)


def operator_of(task: str) -> Operator:
    """Return the operator of a task, the one of chapter 5.

    Examples
    --------
    >>> operator_of("enlarge 4×").k
    256
    """
    hole = torch.ones(64, 64, dtype=torch.bool)
    hole[22:42, 22:42] = False
    makers = (
        lambda: operators.Inpaint(hole),
        lambda: operators.RandomPixels(SHAPE, 0.2, torch.Generator().manual_seed(0)),
        lambda: operators.SuperResolution(SHAPE, 4),
        lambda: operators.SpectralDeblur(SHAPE, 0.1),
        lambda: operators.RandomProjection(SHAPE, 0.25, torch.Generator().manual_seed(1)),
    )
    return makers[TASKS.index(task)]()


def settings() -> dict[str, Any]:
    """Return what a stored table must have been measured with to be gone on with.

    Examples
    --------
    >>> settings()["calls"], settings()["samples"]
    (64, 4)
    """
    return {
        "schema": SCHEMA,
        "weight": {"name": NET, "sha256": read_card(SHIPPED / f"{NET}.json")["sha256"]},
        "calls": CALLS,
        "samples": SAMPLES,
        "seed": SEED,
        "test": list(TEST),
        "tune": list(TUNE),
        "tune_samples": TUNE_SAMPLES,
        "tune_seed": TUNE_SEED,
        "levels": [SIGMA_0, SIGMA_L],
        "methods": methods_digest(),
        "grids": {name: list(method.grid) for name, method in METHOD.items()},
    }


def methods_digest() -> str:
    """Return ten hexadecimal digits of what `start.py` and `methods.py` define."""
    modules = [read_module((HERE / f"{name}.py").read_text(encoding="utf8"), name) for name in ("start", "methods")]
    return short_digest(" ".join(plain_digest(node) for module in modules for node in module.nodes.values()))


def solved(
    net: nn.Module, method: Method, operator: Operator, x: Tensor, samples: int, scalar: float, seed: int
) -> tuple[Tensor, Tensor, dict]:
    """Return what a method gives, as returned and moved to agree with the measurements, and what it cost.

    Both have the shape (B, S, C, H, W).

    Measurements are exact, so the true picture agrees with them, and to move to the nearest picture that does can only
    reduce the error. A value that is no number becomes mid-grey: a method that diverges scores badly, and is not left
    out.
    """
    m, counted = operator.A(x).repeat_interleave(samples, 0), Counted(net)
    began = time.process_time()
    found = method.run(counted, operator, m, scalar, CALLS, seed)
    seconds = time.process_time() - began
    found = found.nan_to_num(0.5, 0.5, 0.5).clamp(-10, 10)
    return (
        *(v.unflatten(0, (len(x), samples)) for v in (found, operator.project(found, m))),
        {"seconds": round(seconds, 1), "calls": round(counted.pictures / len(m), 1)},
    )


def tuned(net: nn.Module, method: Method, operator: Operator, x: Tensor) -> dict[str, float]:
    """Return the PSNR of one sample for every value of the method's scalar."""
    return {
        f"{scalar:g}": round(psnr(solved(net, method, operator, x, TUNE_SAMPLES, scalar, TUNE_SEED)[1].mean(1), x), 2)
        for scalar in method.grid
    }


def measured(
    net: nn.Module, method: Method, operator: Operator, x: Tensor, tried: dict[str, float]
) -> tuple[dict[str, Any], Tensor]:
    """Return the entry of one method in one task, and the mean of the samples of the first picture.

    The scalar is the one that was best on other pictures.
    """
    scalar = max(tried, key=tried.get)
    returned, agreeing, cost = solved(net, method, operator, x, SAMPLES, float(scalar), SEED)
    each = psnr_each(agreeing.mean(1), x)
    entry = {
        "mean": float(each.mean()),
        "single": psnr(agreeing.flatten(0, 1), x.repeat_interleave(SAMPLES, 0)),
        "ssim": ssim(agreeing.mean(1), x),
        "returned": psnr(returned.mean(1), x),
        "spread": float(agreeing.std(1).square().mean().sqrt()),
        **cost,
    }
    return {key: round(value, 4) for key, value in entry.items()} | {
        "scalar": float(scalar),
        "tried": tried,
        "pictures": [round(float(v), 2) for v in each],
    }, agreeing[0].mean(0)


def baselines(net: nn.Module, operator: Operator, x: Tensor) -> dict[str, dict[str, float]]:
    """Return what must not be near the best: the pseudo-inverse, and the ascent after one step."""
    m = operator.A(x)
    hurried = inverse.posterior(
        net, operator, m, SAMPLES, torch.Generator().manual_seed(SEED), ascent=Ascent(h0=1.0, beta=1.0, max_steps=1)
    )
    return {
        "pseudo-inverse": {"mean": round(psnr(operator.A_dagger(m), x), 4)},
        "ours in one step": {"mean": round(psnr(hurried.mean, x), 4)},
    }


def choices(net: nn.Module) -> list[list[Any]]:
    """Return the PSNR of one sample on tuning pictures for each choice beside the scalars.

    None where a method diverged.
    """
    x, found = data.photos("tune", size=64)[list(TUNE[::2])], []
    for name, what, scalar, kwargs in CHOICES:
        scores = []
        for operator in map(operator_of, CHOICE_TASKS):
            m = operator.A(x)
            answer = METHOD[name].run(net, operator, m, scalar, CALLS, TUNE_SEED, **kwargs)
            scores.append(round(psnr(operator.project(answer, m), x), 2) if bool(answer.isfinite().all()) else None)
        found.append([name, f"{what} ({METHOD[name].scalar} {scalar:g})", scores])
        print(f"{name:8}{what}: {scores}", flush=True)
    return found


def _pasted(task: str, method: str, picture: Tensor) -> None:
    """Put one picture (1, 64, 64) into the sheet, a row a task and a column a method."""
    from PIL import Image

    size = SHAPE[1]
    sheet = (
        np.array(Image.open(SHEET)) if SHEET.is_file() else np.zeros((size * len(TASKS), size * len(METHODS)), np.uint8)
    )
    row, column = size * TASKS.index(task), size * METHODS.index(method)
    sheet[row : row + size, column : column + size] = (picture[0].clamp(0, 1) * 255).round().byte().numpy()
    Image.fromarray(sheet).save(SHEET, optimize=True)


def _begun(again: bool) -> dict[str, Any]:
    """Return the stored numbers if they can be gone on with, or empty ones."""
    deepinv = interop._deepinv()
    now = settings() | {
        "versions": {"torch": torch.__version__, "deepinv": deepinv.__version__},
        "device": hardware(torch.device("cpu")),
    }
    if again or not NUMBERS.is_file():
        return now | {"sheet": "", "choices": [], "results": {task: {} for task in TASKS}}
    stored = json.loads(NUMBERS.read_text(encoding="utf8"))
    other = [key for key, value in now.items() if stored.get(key) != value]
    if other:
        raise ValueError(
            f"{NUMBERS.name} was measured with another {', '.join(other)}; `{COMMAND} --again` begins anew."
        )
    return stored


def _kept(stored: dict[str, Any]) -> None:
    """Write the numbers, with the sha256 of the sheet of pictures that belongs to them."""
    text = json.dumps(stored | {"sheet": digest(SHEET)}, ensure_ascii=False, indent=1)
    short = re.sub(
        r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text
    )
    NUMBERS.write_text(short + "\n", encoding="utf8")  # short lists on one line


def measure(again: bool) -> int:
    """Measure what is missing, or everything `again`; return the exit status."""
    stored = _begun(again)
    net = load(NET).to(memory_format=torch.channels_last)  # a quarter faster, for every method alike
    x, others = data.photos("test", size=64)[list(TEST)], data.photos("tune", size=64)[list(TUNE)]
    for task in TASKS:
        operator, row = operator_of(task), stored["results"][task]
        if "pseudo-inverse" not in row:
            row |= baselines(net, operator, x)
        for name in METHODS:
            if name in row:
                continue
            row[name], first = measured(net, METHOD[name], operator, x, tuned(net, METHOD[name], operator, others))
            _pasted(task, name, first)
            _kept(stored)
            print(
                f"{task:26}{name:8} {row[name]['mean']:.2f} dB, scalar {row[name]['scalar']:g} of {row[name]['tried']},"
                f" {row[name]['seconds']:.0f} s",
                flush=True,
            )
    if not stored.get("choices"):
        stored["choices"] = choices(net)
        _kept(stored)
    print(table(stored))
    print(f"ours is within .3 dB of the best in: {', '.join(within(stored['results'])) or 'no task'}")
    return 0
