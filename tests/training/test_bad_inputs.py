"""Every public function of weights, data and training against every kind of bad input: the right value or one sentence.

The rows are found from signatures: a new public function, or a new parameter, without a row fails.
"""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from crashing import SMALL
from PIL import Image

import dprior_lite
from dprior_lite import data, store, training
from dprior_lite.training import noise

NAN, INF = float("nan"), float("inf")
X = torch.rand(2, 1, 12, 10, generator=torch.Generator().manual_seed(0))
PATCHES = data.Patches([X], 8)
ONE_STEP = replace(SMALL, steps={"ci": 1, "class": 1, "full": 1})

# bad values of one kind of parameter; each must end in one sentence
NAMES = {
    "None": None,
    "number": 3,
    "empty": "",
    "unknown": "no-such",
    "list": ["a"],
    "bytes": b"photos",
    "case": "TRAIN",
}
PICTURES = {
    "None": None,
    "text": "photos",
    "number": 3,
    "array": X.numpy(),
    "rank 2": X[0, 0],
    "rank 3": X[0],
    "rank 5": X[None],
    "uint8": (255 * X).to(torch.uint8),
    "bool": X > 0.5,
    "complex": X.to(torch.complex64),
    "empty batch": X[:0],
    "no pixels": X[..., :0],
    "0..255": 255 * X,
    "-1..1": 2 * X - 1,
    "NaN": torch.full_like(X, NAN),
    "inf": torch.full_like(X, INF),
    "meta": X.to("meta"),
    "sparse": X.to_sparse(),
}
SIZES = {"None": None, "0": 0, "negative": -3, "fraction": 2.5, "NaN": NAN, "text": "8", "huge": 10**9, "truth": True}
COUNTS = {kind: value for kind, value in SIZES.items() if kind != "huge"}
COUNTS_FROM_0 = {kind: value for kind, value in COUNTS.items() if kind != "0"}
INDICES = {"None": None, "number": 3, "empty": [], "text": "12", "negative": [1, -1], "fraction": [0.5], "NaN": [NAN]}
INDICES |= {"rank 2": torch.zeros(2, 2, dtype=torch.long), "truth": [True], "ragged": [[1], [1, 2]], "set": {1}}
FACTORS = {"None": None, "tensor": X} | {
    kind: replace(data.portrait_factors([0]), skin=value)
    for kind, value in {"None inside": None, "NaN": torch.tensor([NAN]), "rank 0": torch.tensor(0.5)}.items()
}
FACTORS |= {"other N": replace(data.portrait_factors([0]), skin=torch.full((2,), 0.5))}
FACTORS |= {"far out": replace(data.portrait_factors([0]), skin=torch.tensor([2.0]))}
GENERATORS = {"None": None, "seed": 0, "text": "0"}
NUMBERS = {"None": None, "negative": -1.0, "NaN": NAN, "inf": INF, "text": "1"}
PATHS = {
    "None": None,
    "number": 3,
    "empty": "",
    "absent": "no/such/folder",
    "bytes": b"x",
    "zero byte": "a\0b",
    "file": __file__,
}
WEIGHTS = NAMES | {"outside": "../photos-tiny", "absolute": "/photos-tiny", "absent file": "no/such.safetensors"}
DEVICES = {"unknown": "gpu", "absent": "cuda:99", "meta": "meta", "apple": "mps", "number": 1.5}
WITHOUT = {"text": "mixture", "unknown": ["no-such"], "all": ["mixture"]}
NOTHING: dict[str, object] = {}  # every value has a meaning: a switch, or a value that other tests cover

