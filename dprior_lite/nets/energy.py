"""Energies: networks with one number at the end, `U(y, t)`, meant to be -log p(y | t) in nats up to a constant.

`y = x + sqrt(t) z` is a picture with noise of *variance* t. Guth, Kadkhodaie & Simoncelli 2025 (section 3) take `U =
<y, g(y, t)> / 2` with a UNet g that answers with a picture: if the score is conservative and homogeneous, this is its
energy (Euler). Two additions here, both deviations from the paper.

A *Gaussian base* `|y - m|² / 2(v + t) + (d/2) log 2 pi (v + t)`, which is right at large t: without it the first
thousands of steps are spent on finding it.

A *learned function of t*, `d b(t)`: a normalisation constant changes with t, and an inner product with a picture can
follow it only through g.
"""

from __future__ import annotations

from math import log, pi, prod

import torch
from torch import Tensor, nn

from dprior_lite.nets import architecture
from dprior_lite.nets.conditional import LevelFeatures, LevelUNet


class Constant(nn.Module):
    """What is added to an energy after training, so that its density integrates to one; kept in float64.

    Examples
    --------
    >>> Constant().value
    tensor(0., dtype=torch.float64)
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("value", torch.zeros((), dtype=torch.float64))

    def forward(self, energy: Tensor) -> Tensor:
        """Return `energy` (B,) plus the constant."""
        return energy + self.value.to(energy)


@architecture("energy.Energy")
class Energy(nn.Module):
    """`(y, t) -> U`, (B, C, H, W) and (B,) to (B,), in nats.

    Parameters
    ----------
    mean, variance : float
        Of the pixels of the training pictures: the Gaussian base.
    shape : sequence of int
        C, H, W of the pictures. A density over pictures of one size says nothing of another: other shapes are refused.
    levels : (float, float)
        Smallest and largest t of the training; what is outside is refused by the functions of `dprior_lite.energy`.
    base, time : bool
        Whether there is a Gaussian base, and a learned function of t.
    **unet
        Arguments of `LevelUNet`.

    Examples
    --------
    >>> net = Energy(mean=0.5, variance=0.1, shape=[1, 6, 6], widths=[8], blocks=[1])
    >>> net(torch.zeros(2, 1, 6, 6), torch.ones(2)).shape
    torch.Size([2])
    """

    def __init__(
        self,
        mean: float,
        variance: float,
        shape: list[int],
        levels: tuple[float, float] = (1e-4, 100.0),
        base: bool = True,
        time: bool = True,
        **unet,
    ) -> None:
        super().__init__()
        self.mean, self.variance, self.shape, self.levels = mean, variance, tuple(shape), tuple(levels)
        self.d = prod(shape)
        self.base = base
        self.net = LevelUNet(channels=shape[0], levels=levels, **unet)
        self.time = nn.Sequential(LevelFeatures(levels, 64), nn.Linear(64, 1)) if time else None
        if time:
            nn.init.zeros_(self.time[1].weight)
            nn.init.zeros_(self.time[1].bias)
        self.constant = Constant()

    def forward(self, y: Tensor, t: Tensor) -> Tensor:
        """Return the energies (B,) of `y` (B, C, H, W) at noise variances `t` (B,)."""
        v, s = self.variance, self.variance + t
        centred = y - self.mean
        u = centred / s.sqrt()[:, None, None, None]
        g = self.net(u, t).to(y.dtype)
        energy = (v / t).sqrt() / 2 * (u * g).flatten(1).sum(1)
        if self.base:
            energy = energy + u.square().flatten(1).sum(1) / 2 + self.d / 2 * (2 * pi * s).log()
        if self.time is not None:
            with torch.autocast(t.device.type, enabled=False):
                energy = energy + self.d * self.time(t)[:, 0]
        return self.constant(energy)


@architecture("energy.RadialEnergy")
class RadialEnergy(nn.Module):
    """`(y, t) -> U` for points (B, d): the smaller, softly, of the energies of two round Gaussians.

    Their scales and heights are learned functions of t.

    `U = -log sum_k exp(-(a_k(t) |y|² + d b_k(t)))`, the form in which Guth et al. 2025 learn a scale mixture; here
    `a_k` is `exp(h_k(t)) / 2(v + t)`, positive and of the right size from the start. The second height is given by
    the radius at which the two are equal, `|y|²/d = c(t) + t`: `b_2 = b_1 + (a_1 - a_2)(c + t)`, with `c = v
    exp(n(t))`. While `a_1 > a_2` (at the start; nothing enforces it) points inside belong to the first, outside to
    the second, so a c between two shells loses neither, at any t. Another c gives the shells other heights, and changes
    no error of denoising. The bias of n is drawn, so c starts at about .2 to 1.6 v.

    Parameters
    ----------
    d : int
        Number of dimensions.
    variance : float
        v, the mean variance of a coordinate.
    levels : (float, float)
        Smallest and largest t of the training.
    width, depth : int
        Units and number of hidden layers.

    Examples
    --------
    >>> RadialEnergy(d=5, variance=8.5)(torch.zeros(2, 5), torch.ones(2)).shape
    torch.Size([2])
    """

    def __init__(
        self, d: int, variance: float, levels: tuple[float, float] = (1e-2, 100.0), width: int = 64, depth: int = 3
    ) -> None:
        super().__init__()
        self.shape, self.levels, self.d, self.variance = (d,), tuple(levels), d, variance
        self.low, self.high = (log(t) for t in levels)
        sizes = [1, *[width] * depth, 4]
        layers = [m for a, b in zip(sizes, sizes[1:]) for m in (nn.Linear(a, b), nn.SiLU())]
        self.layers = nn.Sequential(*layers[:-1])
        with torch.no_grad():
            # one narrow and one wide: two alike have nothing to part them
            start = torch.tensor([1.0, -1.0, 0.0, -1.5], dtype=torch.float64)
            start[3] += 2 * torch.rand(())
            self.layers[-1].bias.copy_(start)
        self.constant = Constant()

    def forward(self, y: Tensor, t: Tensor) -> Tensor:
        """Return the energies (B,) of `y` (B, d) at noise variances `t` (B,)."""
        place = 2 * (t.log() - self.low) / (self.high - self.low) - 1
        with torch.autocast(t.device.type, enabled=False):
            narrow, wide, height, over = self.layers(place[:, None]).unbind(1)
        a_1, a_2 = (h.exp() / (2 * (self.variance + t)) for h in (narrow, wide))
        radius, step = y.square().sum(1), (a_1 - a_2) * (self.variance * over.exp() + t)
        terms = torch.stack([a_1 * radius, a_2 * radius + self.d * step], 1) + self.d * height[:, None]
        return self.constant(-torch.logsumexp(-terms, 1))
