"""A table of public function by kind of bad input, made from signatures: each cell is an answer or one clear sentence.

A public function with a parameter that has no row here fails, so a new one cannot be forgotten. An answer is a right
one if it holds no NaN; a sentence is a `TypeError` or `ValueError` raised by this package, of at most three lines, that
says what was expected.
"""

from __future__ import annotations

import importlib
import inspect
import math
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import dprior_lite
from dprior_lite import (
    blind,
    check,
    covariance,
    data,
    energy,
    generalization,
    geometry,
    guidance,
    interop,
    inverse,
    measurements,
    metrics,
    miyasawa,
    multiscale,
    operators,
    representation,
    sampling,
)
from dprior_lite.nets.guided import GuidedUNet
from dprior_lite.sampling import Ascent, ItemNoise

PACKAGE = str(Path(dprior_lite.__file__).parent)
for slow in ("sklearn.decomposition", "torch._dynamo"):
    importlib.import_module(slow)  # the first ICA and the first optimiser would import them, which takes seconds
MODULES = {
    "blind": (blind, blind.__all__),
    "check": (check, ["check_denoiser"]),
    "covariance": (covariance, covariance.__all__),
    "data": (
        data,
        """c_alpha c_alpha_with_contour contour_distance digit_groups disc_parameters disc_tangent discs draw_discs
        faint_digits oval_groups ovals ovals_of_classes shuffle_pixels sinusoid_basis sinusoids texture_groups
        texture_patches unshuffle_pixels uniforms""".split(),
    ),
    "energy": (energy, energy.__all__),
    "generalization": (generalization, generalization.__all__),
    "geometry": (geometry, geometry.__all__),
    "guidance": (guidance, guidance.__all__),
    "inverse": (inverse, inverse.__all__),
    "interop": (interop, ["denoiser_from_deepinv"]),
    "measurements": (measurements, measurements.__all__),
    "metrics": (metrics, ["psnr", "psnr_each", "ssim"]),
    "miyasawa": (miyasawa, miyasawa.__all__),
    "multiscale": (multiscale, multiscale.__all__),
    "operators": (operators, operators.__all__),
    "representation": (representation, representation.__all__),
    "sampling": (sampling, sampling.__all__),
}
# what forward derivatives need is loaded before a clock runs
torch.func.jvp(lambda v: v, (torch.ones(1),), (torch.ones(1),))
FAST = Ascent(h0=0.5, beta=0.9, sigma_L=0.3)


def g() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def x() -> Tensor:
    return torch.rand(2, 1, 8, 8, generator=g())


def bowl(y: Tensor, t: Tensor) -> Tensor:
    return y.flatten(1).square().sum(1) / (2 * (1 + t))


