"""Weights: one clear error for each way in which a file can be wrong; what ships is what its card says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dprior_lite import load, store, weights
from dprior_lite.data import DataAbsent
from dprior_lite.training import find, fit, weight_card
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
    assert worst > 1e-1 if card["recipe"]["net_args"].get("bias") else worst < 1e-4


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
    # at sigma 10 there is less to gain than at 25; networks that remember a few digits gain little on others
    assert out > given + 2 or name in ("digits-100", "digits-energy-a50", "digits-energy-b50")
