"""Eigenbases, angles, slopes and fixed bases against closed forms and second routes, each with a control that fails."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from random_nets import noise, random_net, relative
from torch import Tensor

from dprior_lite import data, geometry


def g(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def matrix_net(matrix: Tensor) -> Callable[[Tensor], Tensor]:
    """The linear denoiser `x_hat = M y`."""
    return lambda y: (y.flatten(1) @ matrix.mT).reshape(y.shape)


def known(values: Tensor, seed: int = 0) -> tuple[Tensor, Tensor]:
    """A symmetric matrix with these eigenvalues, and its eigenvectors as rows."""
    q = torch.linalg.qr(torch.randn(len(values), len(values), generator=g(seed), dtype=torch.float64))[0]
    return q * values @ q.mT, q.mT


SPECTRUM = torch.cat([torch.linspace(1.2, 0.5, 12), torch.linspace(0.4, 0, 50), torch.tensor([-0.3, -3.0])]).double()


def test_a_symmetric_net_has_its_own_eigenbasis() -> None:
    """Both routes find values and vectors that are known; a large negative value is the last, not the first."""
    matrix, rows = known(SPECTRUM)
    y = noise(1, 1, 8, 8)
    found = geometry.symmetric_eigenbasis(matrix_net(matrix), y)
    values, vectors, error = geometry.leading_eigenpairs(matrix_net(matrix), y, 8, g(), tolerance=1e-8)
    assert found.values.shape == (64,) and found.vectors.shape == (64, 1, 8, 8) and found.asymmetry < 1e-12
    assert torch.allclose(found.values, SPECTRUM, atol=1e-10)
    assert torch.allclose((found.vectors.flatten(1) * rows).sum(1).abs(), torch.ones(64).double(), atol=1e-8)
    assert torch.allclose(values, SPECTRUM[:8], atol=1e-6) and vectors.shape == (8, 1, 8, 8)
    assert torch.allclose((vectors.flatten(1) * rows[:8]).sum(1).abs(), torch.ones(8).double(), atol=1e-4)
    assert float(error.max()) < 1e-4
    largest = geometry.top_singular(matrix_net(matrix), y, 1, g(), rounds=30)[1]
    assert float(largest[0]) == pytest.approx(3.0, rel=1e-6), "the largest singular value is that of -3"


def test_the_symmetric_part_is_what_is_decomposed() -> None:
    """J = S + A: the eigenvalues are those of S, the asymmetry is 2 |A| / |J|; those of J itself are others."""
    matrix, _ = known(SPECTRUM)
    half = torch.randn(64, 64, generator=g(1), dtype=torch.float64) / 32
    skew = half - half.mT
    net, y = matrix_net(matrix + skew), noise(1, 1, 8, 8)
    found = geometry.symmetric_eigenbasis(net, y)
    assert torch.allclose(found.values, SPECTRUM, atol=1e-10)
    assert found.asymmetry == pytest.approx(float(2 * skew.norm() / (matrix + skew).norm()), rel=1e-10)
    assert found.asymmetry > 0.2
    values = geometry.leading_eigenpairs(net, y, 5, g(), tolerance=1e-8)[0]
    assert torch.allclose(values, SPECTRUM[:5], atol=1e-6)
    unsymmetrised = torch.linalg.eigvals(matrix + skew).real.sort(descending=True).values
    assert float((unsymmetrised[:5] - SPECTRUM[:5]).abs().max()) > 0.02
    turned = matrix_net(torch.tensor([[0.0, -1.0], [1.0, 0.0]]).double())
    rotation = geometry.symmetric_eigenbasis(turned, noise(1, 1, 1, 2))
    assert float(rotation.values.abs().max()) < 1e-12 and rotation.asymmetry == pytest.approx(2.0)


@pytest.mark.parametrize("copies", [1, 5, 20])
def test_equal_eigenvalues_are_all_found(copies: int) -> None:
    """A projection: so many ones and then nothing, and the space is the right one."""
    matrix, rows = known(torch.cat([torch.ones(copies), torch.zeros(100 - copies)]).double())
    values, vectors, _ = geometry.leading_eigenpairs(matrix_net(matrix), noise(1, 1, 10, 10), copies + 3, g())
    assert torch.allclose(values, torch.cat([torch.ones(copies), torch.zeros(3)]).double(), atol=1e-6)
    assert float(geometry.principal_cosines(vectors[:copies], rows[:copies]).min()) > 1 - 1e-6


def test_the_wiener_filter_of_a_gaussian() -> None:
    """Eigenvectors of the prior, factors c / (c + sigma²), and tr J / d is the error over sigma² (hb-2)."""
    c, sigma = torch.logspace(0, -4, 36).double(), 0.1
    covariance, rows = known(c)
    wiener = torch.linalg.solve(covariance + sigma**2 * torch.eye(36).double(), covariance)
    root = rows.mT * c.sqrt() @ rows
    x = torch.randn(20_000, 36, generator=g(2), dtype=torch.float64) @ root
    y = x + sigma * torch.randn(x.shape, generator=g(3), dtype=torch.float64)
    found = geometry.symmetric_eigenbasis(matrix_net(wiener), y[:1].reshape(1, 1, 6, 6))
    assert torch.allclose(found.values, c / (c + sigma**2), atol=1e-10)
    assert float((found.vectors.flatten(1) * rows).sum(1).abs().min()) > 1 - 1e-8
    error = (y @ wiener.mT - x).square().mean()
    assert float(error / sigma**2) == pytest.approx(float(found.values.mean()), rel=0.02)
    blurred = (0.5 * y - x).square().mean()
    assert float(blurred / sigma**2) != pytest.approx(0.5, rel=0.4), "a denoiser that is not the best"


@pytest.mark.parametrize("kind", ["unet", "dncnn"])
def test_both_routes_agree_on_a_network(kind: str) -> None:
    """A network that is far from symmetric: leading pairs against all of them, and the error that is reported."""
    net, y = random_net(kind, bias=False), noise(1, 1, 12, 10)
    whole = geometry.symmetric_eigenbasis(net, y)
    full = geometry.jacobian(net, y)[0]
    assert whole.asymmetry == pytest.approx(relative(full.mT, full), rel=1e-9)
    values, vectors, error = geometry.leading_eigenpairs(net, y, 6, g(), tolerance=1e-6)
    assert torch.allclose(values, whole.values[:6], atol=1e-5)
    assert float(geometry.principal_cosines(vectors, whole.vectors[:6]).min()) > 1 - 1e-5
    symmetric = (full + full.mT) / 2
    off = (vectors.flatten(1) @ symmetric - values[:, None] * vectors.flatten(1)).norm(dim=1)
    assert torch.allclose(off, error, atol=1e-9)
    again = geometry.leading_eigenpairs(net, y, 6, g(), tolerance=1e-6)
    assert torch.equal(again[0], values) and torch.equal(again[1], vectors)
    other = geometry.leading_eigenpairs(net, y, 6, g(5), tolerance=1e-6)[0]
    assert torch.allclose(other, values, atol=1e-5)
    loose = geometry.leading_eigenpairs(net, y, 6, g(), tolerance=0.05)
    nearest = (loose[0][:, None] - whole.values).abs().amin(1)
    assert bool((nearest <= loose[2] + 1e-9).all()), "some eigenvalue lies within the error"


def test_from_half_of_d_on_the_whole_basis_is_used() -> None:
    net, y = random_net("dncnn", bias=False), noise(1, 1, 4, 5)
    whole = geometry.symmetric_eigenbasis(net, y)
    for k in (1, 9, 10, 20):
        values, vectors, error = geometry.leading_eigenpairs(net, y, k, g(), tolerance=1e-8)
        assert torch.allclose(values, whole.values[:k], atol=1e-7) and vectors.shape == (k, 1, 4, 5)
        assert float(error.max()) < 1e-6


@pytest.mark.parametrize("options", [{"chunk": 1}, {"chunk": 7}, {"memory": 1e-6}])
def test_chunks_do_not_change_the_basis(options: dict) -> None:
    net, y = random_net("dncnn", bias=False), noise(1, 1, 5, 4)
    one, other = geometry.symmetric_eigenbasis(net, y), geometry.symmetric_eigenbasis(net, y, **options)
    assert torch.allclose(one.values, other.values, atol=1e-10) and one.asymmetry == pytest.approx(other.asymmetry)


def test_what_stops_the_search() -> None:
    y = torch.rand(1, 1, 16, 16, generator=g())
    ramp = torch.linspace(0, 1, 256).reshape(1, 1, 16, 16)
    with pytest.raises(FloatingPointError, match="of 9 eigenvalues came within 1e-06 after 1 restarts; give"):
        geometry.leading_eigenpairs(lambda v: ramp * v, y, 9, g(), tolerance=1e-6, restarts=1)
    with pytest.raises(FloatingPointError, match="expected a denoiser whose answer changes"):
        geometry.leading_eigenpairs(lambda v: 0 * v, y, 2, g())
    for k in (2, 200):
        with pytest.raises(FloatingPointError, match="expected finite ones"):
            geometry.leading_eigenpairs(lambda v: v * math.nan, y, k, g())
    with pytest.raises(FloatingPointError, match="expected finite ones"):
        geometry.symmetric_eigenbasis(lambda v: v * math.nan, y)
    flat = geometry.symmetric_eigenbasis(lambda v: 0 * v, y)
    assert flat.asymmetry == 0 and not bool(flat.values.any())


def test_shrinkage_is_what_a_symmetric_net_does() -> None:
    """To rounding with its own basis; a random basis with the same factors is far off (hb-1)."""
    matrix, _ = known(SPECTRUM)
    net, y = matrix_net(matrix), noise(3, 1, 8, 8)
    basis = geometry.symmetric_eigenbasis(net, y[:1])
    random = geometry.random_basis(64, y[:1], g(7))
    own, control = (geometry.shrinkage_error(net(y), y, basis.values, vectors) for vectors in (basis.vectors, random))
    assert own.shape == (3,) and float(own.max()) < 1e-10 and float(control.min()) > 0.5
    assert torch.allclose(geometry.shrinkage(y, basis.values, basis.vectors), net(y))


@pytest.mark.parametrize("power, holds", [(1.0, True), (1.02, False)])
def test_eq_shrinkage(power: float, holds: bool) -> None:
    """The sum of lambda_k <y, e_k> e_k is S y for a symmetric S; another power of the eigenvalues is not."""
    root = torch.randn(12, 12, generator=g(), dtype=torch.float64)
    matrix, y = root @ root.mT, torch.randn(3, 1, 3, 4, generator=g(), dtype=torch.float64)
    values, columns = torch.linalg.eigh(matrix)
    found = geometry.shrinkage(y, values**power, columns.mT.reshape(12, 1, 3, 4))
    expected = (y.flatten(1) @ matrix).reshape(y.shape)
    assert (float((found - expected).norm() / expected.norm()) < 1e-10) == holds


@pytest.mark.parametrize("of_noise, holds", [(1.0, True), (1.1, False)])
def test_eq_oracle(of_noise: float, holds: bool) -> None:
    """The oracle's error is that of the factor c² / (c² + sigma²), the least of all factors."""
    c, sigma = 1.5, 0.4
    x = c * torch.outer(cosines(8)[3], cosines(6)[2])[None, None]

    def error(factor: float) -> float:
        return ((1 - factor) ** 2 * c**2 + factor**2 * sigma**2) / 48

    best = error(c**2 / (c**2 + of_noise * sigma**2))
    found = float(geometry.dct_oracle(x, sigma))
    assert (found == pytest.approx(best, rel=1e-9)) == holds
    assert min(error(k / 1000) for k in range(1001)) == pytest.approx(error(c**2 / (c**2 + sigma**2)), rel=1e-4)


