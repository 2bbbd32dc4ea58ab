"""Inverse problems with the covariance: the ascent of `sampling` with the denoiser that knows the measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch
from torch import Tensor

from dprior_lite.agreement import check_measurements, compared
from dprior_lite.covariance.denoiser import ITERATIONS, CovarianceConstrained
from dprior_lite.covariance.products import Linearised, linearised, translated
from dprior_lite.gates.network import Denoiser, network
from dprior_lite.gates.numbers import require_kind, require_number, require_whole
from dprior_lite.inverse import Posterior
from dprior_lite.operators import Operator
from dprior_lite.sampling import Ascent, ItemNoise, Result, State, ascend, item_seeds
from dprior_lite.sampling.noise import MOST_ITEMS
from dprior_lite.sampling.outcome import awake, require_apart, run

START_ITERATIONS = 30  # of the start, where J is the identity and an iteration costs nothing


def solve(
    net: Denoiser,
    operator: Operator,
    m: Tensor,
    generator: torch.Generator,
    ascent: Ascent = Ascent(),
    noise: float = 0.0,
    iterations: int = ITERATIONS,
    reproject: bool = True,
    mean: float = 0.5,
    watch: Callable[[Iterable[State]], Iterable[State]] = iter,
    linearised: Linearised = linearised,
) -> Result:
    """Return one picture for every row of measurements, by the ascent with `CovarianceConstrained`.

    Start, noise and seeds are those of `inverse.solve`, so that the two can be compared item by item.

    Parameters
    ----------
    net : callable
        Denoiser that records a gradient, on the device of `m`.
    operator : Operator
        What was measured. With noise, too, its rows need not be orthonormal.
    m : Tensor
        Measurements `(B, *operator.measured)`.
    generator : torch.Generator
        Gives the seed of every item, in order.
    ascent : Ascent
        Settings of the sampler; `corrected` is not possible.
    noise : float
        Standard deviation of white noise in `m`, in units of the pictures. It enters the equation; the ascent is one,
        and the result does not agree with `m` exactly.
    iterations : int
        Vector-Jacobian products a step.
    reproject : bool
        Return a picture that agrees with `m` exactly; False returns the last state denoised by `net` alone. Without
        effect where there is noise.
    mean : float
        Grey level about which the first noise is drawn, where nothing was measured.
    watch : callable
        Wraps the states as they pass, such as `sampling.progress_bar(ascent)` or `course.progress`.
    linearised : callable
        Gives `x_hat(y)` and the product with J; `translated` puts the identity in its place.

    Returns
    -------
    Result
        As `inverse.solve`.

    Raises
    ------
    TypeError, ValueError
        For measurements that do not fit, noise not below `ascent.sigma_0`, `ascent.corrected`, no generator, a
        denoiser in train mode, one that records no gradient, or one that mixes the items of a batch.
    FloatingPointError
        If a residual or a product with J is NaN or infinite.

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
    given = CovarianceConstrained(net, operator, m, noise, iterations, linearised=linearised)
    noise_of = ItemNoise(item_seeds(len(m), generator), operator.shape, m.device, m.dtype)

    # start: what was measured, grey elsewhere, and noise
    grey = torch.full((len(m), *operator.shape), mean, dtype=m.dtype, device=m.device)  # (B, C, H, W)
    at_start = replace(given, iterations=START_ITERATIONS, level=ascent.sigma_0, linearised=translated, net=torch.clone)
    y = at_start(grey) + ascent.sigma_0 * noise_of.draw()

    # climb towards the mean given the measurements
    found, seen = run(ascend(given, y, noise_of, ascent), watch)
    found = awake(require_apart(given, found), seen, ascent.sigma_0)
    if noise:
        return found
    if not reproject:
        with torch.no_grad():
            return replace(found, x=net(found.y))
    return compared(found, operator, m)


def _check_problem(operator: Operator, m: Tensor, ascent: Ascent, noise: float) -> None:
    """Refuse measurements, a level of noise or settings that `solve` cannot use."""
    if require_kind(ascent, Ascent, "ascent").corrected:
        raise ValueError("ascent has corrected=True, which needs the derivative of this denoiser, J of J; pass False.")
    hint = f"It is the standard deviation of the noise in m, from 0 to below sigma_0={ascent.sigma_0}."
    require_number(noise, "noise", least=0, below=ascent.sigma_0, hint=hint)
    check_measurements(operator, m, noise)


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
