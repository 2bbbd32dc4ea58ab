"""The schedule that a blind sampler follows without being given one, and the law of what it draws, in closed form.

Along `dX = r dt + sqrt(2 a) dB` the level of the noise obeys `d(sigma²)/dt = 2 (a - sigma²)`, whatever the data, if the
level can be read off the state (Kadkhodaie, Pooladian, Chewi & Simoncelli 2026). With `a = kappa sigma²` it falls
exponentially. With an `a` that does not vanish as fast as sigma² it stalls.
"""

from __future__ import annotations

import math

from dprior_lite.blind.steppers import Stepper
from dprior_lite.gates.numbers import require_kind, require_number, require_whole

MOST_STEPS = 1_000_000


def implicit_level(sigma_0: float, time: float, kappa: float = 0.0, injected: float = 0.0) -> float:
    """Return the level of noise after some time: of `a = kappa sigma² + injected`, from `sigma_0`.

    `sigma² = s + (sigma_0² - s) exp(-2 (1 - kappa) time)` with `s = injected / (1 - kappa)`, where it stalls.

    Parameters
    ----------
    sigma_0 : float
        Level at time 0, above 0.
    time : float
        At least 0; n steps of size h take n h.
    kappa : float
        Noise share, at least 0 and below 1.
    injected : float
        The part of the noise power that does not follow the level, at least 0.

    Examples
    --------
    >>> round(implicit_level(4, 2, kappa=0.5), 4), round(implicit_level(4, 50, injected=0.04), 4)
    (1.4715, 0.2)
    """
    sigma_0, time = require_number(sigma_0, "sigma_0", above=0), require_number(time, "time", least=0)
    kappa = require_number(kappa, "kappa", least=0, below=1)
    stall = require_number(injected, "injected", least=0) / (1 - kappa)
    return math.sqrt(stall + (sigma_0**2 - stall) * math.exp(-2 * (1 - kappa) * time))


def stalling_level(h: float, slope: float) -> float:
    """Return the level at which Euler steps stop to lower the noise if the power is `a = slope * sigma`.

    The level obeys `sigma'² = (1 - h)² sigma² + 2 h slope sigma`; its fixed point is `2 slope / (2 - h)`.

    Parameters
    ----------
    h : float
        Step, above 0 and below 2.
    slope : float
        Above 0, in the unit of sigma.

    Examples
    --------
    >>> round(stalling_level(0.2, 0.2), 3)
    0.222
    """
    h, slope = require_number(h, "h", above=0, below=2), require_number(slope, "slope", above=0)
    return 2 * slope / (2 - h)


def gaussian_variances(stepper: Stepper, variance: float, sigma_0: float, steps: int) -> list[float]:
    """Return the variances of the state after 0, 1, ... steps, for Gaussian data.

    Every step has the ideal level. The denoiser is `x_hat = c y` with `c = v / (v + sigma²)`, and `sigma` falls by the
    contraction. A step maps the variance V to `(1 - m (1 - c))² V + g² sigma²`. The start is data plus noise.

    Parameters
    ----------
    stepper : Stepper
        The step.
    variance : float
        v, of a coordinate of the data, at least 0.
    sigma_0 : float
        First level, above 0.
    steps : int
        How many.

    Examples
    --------
    >>> from dprior_lite.blind.steppers import exponential_euler
    >>> [round(v, 3) for v in gaussian_variances(exponential_euler(0.5, 0.5), 0.0, 1.0, 2)]
    [1.0, 0.607, 0.368]
    """
    require_kind(stepper, Stepper, "stepper")
    v, sigma = require_number(variance, "variance", least=0), require_number(sigma_0, "sigma_0", above=0)
    found = [v + sigma**2]
    for _ in range(require_whole(steps, "steps", 0, MOST_STEPS)):
        kept = 1 - stepper.move * sigma**2 / (v + sigma**2)
        found.append(kept**2 * found[-1] + (stepper.gain * sigma) ** 2)
        sigma *= stepper.contraction
    return found
