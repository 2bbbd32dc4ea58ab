"""Traces of a Jacobian: exact, or from a few random vectors with the error of the estimate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_generator, require_number, require_whole
from dprior_lite.geometry.jacobians import MEMORY, pushed, rows

MOST_PROBES = 100_000


@dataclass(frozen=True)
class Probed:
    """Traces estimated with random probes, each (B,) float64, with the standard error of its mean over the probes."""

    degrees_of_freedom: Tensor
    degrees_of_freedom_error: Tensor
    effective_dimension: Tensor
    effective_dimension_error: Tensor


def random_signs(y: Tensor, generator: torch.Generator) -> Tensor:
    """Return independent random signs of the shape, dtype and device of `y`.

    They are the probes of smallest variance (Hutchinson 1990).

    Examples
    --------
    >>> random_signs(torch.zeros(2, 2), torch.Generator().manual_seed(0)).abs()
    tensor([[1., 1.],
            [1., 1.]])
    """
    if not isinstance(y, Tensor):
        raise TypeError(f"y is {kind_of(y)}; expected a tensor, whose shape, dtype and device the signs take.")
    signs = torch.randint(0, 2, y.shape, generator=require_generator(generator), device=generator.device)
    return (2 * signs - 1).to(y)


def item_signs(y: Tensor, probes: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield `probes` batches of random signs like `y` (B, ...), each item's drawn in one go and in order.

    So the signs of an item do not depend on the items after it.

    Examples
    --------
    >>> two, one = (list(item_signs(torch.zeros(n, 4), 3, torch.Generator().manual_seed(0))) for n in (2, 1))
    >>> all(torch.equal(a[:1], b) for a, b in zip(two, one))
    True
    """
    device, shape = require_generator(generator).device, (probes, *y.shape[1:])
    drawn = [torch.randint(0, 2, shape, generator=generator, device=device, dtype=torch.int8) for _ in y]
    for k in range(probes):
        yield (2 * torch.stack([signs[k] for signs in drawn]) - 1).to(y)  # (B, ...)


def probed(net: Denoiser, y: Tensor, probes: int, generator: torch.Generator | None, memory: float = MEMORY) -> Probed:
    """Return estimates of `tr J = E v.Jv` and `sum s² = E |Jv|²` over random signs v (Hutchinson 1990).

    One Jacobian-vector product a probe. An item has the same estimate whatever follows it in the batch.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        (B, C, H, W).
    probes : int
        Number of random vectors, at least 2 for a standard error.
    generator : torch.Generator
        Of the vectors.
    memory : float
        About the working memory to use, in GiB; one picture at a time is the least.

    Examples
    --------
    >>> found = probed(lambda y: y / 2, torch.zeros(1, 8), 4, torch.Generator().manual_seed(0))
    >>> found.degrees_of_freedom, found.effective_dimension
    (tensor([4.], dtype=torch.float64), tensor([2.], dtype=torch.float64))
    """
    net, probes = network(net), require_whole(probes, "probes", 1, MOST_PROBES)
    traces, squares = [], []
    for v in item_signs(require_batch(y), probes, generator):
        jv = pushed(net, y, v, memory)[1].double()
        traces.append((v * jv).flatten(1).sum(1))
        squares.append(jv.square().flatten(1).sum(1))
    return Probed(*_mean_and_error(traces), *_mean_and_error(squares))


def _mean_and_error(drawn: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return the mean and its standard error, NaN for a single draw."""
    numbers = torch.stack(drawn)
    spread = numbers.std(0) if len(drawn) > 1 else torch.full_like(drawn[0], torch.nan)
    return numbers.mean(0), spread / len(drawn) ** 0.5


def _by_rows(net: Denoiser, y: Tensor, counted: Callable[[Tensor, Tensor], Tensor], memory: float) -> Tensor:
    """Return the sum of `counted(rows (n, d), their pixels (n,))` over all rows of each item's Jacobian, (B,).

    Never more rows are kept than fit into `memory` GiB.
    """
    net, d = network(net), require_batch(y)[0].numel()
    memory = require_number(memory, "memory", least=0)
    strips = torch.arange(d, device=y.device).split(max(1, int(memory * 2**30 // (32 * d))))
    return torch.stack(
        [
            sum(counted(rows(net, item, strip, memory=memory).flatten(1).double(), strip) for strip in strips)
            for item in y.split(1)
        ]
    )


def degrees_of_freedom(
    net: Denoiser,
    y: Tensor,
    probes: int | None = None,
    generator: torch.Generator | None = None,
    memory: float = MEMORY,
) -> Tensor:
    """Return `tr J` at each item, (B,), float64: exact, or the mean over random probes.

    See `probed` for its error. Exact takes one backward pass a pixel; both work within about `memory` GiB.

    Examples
    --------
    >>> degrees_of_freedom(lambda y: y / 2, torch.zeros(1, 8))
    tensor([4.], dtype=torch.float64)
    """
    if probes is None:
        return _by_rows(net, y, lambda part, pixels: part.gather(1, pixels[:, None]).sum(), memory)
    return probed(net, y, probes, generator, memory).degrees_of_freedom


def effective_dimension(
    net: Denoiser,
    y: Tensor,
    probes: int | None = None,
    generator: torch.Generator | None = None,
    memory: float = MEMORY,
) -> Tensor:
    """Return `sum s² = |J|_F²` at each item, (B,), float64: exact, or the mean of `|J v|²` over random probes.

    Exact takes one backward pass a pixel; both work within about `memory` GiB.

    Examples
    --------
    >>> effective_dimension(lambda y: y / 2, torch.zeros(1, 8))
    tensor([2.], dtype=torch.float64)
    """
    if probes is None:
        return _by_rows(net, y, lambda part, _: part.square().sum(), memory)
    return probed(net, y, probes, generator, memory).effective_dimension
