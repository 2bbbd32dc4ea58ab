"""Any linear inverse problem with one denoiser: climb the prior among the pictures that agree with the measurements.

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

from dprior_lite.operators import Operator
from dprior_lite.sampling import Ascent, Denoiser, NoiseTape, Result, State, ascend, finish, item_seeds

LARGEST = 1.5  # of a clean picture's values, as wherever pictures enter


@dataclass(frozen=True)
class Constrained:
    """The denoiser whose every answer is moved to the nearest picture that agrees with the measurements `m` `(B, *measured)`.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> Constrained(lambda y: 0.5 * y, left, torch.tensor([[9.0]]))(torch.ones(1, 1, 1, 2)).tolist()
    [[[[9.0, 0.5]]]]
    """

    net: Denoiser
    operator: Operator
    m: Tensor

    def __call__(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W), then agree."""
        return self.operator.project(self.net(y), self.m)

    def of(self, items: Tensor) -> Constrained:
        """Return the same for some items of the batch."""
        return replace(self, m=self.m[items])


def inconsistency(operator: Operator, x: Tensor, m: Tensor) -> Tensor:
    """Return the root mean square of `A x - m` over the measurements of each picture, (B,); 0 where nothing was measured.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> inconsistency(Inpaint(torch.ones(2, 2, dtype=torch.bool)), torch.zeros(1, 1, 2, 2), torch.full((1, 4), 0.5))
    tensor([0.5000])
    """
    return (operator.A(x) - m).flatten(1).square().sum(1).div(max(operator.k, 1)).sqrt()


