"""Pictures from outside: files are decoded to what a person sees, tensors are checked, or refused.

Decoded are png, jpg, tif, bmp and webp files of one picture: upright (EXIF), palettes, CMYK and inverted files as they
are meant, transparency on white. Colour profiles are not applied.
"""

from __future__ import annotations

import stat
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from torch import Tensor

LOWEST, HIGHEST = -0.5, 1.5
KINDS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
PIXELS = 50_000_000  # of one picture; more must be asked for
TWELVE_BITS = 2**13 - 1  # a 16-bit file without larger values holds fewer bits than it says
_WHITE_IS_ZERO = (262, 0)  # the tag and its value in a TIFF


def check_pictures(x: Tensor, name: str = "x") -> Tensor:
    """Return `x` unchanged if it is a stack of clean pictures; otherwise explain what is wrong.

    Parameters
    ----------
    x : Tensor
        Pictures (B, C, H, W), floating point, values about [0, 1]; anything in [-0.5, 1.5] passes.
    name : str
        What the error calls it.

    Raises
    ------
    TypeError
        If `x` is no floating-point tensor.
    ValueError
        If the shape is not (B, C, H, W), a value is NaN or infinite, or the range is not that of pictures in [0, 1].

    Examples
    --------
    >>> import torch
    >>> check_pictures(torch.zeros(1, 1, 4, 4)).shape
    torch.Size([1, 1, 4, 4])
    """
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{name} is a {type(x).__name__}; expected a torch tensor (B, C, H, W). Use torch.as_tensor(...)."
        )
    if x.is_meta or x.is_sparse or x.is_quantized:
        raise TypeError(f"{name} is a tensor without plain values; expected pictures on a CPU or a GPU.")
    if not x.is_floating_point():
        raise TypeError(
            f"{name} has dtype {x.dtype}; expected float32 in [0, 1]. Use {name}.float() / 255 for 8-bit pictures."
        )
    if x.ndim != 4:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; expected (B, C, H, W). One gray picture (H, W) becomes {name}[None,"
            " None]."
        )
    if x.numel() == 0:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}, so it is empty; expected at least one picture of one pixel."
        )
    if not bool(x.isfinite().all()):
        raise ValueError(
            f"{name} holds {int((~x.isfinite()).sum())} values that are NaN or infinite; expected finite pictures."
        )
    low, high = (float(v) for v in x.detach().aminmax())
    if low < LOWEST or high > HIGHEST:
        guess = (
            "It looks like 0..255: divide by 255."
            if 1.5 < high <= 255 and low >= 0
            else ("It looks like -1..1: use (x + 1) / 2." if -1.05 <= low and high <= 1.05 else "Rescale it to [0, 1].")
        )
        raise ValueError(f"{name} spans [{low:.3g}, {high:.3g}]; expected pictures in [0, 1]. {guess}")
    return x


def picture_list(pictures: object, name: str = "pictures") -> list[Tensor]:
    """Return a sequence of clean pictures, or one stack of them, as a list of checked stacks (N, C, H, W).

    Examples
    --------
    >>> import torch
    >>> len(picture_list(torch.zeros(3, 1, 4, 4))), len(picture_list([torch.zeros(3, 1, 4, 4)] * 2))
    (1, 2)
    """
    if isinstance(pictures, Tensor):
        return [check_pictures(pictures, name)]
    if not isinstance(pictures, Iterable) or isinstance(pictures, str | bytes | Mapping):
        raise TypeError(f"{name} is a {type(pictures).__name__}; expected a list of tensors (N, C, H, W) in [0, 1].")
    return [check_pictures(x, f"{name}[{k}]") for k, x in enumerate(pictures)]


def folder_path(path: object, name: str = "path") -> Path:
    """Return a path that a person gave, with `~` expanded.

    Examples
    --------
    >>> folder_path("pictures").name
    'pictures'
    """
    if not isinstance(path, str | Path) or not str(path) or "\0" in str(path):
        raise TypeError(f"{name} is {path!r}; expected the path of a folder, a text or a pathlib.Path.")
    return Path(path).expanduser()


def side(size: object, name: str = "size") -> int:
    """Return the side of a picture in pixels, a whole number of at least 1.

    Examples
    --------
    >>> side(64)
    64
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"{name} is {size!r}; expected a whole number of pixels, at least 1.")
    return int(size)


def picture_files(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the picture files of a folder by name, and what was passed over, with the reason.

    Passed over are hidden files, and what only looks like a file: folders, named pipes, devices, broken links.
    """
    files, skipped = [], []
    for file in sorted(f for f in folder.iterdir() if f.suffix.lower() in KINDS):
        try:
            regular = stat.S_ISREG(file.stat().st_mode)
        except OSError:
            regular = False
        if file.name.startswith(".") or not regular:
            skipped.append(f"{file.name} (hidden)" if regular else f"{file.name} (no ordinary file)")
        else:
            files.append(file)
    return files, skipped


