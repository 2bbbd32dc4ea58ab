"""Photographs: those in the wheels of scikit-image, PyWavelets and scikit-learn, and one's own folder.

The split is a table of file hashes. Left out: diagrams, text, medical and microscopy pictures, the synthetic phantom, a
blurred clock, and PyWavelets' copy of the cameraman (the same picture as scikit-image's). No training picture is in
Set12 or BSD68.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dprior_lite.data.registry import SOURCES, DataAbsent, check_digest, fetch, pixels_digest, record
from dprior_lite.gates.pictures import (
    PIXELS,
    check_pictures,
    decode,
    folder_path,
    picture_files,
    picture_list,
    side,
)

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, the gray of the Berkeley test pictures
SPLITS = ("train", "tune", "test")
TEXTURES = ("brick", "grass", "gravel")
_SKIMAGE, _SKLEARN, _PYWT = "skimage/data", "sklearn/datasets/images", "pywt/data"

# split, folder of the package, file, sha256 of the file
PHOTOGRAPHS = (
    ("train", _SKLEARN, "china.jpg", "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29"),
    ("train", _PYWT, "ascent.npz", "a6d56bc8e96571d6124f34cedeba49f1d3599507f6c890ad9ba538544454e8f7"),
    ("train", _PYWT, "aero.npz", "df862635798bac94226b8928f224da8cef8b0d00492c1fdf48fac6dfaf97a94b"),
    ("train", _SKIMAGE, "coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba"),
    ("train", _SKIMAGE, "motorcycle_left.png", "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179"),
    ("train", _SKIMAGE, "motorcycle_right.png", "5fc913ae870e42a4b662314bc904d1786bcad8e2f0b9b67dba5a229406357797"),
    ("train", _SKIMAGE, "brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"),
    ("train", _SKIMAGE, "grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"),
    ("train", _SKIMAGE, "gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"),
    ("train", _SKIMAGE, "hubble_deep_field.jpg", "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4"),
    ("tune", _SKIMAGE, "rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
    ("tune", _SKLEARN, "flower.jpg", "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638"),
    ("tune", _SKIMAGE, "moon.png", "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577"),
    ("test", _SKIMAGE, "astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    ("test", _SKIMAGE, "camera.png", "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a"),
    ("test", _SKIMAGE, "chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    ("test", _SKIMAGE, "coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
)


def photos(split: str, size: int | None = None, gray: bool = True) -> Tensor | list[Tensor]:
    """Return the bundled photographs of one split, in [0, 1].

    Parameters
    ----------
    split : {"train", "tune", "test"}
        Which pictures; the table of file hashes is literal.
    size : int, optional
        Cut every picture into tiles of this many pixels a side, left to right, top to bottom, without overlap.
    gray : bool
        True: one channel (BT.601 luma). False: three channels, and only the pictures that have colour.

    Returns
    -------
    Tensor or list of Tensor
        With `size` a stack (B, C, size, size), without it a list of (1, C, H, W); float32.

    Examples
    --------
    >>> [tuple(x.shape[-2:]) for x in photos("test")]
    [(512, 512), (512, 512), (300, 451), (400, 600)]
    >>> photos("test", size=128, gray=False).shape
    torch.Size([34, 3, 128, 128])
    """
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(f"photos has no split {split!r}; expected one of {', '.join(SPLITS)}.")
    if size is not None and not (isinstance(size, int | np.integer) and 1 <= size <= 300):
        raise ValueError(f"photos got size={size}; the smallest bundled picture allows 1 to 300 pixels.")
    record("photos")
    arrays = [_read_bundled(folder, name, digest) for part, folder, name, digest in PHOTOGRAPHS if part == split]
    pictures = [_as_picture(a, gray) for a in arrays if gray or a.ndim == 3]
    return pictures if size is None else tiles(pictures, size)


def texture(name: str) -> Tensor:
    """Return one of the bundled textures, brick, grass or gravel, (1, 1, 512, 512) in [0, 1].

    They are training pictures.

    Examples
    --------
    >>> texture("grass").shape
    torch.Size([1, 1, 512, 512])
    """
    if name not in TEXTURES:
        raise ValueError(f"There is no bundled texture {name!r}; expected one of {', '.join(TEXTURES)}.")
    record("photos")
    return _as_picture(_read_bundled(*next(row[1:] for row in PHOTOGRAPHS if row[2] == f"{name}.png")), gray=True)


def tiles(pictures: Iterable[Tensor] | Tensor, size: int) -> Tensor:
    """Cut pictures (N, C, H, W) into a stack of tiles (B, C, size, size) without overlap.

    What is left over at the right and below is dropped, and so are smaller pictures; if nothing is left, that is an
    error.

    Examples
    --------
    >>> tiles([torch.zeros(1, 1, 7, 9)], 4).shape
    torch.Size([2, 1, 4, 4])
    """
    size = side(size)
    cut = [
        x.unfold(2, size, size).unfold(3, size, size).permute(0, 2, 3, 1, 4, 5).flatten(0, 2)
        for x in picture_list(pictures)
        if min(x.shape[-2:]) >= size
    ]
    if not cut:
        raise ValueError(f"No picture is as large as {size} x {size} pixels.")
    return torch.cat(cut).contiguous()


def picture_set(name: str) -> list[Tensor]:
    """Return the gray pictures of the set "bsd400", "bsd68" or "set12", as (1, 1, H, W) in [0, 1].

    Raises
    ------
    DataAbsent
        If the files are neither in the cache nor to be fetched.
    ValueError
        If the decoded pixels are not those of the set.

    Examples
    --------
    >>> picture_set("set13")
    Traceback (most recent call last):
    KeyError: "There is no data set 'set13'; known are bsd400, bsd68, ..."
    """
    from skimage.io import imread

    source = record(name)
    if not source.digest:
        sets = ", ".join(sorted(s.name for s in SOURCES.values() if s.digest))
        raise ValueError(f"{name!r} is no set of picture files; those are {sets}.")
    try:
        arrays = [imread(path) for path in fetch(source)]
    except (OSError, SyntaxError) as error:
        if isinstance(error, DataAbsent):
            raise
        raise ValueError(
            f"A file of the set {name!r} cannot be read as a picture ({error}): delete it and fetch it again."
        ) from error
    check_digest(source, pixels_digest(arrays))
    return [_as_picture(a, gray=True) for a in arrays]


def folder(path: str | Path, size: int | None = None, gray: bool = True, pixels: int = PIXELS) -> Tensor | list[Tensor]:
    """Return a person's own pictures, all image files directly in a folder, by name, in [0, 1].

    They are as a viewer shows them: turned as a camera says, palettes and CMYK as colours, transparency on white. What
    is no ordinary file, and with `size` every picture that is smaller, is left out; one warning each counts them.

    Parameters
    ----------
    path : str or Path
        Folder with png, jpg, tif, bmp or webp files, 8 or 16 bits.
    size, gray
        As in `photos`; with `gray=False` a gray file is repeated in three channels.
    pixels : int
        The most pixels a picture may have: a small file can hold one that fills the memory.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no picture in it.
    ValueError
        If a file cannot be read, holds several pictures or has too many pixels, or if no picture is as large as
        `size`.

    Examples
    --------
    >>> folder("no/such/folder")
    Traceback (most recent call last):
    FileNotFoundError: 'no/such/folder' is no folder; expected one with png, jpg, tif, bmp or webp files.
    """
    size = size if size is None else side(size)
    place, pixels = folder_path(path), side(pixels, "pixels")
    if not place.is_dir():
        raise FileNotFoundError(f"{str(path)!r} is no folder; expected one with png, jpg, tif, bmp or webp files.")
    files, skipped = picture_files(place)
    if skipped:
        _count(f"of {str(path)!r} were passed over", skipped)
    if not files:
        raise FileNotFoundError(f"{str(path)!r} holds no png, jpg, tif, bmp or webp file.")
    pictures = [check_pictures(_as_picture(decode(file, pixels), gray), file.name) for file in files]
    if not gray:
        pictures = [x.expand(-1, 3, -1, -1).contiguous() for x in pictures]
    if size is None:
        return pictures
    small = [file.name for file, x in zip(files, pictures) if min(x.shape[-2:]) < size]
    if 0 < len(small) < len(files):
        _count(f"of {str(path)!r} are smaller than {size} pixels and were left out", small)
    return tiles(pictures, size)


def _count(what: str, names: Sequence[str]) -> None:
    """Warn in one line about files that are left out."""
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    warnings.warn(f"{len(names)} {'file' if len(names) == 1 else 'files'} {what}: {listed}.", stacklevel=3)


@cache
def _read_bundled(package_folder: str, name: str, digest: str) -> np.ndarray:
    """Return the decoded 8-bit picture of a wheel, after comparing the file with the table."""
    from skimage.io import imread

    package, _, rest = package_folder.partition("/")
    path = Path(find_spec(package).submodule_search_locations[0]) / rest / name
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
        raise ValueError(
            f"{name} of {package} is not the picture this course was written with: install the versions in"
            " requirements.txt."
        )
    return np.load(path)["data"] if path.suffix == ".npz" else imread(path)


def _as_picture(array: np.ndarray, gray: bool) -> Tensor:
    """Turn an 8- or 16-bit array (H, W), (H, W, 3) or (H, W, 4) into float32 (1, C, H, W) in [0, 1]."""
    if array.dtype.kind == "u":
        array = array / np.iinfo(array.dtype).max
    x = torch.from_numpy(np.array(array, np.float32))  # whatever the ambient default device
    x = x[None] if x.ndim == 2 else x[..., :3].movedim(-1, 0)
    if len(x) not in (1, 3):
        raise ValueError(f"It has {len(x)} channels; expected a gray, RGB or RGBA picture.")
    if gray and len(x) == 3:
        x = torch.einsum("c,chw->hw", torch.tensor(LUMA, dtype=torch.float32, device="cpu"), x)[None]
    return x[None].contiguous()
