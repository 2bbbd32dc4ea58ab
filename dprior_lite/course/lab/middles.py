"""The networks and pictures of chapter 13: ovals, digits and small photographs, each with its classes and its controls.

`train` are pictures that the network was trained on, among which neighbours and centres are looked for. `test` are
pictures that neither a training nor a choice has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from dprior_lite import data, load
from dprior_lite.representation import BlockMeans, Guidance, block_features, features, reconstruct
from dprior_lite.sampling import Ascent, Result
from dprior_lite.training import find
from dprior_lite.training.recipes.guidance import FIRST_TEST
from dprior_lite.training.sources import MNIST_TUNE

NETS = {"ovals": "ovals-mixture", "digits": "digits-middle", "photographs": "cifar-middle"}
BLOCKS = ("encoder.0", "encoder.1", "encoder.2", "middle", "decoder.2", "decoder.1", "decoder.0")
INNER = BLOCKS[1:-1]  # the first and the last block begin and end with the one channel of a picture
SIGMA, DRAWS = 0.2, 5  # of the features at the middle, where nothing else is said
PROFILE_DRAWS = 10  # of the averages of all blocks
NEIGHBOURS, HELD = 2000, 1000  # pictures among which is looked, and pictures that look

# levels and guidance of reconstructions, those of the paper made shorter
LEVELS = tuple(1.0 - 0.97 * n / 29 for n in range(30))
GUIDANCE = Guidance(rate=0.01, rounds=20, draws=10)
ASCENT = Ascent(h0=0.05, beta=0.1, sigma_0=1.0, sigma_L=0.03, max_steps=150)


def keys() -> list[str]:
    """Return the items of a measurement of every network, trained and untrained, with three draws of the noise.

    Examples
    --------
    >>> len(keys()), keys()[0]
    (18, 'ovals, trained, seed 0')
    """
    return [f"{kind}, {what}, seed {seed}" for kind in NETS for what in ("trained", "untrained") for seed in (0, 1, 2)]


def of_key(key: str) -> tuple[str, int, int | None]:
    """Return the kind of picture, the draw, and the seed of the untrained network, None for the trained one.

    Examples
    --------
    >>> of_key("ovals, trained, seed 0"), of_key("digits, untrained, seed 2")
    (('ovals', 0, None), ('digits', 2, 2))
    """
    kind, what, place = key.split(", ")
    seed = int(place.removeprefix("seed "))
    return kind, seed, seed if what == "untrained" else None


@cache
def net(kind: str, untrained: int | None = None) -> nn.Module:
    """Return the trained network of a kind of picture, or an untrained one of the same recipe, from a seed.

    Examples
    --------
    >>> net("digits", untrained=0).sizes[3]
    112
    """
    if untrained is None:
        return load(NETS[kind]).requires_grad_(False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1000 + untrained)
        return find(NETS[kind]).build().eval().requires_grad_(False)


def present(*kinds: str) -> tuple[str, ...]:
    """Return those kinds of pictures that are at hand; ovals always are.

    Examples
    --------
    >>> present("ovals")
    ('ovals',)
    """
    found = []
    for kind in kinds:
        try:
            pictures(kind, "test", 1)
        except data.DataAbsent:
            continue
        found.append(kind)
    return tuple(found)


@cache
def pictures(kind: str, split: str, count: int) -> tuple[Tensor, Tensor]:
    """Return pictures (count, 1, H, W) of one kind and their classes (count,); split is "train" or "test".

    Examples
    --------
    >>> x, classes = pictures("ovals", "test", 32)
    >>> x.shape, int(classes.max())
    (torch.Size([32, 1, 32, 32]), 15)
    """
    if kind == "ovals":
        return data.ovals_of_classes(count, start=FIRST_TEST if split == "test" else 0)
    if kind == "digits":
        x, classes = data.mnist(split)
        last = len(x) - (MNIST_TUNE if split == "train" else 0)
        return x[:last][:count], classes[:last][:count]
    x, classes = data.cifar10(split)
    return x[:count], classes[:count]


@cache
def phi(kind: str, split: str, count: int, seed: int, untrained: int | None = None, draws: int = DRAWS) -> Tensor:
    """Return the features (count, C) of pictures at the middle, at noise `SIGMA`; a seed is one draw of the noise.

    Examples
    --------
    >>> phi("ovals", "test", 4, seed=0, untrained=0, draws=2).shape
    torch.Size([4, 64])
    """
    x, _ = pictures(kind, split, count)
    generator = torch.Generator().manual_seed(1000 * seed + (split == "test"))
    return features(net(kind, untrained), x, SIGMA, generator, draws=draws)


def profile(kind: str, sigma: float, seed: int, untrained: int | None, count: int) -> dict[str, BlockMeans]:
    """Return the averages that enter and leave each of `BLOCKS`, for test pictures at one level of noise.

    Examples
    --------
    >>> profile("ovals", 0.2, 0, untrained=0, count=2)["middle"].output.shape
    torch.Size([2, 64])
    """
    x, _ = pictures(kind, "test", count)
    generator = torch.Generator().manual_seed(1000 * seed + round(100 * sigma))
    return block_features(net(kind, untrained), x, sigma, generator, BLOCKS, PROFILE_DRAWS)


def correlation(a: Tensor, b: Tensor) -> float:
    """Return the correlation of two sets of features (B, C) over pictures and channels, each channel centred.

    Examples
    --------
    >>> a = torch.tensor([[0.0, 5.0], [1.0, 7.0]])
    >>> round(correlation(a, 3 * a + 1), 6), round(correlation(a, -a), 6)
    (1.0, -1.0)
    """
    a, b = (v.double() - v.double().mean(0) for v in (a, b))
    return float((a * b).sum() / (a.norm() * b.norm()))


def targets(kind: str, count: int, copies: int) -> Tensor:
    """Return test pictures, each several times in a row, (count copies, 1, H, W).

    Examples
    --------
    >>> targets("ovals", 2, 3).shape
    torch.Size([6, 1, 32, 32])
    """
    return pictures(kind, "test", count)[0].repeat_interleave(copies, 0)


@cache
def reconstructed(
    kind: str,
    count: int,
    copies: int,
    seed: int,
    moves: str = "both",
    schedule: Sequence[float] | Ascent = LEVELS,
) -> Result:
    """Return `copies` reconstructions of each of `count` test pictures from their features at the middle.

    All start at the mean gray level of training pictures.

    Examples
    --------
    >>> reconstructed.__name__
    'reconstructed'
    """
    gray = float(pictures(kind, "train", 500)[0].mean())
    generator = torch.Generator().manual_seed(seed)
    return reconstruct(
        net(kind), targets(kind, count, copies), gray, generator, schedule, guidance=GUIDANCE, moves=moves
    )


def residual_level(kind: str, x: Tensor) -> Tensor:
    """Return `|x_hat(x) - x| / sqrt(d)` of pictures as they are, (B,): what the network takes for noise in them.

    Examples
    --------
    >>> residual_level.__name__
    'residual_level'
    """
    with torch.no_grad():
        parts = [net(kind)(part) - part for part in x.split(64)]
    return torch.cat(parts).flatten(1).square().mean(1).sqrt()