OPERATOR = operators.SuperResolution((1, 8, 8), 2)
MATRIX = measurements.MeasurementMatrix(torch.eye(64)[:5], (1, 8, 8))
GUIDED = GuidedUNet((4, 6)).requires_grad_(False)
LAW = [[0.0, 1.0]], [1.0], [1.0]
BLOCKED = GuidedUNet((4, 6), (1, 1, 1), guided=False).eval().requires_grad_(False)  # a network with named blocks
GOOD: dict[str, Callable[[], Any]] = {
    "net": lambda: lambda y, *sigma: 0.5 * y,
    "model": lambda: lambda y, sigma: 0.5 * y,
    "y": x,
    "x": x,
    "x_hat": lambda: 0.9 * x(),
    "reference": x,
    "a": x,
    "b": lambda: 1 - x().square(),
    "training": lambda: torch.cat([x(), 1 - x().square()]),
    "train": x,
    "test": lambda: 1 - x().square(),
    "mean": lambda: x()[0],
    "net_a": lambda: lambda y: 0.5 * y,
    "net_b": lambda: lambda y: 0.4 * y,
    "nets": lambda: [lambda y: 0.5 * y, lambda y: 0.4 * y],
    "count": lambda: 9,
    "r": x,
    "z": x,
    "v": x,
    "m": lambda: OPERATOR.A(x()),
    "sigma": lambda: 0.1,
    "t": lambda: 0.1,
    "generator": g,
    "operator": lambda: OPERATOR,
    "outer": lambda: operators.SuperResolution((1, 4, 4), 2),
    "inner": lambda: OPERATOR,
    "shape": lambda: (1, 8, 8),
    "measured": lambda: (1, 8, 8),
    "n": lambda: 2,
    "k": lambda: 2,
    "d": lambda: 64,
    "probes": lambda: 2,
    "draws": lambda: 2,
    "samples": lambda: 2,
    "factor": lambda: 2,
    "fraction": lambda: 0.5,
    "pixels": lambda: [3, 9],
    "levels": lambda: [0.01, 0.1, 1.0],
    "final": lambda: torch.zeros(2),
    "nats": lambda: -3.0,
    "noise": lambda: ItemNoise([0, 1], (1, 8, 8)),
    "mask": lambda: torch.ones(8, 8, dtype=torch.bool),
    "rows": lambda: torch.eye(64)[:5],
    "forward": lambda: lambda v: 2 * v,
    "adjoint": lambda: lambda m: 2 * m,
    "filters": x,
    "weight": lambda: torch.ones(3),
    "seeds": lambda: [0, 1],
    "ascent": lambda: FAST,
    "h": lambda: 0.5,
    "beta": lambda: 0.5,
    "states": lambda: sampling.ascend(lambda y: 0.5 * y, x(), ItemNoise([0, 1], (1, 8, 8)), FAST),
    "settings": dict,
    "alpha": lambda: 2.0,
    "indices": lambda: [0, 5],
    "parameters": lambda: data.disc_parameters([0, 5], 16, contrast=0.2),
    "contour": lambda: data.c_alpha_with_contour(2, 2, 8)[1],
    "values": lambda: torch.tensor([1.0, 0.5]),
    "vectors": lambda: torch.eye(64)[:2].reshape(2, 1, 8, 8),
    "like": lambda: x()[:1],
    "psnr_in": lambda: torch.arange(10.0, 31, 5),
    "psnr_out": lambda: torch.arange(20.0, 31, 2.5),
    "window": lambda: (10, 30),
    "distance": lambda: torch.ones(8, 8),
    "matrix": lambda: MATRIX,
    "decoder": lambda: measurements.LinearDecoder(x().mean(0), torch.eye(64)),
    "descent": lambda: measurements.Descent(steps=2, batch=2),
    "covariance": lambda: torch.eye(64),
    "toy": measurements.cross,
    "angle": lambda: 65.0,
    "angles": lambda: [0.0, 65.0],
    "path": lambda: f"{tempfile.mkdtemp()}/rows.safetensors",
    "low": x,
    "details": lambda: torch.cat([x(), 1 - x(), x().square()], 1),
    "bands": lambda: multiscale.decompose(x(), 2),
    "wavelet": lambda: "haar",
    "scale": lambda: 1,
    "stepper": lambda: blind.exponential_euler(0.5, 0.5),
    "steps": lambda: 5,
    "sigma_0": lambda: 4.0,
    "sigma_L": lambda: 0.5,
    "kappa": lambda: 0.5,
    "time": lambda: 1.0,
    "variance": lambda: 0.1,
    "slope": lambda: 0.2,
    "phi": lambda: torch.rand(12, 24, generator=g()),
    "labels": lambda: torch.arange(12) % 2,
    "training_labels": lambda: torch.arange(90) % 2,
    "centres": lambda: torch.rand(3, 24, generator=g()),
    "target": lambda: torch.rand(2, 6, generator=g()),
    "blocks": lambda: ["middle"],
    "schedule": lambda: (1.0, 0.5),
    "others": lambda: x().square(),
    "unit": lambda: 1.0,
    "aspect_ratio": lambda: 2.0,
    "classes": lambda: torch.tensor([0, 0]),
    "features": lambda: guidance.features(GUIDED, x()),
    "guides": lambda: guidance.features(GUIDED, x()),
    "other": lambda: lambda y: 0.5 * y,
    "of_class": lambda: lambda y, sigma: 0.5 * y,
    "of_all": lambda: lambda y, sigma: 0.4 * y,
    "denoisers": lambda: [lambda y: 0.5 * y, lambda y: 0.4 * y],
    "sigmas": lambda: [0.1, 1.0],
    "distances": lambda: torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
    "squares": lambda: torch.tensor([[0.0, 2.0], [2.0, 0.0]]),
    "image": lambda: lambda p: (0.5 * p, p),
    "gap": x,
    "iterations": lambda: 2,
}
OWN: dict[str, dict[str, Callable[[], Any]]] = {  # where a name means something else
    "geometry.rows": {"y": lambda: x()[:1]},
    "geometry.columns": {"y": lambda: x()[:1]},
    "geometry.top_singular": {"y": lambda: x()[:1]},
    "geometry.jacobian": {"y": lambda: x()[..., :2, :2]},
    "geometry.symmetric_eigenbasis": {"y": lambda: x()[:1]},
    "geometry.leading_eigenpairs": {"y": lambda: x()[:1]},
    "geometry.principal_cosines": {"a": lambda: torch.eye(5)[:2], "b": lambda: torch.eye(5)[1:4]},
    "geometry.containment": {"inner": lambda: torch.eye(5)[:2], "outer": lambda: torch.eye(5)[1:4]},
    "miyasawa.posterior_covariance": {"y": lambda: x()[..., :2, :2]},
    "energy.single": {"sigma": lambda: torch.tensor([0.1, 0.2]), "net": lambda: bowl},
    "energy.derivatives": {"t": lambda: torch.tensor([0.1, 0.2]), "net": lambda: bowl},
    "energy.relative_error": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "miyasawa.squared_error": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "miyasawa.contrast_weighted_error": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "miyasawa.faint_error": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "operators.adjoint_error": {},
    "measurements.pca_rows": {"k": lambda: 1},
    "measurements.ica_rows": {"x": lambda: torch.rand(20, 1, 8, 8, generator=g())},
    "measurements.decode_by_projection": {"m": lambda: torch.rand(2, 5, generator=g())},
    "measurements.skewness": {"m": lambda: torch.rand(5, 3, generator=g())},
    "measurements.read_rows_card": {"path": lambda: measurements.save_rows(GOOD["path"](), MATRIX)},
    "measurements.load_rows": {"name": lambda: measurements.save_rows(GOOD["path"](), MATRIX)},
    "multiscale.decompose": {"levels": lambda: 2},
    "multiscale.MultiscaleModel": {"low": lambda: lambda y: 0.5 * y, "details": lambda: [lambda y, low: 0.5 * y] * 2},
    "blind.balanced_error": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "blind.balanced_error_told": {"sigma": lambda: torch.tensor([0.1, 0.2])},
    "blind.level_error": {"net": lambda: lambda y: y.flatten(1).std(1), "sigma": lambda: torch.tensor([0.1, 0.2])},
    "representation.participation_ratio": {"v": lambda: torch.rand(3, 24, generator=g())},
    "representation.separation_ratio": {
        "a": lambda: torch.rand(5, 3, generator=g()),
        "b": lambda: 1 + torch.rand(6, 3, generator=g()),
    },
    "representation.principal_coordinates": {
        "x": lambda: torch.rand(3, 70, generator=g()),
        "training": lambda: torch.rand(90, 70, generator=g()),
    },
    "guidance.between": {**dict.fromkeys("ab", lambda: guidance.features(GUIDED, x())), "weight": lambda: 0.5},
    "guidance.classifier_free": {"weight": lambda: 3.0},
    "guidance.jeffreys": {"x": lambda: [x(), 1 - x()]},
    "guidance.separation": {"a": lambda: torch.rand(5, 3, generator=g()), "b": lambda: torch.rand(4, 3) + 1},
    "guidance.pairs": {"x": lambda: x().reshape(1, 2, 8, 8)},
    "blind.scheduled": {"levels": lambda: [1.0, 0.5]},
    "blind.sample_scheduled": {"levels": lambda: [1.0, 0.5]},
}
for name in ("block_features", "block_names", "channel_means", "features", "guide", "reconstruct", "reconstruction"):
    OWN[f"representation.{name}"] = {"net": lambda: BLOCKED}
