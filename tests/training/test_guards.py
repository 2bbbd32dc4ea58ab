"""Guards look at what happened: steps that were taken, sources that were used, files that are what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from crashing import SMALL

from dprior_lite import store
from dprior_lite.__main__ import main
from dprior_lite.cli import train as train_command
from dprior_lite.training import fit, loop, weight_card
from dprior_lite.training.recipes import find, miyasawa

NAME = SMALL.name
TRAIN = ["train", NAME, "--profile", "ci", "--device", "cpu"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own weights, and a small recipe."""
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(miyasawa, "RECIPES", (*miyasawa.RECIPES, SMALL))
    return tmp_path


def card_in(folder: Path) -> dict:
    return store.read_card(folder / f"{NAME}.json")


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was written to stderr: at most three lines, and no traceback."""
    text = capsys.readouterr().err
    assert text.count("\n") <= 3 and "Traceback" not in text
    return text


def test_a_short_training_does_not_replace_a_long_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever was planned; forced, it does, at once and without training again."""
    assert main(TRAIN) == 0
    long = card_in(folder)
    assert main([*TRAIN, "--minutes", "0.00001"]) == 1
    text = said(capsys)
    assert "took 150 steps, this run 1: it is kept" in text and "--force" in text and "--continue" in text
    assert card_in(folder) == long
    assert main([*TRAIN, "--minutes", "0.00001", "--force"]) == 0
    assert card_in(folder)["steps"] == {"done": 1, "asked": 150, "earlier": 0}
    assert names(folder) == [f"{NAME}.json", f"{NAME}.safetensors"]
    assert main(TRAIN) == 0 and card_in(folder)["steps"]["done"] == 150, "a longer one replaces it unasked"


def test_one_may_go_on_after_a_refusal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(TRAIN) == 0 and main([*TRAIN, "--minutes", "0.00001"]) == 1
    assert main([*TRAIN, "--continue", "--minutes", "0.00001"]) == 0, said(capsys)
    assert store.steps_taken(card_in(folder)) == 151


def test_minutes_that_are_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for minutes in ("nan", "-1", "0", "inf"):
        assert main([*TRAIN, "--minutes", minutes]) == 1 and "is no time to train" in said(capsys)
    assert names(folder) == []


def test_a_source_that_cannot_be_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRAIN, "--without", "mixture"]) == 1
    assert "cannot do without mixture" in said(capsys) and names(folder) == []
    with pytest.raises(ValueError, match="has no source bsd400; it trains on mixture"):
        next(fit(SMALL, "ci", without=["bsd400"]))
    both = ["photos:train", "bsd400"]
    with pytest.raises(ValueError, match="cannot do without photos:train, bsd400"):
        next(fit(find("photos-tiny"), "ci", without=both))


def test_the_card_says_what_was_left_out(tmp_path: Path) -> None:
    """By the training itself: the writer of the card is not asked to say it."""
    recipe = replace(
        find("photos-tiny"), steps={"ci": 1}, net_args={"depth": 3, "width": 4}, patch=16, sigmas_255=(25.0,)
    )
    *_, last = fit(recipe, "ci", device="cpu", without=["bsd400"])
    path = weight_card.write(recipe, last, "ci", tmp_path, torch.device("cpu"))
    rows = {row["name"]: row for row in store.read_card(path.with_suffix(".json"))["data"]}
    assert rows["bsd400"] | {"left_out": True, "n": 0} == rows["bsd400"] and rows["photos:train"]["n"] > 5


