"""Data: the split, the gate for clean pictures, patches, the cache and what it says when something is missing."""

from __future__ import annotations

import gzip
import os
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.io import imsave

from dprior_lite import data
from dprior_lite.data import generated, patches, photographs, registry
from dprior_lite.used import used


def test_the_split_is_disjoint_and_has_four_test_pictures() -> None:
    digests = [digest for *_, digest in photographs.PHOTOGRAPHS]
    assert len(set(digests)) == len(digests)
    assert sum(part == "test" for part, *_ in photographs.PHOTOGRAPHS) >= 4
    assert len({part for part, _, name, _ in photographs.PHOTOGRAPHS if name.startswith("motorcycle")}) == 1


def thumbnails(pictures: list[torch.Tensor]) -> torch.Tensor:
    """Mean-removed, normalised 16x16 thumbnails and their mirror images (N, 256)."""
    small = torch.cat([torch.nn.functional.adaptive_avg_pool2d(p, 16) for p in pictures])
    flat = torch.cat([small, small.flip(-1)]).flatten(1)
    return torch.nn.functional.normalize(flat - flat.mean(1, keepdim=True))


@pytest.mark.parametrize("name", ["set12", "bsd68", "photos"])
def test_no_training_picture_is_a_test_picture(name: str) -> None:
    try:
        held_out = data.photos("test") if name == "photos" else data.picture_set(name)
    except data.DataAbsent as error:
        pytest.skip(str(error)[:80])
    train = data.photos("train")
    assert float((thumbnails(train) @ thumbnails(held_out).T).max()) < 0.9
    assert float((thumbnails(held_out[:1]) @ thumbnails(held_out).T).max()) > 0.99, "the same picture must be found"