for name in ("nearest_neighbours", "purity"):
    OWN[f"representation.{name}"] = {"training": lambda: torch.rand(90, 24, generator=g())}
for name in ("features", "fingerprint", "centroids", "guided", "class_gains"):
    OWN[f"guidance.{name}"] = {"net": lambda: GUIDED}
for name in ("guided_error", "unguided_error", "leaking_error"):
    groups = {"x": lambda: torch.cat([x(), 1 - x()], 1), "sigma": lambda: torch.tensor([0.1, 0.2])}
    OWN[f"guidance.{name}"] = groups
for name in ("dual", "losses"):
    OWN[f"energy.{name}"] = OWN["energy.single"]
for name in ("denoise", "sample", "super_resolve"):
    OWN[f"multiscale.{name}"] = {"model": lambda: multiscale.MultiscaleModel(lambda y: 0.5 * y, [GOOD["net"]()] * 2)}
for name in ("evaluate", "log_density", "score", "denoise", "denoiser", "posterior_variance_trace", "laplacian"):
    OWN[f"energy.{name}"] = {"net": lambda: bowl}
# not functions of a reader's input: records of results, laws with a test of their own, and what is set up elsewhere
LEFT_OUT = set(
    """blind.Clouds blind.Stepper energy.Derivatives energy.GaussianPatches energy.Losses energy.PATCHES
    energy.SHELLS energy.ScaleMixture energy.anchor energy.denoiser generalization.Disagreement generalization.Gap
    generalization.Nearest geometry.Eigenbasis geometry.Probed guidance.Centroids guidance.Features guidance.Guided
    guidance.in_groups inverse.Constrained inverse.Posterior
    measurements.Arm measurements.Arms measurements.Clouds measurements.Decoder measurements.Descent
    measurements.DescentState measurements.Optimised miyasawa.Denoiser miyasawa.GaussianMixture
    miyasawa.PAGE_MIXTURE miyasawa.Sure miyasawa.blind miyasawa.told multiscale.Bands multiscale.Synthesis
    multiscale.load_published_model operators.Operator representation.BlockMeans representation.ChannelTypes
    representation.Guidance representation.Overlap representation.PARTICIPATION_NULLS
    sampling.Ascent sampling.Denoiser sampling.NoiseTape
    sampling.Result sampling.State sampling.advance sampling.gain sampling.noise_level sampling.progress_bar""".split()
)
LOSSES = {
    "squared_error",
    "contrast_weighted_error",
    "faint_error",
    "single",
    "dual",
    "losses",
    "relative_error",
    "derivatives",
    "guided_error",
    "unguided_error",
    "leaking_error",
}