# function -> how to call it rightly, and for each parameter its bad values
ROWS: dict[str, tuple[Callable, dict[str, object], dict[str, dict[str, object]]]] = {
    "load": (store.load, {"name": "photos-tiny"}, {"name": WEIGHTS, "device": DEVICES}),
    "weights": (store.weights, {}, {}),
    "data.check_pictures": (data.check_pictures, {"x": X}, {"x": PICTURES, "name": NOTHING}),
    "data.digits8": (data.digits8, {}, {}),
    "data.mnist": (data.mnist, {"split": "test"}, {"split": NAMES}),
    "data.cifar10": (data.cifar10, {"split": "test"}, {"split": NAMES}),
    "data.photos": (
        data.photos,
        {"split": "tune", "size": 64},
        {"split": NAMES, "size": {k: v for k, v in SIZES.items() if k != "None"}, "gray": NOTHING},
    ),
    "data.texture": (data.texture, {"name": "grass"}, {"name": NAMES}),
    "data.tiles": (data.tiles, {"pictures": [X], "size": 4}, {"pictures": PICTURES, "size": SIZES}),
    "data.picture_set": (data.picture_set, {"name": "set12"}, {"name": NAMES | {"no pictures": "mnist"}}),
    "data.folder": (
        data.folder,
        {"path": "FOLDER", "size": 4},
        {
            "path": PATHS,
            "size": {k: v for k, v in SIZES.items() if k != "None"},
            "gray": NOTHING,
            "pixels": COUNTS | {"too few": 10},
        },
    ),
    "data.record": (data.record, {"name": "photos"}, {"name": NAMES}),
    "data.cache_folder": (data.cache_folder, {}, {}),
    "data.Patches": (
        data.Patches,
        {"pictures": [X], "size": 8},
        {
            "pictures": PICTURES | {"no list": [], "list": [X, None]},
            "size": SIZES,
            "turn": NOTHING,
            "contrast": NUMBERS,
        },
    ),
    "data.Patches.draw": (PATCHES.draw, {"n": 2, "generator": "SEEDED"}, {"n": COUNTS, "generator": GENERATORS}),
    "data.Points": (data.Points, {"sample": len}, {"sample": {"None": None, "tensor": X}}),
    "data.Points.draw": (
        data.Points(lambda n, generator: torch.zeros(n, 2)).draw,
        {"n": 2, "generator": "SEEDED"},
        {"n": COUNTS, "generator": GENERATORS},
    ),
    "data.portraits": (
        data.portraits,
        {"count": 1, "size": 8},
        {"count": COUNTS, "size": SIZES, "seed": COUNTS_FROM_0, "start": COUNTS_FROM_0},
    ),
    "data.portrait_factors": (data.portrait_factors, {"indices": [0, 1]}, {"indices": INDICES, "seed": COUNTS_FROM_0}),
    "data.draw_portraits": (
        data.draw_portraits,
        {"factors": data.portrait_factors([0]), "size": 8},
        {"factors": FACTORS, "size": SIZES},
    ),
    "training.find": (training.find, {"name": "photos-tiny"}, {"name": NAMES}),
    "training.all_recipes": (training.all_recipes, {}, {}),
    "training.fit": (
        lambda recipe=ONE_STEP, **options: [*training.fit(recipe, **options)][-1],
        {"profile": "ci", "device": "cpu"},
        {
            "recipe": {"None": None, "name": "photos-tiny", "no steps": replace(SMALL, steps={"ci": 0})},
            "profile": NAMES,
            "device": DEVICES,
            "checkpoint": {"folder": Path(__file__).parent, "below a file": f"{__file__}/c.pt"},
            "minutes": NUMBERS | {"0": 0, "None": 1j},
            "start": {"empty": {}, "text": "photos-tiny", "wrong shape": {"layers.0.weight": X}},
            "earlier": {"None": None, "negative": -1, "fraction": 0.5, "NaN": NAN},
            "compiled": NOTHING,
            "without": WITHOUT,
            "states": {"None": None, "0": 0, "NaN": NAN, "fraction": 0.5},
        },
    ),
    "training.noise.Uniform": (noise.Uniform, {"low": 0.1, "high": 0.2}, {"low": NUMBERS, "high": NUMBERS}),
    "training.noise.LogUniform": (
        noise.LogUniform,
        {"low": 0.1, "high": 0.2},
        {"low": NUMBERS | {"0": 0.0}, "high": NUMBERS | {"below": 0.01}},
    ),
    "training.noise.Fixed": (noise.Fixed, {"sigma": 0.1}, {"sigma": NUMBERS}),
}
# classes of plain values and of errors, and tables: nothing is called
PLAIN = {
    "data.CIFAR_CLASSES",
    "data.Source",
    "data.DataAbsent",
    "data.SOURCES",
    "data.SPLITS",
    "training.State",
    "training.Diverged",
}
# pictures of known geometry have their rows beside the science that uses them, in tests/science/test_bad_inputs.py
PLAIN |= {
    f"data.{name}"
    for name in """ASPECT_RATIOS Discs HELD_OUT_RATIOS TEXTURES TRAINED_RATIOS c_alpha c_alpha_with_contour
    contour_distance digit_groups disc_parameters disc_tangent discs draw_discs faint_digits oval_groups ovals
    ovals_of_classes
    shuffle_pixels sinusoid_basis sinusoids texture_groups texture_patches uniforms unshuffle_pixels""".split()
}
PLAIN |= {"data.PortraitFactors", "training.Recipe", "check_denoiser", "__version__"}


