"""Random patches of pictures, drawn on whatever device the pictures live on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dprior_lite.gates.pictures import picture_list, side


def equal_contrast(x: Tensor, contrast: float, floor: float = 1 / 255) -> Tensor:
    """Rescale every picture of `x` (B, C, H, W) about its mean to the standard deviation `contrast`.

    The result may leave [0, 1]. A picture whose standard deviation is below `floor`, one gray level by default, counts
    as if it were that: rounding is no contrast.

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
    """Uniformly placed square patches of pictures of any sizes, each turned and mirrored at random.

    The 8-bit pixels of all pictures lie in one flat tensor, so a batch is one gather, on a CPU or a GPU.

    Parameters
    ----------
    pictures : sequence of Tensor
        Clean pictures (1, C, H, W) or stacks (N, C, H, W) in [0, 1], all with the same C; pictures smaller than `size`
        are refused. What lies a little outside [0, 1], as after resampling, is clipped to it.
    size : int
        Side of the patches, in pixels.
    turn : bool
        Whether a patch is turned by a random multiple of 90 degrees and mirrored; False for digits and letters.
    contrast : float
        Standard deviation to which every patch is rescaled about its mean, see `equal_contrast`; 0 leaves them as they
        are.

    Raises
    ------
    TypeError, ValueError
        If something is no clean picture, if `size` is no whole number of pixels or larger than a picture, or if
        `contrast` is negative or not finite.

    Examples
    --------
    >>> patches = Patches([torch.rand(1, 1, 40, 30)], size=8)
    >>> patches.draw(4, torch.Generator().manual_seed(0)).shape
    torch.Size([4, 1, 8, 8])
    """

    def __init__(
        self, pictures: Sequence[Tensor] | Tensor, size: int, turn: bool = True, contrast: float = 0.0
    ) -> None:
        size = side(size)
        if not isinstance(contrast, int | float) or not 0 <= contrast < math.inf:
            raise ValueError(f"contrast is {contrast!r}; expected a standard deviation of at least 0, such as 0.2.")
        singles = [x for stack in picture_list(pictures) for x in stack.split(1)]
        if not singles or min(min(x.shape[-2:]) for x in singles) < size:
            raise ValueError(f"Patches of {size} pixels need at least one picture, and none smaller than that.")
        if len(channels := {x.shape[1] for x in singles}) > 1:
            raise ValueError(f"The pictures have {sorted(channels)} channels; expected one number of channels for all.")
        self.size, self.turn, self.contrast = size, turn, contrast
        # all pixels of all pictures, (P, C)
        pixels = torch.cat([x[0].detach().movedim(0, -1).flatten(0, 1) for x in singles])
        self.pixels = pixels.float().clamp(0, 1).mul(255).round().to(torch.uint8)
        height, width = (torch.tensor([x.shape[k] for x in singles], device="cpu") for k in (-2, -1))
        self.start = torch.cumsum(height * width, 0) - height * width
        self.width, self.rows, self.columns = width, height - size + 1, width - size + 1
        self.places = torch.cumsum(self.rows * self.columns, 0)

    def to(self, device: str | torch.device) -> Patches:
        """Move the pixels to `device`; places are drawn on the CPU, so every device draws the same."""
        self.pixels = self.pixels.to(device)
        return self

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` patches (n, C, size, size), float32, every place of every picture equally likely.

        They lie in [0, 1] where `contrast` is 0. The generator is one of the CPU.
        """
        n, generator = side(n, "n"), _cpu_generator(generator)
        # a place among all places of all pictures, then the picture and the place in it
        place = (torch.rand(n, generator=generator, dtype=torch.float64, device="cpu") * self.places[-1]).long()
        picture = torch.searchsorted(self.places, place, right=True)
        place = place - (self.places - self.rows * self.columns)[picture]
        width, columns = self.width[picture], self.columns[picture]
        corner = self.start[picture] + (place // columns) * width + place % columns
        flips = torch.rand(3, n, generator=generator, dtype=torch.float32, device="cpu") < 0.5

        # few numbers travel to the device of the pixels
        corner, width, flips = (v.to(self.pixels.device)[..., None, None] for v in (corner, width, flips))
        i, j = self._grid(flips)  # (n, size, size)
        x = self.pixels[corner + i * width + j].movedim(-1, 1).float() / 255  # (n, C, size, size)
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


def _cpu_generator(generator: object) -> torch.Generator:
    """Return the generator if it is one of the CPU: every device draws the same places."""
    if not isinstance(generator, torch.Generator) or generator.device.type != "cpu":
        what = f"one of {generator.device}" if isinstance(generator, torch.Generator) else repr(generator)
        raise ValueError(f"generator is {what}; expected torch.Generator().manual_seed(0), which lies on the CPU.")
    return generator


class Points:
    """Points, or pictures, of a sampler, fresh at every draw: a training set without an end.

    Parameters
    ----------
    sample : callable
        `sample(n, generator) -> (n, ...)`.
    """

    def __init__(self, sample: Callable[[int, torch.Generator], Tensor]) -> None:
        if not callable(sample):
            raise TypeError(f"sample is a {type(sample).__name__}; expected a function (n, generator) -> (n, ...).")
        self.sample, self.device = sample, "cpu"

    def to(self, device: str | torch.device) -> Points:
        """Make `draw` return points on `device`."""
        self.device = device
        return self

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return `n` points (n, ...), float32."""
        return self.sample(side(n, "n"), _cpu_generator(generator)).float().to(self.device)
