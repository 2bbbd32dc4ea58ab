"""Training of measurement matrices: recipes, the file that is written, and what its card says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from dprior_lite import data
from dprior_lite.measurements import Descent, load_rows, orthonormality_error, read_rows_card
from dprior_lite.sampling import Ascent
from dprior_lite.store import weights
from dprior_lite.training.matrices import RECIPES, MatrixRecipe, find_matrix, start_rows, train_matrix

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
