"""The equations of chapters 0 and 1, each with a constant that is changed to see the test fail."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dprior_lite import metrics, miyasawa
from dprior_lite.geometry import jacobian

SIGMA = 0.5


def mixture(d: int = 2, seed: int = 0) -> miyasawa.GaussianMixture:
    g = torch.Generator().manual_seed(seed)
    root = torch.randn(3, d, d, generator=g, dtype=torch.float64) / d**0.5
    return miyasawa.GaussianMixture(
        2 * torch.randn(3, d, generator=g, dtype=torch.float64),
        root @ root.mT,
        torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64),
    )


def points(law: miyasawa.GaussianMixture, n: int, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    x = law.sample(n, g)
    return x, miyasawa.noisy(x, SIGMA, g)


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.01, False)])
def test_eq_posterior_mean(factor: float, holds: bool) -> None:
    """Among all functions of y the posterior mean has the least squared error: its error averages to zero near
    every y.
    """
    law = miyasawa.GaussianMixture.isotropic([[-1.0], [1.0]], [0.0, 0.0], [0.5, 0.5])
    x, y = points(law, 400_000)
    error = (factor * law.posterior_mean(y, SIGMA) - x)[:, 0]
    worst = max(abs(float(error[(y[:, 0] - c).abs() < 0.2].mean())) for c in (-1.2, -0.4, 0.4, 1.2))
    assert (worst < 0.007) == holds


@pytest.mark.parametrize("factor, holds", [(-10, True), (-20, False)])
def test_eq_psnr(factor: float, holds: bool) -> None:
    x = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
    y = x + 0.05 * torch.randn(x.shape, generator=torch.Generator().manual_seed(1)).clamp(-3, 3)
    mse = float((x - y).double().square().mean())
    assert math.isclose(metrics.psnr(y, x), factor * math.log10(mse), rel_tol=1e-5) == holds


@pytest.mark.parametrize("d", [1, 2, 64])
@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.1, False)])
def test_eq_miyasawa(d: int, factor: float, holds: bool) -> None:
    law = mixture(d)
    y = points(law, 50)[1]
    residual = law.posterior_mean(y, SIGMA) - y
    assert (relative(factor * SIGMA**2 * law.score(y, SIGMA), residual) < 1e-10) == holds


@pytest.mark.parametrize("kept, holds", [(1.0, True), (0.0, False)])
def test_eq_posterior_covariance(kept: float, holds: bool) -> None:
    """Three routes: Bayes' rule, the Jacobian, the Hessian of log p; without sigma² I the last one is wrong."""
    law = mixture()
    y = points(law, 20)[1]
    covariance = law.posterior_covariance(y, SIGMA)
    hessian = torch.stack(
        [torch.autograd.functional.hessian(lambda v: law.log_density(v[None], SIGMA)[0], item) for item in y]
    )
    assert relative(miyasawa.posterior_covariance(lambda v: law.posterior_mean(v, SIGMA), y, SIGMA), covariance) < 1e-8
    assert (relative(kept * SIGMA**2 * torch.eye(2).double() + SIGMA**4 * hessian, covariance) < 1e-8) == holds


@pytest.mark.parametrize("factor, holds", [(1.0, True), (0.8, False), (1.3, False)])
def test_eq_calibration(factor: float, holds: bool) -> None:
    law = mixture()
    x, y = points(law, 200_000)
    x_hat = y + factor * (law.posterior_mean(y, SIGMA) - y)
    total = (x_hat - y).square().sum(1).mean() + (x_hat - x).square().sum(1).mean()
    assert (abs(float(total) / (2 * SIGMA**2) - 1) < 0.01) == holds