def test_photos_are_pictures() -> None:
    for split in photographs.SPLITS:
        for x in data.photos(split):
            assert x.dtype == torch.float32 and x.shape[:2] == (1, 1) and 0 <= float(x.min()) and float(x.max()) <= 1
    assert data.photos("test", size=64).shape[1:] == (1, 64, 64)
    assert torch.equal(data.photos("test", size=64)[0], data.photos("test")[0][0, :, :64, :64])
    assert used("data")["photos"] == registry.SOURCES["photos"].version


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: data.photos("valid"), "expected one of train, tune, test"),
        (lambda: data.photos("test", size=0), "1 to 300 pixels"),
        (lambda: data.mnist("dev"), "expected train or test"),
        (lambda: data.Patches([torch.zeros(1, 1, 8, 8)], 9), "at least one picture, and none smaller"),
        (lambda: data.tiles([torch.zeros(1, 1, 8, 8)], 9), "as large as 9 x 9"),
    ],
)
def test_wrong_arguments(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def deviation(x: torch.Tensor) -> torch.Tensor:
    return x.std((1, 2, 3), correction=0)


@pytest.mark.parametrize("contrast", [0.02, 0.2, 0.5])
def test_equal_contrast_keeps_the_mean_and_reaches_the_deviation(contrast: float) -> None:
    x = (
        torch.rand(6, 2, 9, 7, generator=torch.Generator().manual_seed(0))
        * torch.linspace(0.1, 1, 6)[:, None, None, None]
    )
    y = patches.equal_contrast(x, contrast)
    assert torch.allclose(y.mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-6)
    assert torch.allclose(deviation(y), torch.full((6,), contrast), rtol=1e-4)
    assert float((deviation(x) / contrast - 1).abs().min()) > 1e-2
    assert float((y - x).abs().amax((1, 2, 3)).min()) > 1e-3, "it does something"
    ratio = (y - y.mean((1, 2, 3), keepdim=True)) / (x - x.mean((1, 2, 3), keepdim=True))
    assert torch.allclose(ratio.flatten(1).median(1).values, contrast / deviation(x), rtol=1e-3), "about the mean"


def test_equal_contrast_does_not_blow_up_flat_pictures() -> None:
    """Below one grey level, or a floor of one's own, the deviation counts as that; so a flat picture stays flat."""
    flat = torch.full((1, 1, 8, 8), 0.3)
    assert torch.allclose(patches.equal_contrast(flat, 0.2), flat)
    faint = flat + 0.5 / 255 * torch.tensor([1.0, -1.0]).repeat(32).reshape(1, 1, 8, 8)
    assert float(deviation(patches.equal_contrast(faint, 0.2))) == pytest.approx(0.1, rel=1e-3)
    assert float(deviation(patches.equal_contrast(faint, 0.2, floor=1e-4))) == pytest.approx(0.2, rel=1e-3)
    assert not torch.allclose(patches.equal_contrast(flat, 0.2, floor=0.0), flat, atol=0.05), (
        "without a floor rounding is blown up"
    )


def test_patches_of_one_contrast_lie_where_the_others_do() -> None:
    pictures = [torch.rand(1, 1, 20, 24, generator=torch.Generator().manual_seed(0)), torch.full((1, 1, 16, 16), 0.5)]
    default, plain, equal = (
        data.Patches(pictures, 8, **options).draw(200, torch.Generator().manual_seed(1))
        for options in ({}, {"contrast": 0.0}, {"contrast": 0.1})
    )
    assert torch.equal(default, plain) and torch.equal(equal, patches.equal_contrast(plain, 0.1))
    flat = deviation(plain) < 1e-4
    assert 0 < int(flat.sum()) < 200 and torch.allclose(equal[flat], plain[flat]) and bool(equal.isfinite().all())
    assert torch.allclose(deviation(equal[~flat]), torch.tensor(0.1), rtol=1e-4)
    assert float((deviation(plain[~flat]) - 0.1).abs().min()) > 0.01, "as they are, none has that contrast"


@pytest.mark.parametrize(
    "x, error, says",
    [
        (np.zeros((1, 1, 4, 4)), TypeError, "expected a torch tensor"),
        (torch.zeros(1, 1, 4, 4, dtype=torch.uint8), TypeError, r"float\(\) / 255"),
        (torch.zeros(4, 4), ValueError, r"x\[None, None\]"),
        (torch.zeros(0, 1, 4, 4), ValueError, "empty"),
        (torch.full((1, 1, 4, 4), float("nan")), ValueError, "16 values that are NaN"),
        (torch.full((1, 1, 4, 4), 200.0), ValueError, "0..255: divide by 255"),
        (torch.linspace(-1, 1, 16).reshape(1, 1, 4, 4), ValueError, r"use \(x \+ 1\) / 2"),
    ],
)
def test_the_gate_for_clean_pictures(x, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        data.check_pictures(x)


def test_patches_cover_every_place_and_turn() -> None:
    pictures = [torch.arange(30.0).reshape(1, 1, 5, 6) / 255, torch.arange(100, 112.0).reshape(1, 1, 3, 4) / 255]
    drawn = data.Patches(pictures, 3).draw(3000, torch.Generator().manual_seed(0))
    values = (drawn * 255).round().int()
    assert set(values.unique().tolist()) == {*range(30), *range(100, 112)}
    plain = data.Patches(pictures, 3, turn=False)
    windows = {
        tuple((p[0, 0, i : i + 3, j : j + 3] * 255).round().int().flatten().tolist())
        for p in pictures
        for i in range(p.shape[2] - 2)
        for j in range(p.shape[3] - 2)
    }
    seen = {
        tuple(v.flatten().tolist()) for v in (plain.draw(3000, torch.Generator().manual_seed(1)) * 255).round().int()
    }
    assert seen == windows
    turned = {tuple(v.flatten().tolist()) for v in values}
    assert len(turned) == 8 * len(windows)


def test_patches_depend_on_the_generator_alone() -> None:
    drawn = data.Patches([torch.rand(1, 1, 20, 20)], 8)
    a, b, c = (drawn.draw(4, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_a_persons_folder(tmp_path: Path) -> None:
    for name, array in {"b.png": np.full((9, 8), 255, np.uint8), "a.png": np.full((5, 6), 65535, np.uint16)}.items():
        imsave(tmp_path / name, array, check_contrast=False)
    first, second = data.folder(tmp_path)
    assert first.shape == (1, 1, 5, 6) and second.shape == (1, 1, 9, 8) and torch.allclose(first, torch.ones(()))
    assert data.folder(tmp_path, gray=False)[1].shape == (1, 3, 9, 8) and data.folder(tmp_path, size=5).shape == (
        2,
        1,
        5,
        5,
    )
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="c.jpg cannot be read"):
        data.folder(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no png"):
        data.folder(tmp_path / "empty")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache and no network."""
    monkeypatch.setenv("DPRIOR_DATA", str(tmp_path))

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr("pooch.retrieve", refuse)
    return tmp_path


def test_absent_and_offline_says_what_to_put_where(offline: Path) -> None:
    with pytest.raises(data.DataAbsent, match=r"never tried.*Put the 12 files 01.png ... 12.png there") as caught:
        data.picture_set("set12")
    assert str(offline / "set12") in str(caught.value)
    with pytest.raises(data.DataAbsent, match="t10k-labels"):
        data.mnist("test")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("DPRIOR_DATA", str(tmp_path))
    with pytest.raises(data.DataAbsent, match="could not be fetched"):
        data.picture_set("set12")


def test_a_full_disk_is_told(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pooch.retrieve", full)
    with pytest.raises(data.DataAbsent, match="OSError"):
        data.picture_set("set12")


def test_a_web_page_in_place_of_a_picture_is_told(offline: Path) -> None:
    (offline / "set12").mkdir()
    for k in range(1, 13):
        (offline / "set12" / f"{k:02d}.png").write_text("<html>404</html>")
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        data.picture_set("set12")


@pytest.mark.parametrize(
    "array, suffix", [(np.zeros((5, 40, 50), np.uint8), "tif"), (np.zeros((6, 6, 2), np.uint8), "png")]
)
def test_stacks_are_refused_and_transparency_is_not_a_channel(tmp_path: Path, array: np.ndarray, suffix: str) -> None:
    imsave(tmp_path / f"a.{suffix}", array, check_contrast=False)
    if suffix == "tif":
        with pytest.raises(ValueError, match="not a stack"):
            data.folder(tmp_path)
    else:
        assert data.folder(tmp_path)[0].shape == (1, 1, 6, 6)


def test_other_pixels_are_refused(offline: Path) -> None:
    (offline / "set12").mkdir()
    for k in range(1, 13):
        imsave(offline / "set12" / f"{k:02d}.png", np.full((8, 8), k, np.uint8), check_contrast=False)
    with pytest.raises(ValueError, match="decodes to other pixels"):
        data.picture_set("set12")


def cut_stream(k: int) -> bytes:
    """A gzip file with one wrong byte in its compressed stream."""
    content = bytearray(gzip.compress(bytes(range(256)) * 400))
    content[k] ^= 0xFF
    return bytes(content)


def test_a_damaged_stream_gets_the_sentence_of_a_cut_file(offline: Path) -> None:
    """`zlib.error` is no `OSError`."""
    with pytest.raises(zlib.error):
        gzip.decompress(cut_stream(10))
    (offline / "mnist").mkdir()
    for k in (10, 40, 200):
        for name in registry.MNIST_FILES:
            (offline / "mnist" / name).write_bytes(cut_stream(k))
        with pytest.raises(ValueError, match="is no complete gzip file .*: delete it and fetch it again"):
            data.mnist("test")


def test_a_download_is_written_as_a_whole(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It arrives elsewhere; what stands in the cache is whole, and nothing else is there."""

    def arrive(address: str, *, fname: str, path: Path, **options: object) -> str:
        assert offline not in Path(path).parents
        (Path(path) / fname).write_bytes(b"half")
        if address.endswith("02.png"):
            raise ConnectionError
        return str(Path(path) / fname)

    monkeypatch.setattr("pooch.retrieve", arrive)
    with pytest.raises(data.DataAbsent):
        registry.fetch(replace(registry.SOURCES["set12"], files=("01.png", "02.png")))
    assert [f.name for f in (offline / "set12").iterdir()] == ["01.png"]


def test_sets_that_are_no_pictures() -> None:
    with pytest.raises(ValueError, match="'mnist' is no set of picture files; those are bsd400, bsd68, .*set12"):
        data.picture_set("mnist")
    with pytest.raises(KeyError, match="There is no data set"):
        data.picture_set(["set12"])


def test_damaged_mnist_is_refused(offline: Path) -> None:
    (offline / "mnist").mkdir()
    for name in registry.MNIST_FILES:
        (offline / "mnist" / name).write_bytes(gzip.compress(b"\0\0\x08\x01" + bytes(8)))
    with pytest.raises(ValueError, match="not the official MNIST file"):
        data.mnist("test")
    (offline / "mnist" / registry.MNIST_FILES[2]).write_bytes(b"\x1f\x8b cut")
    with pytest.raises(ValueError, match="no complete gzip file"):
        data.mnist("test")


def test_mnist_where_present() -> None:
    try:
        x, labels = data.mnist("test")
    except data.DataAbsent as error:
        pytest.skip(str(error)[:80])
    assert x.shape == (10_000, 1, 28, 28) and float(x.max()) == 1 and labels[:3].tolist() == [7, 2, 1]


def test_every_set_that_a_program_draws_is_registered() -> None:
    assert set(generated.SETS) == set(registry.DRAWN) <= set(registry.SOURCES)
