"""What every figure without a kernel shares: one self-contained, deterministic block of HTML, and the texts in it.

A block carries its style sheet, its script and its data; it opens from a file, asks nobody for anything and stays
readable where scripts do not run.  What the blocks do is in the `.js` files beside this one; `core.js` starts them.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

#: Most bytes of HTML that one figure may add to a page.
LIMIT = 400_000

#: Stands in a figure that is computed in the page until its script has started.
NEEDS_SCRIPTS = '<p class="dp-note dp-static">This figure is computed in your browser and needs its scripts.</p>'

_HERE = Path(__file__).parent


class Widget:
    """A block of HTML that a notebook shows and a built page keeps.

    Parameters
    ----------
    markup : str
        The block, from `block`.
    text : str
        One line that stands for it where HTML is not shown.
    """

    def __init__(self, markup: str, text: str) -> None:
        self.markup, self.text = markup, text

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return self.text


def static(name: str) -> str:
    """Text of a file of `course/web`."""
    return (_HERE / name).read_text(encoding="utf-8")


def block(kind: str, body: str, data: Any, scripts: Sequence[str], limit: int = LIMIT) -> str:
    """HTML of one figure: style, body, scripts and the call that starts it.

    Parameters
    ----------
    kind : str
        Name under which a script registered itself in `DPrior.kinds`.
    body : str
        What stands in the page, complete without scripts.
    data : JSON-able
        Handed to the script.
    scripts : sequence of str
        Sources to include after `core.js`.
    limit : int
        Most bytes allowed.

    Returns
    -------
    str
        The block, the same for the same arguments.

    Raises
    ------
    ValueError
        If the block is larger than `limit`.
    """
    payload = for_script(data)
    key = hashlib.sha256(f"{kind}|{body}|{payload}".encode()).hexdigest()[:12]
    script = "\n".join([static("core.js"), *scripts, f'DPrior.start("{kind}", "{key}", {payload});'])
    markup = (
        f"<style>{static('widgets.css')}</style>\n"
        f'<div class="dprior mathjax_process tex2jax_process" data-dprior="{key}" data-kind="{kind}">\n'
        f"{body}\n</div>\n<script>{script}</script>"
    )
    size = len(markup.encode())
    if size > limit:
        raise ValueError(
            f"this figure adds {size:,} bytes to the page, at most {limit:,} are allowed; "
            "take fewer slider values, a smaller or coarser picture, or fewer colours"
        )
    return markup


def for_script(data: Any) -> str:
    """JSON of `data` that can stand inside a script element."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False).replace("<", "\\u003c")


def rich(text: str) -> str:
    """HTML of a plain text: everything escaped, `code` in backticks, the index of p_σ lowered."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text)).replace("p_σ", "p<sub>σ</sub>")


def needed(what: str, text: str) -> str:
    """`text`, or an error that says which text is missing."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{what} is empty ({text!r}); write what a reader who cannot see the figure must know")
    return text.strip()


def png(picture: np.ndarray, colors: int = 64) -> bytes:
    """Palette PNG of a picture in [0, 1] of shape (H, W) or (H, W, 3).

    Raises
    ------
    ValueError
        If the shape or the range is another.
    """
    picture = np.asarray(picture, dtype=np.float64)
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(f"a picture of shape (H, W) or (H, W, 3) was expected, not {picture.shape}")
    if not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1:
        raise ValueError(
            f"a picture in [0, 1] was expected, not one from {picture.min():.3g} to {picture.max():.3g}; clip it"
        )
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8)).convert("RGB")
    buffer = io.BytesIO()
    image.quantize(colors, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def data_uri(content: bytes) -> str:
    """`content`, a PNG, as an address that needs no network."""
    return "data:image/png;base64," + base64.b64encode(content).decode()


def figure(body: str, caption: str) -> str:
    """`body` in a figure with a caption."""
    return f"<figure>\n{body}\n<figcaption>{rich(needed('caption', caption))}</figcaption>\n</figure>"