@pytest.mark.parametrize("of_alpha, holds", [(1.0, True), (1.3, False)])
def test_eq_slope(of_alpha: float, holds: bool) -> None:
    """c² = k^-(alpha + 1) gives the slope alpha / (alpha + 1) in the window; another exponent another slope."""
    rank = torch.arange(1.0, 64 * 64 + 1).reshape(64, 64).double()
    d = cosines(64)
    x = (d.mT @ rank ** (-(2 * of_alpha + 1) / 2) @ d)[None, None]
    levels = torch.arange(20.0, 41, 2)
    out = [-10 * math.log10(float(geometry.dct_oracle(x, 10 ** (-v / 20)))) for v in levels.tolist()]
    assert (geometry.slope(levels, out, (20, 40)) == pytest.approx(2 / 3, abs=0.03)) == holds


def test_shrinkage_error_is_what_the_antisymmetric_part_does() -> None:
    """A network without constants is J y, so its distance from shrinkage is |(J - J^T) y| / 2."""
    net, y = random_net("dncnn", bias=False), noise(1, 1, 7, 6)
    basis, full = geometry.symmetric_eigenbasis(net, y), geometry.jacobian(net, y)[0]
    x_hat = net(y).detach()
    found = geometry.shrinkage_error(x_hat, y, basis.values, basis.vectors)
    expected = ((full - full.mT) @ y.flatten()).norm() / 2 / x_hat.norm()
    assert float(found) == pytest.approx(float(expected), rel=1e-8) and float(found) > 1e-3
    twin = random_net("dncnn", bias=True)
    basis = geometry.symmetric_eigenbasis(twin, y)
    error = geometry.shrinkage_error(twin(y).detach(), y, basis.values, basis.vectors)
    assert float(error) > 0.5, "with constants a network is no shrinkage"


