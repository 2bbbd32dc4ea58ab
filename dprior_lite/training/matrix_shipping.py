"""Copy trained measurements into the package, if they are better than those that are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dprior_lite.gates.files import read_pair, write_pair
from dprior_lite.measurements import load_rows, read_rows_card
from dprior_lite.measurements.files import FOLDER


def ship_matrix(path: str | Path, folder: str | Path = FOLDER) -> str:
    """Copy a matrix and its card into the package if it is better, and return a line that says so.

    Better is the smaller loss on held-out pictures, where loss and pictures are the same. A matrix that was trained in
    fewer steps than the one that is there is never copied.

    Parameters
    ----------
    path : str or Path
        `NAME.safetensors` with its card, as `train_matrix` writes them.
    folder : str or Path
        Where it goes.

    Raises
    ------
    TypeError, ValueError
        If there is no such matrix, it is damaged, or its card does not say how it was trained.

    Examples
    --------
    >>> ship_matrix("no/such.safetensors")
    Traceback (most recent call last):
    ValueError: no/such.safetensors cannot be read (No such file or directory); expected rows and their card.
    """
    load_rows(path)  # refuses damaged files
    card, there = read_rows_card(path), Path(folder) / Path(path).name
    loss = _loss(card)
    if there.is_file():
        old = read_rows_card(there)
        if _measured_on(old) != _measured_on(card):
            return (
                f"{card['name']} stays as it is: the two were measured in other ways; remove the old one to replace it"
            )
        if card["steps"] < old["steps"]:
            return f"{card['name']} stays as it is: it took {old['steps']} steps, the new one {card['steps']}"
        if not loss < _loss(old):
            return f"{card['name']} stays as it is: a loss of {loss:.4g} is not better than {_loss(old):.4g}"
    content, text = read_pair(path)
    write_pair(there, content, text.decode("utf8"))
    return f"{card['name']} ships: loss {card['held_out']['before']:.4g} -> {loss:.4g} on held-out pictures"


def _loss(card: dict[str, Any]) -> float:
    """Return the loss on held-out pictures after the training."""
    try:
        return float(card["held_out"]["after"])
    except (KeyError, TypeError):
        raise ValueError(
            f"The card of {card.get('name')} does not say how good the rows are; expected one of train_matrix."
        ) from None


def _measured_on(card: dict[str, Any]) -> str:
    """Return what decides whether two losses can be compared: pictures, network, sampler, loss and noise."""
    recipe = card["recipe"]
    kept = {key: recipe[key] for key in ("k", "net", "ascent", "draws")} | {
        key: recipe["descent"][key] for key in ("loss", "noise")
    }
    return json.dumps([kept, card["held_out"]["data"], card["held_out"]["pictures"]], sort_keys=True)
