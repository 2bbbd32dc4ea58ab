"""Training: what a step draws depends on the step alone, a run goes on, processes agree; for kills see `test_crash`."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from dprior_lite import store
from dprior_lite.__main__ import main
from dprior_lite.cli import train as train_command
from dprior_lite.data.patches import equal_contrast
from dprior_lite.training import Diverged, Recipe, all_recipes, find, fit, loop, weight_card
from dprior_lite.training.noise import Fixed, LogUniform, Uniform
from dprior_lite.training.recipes import miyasawa as recipes_of_chapter_1
from dprior_lite.training.sources import training_data
from dprior_lite.used import used

TINY = replace(
    find("photos-tiny"),
    name="tiny",
    net_args={"depth": 3, "width": 4},
    data=("photos:train",),
    batch=4,
    patch=16,
    steps={"ci": 60, "class": 60, "full": 60},
)


@pytest.mark.parametrize(
    "law, low, high, mean",
    [
        (Uniform(0.1, 0.5), 0.1, 0.5, 0.3),
        (LogUniform(0.01, 1.0), 0.01, 1.0, 0.99 / math.log(100)),
        (Fixed(0.2), 0.2, 0.2, 0.2),
    ],
)
def test_noise_laws(law, low: float, high: float, mean: float) -> None:
    sigma = law.draw(100_000, torch.Generator().manual_seed(0))
    assert (
        low - 1e-6 <= float(sigma.min())
        and float(sigma.max()) <= high + 1e-6
        and float(sigma.mean()) == pytest.approx(mean, rel=0.02)
    )


def test_recipes_survive_json_and_build() -> None:
    for recipe in all_recipes().values():
        again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
        assert again.to_json() == recipe.to_json() and again.noise == recipe.noise
        assert (
            again.build() is not None
            and callable(again.function("loss"))
            and callable(again.function("denoiser"))
            and set(again.steps) == {"ci", "class", "full"}
        )
    with pytest.raises(KeyError, match="photos-unet"):
        find("photos")


def test_two_recipes_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        recipes_of_chapter_1, "RECIPES", (*recipes_of_chapter_1.RECIPES, replace(TINY, name="photos-unet"))
    )
    with pytest.raises(ValueError, match="Two recipes are called photos-unet"):
        all_recipes()


def losses(recipe: Recipe, **options) -> list[tuple[int, float]]:
    return list([*fit(recipe, "ci", device="cpu", states=30, **options)][-1].history)


@cache
def undisturbed() -> list[tuple[int, float]]:
    """Return the losses of a training that nothing interrupts."""
    return losses(TINY)


def test_training_learns_and_repeats() -> None:
    first, second = undisturbed(), losses(TINY)
    assert first == second and len(first) == 30
    assert sum(v for _, v in first[-5:]) < 0.9 * sum(v for _, v in first[:5])
    assert losses(replace(TINY, seed=1)) != first


def test_an_interrupted_training_gives_the_uninterrupted_losses(tmp_path: Path) -> None:
    checkpoint = tmp_path / "tiny.pt"
    whole = undisturbed()
    run = loop.Training(TINY, "ci", torch.device("cpu"), compiled=False)
    for step in range(23):  # between two states: the running sum must survive too
        run.advance(step / 60)
        if run.step % 2 == 0:
            run.state(done=False)
    run.save(checkpoint)
    resumed = losses(TINY, checkpoint=checkpoint)
    assert [s for s, _ in resumed] == [s for s, _ in whole]
    assert max(abs(a[1] / b[1] - 1) for a, b in zip(resumed, whole)) < 1e-5
    assert losses(TINY, checkpoint=checkpoint) == resumed, "a finished training does nothing twice"
    assert loop.CHECKPOINT_SECONDS <= 30


def test_bad_checkpoints_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.pt"
    losses(TINY, checkpoint=path)
    with pytest.raises(ValueError, match="another version of the recipe"):
        losses(replace(TINY, lr=2e-3), checkpoint=path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="no readable checkpoint"):
        losses(TINY, checkpoint=path)


def nan_loss(run: loop.Training, step: int) -> torch.Tensor:
    return run.net(torch.zeros(1, 1, 8, 8)).sum() * float("nan")


def test_divergence_is_said_and_the_checkpoint_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a checkpoint falls due between the bad step and the state that would tell."""
    checkpoint = tmp_path / "tiny.pt"
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
    run = fit(TINY, "ci", device="cpu", states=2, checkpoint=checkpoint)
    next(run)
    before = torch.load(checkpoint, weights_only=True)["step"]
    monkeypatch.setattr(loop.Training, "_loss", nan_loss)
    with pytest.raises(Diverged, match="lower the recipe's lr"):
        list(run)
    kept = torch.load(checkpoint, weights_only=True)
    assert kept["step"] == before and all(bool(v.isfinite().all()) for v in kept["net"].values())


