"""Any linear inverse problem with one denoiser: climb the prior among the pictures that agree with m.

For `m = A x` with orthonormal rows, project the residual on what was not measured, and pull what was towards its
value: `(I - A^T A) r + A^T (m - A y)` (Kadkhodaie & Simoncelli 2021, algorithm 2). That is the residual of *another
denoiser*, the old one with its output moved to the nearest picture that agrees, `A_dagger` in place of `A^T` if
rows are not orthonormal. So a solution is a sample of `sampling.ascend` with that denoiser, and nothing is trained.

The derivation needs measurements without noise. White measurement noise of a known level is handled by stopping the
pull when the state is as noisy as the measurements. Samples are not exact draws of the posterior; chapter 5 measures
how far their spread is from the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dprior_lite.agreement import Constrained, check_measurements, compared, inconsistency
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_whole
from dprior_lite.operators import Operator
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, ascend, item_seeds
from dprior_lite.sampling.noise import MOST_ITEMS
from dprior_lite.sampling.outcome import awake, require_apart, run

__all__ = ["Constrained", "Posterior", "check_measurements", "inconsistency", "posterior", "solve"]


def solve(
    net: Denoiser,
    operator: Operator,
    m: Tensor,
    generator: torch.Generator,
    ascent: Ascent = Ascent(),
    noise: float = 0.0,
    reproject: bool = True,
    mean: float = 0.5,
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
) -> Result:
    """Return one picture for every row of measurements.

    At the end `A x` is compared with `m` where agreement is promised: without noise, and with `reproject`.

    Parameters
    ----------
    net : callable
        Denoiser, on the device of `m`.
    operator : Operator
        What was measured.
    m : Tensor
        Measurements `(B, *operator.measured)`.
    generator : torch.Generator
        Gives the seed of every item, in order.
    ascent : Ascent
        Settings of the sampler.
    noise : float
        Standard deviation of white noise in `m`, in units of the pictures; needs an operator with
        `adjoint_inverts`, such as all with orthonormal rows. The result then does not agree with `m` exactly, and
        should not.
    reproject : bool
        Return the denoised state moved to the nearest picture that agrees with `m` exactly; False returns it as
        denoised. Without effect where there is noise.
    mean : float
        Grey level about which the first noise is drawn, where nothing was measured.
    watch : callable
        Wraps the states as they pass, such as `sampling.progress_bar(ascent)` or `course.progress`.

    Returns
    -------
    Result
        Pictures (B, C, H, W), not clipped; `y` is the state before the last denoising. An item that does not agree
        with `m`, or whose denoiser saw no noise at the start, did not arrive, and `note` says why.

    Raises
    ------
    TypeError, ValueError
        For measurements that do not fit, noise where the operator would rescale or colour it or above
        `ascent.sigma_0`, no generator, a denoiser in train mode or one that mixes the items of a batch.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> found = solve(lambda y: 0.5 * y, left, torch.tensor([[0.75]]), torch.Generator(), Ascent(h0=0.1, beta=0.5))
    >>> float(found.x[0, 0, 0, 0]), bool(found.converged)
    (0.75, True)
    """
    net, mean = network(net), require_number(mean, "mean")
    _check_problem(operator, m, ascent, noise)
    noise_of = ItemNoise(item_seeds(len(m), generator), operator.shape, m.device, m.dtype)

    # start: what was measured, grey elsewhere, and noise
    grey = torch.full((len(m), *operator.shape), mean, dtype=m.dtype, device=m.device)  # (B, C, H, W)
    y = operator.project(grey, m) + ascent.sigma_0 * noise_of.draw()

    # climb with the constraint, down to the noise of the measurements
    pulled = Constrained(net, operator, m)
    found, seen = run(ascend(pulled, y, noise_of, replace(ascent, sigma_L=max(ascent.sigma_L, noise))), watch)
    found = awake(require_apart(pulled, found), seen, ascent.sigma_0)

    # climb on without it
    if noise:
        # noise of its own: how far the first was drawn depends on who else is in the batch
        noise_of = ItemNoise([seed + 1 for seed in noise_of.seeds], operator.shape, m.device, m.dtype)
        free, _ = run(ascend(net, operator.project(found.y, m), noise_of, ascent, found.steps), watch)
        return replace(free, converged=free.converged & found.converged, note=found.note)

    if not reproject:
        with torch.no_grad():
            return replace(found, x=net(found.y))
    return compared(found, operator, m)


def _check_problem(operator: Operator, m: Tensor, ascent: Ascent, noise: float) -> None:
    """Refuse measurements or a level of noise that `solve` cannot use."""
    require_kind(ascent, Ascent, "ascent")
    hint = f"It is the standard deviation of the noise in m, from 0 to below sigma_0={ascent.sigma_0}."
    require_number(noise, "noise", least=0, below=ascent.sigma_0, hint=hint)
    check_measurements(operator, m, noise)
    if noise and not operator.adjoint_inverts:
        raise ValueError(
            f"The rows of {type(operator).__name__} are not orthonormal, so its pseudo-inverse rescales or colours the"
            " noise of the measurements, which a denoiser of white noise cannot use: orthonormalise them, or pass"
            " noise=0."
        )


@dataclass(frozen=True)
class Posterior:
    """Several solutions of every problem: pictures (B, S, C, H, W).

    Steps, last level and who arrived are each (B, S); `y` holds the states before the last denoising. Mean, spread and
    what is made of them are over all samples, also those that did not arrive: print it to see how many did.

    Examples
    --------
    >>> both = Posterior(torch.tensor([0.0, 2.0]).reshape(1, 2, 1, 1, 1), *[torch.zeros(1, 2)] * 3)
    >>> float(both.mean), round(float(both.std), 4)
    (1.0, 1.4142)
    >>> print(both)
    problems 1, samples of each 2: 0 of 2 arrived, 0 steps, last sigma 0 at most
    """

    samples: Tensor
    steps: Tensor
    sigma: Tensor
    converged: Tensor
    y: Tensor | None = None
    note: str = ""

    def __str__(self) -> str:
        problems, each = self.converged.shape
        flat = [v.flatten(0, 1) for v in (self.samples, self.samples, self.steps, self.sigma, self.converged)]
        return f"problems {problems}, samples of each {each}: {Result(*flat, self.note)}"

    @property
    def mean(self) -> Tensor:
        """Mean of the samples, (B, C, H, W): what to show where the squared error counts."""
        return self.samples.mean(1)

    @property
    def std(self) -> Tensor:
        """Standard deviation of the samples of every pixel, (B, C, H, W), with S - 1 in the denominator."""
        return self.samples.std(1)

    def skill_over_spread(self, x: Tensor) -> float:
        """Return the rms error of the mean over the rms spread, pooled.

        `sqrt(1 + 1/S)` for exact draws of the posterior, more if overconfident.

        Parameters
        ----------
        x : Tensor
            The clean pictures (B, C, H, W).
        """
        if not isinstance(x, Tensor) or x.shape != self.samples[:, 0].shape:
            raise ValueError(f"x is {kind_of(x)}; expected the clean pictures {tuple(self.samples[:, 0].shape)}.")
        error, variance = (self.mean - x).double().square().mean(), self.samples.double().var(1).mean()
        return float((error / variance).sqrt())


def posterior(
    net: Denoiser, operator: Operator, m: Tensor, samples: int, generator: torch.Generator, **settings: object
) -> Posterior:
    """Solve every problem `samples` times, all in one batch; `settings` are those of `solve`.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> found = posterior(lambda y: 0.5 * y, left, torch.zeros(3, 1), 4, torch.Generator(), ascent=Ascent(h0=0.1))
    >>> found.samples.shape, bool(found.converged.all())
    (torch.Size([3, 4, 1, 1, 2]), True)
    """
    samples = require_whole(samples, "samples", 2, MOST_ITEMS, "A spread needs at least 2; for one picture use solve.")
    check_measurements(operator, m, settings.get("noise", 0.0))
    found = solve(net, operator, m.repeat_interleave(samples, 0), generator, **settings)
    parts = (found.x, found.steps, found.sigma, found.converged, found.y)
    return Posterior(*(v.unflatten(0, (len(m), samples)) for v in parts), found.note)  # (B, S, ...)