def test_part_of_a_basis_shrinks_the_rest_to_nothing() -> None:
    rows = geometry.random_basis(4, noise(1, 2, 3, 3), g())
    y = noise(2, 2, 3, 3)
    shrunk = geometry.shrinkage(y, torch.ones(4).double(), rows)
    assert torch.allclose(geometry.shrinkage(shrunk, torch.ones(4).double(), rows), shrunk)
    assert torch.allclose(((y - shrunk).flatten(1) @ rows.flatten(1).mT), torch.zeros(2, 4).double(), atol=1e-12)


def test_principal_angles_that_are_known() -> None:
    """Two planes with angles of 0.3 and 1.1 in eight dimensions, turned at random and their bases mixed."""
    angles = torch.tensor([0.3, 1.1]).double()
    a = torch.zeros(2, 8).double()
    a[0, 0] = a[1, 1] = 1
    b = torch.zeros(2, 8).double()
    b[0, 0], b[0, 2] = angles[0].cos(), angles[0].sin()
    b[1, 1], b[1, 3] = angles[1].cos(), angles[1].sin()
    turn = torch.linalg.qr(torch.randn(8, 8, generator=g(), dtype=torch.float64))[0]
    mix = torch.linalg.qr(torch.randn(2, 2, generator=g(1), dtype=torch.float64))[0]
    assert torch.allclose(geometry.principal_cosines(a @ turn, mix @ b @ turn), angles.cos())
    assert torch.allclose(geometry.principal_cosines(a, b), geometry.principal_cosines(b, a))
    share = geometry.containment(a @ turn, mix @ b @ turn).square().mean()
    assert float(share) == pytest.approx(float(angles.cos().square().mean())), "the mean cos² is that of containment"
    longer = torch.cat([b, torch.eye(8)[4:7].double()])
    assert torch.allclose(geometry.principal_cosines(a, longer), angles.cos())
    random = (
        geometry.random_basis(2, torch.zeros(1, 1, 20, 20), g()),
        geometry.random_basis(8, torch.zeros(1, 1, 20, 20), g(1)),
    )
    assert float(geometry.principal_cosines(*random).max()) < 0.4
    assert geometry.chance(8, 400) == pytest.approx(
        float(geometry.containment(*random).square().mean()) ** 0.5, rel=0.6
    )