def test_minutes_end_a_training_and_bring_the_rate_to_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fractions: list[float] = []
    monkeypatch.setattr(
        loop, "_schedule", lambda fraction, real=loop._schedule: fractions.append(fraction) or real(fraction)
    )
    long, path = replace(TINY, steps={"ci": 1_000_000, "class": 1, "full": 1}), tmp_path / "long.pt"
    last = [*fit(long, "ci", device="cpu", minutes=0.03, checkpoint=path)][-1]
    assert last.done and 0 < last.step < 1_000_000 and last.seconds >= 1.8 and math.isfinite(last.loss)
    assert fractions == sorted(fractions) and fractions[-1] > 0.8 and loop._schedule.__defaults__[0](1.0) < 1e-4
    with pytest.raises(ValueError, match="minutes already"):
        next(fit(long, "ci", device="cpu", minutes=0.01, checkpoint=path))
    with pytest.raises(ValueError, match="no time to train"):
        next(fit(long, "ci", device="cpu", minutes=0))


def test_without_a_compiler_training_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(model):
        def call(*args):
            raise RuntimeError("no compiler")

        return call

    plain = undisturbed()
    monkeypatch.setattr(torch, "compile", broken)
    assert losses(TINY, compiled=True) == plain and "goes on without it" in capsys.readouterr().out


def test_wrong_profile_and_absent_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one of ci, class, full"):
        next(fit(TINY, "fast"))
    monkeypatch.setenv("DPRIOR_DATA", str(tmp_path))
    monkeypatch.setattr("pooch.retrieve", lambda *a, **k: (_ for _ in ()).throw(ConnectionError()))
    with pytest.raises(FileNotFoundError, match="--without bsd400"):
        next(fit(find("photos-tiny"), "ci"))


TWO = """
import sys, json
from dprior_lite.training import fit
sys.path.insert(0, sys.argv[1])
from test_training import TINY
*_, last = fit(TINY, "ci", device="cpu", states=30)
import torch
weights = sum(float(p.double().abs().sum()) for p in last.net.parameters())
open(f"{sys.argv[2]}.{torch.distributed.get_rank()}", "w").write(json.dumps([last.history, weights]))
"""


def test_two_processes_train_like_one(tmp_path: Path) -> None:
    """Same global batch, other noise: the losses agree within noise, the two copies of the weights are one."""
    script, out = tmp_path / "two.py", tmp_path / "losses.json"
    script.write_text(TWO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--cpu",
        "--num_processes",
        "1",
        "--num_machines",
        "1",
        "--mixed_precision",
        "no",
        "--dynamo_backend",
        "no",
        str(script),
        str(Path(__file__).parent),
        str(out),
    ]
    shared = {
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "GLOO_SOCKET_IFNAME": "lo",
        "OMP_NUM_THREADS": "1",
    }
    runs = [
        subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | shared | {"RANK": str(k), "LOCAL_RANK": str(k)},
        )
        for k in range(2)
    ]
    errors = [run.communicate(timeout=300)[1] for run in runs]
    assert all(run.returncode == 0 for run in runs), errors[0][-2000:]
    (two, weights), (_, others) = (json.loads(Path(f"{out}.{k}").read_text()) for k in range(2))
    assert weights == pytest.approx(others, rel=1e-9), "gradients were not shared"
    one, other = undisturbed(), losses(replace(TINY, seed=1))
    mean = [sum(v for _, v in history[-10:]) / 10 for history in (two, one, other)]
    assert len(two) == len(one) and mean[0] == pytest.approx(mean[1], rel=max(0.15, 2 * abs(mean[2] / mean[1] - 1)))


