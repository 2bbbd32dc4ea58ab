"""The command that compares the authors' checkpoints with their table: right, wrong, damaged and absent files."""

from __future__ import annotations

import argparse
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from dprior_lite.__main__ import main
from dprior_lite.course.lab import published as reproduce
from dprior_lite.data import DataAbsent

NAME = "rcnn/bias_free/0-100"


def checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Write a recurrent CNN of two convolutions in the authors' format and return its tensors."""
    torch.manual_seed(0)
    tensors = OrderedDict(
        {"cnn.first_layer.weight": 0.2 * torch.rand(3, 2, 3, 3), "cnn.last_layer.weight": 0.1 * torch.rand(1, 3, 3, 3)}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {"step": 1, "model": [tensors], "args": argparse.Namespace(min_noise=0)},
        path,
        _use_new_zipfile_serialization=False,
    )
    return tensors


def by_hand(tensors: dict[str, torch.Tensor], pictures: list[torch.Tensor], sigma: float) -> float:
    """The mean PSNR, written once more."""
    values = []
    for k, x in enumerate(pictures):
        y = x + sigma / 255 * torch.randn(x.shape, generator=torch.Generator().manual_seed(k))
        x_hat = y
        for _ in range(4):
            hidden = F.conv2d(torch.cat([y, x_hat], dim=1), tensors["cnn.first_layer.weight"], padding=1).relu()
            x_hat = F.conv2d(hidden, tensors["cnn.last_layer.weight"], padding=1)
        values.append(-10 * (x_hat.clip(0, 1) - x).square().mean().log10())
    return float(sum(values) / len(values))


def noisy_by_hand(pictures: list[torch.Tensor], sigma: float) -> float:
    y = [
        x + sigma / 255 * torch.randn(x.shape, generator=torch.Generator().manual_seed(k))
        for k, x in enumerate(pictures)
    ]
    return float(sum(-10 * (a.clip(0, 1) - x).square().mean().log10() for a, x in zip(y, pictures)) / len(pictures))


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one checkpoint, three small pictures for BSD68, and a table that is right at sigma 30 and 50."""
    torch.manual_seed(1)
    pictures = [torch.rand(1, 1, *size) for size in ((9, 12), (12, 9), (8, 8))]
    tensors = checkpoint(tmp_path / "pretrained" / f"{NAME}.pt")
    row, noise = [0.0] * 10, [0.0] * 10
    for sigma in (30, 50):
        row[sigma // 10 - 1], noise[sigma // 10 - 1] = by_hand(tensors, pictures, sigma), noisy_by_hand(pictures, sigma)
    monkeypatch.setattr("dprior_lite.cli.published.picture_set", lambda name: pictures if name == "bsd68" else None)
    monkeypatch.setitem(reproduce.PUBLISHED, NAME, tuple(row))
    monkeypatch.setitem(reproduce.PUBLISHED, reproduce.NOISY, tuple(noise))
    return tmp_path


def measured(*args: object) -> int:
    return main(["published", *map(str, args), "--device", "cpu"])


def test_a_table_that_is_right(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(clone, "--sigmas", 30, 50) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if line.startswith(NAME)]
    assert [row[1] for row in rows] == ["30", "50"] and all(
        row[2] == row[3] and abs(float(row[4])) < 0.01 for row in rows
    )
    assert out.splitlines()[-1].startswith("4 numbers agree to 0.1 dB") and "absent: dncnn/bias/0-10, " in out


@pytest.mark.parametrize("name", [NAME, reproduce.NOISY])
@pytest.mark.parametrize("shift, status", [(0.09, 0), (0.11, 1), (-0.11, 1)])
def test_a_wrong_number_makes_the_status_1(
    name: str,
    shift: float,
    status: int,
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(reproduce.PUBLISHED, name, tuple(value + shift for value in reproduce.PUBLISHED[name]))
    assert measured(clone, "--sigmas", 30) == status
    assert ("1 of 2 numbers differ" in capsys.readouterr().out) == bool(status)


def test_with_fewer_pictures_nothing_is_judged(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(reproduce.PUBLISHED, NAME, (0.0,) * 10)
    assert measured(clone, "--pictures", 2) == 0
    assert "2 of 3 pictures: the table is only indicative" in capsys.readouterr().out
    assert measured(clone, "--pictures", 3) == 1
    assert measured(clone, "--pictures", 0) == 1 and "at least 1" in capsys.readouterr().err


def test_a_damaged_file_does_not_stop_the_others(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = clone / "pretrained" / "dncnn/bias/0-10.pt"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes((clone / "pretrained" / f"{NAME}.pt").read_bytes()[:300])
    assert measured(clone, "--sigmas", 30) == 1
    out = capsys.readouterr().out
    assert "dncnn/bias/0-10           not measured: " in out and "2 numbers agree" in out and f"\n{NAME} " in out
    assert measured(clone, "--sigmas", 30, "--net", "rcnn", "unet") == 0


def test_the_folder_from_the_environment_and_pretrained_itself(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPRIOR_PUBLISHED", str(clone))
    assert measured("--sigmas", 50) == 0 and measured(clone / "pretrained", "--sigmas", 50) == 0


def test_progress_is_for_a_terminal_only(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(clone, "--sigmas", 30) == 0 and "picture" not in capsys.readouterr().out.replace(
        "noisy pictures", ""
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert measured(clone, "--sigmas", 30) == 0
    lines = capsys.readouterr().out.split("\n")
    shown = next(line for line in lines if "picture 3/3" in line and NAME in line).split("\r")
    assert len(shown) == 4 and {len(part) for part in shown} == {64}


def test_absent_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DPRIOR_PUBLISHED", str(tmp_path / "none"))
    assert measured() == 1
    said = capsys.readouterr()
    assert said.out == "" and "bias_free_denoising, MIT licence" in said.err
    assert str(tmp_path / "none/pretrained/dncnn/bias/0-10.pt") in said.err
    monkeypatch.delenv("DPRIOR_PUBLISHED")
    assert reproduce.published_folder().parts[-2:] == ("published", "bias_free_denoising")


def test_absent_pictures(clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def absent(name: str) -> None:
        raise DataAbsent(f"The set {name!r} is absent")

    monkeypatch.setattr("dprior_lite.cli.published.picture_set", absent)
    assert measured(clone) == 1 and "'bsd68' is absent" in capsys.readouterr().err


def test_the_table_is_whole() -> None:
    assert len(reproduce.PUBLISHED) == 27 and all(
        len(row) == len(reproduce.SIGMAS) == 10 for row in reproduce.PUBLISHED.values()
    )
    assert {name.split("/")[0] for name in reproduce.PUBLISHED} == {*reproduce.NETS, reproduce.NOISY}
    # more noise, lower PSNR; and biased networks trained on 0 to 10 hardly improve on their input at 100
    assert all(list(row) == sorted(row, reverse=True) for row in reproduce.PUBLISHED.values())
    assert all(
        reproduce.PUBLISHED[f"{net}/bias/0-10"][-1] - reproduce.PUBLISHED[reproduce.NOISY][-1] < 0.6
        for net in reproduce.NETS
    )


@pytest.mark.parametrize("wrong", [["--sigmas", "15"], ["--net", "dncn"]])
def test_unknown_choices(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        measured(*wrong)
    assert "invalid choice" in capsys.readouterr().err