def decode(file: str | Path, pixels: int = PIXELS) -> np.ndarray:
    """Return the display values of a picture file, upright: (H, W) or (H, W, 3), uint8, uint16 or float.

    Parameters
    ----------
    file : str or Path
        One picture.
    pixels : int
        The most pixels it may have; a small file can hold a picture that fills the memory.

    Raises
    ------
    ValueError
        If the file is no picture, is damaged, holds several pictures, or has too many pixels; its name is in the text.

    Examples
    --------
    >>> decode(__file__)
    Traceback (most recent call last):
    ValueError: pictures.py cannot be read as a picture (UnidentifiedImageError): remove or replace it.
    """
    from PIL import Image

    file = Path(file)
    try:
        with _own_pixel_limit(Image), Image.open(file) as image:
            _refuse(image, file.name, pixels)
            return _upright(image, file.name)
    except _Refused as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # a damaged file may raise anything
        raise ValueError(
            f"{file.name} cannot be read as a picture ({type(error).__name__}): remove or replace it."
        ) from error


class _Refused(Exception):
    """The file can be read, and is not what a folder of pictures should hold."""


@contextmanager
def _own_pixel_limit(library) -> Iterator[None]:
    """Switch PIL's own limit off; ours is checked before a pixel is decoded."""
    before, library.MAX_IMAGE_PIXELS = library.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        library.MAX_IMAGE_PIXELS = before


def _refuse(image, name: str, pixels: int) -> None:
    """Refuse too many pixels, and several pictures in one file.

    A phone's MPO file counts as its first picture.
    """
    width, height = image.size
    if width * height > pixels:
        raise _Refused(
            f"{name} has {width} x {height} pixels, more than {pixels:,}: make it smaller, or give a larger pixels=."
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise _Refused(f"{name} holds {frames} pictures; expected one, not a stack: save them as files of their own.")


def _upright(image, name: str) -> np.ndarray:
    """Decode an open picture, turn it as its EXIF data say, and return its display values."""
    from PIL import ImageOps

    tags, raw = getattr(image, "tag_v2", {}), str([tile[3] for tile in image.tile])
    inverted = tags.get(_WHITE_IS_ZERO[0]) == _WHITE_IS_ZERO[1]
    sixteen = image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG")
    image.load()
    image = ImageOps.exif_transpose(image)
    if sixteen:
        array = np.asarray(image).astype(np.uint16)
        return _sixteen_bits(array, inverted, 12 if "I;12" in raw else 16, name)
    if ";16" in raw and image.mode in ("RGB", "RGBA"):  # only the upper eight bits are decoded
        _warn_if_dark(257 * int(np.asarray(image)[..., :3].max()), name)
    if image.mode == "F":
        return np.asarray(image, np.float32)
    if image.mode == "I":
        raise _Refused(f"{name} holds 32-bit whole numbers; expected 8 or 16 bits: save it as a PNG file.")
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        return _on_white(image)
    if image.mode == "1":
        image = image.convert("L")
    return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))


def _sixteen_bits(array: np.ndarray, inverted: bool, bits: int, name: str) -> np.ndarray:
    """Return values of 12 or 16 bits on the scale of 16, black at zero."""
    white = 2**bits - 1
    array = white - array if inverted else array
    _warn_if_dark(int(array.max()) if bits == 16 else 65535, name)
    return (array.astype(np.float64) * (65535 / white)).round().astype(np.uint16)


def _warn_if_dark(largest: int, name: str) -> None:
    """Warn where a file of 16 bits looks as if it held fewer."""
    if 0 < largest <= TWELVE_BITS:
        warnings.warn(
            f"{name} has 16 bits and its largest value is {largest} of 65535: it will be almost black. If it holds "
            f"fewer bits, multiply its picture by {65535 / largest:.3g} or so.",
            stacklevel=6,
        )


def _on_white(image) -> np.ndarray:
    """Return what is seen of a transparent picture on white paper, gray where it was gray."""
    gray = image.mode in ("L", "LA", "La", "1")
    rgba = np.asarray(image.convert("RGBA"))
    alpha = rgba[..., 3:].astype(np.float32) / 255
    if bool((alpha == 1).all()):
        seen = rgba[..., :3]
    else:
        seen = (rgba[..., :3] * alpha + 255 * (1 - alpha)) / np.float32(255)
    return seen[..., 0] if gray else seen
