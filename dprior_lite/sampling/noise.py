"""Noise that every item of a batch draws from its own stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from dprior_lite.gates.numbers import FLOATS, kind_of, require_generator, require_shape, require_whole
from dprior_lite.geometry import random_signs

MOST_ITEMS = 1_000_000


def item_seeds(n: int, generator: torch.Generator) -> list[int]:
    """Return one seed an item, drawn in order; the first items have the same seeds whatever `n`.

    Examples
    --------
    >>> item_seeds(3, torch.Generator().manual_seed(0))[:2] == item_seeds(2, torch.Generator().manual_seed(0))
    True
    """
    n, device = require_whole(n, "n", 1, MOST_ITEMS), require_generator(generator).device
    return [int(torch.randint(2**62, (), generator=generator, device=device)) for _ in range(n)]


class ItemNoise:
    """White noise that every item draws from its own stream, so that it does not depend on who else is in the batch.

    Two with the same seeds draw the same noise: matched comparisons of two denoisers, or of two settings.

    Parameters
    ----------
    seeds : sequence of int
        One an item, see `item_seeds`.
    shape : tuple of int
        Of one item, (C, H, W) or (d,).
    device : str
        Where the noise goes; it is always drawn on the CPU.
    dtype : torch.dtype
        Of the noise.

    Examples
    --------
    >>> alone, together = ItemNoise([7], (1, 4, 4)), ItemNoise([3, 7], (1, 4, 4))
    >>> bool((alone.draw()[0] == together.draw()[1]).all())
    True
    """

    def __init__(
        self,
        seeds: Sequence[int],
        shape: Sequence[int],
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if not isinstance(seeds, Iterable):
            raise TypeError(f"seeds is {kind_of(seeds)}; expected whole numbers, such as item_seeds(n, generator).")
        self.seeds = [require_whole(seed, "seed", -(2**63), 2**64 - 1) for seed in seeds]
        self.shape, self.device, self.dtype = require_shape(shape), device, dtype
        if not self.seeds or dtype not in FLOATS:
            raise ValueError(
                f"seeds are {len(self.seeds)} and dtype is {dtype}; expected at least one seed, and float32 or float64."
                " Use item_seeds(n, generator)."
            )
        self._noise = [torch.Generator("cpu").manual_seed(seed) for seed in self.seeds]
        self._signs = [torch.Generator("cpu").manual_seed(seed ^ 0x5DEECE66D) for seed in self.seeds]

    def __len__(self) -> int:
        return len(self.seeds)

    def draw(self) -> Tensor:
        """Return the next noise, `(B, *shape)`, unit variance."""
        drawn = [torch.randn(self.shape, generator=g, dtype=self.dtype, device="cpu") for g in self._noise]
        return torch.stack(drawn).to(self.device)  # (B, *shape)

    def signs(self) -> Tensor:
        """Return the next random signs, `(B, *shape)`, from streams of their own: probing does not shift the noise."""
        blank = torch.empty(self.shape, dtype=self.dtype, device="cpu")
        return torch.stack([random_signs(blank, g) for g in self._signs]).to(self.device)  # (B, *shape)


NoiseTape = ItemNoise  # its former name
