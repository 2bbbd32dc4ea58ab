"""Training: what is drawn depends on the step alone; a killed run continues where it was; several processes agree with one."""

import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dprior_lite import store
from dprior_lite.__main__ import main
from dprior_lite.training import Diverged, Recipe, cards, find, fit, recipes
from dprior_lite.training import fit as fit_function
from dprior_lite.training.noise import Fixed, LogUniform, Uniform

TINY = replace(find("photos-tiny"), name="tiny", net_args={"depth": 3, "width": 4}, data=("photos:train",), batch=4, patch=16,
               steps={"ci": 60, "class": 60, "full": 60})


@pytest.mark.parametrize("law, low, high, mean", [
    (Uniform(0.1, 0.5), 0.1, 0.5, 0.3), (LogUniform(0.01, 1.0), 0.01, 1.0, 0.99 / math.log(100)), (Fixed(0.2), 0.2, 0.2, 0.2)])
def test_noise_laws(law, low: float, high: float, mean: float) -> None:
    sigma = law.draw(100_000, torch.Generator().manual_seed(0))
    assert low - 1e-6 <= float(sigma.min()) and float(sigma.max()) <= high + 1e-6 and float(sigma.mean()) == pytest.approx(mean, rel=0.02)


def test_recipes_survive_json_and_build() -> None:
    for recipe in recipes().values():
        again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
        assert again.to_json() == recipe.to_json() and again.noise == recipe.noise
        assert again.build() is not None and callable(again.loss_function()) and set(again.steps) == {"ci", "class", "full"}
    with pytest.raises(KeyError, match="photos-unet"):
        find("photos")


def losses(recipe: Recipe, **options) -> list[tuple[int, float]]:
    return list([*fit(recipe, "ci", device="cpu", states=30, **options)][-1].history)


def test_training_learns_and_repeats() -> None:
    first, second = losses(TINY), losses(TINY)
    assert first == second and len(first) == 30
    assert sum(v for _, v in first[-5:]) < 0.9 * sum(v for _, v in first[:5])
    assert losses(replace(TINY, seed=1)) != first


def test_an_interrupted_training_gives_the_uninterrupted_losses(tmp_path: Path) -> None:
    checkpoint = tmp_path / "tiny.pt"
    whole = losses(TINY)
    run = fit_function.__globals__["Training"](TINY, "ci", torch.device("cpu"), False, ())
    for step in range(23):                                  # between two states: the running sum must survive too
        run.advance(step / 60)
        if run.step % 2 == 0:
            run.state(done=False)
    run.save(checkpoint)
    resumed = losses(TINY, checkpoint=checkpoint)
    assert [s for s, _ in resumed] == [s for s, _ in whole]
    assert max(abs(a[1] / b[1] - 1) for a, b in zip(resumed, whole)) < 1e-5
    assert losses(TINY, checkpoint=checkpoint) == resumed, "a finished training does nothing twice"


KILLED = """
import sys, time
from pathlib import Path
import dprior_lite.training.fit as module
from dprior_lite.training import fit
sys.path.insert(0, sys.argv[2])
from test_training import TINY
module.CHECKPOINT_SECONDS = 0.2
for state in fit(TINY, "ci", device="cpu", checkpoint=Path(sys.argv[1]), states=30):
    time.sleep(0.05)
print(state.history[-1])
"""


