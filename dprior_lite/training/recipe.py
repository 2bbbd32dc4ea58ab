"""A recipe: everything that makes a training repeatable, in one dataclass that a card can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any

from torch import nn

from dprior_lite.nets import build
from dprior_lite.profiles import PROFILES
from dprior_lite.training.noise import LAWS, NoiseLaw

__all__ = ["PROFILES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """What is trained, on what, against which noise, for how long.

    Attributes
    ----------
    name : str
        Also the name of the weight.
    says : str
        One line for a person.
    net, net_args : str, mapping
        Class in `dprior_lite.nets`, as "module.Class", and its arguments.
    data : tuple of str
        Training sources, see `training.sources`.
    held_out : str
        Source whose PSNR the card reports; never one on which a page measures.
    noise : NoiseLaw
        Law of sigma.
    steps : mapping
        Optimiser steps in each profile.
    batch, patch : int
        Examples a step, over all processes; side of a patch in pixels.
    loss : str
        Function of the science, as "module.function", called as `loss(net, x, sigma, generator)`.
    sigmas_255 : tuple of float
        Noise levels of the card, in 1/255.
    contrast : float
        Standard deviation to which every training patch is rescaled; 0 leaves them as they are.
    denoiser : str
        What makes a denoiser `(y, sigma) -> x_hat` of the network, as "module.function": the card measures that.
    finish : str
        What is done to the finished network before it is written, as "module.function", called as `finish(net, x,
        generator)` with training pictures x; empty for nothing.
    """

    name: str
    says: str
    net: str
    data: tuple[str, ...]
    noise: NoiseLaw
    steps: Mapping[str, int]
    net_args: Mapping[str, Any] = field(default_factory=dict)
    held_out: str = ""
    batch: int = 32
    patch: int = 48
    turn: bool = True
    lr: float = 1e-3
    ema: float = 0.999
    seed: int = 0
    loss: str = "miyasawa.squared_error"
    sigmas_255: tuple[float, ...] = ()
    contrast: float = 0.0
    denoiser: str = "miyasawa.blind"
    finish: str = ""

    def build(self) -> nn.Module:
        """Return the untrained network."""
        return build(self.net, self.net_args)

    def function(self, field_: str) -> Callable:
        """Return the function that a field names: "loss", "denoiser" or "finish"."""
        module, name = getattr(self, field_).split(".")
        return getattr(import_module(f"dprior_lite.{module}"), name)

    def to_json(self) -> dict[str, Any]:
        """Return plain numbers, strings, lists and dictionaries."""
        plain = asdict(self) | {"noise": {"law": type(self.noise).__name__, **asdict(self.noise)}}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Recipe:
        """Return the recipe that `to_json` wrote."""
        law = dict(plain["noise"])
        if law.get("law") not in LAWS:
            raise ValueError(f"There is no law of noise {law.get('law')!r}; there are {', '.join(LAWS)}.")
        values = {k: tuple(v) if k in ("data", "sigmas_255") else v for k, v in plain.items()}
        return cls(**values | {"noise": LAWS[law.pop("law")](**law)})
