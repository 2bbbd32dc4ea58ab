"""One step of the ascent, and the settings that say how large it is and when to stop."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dprior_lite.gates.levels import as_picture
from dprior_lite.gates.numbers import require_number, require_whole

MOST_STEPS = 1_000_000
SMALLEST_LEVEL = 1e-6  # float32 pictures near 1 are rounded to 6e-8, and a network adds up thousands of such errors


@dataclass(frozen=True)
class Ascent:
    """How the sampler climbs.

    Attributes
    ----------
    h0 : float
        First step, a fraction of the way to the denoised picture, in (0, 1].
    beta : float
        In (0, 1]: how much of what a step removes stays removed. 1 puts no noise back, near 0 nearly all of it.
    rising : bool
        Let steps grow from `h0` towards 1; False keeps them at `h0`.
    sigma_0, sigma_L : float
        Level of the noise at the start and the level at which an item stops, in units of the pictures.
    max_steps : int
        An item that has not arrived by then is given back as it is, and reported.
    corrected : bool
        Divide the measured variance by `1 - tr J / d`, estimated with one random probe: the residual of a good
        denoiser is smaller than the noise, by its own error. Costs about two more passes a step.

    Examples
    --------
    >>> Ascent(h0=0.1, beta=0.2).ideal_steps()
    36
    """

    h0: float = 0.01
    beta: float = 0.1
    rising: bool = True
    sigma_0: float = 1.0
    sigma_L: float = 0.01
    max_steps: int = 1000
    corrected: bool = False

    def __post_init__(self) -> None:
        for name in ("h0", "beta", "sigma_0", "sigma_L"):
            require_number(getattr(self, name), name)
        if not (0 < self.h0 <= 1 and 0 < self.beta <= 1):
            raise ValueError(f"h0={self.h0} and beta={self.beta} are fractions; expected both above 0 and at most 1.")
        if not SMALLEST_LEVEL <= self.sigma_L < self.sigma_0:
            raise ValueError(
                f"sigma_L={self.sigma_L} and sigma_0={self.sigma_0}; expected {SMALLEST_LEVEL} <= sigma_L < sigma_0,"
                " since float32 resolves no smaller residual."
            )
        require_whole(self.max_steps, "max_steps", 1, MOST_STEPS)

    def step_size(self, n: int | Tensor) -> float | Tensor:
        """Return `h_n` of step n = 1, 2, ...; n may hold one number an item.

        Examples
        --------
        >>> Ascent(h0=0.5).step_size(1), Ascent(h0=0.5).step_size(3)
        (0.5, 0.75)
        """
        if isinstance(n, Tensor) and not n.is_floating_point():
            n = n.to(torch.float32)  # whatever torch's default dtype is
        return self.h0 * n / (1 + self.h0 * (n - 1)) if self.rising else self.h0 + 0 * n

    def levels(self) -> list[float]:
        """Return the noise levels of an ideal ascent, from `sigma_0` to the first at or below `sigma_L`.

        An ascent that is not there after `max_steps` ends with the level it has then.

        Examples
        --------
        >>> [round(level, 3) for level in Ascent(h0=1, beta=0.5, sigma_L=0.2).levels()]
        [1.0, 0.5, 0.25, 0.125]
        """
        levels, n = [self.sigma_0], 0
        while levels[-1] > self.sigma_L and n < self.max_steps:
            n += 1
            levels.append(levels[-1] * (1 - self.beta * self.step_size(n)))
        return levels

    def ideal_steps(self) -> int:
        """Return how many steps it takes if each lowers the noise by `1 - beta h`; at most `max_steps`.

        Examples
        --------
        >>> Ascent(h0=0.01, beta=0.5).ideal_steps()
        47
        """
        return len(self.levels()) - 1


def noise_level(r: Tensor) -> Tensor:
    """Return `|r| / sqrt(d)` of every item of a residual (B, ...): the noise level that the denoiser sees, (B,).

    Examples
    --------
    >>> import torch
    >>> noise_level(torch.full((2, 1, 3, 3), -0.5))
    tensor([0.5000, 0.5000])
    """
    return r.flatten(1).square().mean(1).sqrt()


def gain(h: float | Tensor, beta: float) -> float | Tensor:
    """Return `gamma / sigma = sqrt((1 - beta h)² - (1 - h)²)`, the noise put back after a step h.

    In units of the present level.

    Examples
    --------
    >>> round(gain(0.5, 0.2), 3), gain(0.5, 1.0)
    (0.748, 0.0)
    """
    return ((1 - beta * h) ** 2 - (1 - h) ** 2) ** 0.5


def advance(y: Tensor, r: Tensor, sigma: Tensor, h: float | Tensor, beta: float, z: Tensor) -> Tensor:
    """Return the next state: a fraction `h` of the residual is taken, and some noise put back.

    The noise is such that the level becomes `(1 - beta h) sigma`.

    Parameters
    ----------
    y, r, z : Tensor
        State, residual and unit noise, (B, ...).
    sigma : Tensor
        Present level of every item, (B,).
    h : float or Tensor
        Step, one for all or one an item (B,).
    beta : float
        See `Ascent`.

    Returns
    -------
    Tensor
        Next state, (B, ...); differentiable in every argument.

    Examples
    --------
    >>> import torch
    >>> y = torch.tensor([[1.0, 3.0]])
    >>> advance(y, -y, torch.tensor([2.0]), h=0.5, beta=1.0, z=torch.ones(1, 2))
    tensor([[0.5000, 1.5000]])
    """
    h = as_picture(h.to(y), y) if isinstance(h, Tensor) else h  # (B, 1, ...)
    return y + h * r + gain(h, beta) * as_picture(sigma, y) * z
