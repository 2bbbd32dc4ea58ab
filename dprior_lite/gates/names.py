"""Names of weights, and folders that the environment names."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")


def weight_name(name: object) -> str:
    """Return `name` if it can be the name of a weight: letters, digits and `. _ + -`, and no folder.

    Parameters
    ----------
    name : object
        What a person gave; a `Path` of one part counts as its text.

    Raises
    ------
    ValueError
        If it is no text, empty, or has a folder in it; the message says what to do.

    Examples
    --------
    >>> weight_name("photos-unet")
    'photos-unet'
    """
    text = os.fspath(name) if isinstance(name, str | os.PathLike) else None
    if isinstance(text, str) and _NAME.fullmatch(text) and ".." not in text:
        return text
    raise ValueError(
        f"{name!r} cannot be the name of a weight: a name has no folder and consists of letters, digits and . _ + -."
        " To load a file, give its whole path, which ends in .safetensors."
    )


def nearest(name: str, known: Collection[str], most: int = 6) -> str:
    """Return a list of the known names for an error, only those most like `name` if there are many.

    Examples
    --------
    >>> nearest("photo-unet", ["photos-unet", "mixture-mlp"])
    'photos-unet, mixture-mlp'
    >>> nearest("photo-unet", ["photos-unet", *map(str, range(100))], most=1)
    'photos-unet (101 in all)'
    """
    if len(known) <= most:
        return ", ".join(known) or "none"
    return ", ".join(get_close_matches(name, known, most, 0.0)) + f" ({len(known)} in all)"


def environment_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names, with `~` expanded; None if it is unset.

    Parameters
    ----------
    variable : str
        Name of the variable; unset, empty and blank mean the same.

    Raises
    ------
    ValueError
        If the home folder in it is unknown, or if it names a file.

    Examples
    --------
    >>> environment_folder("A_VARIABLE_THAT_IS_NOT_SET") is None
    True
    """
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    try:
        folder = Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{variable} is {text!r}, and there is no such home folder: give the whole path.") from error
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{variable} is {text!r}, which is a file: it must name a folder.")
    return folder
