"""The methods of the appendix "Side by side": our ascent, and four samplers as deepinv 0.5.0 has them.

The four are DDRM, PiGDM, DPS and DiffPIR. Every method is a function `run(net, operator, m, scalar, calls, seed)` from
exact measurements (B, *measured) to pictures (B, C, H, W) in about [0, 1]. `calls` is the number of network calls an
item may take, `scalar` the one number that is tuned. All start at the same place (`start`): mid-grey, moved to the
nearest picture that agrees with the measurements, plus noise of standard deviation `SIGMA_0`; `first` is another such
level, or None for deepinv's own start. What is nearest needs operators with orthonormal rows. deepinv is imported when
one of its methods runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dprior_lite import interop, inverse
from dprior_lite.course.lab.side_by_side.start import ASSUMED, SIGMA_0, SIGMA_L, Centred, Counted, Run, pace, start
from dprior_lite.operators import Inpaint, Operator
from dprior_lite.sampling import Ascent

__all__ = ["ASSUMED", "METHOD", "SIGMA_0", "SIGMA_L", "Ascent", "Centred", "Counted", "Method", "Run", "pace", "start"]


def ours(
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    first: float = SIGMA_0,
    patience: float = 1.0,
) -> Tensor:
    """Run the constrained ascent; `scalar` is h0.

    beta is the one with which an ideal ascent takes `patience` times the calls.
    """
    ascent = Ascent(
        h0=scalar,
        beta=pace(scalar, round(patience * calls), first),
        sigma_0=first,
        sigma_L=SIGMA_L,
        max_steps=calls - 1,
    )
    return inverse.solve(net, operator, m, torch.Generator().manual_seed(seed), ascent).x


def physics(operator: Operator) -> nn.Module:
    """Return the operator for deepinv, with noise of the level `ASSUMED`.

    What orthonormal rows make simple is given in closed form.
    """
    deepinv, found = interop._deepinv(), interop.to_deepinv(operator)

    class Orthonormal(type(found)):
        def A_A_adjoint(self, y: Tensor, **_: object) -> Tensor:
            return y

        def prox_l2(self, z: Tensor, y: Tensor, gamma: float | Tensor, **_: object) -> Tensor:
            return z + gamma / (1 + gamma) * self.A_adjoint(y - self.A(z))

    found.__class__ = Orthonormal
    found.noise_model = deepinv.physics.GaussianNoise(ASSUMED)
    return found


def singular(operator: Operator) -> nn.Module:
    """Return the operator as deepinv's singular value decomposition.

    Coefficients have the shape (B, C, H, W); the measured ones come first, unless they are pixels.
    Measurements go in as `A_adjoint` of ours followed by `V_adjoint` of this one: with orthonormal rows nothing is
    lost.
    """
    deepinv, shape = interop._deepinv(), operator.shape
    d = shape[0] * shape[1] * shape[2]
    noise = deepinv.physics.GaussianNoise(ASSUMED)
    if isinstance(operator, Inpaint):
        mask = operator.A_adjoint(torch.ones(1, *operator.measured))
        return deepinv.physics.DecomposablePhysics(mask=mask, img_size=shape, noise_model=noise)
    rows = operator.A_adjoint(torch.eye(operator.k).reshape(-1, *operator.measured)).flatten(1)
    V = torch.cat([rows.T, torch.linalg.qr(rows.T.double(), mode="complete")[0][:, operator.k :].float()], 1)
    mask = (torch.arange(d) < operator.k).float().reshape(1, *shape)
    return deepinv.physics.DecomposablePhysics(
        U=lambda c: c,
        U_adjoint=lambda c: c,
        V=lambda c: (c.flatten(1) @ V.T).reshape(-1, *shape),
        V_adjoint=lambda x: (x.flatten(1) @ V).reshape(-1, *shape),
        mask=mask,
        img_size=shape,
        noise_model=noise,
    )


def geometric(calls: int, first: float = SIGMA_0, last: float = SIGMA_L) -> Tensor:
    """Return `calls` levels of noise from `first` to `last`, each the same fraction of the one before.

    Examples
    --------
    >>> [round(level, 3) for level in geometric(3, 1.0).tolist()]
    [1.0, 0.1, 0.01]
    """
    return torch.logspace(torch.tensor(first).log10().item(), torch.tensor(last).log10().item(), calls)


def ddrm(
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    first: float = SIGMA_0,
    even: bool = False,
    centred: bool = True,
) -> Tensor:
    """Run deepinv's DDRM on the singular vectors of the operator; `scalar` is its eta, etab stays 1."""
    deepinv, decomposed, grey = interop._deepinv(), singular(operator), 0.5 * centred
    model = interop.denoiser_to_deepinv(Centred(net) if centred else net)
    back = operator.A_adjoint(m - operator.A(torch.full((1, *operator.shape), grey)))
    sigmas = (torch.linspace(first, 0, calls) if even else geometric(calls, first)).tolist()
    sampler = deepinv.sampling.DDRM(model, sigmas=sigmas, eta=scalar)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return sampler(decomposed.V_adjoint(back), decomposed) + grey