def trained(folder: Path, recipe: Recipe = TINY) -> Path:
    *_, last = fit(recipe, "ci", device="cpu")
    return weight_card.write(recipe, last, "ci", folder, torch.device("cpu"))


def test_card_and_weight_load_and_ship_only_if_better(tmp_path: Path) -> None:
    path = trained(tmp_path / "own")
    card = store.read_card(path.with_suffix(".json"))
    assert {
        "schema",
        "name",
        "recipe",
        "data",
        "sha256",
        "parameters",
        "device",
        "profile",
        "steps",
        "wall_seconds",
        "loss",
        "psnr",
        "versions",
        "created",
    } == set(card)
    assert (
        card["steps"] == {"done": 60, "asked": 60, "earlier": 0}
        and len(card["loss"]) <= 200
        and len(card["psnr"]["out"]) == 4
        and set(card["psnr"]) == {"data", "sigma_255", "in", "out"}
    )
    assert os.uname().nodename not in json.dumps(card)
    net = store.load(path)
    assert not net.training and used("weights")["tiny"] == card["sha256"]
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    assert "ships" in weight_card.ship(path, shipped) and "stays as it is" in weight_card.ship(path, shipped)
    worse = dict(card, psnr=dict(card["psnr"], out=[value - 1 for value in card["psnr"]["out"]]))
    (shipped / "tiny.json").write_text(json.dumps(worse))
    assert "was" in weight_card.ship(path, shipped)
    other = dict(card, psnr=dict(card["psnr"], data="photos:test"))
    (shipped / "tiny.json").write_text(json.dumps(other))
    assert "measured on other pictures" in weight_card.ship(path, shipped)


def test_a_card_owns_up_to_the_data_of_its_start(tmp_path: Path) -> None:
    *_, last = fit(TINY, "ci", device="cpu", earlier=40)
    before = [{"name": "bsd400", "version": "1", "licence": "research", "n": 400}]
    path = weight_card.write(TINY, last, "ci", tmp_path, torch.device("cpu"), inherited=before)
    card = store.read_card(path.with_suffix(".json"))
    assert [row["name"] for row in card["data"]] == ["bsd400", "photos:train"] and store.steps_taken(card) == 100


