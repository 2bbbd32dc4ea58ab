"""Every equation of the book: a constant of the code behind it is changed, and its test is seen to fail.

The function is changed in memory: its source is taken, one fragment is replaced, and the result stands in its module
while the test runs.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCIENCE = Path(__file__).resolve().parents[1] / "science"


@dataclass(frozen=True)
class Change:
    """One constant: where it stands, what stands there, what is put in its place, and how the test is called."""

    test: str
    place: str
    was: str
    becomes: str
    arguments: dict[str, Any]


WHOLE: dict[str, Any] = {"holds": True}
T = {"t": 1.0, "holds": True}
CHANGES = [
    Change(
        "eigen.test_eq_shrinkage", "geometry.bases:shrinkage", "* values", "* values.pow(1.02)", {"power": 1.0, **WHOLE}
    ),
    Change(
        "eigen.test_eq_oracle",
        "geometry.harmonics:dct_oracle",
        "(power + variance)",
        "(power + 1.02 * variance)",
        {"of_noise": 1.0, **WHOLE},
    ),
    Change(
        "eigen.test_eq_slope",
        "geometry.harmonics:slope",
        "/ x.square().sum()",
        "/ (1.1 * x.square().sum())",
        {"of_alpha": 1.0, **WHOLE},
    ),
    Change(
        "multiscale.test_eq_band_noise",
        "multiscale.cascade:band_sigma",
        "2**scale",
        "2.1**scale",
        {"factor": 1.0, **WHOLE},
    ),
    Change(
        "representation.test_eq_nulls",
        "representation.sparsity:participation_ratio",
        "(v.shape[1] *",
        "(1.02 * v.shape[1] *",
        {"power": 1.0, **WHOLE},
    ),
    Change(
        "representation.test_eq_full_step",
        "sampling.step:gain",
        "(1 - beta * h) ** 2",
        "(1.02 - beta * h) ** 2",
        {"next_over_this": 0.5, **WHOLE},
    ),
    Change(
        "miyasawa.test_eq_posterior_mean",
        "mixture:GaussianMixture.posterior_mean",
        "softmax(1)",
        "softmax(1) * 1.02",
        {"factor": 1.0, **WHOLE},
    ),
    Change("miyasawa.test_eq_psnr", "metrics:psnr_each", "-10 * error", "-10.1 * error", {"factor": -10, **WHOLE}),
    Change(
        "miyasawa.test_eq_miyasawa",
        "mixture:GaussianMixture._log_terms",
        "0.5 * white",
        "0.505 * white",
        {"d": 2, "factor": 1.0, **WHOLE},
    ),
    Change(
        "miyasawa.test_eq_posterior_covariance",
        "miyasawa:posterior_covariance",
        "** 2",
        "** 2.01",
        {"kept": 1.0, **WHOLE},
    ),
    Change(
        "miyasawa.test_eq_calibration",
        "mixture:GaussianMixture._wiener",
        "self.means + torch",
        "1.5 * self.means + torch",
        {"factor": 1.0, **WHOLE},
    ),
    Change("miyasawa.test_eq_sure", "miyasawa:sure", "2 * variance", "2.02 * variance", {"factor": 1.0, **WHOLE}),
    Change(
        "sampling.test_eq_gamma",
        "sampling.step:gain",
        "(1 - h) ** 2",
        "(1 - h) ** 2.02",
        {"h": 0.5, "beta": 0.5, "of_beta": 1.0, "of_h": 1.0, "of_gamma": 1.0, **WHOLE},
    ),
    Change(
        "sampling.test_eq_levels",
        "sampling.step:Ascent.levels",
        "1 - self.beta",
        "1 - 1.001 * self.beta",
        {"h0": 0.2, "beta": 0.2, "of_h0": 1.0, "of_beta": 1.0, "later": 0, **WHOLE},
    ),
    Change(
        "sampling.test_eq_spectrum",
        "sampling.step:advance",
        "y + h * r",
        "y + 1.01 * h * r",
        {"of_h": 1.0, "of_gamma": 1.0, "power": 2, **WHOLE},
    ),
    Change(
        "sampling.test_eq_residual_level",
        "sampling.step:noise_level",
        ".mean(1)",
        ".mean(1).mul(1.02)",
        {"prior": "gaussian", "of_trace": 1.0, "of_net": 1.0, "power": 2, **WHOLE},
    ),
    Change(
        "sampling.test_the_correction_of_the_level_is_a_root",
        "sampling.sampler:_measured",
        "** 0.5",
        "** 0.53",
        {"power": 0.5, **WHOLE},
    ),
    Change(
        "inverse.test_eq_constrained",
        "operators.base:Operator.project",
        "x + self.A_dagger",
        "x + 1.01 * self.A_dagger",
        {"name": "blocks", "of_kept": 1.0, "of_pull": 1.0, **WHOLE},
    ),
    Change(
        "inverse.test_eq_mean_gain",
        "inverse:Posterior.mean",
        ".mean(1)",
        ".mean(1).mul(1.01)",
        {"samples": 2, "claim": "mean gain", "told": 1.0, **WHOLE},
    ),
    Change(
        "inverse.test_eq_skill",
        "inverse:Posterior.skill_over_spread",
        ".double().var(1)",
        ".double().var(1, correction=0)",
        {"samples": 2, "claim": "skill", "told": 1.0, **WHOLE},
    ),
    Change(
        "covariance.test_eq_given_measurements",
        "covariance.denoiser:CovarianceConstrained._noisy",
        "+ ratio * p",
        "+ 1.1 * ratio * p",
        {"name": "matrix", "level": 0.1, "of_prior": 1.0, "of_noise": 1.0, **WHOLE},
    ),
    Change(
        "generalization.test_eq_empirical_bayes",
        "generalization.empirical_bayes:_falling",
        "squares / 2",
        "squares / 2.02",
        {"sigma": 0.7, "two": 2.0, **WHOLE},
    ),
    Change(
        "guidance.test_eq_move",
        "nets.guided:GuidedUNet._run",
        "target - gamma * a.mean",
        "target - 1.05 * gamma * a.mean",
        {"factor": 1.0, **WHOLE},
    ),
    Change(
        "guidance.test_eq_jeffreys",
        "guidance.distances:jeffreys",
        "/ s**2",
        "/ s**2.2",
        {"factor": 1.0, **WHOLE},
    ),
    Change(
        "guidance.test_eq_class_information",
        "mixture:GaussianMixture.posterior_covariance",
        "spread, spread",
        "spread, 0.9 * spread",
        {"factor": 1.0, **WHOLE},
    ),
    Change(
        "measurements.test_eq_linear_decoder",
        "measurements.decoders:LinearDecoder._gain",
        "rows.double().mT + self._floor",
        "rows.double().mT + 1.02 * self._floor",
        {"of_noise": 1.0, **WHOLE},
    ),
    Change(
        "blind.test_eq_contraction",
        "blind.steppers:Stepper.contraction",
        "1 - self.move",
        "1 - 1.05 * self.move",
        {"factor": 1.0, **WHOLE},
    ),
    Change(
        "blind.test_eq_map",
        "blind.steppers:stochastic_ascent",
        "(1 - beta * h) ** 2",
        "(1 - beta * h) ** 2.02",
        {"of_square": 1.0, **WHOLE},
    ),
    Change(
        "blind.test_eq_implicit_schedule",
        "blind.steppers:exponential_euler",
        "-2 * (1 - kappa)",
        "-2.02 * (1 - kappa)",
        {"of_kappa": 1.0, **WHOLE},
    ),
    Change(
        "blind.test_the_stalling_level",
        "blind.schedule:stalling_level",
        "2 * slope",
        "2.02 * slope",
        {"of_slope": 2.0, **WHOLE},
    ),
    Change(
        "blind.test_gaussian_law",
        "blind.schedule:gaussian_variances",
        "stepper.gain * sigma",
        "1.1 * stepper.gain * sigma",
        {"of_noise": 1.0, **WHOLE},
    ),
    Change(
        "blind.test_eq_level_spread",
        "blind.clouds:Clouds._log_density",
        "0.5 * outside",
        "0.7 * outside",
        {"of_k": 1.0, **WHOLE},
    ),
    Change(
        "bias_free.test_eq_homogeneity",
        "nets.bfcnn:BFCNN.forward",
        "return y -",
        "return y - 1e-3 -",
        {"kind": "dncnn", "bias": False, "power": 1.0, **WHOLE},
    ),
    Change(
        "bias_free.test_eq_net_bias",
        "geometry.affine:net_bias",
        "x_hat - linear",
        "x_hat - 1.01 * linear",
        {"kind": "dncnn", "bias": True, "of_jacobian": 1.0, "of_bias": 1.0, **WHOLE},
    ),
    Change(
        "bias_free.test_eq_price",
        "nets.bfcnn:BFCNN.forward",
        "return y -",
        "return y - 1e-3 -",
        {"kind": "dncnn", "bias": False, "outer": 5, "inner": 5, "level": 10, **WHOLE},
    ),
    Change(
        "bias_free.test_eq_weighted_mean",
        "geometry.jacobians:units",
        "] = 1",
        "] = 1.01",
        {"kind": "dncnn", "bias": False, "weights": "rows", "factor": 1.0, **WHOLE},
    ),
    Change(
        "bias_free.test_eq_leak",
        "geometry.probes:effective_dimension",
        "part.square()",
        "part.square().mul(1.02)",
        {"factor": 1.0, "power": 2, **WHOLE},
    ),
    Change(
        "energy.test_eq_energy_score",
        "energy.density:denoise",
        "y - as_picture",
        "y - 1.01 * as_picture",
        {"factor": 1.0, **T},
    ),
    Change(
        "energy.test_eq_time_score",
        "energy.exact:ScaleMixture.radial_energy",
        "self.d / 2",
        "self.d / 2.02",
        {"of_d": 1.0, "of_noise": 1.0, **T},
    ),
    Change(
        "energy.test_eq_dual",
        "energy.matching:losses",
        "/ t) / 2",
        "/ t) / 2.02",
        {"kind": "picture", "of_space": 1.0, "of_time": 1.0, "of_noise": 1.0, **WHOLE},
    ),
    Change(
        "energy.test_eq_trace",
        "energy.density:posterior_variance_trace",
        "- 2 * t",
        "- 2.02 * t",
        {"of_d": 1.0, "of_time": 1.0, "of_space": 1.0, **T},
    ),
    Change(
        "energy.test_eq_time_dimension",
        "energy.exact:GaussianPatches.energy",
        ".sum((1, 2)) / 2",
        ".sum((1, 2)) / 2.02",
        {"factor": 1.0, **T},
    ),
    Change(
        "energy.test_eq_mmse",
        "energy.integrals:integrate",
        "draws, generator)) / 2",
        "draws, generator)) / 2.02",
        {"factor": 1.0, "monkeypatch": "monkeypatch", **WHOLE},
    ),
    Change(
        "energy.test_eq_diffusion",
        "energy.exact:ScaleMixture.radial_energy",
        "self.d / 2",
        "self.d / 2.02",
        {"half": 0.5, "of_gradient": 1.0, **T},
    ),
    Change("energy.test_eq_bits", "energy.units:bits_per_dimension", "8 +", "8.01 +", {"gray": 256, **WHOLE}),
]
NAMED = {  # arguments that are functions of the tests themselves
    "mean gain": lambda S: 10 * __import__("math").log10(2 / (1 + 1 / S)),
    "skill": lambda S: (1 + 1 / S) ** 0.5,
}


def changed(function: Callable, was: str, becomes: str) -> Callable:
    """Return a function of which one fragment of the source is replaced, in the namespace of its module."""
    source = textwrap.dedent(inspect.getsource(function))
    assert was in source, f"{function.__qualname__} holds no {was!r} any more: name another constant"
    tree = ast.parse(source.replace(was, becomes))
    tree.body[0].decorator_list = []
    # the annotations of the future, as in the module
    code = compile(
        tree, inspect.getsourcefile(function), "exec", flags=__import__("__future__").annotations.compiler_flag
    )
    scope: dict[str, Any] = {}
    exec(code, function.__globals__, scope)
    return scope[function.__name__]


def put(change: Change, patch: pytest.MonkeyPatch) -> None:
    """Put the changed function wherever the package holds the old one."""
    module, _, path = change.place.partition(":")
    owner: Any = importlib.import_module(f"dprior_lite.{module}")
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    old = inspect.getattr_static(owner, name)
    if isinstance(old, property):
        patch.setattr(owner, name, property(changed(old.fget, change.was, change.becomes)))
        return
    new = changed(inspect.unwrap(old), change.was, change.becomes)
    patch.setattr(owner, name, new)
    for place in [
        m for key, m in list(__import__("sys").modules.items()) if key.startswith(("dprior_lite", "science"))
    ]:
        for key in [key for key, value in vars(place).items() if value is old]:
            patch.setattr(place, key, new)


def call(change: Change, patch: pytest.MonkeyPatch) -> None:
    """Call the test of an equation with the right constants in its text."""
    module, _, name = change.test.rpartition(".")
    from dprior_lite import geometry

    named = NAMED | {"monkeypatch": patch, "rows": geometry.rows}
    arguments = {k: named.get(v, v) if isinstance(v, str) else v for k, v in change.arguments.items()}
    getattr(importlib.import_module(f"science.test_{module}"), name)(**arguments)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.test)
def test_a_changed_constant_is_seen(change: Change) -> None:
    with pytest.MonkeyPatch.context() as patch:
        call(change, patch)
    with pytest.MonkeyPatch.context() as patch:
        put(change, patch)
        with pytest.raises(AssertionError):
            call(change, patch)


def test_every_equation_has_a_constant_that_is_changed() -> None:
    tests = {
        f"{path.stem.removeprefix('test_')}.{node.name}"
        for path in SCIENCE.glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_eq_")
    }
    assert len(tests) > 20 and tests - {change.test for change in CHANGES} == set()
