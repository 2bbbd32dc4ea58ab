"""Which denoiser of photographs is the best one that ships, decided on photographs that no claim measures.

Every weight's card holds its PSNR on the tune split. Cards can be compared where the noisy pictures are the same; the
PSNR of the noisy picture tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dprior_lite.store import SHIPPED, cards_in

#: Noise levels that decide, in 1/255.
DECIDE = (10.0, 50.0)
_SAME_DB = 0.001  # cards are written with three decimals


def photograph_nets(cards: Iterable[Mapping[str, Any]] | None = None) -> list[tuple[str, float, float]]:
    """Return the shipped denoisers of gray photographs with their PSNR on the tune split, the best one first.

    The networks take pictures of any size. They are ordered by their mean over the two levels `DECIDE`.

    Parameters
    ----------
    cards : iterable of dict, optional
        Cards of weights; by default those that ship.

    Returns
    -------
    list of (str, float, float)
        Name, PSNR in dB at the first and at the second level.

    Raises
    ------
    ValueError
        If no card qualifies, or two cards name the tune split and hold other noisy pictures.

    Examples
    --------
    >>> def card(name, out):
    ...     psnr = {"data": "photos:tune", "sigma_255": [10.0, 50.0], "in": [28.1, 15.3], "out": out}
    ...     return {"name": name, "recipe": {"net_args": {}}, "psnr": psnr}
    >>> photograph_nets([card("even", [38.0, 30.0]), card("better", [39.0, 30.0])])
    [('better', 39.0, 30.0), ('even', 38.0, 30.0)]
    """
    rows = [row for card in (cards_in(SHIPPED)[0] if cards is None else cards) if (row := _row(card))]
    if not rows:
        raise ValueError(f"no card holds a PSNR on the tune split at {DECIDE}/255")
    if any(abs(a - b) > _SAME_DB for _, noisy, _ in rows for a, b in zip(noisy, rows[0][1])):
        raise ValueError("cards that name the tune split were made with other noisy pictures: they cannot be compared")
    return [(name, *out) for name, _, out in sorted(rows, key=lambda row: -sum(row[2]))]


def best_photograph_net() -> str:
    """Return the name of the best shipped denoiser of gray photographs, the first of `photograph_nets`."""
    return photograph_nets()[0][0]


def _row(card: Mapping[str, Any]) -> tuple[str, list[float], list[float]] | None:
    """Return name, PSNR of the noisy and of the denoised pictures; None for a weight that does not qualify."""
    table = card["psnr"]
    levels = list(table["sigma_255"])
    if table["data"] != "photos:tune" or "shape" in card["recipe"]["net_args"] or not set(DECIDE) <= set(levels):
        return None
    places = [levels.index(level) for level in DECIDE]
    return card["name"], [table["in"][k] for k in places], [table["out"][k] for k in places]
