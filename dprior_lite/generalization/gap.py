"""How much better a network denoises its own training pictures than others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser
from dprior_lite.gates.numbers import kind_of, require_generator, require_number, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.generalization.pairs import TOGETHER, denoised
from dprior_lite.generalization.vectors import same_pictures
from dprior_lite.metrics import psnr_each
from dprior_lite.miyasawa import noisy

LEVELS = (0.0, 6.0, 12.0, 18.0, 24.0, 30.0)  # dB of the noisy pictures


@dataclass(frozen=True)
class Gap:
    """The PSNR of a network on training and on test pictures, over the PSNR of the noisy pictures.

    Attributes
    ----------
    psnr_in : tuple of float
        PSNR of the noisy pictures before clipping, in dB, L numbers.
    train, test : Tensor
        PSNR of every denoised picture in dB, (L, N) and (L, M).
    value : float
        Mean over the levels of the mean on training pictures minus the mean on test pictures, in dB; infinite where a
        training picture is returned exactly.
    error : float
        Its standard error over pictures; infinite where one of the two sets is a single picture.
    """

    psnr_in: tuple[float, ...]
    train: Tensor
    test: Tensor
    value: float
    error: float


def train_test_gap(
    net: Denoiser,
    train: Tensor,
    test: Tensor,
    generator: torch.Generator,
    psnr_in: Sequence[float] = LEVELS,
    together: int = TOGETHER,
) -> Gap:
    """Return the PSNR of a network on training and on test pictures over noise, and the mean gap.

    At an input of P dB the noise has the standard deviation `10 ** (-P / 20)`, and the network sees the noisy picture
    as it is. PSNR has peak 1, is taken after clipping to [0, 1], and averaged over pictures. The noise of the test
    pictures is drawn first: with one seed it is the same for networks with other training sets.

    Parameters
    ----------
    net : callable
        Denoiser.
    train, test : Tensor
        Pictures (N, C, H, W) and (M, C, H, W) in [0, 1] of one shape. A few hundred training pictures are enough;
        N = 1 is allowed, and `train.expand(64, -1, -1, -1)` shows one picture in 64 noises.
    generator : torch.Generator
        Of the noise.
    psnr_in : sequence of float
        Levels of noise, in dB.
    together : int
        Pictures that the network is given at once.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or the network returns pictures of both sets exactly.

    Examples
    --------
    >>> x = torch.full((2, 1, 8, 8), 0.5)
    >>> found = train_test_gap(lambda y: 0 * y + 0.4, x, x + 0.2, torch.Generator().manual_seed(0), [0.0, 20.0])
    >>> round(found.value, 2), round(float(found.train[0, 0]), 2), round(float(found.test[0, 0]), 2)
    (9.54, 20.0, 10.46)
    """
    for pictures, name in ((train, "train"), (test, "test")):
        require_batch(check_pictures(pictures, name), name, 4)
    same_pictures(train, test, "train", "test")
    together, levels = require_whole(together, "together"), _levels(psnr_in)
    require_generator(generator)
    on_test, on_train = (
        torch.stack([_psnr(net, x.detach(), 10 ** (-level / 20), generator, together) for level in levels]).double()
        for x in (test, train)
    )  # (L, M), (L, N)
    value = float(on_train.mean() - on_test.mean())
    if math.isnan(value):
        raise ValueError("net returns training and test pictures exactly: a gap needs test pictures that it never saw.")
    return Gap(levels, on_train, on_test, value, math.hypot(_error(on_train), _error(on_test)))


def _levels(psnr_in: Sequence[float]) -> tuple[float, ...]:
    if not isinstance(psnr_in, Sequence) or isinstance(psnr_in, str) or not len(psnr_in):
        raise TypeError(
            f"psnr_in is {kind_of(psnr_in)}; expected a list of at least one number in dB, such as [0, 12]."
        )
    return tuple(require_number(level, "a level of psnr_in", least=-60, most=120) for level in psnr_in)


def _psnr(net: Denoiser, x: Tensor, sigma: float, generator: torch.Generator, together: int) -> Tensor:
    """Return the PSNR of each denoised picture, (B,)."""
    y = noisy(x, sigma, generator)
    return torch.cat([psnr_each(a, b) for a, b in zip(denoised(net, y, together), x.split(together))])


def _error(psnr: Tensor) -> float:
    """Return the standard error over pictures of a mean over levels and pictures, from (L, B)."""
    each = psnr.mean(0)  # (B,)
    return float(each.std() / len(each) ** 0.5) if len(each) > 1 and bool(each.isfinite().all()) else math.inf
