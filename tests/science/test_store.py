"""Weights: one clear error for each way in which a file can be wrong; what ships is what its card says."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dprior_lite import load, nets, store, weights
from dprior_lite.__main__ import main
from dprior_lite.cli.train import unfinished
from dprior_lite.data import DataAbsent, Patches, cache_folder, photos
from dprior_lite.nets.mlp import MLP
from dprior_lite.training import all_recipes, find, fit, weight_card
from dprior_lite.training.sources import held_out


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    recipe = find("mixture-mlp")
    state = next(fit(recipe, "ci", device="cpu"))
    return weight_card.write(recipe, state, "ci", folder, torch.device("cpu"))


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    for file in (good, good.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    return tmp_path / good.name


def test_loads_by_path_and_by_name(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(copy.parent))
    y = torch.zeros(1, 2)
    assert torch.equal(load(copy)(y), load("mixture-mlp")(y))
    assert "mixture-mlp" in {card["name"] for card in weights()}
    assert not any(p.requires_grad for p in load(copy).parameters())


def test_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    with pytest.raises(store.WeightError, match="There is no weight 'photo-unet'; at hand are"):
        load("photo-unet")


def test_truncated_and_damaged(copy: Path) -> None:
    content = copy.read_bytes()
    for bad in (content[:-100], content[:200] + b"\x01" + content[201:], b""):
        copy.write_bytes(bad)
        with pytest.raises(store.WeightError, match="truncated, damaged or another one"):
            load(copy)


def test_swapped(copy: Path) -> None:
    other = copy.with_name("photos-unet.safetensors")
    shutil.copy(copy, other)
    shutil.copy(copy.with_suffix(".json"), other.with_suffix(".json"))
    with pytest.raises(store.WeightError, match="mixed up"):
        load(other)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": 99, "name": "mixture-mlp"}'])
def test_bad_cards(copy: Path, text: str) -> None:
    copy.with_suffix(".json").write_text(text)
    with pytest.raises(store.WeightError):
        load(copy)


def test_a_stray_file_in_the_folder_does_no_harm(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(copy.parent))
    copy.with_name("notes.json").write_text("{}")
    assert "mixture-mlp" in {card["name"] for card in weights()}


def test_no_card(copy: Path) -> None:
    copy.with_suffix(".json").unlink()
    with pytest.raises(store.WeightError, match="cannot be read"):
        load(copy)


def test_an_old_card_keeps_building_its_own_net(copy: Path) -> None:
    """The recipe in the code may change; the one in the card counts."""
    old = replace(find("mixture-mlp"), net_args={"width": 16}, steps={"ci": 2})
    *_, last = fit(old, "ci", device="cpu")
    path = weight_card.write(old, last, "ci", copy.parent, torch.device("cpu"))
    assert load(path).layers[0].out_features == 16 != find("mixture-mlp").build().layers[0].out_features


# what may stand in the place of a card, and in that of a weight
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
BAD_CARDS = {
    "none": None,
    "empty": b"",
    "no JSON": b"{",
    "a list": b"[1]",
    "UTF-16": "{}".encode("utf16"),
    "an LFS pointer": LFS,
    "nested": b"[" * 100_000,
    "another schema": b'{"schema": 99, "name": "bad"}',
}
WRONG = {
    "no sha256": {"sha256": None},
    "sha256 is a number": {"sha256": 3},
    "no recipe": {"recipe": None},
    "the recipe is text": {"recipe": "mixture-mlp"},
    "the network is a number": {"recipe": {"says": "", "net": 3, "net_args": {}}},
    "steps are a number": {"steps": 3},
    "steps are text": {"steps": {"done": "3", "asked": 3}},
    "steps are truth": {"steps": {"done": True, "asked": 3}},
    "no psnr": {"psnr": {}},
    "the loss is a number": {"loss": 1.0},
    "no profile": {"profile": None},
    "another name": {"name": "good"},
    "decibels are text": {"psnr": {"data": "", "sigma_255": [25.0], "in": [20.0], "out": ["30"]}},
    "earlier steps are text": {"steps": {"done": 3, "asked": 3, "earlier": "3"}},
    "data are names": {"data": ["photos"]},
    "the loss has no steps": {"loss": [1.0]},
}
BAD_WEIGHTS = {"empty": b"", "text": b"no weight at all", "an LFS pointer": LFS, "cut": None}


@pytest.fixture
def folder(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One's own folder with one good weight, and a second one, `bad`, to be spoilt."""
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))
    card = json.loads(good.with_suffix(".json").read_text())
    for name in ("good", "bad"):
        shutil.copy(good, tmp_path / f"{name}.safetensors")
        (tmp_path / f"{name}.json").write_text(json.dumps(card | {"name": name}))
    return tmp_path


