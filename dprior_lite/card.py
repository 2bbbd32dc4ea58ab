"""The card of a weight: a JSON file beside it that says what it is and how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA = 1
# what a card must hold for a weight to be listed and loaded: where, and of which type
_MUST = (
    (("sha256",), str),
    (("parameters",), int),
    (("device",), str),
    (("profile",), str),
    (("steps", "done"), int),
    (("steps", "asked"), int),
    (("data",), list),
    (("loss",), list),
    (("psnr", "sigma_255"), list),
    (("psnr", "in"), list),
    (("psnr", "out"), list),
    (("recipe", "says"), str),
    (("recipe", "net"), str),
    (("recipe", "net_args"), dict),
)


class WeightError(ValueError):
    """A weight or its card is missing, damaged, or not what it says."""


def read_card(path: Path) -> dict[str, Any]:
    """Return a card as a dictionary, or say what is wrong with the file.

    Raises
    ------
    WeightError
        If it is missing, no JSON, of another weight or version, or lacks something; the path is in the text.
    """
    if path.exists() and not path.is_file():
        raise WeightError(f"{path} is no ordinary file: remove it.")  # a named pipe would be waited for
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightError(
            f"The card {path} cannot be read ({error.strerror}): delete the weight and train or fetch it again."
        ) from error
    return parse_card(path, content)


def parse_card(path: Path, content: bytes) -> dict[str, Any]:
    """Return the card whose file `path` holds `content`, or say what is wrong with it, as `read_card`."""
    if content.startswith(b"version https://git-lfs"):
        raise WeightError(f"{path} is a pointer of Git LFS, not a card: run `git lfs pull`.")
    try:
        card = json.loads(content.decode("utf8"))
    except (ValueError, RecursionError) as error:
        raise WeightError(
            f"The card {path} cannot be read ({' '.join(str(error).split())[:80]}): delete the weight and train or"
            " fetch it again."
        ) from error
    if not isinstance(card, dict) or card.get("schema") != SCHEMA or card.get("name") != path.stem:
        raise WeightError(
            f"{path} is no card of schema {SCHEMA} for {path.stem!r}: card and weight were mixed up, or come from"
            " another version."
        )
    for keys, kind in _MUST:
        value: Any = card
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise WeightError(
                f"The card {path} has no {kind.__name__} at {'.'.join(keys)}: it was edited or damaged. Delete the"
                " weight and train or fetch it again."
            )
    if (wrong := _wrong_entry(card)) is not None:
        raise WeightError(
            f"The card {path} has no plain numbers at {wrong}: it was edited or damaged. Delete the weight and train or"
            " fetch it again."
        )
    return card


def _wrong_entry(card: Mapping[str, Any]) -> str | None:
    """Return the first place of a card where something else than numbers stands, None if there is none."""
    numbers = {f"psnr.{key}": card["psnr"][key] for key in ("sigma_255", "in", "out")}
    numbers["steps"] = [card["steps"]["done"], card["steps"]["asked"], card["steps"].get("earlier", 0)]
    numbers["loss"] = [v for pair in card["loss"] for v in (pair if isinstance(pair, list) else [None])]
    numbers["data"] = [row.get("n") if isinstance(row, dict) else None for row in card["data"]]
    for place, values in numbers.items():
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            return place
    return None


def steps_taken(card: Mapping[str, Any]) -> int:
    """Return how many steps a weight has behind it, those of the trainings it went on from included.

    Examples
    --------
    >>> steps_taken({"steps": {"done": 300, "asked": 1000, "earlier": 200}})
    500
    """
    return card["steps"]["done"] + card["steps"].get("earlier", 0)
