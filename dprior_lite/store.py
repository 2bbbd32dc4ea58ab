"""Trained networks: where they lie, and how they are loaded.

A weight is `NAME.safetensors` beside its card `NAME.json`. Shipped weights lie in `dprior_lite/weights`; your own
in `$DPRIOR_WEIGHTS` or the user's cache. The network is built from the *card's* recipe, and the file's sha256 must be
the card's.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from torch import Tensor, nn

from dprior_lite import used
from dprior_lite.card import SCHEMA, WeightError, parse_card, read_card, steps_taken
from dprior_lite.gates.files import read_pair, tidy
from dprior_lite.gates.names import environment_folder, nearest, weight_name
from dprior_lite.machine import pick_device
from dprior_lite.nets import build

__all__ = [
    "SCHEMA",
    "SHIPPED",
    "WeightError",
    "cards_in",
    "find",
    "inventory",
    "load",
    "own_folder",
    "read_card",
    "steps_taken",
    "to_float32",
    "verified",
    "weights",
    "widened",
]

SHIPPED = Path(__file__).parent / "weights"


def own_folder() -> Path:
    """Return the folder of your own weights: `$DPRIOR_WEIGHTS`, or the user's cache.

    Examples
    --------
    >>> own_folder().is_absolute()
    True
    """
    import pooch

    return environment_folder("DPRIOR_WEIGHTS") or (Path(pooch.os_cache("dprior_lite")) / "weights").absolute()


def weights() -> list[dict[str, Any]]:
    """Return the cards of all weights at hand, shipped ones first.

    Of two with one name the shipped one counts. A file that cannot be used is left out and named in a warning.

    Examples
    --------
    >>> all("recipe" in card for card in weights())
    True
    """
    cards, problems = inventory()
    for problem in problems:
        warnings.warn(problem, stacklevel=2)
    return cards


def inventory() -> tuple[list[dict[str, Any]], list[str]]:
    """Return the cards of all weights at hand, and one sentence on each file that cannot be used.

    Examples
    --------
    >>> cards, problems = inventory()
    >>> len(cards) > 20
    True
    """
    cards: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for place in (own_folder(), SHIPPED):
        good, bad = cards_in(place)
        cards |= {card["name"]: card for card in good}
        problems += bad
    return list(cards.values()), problems


def cards_in(place: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the cards of the weights in one folder, and one sentence on each file that cannot be used.

    What a killed process left is tidied up first. The header of a weight is looked at, its sha256 is not.

    Examples
    --------
    >>> cards_in(Path("no/such/folder"))
    ([], [])
    """
    tidy(place)
    good, bad = [], []
    for path in sorted(place.glob("*.safetensors")):
        try:
            card = read_card(path.with_suffix(".json"))
            _refuse_no_weight(path)
        except WeightError as error:
            bad.append(str(error))
        else:
            good.append(card)
    return good, bad


def find(name: str | Path, own_first: bool = False) -> Path:
    """Return the path of a weight given its name, or the path of a `.safetensors` file itself.

    A shipped weight counts before one of your own of the same name, unless `own_first`.

    Raises
    ------
    WeightError
        If there is none, or if it is no name; the message lists what there is and how to train it.
    """
    if isinstance(name, str | Path) and str(name).endswith(".safetensors"):
        path = Path(name).expanduser()
        tidy(path.parent)
        if not path.is_file():
            raise WeightError(f"There is no file {name}.")
        return path
    try:
        name = weight_name(name)
    except ValueError as error:
        raise WeightError(str(error)) from None
    places = (own_folder(), SHIPPED) if own_first else (SHIPPED, own_folder())
    for place in places:
        tidy(place)
        if (place / f"{name}.safetensors").is_file():
            return place / f"{name}.safetensors"
    known = sorted({path.stem for place in places for path in place.glob("*.safetensors")})
    raise WeightError(
        f"There is no weight {name!r}; at hand are {nearest(name, known)}. If a recipe has that name, "
        f"`python -m dprior_lite train {name}` makes it."
    )


def to_float32(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a weight file with those of half precision in float32.

    Examples
    --------
    >>> import torch
    >>> to_float32({"a": torch.zeros(1).half(), "b": torch.zeros(1).double()})
    {'a': tensor([0.]), 'b': tensor([0.], dtype=torch.float64)}
    """
    return {k: v.float() if v.dtype.is_floating_point and v.dtype.itemsize == 2 else v for k, v in tensors.items()}


widened = to_float32  # the former name


def verified(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the card of a weight and its tensors in float32, after comparing the file with its sha256.

    Raises
    ------
    WeightError
        If the card is wrong, or the weight truncated, damaged or another one than its card says.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as parse

    read_card(path.with_suffix(".json"))  # a missing or wrong card has a sentence of its own
    try:
        content, card_text = read_pair(path)
    except OSError as error:
        raise WeightError(f"{path} cannot be read ({error.strerror}).") from error
    card, digest = parse_card(path.with_suffix(".json"), card_text), sha256(content).hexdigest()
    if content.startswith(b"version https://git-lfs"):
        raise WeightError(f"{path} is a pointer of Git LFS, not a weight: run `git lfs pull`.")
    if digest != card["sha256"]:
        raise WeightError(
            f"{path.name} has sha256 {digest[:12]}..., its card says {card['sha256'][:12]}... ({len(content)} bytes): "
            "the file is truncated, damaged or another one. Delete it and fetch or train it again."
        )
    try:
        return card, to_float32(parse(content))
    except SafetensorError as error:
        raise WeightError(f"{path} is no safetensors file ({error}), although its card knows it.") from error


def load(name: str | Path, device: str | torch.device = "cpu") -> nn.Module:
    """Return a trained network in `eval` mode, in float32, with gradients for its weights switched off.

    Parameters
    ----------
    name : str or Path
        Name of a shipped or own weight, or the path of a `.safetensors` file with its card beside it.
    device : str or torch.device
        Where it goes.

    Raises
    ------
    WeightError
        If the weight is unknown, truncated, damaged, or another one than its card says.
    ValueError
        If there is no such device here.

    Examples
    --------
    >>> load("no-such-net")
    Traceback (most recent call last):
    dprior_lite.card.WeightError: There is no weight 'no-such-net'; ...
    """
    path, place = find(name), pick_device(device)
    card, tensors = verified(path)
    try:
        net = build(card["recipe"]["net"], card["recipe"]["net_args"])
        net.load_state_dict(tensors)
    except (ValueError, RuntimeError) as error:
        said = shorten(str(error), 240, placeholder=" ...")
        raise WeightError(f"The card of {path.name} names a network that its weights do not fit ({said}).") from error
    used.record("weights", card["name"], card["sha256"])
    net.register_forward_pre_hook(used.RecordCall(card["name"]))
    return net.to(place).eval().requires_grad_(False)


def _refuse_no_weight(path: Path) -> None:
    """Refuse a file whose header cannot be that of a safetensors file of its length."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise WeightError(f"{path} is no ordinary file: remove it.")  # a named pipe would be waited for
    try:
        with safe_open(path, framework="np"):
            return
    except (SafetensorError, OSError) as error:
        raise WeightError(
            f"{path} is no whole safetensors file ({' '.join(str(error).split())[:80]}): delete it and train or fetch"
            " it again."
        ) from error
