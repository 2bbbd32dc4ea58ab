"""What a trained energy says: log p of a picture, its score, its denoiser, and how uncertain that is.

Everything comes from `U(y, t)` and one backward pass. `t` is a noise variance, a number or one a picture (B,), and
has to lie in the range of the training; a network that has a `shape` is asked about pictures of that shape only. What
is returned is about the *noisy* density p(. | t): of digits with exactly constant pixels the clean one is infinite, and
`log p(y | t)` grows without bound as t goes to 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.energy.matching import Derivatives, EnergyNet, derivatives
from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import as_picture, per_item, require_batch
from dprior_lite.gates.network import Network, ToldDenoiser, network
from dprior_lite.gates.numbers import kind_of, require_whole
from dprior_lite.geometry.probes import MOST_PROBES, item_signs

TOLD = ToldDenoiser


class _Energy(Network):
    """An energy behind the gate: one number an item, in the precision of the picture."""

    def __call__(self, y: Tensor, *levels: float | Tensor) -> Tensor:
        """Return the energies (B,) of `y` (B, ...)."""
        energy = self.raw(y, *levels)
        if not isinstance(energy, Tensor) or energy.shape != (len(y),):
            raise ValueError(
                f"The energy returned {kind_of(energy)} for {tuple(y.shape)}; expected one number an item, ({len(y)},)."
            )
        return energy


def energy_network(net: EnergyNet) -> Network:
    """Return an energy behind the network gate; it is called with copies and answers with (B,).

    Examples
    --------
    >>> energy_network(lambda y, t: y.square().sum(1))(torch.ones(2, 3), torch.ones(2))
    tensor([3., 3.])
    """
    return net if isinstance(net, _Energy) else _Energy(network(net).inner)


def _checked(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return t as (B,), or refuse a level or a shape the energy was not trained for."""
    t = per_item(t, require_batch(y, empty=True), "t")
    net = net.inner if isinstance(net, Network) else net
    shape, levels = getattr(net, "shape", None), getattr(net, "levels", None)
    if shape is not None and tuple(y.shape[1:]) != shape:
        raise ValueError(
            f"y has shape {tuple(y.shape)}; this energy is the density of {shape}. The density of pictures of one size"
            " says nothing about another size: cut the picture, or train an energy for its size."
        )
    if not bool(torch.isfinite(t).all()):
        raise ValueError(
            "t holds NaN or infinite values; expected finite noise variances, one number or one a picture."
        )
    if levels is not None and (bool((t < levels[0] * 0.9999).any()) or bool((t > levels[1] * 1.0001).any())):
        raise ValueError(
            f"t is between {float(t.min()):.3g} and {float(t.max()):.3g}; this energy was trained for variances"
            f" {levels[0]:g} to {levels[1]:g}. Outside it is a guess: at smaller t quote the value at the smallest one,"
            " and say so."
        )
    if not bool((t > 0).all()):
        raise ValueError(f"t is {float(t.min()):.3g} and more; expected noise variances above 0.")
    return t


def evaluate(net: EnergyNet, y: Tensor, t: float | Tensor, batch: int = 256) -> Derivatives:
    """Return energy (B,), gradient (B, ...) and time derivative (B,), in chunks of `batch`; the basis of all the rest.

    Raises
    ------
    ValueError
        If t is outside the trained range, y has another shape, or a value is not finite.

    Examples
    --------
    >>> evaluate(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(2, 3), 0.5).energy
    tensor([3., 3.])
    """
    t, net, batch = _checked(net, y, t), energy_network(net), require_whole(batch, "batch")
    if len(y):
        require_gradient(net, y[:1], t[:1])
    parts = [derivatives(net, a, b) for a, b in zip(y.split(batch), t.split(batch))]
    return Derivatives(*(torch.cat(p) for p in zip(*parts)))


