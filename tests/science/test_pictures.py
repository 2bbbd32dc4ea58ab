"""Picture files: what is decoded is what a person sees, or the file is refused; a value never wraps around."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.io import imread

from dprior_lite import data
from dprior_lite.gates.pictures import decode

tifffile = pytest.importorskip("tifffile")


def only(folder: Path, **options: object) -> torch.Tensor:
    """The one picture of a folder, in colour unless asked otherwise."""
    (x,) = data.folder(folder, **({"gray": False} | options))
    return x


def colours(folder: Path) -> list[float]:
    """Mean of each channel, two digits."""
    return [round(float(v), 2) for v in only(folder).mean((0, 2, 3))]


@pytest.fixture(autouse=True)
def warnings_fail() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def upright() -> np.ndarray:
    """A picture (40, 60, 3) whose left upper corner is white and whose right half is brighter."""
    a = np.full((40, 60, 3), 60, np.uint8)
    a[:, 30:] = 120
    a[:10, :10] = 255
    return a


# how an upright picture is turned before it is stored with each EXIF orientation
TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_picture_is_upright(tmp_path: Path, orientation: int, suffix: str) -> None:
    image = Image.fromarray(np.ascontiguousarray(TURNED[orientation](upright())))
    exif = image.getexif()
    exif[274] = orientation
    image.save(tmp_path / f"a.{suffix}", exif=exif, **({"quality": 95} if suffix in ("jpg", "webp") else {}))
    found = only(tmp_path)[0].movedim(0, -1).numpy() * 255
    assert found.shape == (40, 60, 3) and float(np.abs(found - upright()).mean()) < 4


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (16, 16), (200, 40, 20)).convert("CMYK").save(tmp_path / f"a.{suffix}")
    assert colours(tmp_path) == [0.78, 0.16, 0.08]


@pytest.mark.parametrize("suffix", ["tif", "png", "bmp"])
def test_a_palette_is_its_colours(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (16, 16), (200, 40, 20)).quantize(4).save(tmp_path / f"a.{suffix}")
    assert colours(tmp_path) == [0.78, 0.16, 0.08]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero(tmp_path: Path, dtype: type) -> None:
    """The largest value is shown black."""
    ramp = np.linspace(0, np.iinfo(dtype).max, 64).reshape(8, 8).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", np.iinfo(dtype).max - ramp, photometric="miniswhite")
    expected = torch.linspace(0, 1, 64).reshape(8, 8)
    assert torch.allclose(only(tmp_path, gray=True)[0, 0], expected, atol=2 / 255)


@pytest.mark.parametrize("suffix, order", [("png", "<"), ("tif", "<"), ("tif", ">")])
def test_sixteen_bits(tmp_path: Path, suffix: str, order: str) -> None:
    ramp = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    if suffix == "png":
        Image.fromarray(ramp).save(tmp_path / "a.png")
    else:
        tifffile.imwrite(tmp_path / "a.tif", ramp.astype(f"{order}u2"), byteorder=order, photometric="minisblack")
    assert torch.allclose(only(tmp_path, gray=True)[0, 0], torch.linspace(0, 1, 64).reshape(8, 8), atol=1e-4)


def test_twelve_bits_in_sixteen_are_told(tmp_path: Path) -> None:
    ramp = np.linspace(0, 4095, 64).reshape(8, 8).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", ramp, photometric="minisblack")
    with pytest.warns(UserWarning, match="a.tif has 16 bits and its largest value is 4095 of 65535.*multiply.* by 16"):
        assert float(only(tmp_path, gray=True).max()) == pytest.approx(4095 / 65535)


def test_colours_of_sixteen_bits(tmp_path: Path) -> None:
    """Upright values; twelve bits in them are told as well."""
    colour = np.full((8, 8, 3), (51200, 10240, 5120), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb")
    assert colours(tmp_path) == [0.78, 0.16, 0.08]
    tifffile.imwrite(tmp_path / "a.tif", colour // 16, photometric="rgb")
    with pytest.warns(UserWarning, match="a.tif has 16 bits and its largest value is 3"):
        data.folder(tmp_path)


def test_a_file_that_says_it_has_twelve_bits(tmp_path: Path) -> None:
    """Then white is 4095, and nothing is to be warned of."""
    image = np.full((8, 8), 2048)
    triples = ((a >> 4, (a & 15) << 4 | b >> 8, b & 255) for a, b in image.reshape(-1, 2).tolist())
    packed = bytes(byte for triple in triples for byte in triple)
    entries = [(256, 3, 8), (257, 3, 8), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 200), (277, 3, 1)]
    entries.append((278, 3, 8))
    entries.append((279, 4, len(packed)))
    header = b"II*\0" + (8).to_bytes(4, "little") + len(entries).to_bytes(2, "little")
    for tag, kind, value in entries:
        header += b"".join(v.to_bytes(n, "little") for v, n in ((tag, 2), (kind, 2), (1, 4), (value, 4)))
    (tmp_path / "a.tif").write_bytes((header + bytes(4)).ljust(200, b"\0") + packed)
    assert float(only(tmp_path, gray=True).mean()) == pytest.approx(2048 / 4095, abs=1e-4)


def test_one_bit_and_float(tmp_path: Path) -> None:
    Image.fromarray(np.eye(8, dtype=bool)).save(tmp_path / "a.png")
    assert torch.equal(only(tmp_path, gray=True)[0, 0], torch.eye(8))
    (tmp_path / "a.png").unlink()
    Image.fromarray(np.full((8, 8), 0.25, np.float32)).save(tmp_path / "a.tif")
    assert torch.equal(only(tmp_path, gray=True)[0, 0], torch.full((8, 8), 0.25))
    for wrong, says in ((np.full((8, 8), 100.0), "0..255"), (np.full((8, 8), np.nan), "NaN")):
        Image.fromarray(wrong.astype(np.float32)).save(tmp_path / "a.tif")
        with pytest.raises(ValueError, match=f"a.tif .*{says}"):
            data.folder(tmp_path)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "tRNS"])
def test_what_is_transparent_is_white(tmp_path: Path, mode: str) -> None:
    """Hidden colours are not seen; half a colour is half seen."""
    if mode == "tRNS":  # one colour of a picture without alpha is declared transparent
        Image.new("RGB", (8, 8), (10, 20, 30)).save(tmp_path / "a.png", transparency=(10, 20, 30))
        assert colours(tmp_path) == [1.0, 1.0, 1.0]
        return
    if mode == "P":
        image = Image.new("P", (8, 8), 1)
        image.putpalette([0, 0, 0, 200, 40, 20])
        image.save(tmp_path / "a.png", transparency=bytes([255, 0]))
        assert colours(tmp_path) == [1.0, 1.0, 1.0]
        return
    fill = (0, 0, 0) if mode == "RGBA" else (0,)
    for alpha, seen in ((0, 1.0), (255, 0.0), (51, 0.8)):
        Image.new(mode, (8, 8), (*fill, alpha)).save(tmp_path / "a.png")
        assert colours(tmp_path) == [seen] * 3
    assert only(tmp_path, gray=True).shape == (1, 1, 8, 8)


def test_several_pictures_in_one_file_are_refused(tmp_path: Path) -> None:
    pages = [Image.new("L", (8, 8), k) for k in (10, 20, 30)]
    for name in ("a.tif", "a.webp", "a.png"):
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
        with pytest.raises(ValueError, match=f"{name} holds 3 pictures; expected one, not a stack"):
            data.folder(tmp_path)
        (tmp_path / name).unlink()
    Image.new("L", (8, 8), 10).save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=pages[1:])
    assert only(tmp_path).shape == (1, 3, 8, 8), "a phone's file counts as its first picture"


def test_32_bit_numbers_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 70000, np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="a.tif holds 32-bit whole numbers"):
        data.folder(tmp_path)


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    """A named pipe would be waited for without an end, a device as well."""
    Image.new("L", (8, 8), 10).save(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "._a.png").write_bytes(b"of another system")
    with pytest.warns(UserWarning) as caught:
        assert len(data.folder(tmp_path)) == 1
    (said,) = caught
    assert str(said.message).startswith("5 files of ") and "pipe.png (no ordinary file)" in str(said.message)
    assert said.filename == __file__ and "\n" not in str(said.message)


def test_a_small_file_of_many_pixels_is_refused_at_once(tmp_path: Path) -> None:
    Image.new("L", (20000, 20000)).save(tmp_path / "a.tif", compression="tiff_deflate")
    assert (tmp_path / "a.tif").stat().st_size < 1e6
    with pytest.raises(ValueError, match="a.tif has 20000 x 20000 pixels, more than 50,000,000.*larger pixels="):
        data.folder(tmp_path)
    Image.new("L", (300, 200)).save(tmp_path / "a.tif")
    with pytest.raises(ValueError, match="more than 59,999"):
        data.folder(tmp_path, pixels=59_999)
    assert only(tmp_path, pixels=60_000).shape[-2:] == (200, 300), "the limit can be raised"


def test_pictures_that_are_too_small_are_counted(tmp_path: Path) -> None:
    for name, side in (("a", 64), ("b", 30), ("c", 63), ("d", 70)):
        Image.new("L", (80, side), 10).save(tmp_path / f"{name}.png")
    with pytest.warns(UserWarning, match="2 files .* are smaller than 64 pixels and were left out: b.png, c.png"):
        assert len(data.folder(tmp_path, size=64)) == 2
    with pytest.raises(ValueError, match="No picture is as large as 100 x 100"):
        data.folder(tmp_path, size=100)


@pytest.mark.parametrize("size", [0, -1, 1.5, "64", True])
def test_a_size_that_is_none(tmp_path: Path, size: object) -> None:
    Image.new("L", (8, 8), 10).save(tmp_path / "a.png")
    says = f"size is {size!r}; expected a whole number of pixels, at least 1"
    for act in (
        lambda: data.folder(tmp_path, size=size),
        lambda: data.tiles([torch.zeros(1, 1, 8, 8)], size),
        lambda: data.Patches([torch.zeros(1, 1, 8, 8)], size),
    ):
        with pytest.raises(ValueError) as caught:
            act()
        assert says in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"version https://git-lfs.github.com/spec/v1\n", b"\x89PNG\r\n\x1a\n", None]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        Image.fromarray(upright()).save(tmp_path / "a.png")
        content = (tmp_path / "a.png").read_bytes()[:-100]
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match="a.png cannot be read as a picture") as caught:
        data.folder(tmp_path)
    assert "\n" not in str(caught.value)


def test_plain_files_are_read_as_before(tmp_path: Path) -> None:
    """Eight bits, gray or colour: the values of the file."""
    noise = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    for name, array in (("a.png", noise), ("b.png", noise[..., 0]), ("c.bmp", noise)):
        Image.fromarray(array).save(tmp_path / name)
        assert np.array_equal(decode(tmp_path / name), array) and np.array_equal(imread(tmp_path / name), array)


@pytest.mark.parametrize("value, stored", [(1.1, 1.0), (-0.02, 0.0), (0.5, 128 / 255), (1.0, 1.0), (1.4999, 1.0)])
def test_patches_never_wrap_around(value: float, stored: float) -> None:
    """What the gate lets pass is clipped to [0, 1]."""
    patches = data.Patches([torch.full((1, 1, 8, 8), value)], 4)
    drawn = patches.draw(3, torch.Generator().manual_seed(0))
    assert torch.allclose(drawn, torch.full_like(drawn, stored))


@pytest.mark.parametrize(
    "value, says",
    [(200.0, "divide by 255"), (-0.9, "Rescale|-1..1"), (float("nan"), "NaN"), (float("inf"), "infinite")],
)
def test_patches_refuse_what_is_no_picture(value: float, says: str) -> None:
    with pytest.raises(ValueError, match=rf"pictures\[1\].*({says})"):
        data.Patches([torch.zeros(1, 1, 8, 8), torch.full((1, 1, 8, 8), value)], 4)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_patches_of_other_precisions(dtype: torch.dtype) -> None:
    x = torch.rand(1, 1, 9, 9, generator=torch.Generator().manual_seed(0)).requires_grad_()
    first, second = (data.Patches([v], 4).draw(5, torch.Generator().manual_seed(1)) for v in (x, x.detach().to(dtype)))
    assert second.dtype == torch.float32 and float((first - second).abs().max()) <= 1.5 / 255


@pytest.mark.parametrize("generator", [None, 0, "0"])
def test_patches_need_a_generator(generator: object) -> None:
    patches = data.Patches([torch.zeros(1, 1, 8, 8)], 4)
    with pytest.raises(ValueError, match=r"generator is .*; expected torch.Generator\(\).manual_seed\(0\)"):
        patches.draw(2, generator)
    with pytest.raises(ValueError, match="n is 0"):
        patches.draw(0, torch.Generator())


@pytest.mark.parametrize("contrast", [float("nan"), -0.1, float("inf")])
def test_a_contrast_that_is_none(contrast: float) -> None:
    with pytest.raises(ValueError, match="expected a standard deviation"):
        data.Patches([torch.zeros(1, 1, 8, 8)], 4, contrast=contrast)


def test_gray_and_colour_do_not_mix() -> None:
    with pytest.raises(ValueError, match=r"have \[1, 3\] channels"):
        data.Patches([torch.zeros(1, 1, 8, 8), torch.zeros(1, 3, 8, 8)], 4)
