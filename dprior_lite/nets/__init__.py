"""Networks: a denoiser maps a noisy picture y (B, C, H, W) to its estimate x_hat of the same shape.

An architecture is a class with the decorator `architecture`. The text given there stands in the cards of trained
weights and never changes, wherever the class moves.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as torch_module

from dprior_lite.gates.levels import float32_on_cpu

LARGEST = 500_000_000  # numbers in one network, 2 GB
MOST_TENSORS = 1_000
LARGEST_ARGUMENT = 1_000_000
_ARCHITECTURES: dict[str, type[nn.Module]] = {}


def architecture(name: str) -> Callable[[type[nn.Module]], type[nn.Module]]:
    """Return a decorator that makes a class known under the text that cards use for it.

    Examples
    --------
    >>> "bfcnn.BFCNN" in architectures()
    True
    """

    def register(net: type[nn.Module]) -> type[nn.Module]:
        """Note the class under the text, and return it as it is."""
        known = _ARCHITECTURES.get(name)
        # the same class again is a module that was reloaded
        if known is not None and (known.__module__, known.__qualname__) != (net.__module__, net.__qualname__):
            raise ValueError(f"Two architectures are called {name}: {known.__module__} and {net.__module__}.")
        _ARCHITECTURES[name] = net
        return net

    return register


def architectures() -> dict[str, type[nn.Module]]:
    """Return all architectures by the text that cards use, found in the modules of this package.

    Examples
    --------
    >>> architectures()["unet.UNet"].__name__
    'UNet'
    """
    for found in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{found.name}")
    return dict(sorted(_ARCHITECTURES.items()))


def build(net: str, args: Mapping[str, Any]) -> nn.Module:
    """Return the untrained float32 network on the CPU that a recipe or a card names, with `args`.

    It is built without memory first, so that an absurd size is refused before it is asked for.

    Raises
    ------
    ValueError
        If there is no such architecture, if `args` do not fit it, or if it would be larger than `LARGEST`.

    Examples
    --------
    >>> sum(p.numel() for p in build("bfcnn.BFCNN", {"depth": 3, "width": 4}).parameters())
    220
    """
    kind = _find(net) if isinstance(net, str) else None
    if kind is None:
        raise ValueError(f"There is no architecture {net!r}; there are {', '.join(architectures())}.")
    if not isinstance(args, Mapping) or not all(isinstance(key, str) for key in args):
        raise ValueError(f"The arguments of {net} are {args!r}; expected a dictionary of names and values.")
    _refuse_absurd(kind, net, args)
    with float32_on_cpu():
        return kind(**args)


def _find(name: str) -> type[nn.Module] | None:
    """Return an architecture; only the module that its name begins with is imported if it stands there."""
    module = f"{__name__}.{name.partition('.')[0]}"
    if name not in _ARCHITECTURES and name.partition(".")[0].isidentifier() and find_spec(module):
        import_module(module)
    return _ARCHITECTURES.get(name) or architectures().get(name)


class _TooLargeError(Exception):
    """Raised while a network is built without memory."""


def _refuse_absurd(kind: type[nn.Module], net: str, args: Mapping[str, Any]) -> None:
    """Build on the meta device, which has no memory, and stop as soon as the network is too large."""
    numbers = tensors = 0

    def count(module: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        """Add one parameter to the totals, and stop the building when they are too large."""
        nonlocal numbers, tensors
        numbers += parameter.numel() if parameter is not None else 0
        tensors += 1
        if numbers > LARGEST or tensors > MOST_TENSORS:
            raise _TooLargeError

    if _largest(args) > LARGEST_ARGUMENT:
        raise ValueError(f"{net} with {_short(args)} is too large to be meant: a number is above {LARGEST_ARGUMENT:,}.")
    hook = torch_module.register_module_parameter_registration_hook(count)
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            kind(**args)
    except _TooLargeError:
        raise ValueError(
            f"{net} with {_short(args)} would have more than {LARGEST:,} parameters or {MOST_TENSORS:,} tensors: too"
            " large to be meant."
        ) from None
    except Exception as error:  # whatever the constructor makes of arguments that do not fit
        said = " ".join(str(error).split())[:160]
        raise ValueError(f"{net} cannot be built with {_short(args)}: {said}") from error
    finally:
        hook.remove()


def _largest(value: Any) -> float:
    """Return the largest number in an argument, or in a list or dictionary of them."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return max(map(_largest, value), default=0.0)
    return abs(value) if isinstance(value, int | float) else 0.0


def _short(args: Mapping[str, Any]) -> str:
    text = repr(dict(args))
    return text if len(text) <= 120 else text[:117] + "..."
