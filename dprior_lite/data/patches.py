"""Random patches of pictures, drawn on whatever device the pictures live on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def equal_contrast(x: Tensor, contrast: float, floor: float = 1 / 255) -> Tensor:
    """Rescale every picture of `x` (B, C, H, W) about its mean to one standard deviation; the result may leave [0, 1].

    A picture whose standard deviation is below `floor`, one gray level by default, counts as if it were that:
    rounding is no contrast.

    Examples
    --------
    >>> x = equal_contrast(torch.rand(2, 1, 8, 8), 0.2)
    >>> [round(float(v.std(correction=0)), 4) for v in x]
    [0.2, 0.2]
    """
    mean = x.mean((1, 2, 3), keepdim=True)
    sd = x.std((1, 2, 3), correction=0, keepdim=True).clamp_min(floor)
    return mean + (x - mean) * (contrast / sd)


class Patches:
    """Uniformly placed square patches of a list of pictures of any sizes, each turned and mirrored at random.

    The 8-bit pixels of all pictures lie in one flat tensor, so a batch is one gather, on a CPU or a GPU.

    Parameters
    ----------
    pictures : sequence of Tensor
        Clean pictures (1, C, H, W) or stacks (N, C, H, W) in [0, 1]; pictures smaller than `size` are refused.
    size : int
        Side of the patches, in pixels.
    turn : bool
        Whether a patch is turned by a random multiple of 90 degrees and mirrored; False for digits and letters.
    contrast : float
        Standard deviation to which every patch is rescaled about its mean, see `equal_contrast`; 0 leaves them as they
        are.

    Examples
    --------
    >>> patches = Patches([torch.rand(1, 1, 40, 30)], size=8)
    >>> patches.draw(4, torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 8, 8])
    """

    def __init__(self, pictures: Sequence[Tensor], size: int, turn: bool = True, contrast: float = 0.0) -> None:
        singles = [x for stack in pictures for x in stack.split(1)]
        if not singles or min(min(x.shape[-2:]) for x in singles) < size:
            raise ValueError(f"Patches of {size} pixels need at least one picture, and none smaller than that.")
        self.size, self.turn, self.contrast = size, turn, contrast
        self.pixels = torch.cat([x[0].movedim(0, -1).flatten(0, 1) for x in singles]).mul(255).round().to(torch.uint8)
        height, width = (torch.tensor([x.shape[k] for x in singles]) for k in (-2, -1))
        self.start = torch.cumsum(height * width, 0) - height * width
        self.width, self.rows, self.columns = width, height - size + 1, width - size + 1
        self.places = torch.cumsum(self.rows * self.columns, 0)

    def to(self, device: str | torch.device) -> Patches:
        """Move the pixels to `device`; places are always drawn on the CPU, so that every device draws the same."""
        self.pixels = self.pixels.to(device)
        return self

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` patches (n, C, size, size), float32 in [0, 1] (where `contrast` is 0), every place of every picture equally likely."""
        place = (torch.rand(n, generator=generator, dtype=torch.float64) * self.places[-1]).long()
        picture = torch.searchsorted(self.places, place, right=True)
        place = place - (self.places - self.rows * self.columns)[picture]
        width, columns = self.width[picture], self.columns[picture]
        corner = self.start[picture] + (place // columns) * width + place % columns
        flips = torch.rand(3, n, generator=generator) < 0.5
        corner, width, flips = (
            v.to(self.pixels.device)[..., None, None] for v in (corner, width, flips)
        )  # few numbers travel
        i, j = self._grid(flips)
        x = self.pixels[corner + i * width + j].movedim(-1, 1).float() / 255
        return equal_contrast(x, self.contrast) if self.contrast else x

    def _grid(self, flips: Tensor) -> tuple[Tensor, Tensor]:
        """Return row and column offsets (n, size, size), mirrored and turned as `flips` (3, n, 1, 1) says."""
        steps = torch.arange(self.size, device=flips.device)
        i, j = (g.expand(flips.shape[1], -1, -1) for g in torch.meshgrid(steps, steps, indexing="ij"))
        if not self.turn:
            return i, j
        mirror_i, mirror_j, swap = flips
        last = self.size - 1
        i, j = torch.where(mirror_i, last - i, i), torch.where(mirror_j, last - j, j)
        return torch.where(swap, j, i), torch.where(swap, i, j)


class Points:
    """Points, or pictures, of a sampler, fresh at every draw: the training set of a toy of which there is no end.

    Parameters
    ----------
    sample : callable
        `sample(n, generator) -> (n, ...)`.
    """

    def __init__(self, sample) -> None:
        self.sample, self.device = sample, "cpu"

    def to(self, device: str | torch.device) -> Points:
        """Make `draw` return points on `device`."""
        self.device = device
        return self

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, ...), float32."""
        return self.sample(n, generator).float().to(self.device)