def tensors(good: Tensor) -> Iterator[tuple[str, Any]]:
    """Kinds of bad and of merely unusual tensors."""
    yield from {
        "None": None,
        "a list": good.tolist(),
        "whole numbers": good.long(),
        "half": good.half(),
        "bfloat16": good.bfloat16(),
        "float64": good.double(),
        "rank 1": good.flatten(),
        "empty": good[:0],
        "NaN": good * math.nan,
        "infinite": good / 0,
        "0 to 255": good * 255,
        "requires grad": good.clone().requires_grad_(good.is_floating_point()),
        "not contiguous": (
            good.flip(-1).transpose(-1, -2) if good.ndim > 1 and good.shape[-1] == good.shape[-2] else good
        ),
        "another batch": torch.cat([good, good[:1]]),
        "cut": good[..., :-1],
    }.items()


def train_mode() -> nn.Module:
    return nn.Sequential(nn.BatchNorm2d(1))


def zero(y: Tensor) -> Tensor:
    return 0 * y


NETWORKS: dict[str, Any] = {
    "None": None,
    "a name": "photos-tiny",
    "train mode": train_mode(),
    "a tuple": lambda y, *s: (y, y),
    "nothing": lambda y, *s: None,
    "another dtype": lambda y, *s: y.double() if y.dtype == torch.float32 else y.float(),
    "another shape": lambda y, *s: y[..., :1, :1].squeeze(),
    "writes": lambda y, *s: y.mul_(0.5),
    "no gradient": torch.no_grad()(lambda y, *s: 0.5 * y),
    "fails": lambda y, *s: y @ torch.zeros(3, 3),
    "NaN": lambda y, *s: y * math.nan,
    "too many arguments": lambda y, a, b, c: y,
}
LEVELS = {"zero": 0.0, "negative": -0.1, "NaN": math.nan, "infinite": math.inf, "None": None, "text": "a"}
LEVELS |= {"three": torch.ones(3), "a picture": torch.ones(2, 1, 8, 8), "one an item": torch.tensor([0.1, 0.2])}
SIZES = {"zero": 0.0, "negative": -0.1, "NaN": math.nan, "infinite": math.inf, "None": None, "text": "a"}
COUNTS = {"zero": 0, "negative": -1, "NaN": math.nan, "half": 1.5, "None": None, "text": "a"}
BAD: dict[str, Callable[[Any], Any]] = {
    **{name: lambda good: NETWORKS.items() for name in "net model net_a net_b other of_class of_all".split()},
    **{
        name: tensors for name in "y x x_hat reference m final filters weight inner outer rows mask low details".split()
    },
    **{
        name: tensors
        for name in "values vectors like a b training train test mean psnr_in psnr_out distance contour".split()
    },
    **{name: tensors for name in "covariance phi labels training_labels centres target others".split()},
    "blocks": lambda good: {"None": None, "a name": "middle", "none": [], "unknown": ["centre"], "list": [3]}.items(),
    "schedule": lambda good: {
        "None": None,
        "none": [],
        "rising": (0.5, 1.0),
        "NaN": (1.0, math.nan),
        "zero": (1.0, 0.0),
        "a number": 0.5,
        "text": "fast",
    }.items(),
    "unit": lambda good: SIZES.items(),
    **{name: tensors for name in ("covariance", "distances", "squares")},
    "classes": lambda good: {
        "None": None,
        "a list": [0, 0],
        "float": torch.zeros(2),
        "three": torch.zeros(3).long(),
    }.items(),
    **{
        name: lambda good: {
            "None": None,
            "a tensor": torch.zeros(1, 16),
            "a block": GOOD["features"]().block("middle"),
        }.items()
        for name in ("features", "guides")
    },
    "denoisers": lambda good: {"None": None, "one": [zero], **{k: [zero, bad] for k, bad in NETWORKS.items()}}.items(),
    "sigmas": lambda good: {
        "None": None,
        "a number": 0.1,
        "one": [0.1],
        "falling": [1, 0.1],
        "NaN": [0.1, math.nan],
    }.items(),
    "covariance": tensors,
    "gap": tensors,
    "iterations": lambda good: COUNTS.items(),
    "image": (
        lambda good: {
            "None": None,
            "a number": 3,
            "no pair": lambda p: p,
            "NaN": lambda p: (p * math.nan, p),
            "another shape": lambda p: (p[..., :1], p),
        }.items()
    ),
    "nets": lambda good: {"one": zero, "none": [], **{kind: [zero, bad] for kind, bad in NETWORKS.items()}}.items(),
    **{name: lambda good: LEVELS.items() for name in ("sigma", "t", "fraction", "alpha", "aspect_ratio")},
    **{name: lambda good: COUNTS.items() for name in "n k d probes draws samples factor count scale".split()},
    **{name: lambda good: COUNTS.items() for name in "n k d probes draws samples factor count steps".split()},
    **{name: lambda good: SIZES.items() for name in "sigma_0 sigma_L kappa time variance slope".split()},
    "stepper": lambda good: {"None": None, "a number": 0.5, "the class": blind.Stepper}.items(),
    "indices": lambda good: {"None": None, "a number": 3, "NaN": [math.nan], "negative": [-1], "text": "a"}.items(),
    "window": lambda good: {
        "None": None,
        "one": 10,
        "turned": (30, 10),
        "NaN": (10, math.nan),
        "empty": (1, 2),
    }.items(),
    "parameters": (
        lambda good: {
            "None": None,
            "a tensor": torch.ones(2, 5),
            "NaN": data.Discs(*[torch.full((2,), math.nan)] * 5),
            "lists": data.Discs(*[[8.0]] * 5),
            "no contrast": data.Discs(*[torch.full((2,), 8.0)] * 5),
            "float64": data.Discs(*(v.double() for v in data.disc_parameters([0], 64, contrast=0.2).numbers())),
        }.items()
    ),
    "generator": lambda good: {"None": None, "a seed": 0, "the class": torch.Generator}.items(),
    "operator": lambda good: {"None": None, "a function": lambda v: v, "the class": operators.Inpaint}.items(),
    "shape": (
        lambda good: {
            "None": None,
            "a number": 8,
            "(H, W)": (8, 8),
            "zero": (1, 0, 8),
            "NaN": (1, 8, math.nan),
        }.items()
    ),
    "pixels": lambda good: {"None": None, "none": [], "beyond": [64], "NaN": [math.nan], "text": "a"}.items(),
    "levels": lambda good: {"None": None, "none": [], "NaN": [math.nan, 1.0], "zero": [0.0, 1.0]}.items(),
    "noise": lambda good: {"None": None, "negative": -0.1, "NaN": math.nan, "text": "a"}.items(),
    "forward": lambda good: {"None": None, "not linear": lambda v: v + 1, "writes": lambda v: v.mul_(2)}.items(),
    "adjoint": lambda good: {"None": None, "another": lambda m: m, "writes": lambda m: m.mul_(2)}.items(),
    "ascent": lambda good: {"None": None, "a number": 0.1}.items(),
    "bands": lambda good: {
        "None": None,
        "a tensor": x(),
        "mixed": multiscale.Bands(x(), (x(), x())),
        "NaN": multiscale.Bands(x() * math.nan, (GOOD["details"](),)),
        "no scale": multiscale.Bands(x(), ()),
        "no details": multiscale.Bands(x(), None),
    }.items(),
    "wavelet": lambda good: {"None": None, "unknown": "db3", "a number": 2, "bytes": b"haar"}.items(),
    "seeds": lambda good: {"None": None, "none": [], "NaN": [math.nan]}.items(),
    **{name: lambda good: {"None": None, "text": "a", "a tensor": torch.eye(64)}.items() for name in ("matrix", "toy")},
    "decoder": lambda good: {"None": None, "text": "a", "another shape": lambda rows, m, generator: m}.items(),
    "descent": lambda good: {"None": None, "a number": 5}.items(),
    "angle": lambda good: {"None": None, "text": "a", "NaN": math.nan, "infinite": math.inf}.items(),
    "angles": lambda good: {"None": None, "a number": 3, "none": [], "NaN": [math.nan], "text": "a"}.items(),
    **{
        name: lambda good: {
            "None": None,
            "a number": 3,
            "absent": f"{tempfile.mkdtemp()}/no.safetensors",
            "text": "a",
        }.items()
        for name in ("path", "name")
    },
}
NOT_BAD = {"nats", "measured", "states", "settings", "r", "z", "v", "h", "beta"}