def check_measurements(operator: Operator, m: Tensor, noise: float = 0.0) -> Tensor:
    """Return `m` unchanged if it may be what `operator` measured of pictures in [0, 1]; otherwise explain what is wrong.

    Raises
    ------
    TypeError
        If `m` is no floating-point tensor.
    ValueError
        If the shape is not `(B, *measured)`, a value is NaN or infinite, or no picture in [0, 1] has such
        measurements: `A_dagger m`, the smallest picture that has, is too large.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> check_measurements(Inpaint(torch.ones(2, 2, dtype=torch.bool)), torch.full((1, 4), 128.0))
    Traceback (most recent call last):
    ValueError: The smallest picture with these measurements has norm 256; pictures in [0, 1] of 4 numbers have at most
    3. Divide 8-bit measurements by 255.
    """
    if not isinstance(m, Tensor) or not m.is_floating_point():
        raise TypeError(
            f"m is {m.dtype if isinstance(m, Tensor) else type(m).__name__}; expected a floating-point tensor (B,"
            f" *{operator.measured})."
        )
    if m.ndim != 1 + len(operator.measured) or m.shape[1:] != operator.measured or not len(m):
        raise ValueError(
            f"m has shape {tuple(m.shape)}; expected (B, *{operator.measured}), what {type(operator).__name__}.A"
            " returns."
        )
    if not bool(m.isfinite().all()):
        raise ValueError(
            f"m holds {int((~m.isfinite()).sum())} values that are NaN or infinite; expected finite measurements."
        )
    d = operator.shape[0] * operator.shape[1] * operator.shape[2]
    with torch.no_grad():
        most, norm = (LARGEST + 3 * noise) * d**0.5, float(operator.A_dagger(m).flatten(1).norm(dim=1).max())
    if norm > most:
        cause = (
            ""
            if operator.adjoint_inverts
            else " The pseudo-inverse of this operator also magnifies errors of the measurements."
        )
        raise ValueError(
            f"The smallest picture with these measurements has norm {norm:.3g}; pictures in [0, 1] of {d} numbers have"
            f" at most {most:.3g}. Divide 8-bit measurements by 255.{cause}"
        )
    return m


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
        Pictures (B, C, H, W), not clipped; `y` is the state before the last denoising.

    Raises
    ------
    ValueError
        For measurements that do not fit, or noise where the operator would rescale or colour it or above
        `ascent.sigma_0`.

    Examples
    --------
    >>> from dprior_lite.operators import Inpaint
    >>> left = Inpaint(torch.tensor([[True, False]]))
    >>> found = solve(lambda y: 0.5 * y, left, torch.tensor([[0.75]]), torch.Generator().manual_seed(0), Ascent(h0=0.1, beta=0.5))
    >>> float(found.x[0, 0, 0, 0]), bool(found.converged)
    (0.75, True)
    """
    check_measurements(operator, m, noise)
    if not 0 <= noise < ascent.sigma_0:
        raise ValueError(
            f"noise={noise}; expected the standard deviation of the measurements' noise, from 0 to below"
            f" sigma_0={ascent.sigma_0}."
        )
    if noise and not operator.adjoint_inverts:
        raise ValueError(
            f"The rows of {type(operator).__name__} are not orthonormal, so its pseudo-inverse rescales or colours the"
            " noise of the measurements, which a denoiser of white noise cannot use: orthonormalise them, or pass"
            " noise=0."
        )
    tape = NoiseTape(item_seeds(len(m), generator), operator.shape, m.device, m.dtype)
    y = (
        operator.project(torch.full((len(m), *operator.shape), mean, dtype=m.dtype, device=m.device), m)
        + ascent.sigma_0 * tape.draw()
    )
    pulled = Constrained(net, operator, m)
    found = finish(watch(ascend(pulled, y, tape, replace(ascent, sigma_L=max(ascent.sigma_L, noise)))))
    if noise:
        # a tape of its own: how far the first has played depends on who else is in the batch
        tape = NoiseTape([seed + 1 for seed in tape.seeds], operator.shape, m.device, m.dtype)
        free = finish(watch(ascend(net, operator.project(found.y, m), tape, ascent, found.steps)))
        return replace(free, converged=free.converged & found.converged)
    if not reproject:
        with torch.no_grad():
            return replace(found, x=net(found.y))
    return found


@dataclass(frozen=True)
class Posterior:
    """Several solutions of every problem: pictures (B, S, C, H, W); steps, last level and who arrived, each (B, S); states before the last denoising.

    Mean, spread and what is made of them are over all samples, also those that did not arrive: print it to see how many
    did.

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

    def __str__(self) -> str:
        problems, each = self.converged.shape
        flat = [v.flatten(0, 1) for v in (self.samples, self.samples, self.steps, self.sigma, self.converged)]
        return f"problems {problems}, samples of each {each}: {Result(*flat)}"

    @property
    def mean(self) -> Tensor:
        """Mean of the samples, (B, C, H, W): what to show where the squared error counts."""
        return self.samples.mean(1)

    @property
    def std(self) -> Tensor:
        """Standard deviation of the samples of every pixel, (B, C, H, W), with S - 1 in the denominator."""
        return self.samples.std(1)

    def skill_over_spread(self, x: Tensor) -> float:
        """Return the rms error of the mean over the rms spread, pooled; `sqrt(1 + 1/S)` for exact draws of the posterior, more if overconfident.

        Parameters
        ----------
        x : Tensor
            The clean pictures (B, C, H, W).
        """
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
    >>> found = posterior(lambda y: 0.5 * y, left, torch.zeros(3, 1), 4, torch.Generator().manual_seed(0), ascent=Ascent(h0=0.1))
    >>> found.samples.shape, bool(found.converged.all())
    (torch.Size([3, 4, 1, 1, 2]), True)
    """
    if samples < 2:
        raise ValueError(f"samples={samples}; a spread needs at least 2. For one picture use solve.")
    check_measurements(operator, m, float(settings.get("noise", 0.0)))
    found = solve(net, operator, m.repeat_interleave(samples, 0), generator, **settings)
    return Posterior(
        *(v.unflatten(0, (len(m), samples)) for v in (found.x, found.steps, found.sigma, found.converged, found.y))
    )
