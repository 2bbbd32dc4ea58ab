"""Optimal measurements: orthonormal rows, decoders, the gradient through the sampler, toys with an exact decoder.

Closed forms and second routes; each comes with a control that fails.
"""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

from dprior_lite import data, inverse, measurements, metrics
from dprior_lite.geometry import principal_cosines
from dprior_lite.measurements import (
    Arm,
    Arms,
    Clouds,
    Descent,
    LinearDecoder,
    MeasurementMatrix,
    PriorDecoder,
    ToyDecoder,
    cross,
    decode_by_projection,
    error_curve,
    expected_error,
    load_rows,
    measured,
    moments,
    objective,
    optimise,
    orthonormality_error,
    orthonormalized,
    pca_rows,
    pooled_psnr,
    principal_axes,
    random_rows,
    save_rows,
    skewness,
    ssim_each,
)
from dprior_lite.mixture import GaussianMixture
from dprior_lite.sampling import Ascent

NOISE = 0.025
ANGLES = np.arange(0, 180, 2.5)
SHORT = Ascent(h0=0.3, beta=0.5, sigma_L=0.2)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int, side: int = 4, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(n, 1, side, side, generator=seeded(), dtype=dtype)


def smooth_net(d: int, dtype: torch.dtype = torch.float64) -> nn.Module:
    """A denoiser without kinks: half of y and a little more, mixed by one layer."""
    torch.manual_seed(0)
    mix = nn.Linear(d, d, bias=False).to(dtype).requires_grad_(False)

    class Smooth(nn.Module):
        def forward(self, y: Tensor) -> Tensor:
            return 0.6 * y + 0.3 * torch.tanh(mix(y.flatten(1))).reshape(y.shape)

    return Smooth().eval()


# orthonormal rows


def test_rows_stay_orthonormal_through_training_and_after_save_and_load(tmp_path) -> None:
    x, matrix = pictures(40, 6, torch.float32), MeasurementMatrix(random_rows(36, 5, seeded()), (1, 6, 6))
    start, seen = matrix.rows.detach().clone(), []
    decoder = PriorDecoder(lambda y: 0.5 * y, x.mean(0), SHORT)

    def watch(states):
        for state in states:
            seen.append(orthonormality_error(matrix.rows))
            assert state.orthonormality == seen[-1]
            yield state

    found = optimise(matrix, x, decoder, seeded(), Descent(steps=12, batch=8, lr=0.05), watch)
    assert len(seen) == 12 and max(seen) < 1e-5 and found.orthonormality == max(seen) and found.skipped == 0
    assert float((found.rows - start).abs().max()) > 0.05, "the rows have moved"
    loaded = load_rows(save_rows(tmp_path / "rows.safetensors", matrix, {"steps": 12}))
    assert orthonormality_error(loaded.rows) < 1e-5 and loaded.shape == (1, 6, 6)
    assert torch.allclose(loaded.rows, found.rows, atol=1e-6)

    free = start.clone().requires_grad_()
    loss = (measured(free, x) - 1).square().mean()
    loss.backward()
    assert orthonormality_error(free - 0.05 * free.grad) > 1e-4, "the control: a plain step of a plain matrix"


def test_a_damaged_file_of_rows_is_refused(tmp_path) -> None:
    path = save_rows(tmp_path / "rows.safetensors", MeasurementMatrix(torch.eye(4)[:2], (1, 2, 2)))
    card = json.loads(path.with_suffix(".json").read_text())
    path.write_bytes(path.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match="damaged"):
        load_rows(path)
    path.with_suffix(".json").write_text(json.dumps({"name": card["name"]}))
    with pytest.raises(ValueError, match="without shape"):
        load_rows(path)
    with pytest.raises(ValueError, match="cannot be read"):
        load_rows(tmp_path / "none.safetensors")


def test_orthonormal_rows_come_back_as_they_are_and_others_keep_their_space() -> None:
    rows = random_rows(20, 6, seeded())
    assert torch.allclose(MeasurementMatrix(rows, (1, 4, 5)).rows, rows, atol=1e-6)
    mixed = torch.randn(6, 6, generator=seeded(1)) @ rows
    again = MeasurementMatrix(mixed, (1, 4, 5)).rows.detach()
    assert orthonormality_error(again) < 1e-5 < orthonormality_error(mixed)
    assert float(principal_cosines(again, rows).min()) > 1 - 1e-5