def public() -> Iterator[tuple[str, Callable]]:
    for name, (module, members) in MODULES.items():
        for member in members:
            if f"{name}.{member}" not in LEFT_OUT:
                yield f"{name}.{member}", getattr(module, member)


def needed(name: str, function: Callable) -> dict[str, Callable[[], Any]]:
    """A good value for every parameter that must be given, or that has bad values worth trying."""
    own, found = OWN.get(name, {}), {}
    for key, parameter in inspect.signature(function).parameters.items():
        required = parameter.default is inspect.Parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        if required:
            assert key in own or key in GOOD, f"{name} has a parameter {key!r} without a row in this table"
            found[key] = own.get(key) or GOOD[key]
    return found


def cells() -> list[Any]:
    made = []
    for name, function in public():
        good = needed(name, function)
        for key in good:
            assert key in BAD or key in NOT_BAD, f"no bad values for {key!r} of {name}"
            tensor_like = BAD.get(key) is tensors
            value = good[key]() if tensor_like else None
            if tensor_like and not isinstance(value, Tensor):
                continue
            made += [
                pytest.param(function, good, key, bad, id=f"{name}-{key}-{kind}")
                for kind, bad in (BAD[key](value) if key in BAD else ())
            ]
    return made


def has_nan(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.is_floating_point() and bool(value.isnan().any())
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, tuple | list):
        return any(map(has_nan, value))
    return has_nan(list(vars(value).values())) if isinstance(value, sampling.Result) else False


