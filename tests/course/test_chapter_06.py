"""Chapter 6: what its stored measurements cover, its digits where MNIST is absent, and the rows it loads."""

from __future__ import annotations

import pytest
import torch

from dprior_lite import data, used
from dprior_lite.course import measurements
from dprior_lite.course.lab import optimal_digits, optimal_patches
from dprior_lite.data import DataAbsent
from dprior_lite.geometry import principal_cosines
from dprior_lite.measurements import MeasurementMatrix, load_rows, measured, orthonormality_error, save_rows

pytest.importorskip("dprior_lite.course.chapters.ch06", reason="chapter 6 is a draft")


@pytest.fixture
def without_mnist(monkeypatch):
    """The module as it is where MNIST is absent."""

    def absent(*given):
        raise DataAbsent("The set 'mnist' is absent.")

    cached = (optimal_digits.mnist_is_here, optimal_digits.training, optimal_digits._ica)
    for function in cached:
        function.cache_clear()
    monkeypatch.setattr(optimal_digits, "mnist", absent)
    monkeypatch.setattr(optimal_digits, "stack", absent)
    yield optimal_digits
    for function in cached:
        function.cache_clear()


def test_the_measurements_cover_what_the_claims_ask() -> None:
    keys = {id: measurements.module_of(id).keys() for id in ("om-4", "om-7", "om-9")}
    assert all(len(set(found)) == len(found) and found[0] == "a few" for found in keys.values())
    for k in optimal_digits.SIZES:
        assert {f"{kind}, {k}, 0" for kind in ("pca", "mse", "random", "ica")} <= set(keys["om-4"])
        assert {f"{kind}, {k}, 1" for kind in ("pca", "random")} <= set(keys["om-4"]), "the controls"
    assert {"ssim, 32, 0", "mse, 32, 1"} <= set(keys["om-7"])
    assert {f"{kind}, {k}" for kind in ("pca", "mse", "random") for k in (32, 64)} <= set(keys["om-9"])
    assert optimal_digits.TEST >= 30 and optimal_patches.TEST >= 30


def test_small_digits_are_enlarged_into_a_frame() -> None:
    x = data.digits8()[0][:20]
    large = optimal_digits.enlarged(x)
    assert large.shape == (20, 1, 28, 28) and 0 <= large.min() and large.max() <= 1
    assert not large[..., :4, :].any() and not large[..., -4:].any() and large[..., 4:24, 4:24].any()
    back = torch.nn.functional.interpolate(large[..., 4:24, 4:24], size=8, mode="bilinear", antialias=True)
    assert float(torch.corrcoef(torch.stack([back.flatten(), x.flatten()]))[0, 1]) > 0.95


def test_figures_have_other_digits_where_mnist_is_absent_and_measurements_have_none(without_mnist) -> None:
    assert not without_mnist.mnist_is_here()
    train, test = without_mnist.some_digits("train"), without_mnist.some_digits("test")
    assert len(train) + len(test) == 1797 and len(without_mnist.some_digits("test", 5)) == 5
    rows, x = without_mnist.rows_of("pca", 32), test[:8]
    error = (without_mnist.by_formula(rows, x) - x).square().mean()
    blank = (without_mnist.training()[0].float() - x).square().mean()
    assert error < blank / 2, "components of these digits tell of them"
    with pytest.raises(DataAbsent):
        without_mnist.test_digits()
    with pytest.raises(DataAbsent):
        without_mnist.numbers_of("pca", 16)


def test_independent_components_are_others_than_the_principal_ones(without_mnist) -> None:
    independent, principal = (without_mnist.rows_of(kind, 8) for kind in ("ica", "pca"))
    assert orthonormality_error(independent) < 1e-5 and independent.shape == (8, 784)
    assert float(principal_cosines(independent, principal).min()) < 0.9
    twice = without_mnist.rows_of("pca", 16)
    assert float(principal_cosines(independent, twice).min()) > 0.999, "they lie among twice as many principal ones"


def test_rows_are_noted_as_used_where_they_belong_to_the_course(tmp_path) -> None:
    matrix = MeasurementMatrix(torch.eye(4)[:2], (1, 2, 2))
    used.take_called()
    load_rows(save_rows(tmp_path / "own.safetensors", matrix))
    assert used.take_called() == {} and not any("own" in name for name in used.used("weights"))
    load_rows(save_rows(tmp_path / "measurements/own.safetensors", matrix))
    assert list(used.take_called()) == ["measurements/own"]
    used._USED["weights"].pop("measurements/own")


def test_patches_of_photographs() -> None:
    x = optimal_patches.test_patches(6)
    rows = optimal_patches.rows_of("pca", 16)
    assert x.shape == (6, 1, 24, 24) and orthonormality_error(rows) < 1e-5
    assert torch.equal(x, optimal_patches.test_patches(48)[:6])
    found = optimal_patches.by_prior(rows, x[:2], draws=1)
    assert torch.allclose(measured(rows, found), measured(rows, x[:2]), atol=1e-4), "it agrees with the measurements"
    assert (optimal_patches.by_formula(rows, x) - x).square().mean() < (x - x.mean()).square().mean() / 4