def public() -> Iterator[str]:
    """Names of everything that these three offer."""
    yield from dprior_lite.__all__
    yield from (f"data.{name}" for name in data.__all__)
    yield from (f"training.{name}" for name in training.__all__)


def test_every_public_function_and_parameter_has_a_row() -> None:
    assert [name for name in public() if name not in ROWS and name not in PLAIN] == []
    for name, (function, _, parameters) in ROWS.items():
        real = training.fit if name == "training.fit" else function
        assert list(inspect.signature(real).parameters) == list(parameters), name


CASES = [
    (name, parameter, kind)
    for name, (_, _, parameters) in ROWS.items()
    for parameter, kinds in parameters.items()
    for kind in kinds
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    Image.new("L", (12, 10), 100).save(folder / "a.png")
    return folder


def call(row: str, folder: Path, changed: dict[str, object]) -> object:
    function, right, _ = ROWS[row]
    arguments = right | changed
    arguments |= {k: folder for k, v in arguments.items() if isinstance(v, str) and v == "FOLDER"}
    seeded = torch.Generator().manual_seed(0)
    arguments |= {k: seeded for k, v in arguments.items() if isinstance(v, str) and v == "SEEDED"}
    return function(**arguments)


@pytest.mark.parametrize("name", ROWS)
def test_the_right_call_is_right(name: str, pictures: Path) -> None:
    """Otherwise the rows below would pass for another reason."""
    try:
        assert call(name, pictures, {}) is not None
    except data.DataAbsent as error:
        pytest.skip(str(error)[:80])


@pytest.mark.parametrize("name, parameter, kind", CASES)
def test_a_bad_input_ends_in_one_sentence(name: str, parameter: str, kind: str, pictures: Path) -> None:
    """Ours: one or two sentences on a line or two, raised in under five seconds of work, and saying what came."""
    value, start = ROWS[name][2][parameter][kind], time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, TypeError, KeyError, OSError)) as caught:
            call(name, pictures, {parameter: value})
    text = str(caught.value.args[0])
    assert time.process_time() - start < 5
    assert raised_by_us(caught.value), f"not ours: {text}"
    assert text.count("\n") <= 2 and len(text) < 500 and text.rstrip().endswith((".", "!", ")", "?"))


def raised_by_us(error: BaseException) -> bool:
    """Whether the last line of the traceback is a `raise` of this package, not a call of another library."""
    last = inspect.getinnerframes(error.__traceback__)[-1]
    if "dprior_lite" not in last.filename:
        return False
    lines, first = inspect.getsourcelines(last.frame)
    here = last.lineno - max(first, 1)
    above = lines[max(0, here - 8) : here + 1] if first else lines[max(0, last.lineno - 9) : last.lineno]
    return any(line.strip().startswith("raise ") for line in above)


def test_another_librarys_error_is_not_ours() -> None:
    with pytest.raises(AttributeError) as caught:
        data.Patches.draw(None, 1, torch.Generator())
    assert not raised_by_us(caught.value)
    with pytest.raises(ValueError) as caught:
        data.photos("no-such")
    assert raised_by_us(caught.value)


@pytest.mark.parametrize(
    "x",
    [
        X[:1],
        X[..., :1, :1],
        X[..., :11, :7],
        X.transpose(2, 3),
        X[..., ::2, ::3],
        X.expand(2, 3, -1, -1),
        X.double(),
        X.half(),
        X.bfloat16(),
        X.clone().requires_grad_(),
        X - 0.3,
        X + 0.3,
    ],
    ids="one|1x1|odd|turned|strided|expanded|double|half|bfloat16|requires_grad|low|high".split("|"),
)
def test_unusual_pictures_are_right(x: torch.Tensor) -> None:
    """The gate returns them untouched; patches and tiles of one pixel are those of the plain pictures."""
    before = x.detach().clone()
    assert data.check_pictures(x) is x
    cut = data.tiles([x], 1)
    assert cut.shape == (len(x) * x.shape[2] * x.shape[3], x.shape[1], 1, 1) and cut.dtype == x.dtype
    assert torch.equal(cut[0, :, 0, 0], x[0, :, 0, 0])
    drawn = data.Patches([x], 1).draw(500, torch.Generator().manual_seed(0))
    stored = (255 * x.detach().float().clamp(0, 1)).round() / 255
    assert set(drawn[:, 0].flatten().tolist()) <= set(stored[:, 0].flatten().tolist())
    assert torch.equal(x.detach(), before)
