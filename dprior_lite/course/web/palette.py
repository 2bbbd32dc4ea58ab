"""Pictures as palette PNG files: small, and true to the colours that a caption names.

A palette made for the whole picture forgets a thin coloured line in a large grey scene. Here the saturated colours that
stand in a picture have places of their own, and the rest shares what is left.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

_KEPT = 24  # places for saturated colours
_LEAST = 6  # pixels of one exact colour that make it more than the edge of a line
_CHROMA = 48  # largest minus smallest channel of a colour that is no grey


def encoded(image: Image.Image, colors: int = 256, dpi: int | None = None) -> bytes:
    """Return a palette PNG of an RGB picture; exact where it has no more colours than asked for.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB.
    colors : int
        Size of the palette, 2 to 256, enlarged for saturated colours if it is below 48.
    dpi : int, optional
        Written into the file: 200 says that it is shown at half its pixels.

    Examples
    --------
    >>> len(encoded(Image.new("RGB", (8, 8), "red"))) < 200
    True
    """
    pixels = np.asarray(image.convert("RGB"))
    packed, counts = np.unique(_packed(pixels), return_counts=True)
    every = _unpacked(packed)
    if len(every) <= colors:
        made = _mapped(pixels, every)
    else:
        kept = _saturated(every, counts)
        rest = max(2, max(colors, min(48, 2 * colors)) - len(kept))
        quantised = image.quantize(rest, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        shared = np.asarray(quantised.getpalette()[: 3 * rest], dtype=np.uint8).reshape(-1, 3)
        made = _mapped(pixels, np.unique(np.concatenate([kept, shared]), axis=0))
    buffer = io.BytesIO()
    made.save(buffer, "PNG", optimize=True, **({"dpi": (dpi, dpi)} if dpi else {}))
    return buffer.getvalue()


def _saturated(every: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the most frequent saturated colours (n, 3), none close to one before it."""
    wide = every.astype(int)
    strong = (wide.max(1) - wide.min(1) >= _CHROMA) & (counts >= _LEAST)
    kept: list[np.ndarray] = []
    for colour in wide[strong][np.argsort(-counts[strong], kind="stable")]:
        if len(kept) < _KEPT and all(np.abs(colour - other).max() > 20 for other in kept):
            kept.append(colour)
    return np.asarray(kept, dtype=np.uint8).reshape(-1, 3)


def _packed(pixels: np.ndarray) -> np.ndarray:
    """Return each pixel (H, W, 3) as one whole number, in the order of its colours."""
    red, green, blue = (pixels.reshape(-1, 3).astype(np.int32)[:, k] for k in range(3))
    return (red << 16) | (green << 8) | blue


def _unpacked(packed: np.ndarray) -> np.ndarray:
    """Return packed colours (n,) as (n, 3)."""
    return np.stack([(packed >> shift) & 255 for shift in (16, 8, 0)], axis=1).astype(np.uint8)


def _mapped(pixels: np.ndarray, table: np.ndarray) -> Image.Image:
    """Return the picture (H, W, 3) with each pixel replaced by the nearest colour of a table (n, 3)."""
    packed, inverse = np.unique(_packed(pixels), return_inverse=True)
    every = _unpacked(packed)
    nearest = np.empty(len(every), dtype=np.uint8)
    for start in range(0, len(every), 4096):
        part = every[start : start + 4096].astype(int)
        nearest[start : start + 4096] = ((part[:, None] - table.astype(int)) ** 2).sum(-1).argmin(1)
    made = Image.fromarray(nearest[inverse].reshape(pixels.shape[:2]), mode="P")
    made.putpalette(table.reshape(-1).tolist())
    return made