def is_clear(error: Exception) -> str:
    """Return what is wrong with an error, or nothing."""
    if not isinstance(error, TypeError | ValueError | FloatingPointError):
        return "another kind of error"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames[-1].filename.startswith(PACKAGE):
        return "raised elsewhere"
    said = str(error)
    if said.count("\n") > 2 or len(said) > 600:
        return "too long"
    words = "expect Expect give Give use Use pass Pass call Call remove run Divide".split()
    return "" if any(word in said for word in words) else "does not say what was expected"


@pytest.mark.parametrize("function, good, key, bad", cells())
def test_a_bad_input_gets_an_answer_or_a_sentence(function: Callable, good: dict, key: str, bad: Any) -> None:
    arguments = {name: make() for name, make in good.items()} | {key: bad}
    climbs = inverse.posterior, inverse.solve, sampling.sample, generalization.paired_samples
    climbs += (
        covariance.posterior,
        covariance.solve,
        multiscale.sample,
        multiscale.sample_details,
        multiscale.super_resolve,
    )
    if function in climbs:
        arguments.setdefault("ascent", FAST)
    began = time.process_time()
    try:
        result = function(**arguments)
        if inspect.isgenerator(result):
            result = list(result)
    except Exception as error:  # noqa: BLE001
        assert is_clear(error) == "", f"{type(error).__name__}: {error}"
    else:
        by_network = key in ("net", "model") and callable(bad) and not isinstance(bad, nn.Module)
        # what a network says is NaN may be; a training watches its own loss
        assert by_network or not has_nan(result), f"answered with NaN: {result}"
    assert time.process_time() - began < 5


def test_an_unclear_error_is_seen() -> None:
    assert is_clear(RuntimeError("expected scalar type Float")) == "another kind of error"
    for call, fault in ((lambda: torch.zeros(2) @ "a", "raised elsewhere"), (lambda: int("x"), "raised elsewhere")):
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        assert is_clear(caught.value) == fault