@pytest.mark.parametrize("spoil", [lambda v: 1.01 * v, lambda v: v + 0.1, lambda v: v[[0, 0]], lambda v: v[:, :-1]])
def test_rows_that_are_not_orthonormal_are_refused(spoil: Callable) -> None:
    rows = torch.linalg.qr(torch.randn(9, 2, generator=g()))[0].mT
    assert torch.allclose(geometry.principal_cosines(rows, rows), torch.ones(2))
    for call in (
        lambda: geometry.principal_cosines(spoil(rows), rows),
        lambda: geometry.principal_cosines(rows, spoil(rows)),
        lambda: geometry.shrinkage(torch.ones(1, 1, 3, 3), torch.ones(2), spoil(rows)),
    ):
        with pytest.raises(ValueError, match="not orthonormal.*Give an orthonormal basis"):
            call()
    with pytest.raises(ValueError, match="expected one length and dtype"):
        geometry.principal_cosines(rows, torch.eye(8)[:2])


def test_random_bases_are_uniform() -> None:
    rows = torch.stack([geometry.random_basis(3, torch.zeros(1, 1, 2, 2), g(k)).flatten(1) for k in range(4000)])
    assert torch.allclose(rows @ rows.mT, torch.eye(3).expand(4000, 3, 3), atol=1e-5)
    assert float(rows.mean(0).abs().max()) < 0.04 and torch.allclose(
        rows.square().mean(0), torch.tensor(0.25), atol=0.02
    )