def test_a_training_that_goes_on_draws_other_examples(tmp_path: Path) -> None:
    """Those of the steps after its start: two of 30 see what one of 60 sees; another start refuses its checkpoint."""
    part = replace(TINY, steps={"ci": 30})
    seen = {}
    for name, recipe, earlier in (("whole", TINY, 0), ("first", part, 0), ("second", part, 30)):
        run = loop.Training(recipe, "ci", torch.device("cpu"), earlier=earlier)
        seen[name] = [run._loss(step).item() for step in range(run.steps)]  # of one network, which no step changes
    assert seen["first"] + seen["second"] == seen["whole"] and seen["first"] != seen["second"]
    checkpoint = tmp_path / "c.pt"
    next(fit(part, "ci", device="cpu", checkpoint=checkpoint, earlier=30, states=1))
    with pytest.raises(ValueError, match="from another start"):
        next(fit(part, "ci", device="cpu", checkpoint=checkpoint))


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    assert main(["train", "--list"]) == 0 and "photos-unet" in capsys.readouterr().out
    assert main(["train", "mixture-mlp", "--profile", "ci"]) == 0
    out = capsys.readouterr().out
    assert (
        "step 1500/1500" in out
        and (tmp_path / "mixture-mlp.safetensors").is_file()
        and not list(tmp_path.glob("*.checkpoint.pt"))
    )
    assert main(["train", "mixture-mlp", "--profile", "ci", "--continue", "--minutes", "0.01"]) == 0
    card = json.loads((tmp_path / "mixture-mlp.json").read_text())
    assert card["steps"]["earlier"] == 1500 and store.steps_taken(card) > 1500
    (tmp_path / "mixture-mlp.json").write_text(
        json.dumps(card | {"steps": {"done": 1400, "asked": 1500, "earlier": 90}})
    )
    assert (
        main(["train", "mixture-mlp", "--profile", "ci", "--continue"]) == 0 and "step 10/10" in capsys.readouterr().out
    )
    card = json.loads((tmp_path / "mixture-mlp.json").read_text())
    assert card["steps"] == {"done": 10, "asked": 1500, "earlier": 1490} and card["recipe"]["steps"]["ci"] == 1500
    assert main(["weights"]) == 0 and f"{store.steps_taken(card):,} of 1,500 steps" in capsys.readouterr().out
    assert (
        main(["train", "mixture-mlp", "--profile", "ci", "--without", "bsd400"]) == 1
        and "it trains on mixture" in capsys.readouterr().err
    )
    assert main(["train", "mixture-mlp", "--device", "gpu"]) == 1 and "use cpu or cuda" in capsys.readouterr().err
    card = json.loads((tmp_path / "mixture-mlp.json").read_text())
    (tmp_path / "mixture-mlp.json").write_text(
        json.dumps(card | {"steps": {"done": 4000, "asked": 4000}, "profile": "full"})
    )
    assert "mixture-mlp" not in train_command.unfinished()
    assert main(["train", "mixture-mlp", "--profile", "ci"]) == 1 and "--force" in capsys.readouterr().err
    assert (
        main(["train", "no-such-recipe"]) == 1
        and "There is no recipe 'no-such-recipe'; there are " in capsys.readouterr().err
    )
    assert main(["weights", "mixture-mlp"]) == 0 and '"sha256"' in capsys.readouterr().out
    assert main(["weights", "--check"]) == 0 and "mixture-mlp" in capsys.readouterr().out


def test_contrast_reaches_the_patches() -> None:
    """The same places, turned the same way, each rescaled about its mean; by default none is."""
    plain, equal, again = (
        training_data(replace(TINY, **values)).draw(50, torch.Generator().manual_seed(0))
        for values in ({}, {"contrast": 0.1}, {"contrast": 0.0})
    )
    assert torch.equal(plain, again) and torch.equal(equal, equal_contrast(plain, 0.1))
    rough = plain.std((1, 2, 3), correction=0) > 1 / 255
    assert int(rough.sum()) > 30 and torch.allclose(
        equal[rough].std((1, 2, 3), correction=0), torch.tensor(0.1), rtol=1e-3
    )
    assert float(plain[rough].std((1, 2, 3), correction=0).std()) > 0.02
    assert losses(replace(TINY, steps={"ci": 2}, contrast=0.1)) != losses(replace(TINY, steps={"ci": 2}))


def test_a_recipe_from_before_contrast_still_loads() -> None:
    """Cards written by an earlier version have no such key."""
    old = json.loads(json.dumps(replace(TINY, contrast=0.2).to_json()))
    assert Recipe.from_json(old).contrast == 0.2 and old.pop("contrast") == 0.2
    assert Recipe.from_json(old) == TINY and TINY.contrast == 0
    for path in store.SHIPPED.glob("*.json"):
        assert Recipe.from_json(store.read_card(path)["recipe"]).name == path.stem
    with pytest.raises(TypeError, match="colour"):
        Recipe.from_json(old | {"colour": 1})