def is_named_and_the_others_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """By `weights`, `weights --check`, `doctor` and `train --all`; loading it is one sentence."""
    with pytest.raises(store.WeightError, match="bad") as caught:
        load("bad")
    assert str(caught.value).count("\n") == 0
    with pytest.warns(UserWarning, match="bad"):
        assert {card["name"] for card in weights()} >= {"good", "photos-unet"}
    for command in (["weights"], ["doctor"]):
        assert main(command) == 1
        out = capsys.readouterr()
        assert "good" in out.out and "photos-unet" in out.out and "bad." in out.out + out.err
        assert "Traceback" not in out.out + out.err
    assert "unet-bf-10" not in unfinished() and "bad." in capsys.readouterr().err


@pytest.fixture
def quick_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dprior_lite.cli.doctor.step_seconds", lambda device: 0.1)


@pytest.mark.parametrize("what", BAD_CARDS)
def test_one_bad_card_stops_nothing(what: str, folder: Path, quick_doctor, capsys) -> None:
    if BAD_CARDS[what] is None:
        (folder / "bad.json").unlink()
    else:
        (folder / "bad.json").write_bytes(BAD_CARDS[what])
    is_named_and_the_others_listed(capsys)


@pytest.mark.parametrize("what", WRONG)
def test_one_card_with_a_wrong_entry_stops_nothing(what: str, folder: Path, quick_doctor, capsys) -> None:
    card = json.loads((folder / "bad.json").read_text()) | WRONG[what]
    (folder / "bad.json").write_text(json.dumps({k: v for k, v in card.items() if v is not None}))
    is_named_and_the_others_listed(capsys)


@pytest.mark.parametrize("what", BAD_WEIGHTS)
def test_one_bad_weight_stops_nothing(what: str, folder: Path, quick_doctor, capsys) -> None:
    path = folder / "bad.safetensors"
    path.write_bytes(path.read_bytes()[:-8] if what == "cut" else BAD_WEIGHTS[what])
    is_named_and_the_others_listed(capsys)


@pytest.mark.parametrize("suffix", ["safetensors", "json"])
def test_a_named_pipe_is_not_waited_for(suffix: str, folder: Path, quick_doctor, capsys) -> None:
    path = folder / f"bad.{suffix}"
    path.unlink()
    os.mkfifo(path)
    is_named_and_the_others_listed(capsys)


def test_a_flipped_bit_is_named_by_the_check(folder: Path, capsys) -> None:
    path = folder / "bad.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)
    assert main(["weights"]) == 0 and main(["weights", "--check"]) == 1
    out = capsys.readouterr()
    assert "not usable: bad.safetensors has sha256" in out.err and out.out.count("good ") == 2