def log_density(net: EnergyNet, y: Tensor, t: float | Tensor, batch: int = 256) -> Tensor:
    """Return `log p(y | t) = -U(y, t)` in nats, (B,): one forward pass.

    An estimate and not a bound. It is normalised if the energy is, see `anchor`. `y` is evaluated as it is: a clean
    picture at the smallest t is a point of the slightly noisy density, and the most probable of its neighbourhood.

    Examples
    --------
    >>> log_density(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(2, 3), 0.5)
    tensor([-3., -3.])
    """
    t, net, batch = _checked(net, y, t), energy_network(net), require_whole(batch, "batch")
    with torch.no_grad():
        return -torch.cat([net(a, b) for a, b in zip(y.split(batch), t.split(batch))])


def score(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `grad_y log p(y | t)`, of the shape of `y`.

    Examples
    --------
    >>> score(lambda y, t: y.square().sum(1) / (2 * t), torch.ones(1, 2), 0.5)
    tensor([[-2., -2.]])
    """
    return -evaluate(net, y, t).space


@torch.no_grad()
def denoise(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `x_hat = y - t grad_y U(y, t)`, the posterior mean if the score is right (Miyasawa's identity).

    Examples
    --------
    >>> denoise(lambda y, t: y.square().sum(1) / (2 * (1 + t)), torch.ones(1, 2), 1.0)
    tensor([[0.5000, 0.5000]])
    """
    return y - as_picture(per_item(t, require_batch(y, empty=True), "t"), y) * evaluate(net, y, t).space


def denoiser(net: EnergyNet) -> TOLD:
    """Return the energy as a denoiser `(y, sigma) -> x_hat` that is told the noise level.

    It is not differentiated further, see `laplacian`.

    Examples
    --------
    >>> denoiser(lambda y, t: y.square().sum(1) / (2 * (1 + t)))(torch.ones(1, 2), 1.0)
    tensor([[0.5000, 0.5000]])
    """
    net = energy_network(net)  # once, so that it is asked once whether it records a gradient
    return lambda y, sigma: denoise(net, y, per_item(sigma, y).square())


@torch.no_grad()
def posterior_variance_trace(net: EnergyNet, y: Tensor, t: float | Tensor) -> Tensor:
    """Return `tr Cov[x | y] = t d - 2 t² d_t U - t² |grad U|²` (B,), from one backward pass.

    It is the expected squared error at `y`.

    Examples
    --------
    >>> gaussian = lambda y, t: (y.square().sum(1) / (1 + t) + 2 * (1 + t).log()) / 2   # d = 2, unit variance
    >>> posterior_variance_trace(gaussian, torch.ones(1, 2), 1.0)                       # d t / (1 + t)
    tensor([1.])
    """
    t, found = per_item(t, require_batch(y), "t"), evaluate(net, y, t)
    return t * y[0].numel() - 2 * t.square() * found.time - t.square() * found.space.square().flatten(1).sum(1)


def laplacian(net: EnergyNet, y: Tensor, t: float | Tensor, probes: int, generator: torch.Generator) -> Tensor:
    """Return the trace of the Hessian of U by y (B,), the mean of `v.Hv` over random signs v (Hutchinson 1990).

    Two backward passes a probe; an item's value does not depend on the items after it. `t (d - t
    Laplacian U)` is the trace of the posterior covariance once more, by second derivatives (`posterior_variance_trace`
    needs none).

    Examples
    --------
    >>> bowl = lambda y, t: y.square().sum(1)
    >>> laplacian(bowl, torch.ones(1, 3), 1.0, 2, torch.Generator().manual_seed(0))
    tensor([6.])
    """
    t, total, net = _checked(net, require_batch(y), t), 0.0, energy_network(net)
    probes = require_whole(probes, "probes", 1, MOST_PROBES)
    require_gradient(net, y[:1], t[:1])
    with torch.inference_mode(False), torch.enable_grad():
        y = y.detach().clone().requires_grad_()
        space = torch.autograd.grad(net(y, t.clone()).sum(), y, create_graph=True)[0]  # (B, ...)
        if not space.requires_grad:  # an energy that is linear in y
            return torch.zeros_like(t)
        for v in item_signs(y.detach(), probes, generator):
            product = torch.autograd.grad(space, y, v, retain_graph=True)[0]
            total = total + (v * product).flatten(1).sum(1)
    return total / probes
