"""From measurements back to pictures: by projection, by the best linear formula, or by the prior inside a denoiser.

A decoder is called as `decoder(rows, m, generator)` with orthonormal rows (K, d) and measurements (B, K). It returns
pictures (B, C, H, W) and is differentiable in `rows` and `m`, so that the rows can be trained through it.

`PriorDecoder` takes the steps of `inverse.solve` (Kadkhodaie & Simoncelli 2021, algorithm 2), unrolled. Every item
stops by its own noise, as there; the derivative does not know when it stops. With `checkpointed`, a step keeps its
input alone and is computed again on the way back, so memory grows by a few pictures a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.network import Denoiser, Network, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_whole
from dprior_lite.gates.pictures import check_pictures
from dprior_lite.measurements.matrices import measured, products, require_rows
from dprior_lite.sampling import Ascent, ItemNoise, advance, item_seeds, noise_level

LARGEST = 1.5  # of a clean picture's values, as wherever pictures enter
RIDGE = 1e-12  # of the mean variance: keeps what is measured of constant pixels invertible


class Decoder(Protocol):
    """What turns measurements (B, K) of orthonormal rows (K, d) into pictures (B, C, H, W)."""

    def __call__(self, rows: Tensor, m: Tensor, generator: torch.Generator) -> Tensor:
        """Return one picture for every row of measurements."""


def agree(x: Tensor, rows: Tensor, m: Tensor) -> Tensor:
    """Return `x + Mᵀ(m - M x)`, the pictures (B, C, H, W) nearest to `x` with measurements `m` (B, K).

    Examples
    --------
    >>> agree(torch.ones(1, 1, 1, 2), torch.tensor([[1.0, 0.0]]), torch.tensor([[5.0]]))
    tensor([[[[5., 1.]]]])
    """
    return x + ((m - products(rows, x)) @ rows).reshape(x.shape)


def decode_by_projection(rows: Tensor, m: Tensor, mean: Tensor) -> Tensor:
    """Return `mean + Mᵀ(m - M mean)`, the pictures (B, C, H, W) nearest to the mean that agree with `m`.

    For principal components this is the best linear estimate. For other rows `LinearDecoder` is better.

    Parameters
    ----------
    rows : Tensor
        (K, d), orthonormal.
    m : Tensor
        Measurements (B, K).
    mean : Tensor
        Mean picture (C, H, W); a black picture instead of it gives what is often called the projection, and is worse.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other.

    Examples
    --------
    >>> decode_by_projection(torch.tensor([[1.0, 0.0]]), torch.tensor([[5.0]]), torch.full((1, 1, 2), 0.5)).flatten()
    tensor([5.0000, 0.5000])
    """
    mean = _require_mean(mean)
    _require_measurements(require_rows(rows, mean.numel()), m)
    return agree(mean.to(m).expand(len(m), *mean.shape), rows, m)


def _require_mean(mean: Tensor) -> Tensor:
    if not isinstance(mean, Tensor) or mean.ndim != 3:
        raise TypeError(f"mean is {kind_of(mean)}; expected the mean picture, a tensor (C, H, W).")
    return require_batch(mean[None], "mean", 4)[0]


def _require_measurements(rows: Tensor, m: Tensor) -> None:
    if require_batch(m, "m", 2).shape[1] != len(rows) or m.dtype != rows.dtype or m.device != rows.device:
        raise ValueError(
            f"m is {kind_of(m)} on {m.device}; expected (B, {len(rows)}) and {rows.dtype} on {rows.device}, one number"
            " a row."
        )


class LinearDecoder:
    """The best linear estimate, `mean + C Mᵀ (M C Mᵀ + s²)⁻¹ (m - M mean)`; exact for Gaussian pictures.

    Computed in float64; a ridge of 1e-12 of the mean variance is added.

    Parameters
    ----------
    mean : Tensor
        Mean picture (C, H, W).
    covariance : Tensor
        (d, d), symmetric; see `moments`.
    noise : float
        Standard deviation s of the noise in the measurements.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other.

    Examples
    --------
    >>> decoder = LinearDecoder(torch.zeros(1, 1, 2), torch.tensor([[2.0, 1.0], [1.0, 2.0]]))
    >>> rows = torch.tensor([[1.0, 0.0]])
    >>> [round(float(v), 4) for v in decoder(rows, torch.tensor([[1.0]])).flatten()]
    [1.0, 0.5]
    >>> round(float(decoder.expected_error(rows)), 4)  # the variance of the second number, given the first
    1.5
    """

    def __init__(self, mean: Tensor, covariance: Tensor, noise: float = 0.0) -> None:
        self.mean, d = _require_mean(mean).detach().double(), mean.numel()
        if not isinstance(covariance, Tensor) or covariance.shape != (d, d):
            raise ValueError(f"covariance is {kind_of(covariance)}; expected a tensor ({d}, {d}), as from moments.")
        covariance = require_batch(covariance, "covariance", 2).detach().double()
        scale = float(covariance.diagonal().mean())
        if not scale > 0 or not torch.allclose(covariance, covariance.mT, rtol=0, atol=1e-6 * scale):
            raise ValueError(
                "covariance is not symmetric or has no variance; expected that of pictures, as of moments."
            )
        self.covariance, self.noise = covariance, require_number(noise, "noise", least=0)
        self._floor = self.noise**2 + RIDGE * scale

    def _gain(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return `C Mᵀ (M C Mᵀ + s²)⁻¹`, transposed (K, d), and `M C` (K, d), in float64."""
        seen = rows.double() @ self.covariance.to(rows.device)  # (K, d)
        inner = seen @ rows.double().mT + self._floor * torch.eye(len(rows), dtype=seen.dtype, device=seen.device)
        return torch.linalg.solve(inner, seen), seen

    def __call__(self, rows: Tensor, m: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return the estimates (B, C, H, W) for measurements `m` (B, K); nothing is drawn."""
        require_rows(rows, self.mean.numel())
        _require_measurements(rows, m)
        mean = self.mean.to(m.device)
        away = m.double() - measured(rows.double(), mean[None])  # (B, K)
        return (mean + (away @ self._gain(rows)[0]).reshape(-1, *mean.shape)).to(m.dtype)

    def expected_error(self, rows: Tensor) -> Tensor:
        """Return the expected squared error of a picture, summed over its numbers; differentiable in `rows`."""
        require_rows(rows, self.mean.numel())
        gain, seen = self._gain(rows)
        return self.covariance.to(rows.device).trace() - (gain * seen).sum()


@dataclass(frozen=True)
class PriorDecoder:
    """The mean of samples of the prior inside a denoiser that agree with the measurements.

    Attributes
    ----------
    net : callable
        Denoiser `y -> x_hat`, in `eval` mode, on the device of the measurements.
    mean : Tensor
        Mean picture (C, H, W), about which the first noise is drawn where nothing was measured.
    ascent : Ascent
        Settings of the sampler.
    draws : int
        Samples whose mean is returned.
    noise : float
        Standard deviation of the noise in the measurements, from 0 to below `ascent.sigma_0`: the constraint is let go
        at that level, as in `inverse.solve`.
    checkpointed : bool
        Compute each step again on the way back, instead of keeping what the network computed.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be; when called, also for rows that are not orthonormal or have another
        length than the pictures, and for measurements that no picture in [0, 1] has.

    Examples
    --------
    >>> decoder = PriorDecoder(lambda y: 0.5 * y, torch.zeros(1, 1, 2), Ascent(h0=0.1, beta=0.5))
    >>> x = decoder(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.75]]), torch.Generator().manual_seed(0))
    >>> x.shape, float(x[0, 0, 0, 0])
    (torch.Size([1, 1, 1, 2]), 0.75)
    """

    net: Denoiser
    mean: Tensor
    ascent: Ascent = Ascent(h0=0.1, beta=0.2)
    draws: int = 1
    noise: float = 0.0
    checkpointed: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "net", network(self.net))
        mean = check_pictures(_require_mean(self.mean)[None], "mean")[0].detach()
        object.__setattr__(self, "mean", mean)
        require_kind(self.ascent, Ascent, "ascent")
        require_whole(self.draws, "draws", 1, 10_000)
        hint = f"It is the standard deviation of the noise in m, from 0 to below sigma_0={self.ascent.sigma_0}."
        require_number(self.noise, "noise", least=0, below=self.ascent.sigma_0, hint=hint)
        if self.ascent.corrected:
            raise ValueError("ascent is corrected, which is not differentiated here; expected corrected=False.")

    def __call__(self, rows: Tensor, m: Tensor, generator: torch.Generator) -> Tensor:
        """Return the mean of `draws` samples for each of `m` (B, K), with seeds from the generator."""
        self._check(rows, m)
        seeds = item_seeds(len(m) * self.draws, generator)
        m = m.repeat_interleave(self.draws, 0)  # (B S, K)
        noise = ItemNoise(seeds, self.mean.shape, m.device, m.dtype)
        mean = self.mean.to(m).expand(len(m), *self.mean.shape)  # (B S, C, H, W)
        y = agree(mean, rows, m) + self.ascent.sigma_0 * noise.draw()
        if y.requires_grad:
            require_gradient(self.net, y[:1])
        low = max(self.ascent.sigma_L, self.noise)
        x, y, taken = _climb(self, y, (rows, m), noise, replace(self.ascent, sigma_L=low))
        if self.noise:
            # on without the constraint, with noise of its own
            noise = ItemNoise([seed + 1 for seed in seeds], self.mean.shape, m.device, m.dtype)
            x, _, _ = _climb(self, agree(y, rows, m), (), noise, self.ascent, taken)
        x = x.unflatten(0, (-1, self.draws)).mean(1)  # (B, C, H, W)
        if not x.requires_grad and not bool(x.isfinite().all()):
            raise FloatingPointError(
                "The samples hold NaN or infinite values; expected finite pictures: run check_denoiser."
            )
        return x

    def _check(self, rows: Tensor, m: Tensor) -> None:
        d = self.mean.numel()
        _require_measurements(require_rows(rows, d), m)
        norm, most = float(m.detach().norm(dim=1).max()), (LARGEST + 3 * self.noise) * d**0.5
        if norm > most:
            raise ValueError(
                f"m has norm {norm:.3g}; pictures in [0, 1] of {d} numbers have measurements of norm {most:.3g} at"
                " most. Divide 8-bit pictures by 255."
            )


def _climb(
    decoder: PriorDecoder,
    y: Tensor,
    constraint: tuple[Tensor, ...],
    noise: ItemNoise,
    ascent: Ascent,
    taken: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Climb as `sampling.ascend`, with gradients; return samples, last states and steps taken (B,).

    `constraint` holds the rows (K, d) and the measurements (B, K), or nothing.
    """
    taken = torch.zeros(len(y), dtype=torch.long, device=y.device) if taken is None else taken.clone()
    here, x_hat = torch.arange(len(y), device=y.device), y
    for done in range(ascent.max_steps + 1):
        # denoise, agree, and move who has not arrived
        z = noise.draw()[here] if done < ascent.max_steps else torch.zeros_like(y[here])  # (b, C, H, W)
        rows, m = (constraint[0], constraint[1][here]) if constraint else (None, None)
        part = (decoder.net, y[here], rows, m, z, ascent, ascent.step_size(taken[here] + 1))
        now, moved, running = (
            checkpoint(_step, *part, use_reentrant=False, preserve_rng_state=False)
            if decoder.checkpointed and y.requires_grad
            else _step(*part)
        )
        x_hat = x_hat.index_copy(0, here, now)

        # stop by the noise
        if done == ascent.max_steps or not bool(running.any()):
            return x_hat, y, taken
        here, moved = here[running], moved[running]
        y, taken[here] = y.index_copy(0, here, moved), taken[here] + 1
    raise AssertionError("unreachable")


def _step(
    net: Network, y: Tensor, rows: Tensor | None, m: Tensor | None, z: Tensor, ascent: Ascent, h: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the denoised states, the next states, and who has not arrived (b,)."""
    x_hat = net(y)
    x_hat = x_hat if rows is None else agree(x_hat, rows, m)
    r = x_hat - y
    running = noise_level(r.detach()) > ascent.sigma_L  # (b,)
    # of a residual of zeros the level has no derivative; who has arrived is not moved
    safe = torch.where(running[:, None, None, None], r, torch.ones_like(r))
    return x_hat, advance(y, safe, noise_level(safe), h, ascent.beta, z), running