@pytest.mark.parametrize(
    "net, arguments, says",
    [
        ("unet.UNet", {"widths": [2**20] * 3, "blocks": [1, 1, 1]}, "too large to be meant"),
        ("unet.UNet", {"widths": [2**15] * 3, "blocks": [1, 1, 1]}, "too large to be meant"),
        ("bfcnn.BFCNN", {"depth": 10**5, "width": 4}, "too large to be meant"),
        ("recurrent.RecurrentCNN", {"stages": 10**12, "depth": 3}, "too large to be meant"),
        ("blocks.conv3", {"in_channels": 1, "out_channels": 1, "bias": False}, "There is no architecture"),
        ("os.system", {"command": "true"}, "There is no architecture"),
        ("__init__.import_module", {"name": "antigravity"}, "There is no architecture"),
        ("unet", {}, "There is no architecture"),
        ("unet.UNet", {"colour": True}, "unexpected keyword"),
        ("unet.UNet", {"widths": [8, -8], "blocks": [1, 1]}, "negative dimension"),
        ("unet.UNet", {"widths": "many"}, "cannot be built"),
        ("mlp.MLP", {"width": 16}, "size mismatch"),
    ],
)
def test_a_card_with_an_absurd_network_is_refused(net, arguments, says: str, folder: Path) -> None:
    """Before it is built: in little memory and time."""
    card = json.loads((folder / "bad.json").read_text())
    card["recipe"] |= {"net": net, "net_args": arguments}
    (folder / "bad.json").write_text(json.dumps(card))
    start = time.process_time()
    with pytest.raises(store.WeightError, match=says) as caught:
        load("bad")
    assert time.process_time() - start < 5 and "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_an_architecture_is_found_wherever_it_lives(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renaming a file in `nets` orphans no weight: cards hold a fixed text, not the name of a module."""
    moved = type("MLP", (MLP,), {"__module__": "dprior_lite.nets.perceptron"})
    monkeypatch.delitem(nets._ARCHITECTURES, "mlp.MLP")
    nets.architecture("mlp.MLP")(moved)
    assert type(load("good")) is moved
    with pytest.raises(ValueError, match="Two architectures are called mlp.MLP"):
        nets.architecture("mlp.MLP")(type("Other", (MLP,), {}))
    monkeypatch.setitem(nets._ARCHITECTURES, "mlp.MLP", MLP)
    known = {card["recipe"]["net"] for card in weights()} | {recipe.net for recipe in all_recipes().values()}
    assert known <= set(nets.architectures())


def test_a_network_is_built_with_the_same_draws_as_ever() -> None:
    """Building it without memory first draws nothing from the generator."""
    recipe = find("photos-tiny")
    torch.manual_seed(7)
    expected = nets.architectures()[recipe.net](**recipe.net_args).state_dict()
    torch.manual_seed(7)
    found = recipe.build().state_dict()
    assert all(torch.equal(found[key], value) for key, value in expected.items())


@pytest.mark.parametrize("name", ["../outside/x", "/abs/x", "a/b", "", ".", "..", "a\0b", "x\n", None, 3, b"x", ["x"]])
def test_a_name_is_a_name(name: object) -> None:
    with pytest.raises(store.WeightError, match="cannot be the name of a weight.*ends in .safetensors"):
        load(name)


def test_nothing_is_loaded_from_outside_by_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = folder / "inner"
    inner.mkdir()
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(inner))
    for name in ("../good", str(folder / "good")):
        with pytest.raises(store.WeightError, match="cannot be the name"):
            load(name)
    assert load(folder / "good.safetensors") and load(str(folder / "good.safetensors")), "a path is allowed"
    with pytest.raises(store.WeightError, match="There is no file"):
        load(inner / "good.safetensors")