def _diffused(
    kind: str,
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    schedule: str,
    first: float | None,
    guidance: str = "norm",
    clip: tuple[float, float] | None = None,
) -> Tensor:
    """Run a diffusion of deepinv with DDPM steps, guided to the measurements by DPS or PiGDM.

    Its states are in [-1, 1].
    """
    deepinv, made, model = interop._deepinv(), physics(operator), interop.denoiser_to_deepinv(net)
    sampling, g = deepinv.sampling, torch.Generator().manual_seed(seed)
    if schedule == "ve":
        sde = sampling.VarianceExplodingDiffusion()
        levels = 2 * geometric(calls, first or 40.0).double()
        times = torch.cat(
            [(levels / 0.001).log() / torch.tensor(80 / 0.001).log(), torch.zeros(1, dtype=torch.float64)]
        )
    else:
        sde = sampling.VariancePreservingDiffusion()
        reach = torch.linspace(0, 1, 10001, dtype=torch.float64)
        top = reach[[float(sde.sigma_t(t)) <= 2 * first for t in reach]].max() if first else 1.0
        times = torch.linspace(float(top), 0, calls + 1, dtype=torch.float64)
    steps = sampling.DDPMSolver(timesteps=times, rng=g)
    state = None  # deepinv's own: noise alone
    if first:
        z = torch.randn(len(m), *operator.shape, generator=g)
        state = (sde.scale_t(times[0]) * (2 * (start(operator, m) + first * z) - 1)).double()
    if kind == "dps":
        sampler = sampling.DPS(model, schedule=schedule, solver=steps, weight=scalar, guidance=guidance)
    else:
        sampler = sampling.PosteriorDiffusion(sampling.PiGDMDataFidelity(weight=scalar, clip=clip), model, sde, steps)
    return sampler(m, made, x_init=state, denoise_output=False).float()


def dps(
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    first: float | None = SIGMA_0,
    schedule: str = "ve",
    guidance: str = "norm",
) -> Tensor:
    """Run deepinv's DPS; `scalar` is the weight of its guidance."""
    return _diffused("dps", net, operator, m, scalar, calls, seed, schedule, first, guidance)


def pigdm(
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    first: float | None = SIGMA_0,
    schedule: str = "ve",
    clip: tuple[float, float] | None = (0.0, 1.0),
) -> Tensor:
    """Run deepinv's posterior diffusion with its PiGDM term; `scalar` is the weight of that term.

    Clipping keeps it from diverging.
    """
    return _diffused("pigdm", net, operator, m, scalar, calls, seed, schedule, first, clip=clip)


def diffpir(
    net: nn.Module,
    operator: Operator,
    m: Tensor,
    scalar: float,
    calls: int,
    seed: int,
    first: float | None = SIGMA_0,
    lambda_: float = 7.0,
) -> Tensor:
    """Run deepinv's DiffPIR on its own schedule; `scalar` is its zeta, lambda stays 7.

    It begins at the first level that the network knows.
    """
    deepinv = interop._deepinv()
    betas = torch.linspace(1e-4, 2e-2, 1000)
    kept = (1 - betas).cumprod(0)
    n = int(((1 / kept - 1).sqrt() <= 2 * first).sum()) if first else 1000

    class Short(deepinv.sampling.DiffPIR):
        def get_alpha_beta(self) -> tuple[Tensor, ...]:
            """Return the schedule's constants for the first `n` levels alone."""
            self.num_train_timesteps = n
            a = kept[:n]
            return (1 - a).sqrt(), (1 / a - 1).sqrt(), a.sqrt(), a.rsqrt(), (1 / a - 1).sqrt(), betas[:n]

        def get_alpha_prod(self, *_: object) -> tuple[Tensor, Tensor]:
            return kept[:n].rsqrt(), (1 / kept[:n] - 1).sqrt()

    model = interop.denoiser_to_deepinv(net)
    sampler = Short(
        model, deepinv.optim.data_fidelity.L2(), sigma=ASSUMED, max_iter=calls, zeta=scalar, lambda_=lambda_
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return sampler(m, physics(operator), x_init=start(operator, m))


@dataclass(frozen=True)
class Method:
    """One entry of the table: what it assumes, its one tuned number, the values tried, its function."""

    name: str
    assumes: str
    scalar: str
    grid: tuple[float, ...]
    run: Run


METHOD = {
    method.name: method
    for method in (
        Method(
            "ours",
            "exact measurements; a blind denoiser; reads the noise level off the residual, stops by itself",
            "h0",
            (0.03, 0.1, 0.3, 1.0),
            ours,
        ),
        Method(
            "DDRM",
            "the singular vectors of the operator; a schedule of noise levels",
            "eta",
            (0.7, 0.85, 0.95, 1.0),
            ddrm,
        ),
        Method(
            "PiGDM",
            "a derivative of the denoiser; a Gaussian posterior of known width; a schedule",
            "weight",
            (1.0, 2.0, 4.0, 8.0, 16.0),
            pigdm,
        ),
        Method(
            "DPS",
            "a derivative of the denoiser, of any differentiable operator; a schedule of many steps",
            "weight",
            (10.0, 30.0, 100.0, 300.0, 1000.0),
            dps,
        ),
        Method(
            "DiffPIR",
            "the nearest agreeing picture, in part or whole; a schedule",
            "zeta",
            (0.4, 0.6, 0.8, 1.0),
            diffpir,
        ),
    )
}
