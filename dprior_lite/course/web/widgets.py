"""What every figure of a page is made of: a stored record, a template that draws it, and the texts in it.

A figure keeps in its HTML one record, from which everything else is drawn (`draw`); `web.redraw` draws it again in
today's look. The style sheet and the scripts are not part of a figure: `web.assets` gives them, once a page.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from dprior_lite.course.page.numbers import number
from dprior_lite.course.web import kinds

Record = dict[str, Any]

#: Most bytes of HTML that one figure may add to a page, its assets left out.
LIMIT = 400_000

_HERE = Path(__file__).parent
_EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')


class Widget:
    """A figure, a box or a map that a notebook shows and a built page keeps.

    Parameters
    ----------
    kind : str
        Name of its template, its scripts and its Python in `kinds.KINDS`.
    record : dict
        All that is needed to draw it; plain data for JSON.
    line : str
        A text that stands for it where HTML is not shown.

    Raises
    ------
    ValueError
        If the HTML is larger than `LIMIT`.
    """

    def __init__(self, kind: str, record: Record, line: str) -> None:
        self.kind, self.record, self.line = kind, record, line
        size = len(self.markup.encode())
        if size > LIMIT:
            raise ValueError(
                f"this figure adds {size:,} bytes to the page, at most {LIMIT:,} are allowed; "
                "take fewer slider values, a smaller or coarser picture, or fewer colours"
            )

    @property
    def markup(self) -> str:
        """HTML of the figure without its assets."""
        return draw(self.kind, self.record)

    def _repr_html_(self) -> str:
        from dprior_lite.course.web import carry

        return carry.for_this_cell([self.kind]) + self.markup

    def __repr__(self) -> str:
        return self.line


def draw(kind: str, record: Record) -> str:
    """Return the HTML of a record in today's look, the record within it; the same for the same record.

    Parameters
    ----------
    kind : str
        One of `kinds.KINDS`.
    record : dict
        As `Widget` takes it and `stored.records` gives it back.

    Returns
    -------
    str
        A picture that stands in the drawn part is not repeated in the record: there its place says `img:0`, `img:1`.
    """
    view = kinds.home(kind).view(record)
    body = Markup(render(f"{kind}.html", record=record, **view))
    shown = {picture: f"img:{i}" for i, picture in reversed(list(enumerate(_EMBEDDED.findall(body))))}
    short = _replaced(record, shown)
    scripted = bool(kinds.KINDS[kind].scripts)
    return render("block.html", kind=kind, body=body, record=short, script=view.get("script"), scripted=scripted)


def whole(record: Record, drawn: str) -> Record:
    """Return a stored record with the pictures that stand in its drawn part put back."""
    return _replaced(record, {f"img:{i}": picture for i, picture in enumerate(_EMBEDDED.findall(drawn))})


def _replaced(value: Any, by: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, by) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, by) for each in value]
    return by.get(value, value) if isinstance(value, str) else value


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "json": lambda data: Markup(for_script(data)),
        "rich": lambda text: Markup(rich(text)),
        "number": number,
        "short": lambda value: f"{value:g}" if isinstance(value, (int, float)) else str(value),
    }
    return made


def render(template: str, **values: Any) -> str:
    """Return a template of `course/web` with these values, everything escaped that is not markup."""
    return _environment().get_template(template).render(**values)


def static(name: str) -> str:
    """Return the text of a file of `course/web`."""
    return (_HERE / name).read_text(encoding="utf-8")


def for_script(data: Any) -> str:
    """Return JSON of `data` that can stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def rich(text: str) -> str:
    """Return HTML of a plain text: everything escaped, `code` in backticks, the index of p_σ lowered."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text)).replace("p_σ", "p<sub>σ</sub>")


def needed(what: str, text: str) -> str:
    """Return `text`, or raise an error that says which text is missing."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{what} is empty ({text!r}); write what a reader who cannot see the figure must know")
    return text.strip()


def png(picture: np.ndarray, colors: int = 64) -> bytes:
    """Return a palette PNG of a picture in [0, 1] of shape (H, W) or (H, W, 3).

    Raises
    ------
    ValueError
        If the shape or the range is another.
    """
    from dprior_lite.course.web import palette

    picture = np.asarray(picture, dtype=np.float64)
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(f"a picture of shape (H, W) or (H, W, 3) was expected, not {picture.shape}")
    if not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1:
        raise ValueError(
            f"a picture in [0, 1] was expected, not one from {picture.min():.3g} to {picture.max():.3g}; clip it"
        )
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8)).convert("RGB")
    return palette.encoded(image, colors)


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG in pixels."""
    return Image.open(io.BytesIO(picture)).size


def text_of(content: bytes) -> str:
    """Return bytes in base64, as they stand in a record."""
    return base64.b64encode(content).decode()
