"""Trained networks: where they lie, how they are loaded, and which this process has loaded.

A weight is `NAME.safetensors` beside its card `NAME.json`. Shipped weights lie in `dprior_lite/weights`; your own
in `$DPRIOR_WEIGHTS` or the user's cache. The network is built from the *card's* recipe, and the file's sha256 must be
the card's.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from dprior_lite import used
from dprior_lite.nets import build

SHIPPED = Path(__file__).parent / "weights"
SCHEMA = 1


class WeightError(ValueError):
    """A weight or its card is missing, damaged, or not what it says."""


def own_folder() -> Path:
    """Return the folder of your own weights: `$DPRIOR_WEIGHTS`, or the user's cache.

    Examples
    --------
    >>> own_folder().is_absolute()
    True
    """
    import pooch

    return Path(os.environ.get("DPRIOR_WEIGHTS") or Path(pooch.os_cache("dprior_lite")) / "weights").absolute()


def weights() -> list[dict[str, Any]]:
    """Return the cards of all weights at hand, shipped ones first; of two with one name the shipped one counts.

    Examples
    --------
    >>> all("recipe" in card for card in weights())
    True
    """
    cards = {card["name"]: card for place in (own_folder(), SHIPPED) for card in cards_in(place)}
    return list(cards.values())


def cards_in(place: Path) -> list[dict[str, Any]]:
    """Return the cards of the weights in one folder, none if it does not exist.

    Examples
    --------
    >>> cards_in(Path("no/such/folder"))
    []
    """
    return [read_card(path.with_suffix(".json")) for path in sorted(place.glob("*.safetensors"))]


def read_card(path: Path) -> dict[str, Any]:
    """Return a card as a dictionary, or say what is wrong with the file."""
    try:
        card = json.loads(path.read_text(encoding="utf8"))
    except (OSError, json.JSONDecodeError) as error:
        raise WeightError(
            f"The card {path} cannot be read ({error}): delete the weight and train or fetch it again."
        ) from error
    if not isinstance(card, dict) or card.get("schema") != SCHEMA or card.get("name") != path.stem:
        raise WeightError(
            f"{path} is no card of schema {SCHEMA} for {path.stem!r}: card and weight were mixed up, or come from"
            " another version."
        )
    return card


def steps_taken(card: dict[str, Any]) -> int:
    """Return how many steps a weight has behind it: those of its training, and of the trainings this one went on from.

    Examples
    --------
    >>> steps_taken({"steps": {"done": 300, "asked": 1000, "earlier": 200}})
    500
    """
    return card["steps"]["done"] + card["steps"].get("earlier", 0)


def find(name: str | Path, own_first: bool = False) -> Path:
    """Return the path of a weight given its name, or the path of a `.safetensors` file itself.

    A shipped weight counts before one of your own of the same name, unless `own_first`.

    Raises
    ------
    WeightError
        If there is none; the message lists what there is and how to train it.
    """
    if str(name).endswith(".safetensors"):
        if not Path(name).is_file():
            raise WeightError(f"There is no file {name}.")
        return Path(name)
    for place in (own_folder(), SHIPPED) if own_first else (SHIPPED, own_folder()):
        if (place / f"{name}.safetensors").is_file():
            return place / f"{name}.safetensors"
    known = sorted({path.stem for place in (SHIPPED, own_folder()) for path in place.glob("*.safetensors")})
    raise WeightError(
        f"There is no weight {name!r}; at hand are {', '.join(known) or 'none'}. If a recipe has that name, "
        f"`python -m dprior_lite train {name}` makes it."
    )


def widened(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of a weight file with those of half precision in float32.

    Examples
    --------
    >>> import torch
    >>> widened({"a": torch.zeros(1).half(), "b": torch.zeros(1).double()})
    {'a': tensor([0.]), 'b': tensor([0.], dtype=torch.float64)}
    """
    return {k: v.float() if v.dtype.is_floating_point and v.dtype.itemsize == 2 else v for k, v in tensors.items()}


def load(name: str | Path, device: str = "cpu") -> nn.Module:
    """Return a trained network in `eval` mode, in float32, with gradients for its weights switched off.

    Parameters
    ----------
    name : str or Path
        Name of a shipped or own weight, or the path of a `.safetensors` file with its card beside it.
    device : str
        Where it goes.

    Raises
    ------
    WeightError
        If the weight is unknown, truncated, damaged, or another one than its card says.

    Examples
    --------
    >>> load("no-such-net")
    Traceback (most recent call last):
    dprior_lite.store.WeightError: There is no weight 'no-such-net'; ...
    """
    from safetensors.torch import load as parse

    path = find(name)
    card = read_card(path.with_suffix(".json"))
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    if digest != card["sha256"]:
        raise WeightError(
            f"{path.name} has sha256 {digest[:12]}..., its card says {card['sha256'][:12]}... ({len(content)} bytes): "
            "the file is truncated, damaged or another one. Delete it and fetch or train it again."
        )
    net = build(card["recipe"]["net"], card["recipe"]["net_args"])
    net.load_state_dict(widened(parse(content)))
    used.record("weights", card["name"], digest)
    net.register_forward_pre_hook(used.RecordCall(card["name"]))
    return net.to(device).eval().requires_grad_(False)
