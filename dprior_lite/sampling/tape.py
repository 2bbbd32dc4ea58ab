"""Noise that every item of a batch draws from its own stream."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.geometry import random_signs


def item_seeds(n: int, generator: torch.Generator) -> list[int]:
    """Draw one seed an item, in order; the first items have the same seeds whatever `n`.

    Examples
    --------
    >>> item_seeds(3, torch.Generator().manual_seed(0))[:2] == item_seeds(2, torch.Generator().manual_seed(0))
    True
    """
    return [int(torch.randint(2**62, (), generator=generator)) for _ in range(n)]


class NoiseTape:
    """White noise that every item draws from its own stream, so that it does not depend on who else is in the batch.

    Two tapes with the same seeds play the same noise: matched comparisons of two denoisers, or of two settings.

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
    >>> alone, together = NoiseTape([7], (1, 4, 4)), NoiseTape([3, 7], (1, 4, 4))
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
        self.seeds, self.shape, self.device, self.dtype = list(seeds), tuple(shape), device, dtype
        self._noise = [torch.Generator().manual_seed(seed) for seed in self.seeds]
        self._signs = [torch.Generator().manual_seed(seed ^ 0x5DEECE66D) for seed in self.seeds]

    def __len__(self) -> int:
        return len(self.seeds)

    def draw(self) -> Tensor:
        """Return the next noise, `(B, *shape)`, unit variance."""
        return torch.stack([torch.randn(self.shape, generator=g, dtype=self.dtype) for g in self._noise]).to(
            self.device
        )

    def signs(self) -> Tensor:
        """Return the next random signs, `(B, *shape)`, from streams of their own: probing does not shift the noise."""
        blank = torch.empty(self.shape, dtype=self.dtype)
        return torch.stack([random_signs(blank, g) for g in self._signs]).to(self.device)