def test_a_folder_in_the_environment_may_begin_with_the_home_folder(folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("DPRIOR_WEIGHTS", f"~/{folder.name}")
    assert store.own_folder() == folder and load("good")
    monkeypatch.setenv("DPRIOR_DATA", "~/pictures")
    assert cache_folder() == folder.parent / "pictures"
    for nothing in ("", "  "):
        monkeypatch.setenv("DPRIOR_WEIGHTS", nothing)
        assert store.own_folder().name == "weights" and store.own_folder() != folder
    monkeypatch.setenv("DPRIOR_WEIGHTS", "~no-such-person/x")
    with pytest.raises(ValueError, match="no such home folder"):
        store.own_folder()


@pytest.mark.parametrize("ambient", ["dtype", "device"])
def test_the_ambient_dtype_and_device_do_not_matter(ambient: str) -> None:
    """A loaded network and the bundled pictures are float32 on the CPU."""
    expected, picture = load("photos-tiny").state_dict(), photos("tune", size=64)
    before = torch.get_default_dtype()
    if ambient == "dtype":
        torch.set_default_dtype(torch.float64)
    else:
        torch.set_default_device("meta")  # stands for a GPU: what lands there has no values
    try:
        found, again = load("photos-tiny").state_dict(), photos("tune", size=64)
        patches = Patches([again], 8).draw(2, torch.Generator().manual_seed(0))
    finally:
        torch.set_default_dtype(before)
        torch.set_default_device(None)
    assert all(torch.equal(found[key], value) and value.dtype == torch.float32 for key, value in expected.items())
    assert torch.equal(again, picture) and again.dtype == torch.float32
    assert torch.equal(patches, Patches([picture], 8).draw(2, torch.Generator().manual_seed(0)))
    assert patches.dtype == torch.float32


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "mps", "meta", 1.5])
def test_a_device_that_is_not_there(device: object) -> None:
    with pytest.raises(ValueError, match="cpu"):
        load("photos-tiny", device=device)


def test_the_former_names_still_work() -> None:
    assert store.widened is store.to_float32


SHIPPED = sorted(path.stem for path in store.SHIPPED.glob("*.safetensors"))


def test_what_must_ship() -> None:
    assert {"photos-unet", "photos-tiny", "digits-unet"} <= set(SHIPPED)
    assert sum(path.stat().st_size for path in store.SHIPPED.glob("*.safetensors")) <= 20e6


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_weights(name: str) -> None:
    """Each loads; a blind one is homogeneous if it has no biases; a denoiser gains what its card says."""
    net, card = load(name), store.read_card(store.SHIPPED / f"{name}.json")
    assert sum(p.numel() for p in net.parameters()) == card["parameters"]
    if find(name).denoiser == "miyasawa.blind" and card["psnr"]["out"]:
        _homogeneous_without_bias(net, card)
    _as_good_as_its_card(name, net, card)


def _homogeneous_without_bias(net: torch.nn.Module, card: dict) -> None:
    y = torch.rand(1, card["recipe"]["net_args"].get("channels", 1), 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        base = net(y)
        worst = max(float((net(a * y) - a * base).norm() / (a * base).norm()) for a in (1e-3, 1e-1, 10.0, 1e3))
    biased = any(name.endswith("bias") for name, _ in net.named_parameters())
    assert biased == bool(card["recipe"]["net_args"].get("bias") or card["recipe"]["net"].startswith("modulated."))
    assert worst > 1e-1 if biased else worst < 1e-4


def _as_good_as_its_card(name: str, net: torch.nn.Module, card: dict) -> None:
    try:
        x = held_out(find(name))
    except DataAbsent as error:
        pytest.skip(str(error)[:80])
    if x is None:
        assert card["psnr"]["out"] == []
        return
    sigma, given, out = (card["psnr"][key][1] for key in ("sigma_255", "in", "out"))
    assert weight_card.psnr_table(find(name).function("denoiser")(net), x, [sigma])[0] == pytest.approx(
        (sigma, given, out), abs=0.01
    )
    # at sigma 10 there is less to gain than at 25; networks that remember a few pictures gain little on others
    few = [f"portraits-{size}-{half}" for size in (1, 10) for half in "ab"]
    assert out > given + 2 or name in ("digits-100", "digits-energy-a50", "digits-energy-b50", *few)
