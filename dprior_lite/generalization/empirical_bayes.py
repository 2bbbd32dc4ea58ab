"""The exact denoiser of a finite training set: every clean picture is one of its pictures.

With equal probabilities for the N training pictures x_i and white noise of standard deviation sigma, the posterior mean
is a weighted mean of the training pictures, by Bayes' rule::

    f(y) = sum_i w_i x_i,    w_i proportional to exp(-|y - x_i|² / (2 sigma²)),    sum_i w_i = 1

As sigma falls to 0 it returns the nearest training picture; as sigma grows it returns their mean. On noisy training
pictures no denoiser has a smaller mean squared error. A sampler that ends at little noise returns a training picture
with it: it memorises (Kadkhodaie, Guth, Simoncelli & Mallat 2024).
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.gates.levels import per_item, require_batch
from dprior_lite.gates.network import Denoiser
from dprior_lite.gates.numbers import holds, require_number, require_whole
from dprior_lite.generalization.likeness import distances
from dprior_lite.generalization.vectors import BLOCK, blocks, same_pictures

AT_ZERO = "At sigma 0 the answer is the nearest training picture: nearest(y, training, by='distance')."


class EmpiricalBayes:
    """The posterior mean of a finite training set, called as a denoiser `(y, sigma) -> x_hat`.

    Sums are taken in float64, a block of training pictures at a time, so that N may be large. A training picture that
    stands twice in the set has twice the weight. Derivatives in y are exact, in both directions of differentiation.

    Parameters
    ----------
    training : Tensor
        Pictures (N, C, H, W), or points (N, d), of any scale; N = 1 is allowed.
    block : int
        Pictures of either set that are compared at once; the working memory is about `16 block d + 32 block²` bytes.

    Raises
    ------
    TypeError, ValueError
        If `training` is no batch of finite numbers.

    Examples
    --------
    >>> net = EmpiricalBayes(torch.tensor([[-1.0], [1.0]]))
    >>> y = torch.tensor([[0.5]])
    >>> float(net(y, sigma=1.0)) == float(torch.tanh(y))  # two points at a distance of 2
    True
    >>> net.at(0.01)(y)
    tensor([[1.]])
    """

    def __init__(self, training: Tensor, block: int = BLOCK) -> None:
        self.block = require_whole(block, "block")
        for _ in blocks(training, block, "training"):  # every one is checked
            pass
        self.training = training.detach()

    def __len__(self) -> int:
        return len(self.training)

    def __call__(self, y: Tensor, sigma: float | Tensor) -> Tensor:
        """Return the posterior mean (B, ...) at noisy pictures `y` of noise level `sigma`, above 0.

        `sigma` is one number, or one an item (B,).
        """
        same_pictures(require_batch(y), self.training, "y", "training")
        levels = per_item(sigma, y, dtype=torch.float64)  # (B,)
        if not holds((levels > 0).all() & levels.isfinite().all()):
            raise ValueError(
                f"sigma is between {float(levels.min()):.3g} and {float(levels.max()):.3g}; expected finite noise"
                f" levels above 0. {AT_ZERO}"
            )
        parts = zip(y.flatten(1).double().split(self.block), levels[:, None].split(self.block))
        return torch.cat([self._mean(*part) for part in parts]).reshape(y.shape).to(y.dtype)

    def at(self, sigma: float) -> Denoiser:
        """Return the denoiser `y -> x_hat` for one noise level, above 0."""
        sigma = require_number(sigma, "sigma", above=0, hint=AT_ZERO)
        return lambda y: self(y, sigma)

    def _mean(self, y: Tensor, sigma: Tensor) -> Tensor:
        """Return the mean of the training pictures by their weights, (B, d), for y (B, d) and sigma (B, 1)."""
        still = y.detach()
        least = torch.full_like(sigma, torch.inf)  # the smallest squared distance so far, (B, 1)
        total, mean = torch.zeros_like(sigma), torch.zeros_like(still)  # (B, 1), (B, d)
        for _, part in blocks(self.training, self.block, "training"):
            x = part.flatten(1).double()  # (n, d)
            squares = distances(still, x).square()  # (B, n)
            now = torch.minimum(least, squares.amin(1, keepdim=True))

            # the last term is zero and carries the derivative; |y|² is left out of it, since all weights share it
            apart = squares - now + 2 * (still - y) @ x.mT
            weight = _falling(apart, sigma)  # (B, n)
            before = _falling(least - now, sigma)  # (B, 1)
            total = before * total + weight.sum(1, keepdim=True)
            mean = before * mean + weight @ x
            least = now
        return mean / total


def _falling(squares: Tensor, sigma: Tensor) -> Tensor:
    """Return `exp(-squares / (2 sigma²))`; sigma is not squared, since the square of a small one is 0."""
    return (-squares / 2 / sigma / sigma).exp()