def test_kill_nine_at_three_random_moments(tmp_path: Path) -> None:
    """After each kill there is a whole checkpoint or none, and the last run ends with the losses of an undisturbed one."""
    checkpoint = tmp_path / "tiny.pt"
    command = [sys.executable, "-c", KILLED, str(checkpoint), str(Path(__file__).parent)]
    chance = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(chance.uniform(0.0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
    resumed, whole = losses(TINY, checkpoint=checkpoint), losses(TINY)
    assert max(abs(a[1] / b[1] - 1) for a, b in zip(resumed, whole)) < 1e-5 and len(resumed) == len(whole)
    assert fit_function.__globals__["CHECKPOINT_SECONDS"] <= 30


def test_bad_checkpoints_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.pt"
    losses(TINY, checkpoint=path)
    with pytest.raises(ValueError, match="another version of the recipe"):
        losses(replace(TINY, lr=2e-3), checkpoint=path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="no readable checkpoint"):
        losses(TINY, checkpoint=path)


def nan_loss(net, x, sigma, generator) -> torch.Tensor:
    return net(x).sum() * float("nan")


def test_divergence_is_said_and_the_checkpoint_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tmp_path / "tiny.pt"
    losses(TINY, checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    monkeypatch.setattr(Recipe, "loss_function", lambda self: nan_loss)
    longer = replace(TINY, steps={"ci": 90, "class": 90, "full": 90})
    with pytest.raises(Diverged, match="lower the recipe's lr"):
        losses(longer, checkpoint=tmp_path / "other.pt")
    assert checkpoint.read_bytes() == before and not (tmp_path / "other.pt").exists()


def test_minutes_end_a_training_and_bring_the_rate_to_zero(tmp_path: Path) -> None:
    long = replace(TINY, steps={"ci": 1_000_000, "class": 1, "full": 1})
    last = [*fit(long, "ci", device="cpu", minutes=0.03)][-1]
    assert last.done and 0 < last.step < 1_000_000 and last.seconds >= 1.8


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
if torch.distributed.get_rank() == 0:
    open(sys.argv[2], "w").write(json.dumps(last.history))
"""


def test_two_processes_train_like_one(tmp_path: Path) -> None:
    """Same global batch, other noise: the losses agree within noise."""
    script, out = tmp_path / "two.py", tmp_path / "losses.json"
    script.write_text(TWO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1", "--num_machines", "1",
               "--mixed_precision", "no", "--dynamo_backend", "no", str(script), str(Path(__file__).parent), str(out)]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env=os.environ | shared | {"RANK": str(k), "LOCAL_RANK": str(k)}) for k in range(2)]
    errors = [run.communicate(timeout=300)[1] for run in runs]
    assert all(run.returncode == 0 for run in runs), errors[0][-2000:]
    two, one, other = json.loads(out.read_text()), losses(TINY), losses(replace(TINY, seed=1))
    mean = [sum(v for _, v in history[-10:]) / 10 for history in (two, one, other)]
    assert len(two) == len(one) and mean[0] == pytest.approx(mean[1], rel=max(0.15, 2 * abs(mean[2] / mean[1] - 1)))


def trained(folder: Path, recipe: Recipe = TINY) -> Path:
    *_, last = fit(recipe, "ci", device="cpu")
    return cards.write(recipe, last, "ci", folder, torch.device("cpu"))


def test_card_and_weight_load_and_ship_only_if_better(tmp_path: Path) -> None:
    path = trained(tmp_path / "own")
    card = store.read_card(path.with_suffix(".json"))
    assert {"schema", "name", "recipe", "data", "sha256", "parameters", "device", "profile", "steps", "wall_seconds", "loss", "psnr",
            "versions", "created"} == set(card)
    assert card["steps"] == {"done": 60, "asked": 60} and len(card["loss"]) <= 200 and len(card["psnr"]["rows"]) == 4
    assert os.uname().nodename not in json.dumps(card)
    net = store.load(path)
    assert not net.training and store.used()["tiny"] == card["sha256"]
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    assert "ships" in cards.ship(path, shipped) and "stays as it is" in cards.ship(path, shipped)
    worse = dict(card, psnr=dict(card["psnr"], rows=[[s, a, b - 1] for s, a, b in card["psnr"]["rows"]]))
    (shipped / "tiny.json").write_text(json.dumps(worse))
    assert "was" in cards.ship(path, shipped)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    assert main(["train", "--list"]) == 0 and "photos-unet" in capsys.readouterr().out
    assert main(["train", "mixture-mlp", "--profile", "ci"]) == 0
    out = capsys.readouterr().out
    assert "step 1500/1500" in out and (tmp_path / "mixture-mlp.safetensors").is_file() and not list(tmp_path.glob("*.checkpoint.pt"))
    assert main(["train", "mixture-mlp", "--profile", "ci", "--continue", "--minutes", "0.01"]) == 0
    assert main(["train", "no-such-recipe"]) == 1 and "there are photos-unet" in capsys.readouterr().err
    assert main(["weights", "mixture-mlp"]) == 0 and '"sha256"' in capsys.readouterr().out
    assert main(["weights", "--check"]) == 0 and "mixture-mlp" in capsys.readouterr().out
