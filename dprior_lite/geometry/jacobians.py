"""The Jacobian of a denoiser by rows and columns, in chunks within a bound on memory, and how wide its filters are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.func import jvp, vjp, vmap

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_number, require_whole

MEMORY = 1.0


def one(net: Denoiser) -> Denoiser:
    """Return `net` as a function of one item without batch dimension, in the form that `torch.func` differentiates."""
    return lambda item: net(item[None])[0]


def single(y: Tensor) -> Tensor:
    """Return the only item of `y` (1, ...) without its graph, or refuse."""
    if not isinstance(y, Tensor) or y.ndim < 2 or y.shape[0] != 1:
        require_batch(y)
        raise ValueError(
            f"one picture (1, C, H, W) was expected, not {tuple(y.shape)}: a Jacobian belongs to one picture."
        )
    return require_batch(y)[0].detach()


def at_once(net: Denoiser, item: Tensor, memory: float, most: int = 256) -> int:
    """Return how many of `most` vectors to send through together in `memory` GiB.

    From the largest tensor that a backward pass keeps. The network is also asked whether it records a gradient.
    """
    net, memory = network(net), require_number(memory, "memory", least=0)
    if most == 1:
        require_gradient(net, item[None])
        return 1
    kept = [item.numel() * item.element_size()]

    def note(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel() * tensor.element_size())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        asked = require_gradient(net, item[None]) is not None
        if not asked:
            with torch.inference_mode(False), torch.enable_grad():
                net(item[None].clone().requires_grad_())
    return int(max(1, min(most, memory * 2**30 // (4 * max(kept)))))


def products(product: Callable[[Tensor], Tensor], vectors: Tensor, chunk: int) -> Tensor:
    """Return `product` of each of `vectors` (n, C, H, W), `chunk` at a time, without a graph."""
    with torch.no_grad():
        return torch.cat([vmap(product)(part).detach() for part in vectors.split(chunk)])


def indices(item: Tensor, pixels: Sequence[int]) -> Tensor:
    """Return `pixels` as a tensor (n,), or refuse what is no pixel of `item`."""
    d = item.numel()
    try:
        index = torch.as_tensor(pixels, device=item.device).reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"pixels is a {type(pixels).__name__}; expected whole numbers from 0 to {d - 1}.") from None
    if len(index) == 0 or index.is_floating_point() or int(index.min()) < 0 or int(index.max()) >= d:
        raise ValueError(
            f"pixels {index.tolist()[:5]} were given; expected at least one whole number from 0 to {d - 1}, an index"
            f" into the flattened {tuple(item.shape)}."
        )
    return index


def units(item: Tensor, pixels: Sequence[int]) -> Tensor:
    """Return one picture a pixel, 1 there and 0 elsewhere, (n, C, H, W)."""
    index = indices(item, pixels)
    ones = torch.zeros(len(index), item.numel(), dtype=item.dtype, device=item.device)
    ones[torch.arange(len(index)), index] = 1
    return ones.reshape(-1, *item.shape)


def rows(
    net: Denoiser,
    y: Tensor,
    pixels: Sequence[int],
    chunk: int | None = None,
    memory: float = MEMORY,
    reach: int | None = None,
) -> Tensor:
    """Return the filters that make some output pixels: rows of the Jacobian at `y`, by vector-Jacobian products.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        One picture (1, C, H, W) of any size.
    pixels : sequence of int
        Indices into the flattened picture, n of them.
    chunk : int, optional
        Rows computed at once; by default as many as fit into `memory` GiB, at most 256.
    memory : float
        About the working memory to use, in GiB; one row at a time is the least.
    reach : int, optional
        Look no farther than so many pixels: exact if it is at least the radius of the receptive field, and as cheap in
        a large picture as in a small one. By default the whole picture is used.

    Returns
    -------
    Tensor
        (n, C, H, W), each in the place of the picture where its weights apply: `(rows * y).sum((1, 2, 3))` is the
        output at `pixels` of a network without additive constants.

    Examples
    --------
    >>> rows(lambda y: y.cumsum(-1), torch.zeros(1, 1, 1, 4), [2])
    tensor([[[[1., 1., 1., 0.]]]])
    """
    item, net = single(y), network(net)
    if reach is not None:
        reach = require_whole(reach, "reach", 0)
        return torch.cat([_row_near(net, item, int(pixel), reach) for pixel in indices(item, pixels)])
    ones = units(item, pixels)  # (n, C, H, W)
    chunk = together(net, item, memory, chunk, len(ones))
    pull = vjp(one(net), item)[1]
    return products(lambda v: pull(v)[0], ones, chunk)


def together(net: Denoiser, item: Tensor, memory: float, chunk: int | None, n: int) -> int:
    """Return how many of `n` vectors to send through together: `chunk`, or as many as fit."""
    if chunk is None:
        return at_once(net, item, memory, min(256, n))
    require_gradient(network(net), item[None])
    return require_whole(chunk, "chunk")


def _row_near(net: Denoiser, item: Tensor, pixel: int, reach: int, grid: int = 16) -> Tensor:
    """Return one row (1, C, H, W), computed on the neighbourhood of its pixel.

    It is cut where a network of at most five scales has its grid.
    """
    height, width = item.shape[-2:]
    channel, place = divmod(pixel, height * width)
    i, j = divmod(place, width)
    top, left = (max(0, (k - reach) // grid * grid) for k in (i, j))
    near = item[:, top : i + reach + 1, left : j + reach + 1]
    high, wide = near.shape[-2:]
    row = torch.zeros_like(item)[None]
    row[..., top : top + high, left : left + wide] = rows(
        net, near[None], [(channel * high + i - top) * wide + j - left]
    )
    return row


def columns(
    net: Denoiser, y: Tensor, pixels: Sequence[int], chunk: int | None = None, memory: float = MEMORY
) -> Tensor:
    """Return what some input pixels do to the output: columns of the Jacobian at `y`, by Jacobian-vector products.

    Arguments and shapes as in `rows`.

    Examples
    --------
    >>> columns(lambda y: y.cumsum(-1), torch.zeros(1, 1, 1, 4), [2])
    tensor([[[[0., 0., 1., 1.]]]])
    """
    item, net = single(y), network(net)
    ones = units(item, pixels)  # (n, C, H, W)
    chunk = together(net, item, memory, chunk, len(ones))
    return products(lambda v: jvp(one(net), (item,), (v,))[1], ones, chunk)


def jacobian(net: Denoiser, y: Tensor, chunk: int | None = None, memory: float = MEMORY) -> Tensor:
    """Return the Jacobian of `net` at each item of `y`, by rows.

    Parameters
    ----------
    net : callable
        Denoiser, in `eval` mode.
    y : Tensor
        (B, ...) with d numbers an item.
    chunk : int, optional
        Rows computed at once; by default as many as fit into `memory` GiB, at most 256.
    memory : float
        About the working memory to use, in GiB; the result itself, B d², comes on top.

    Returns
    -------
    Tensor
        (B, d, d); row i is the filter that makes output pixel i.

    Examples
    --------
    >>> jacobian(lambda y: 2 * y, torch.zeros(1, 3))[0]
    tensor([[2., 0., 0.],
            [0., 2., 0.],
            [0., 0., 2.]])
    """
    net, d = network(net), require_batch(y)[0].numel()
    return torch.stack([rows(net, item[None], range(d), chunk, memory).reshape(d, d) for item in y.detach()])


def pushed(net: Denoiser, y: Tensor, v: Tensor, memory: float = MEMORY) -> tuple[Tensor, Tensor]:
    """Return `net(y)` and `J v` of each item of `y` and `v` (B, ...).

    As many items at once as fit into `memory` GiB.

    Examples
    --------
    >>> pushed(lambda y: y**2, torch.tensor([[3.0]]), torch.tensor([[1.0]]))
    (tensor([[9.]]), tensor([[6.]]))
    """
    net, y = network(net), require_batch(y)
    if not isinstance(v, Tensor) or v.shape != y.shape or v.dtype != y.dtype:
        raise ValueError(f"v is {kind_of(v)} and y {kind_of(y)}; expected one shape and dtype.")
    part = at_once(net, y[0].detach(), memory, len(y))
    with torch.no_grad():
        pairs = [jvp(net, (a,), (b,)) for a, b in zip(y.split(part), v.split(part))]
    return torch.cat([x_hat for x_hat, _ in pairs]), torch.cat([moved for _, moved in pairs])


def filter_radius(filters: Tensor, pixels: Sequence[int]) -> Tensor:
    """Return `sqrt(sum w² rho² / sum w²)` of each filter, rho the distance to its pixel: (n,), in pixels.

    Parameters
    ----------
    filters : Tensor
        (n, C, H, W), from `rows` or `columns`.
    pixels : sequence of int
        Their pixels, as given there.

    Examples
    --------
    >>> filter_radius(torch.tensor([[[[0.0, 1.0, 0.0]]], [[[1.0, 0.0, 1.0]]]]), [1, 1])
    tensor([0., 1.])
    """
    place = indices(require_batch(filters, "filters", 4)[0], pixels)
    if len(place) != len(filters):
        raise ValueError(f"pixels are {len(place)} for {len(filters)} filters; expected one pixel a filter.")
    height, width = filters.shape[-2:]
    place = place % (height * width)
    i, j = torch.meshgrid(
        torch.arange(height, device=filters.device), torch.arange(width, device=filters.device), indexing="ij"
    )
    squared = (i - (place // width)[:, None, None]) ** 2 + (j - (place % width)[:, None, None]) ** 2
    power = filters.square().sum(1)
    return ((power * squared).sum((1, 2)) / power.sum((1, 2))).sqrt()