@pytest.mark.parametrize(
    "rows, said",
    [
        (torch.zeros(0, 4), "no measurement"),
        (torch.eye(5)[:, :4], "at most 4 measurements"),
        (torch.ones(2, 4), "rank 1; expected 2"),
        (torch.cat([torch.eye(4)[:2], torch.eye(4)[:1] + 1e-9]), "rank 2; expected 3"),
        (torch.eye(9)[:2], "expected 4, one a number of a picture"),
    ],
)
def test_a_matrix_that_is_none_is_refused(rows: Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MeasurementMatrix(rows, (1, 2, 2))


def test_counts_and_sizes_that_do_not_fit_are_refused() -> None:
    x = pictures(6)
    for k in (0, 17):
        with pytest.raises(ValueError, match="expected a whole number, from 1 to 16"):
            random_rows(16, k, seeded())
        with pytest.raises(ValueError, match="The pictures vary in 5 directions"):
            pca_rows(x, k)
    decoder = PriorDecoder(lambda y: 0.5 * y, x.mean(0), SHORT)
    other = random_rows(25, 2, seeded()).double()
    with pytest.raises(ValueError, match="25 numbers a row and the pictures have 16"):
        decoder(other, torch.zeros(1, 2, dtype=torch.float64), seeded())
    with pytest.raises(ValueError, match="not orthonormal"):
        decoder(torch.ones(1, 16).double(), torch.zeros(1, 1).double(), seeded())
    matrix = MeasurementMatrix(pca_rows(x, 2), (1, 4, 4))
    with pytest.raises(ValueError, match="expected pictures \\(1, 4, 4\\)"):
        optimise(matrix, pictures(6, 5), decoder, seeded(), Descent())
    with pytest.raises(ValueError, match="last number to be the 2 rows"):
        optimise(matrix, x, decoder, seeded(), Descent(nested=(1,)))
    with pytest.raises(ValueError, match="Divide 8-bit pictures by 255"):
        objective(matrix.rows, 255 * x, decoder, seeded())


def test_the_first_rows_depend_on_the_first_reflections_alone() -> None:
    matrix = MeasurementMatrix(random_rows(12, 4, seeded()), (1, 3, 4))
    matrix.rows[:2].square().mul(torch.arange(12.0)).sum().backward()
    (free,) = matrix.parameters()
    moved = free.grad.abs().sum(1)  # (K,)
    assert float(moved[:2].min()) > 1e-3 and float(moved[2:].max()) < 1e-6


def test_nested_measurements_train_every_part() -> None:
    """With the best linear decoder, any first k of nested rows come near the best k; of ordinary ones only all do."""
    values = torch.tensor([9.0, 4.0, 2.0, 0.3, 0.2, 0.1], dtype=torch.float64)
    x = gaussian(values, 4000)
    decoder, starts = LinearDecoder(*moments(x)), random_rows(6, 3, seeded(1)).double()

    def excess(nested: tuple[int, ...]) -> float:
        matrix = MeasurementMatrix(starts, (1, 1, 6))
        found = optimise(matrix, x, decoder, seeded(), Descent(steps=250, batch=64, lr=0.05, nested=nested)).rows
        best = values.sum() - values.cumsum(0)
        return max(float(decoder.expected_error(found[:k])) / float(best[k - 1]) for k in (1, 2))

    assert excess((1, 2, 3)) < 1.1 < 1.3 < excess(())


# the gradient through the sampler


def test_the_decoder_takes_the_steps_of_the_solver() -> None:
    x, net = pictures(3, 4, torch.float32), smooth_net(16, torch.float32)
    rows = random_rows(16, 5, seeded())
    matrix = MeasurementMatrix(rows, (1, 4, 4))
    grey, ascent = torch.full((1, 4, 4), 0.5), Ascent(h0=0.2, beta=0.4, sigma_L=0.05)
    for noise in (0.0, 0.15):
        expected = inverse.solve(net, matrix.operator(), measured(rows, x), seeded(), ascent, noise=noise).x
        found = PriorDecoder(net, grey, ascent, noise=noise)(rows, measured(rows, x), seeded())
        assert float((found - expected).abs().max()) < 1e-5
        through = PriorDecoder(net, grey, ascent, noise=noise)(matrix.rows, measured(rows, x), seeded())
        assert through.requires_grad and torch.allclose(through, found, atol=1e-5)
        other = PriorDecoder(net, grey, ascent, noise=0.05)(rows, measured(rows, x), seeded())
        assert float((other - expected).abs().max()) > 1e-3, "the control: another level of noise"


def test_draws_are_averaged() -> None:
    x, rows, net = pictures(2), random_rows(16, 3, seeded()).double(), smooth_net(16)
    one = PriorDecoder(net, x.mean(0), SHORT)
    three = dataclasses.replace(one, draws=3)(rows, measured(rows, x), seeded())
    each = one(rows, measured(rows, x).repeat_interleave(3, 0), seeded()).unflatten(0, (2, 3))
    assert torch.allclose(three, each.mean(1)) and not torch.allclose(three, each[:, 0])


@pytest.mark.parametrize("loss, noise, draws", [("mse", 0.0, 1), ("mse", 0.3, 2), ("ssim", 0.0, 1)])
def test_the_gradient_is_that_of_finite_differences(loss: str, noise: float, draws: int) -> None:
    side = 7 if loss == "ssim" else 3
    x, net = pictures(2, side), smooth_net(side**2)
    matrix = MeasurementMatrix(random_rows(side**2, 2, seeded()).double(), (1, side, side))
    decoder = PriorDecoder(net, x.mean(0), SHORT, draws, noise)
    (free,) = matrix.parameters()

    def value(seed: int = 0) -> Tensor:
        return objective(matrix.rows, x, decoder, seeded(seed), loss, noise).mean()

    (gradient,) = torch.autograd.grad(value(), free)
    plain = dataclasses.replace(decoder, checkpointed=False)
    (other,) = torch.autograd.grad(objective(matrix.rows, x, plain, seeded(), loss, noise).mean(), free)
    assert torch.allclose(gradient, other, rtol=1e-10, atol=1e-14), "with and without checkpoints"

    along = torch.randn(free.shape, generator=seeded(1), dtype=free.dtype).tril(-1)  # the diagonal is a sign
    step, expected = 1e-5, float((gradient * along).sum())

    def difference(fresh: int = 0) -> float:
        with torch.no_grad():
            free.add_(step * along)
            above = float(value())
            free.sub_(2 * step * along)
            below = float(value(fresh))
            free.add_(step * along)
        return (above - below) / (2 * step)

    assert difference() == pytest.approx(expected, rel=1e-5)
    assert difference(1) != pytest.approx(expected, rel=0.5), "the control: fresh noise in the second evaluation"


def test_what_a_step_computes_is_not_kept() -> None:
    alive: list[StorageWeakRef] = []

    def most(checkpointed: bool, max_steps: int) -> int:
        alive.clear()

        def net(y: Tensor) -> Tensor:
            inside = torch.tanh(y)  # the graph keeps it
            alive.append(StorageWeakRef(inside.untyped_storage()))
            return 0.5 * inside

        x, matrix = pictures(2), MeasurementMatrix(random_rows(16, 3, seeded()).double(), (1, 4, 4))
        ascent = Ascent(h0=0.1, beta=0.1, sigma_L=1e-3, max_steps=max_steps)
        loss = objective(matrix.rows, x, PriorDecoder(net, x.mean(0), ascent, checkpointed=checkpointed), seeded())
        kept = sum(not ref.expired() for ref in alive)
        loss.sum().backward()
        return kept

    assert most(True, 4) == most(True, 12) <= 1
    assert most(False, 12) >= 12, "the control"


def test_a_gradient_that_is_not_finite_is_skipped_counted_and_reported() -> None:
    x, calls = pictures(8), []

    def net(y: Tensor) -> Tensor:
        calls.append(1)
        return y * (math.nan if len(calls) % 5 == 0 else 0.5)

    matrix = MeasurementMatrix(random_rows(16, 2, seeded()).double(), (1, 4, 4))
    once = Ascent(h0=0.5, beta=1.0, sigma_L=0.1, max_steps=1)
    before, moved = matrix.rows.detach().clone(), []

    def watch(states):
        for state in states:
            moved.append((float((matrix.rows.detach() - before).abs().max()) > 0, state.skipped))
            before.copy_(matrix.rows.detach())
            yield state

    decoder = PriorDecoder(net, x.mean(0), once, checkpointed=False)
    found = optimise(matrix, x, decoder, seeded(), Descent(steps=10, batch=4), watch)
    counts = [0] + [count for _, count in moved]
    assert 0 < found.skipped < 10 and f"{found.skipped} skipped" in str(found)
    assert [moves for moves, _ in moved] == [a == b for a, b in zip(counts, counts[1:])], "skipped steps change nothing"
    assert bool(found.rows.isfinite().all()) and int(found.losses.isnan().sum()) == found.skipped

    bad = PriorDecoder(lambda y: y * math.nan, x.mean(0), once)
    with pytest.raises(FloatingPointError, match="None of 2 steps had a finite gradient"):
        optimise(matrix, x, bad, seeded(), Descent(steps=2, batch=4))
    with pytest.raises(FloatingPointError, match="NaN or infinite"), torch.no_grad():
        bad(before, measured(before, x), seeded())


def test_a_denoiser_that_records_no_gradient_is_refused() -> None:
    x = pictures(2)
    matrix = MeasurementMatrix(random_rows(16, 2, seeded()).double(), (1, 4, 4))
    with pytest.raises(ValueError, match="records no gradient"):
        objective(matrix.rows, x, PriorDecoder(torch.no_grad()(lambda y: 0.5 * y), x.mean(0), SHORT), seeded())


# linear decoders


def gaussian(values: Tensor, n: int = 2000) -> Tensor:
    """Gaussian points as pictures (n, 1, 1, d), with exactly these variances along the axes, uncorrelated."""
    z = torch.randn(n, len(values), generator=seeded(), dtype=torch.float64)
    white = torch.linalg.qr(z - z.mean(0))[0] * n**0.5
    return (white * values.sqrt())[:, None, None]


def test_the_linear_decoder_is_that_of_least_squares_and_its_error_the_measured_one() -> None:
    x = pictures(300) ** 2 + pictures(300).flip(0)[..., :1]
    mean, covariance = moments(x)
    assert np.allclose(covariance, np.cov(x.flatten(1).numpy().T, bias=True))
    rows, decoder = random_rows(16, 4, seeded()).double(), LinearDecoder(mean, covariance)
    m = measured(rows, x)
    design = torch.cat([m, torch.ones(300, 1).double()], 1)
    fitted = design @ torch.linalg.lstsq(design, x.flatten(1)).solution
    found = decoder(rows, m)
    assert torch.allclose(found.flatten(1), fitted, atol=1e-8)
    error = (found - x).square().flatten(1).sum(1).mean()
    assert float(decoder.expected_error(rows)) == pytest.approx(float(error), rel=1e-8)
    worse = (decode_by_projection(rows, m, mean) - x).square().flatten(1).sum(1).mean()
    assert float(worse) > 1.05 * float(error), "of rows that are no principal components the projection is not best"


@pytest.mark.parametrize("of_noise, holds", [(1.0, True), (1.01, False), (0.0, False)])
def test_eq_linear_decoder(of_noise: float, holds: bool) -> None:
    """The formula is the conditional mean of a Gaussian that holds pictures and noisy measurements together."""
    x = pictures(60) ** 2
    (mean, covariance), rows, noise = moments(x), random_rows(16, 3, seeded()).double(), 0.2
    m = measured(rows, x[:5])
    both = torch.cat([torch.eye(16, dtype=torch.float64), rows])  # the picture, and what is measured of it
    joint = both @ covariance @ both.mT
    joint[16:, 16:] += of_noise * noise**2 * torch.eye(3, dtype=torch.float64)
    precision = torch.linalg.inv(joint + 1e-12 * torch.eye(19, dtype=torch.float64))
    away = m - measured(rows, mean[None])
    conditional = -torch.linalg.solve(precision[:16, :16], precision[:16, 16:] @ away.mT).mT + mean.flatten()
    found = LinearDecoder(mean, covariance, noise)(rows, m).flatten(1)
    assert (float((found - conditional).abs().max()) < 1e-5) == holds


def test_of_principal_components_the_projection_about_the_mean_is_the_best_linear_decoder() -> None:
    x, _ = data.digits8()
    x = x.double()
    mean, covariance = moments(x)
    rows = pca_rows(x, 8)
    m = measured(rows, x)
    best, about = LinearDecoder(mean, covariance)(rows, m), decode_by_projection(rows, m, mean)
    assert torch.allclose(best, about, atol=1e-6)
    assert pooled_psnr(decode_by_projection(rows, m, 0 * mean), x) < pooled_psnr(about, x) - 0.02, "without the mean"
    assert measurements.captured_variance(rows, covariance) == pytest.approx(1)
    other = random_rows(64, 8, seeded()).double()
    assert measurements.captured_variance(other, covariance) < 0.5
    noisy = LinearDecoder(mean, covariance, noise=1.0)
    with_noise = m + torch.randn(m.shape, generator=seeded(), dtype=m.dtype)
    told, untold = (pooled_psnr(each(rows, with_noise), x) for each in (noisy, LinearDecoder(mean, covariance)))
    assert told > untold + 0.1, "noise that the decoder knows of is shrunk"


@pytest.mark.skipif(not (data.cache_folder() / "mnist").is_dir(), reason="MNIST is absent")
def test_linear_decoding_of_mnist() -> None:
    (train, _), (test, _) = data.mnist("train"), data.mnist("test")
    mean, covariance = moments(train)
    axes = torch.linalg.eigh(covariance)[1].mT.flip(0).float()
    for k, expected in ((16, 15.71), (32, 17.74), (64, 20.44), (128, 23.76)):
        rows = axes[:k].contiguous()
        m = measured(rows, test)
        assert pooled_psnr(decode_by_projection(rows, m, mean.float()), test) == pytest.approx(expected, abs=0.02)
    assert pooled_psnr(decode_by_projection(rows[:16], m[:, :16], 0 * mean.float()), test) < 15.6, "without the mean"


def test_on_gaussian_pictures_the_optimum_is_the_principal_subspace() -> None:
    """The covariance is that of small digits, with variances cut to a quarter beyond the eighth principal component.

    None is less than a tenth of the eighth: without noise a row may lean towards a direction of no variance at no cost.
    """
    x, _ = data.digits8()
    values, vectors = torch.linalg.eigh(moments(x)[1])
    values, vectors = values.flip(0), vectors.flip(1)
    values[8:] = (values[8:] / 4).clamp(min=float(values[7]) / 10)
    covariance = (vectors * values) @ vectors.mT
    decoder = LinearDecoder(torch.zeros(1, 8, 8), covariance)
    z = torch.randn(4000, 64, generator=seeded(), dtype=torch.float64)
    pictures = ((z * values.sqrt()) @ vectors.mT).reshape(-1, 1, 8, 8)
    best, pca = float(values[8:].sum()), vectors.mT[:8]

    def excess_and_angle(rows: Tensor) -> tuple[float, float]:
        cosine = float(principal_cosines(rows, pca).min().clamp(max=1))
        return float(decoder.expected_error(rows)) / best - 1, math.degrees(math.acos(cosine))

    matrix = MeasurementMatrix(random_rows(64, 8, seeded()).double(), (1, 8, 8))
    start = excess_and_angle(matrix.rows.detach())
    found = optimise(matrix, pictures, decoder, seeded(), Descent(steps=300, batch=128, lr=0.03))
    end = excess_and_angle(found.rows)
    assert end[0] <= 0.02 and end[1] < 15, end
    assert start[0] > 0.2 and start[1] > 60, "the control: the start"


def test_without_noise_leaning_towards_a_direction_of_no_variance_costs_nothing() -> None:
    covariance, half = torch.diag(torch.tensor([4.0, 1.0, 0.0], dtype=torch.float64)), 0.5**0.5
    straight, leaning = torch.eye(3).double()[:1], torch.tensor([[half, 0.0, half]], dtype=torch.float64)
    mean = torch.zeros(1, 1, 3)
    for noise, cost in ((0.0, 0.0), (1.0, 4 * 4 / 5 - 4 * 2 / 3)):
        decoder = LinearDecoder(mean, covariance, noise)
        found = float(decoder.expected_error(leaning) - decoder.expected_error(straight))
        assert found == pytest.approx(cost, abs=1e-9)


def test_independent_components_of_as_many_principal_ones_span_the_same() -> None:
    x = data.digits8()[0][:400]
    rows, same, other = pca_rows(x, 6), measurements.ica_rows(x, 6, components=6), measurements.ica_rows(x, 6)
    assert float(principal_cosines(rows, same).min()) > 1 - 1e-4
    assert float(principal_cosines(rows, other).min()) < 0.9
    assert orthonormality_error(other) < 1e-5


def test_rows_of_positive_random_numbers_hold_the_mean_brightness() -> None:
    flat = torch.ones(1, 784) / 28
    positive = orthonormalized(torch.rand(2, 784, generator=seeded()))
    gaussian_rows = random_rows(784, 2, seeded())
    assert float((flat @ positive.mT).norm()) > 0.9 and float((flat @ gaussian_rows.mT).norm()) < 0.2


# points in the plane


def ridges() -> Clouds:
    """Two thin Gaussian ridges that cross."""
    covariances = []
    for angle in (20.0, 80.0):
        turn = math.radians(angle)
        basis = torch.tensor([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]).double()
        covariances.append(basis @ torch.diag(torch.tensor([0.3, 0.002]).double()) @ basis.mT)
    weights = torch.tensor([0.6, 0.4]).double()
    return Clouds(GaussianMixture(torch.zeros(2, 2).double(), torch.stack(covariances), weights))


@pytest.mark.parametrize("toy", [cross(), cross(0.7, 0.1), ridges()], ids=["cross", "thick", "ridges"])
@pytest.mark.parametrize("angle", [0.0, 37.0, 65.0, 90.0])
def test_the_error_of_the_exact_decoder_is_that_of_drawn_points(toy, angle: float) -> None:
    x = toy.sample(100_000, seeded())
    u = torch.tensor([math.cos(math.radians(angle)), math.sin(math.radians(angle))], dtype=torch.float64)
    m = x @ u + NOISE * torch.randn(len(x), generator=seeded(1), dtype=torch.float64)
    each = (toy.given(m, u, NOISE)[1] - x).square().sum(1)
    error, exact = float(each.std() / len(x) ** 0.5), float(expected_error(toy, angle))
    assert abs(float(each.mean()) - exact) < 4 * error
    told_wrong = (toy.given(m + 0.3, u, NOISE)[1] - x).square().sum(1)
    assert float(told_wrong.mean()) > exact + 4 * error, "the control: a decoder that is off"


def test_across_a_stroke_its_place_is_not_seen_at_all() -> None:
    """At 90° the place on the stroke keeps its variance, 1/3; what lies across it is seen through the noise."""
    stroke, across = Arms((Arm(0, -1, 1, 1.0),), 0.01), 0.01**2 * NOISE**2 / (0.01**2 + NOISE**2)
    assert float(expected_error(stroke, 90.0)) == pytest.approx(1 / 3 + across, rel=1e-8)
    turned = [float(expected_error(stroke, 90.0 + off)) for off in (1e-3, 0.1, 0.2, 0.4)]
    assert turned == sorted(turned, reverse=True) and turned[0] == pytest.approx(1 / 3 + across, rel=1e-5)
    assert turned[-1] < 0.99 * turned[0], "the control: a degree beside it, the place begins to be seen"


def test_arms_of_many_clouds_have_the_same_error() -> None:
    """A stroke is nearly a row of small round clouds: another route to the same integral."""
    places = torch.linspace(-1, 1, 202, dtype=torch.float64)[1:-1]
    row = GaussianMixture.isotropic([[float(t), 0.0] for t in places], [0.01] * 200, [1 / 200] * 200)
    stroke = Arms((Arm(0, -1, 1, 1.0),), 0.01)
    for angle in (0.0, 60.0, 88.0):
        assert float(expected_error(stroke, angle)) == pytest.approx(
            float(expected_error(Clouds(row), angle)), rel=0.03
        )


def test_of_one_gaussian_the_best_angle_is_the_principal_axis() -> None:
    covariance = torch.tensor([[0.16, 0.04], [0.04, 0.05]], dtype=torch.float64)
    toy = Clouds(GaussianMixture(torch.zeros(1, 2).double(), covariance[None], torch.ones(1).double()))
    decoder, curve = LinearDecoder(torch.zeros(1, 1, 2), covariance, NOISE), error_curve(toy, ANGLES)
    rows = [torch.tensor([[math.cos(math.radians(a)), math.sin(math.radians(a))]]).double() for a in ANGLES]
    assert torch.allclose(curve, torch.stack([decoder.expected_error(r) for r in rows]), atol=1e-8)
    axis = torch.linalg.eigh(covariance)[1][:, 1]
    assert abs(math.degrees(math.atan2(float(axis[1]), float(axis[0]))) % 180 - ANGLES[int(curve.argmin())]) <= 1.25


@pytest.mark.parametrize("toy", [cross(), cross(0.4, 0.1), ridges()], ids=["cross", "thick", "ridges"])
def test_the_trained_angle_is_as_good_as_the_best_of_all(toy) -> None:
    curve = error_curve(toy, ANGLES)
    best, spread = float(curve.min()), float(curve.max() - curve.min())
    x = toy.sample(2000, seeded()).float()[:, None, None]
    decoder, found = ToyDecoder(toy), []
    for start in (10.0, 55.0, 145.0):
        turn = math.radians(start)
        matrix = MeasurementMatrix(torch.tensor([[math.cos(turn), math.sin(turn)]]), (1, 1, 2))
        rows = optimise(matrix, x, decoder, seeded(), Descent(steps=40, batch=128, lr=0.1, noise=NOISE)).rows
        with torch.no_grad():
            loss = float(objective(rows, x, decoder, seeded(), noise=NOISE).mean())
        found.append((loss, math.degrees(math.atan2(float(rows[0, 1]), float(rows[0, 0])))))
    excess = (float(expected_error(toy, min(found)[1])) - best) / spread
    assert excess <= 0.1, found
    if toy == cross(0.4, 0.1):
        beside = next(angle for _, angle in found if -20 < (angle + 90) % 180 - 90 < 20)
        assert (float(expected_error(toy, beside)) - best) / spread > 0.2, "the start beside the principal axis stays"


def test_the_principal_axis_and_the_diagonal_of_the_cross_are_bad() -> None:
    curve = error_curve(cross(), ANGLES)
    best, spread = curve.min(), curve.max() - curve.min()
    assert 60 <= ANGLES[int(curve.argmin())] <= 120
    for angle in (0.0, 45.0):
        assert float((expected_error(cross(), angle) - best) / spread) > 0.5
    x = cross().sample(20_000, seeded())[:, None, None]
    assert float(pca_rows(x, 1)[0, 0].abs()) > 0.99


# measures


def test_measures_agree_with_other_libraries() -> None:
    x, other = pictures(3, 12), pictures(3, 12).flip(0).sqrt()
    assert float(ssim_each(x, other).mean()) == pytest.approx(metrics.ssim(x, other), abs=1e-6)
    error = float((x - other).square().mean())
    assert pooled_psnr(x, other) == pytest.approx(-10 * math.log10(error))
    assert pooled_psnr(x, other) != pytest.approx(metrics.psnr(x, other), abs=1e-6)
    m = pictures(50).flatten(1) ** 3
    assert np.allclose(skewness(m), stats.skew(m.numpy()))
    with pytest.raises(ValueError, match="the same for all pictures"):
        skewness(torch.ones(5, 2))


def test_principal_axes_are_uncorrelated_and_do_not_depend_on_the_rotation() -> None:
    x = pictures(200) ** 2
    _, covariance = moments(x)
    rows = random_rows(16, 4, seeded()).double()
    turned = torch.linalg.qr(torch.randn(4, 4, generator=seeded(1), dtype=torch.float64))[0] @ rows
    axes, again = principal_axes(rows, covariance), principal_axes(turned, covariance)
    assert torch.allclose(axes, again, atol=1e-8)
    own = axes @ covariance @ axes.mT
    assert float((own - own.diag().diag()).abs().max()) < 1e-10 and bool((own.diag().diff() <= 0).all())
    assert float((skewness(measured(rows, x)) - skewness(measured(turned, x))).abs().max()) > 0.01, "unlike the axes"