def exactly_white(n: int, d: int) -> torch.Tensor:
    """Noise (n, d), float64, whose mean is 0 and whose covariance is the identity, exactly."""
    drawn = torch.randn(n, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.linalg.qr(torch.cat([torch.ones(n, 1, dtype=torch.float64), drawn], 1))[0][:, 1:] * n**0.5


@pytest.mark.parametrize("factor, holds", [(1.0, True), (0.5, False), (1.01, False), (2.15 / 2, False)])
def test_eq_sure(factor: float, holds: bool) -> None:
    """Without the clean picture: on average over exactly white noise the estimate is the error, to rounding.

    Of a denoiser that weights every pixel by itself a probe of signs gives the exact trace.
    """
    x = torch.rand(1, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.linspace(0.1, 0.9, 12, dtype=torch.float64)
    y = x + SIGMA * exactly_white(200, 12)
    found = miyasawa.sure(lambda v: weights * v, y, SIGMA, torch.Generator().manual_seed(0))
    estimate = found.error + (factor - 1) * 2 * SIGMA**2 * found.trace
    truth = (weights * y - x).square().sum(1)
    assert torch.allclose(found.trace, weights.sum().expand(200)) and torch.equal(found.x_hat, weights * y)
    assert (abs(float(estimate.mean() / truth.mean()) - 1) < 1e-10) == holds


def test_sure_of_a_blur() -> None:
    """Its trace is probed, and the estimate still meets the error, on average over pictures."""
    g = torch.Generator().manual_seed(0)
    x = torch.rand(64, 1, 32, 32, generator=g, dtype=torch.float64)
    y = miyasawa.noisy(x, SIGMA, g)

    def blur(v: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d(F.pad(v, (1, 1, 1, 1), mode="replicate"), 3, stride=1)

    found = miyasawa.sure(blur, y, SIGMA, g)
    truth = (blur(y) - x).square().sum()
    assert torch.allclose(found.x_hat, blur(y)) and abs(float(found.error.sum() / truth) - 1) < 0.05


def test_the_numbers_of_the_exercises() -> None:
    pair = miyasawa.GaussianMixture.isotropic([[-1.0], [1.0]], [0.0, 0.0], [0.5, 0.5])
    origin = torch.zeros(1, 1, dtype=torch.float64)
    assert math.isclose(float(pair.posterior_covariance(origin, 0.5)), 1.0)
    assert math.isclose(float(jacobian(lambda y: pair.posterior_mean(y, 0.5), origin)), 4.0)


def test_calibration_of_five_denoisers() -> None:
    """The ±1 world at sigma = 0.8: (residual power + MSE) / sigma² is 1, 1, .74 and 1.41 for the four of the
    exercise.
    """
    pair = miyasawa.GaussianMixture.isotropic([[-1.0], [1.0]], [0.0, 0.0], [0.5, 0.5])
    g = torch.Generator().manual_seed(0)
    x = pair.sample(400_000, g)
    y = miyasawa.noisy(x, 0.8, g)
    best = pair.posterior_mean(y, 0.8)
    for x_hat, total in ((best, 1.0), (y, 1.0), ((y + best) / 2, 0.74), (y + 1.3 * (best - y), 1.41)):
        mse = float((x_hat - x).square().mean()) / 0.64
        assert abs(miyasawa.calibration(x, y, x_hat) - (total - 1) / mse) < 0.02
    assert miyasawa.calibration(x, y, y) == 0


def test_degenerate_and_wrong_mixtures() -> None:
    point = miyasawa.GaussianMixture.isotropic([[0.0, 1.0]], [0.0], [1.0])
    y = torch.tensor([[5.0, -3.0]], dtype=torch.float64)
    assert torch.allclose(point.posterior_mean(y, 0.1), point.means)
    assert torch.equal(point.sample(3, torch.Generator()), point.means.expand(3, -1))
    with pytest.raises(ValueError, match="sum to one"):
        miyasawa.GaussianMixture.isotropic([[0.0]], [1.0], [0.5])
    with pytest.raises(ValueError, match="ask for covariances"):
        miyasawa.GaussianMixture(torch.zeros(2, 2), torch.zeros(2, 3, 3), torch.ones(2) / 2)


def test_noise_is_one_stream_and_takes_a_sigma_an_item() -> None:
    x = torch.zeros(3, 1, 4, 4)
    y = miyasawa.noisy(x, torch.tensor([0.0, 1.0, 10.0]), torch.Generator().manual_seed(0))
    assert y[0].abs().max() == 0 and 5 < float(y[2].std() / y[1].std()) < 20
    assert torch.equal(y, miyasawa.noisy(x, torch.tensor([0.0, 1.0, 10.0]), torch.Generator().manual_seed(0)))


def slope(law: miyasawa.GaussianMixture, loss, seen: int) -> tuple[float, float]:
    """How a loss changes when the posterior mean given the first `seen` of 16 pixels is scaled, and its standard error:
    zero where that is the best answer.
    """
    narrow = miyasawa.GaussianMixture.isotropic([[0.0] * seen] * 2, [0.3, 0.6], [0.5, 0.5])
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)

    def scaled(y: torch.Tensor) -> torch.Tensor:
        x_hat = narrow.posterior_mean(y.flatten(1)[:, :seen], SIGMA).detach()
        return torch.nn.functional.pad(scale * x_hat, (0, 16 - seen)).reshape(y.shape)

    g, slopes = torch.Generator().manual_seed(2), []
    for _ in range(40):
        x = law.sample(4000, g).reshape(-1, 1, 4, 4)
        slopes.append(
            float(torch.autograd.grad(loss(scaled, x, torch.full((len(x),), SIGMA, dtype=torch.float64), g), scale)[0])
        )
    found = torch.tensor(slopes)
    return float(found.mean()), float(found.std()) / len(found) ** 0.5


def weighted_by_x(net, x: torch.Tensor, sigma: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    variance, share = miyasawa.noise_share(x)
    return (
        (net(miyasawa.noisy(x, sigma, generator)) - x).square().flatten(1).mean(1) * share.square() / variance
    ).mean()


@pytest.mark.parametrize(
    "loss, seen, holds",
    [
        (miyasawa.faint_error, 16, True),
        (miyasawa.squared_error, 16, True),
        (weighted_by_x, 16, False),
        (miyasawa.faint_error, 1, False),
        (miyasawa.squared_error, 1, True),
    ],
)
def test_the_posterior_mean_is_best_under_a_weight_by_all_of_y(loss, seen: int, holds: bool) -> None:
    """Two contrasts that noise confuses. A weight by x leans the answer; so does a weight by pixels that the network
    does not see.
    """
    law = miyasawa.GaussianMixture.isotropic([[0.0] * 16] * 2, [0.3, 0.6], [0.5, 0.5])

    mean, error = slope(law, loss, seen)
    assert (abs(mean) < 4 * error) == holds


def test_faint_error_by_hand() -> None:
    """An answer of zero: on average the mean of s³ |x|²/(64 v) over all sixteen pictures, though the network is shown
    two; not that of pictures drawn evenly.
    """
    ramp = torch.linspace(-1, 1, 8) + torch.linspace(-1, 1, 8)[:, None]
    x, sigma = ramp * torch.linspace(0.02, 0.3, 16)[:, None, None, None], torch.full((16,), 0.1)
    shown, difference, evenly = [], [], []

    def zero(y: torch.Tensor) -> torch.Tensor:
        shown.append(len(y))
        return 0 * y

    for seed in range(500):
        variance, share = miyasawa.noise_share(miyasawa.noisy(x, sigma, torch.Generator().manual_seed(seed)))
        error = x.square().flatten(1).mean(1) / variance
        found = float(miyasawa.faint_error(zero, x, sigma, torch.Generator().manual_seed(seed)))
        difference.append(found - float((share**3 * error).mean()))
        evenly.append(found - float((share**3).mean() * error.mean()))
    assert set(shown) == {2} and float(share.min()) < 0.5
    for values, zero_mean in ((difference, True), (evenly, False)):
        t = np.mean(values) / (np.std(values) / len(values) ** 0.5)
        assert (abs(t) < 4) == zero_mean, t


def test_indices_are_drawn_in_proportion() -> None:
    """Each index floor or ceil of its share times n, never one of weight zero, and on average its share."""
    weight, n = torch.tensor([0.0, 3.0, 1.0, 0.0, 6.0, 0.5, 0.0]), 5
    asked = n * weight / weight.sum()
    counts = torch.stack(
        [
            torch.bincount(miyasawa.drawn_in_proportion(weight, n, torch.Generator().manual_seed(seed)), minlength=7)
            for seed in range(4000)
        ]
    ).double()
    assert bool((counts >= asked.floor()).all() and (counts <= asked.ceil()).all())
    assert torch.allclose(counts.mean(0), asked.double(), atol=0.03)
    assert miyasawa.drawn_in_proportion(torch.zeros(3), 2, torch.Generator()).max() < 3


def test_noise_is_read_off_a_noisy_picture() -> None:
    """Smooth pictures give the noise they were given, and the share falls with the contrast; a picture of noise is all
    noise.
    """
    ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    y = torch.cat([miyasawa.noisy(a * ramp, 0.1, torch.Generator().manual_seed(0)) for a in (0.0, 0.3, 1.0, 10.0)])
    variance, share = miyasawa.noise_share(y)
    assert torch.allclose((variance * share).sqrt()[1:], torch.tensor(0.1), rtol=0.05)
    assert float(share[0]) > 0.95 and bool((share.diff() < -0.05).all())
    assert miyasawa.noise_share(torch.zeros(1, 1, 4, 4))[1].isfinite().all()
