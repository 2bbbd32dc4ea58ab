"""The covariance in an inverse problem: exact where that is known, the 2021 algorithm without it, and never wild."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from random_nets import noise, relative
from torch import Tensor, nn

from dprior_lite import inverse, load
from dprior_lite.covariance import (
    CovarianceConstrained,
    conjugate_residuals,
    linearised,
    posterior,
    solve,
    translated,
)
from dprior_lite.covariance.denoiser import LARGEST_MOVE
from dprior_lite.gates.network import network
from dprior_lite.inverse import Constrained, inconsistency
from dprior_lite.mixture import GaussianMixture
from dprior_lite.operators import (
    Compose,
    Functions,
    Inpaint,
    Matrix,
    Operator,
    RandomPixels,
    RandomProjection,
    SpectralDeblur,
    SuperResolution,
)
from dprior_lite.sampling import Ascent, ItemNoise, ascend, finish, item_seeds, noise_level

SHAPE, SIGMA, ENOUGH = (1, 8, 8), 0.3, 45
FAST = Ascent(h0=0.1, beta=0.2, sigma_L=0.02)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uneven(rows: Tensor) -> Matrix:
    """Rows that are neither orthogonal nor of one length; the last one twice."""
    return Matrix(torch.cat([rows + 0.3 * rows.roll(1, 0) + 0.2 * rows.roll(1, 1), 2 * rows[-1:]]), SHAPE)


MASK = torch.arange(64).reshape(8, 8) % 3 > 0
OPERATORS = {
    "inpaint": Inpaint(MASK),
    "pixels": RandomPixels(SHAPE, 0.3, seeded()),
    "blocks": SuperResolution(SHAPE, 2),
    "low-pass": SpectralDeblur(SHAPE, 0.15),
    "projection": RandomProjection(SHAPE, 0.2, seeded()),
    "two": Compose(RandomPixels((1, 4, 4), 0.5, seeded()), SuperResolution(SHAPE, 2)),
    "matrix": uneven(torch.eye(64)[5:20]),
    "mask as it is": Functions(lambda x: x * MASK, lambda m: m * MASK, SHAPE, SHAPE),
    "everything": Inpaint(torch.ones(8, 8) > 0),
    "nothing": Inpaint(torch.ones(8, 8) < 0),
}
each_operator = pytest.mark.parametrize("name", OPERATORS)


class Smooth:
    """Gaussian pictures (1, 8, 8) of mean 0.5, and their exact denoiser at one level, or at the likeliest of many."""

    def __init__(self, level: float | None = SIGMA, dtype: torch.dtype = torch.float64) -> None:
        at = torch.cartesian_prod(torch.arange(8.0), torch.arange(8.0)).double()
        self.covariance = 0.04 * torch.exp(-torch.cdist(at, at) / 3)
        self.levels = torch.tensor([level]) if level else torch.logspace(-2.2, 0.3, 101)
        values, vectors = torch.linalg.eigh(self.covariance)
        self.values, self.vectors = values.to(dtype), vectors.to(dtype)

    def pictures(self, n: int, seed: int = 9) -> Tensor:
        z = noise(n, 64, seed=seed).to(self.values.dtype)
        return (0.5 + z * self.values.sqrt() @ self.vectors.mT).unflatten(1, SHAPE)

    def __call__(self, y: Tensor) -> Tensor:
        c = (y.flatten(1) - 0.5) @ self.vectors
        total = self.values + self.levels.to(c)[:, None].square()  # (levels, 64)
        chosen = total[(c.square() @ (1 / total).mT + total.log().sum(1)).argmin(1)]
        return (0.5 + c * self.values / chosen @ self.vectors.mT).unflatten(1, SHAPE)


SMOOTH, BLIND = Smooth(), Smooth(None)


def matrix_of(operator: Operator) -> Tensor:
    return operator.A(torch.eye(64, dtype=torch.float64).unflatten(1, SHAPE)).flatten(1).mT


def given_both(operator: Operator, y: Tensor, m: Tensor, level: float, of_prior: float = 1.0) -> Tensor:
    """The mean of the Gaussian given state and measurements, of which both are rows of one observation."""
    A, eye = matrix_of(operator), torch.eye(64, dtype=torch.float64)
    rows = torch.cat([eye, A])
    white = torch.diag(torch.cat([torch.full((64,), SIGMA**2), torch.full((len(A),), level**2)]).double())
    C = of_prior * SMOOTH.covariance
    seen = torch.cat([y.flatten(1), m.flatten(1)], 1) - 0.5 * rows.sum(1)
    gain = C @ rows.mT @ torch.linalg.pinv(rows @ C @ rows.mT + white, rtol=1e-11, hermitian=True)
    return (0.5 + seen @ gain.mT).unflatten(1, SHAPE)


def problem(name: str, level: float = 0.0, n: int = 4) -> tuple[Operator, Tensor, Tensor]:
    """An operator, states at the level `SIGMA`, and measurements with noise."""
    operator, x = OPERATORS[name], SMOOTH.pictures(n)
    clean = operator.A(x)
    return operator, x + SIGMA * noise(*x.shape, seed=3), clean + level * noise(*clean.shape, seed=4)


@pytest.mark.parametrize(
    "name, level, of_prior, of_noise, holds",
    [(name, level, 1.0, 1.0, True) for name in OPERATORS for level in (0.0, 0.1)]
    + [(name, level, 1.05, 1.0, False) for name in ("matrix", "projection") for level in (0.0, 0.1)]
    + [(name, 0.1, 1.0, wrong, False) for name in ("matrix", "projection", "mask as it is") for wrong in (1.05, 0.0)],
)
def test_eq_given_measurements(name: str, level: float, of_prior: float, of_noise: float, holds: bool) -> None:
    """With enough iterations the mean given state and measurements, against the joint Gaussian inverted by torch."""
    operator, y, m = problem(name, level)
    found = CovarianceConstrained(SMOOTH, operator, m, level, iterations=ENOUGH, level=SIGMA)(y)
    off = float((found - given_both(operator, y, m, of_noise * level, of_prior)).abs().max())
    assert off < 1e-4 if holds else off > 1e-4, off
    silent = operator.k == 0 or (name == "everything" and not level)  # nothing to learn, or nothing left to ask
    if holds and not silent:
        fewer = CovarianceConstrained(SMOOTH, operator, m, level, iterations=1, level=SIGMA)(y)
        identity = CovarianceConstrained(SMOOTH, operator, m, level, ENOUGH, level=SIGMA, linearised=translated)(y)
        exact = given_both(operator, y, m, level)
        assert float((fewer - exact).abs().max()) > 1e-3, "one iteration is an approximation"
        assert float((identity - exact).abs().max()) > 1e-2, "the identity is another denoiser"


@each_operator
def test_more_iterations_come_nearer(name: str) -> None:
    operator, y, m = problem(name)
    exact = given_both(operator, y, m, 0.0)
    errors = [
        float((CovarianceConstrained(SMOOTH, operator, m, iterations=n)(y) - exact).norm()) for n in (1, 4, ENOUGH)
    ]
    assert errors[2] < 1e-6 and (errors[0] < 1e-6 or errors[0] > 1.2 * errors[1] > errors[2])


@each_operator
def test_with_the_identity_it_is_the_algorithm_of_2021(name: str, iterations: int = 3) -> None:
    """The denoiser to rounding, and the whole ascent; with J it is another one."""
    operator, y, m = problem(name, n=2)
    without = CovarianceConstrained(SMOOTH, operator, m, iterations=iterations, linearised=translated)
    before = Constrained(SMOOTH, operator, m)
    assert float((without(y) - before(y)).abs().max()) < 1e-12
    silent = operator.k == 0 or name == "everything"
    assert silent or float((replace(without, linearised=linearised)(y) - before(y)).abs().max()) > 0.01
    same = solve(BLIND, operator, m, seeded(), FAST, iterations=iterations, linearised=translated)
    old, new = inverse.solve(BLIND, operator, m, seeded(), FAST), solve(BLIND, operator, m, seeded(), FAST)
    assert torch.equal(same.steps, old.steps) and float((same.x - old.x).abs().max()) < 1e-9
    assert silent or float((new.x - old.x).abs().max()) > 1e-3


def test_a_network_that_only_adds_a_constant_has_the_identity() -> None:
    """Its own J, by backward passes, gives the 2021 algorithm; a network that scales by two gives it too."""
    operator, y, m = problem("projection")
    for net, alike in ((lambda v: v + 0.1, True), (lambda v: 2 * v, True), (lambda v: v.mean(-1, True) + 0 * v, False)):
        off = CovarianceConstrained(net, operator, m)(y) - Constrained(net, operator, m)(y)
        assert (float(off.abs().max()) < 1e-12) == alike


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return load("photos-tiny").eval()


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_batches_agree(net: nn.Module, level: float) -> None:
    """One, three and sixteen items: the denoiser of a network, and the ascent of an exact one."""
    operator, y, m = problem("projection", level, n=16)
    for denoiser, dtype in ((net, torch.float32), (SMOOTH, torch.float64)):
        whole = CovarianceConstrained(denoiser, operator, m.to(dtype), level, iterations=2)
        together = whole(y.to(dtype))
        for n in (1, 3):
            some = torch.arange(n)
            assert float((whole.of(some)(y[:n].to(dtype)) - together[:n]).abs().max()) <= 1e-5
            assert float((whole.of(some + 1)(y[:n].to(dtype)) - together[:n]).abs().max()) > 1e-3
    alone, three, sixteen = (solve(BLIND, operator, m[:n], seeded(), FAST, level) for n in (1, 3, 16))
    for few in (alone, three):
        n = len(few.x)
        assert torch.equal(few.steps, sixteen.steps[:n]) and float((few.x - sixteen.x[:n]).abs().max()) <= 1e-5
    assert len(set(sixteen.steps.tolist())) > 1
    assert float((solve(BLIND, operator, m[1:2], seeded(), FAST, level).x - alone.x).abs().max()) > 1e-3


def test_an_ascent_of_a_network_does_not_depend_on_its_batch(net: nn.Module) -> None:
    operator, _, m = problem("pixels", n=3)
    one, many = (solve(net, operator, m[:n].float(), seeded(), FAST) for n in (1, 3))
    assert bool(many.converged.all()) and int(one.steps) == int(many.steps[0])
    assert float((one.x - many.x[:1]).abs().max()) <= 1e-4 and float((one.x - many.x[1:2]).abs().max()) > 1e-2


MIX = GaussianMixture(
    noise(3, 6, seed=21),
    (lambda root: root @ root.mT / 12)(noise(3, 6, 6, seed=22)),
    torch.tensor([0.5, 0.3, 0.2]).double(),
)
TWO_OF_SIX = Matrix(torch.linalg.qr(noise(6, 2, seed=23))[0].mT, (1, 1, 6))


def given_both_mixture(y: Tensor, m: Tensor, sigma: float) -> Tensor:
    """E[x | y, A x = m] of the mixture: each cloud conditioned on both, and weighed by how well it explains them."""
    rows = torch.cat([torch.eye(6, dtype=torch.float64), TWO_OF_SIX.rows.double()])
    white = sigma**2 * torch.diag(torch.tensor([1.0] * 6 + [0.0] * 2).double())
    seen, means, logs = torch.cat([y, m], 1), [], []
    for mu, C, w in zip(MIX.means, MIX.covariances, MIX.weights):
        total = rows @ C @ rows.mT + white
        logs.append(torch.distributions.MultivariateNormal(rows @ mu, total).log_prob(seen) + w.log())
        means.append(mu + (seen - rows @ mu) @ torch.linalg.solve(total, rows @ C))
    return torch.einsum("kb,kbd->bd", torch.stack(logs).softmax(0), torch.stack(means))


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_a_mixture(sigma: float) -> None:
    """The answer that the closed form of the covariance gives, and far nearer to the exact mean than without it."""
    x = MIX.sample(400, seeded())
    y = x + sigma * noise(400, 6, seed=5)
    shaped, m = y.reshape(-1, 1, 1, 6), TWO_OF_SIX.A(x.reshape(-1, 1, 1, 6))

    def denoiser(v: Tensor) -> Tensor:
        return MIX.posterior_mean(v.flatten(1), sigma).reshape(v.shape)

    C, A, x_hat = MIX.posterior_covariance(y, sigma), TWO_OF_SIX.rows.double(), MIX.posterior_mean(y, sigma)
    step = torch.linalg.solve(A @ C @ A.mT, (m - x_hat @ A.mT)[..., None])
    closed = x_hat + (C @ A.mT @ step)[..., 0]
    found = CovarianceConstrained(denoiser, TWO_OF_SIX, m, iterations=2, level=10.0)(shaped).flatten(1)
    assert float((found - closed).abs().max()) < 1e-4
    exact, old = given_both_mixture(y, m, sigma), Constrained(denoiser, TWO_OF_SIX, m)(shaped).flatten(1)
    error, before, after = (float((v - x).square().mean()) for v in (exact, old, found))
    assert error < after < before and after - error < 0.5 * (before - error), (error, after, before)
    wrong = CovarianceConstrained(denoiser, TWO_OF_SIX, m.roll(1, 0), iterations=2, level=10.0)(shaped).flatten(1)
    assert float((wrong - x).square().mean()) > before


def linear(J: Tensor):
    """A denoiser with this Jacobian everywhere."""
    return lambda y: 0.5 + ((y.flatten(1) - 0.5) @ J.mT).reshape(y.shape)


TURN = torch.linalg.qr(noise(64, 64, seed=31))[0]
WILD = {
    "turning": TURN,
    "skew": TURN - TURN.mT,
    "expanding": 5 * torch.eye(64, dtype=torch.float64) + 3 * TURN,
    "negative": -0.7 * torch.eye(64, dtype=torch.float64),
    "indefinite": (TURN + TURN.mT) / 2,
    "nearly nothing": 1e-9 * noise(64, 64, seed=32),
    "only elsewhere": torch.eye(64).double().roll(7, 0) * 100,
    "random": noise(64, 64, seed=33),
}


def conjugate_gradients(J: Tensor, operator: Operator, gap: Tensor, iterations: int) -> float:
    """The largest remainder of plain conjugate gradients, relative to the gap."""
    A = matrix_of(operator)
    S, left = A @ J @ A.mT, gap.flatten(1)[0]
    p, start, worst = left, float(left.norm()), 1.0
    for _ in range(iterations):
        q = S @ p
        length = left @ left / (p @ q)
        new = left - length * q
        p, left = new + (new @ new) / (left @ left) * p, new
        worst = max(worst, float(left.norm()) / start)
    return worst


@pytest.mark.parametrize("kind", WILD)
def test_a_jacobian_that_is_no_covariance(kind: str) -> None:
    """What is left of the gap never grows; the answer agrees with m, and lies near the state and the measurements."""
    operator, y, m = problem("projection")
    J, A = WILD[kind], matrix_of(operator)
    x_hat, gap = linear(J)(y), m - operator.A(linear(J)(y))

    def image(p: Tensor) -> tuple[Tensor, Tensor]:
        moved = p @ A @ J.mT
        return moved @ A.mT, moved

    left = [gap.norm(dim=1), *(conjugate_residuals(image, gap, n)[1].norm(dim=1) for n in range(1, 30))]
    assert all(bool((b <= a * (1 + 1e-9)).all()) for a, b in zip(left, left[1:]))
    for iterations in (1, 2, 10):
        found = CovarianceConstrained(linear(J), operator, m, iterations=iterations)(y)
        assert bool(found.isfinite().all()) and float((operator.A(found) - m).abs().max()) < 1e-9
        rest = noise_level(found - operator.project(x_hat, m))
        assert bool((rest <= LARGEST_MOVE * noise_level(x_hat - y) * (1 + 1e-9)).all())


def test_plain_conjugate_gradients_would_diverge() -> None:
    operator, y, m = problem("projection")
    grown = {kind: conjugate_gradients(J, operator, m - operator.A(linear(J)(y)), 10) for kind, J in WILD.items()}
    assert sum(worst > 10 for worst in grown.values()) >= 3, grown
    assert conjugate_gradients(SMOOTH.covariance, operator, m, 10) < 10


@pytest.mark.parametrize("kind", WILD)
def test_no_ascent_diverges_in_silence(kind: str) -> None:
    """It arrives at finite pictures that agree, or is reported as not arrived, or stops with a sentence."""
    operator, _, m = problem("projection")
    ascent = replace(FAST, max_steps=60)
    try:
        found = solve(linear(WILD[kind]), operator, m, seeded(), ascent)
    except FloatingPointError as error:
        assert "NaN or infinite" in str(error)
        return
    good = found.x[found.converged]
    assert bool(good.isfinite().all()) and (not len(good) or float(good.abs().max()) < 20)
    assert float(inconsistency(operator, found.x, m).max()) < 1e-6 * max(1.0, float(found.x.abs().max()))
    assert bool((found.sigma[~found.converged] > ascent.sigma_L).all())


def test_products_that_are_no_numbers_are_refused() -> None:
    operator, y, m = problem("pixels")

    def wrong(net, y):
        return network(net)(y), lambda v: v * math.nan

    with pytest.raises(FloatingPointError, match="J v holds NaN or infinite values; expected finite ones"):
        CovarianceConstrained(SMOOTH, operator, m, linearised=wrong)(y)


def test_products_are_those_of_the_jacobian() -> None:
    """Of every item its own, transposed; also in inference mode and where gradients are off."""
    y, v = noise(3, 4), noise(3, 4, seed=2)
    square = noise(4, 4, seed=3)
    for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
        with mode():
            x_hat, product = linearised(lambda u: torch.tanh(u @ square.mT), y.clone())
            slope = 1 - torch.tanh(y @ square.mT).square()
            assert relative(product(v.clone()), (v * slope) @ square) < 1e-12 and not x_hat.requires_grad
            assert relative(product(v), v * slope @ square.mT) > 0.1
    assert float(linearised(lambda u: torch.ones_like(u), y)[1](v).abs().max()) == 0
    assert torch.equal(translated(torch.tanh, y)[1](v), v)


@pytest.mark.parametrize("name", ["inpaint", "matrix", "mask as it is"])
def test_declared_noise_enters_the_equation(name: str) -> None:
    """The mean of samples comes near the exact mean, also where rows are not orthonormal; untold it does not."""
    operator, x, level = OPERATORS[name], SMOOTH.pictures(8), 0.15
    m, A, C = operator.A(x) + level * noise(8, *operator.measured, seed=7), matrix_of(operator), SMOOTH.covariance
    gain = torch.linalg.solve(A @ C @ A.mT + level**2 * torch.eye(len(A)), A @ C)
    exact = 0.5 + (m.flatten(1) - 0.5 * A.sum(1)) @ gain
    off = []
    for told in (level, 0.0):
        found = posterior(BLIND, operator, m, 8, seeded(), ascent=FAST, noise=told, iterations=5)
        assert bool(found.converged.all())
        off.append(float((found.mean.flatten(1) - exact).square().mean()))
    assert off[0] < 0.5 * off[1], off
    assert off[0] < 2 * float((C - C @ A.mT @ gain).trace()) / 64 / 8, "twice what chance leaves of eight exact draws"


def test_solutions_agree_and_are_better_than_without() -> None:
    """In the Gaussian world: exact agreement, and the mean of samples nearer to the exact one than in 2021."""
    operator, x = OPERATORS["projection"], SMOOTH.pictures(16)
    m = operator.A(x)
    new, old = (way(BLIND, operator, m, 6, seeded(), ascent=FAST) for way in (posterior, inverse.posterior))
    assert bool(new.converged.all()) and float((operator.A(new.samples[:, 0]) - m).abs().max()) < 1e-9
    C, A = SMOOTH.covariance, matrix_of(operator)
    exact = 0.5 + (m - 0.5 * A.sum(1)) @ torch.linalg.solve(A @ C @ A.mT, A @ C)
    off = {k: float((v.mean.flatten(1) - exact).square().mean()) for k, v in (("new", new), ("old", old))}
    assert off["new"] < off["old"], off
    loose = solve(BLIND, operator, m, seeded(), FAST, reproject=False)
    assert torch.equal(loose.x, BLIND(loose.y)) and float((operator.A(loose.x) - m).abs().max()) > 1e-4


def test_it_is_a_denoiser_of_the_same_ascent() -> None:
    """`solve` is `sampling.ascend` with it."""
    operator, _, m = problem("pixels")
    stream = ItemNoise(item_seeds(4, seeded()), SHAPE, dtype=torch.float64)
    start = operator.project(torch.full((4, *SHAPE), 0.5).double(), m) + stream.draw()
    by_hand = finish(ascend(CovarianceConstrained(BLIND, operator, m), start, stream, FAST))
    found = solve(BLIND, operator, m, seeded(), FAST)
    assert torch.equal(found.steps, by_hand.steps) and float((found.x - by_hand.x).abs().max()) < 1e-9


@pytest.mark.parametrize(
    "change, message",
    [
        ({"ascent": replace(FAST, corrected=True)}, "corrected=True"),
        ({"noise": 1.0}, "noise=1; expected one finite number, at least 0, below 1"),
        ({"iterations": 0}, "iterations=0; expected a whole number, from 1"),
        ({"m": torch.zeros(2, 3)}, r"m has shape \(2, 3\); expected"),
        ({"net": torch.no_grad()(lambda y: 0.5 * y)}, "net records no gradient"),
        ({"net": nn.Sequential(nn.BatchNorm2d(1))}, "net is in train mode"),
        ({"net": lambda y: y - y.mean(0) + 0.5}, "another answer alone than in its batch"),
    ],
)
def test_what_cannot_be_solved_is_refused(change: dict, message: str) -> None:
    operator, _, m = problem("pixels")
    with pytest.raises(ValueError, match=message):
        solve(**{"net": BLIND, "operator": operator, "m": m, "generator": seeded(), "ascent": FAST} | change)


def test_a_wrong_part_of_the_denoiser_is_refused() -> None:
    operator, _, m = problem("pixels")
    for change, message in (
        ({"m": m[:, :3]}, r"expected measurements \(B, \*\(19,\)\)"),
        ({"noise": -0.1}, "noise=-0.1"),
        ({"level": 0.0}, "level=0"),
        ({"iterations": 1.5}, "iterations=1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            CovarianceConstrained(**{"net": BLIND, "operator": operator, "m": m} | change)
    with pytest.raises(TypeError, match="operator is None"):
        CovarianceConstrained(BLIND, None, m)
