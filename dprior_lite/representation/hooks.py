"""Read the maps inside a network while it runs: the names of its parts, and hooks on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dprior_lite.gates.network import network
from dprior_lite.gates.numbers import kind_of


def require_module(net: nn.Module) -> nn.Module:
    """Return a network that has named parts."""
    if not isinstance(net, nn.Module):
        raise TypeError(
            f"net is {kind_of(net)}; expected a torch network, such as load(...): the features are read inside it, at a"
            " block that has a name."
        )
    return net


def parts_of(net: nn.Module, before: str = "") -> Iterator[str]:
    """Yield the names of the parts of a network; the members of a list stand in its place."""
    for name, part in net.named_children():
        if isinstance(part, nn.ModuleList):
            yield from parts_of(part, f"{before}{name}.")
        else:
            yield before + name


def calls(net: nn.Module, y: Tensor, blocks: Sequence[str] | Iterator[str]) -> list[tuple[str, object]]:
    """Return the name and the answer of each part that ran while the first picture was denoised."""
    calls: list[tuple[str, object]] = []
    with hooked(net, list(blocks), lambda name, given, maps: calls.append((name, maps))), torch.no_grad():
        network(net)(y[:1].detach())
    return calls


@contextmanager
def hooked(net: nn.Module, blocks: Sequence[str], seen) -> Iterator[None]:  # noqa: ANN001
    """Call `seen(name, inputs, output)` whenever one of the blocks has run inside."""
    known = dict(net.named_modules())

    def hook(name: str):  # noqa: ANN202
        return lambda module, given, out: seen(name, given, out)

    handles = [known[name].register_forward_hook(hook(name)) for name in dict.fromkeys(blocks)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def is_maps(out: object) -> bool:
    """Return whether the answer of a part is maps of channels."""
    return isinstance(out, Tensor) and out.ndim == 4
