"""Training of measurement matrices: recipes, the file that is written, and what its card says."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
import torch

from dprior_lite import data
from dprior_lite.measurements import (
    Descent,
    MeasurementMatrix,
    load_rows,
    orthonormality_error,
    read_rows_card,
    save_rows,
)
from dprior_lite.measurements.files import FOLDER
from dprior_lite.sampling import Ascent
from dprior_lite.store import weights
from dprior_lite.training.matrices import RECIPES, MatrixRecipe, _plain, find_matrix, start_rows, train_matrix
from dprior_lite.training.matrix_shipping import ship_matrix

TINY = MatrixRecipe(
    "tiny",
    "three measurements",
    3,
    data="mnist:64",
    descent=Descent(batch=2, lr=1e-3),
    ascent=Ascent(h0=0.5, beta=0.8, sigma_L=0.2, max_steps=2),
    steps=(2, 3, 4),
)


def test_recipes_have_names_of_their_own_and_a_network_that_ships() -> None:
    names = [recipe.name for recipe in RECIPES]
    assert len(set(names)) == len(names) and {f"digits-mse-{k}" for k in (16, 32, 64)} <= set(names)
    assert {"photos-mse-16", "photos-mse-64"} <= set(names)
    shipped = {card["name"] for card in weights()}
    for recipe in RECIPES:
        assert recipe.net in shipped and recipe.start in ("pca", "random") and find_matrix(recipe.name) is recipe
        assert 8 <= recipe.ascent.ideal_steps() <= 12
        assert not recipe.descent.nested or recipe.descent.nested[-1] == recipe.k


@pytest.mark.skipif(not (data.cache_folder() / "mnist").is_dir(), reason="MNIST is absent")
def test_a_matrix_is_trained_and_written_with_its_card(tmp_path) -> None:
    path = train_matrix(TINY, tmp_path, "ci")
    card, matrix = read_rows_card(path), load_rows(path)
    assert matrix.k == 3 and matrix.shape == (1, 28, 28) and orthonormality_error(matrix.rows) < 1e-5
    assert card["steps"] == 2 and card["skipped"] == 0 and card["orthonormality"] < 1e-5 and card["pictures"] == 64
    assert [step for step, _ in card["loss"]] == [1, 2] and card["recipe"]["net"] == "digits-lens"
    assert card["held_out"]["before"] > 0 and card["held_out"]["before"] != card["held_out"]["after"]


def test_what_cannot_be_trained_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="no matrix recipe 'digits-mse-33'; expected one of"):
        find_matrix("digits-mse-33")
    with pytest.raises(ValueError, match="profile is 'fast'; expected one of"):
        train_matrix(TINY, tmp_path, "fast")
    with pytest.raises(ValueError, match="steps=0; expected a whole number"):
        train_matrix(TINY, tmp_path, steps=0)
    with pytest.raises(TypeError, match="expected an object of the class MatrixRecipe"):
        train_matrix("digits-mse-32", tmp_path)
    with pytest.raises(ValueError, match="start is 'ica'; expected pca or random"):
        start_rows(replace(TINY, start="ica"), torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)))


def test_patches_are_trained_without_any_set(tmp_path) -> None:
    patches = replace(TINY, name="patches", net="photos-lens", data="photos:train", held_out="photos:tune", side=12)
    card = read_rows_card(train_matrix(patches, tmp_path, "ci"))
    assert card["shape"] == [1, 12, 12] and card["pictures"] > 10_000 and card["recipe"]["side"] == 12


SHIPPED = sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def test_what_must_ship() -> None:
    of_digits = {recipe.name for recipe in RECIPES if recipe.name.startswith("digits")}
    assert of_digits <= set(SHIPPED) <= {recipe.name for recipe in RECIPES}
    assert sum(path.stat().st_size for path in FOLDER.glob("*.safetensors")) <= 1.2e6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_matrix_is_the_one_of_its_card(name: str) -> None:
    matrix, card, recipe = load_rows(name), read_rows_card(FOLDER / f"{name}.safetensors"), find_matrix(name)
    assert orthonormality_error(matrix.rows) < 1e-5 > card["orthonormality"] and matrix.k == recipe.k
    now = _plain(asdict(recipe))
    assert {key: now[key] for key in card["recipe"]} == card["recipe"] and card["steps"] == recipe.steps[2]
    assert card["skipped"] < card["steps"] / 100 and card["loss"][-1][0] == card["steps"]


def matrix_file(folder, after: float, steps: int = 5, seed: int = 0, pictures: int = 64):
    """A matrix with the card that a training writes."""
    rows = torch.randn(2, 9, generator=torch.Generator().manual_seed(seed))
    card = {
        "recipe": _plain(asdict(replace(TINY, k=2))),
        "steps": steps,
        "held_out": {"data": "mnist:tune", "pictures": pictures, "before": 2.0, "after": after},
    }
    return save_rows(folder / "two.safetensors", MeasurementMatrix(rows, (1, 3, 3)), card)


def test_only_a_better_matrix_is_shipped(tmp_path) -> None:
    shipped = tmp_path / "shipped"
    assert ship_matrix(matrix_file(tmp_path, 1.0), shipped) == "two ships: loss 2 -> 1 on held-out pictures"
    first = (shipped / "two.safetensors").read_bytes()
    for worse, said in (
        (matrix_file(tmp_path / "a", 1.0, seed=1), "not better"),
        (matrix_file(tmp_path / "b", 0.5, steps=4, seed=1), "took 5 steps, the new one 4"),
        (matrix_file(tmp_path / "c", 0.5, pictures=32, seed=1), "measured in other ways"),
    ):
        assert said in ship_matrix(worse, shipped) and (shipped / "two.safetensors").read_bytes() == first
    assert "loss 2 -> 0.5" in ship_matrix(matrix_file(tmp_path / "d", 0.5, seed=1), shipped)
    assert (shipped / "two.safetensors").read_bytes() != first and load_rows(shipped / "two.safetensors").k == 2


def test_what_cannot_be_shipped_is_refused(tmp_path) -> None:
    path = matrix_file(tmp_path, 1.0)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "held_out": {}}))
    with pytest.raises(ValueError, match="does not say how good the rows are; expected one of train_matrix"):
        ship_matrix(path, tmp_path / "shipped")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="damaged"):
        ship_matrix(path, tmp_path / "shipped")
    with pytest.raises(ValueError, match="expected the path of a file"):
        ship_matrix(tmp_path / "two.txt", tmp_path / "shipped")