def test_slope_of_lines_and_curves() -> None:
    levels = torch.arange(0, 41, 2.0)
    assert geometry.slope(levels, 0.75 * levels + 9, (10, 30)) == pytest.approx(0.75)
    bent = torch.where(levels < 20, 0.5 * levels, levels - 10)
    assert geometry.slope(levels, bent, (0, 20)) == pytest.approx(0.5)
    assert geometry.slope(levels, bent, (20, 40)) == pytest.approx(1.0)
    wild = bent.clone()
    wild[levels > 20] = 1e6
    assert geometry.slope(levels, wild, (0, 20)) == pytest.approx(0.5), "what lies outside does not count"
    noisy = 0.6 * levels + torch.randn(len(levels), generator=g())
    inside = (levels >= 4) & (levels <= 36)
    design = torch.stack([levels[inside], torch.ones(int(inside.sum()))], 1)
    reference = torch.linalg.lstsq(design, noisy[inside][:, None]).solution[0, 0]
    assert geometry.slope(levels.flip(0), noisy.flip(0), (4, 36)) == pytest.approx(float(reference), rel=1e-4)


@pytest.mark.parametrize(
    "arguments, says",
    [
        (([0.0, 10.0, 20.0, 30.0], [1.0] * 4, (10, 20)), "2 input levels lie between 10 and 20 dB"),
        (([10.0, 10.0, 10.0, 12.0], [1.0] * 4, (0, 20)), "2 input levels"),
        (([0.0, 10.0, 20.0], [1.0, 2.0], (0, 20)), "as many of both"),
        (([0.0, 10.0, 20.0], [1.0, 2.0, math.nan], (0, 20)), "psnr_out holds NaN"),
        (([0.0, 10.0, 20.0], [1.0, 2.0, 3.0], (20, 0)), "the smaller first"),
        (([0.0, 10.0, 20.0], [1.0, 2.0, 3.0], 10), "two numbers in dB"),
        (([0.0, 10.0, 20.0], "abc", (0, 20)), "psnr_out is a str"),
        (([[0.0, 10.0, 20.0]], [1.0, 2.0, 3.0], (0, 20)), "shape"),
    ],
)
def test_slopes_that_are_refused(arguments: tuple, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        geometry.slope(*arguments)


def cosines(n: int) -> Tensor:
    """The orthonormal cosine transform as a matrix, written out."""
    k, i = torch.arange(n).double()[:, None], torch.arange(n).double()
    matrix = (math.pi * (2 * i + 1) * k / (2 * n)).cos() * (2 / n) ** 0.5
    matrix[0] /= 2**0.5
    return matrix


def test_the_oracle_of_one_coefficient_by_hand() -> None:
    """A picture of one cosine: sigma² c² / (c² + sigma²), once, over the pixels."""
    down, right, c, sigma = cosines(8)[3], cosines(6)[2], 1.5, 0.4
    x = c * torch.outer(down, right)[None, None]
    expected = sigma**2 * c**2 / (c**2 + sigma**2) / 48
    assert float(geometry.dct_oracle(x, sigma)) == pytest.approx(expected, rel=1e-12)
    assert float(geometry.dct_oracle(x.mT, sigma)) == pytest.approx(expected, rel=1e-12)
    shuffled = geometry.dct_oracle(data.shuffle_pixels(x), sigma)
    assert float(shuffled) > 2 * expected, "the same gray levels in another order need many coefficients"


def test_the_oracle_against_shrinkage_of_real_noise() -> None:
    """The mean error of a thousand noisy pictures that are really shrunk; factors of another picture do worse."""
    x, other = data.c_alpha(1, 2, 16).double(), data.c_alpha(1, 2, 16, seed=1).double()
    d, sigma = cosines(16), torch.tensor([0.2, 0.05])
    for level in sigma.tolist():
        errors = []
        for source in (x, other):
            power = (d @ source[0, 0] @ d.mT).square()
            noisy = d @ (x[0, 0] + level * torch.randn(1000, 16, 16, generator=g(), dtype=torch.float64)) @ d.mT
            errors.append(float((power / (power + level**2) * noisy - d @ x[0, 0] @ d.mT).square().mean()))
        found = float(geometry.dct_oracle(x, level))
        assert errors[0] == pytest.approx(found, rel=0.03) and errors[1] > 1.2 * found and found < level**2
    both = geometry.dct_oracle(torch.cat([x, x]), sigma)
    assert float(both[0]) > float(both[1]) == pytest.approx(float(geometry.dct_oracle(x, 0.05)))


@pytest.mark.parametrize("alpha", [1, 2, 3])
def test_coefficients_that_fall_as_a_power_give_the_slope_of_the_theory(alpha: int) -> None:
    """c² = k^-(alpha + 1), k the rank: the slope is alpha / (alpha + 1); at tiny noise a grid of pixels makes it 1."""
    rank = torch.randperm(64 * 64, generator=g()).reshape(64, 64).double() + 1
    d = cosines(64)
    x = (d.mT @ rank ** (-(alpha + 1) / 2) @ d)[None, None]
    levels = torch.arange(20.0, 41, 2)
    out = [-10 * math.log10(float(geometry.dct_oracle(x, 10 ** (-v / 20)))) for v in levels.tolist()]
    assert geometry.slope(levels, out, (20, 40)) == pytest.approx(alpha / (alpha + 1), abs=0.03)
    tiny = levels + 200
    out = [-10 * math.log10(float(geometry.dct_oracle(x, 10 ** (-v / 20)))) for v in tiny.tolist()]
    assert geometry.slope(tiny, out, (220, 240)) == pytest.approx(1.0, abs=0.02)


def test_energy_near_a_contour() -> None:
    """All, none and a known share; a random basis has the share of pixels; length and channels do not count."""
    x, contour = data.c_alpha_with_contour(1, 3, 32)
    distance = data.contour_distance(contour)[0]
    near = distance <= 3
    vectors = torch.stack([near.float(), (~near).float(), torch.ones(32, 32), -7 * near.float()])[:, None]
    share = float(near.float().mean())
    found = geometry.contour_energy(vectors, distance)
    assert torch.allclose(found, torch.tensor([1.0, 0.0, share, 1.0])) and 0.1 < share < 0.5
    random = geometry.contour_energy(geometry.random_basis(50, x, g()), distance)
    assert float(random.mean()) == pytest.approx(share, rel=0.1)
    assert torch.allclose(geometry.contour_energy(vectors.expand(-1, 3, -1, -1), distance), found)
    gradient = torch.zeros(1, 1, 32, 32)
    gradient[:, :, 1:] = (x[:, :, 1:] - x[:, :, :-1]).abs()
    assert (
        float(geometry.contour_energy(gradient, distance))
        > 0.95
        > float(geometry.contour_energy(data.shuffle_pixels(gradient), distance))
    )
    assert float(geometry.contour_energy(gradient, distance, within=0.0)) < float(
        geometry.contour_energy(gradient, distance, within=1.0)
    )


def test_mean_frequency_of_waves() -> None:
    """Along an axis, across, of two waves, in pictures that are not square; shuffled pixels are near white noise."""
    i, j = torch.meshgrid(torch.arange(24.0) / 24, torch.arange(40.0) / 40, indexing="ij")
    waves = [(2 * math.pi * (a * i + b * j)).cos() for a, b in ((5, 0), (0, 7), (3, 4), (-3, 4))]
    vectors = torch.stack([*waves, waves[0] + 2 * waves[1], torch.ones(24, 40)])[:, None]
    expected = torch.tensor([5.0, 7.0, 5.0, 5.0, (5 + 4 * 7) / 5, 0.0])
    assert torch.allclose(geometry.mean_frequency(vectors), expected, atol=1e-4)
    assert torch.allclose(geometry.mean_frequency(-3 * vectors), expected, atol=1e-4)
    white = geometry.mean_frequency(torch.randn(1, 1, 24, 40, generator=g()))
    assert torch.allclose(geometry.mean_frequency(data.shuffle_pixels(vectors[:1])), white, rtol=0.15)
    coloured = torch.cat([vectors[:1], 2 * vectors[1:2]], 1)
    assert float(geometry.mean_frequency(coloured)) == pytest.approx((5 + 4 * 7) / 5, rel=1e-5)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: geometry.contour_energy(torch.zeros(1, 1, 2, 2), torch.zeros(2, 2)), "Vector 0 is zero"),
        (lambda: geometry.mean_frequency(torch.zeros(1, 1, 2, 2)), "Vector 0 is zero"),
        (lambda: geometry.contour_energy(torch.ones(1, 1, 2, 2), torch.zeros(2, 3)), "of each pixel of"),
        (lambda: geometry.contour_energy(torch.ones(1, 1, 2, 2), torch.zeros(2, 2, dtype=torch.bool)), "torch.bool"),
        (lambda: geometry.contour_energy(torch.ones(1, 1, 2, 2), -torch.ones(2, 2)), "at least 0"),
        (lambda: geometry.shrinkage(torch.ones(1, 1, 1, 3), torch.ones(2), torch.eye(3)), "one factor a vector"),
        (lambda: geometry.shrinkage(torch.ones(1, 1, 1, 2), torch.ones(3), torch.eye(3)), "one length"),
        (lambda: geometry.random_basis(5, torch.zeros(1, 1, 2, 2), g()), "from 1 to 4"),
        (lambda: geometry.random_basis(2, torch.zeros(1, 1, 2, 2), None), "generator"),
        (
            lambda: geometry.shrinkage_error(
                torch.zeros(1, 1, 1, 3), torch.ones(1, 1, 1, 3), torch.ones(3), torch.eye(3)
            ),
            "zero everywhere",
        ),
    ],
)
def test_what_is_refused(call: Callable, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()