def test_a_training_does_not_go_on_from_a_damaged_weight(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(TRAIN) == 0
    path = folder / f"{NAME}.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    before = card_in(folder)
    assert main([*TRAIN, "--continue"]) == 1 and "its card says" in said(capsys)
    assert card_in(folder) == before and path.read_bytes() == bytes(content)


def test_a_training_does_not_go_on_from_another_network(folder: Path, monkeypatch, capsys) -> None:
    assert main(TRAIN) == 0
    other = replace(SMALL, net_args={"width": 8})
    monkeypatch.setattr(miyasawa, "RECIPES", (other,))
    assert main([*TRAIN, "--continue"]) == 1 and "do not fit the network of small-mlp" in said(capsys)


def test_one_bad_recipe_does_not_stop_the_others(folder: Path, monkeypatch, capsys) -> None:
    """Nor one bad file in the folder."""
    absent = replace(SMALL, name="absent-data", data=("set12",), steps={"ci": 1})
    monkeypatch.setattr(miyasawa, "RECIPES", (absent, SMALL))
    monkeypatch.setattr(train_command, "all_recipes", lambda: {"absent-data": absent, NAME: SMALL})
    monkeypatch.setenv("DPRIOR_DATA", str(folder / "none"))
    (folder / "stray.safetensors").write_bytes(b"stray")
    assert main(["train", "--all", "--profile", "ci", "--device", "cpu"]) == 1
    text = capsys.readouterr().err
    assert "stray.json" in text and "absent-data was not trained: The set 'set12' is absent" in text
    assert "Traceback" not in text and (folder / f"{NAME}.safetensors").exists()


def test_what_a_killed_process_left_is_removed_at_the_next_start(folder: Path) -> None:
    """A checkpoint whose weight is written is such a thing; one that has more to give is not."""
    checkpoint = folder / f"{NAME}.ci.checkpoint.pt"
    *_, last = fit(SMALL, "ci", device="cpu", checkpoint=checkpoint)
    weight_card.write(SMALL, last, "ci", folder, torch.device("cpu"))
    further = folder / f"{NAME}.full.checkpoint.pt"
    further.write_bytes(checkpoint.read_bytes())
    (folder / "no-card.ci.checkpoint.pt").write_bytes(b"unreadable")
    (folder / f"{NAME}.safetensors.123.part").write_bytes(b"")
    train_command.remove_remains(folder)
    left = [f"{NAME}.full.checkpoint.pt", f"{NAME}.json", f"{NAME}.safetensors", "no-card.ci.checkpoint.pt"]
    assert names(folder) == sorted(left)


def test_a_training_ended_by_minutes_is_finished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the weight was written, the same command writes it; fewer minutes are refused, more go on."""
    checkpoint = folder / "c.pt"
    *_, last = fit(SMALL, "ci", device="cpu", minutes=0.00002, checkpoint=checkpoint)
    again = [*fit(SMALL, "ci", device="cpu", minutes=0.00002, checkpoint=checkpoint)]
    assert len(again) == 1 and again[0].step == last.step < 150 and again[0].done
    with pytest.raises(ValueError, match="minutes already"):
        next(fit(SMALL, "ci", device="cpu", minutes=0.00001, checkpoint=checkpoint))
    *_, more = fit(SMALL, "ci", device="cpu", minutes=10, checkpoint=checkpoint)
    assert more.step == 150


@pytest.mark.parametrize("scale, kept", [(1.0, torch.half), (1e6, torch.float32)])
def test_weights_that_do_not_fit_in_halves(tmp_path: Path, scale: float, kept: torch.dtype, capsys) -> None:
    from safetensors.torch import load_file

    recipe = replace(
        find("photos-tiny"), name="large", data=("photos:train",), steps={"ci": 1}, patch=16, sigmas_255=(25.0,)
    )
    *_, last = fit(recipe, "ci", device="cpu")
    with torch.no_grad():
        first, *_, final = last.net.parameters()
        first.mul_(scale)
        final.div_(scale)
    path = weight_card.write(recipe, last, "ci", tmp_path, torch.device("cpu"))
    found, out = load_file(path), capsys.readouterr().out
    assert {v.dtype for v in found.values()} == {kept} and ("kept in float32" in out) == (kept == torch.float32)
    assert all(bool(v.isfinite().all()) for v in found.values()) and store.load(path)


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    *_, last = fit(SMALL, "ci", device="cpu")
    with torch.no_grad():
        next(last.net.parameters()).fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="nothing was written"):
        weight_card.write(SMALL, last, "ci", tmp_path, torch.device("cpu"))
    assert names(tmp_path) == []


def test_a_score_that_is_no_number_does_not_ship(tmp_path: Path) -> None:
    *_, last = fit(SMALL, "ci", device="cpu")
    path = weight_card.write(SMALL, last, "ci", tmp_path / "own", torch.device("cpu"))
    assert "ships" in weight_card.ship(path, tmp_path / "shipped")
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"loss": [[150, float("nan")]]}))
    assert "stays as it is" in weight_card.ship(path, tmp_path / "shipped")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(store.WeightError, match="truncated"):
        weight_card.ship(path, tmp_path / "shipped")


def test_an_ambient_dtype_changes_no_training() -> None:
    expected = [*fit(SMALL, "ci", device="cpu")][-1].history
    torch.set_default_dtype(torch.float64)
    try:
        net = SMALL.build()
    finally:
        torch.set_default_dtype(torch.float32)
    assert next(net.parameters()).dtype == torch.float32
    assert [*fit(SMALL, "ci", device="cpu")][-1].history == expected


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["train", "no-such"], "There is no recipe 'no-such'"),
        (["train", NAME, "--minutes", "soon"], "invalid float value: 'soon'"),
        (["train", NAME, "--profile", "quick"], "invalid choice: 'quick'"),
        (["train", NAME, "--device", "gpu"], "There is no device 'gpu'"),
        (["train", NAME, "--device", "cuda:99"], "cuda:99"),
        (["train", NAME, "--continue"], "There is no weight 'small-mlp'"),
        (["weights", "no-such"], "There is no weight 'no-such'"),
        (["weights", "../x"], "cannot be the name of a weight"),
        (["no-such-command"], "invalid choice: 'no-such-command'"),
        ([], "COMMAND"),
        (["published", "/no/such/folder"], "No checkpoint of the authors is in"),
    ],
)
def test_the_command_line_says_what_is_wrong(folder: Path, arguments: list[str], text: str, capsys) -> None:
    """In at most three lines, without a traceback, with exit status 1."""
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    assert status == 1 and text in said(capsys)


def test_an_interrupted_command_and_a_closed_pipe(folder: Path, monkeypatch, capsys) -> None:
    def stop(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(train_command, "fit", stop)
    assert main(TRAIN) == 130 and "goes on from its last checkpoint" in said(capsys)
    command = f"{sys.executable} -m dprior_lite train --list | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1 and done.stderr == ""


def test_the_loop_still_offers_its_names() -> None:
    assert loop.State and loop.Diverged and loop.Training and loop.fit is fit
