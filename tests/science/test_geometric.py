"""Pictures of known geometry: range, streams, contours, edges, tangent spaces and planes, each against a closed form
or a second route.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from dprior_lite import data, geometry
from dprior_lite.data import geometric
from dprior_lite.data.disc import Discs

ALPHAS = (1, 2, 3, 4, 5)
GENERATORS: dict[str, Callable[..., Tensor]] = {
    "c_alpha 1": lambda n, **k: data.c_alpha(n, 1, **k),
    "c_alpha 2.5": lambda n, **k: data.c_alpha(n, 2.5, **k),
    "discs": data.discs,
    "sinusoids": data.sinusoids,
}


@pytest.mark.parametrize("size", [11, 32, 64])
@pytest.mark.parametrize("draw", GENERATORS.values(), ids=list(GENERATORS))
def test_pictures_are_pictures(draw: Callable, size: int) -> None:
    x = draw(20, size=size)
    assert x.shape == (20, 1, size, size) and x.dtype == torch.float32 and x.is_contiguous()
    assert 0 <= float(x.min()) and float(x.max()) <= 1
    assert data.check_pictures(x) is x and float(x.std((1, 2, 3)).median()) > 0.02


@pytest.mark.parametrize("draw", GENERATORS.values(), ids=list(GENERATORS))
def test_a_picture_depends_on_seed_and_index_alone(draw: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on the batch, its order, the blocks of the work, or torch's defaults and global state."""
    whole = draw(7, size=32, seed=3, start=10)
    monkeypatch.setattr(geometric, "BLOCK", 3)
    torch.manual_seed(99)
    torch.set_default_dtype(torch.float64)
    try:
        for k in (6, 0, 3):
            alone = draw(1, size=32, seed=3, start=10 + k)
            assert alone.dtype == torch.float32 and torch.allclose(alone[0], whole[k], atol=2e-6)
        blocks = draw(7, size=32, seed=3, start=10)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.allclose(blocks, whole, atol=2e-6)
    assert float((draw(7, size=32, seed=4, start=10) - whole).abs().amax((1, 2, 3)).min()) > 0.01, "another seed"
    assert float((whole[1:] - whole[:-1]).abs().amax((1, 2, 3)).min()) > 0.01, "another index"


def test_the_numbers_of_a_stream_stay_what_they_are() -> None:
    """Weights are trained on these pictures: the first numbers are held."""
    expected = [
        [0.0115467542863, 0.2415491965627, 0.1114258555149],
        [0.9000514978746, 0.1091523202177, 0.4866897415983],
    ]
    found = data.uniforms([0, 12345], 3, seed=0)
    assert np.allclose(found.numpy(), expected, atol=1e-12), found.tolist()


def test_streams_are_uniform_and_independent() -> None:
    u = data.uniforms(range(400), 500, seed=5)
    assert u.dtype == torch.float64 and 0 <= float(u.min()) and float(u.max()) < 1
    assert abs(float(u.mean()) - 0.5) < 4 * (1 / 12 / u.numel()) ** 0.5
    assert float(u.var()) == pytest.approx(1 / 12, rel=0.01)
    counts = torch.histc(u, 20, 0, 1)
    assert float(((counts - 10_000) ** 2 / 10_000).sum()) < 44, "chi-squared of 19 degrees, one in a thousand"
    other = data.uniforms(range(400), 500, seed=6)
    for a, b in ((u[1:], u[:-1]), (u[:, 1:], u[:, :-1]), (u, other)):
        assert abs(float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])) < 4 / a.numel() ** 0.5
    assert torch.equal(data.uniforms([4, 3], 2, 5), u[[4, 3], :2])


def power_law(power: Tensor, k: Tensor) -> float:
    """Exponent of a power law by least squares in the logarithms."""
    return float(np.polyfit(k.log().numpy(), power.double().log().numpy(), 1)[0])


@pytest.mark.parametrize("alpha", ALPHAS)
def test_contours_and_backgrounds_are_as_regular_as_asked(alpha: int) -> None:
    """Their power falls as frequency to the power -2 alpha; heights rounded to pixels fall as if alpha were below 2."""
    contour = data.c_alpha_with_contour(400, alpha)[1]
    k = torch.arange(2.0, 14)
    power = torch.fft.rfft(contour.double()).abs().square().mean(0)[2:14]
    rounded = torch.fft.rfft(contour.double().round()).abs().square().mean(0)[2:14]
    assert power_law(power, k) == pytest.approx(-2 * alpha, abs=0.2)
    if alpha >= 3:
        assert power_law(rounded, k) > -2 * alpha + 1
    white = 2 * data.uniforms(range(100), 2 * 64 * 64, 1).float().reshape(100, 2, 64, 64) - 1
    fields = geometric._smooth_fields(white, alpha)
    row = torch.fft.fft2(fields.double()).abs().square().mean((0, 1))[0, 2:14]
    assert power_law(row, k) == pytest.approx(-2 * alpha, abs=0.25)
    assert torch.allclose(fields.amin((-2, -1)), torch.zeros(100, 2)) and torch.allclose(
        fields.amax((-2, -1)), torch.ones(100, 2)
    )


def test_contours_have_the_height_of_the_papers() -> None:
    """Median height from peak to peak at 64 pixels: 29 at alpha 1, 15 to 18 above; at any size the same share."""
    heights = {}
    for alpha, size in ((1, 64), (2, 64), (5, 64), (2, 32), (2, 128)):
        contour = data.c_alpha_with_contour(150, alpha, size)[1]
        heights[alpha, size] = float((contour.amax(1) - contour.amin(1)).median()) * 64 / size
    assert 25 < heights[1, 64] < 32 and 13 < heights[5, 64] < heights[2, 64] < 19
    assert heights[2, 32] == pytest.approx(heights[2, 64], rel=0.15) == pytest.approx(heights[2, 128], rel=0.15)


def test_the_contour_is_seen_everywhere() -> None:
    """Whatever lies clearly on one side is brighter than whatever lies on the other, by a tenth at least."""
    x, contour = data.c_alpha_with_contour(200, 3)
    clear = data.contour_distance(contour) > 1.5
    below = torch.arange(64)[:, None] + 0.5 > contour[:, None]  # (N, 64, 64)
    gray = x[:, 0]
    inside = [
        torch.where(side & clear, gray, torch.tensor(fill)).flatten(1)
        for side, fill in ((below, 2.0), (below, -1.0), (~below, 2.0), (~below, -1.0))
    ]
    low_under, high_under, low_over, high_over = (v.amin(1) if k % 2 == 0 else v.amax(1) for k, v in enumerate(inside))
    gap = torch.maximum(low_under - high_over, low_over - high_under)
    assert float(gap.min()) >= geometric.GAP - 1e-5
    dark_below = (high_under < low_over).float().mean()
    assert 0.35 < float(dark_below) < 0.65, "a coin says which side is dark"


@pytest.mark.parametrize("alpha", [1, 2, 4])
def test_a_cut_pixel_takes_its_share(alpha: int) -> None:
    """Against a mask on a grid that is 64 times as fine, from the Fourier series of the contour's heights."""
    size, fine = 32, 64
    white = 2 * data.uniforms(range(20), size, 2).float() - 1
    contour, strips = geometric._contour(white, alpha)
    share = geometric._share_below(strips)
    k = torch.fft.rfftfreq(size, 1 / size).double()
    weights = torch.where((k == 0) | (k == size // 2), 1.0, 2.0) / size
    places = (torch.arange(size * fine) + 0.5) / fine - 0.5  # in columns, from the centre of the first
    waves = torch.exp(2j * math.pi * places[:, None] * k / size)
    heights = (waves * weights * torch.fft.rfft(contour.double())[:, None]).real.sum(-1)  # (N, size * fine)
    rows = (torch.arange(size * fine) + 0.5) / fine
    mask = (rows[:, None] > heights[:, None]).float()  # (N, size * fine, size * fine)
    reference = torch.nn.functional.avg_pool2d(mask[:, None], fine)[:, 0]
    assert float((share - reference).abs().mean((1, 2)).max()) < 1e-3
    assert float((share - reference).abs().max()) < (0.15 if alpha == 1 else 0.03)
    jagged = (torch.arange(size)[:, None] + 0.5 > contour[:, None]).float()
    assert float((jagged - reference).abs().max()) > 0.4, "a mask of whole pixels"


def test_distance_from_a_contour() -> None:
    """By hand for a flat and a slanted line, and against the nearest of many points."""
    flat, slanted = torch.full((32,), 10.0), torch.arange(32) + 0.5
    found = data.contour_distance(torch.stack([flat, slanted]))
    rows = torch.arange(32) + 0.5
    assert torch.allclose(found[0], (rows - 10).abs()[:, None].expand(32, 32))
    assert torch.allclose(found[1], (rows[:, None] - rows).abs() / 2**0.5, atol=1e-5)
    contour = data.c_alpha_with_contour(3, 1, 32)[1].double()
    t = torch.linspace(0, 31, 31 * 40 + 1).double()
    j = t.long().clamp(max=30)
    heights = contour[:, j] + (t - j) * (contour[:, j + 1] - contour[:, j])
    centres = torch.cartesian_prod(rows, rows).double()
    for line, mine in zip(heights, data.contour_distance(contour)):
        reference = torch.cdist(centres, torch.stack([line, t + 0.5], 1)).amin(1).reshape(32, 32)
        assert torch.allclose(mine, reference, atol=0.1) and bool((mine <= reference + 1e-4).all())


def test_a_fixed_basis_does_not_see_alpha() -> None:
    """The control of hb-3: the slope of oracle shrinkage in cosines is flat from alpha 2 on, and off the theory."""
    levels = torch.arange(10.0, 31, 2)
    slopes = {}
    for alpha in ALPHAS[1:]:
        x = data.c_alpha(96, alpha)
        out = [float((-10 * geometry.dct_oracle(x, 10 ** (-v / 20)).log10()).mean()) for v in levels.tolist()]
        slopes[alpha] = geometry.slope(levels, out, (10, 30))
    assert all(0.48 < s < 0.62 for s in slopes.values()), slopes
    assert max(slopes.values()) - min(slopes.values()) <= 0.06, slopes
    assert all(abs(s - alpha / (alpha + 1)) > 0.08 for alpha, s in slopes.items()), slopes


@pytest.mark.parametrize("size, smallest, contrast", [(64, 5.0, 0.0), (32, 5.0, 0.3), (12, 6.0, 0.9), (40, 1.0, 0.0)])
def test_numbers_of_discs_lie_where_they_should(size: int, smallest: float, contrast: float) -> None:
    p = data.disc_parameters(range(500), size, smallest=smallest, contrast=contrast)
    border = torch.stack([p.cx, p.cy, size - p.cx, size - p.cy]).amin(0)
    assert float(p.radius.min()) >= smallest - 1e-5 and bool((p.radius <= border + 1e-4).all())
    apart = (p.foreground - p.background).abs()
    assert float(apart.min()) >= contrast - 1e-6 and float(apart.max()) <= 1
    assert 0.4 < float((p.foreground > p.background).float().mean()) < 0.6
    assert all(v.dtype == torch.float32 and v.shape == (500,) for v in p.numbers())
    if contrast == 0:
        assert float(p.foreground.mean()) == pytest.approx(0.5, abs=0.06)
        assert float(p.background.var()) == pytest.approx(1 / 12, rel=0.2)


def disc(**numbers: float) -> Discs:
    good = {"cx": 30.3, "cy": 25.7, "radius": 9.4, "foreground": 0.8, "background": 0.1} | numbers
    return Discs(**{name: torch.tensor([v], dtype=torch.float64) for name, v in good.items()})


def test_the_edge_does_not_show_the_pixels() -> None:
    """The area of a disc is pi (radius² + 1/3 - 2/pi²) wherever its centre lies; that of a hard one jumps about."""
    place = data.uniforms(range(50), 3)
    ones, zeros = torch.ones(50).double(), torch.zeros(50).double()
    p = Discs(30 + place[:, 0], 30 + place[:, 1], 6 + 6 * place[:, 2], ones, zeros)
    area = math.pi * (p.radius**2 + 1 / 3 - 2 / math.pi**2)
    soft = data.draw_discs(p, 64)
    hard = (soft > 0.5).double()
    off = [((v.sum((1, 2, 3)) - area) / area).abs() for v in (soft, hard)]
    assert float(off[0].max()) < 1e-3 < 5e-3 < float(off[1].max())
    centre = torch.arange(64) + 0.5
    found = [(soft[:, 0].sum(1) @ centre.double()) / soft.sum((1, 2, 3)), p.cx]
    assert torch.allclose(*found, atol=1e-2), "its centre of gravity is the centre"


def test_a_disc_by_hand() -> None:
    x = data.draw_discs(disc(cx=20.5, cy=12.5, radius=5.0), 32)[0, 0]
    assert float(x[12, 20]) == pytest.approx(0.8) and float(x[0, 0]) == pytest.approx(0.1)
    assert float(x[12, 25]) == float(x[17, 20]) == pytest.approx(0.45), "on the edge it is half"
    assert float(x[12, 24]) == pytest.approx(0.8) and float(x[12, 26]) == pytest.approx(0.1)
    half = disc(cx=20.5, cy=12.5, radius=5.5)
    assert float(data.draw_discs(half, 32)[0, 0, 12, 25]) == pytest.approx(0.1 + 0.7 * (1.5 + 1 / math.pi) / 2)


NAMES = ("cx", "cy", "radius", "foreground", "background")


def differences(p: Discs, size: int, step: float = 1e-5) -> Tensor:
    """Derivatives of the pictures by central differences, (N, 5, d)."""
    moved = [
        (
            data.draw_discs(replace(p, **{name: getattr(p, name) + step}), size)
            - data.draw_discs(replace(p, **{name: getattr(p, name) - step}), size)
        ).flatten(1)
        for name in NAMES
    ]
    return torch.stack(moved, 1) / (2 * step)


@pytest.mark.parametrize("numbers", [{}, {"cx": 30.5, "cy": 25.5}, {"foreground": 0.0}, {"radius": 5.0}])
def test_a_disc_is_differentiable(numbers: dict) -> None:
    """Autograd against central differences; a pixel in the very centre gives no NaN."""
    p = disc(**numbers)
    weights = torch.randn(1, 1, 48, 48, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    asked = [v.clone().requires_grad_() for v in p.numbers()]
    found = torch.autograd.grad((data.draw_discs(Discs(*asked), 48) * weights).sum(), asked)
    expected = differences(p, 48) @ weights.flatten()
    assert torch.allclose(torch.stack(found).T, expected, atol=1e-6)


def doubles(p: Discs) -> Discs:
    return Discs(*(v.double() for v in p.numbers()))


def test_the_tangent_space_is_that_of_finite_differences() -> None:
    p = doubles(data.disc_parameters(range(8), 40, contrast=0.2))
    tangent = data.disc_tangent(p, 40)
    reference = torch.linalg.qr(differences(p, 40).mT)[0].mT
    wider = data.disc_tangent(replace(p, radius=p.radius + 1), 40)
    assert tangent.shape == (8, 5, 1600)
    for mine, other, wrong in zip(tangent, reference, wider):
        assert torch.allclose(mine @ mine.mT, torch.eye(5).double(), atol=1e-10)
        assert float(geometry.principal_cosines(mine, other).min()) > 1 - 1e-8
        assert float(geometry.containment(mine, wrong).square().mean()) < 0.95, "a disc one pixel larger"
    single = data.disc_tangent(Discs(*(v.float() for v in p.numbers())), 40)
    assert float(geometry.containment(single[3], tangent[3].float()).min()) > 1 - 1e-5, "float32 is enough"


def test_the_derivatives_by_hand_are_those_of_autograd() -> None:
    """One by one: derivative k of autograd lies in the span of the first k vectors of the basis."""
    p = doubles(data.disc_parameters(range(4), 24, contrast=0.2))
    found = torch.autograd.functional.jacobian(lambda *v: data.draw_discs(Discs(*v), 24).sum(0), p.numbers())
    own = torch.stack([v.reshape(24 * 24, 4).T for v in found], 1)  # (N, 5, d)
    tangent = data.disc_tangent(p, 24)
    weights = own @ tangent.mT  # (N, 5, 5)
    assert torch.allclose(weights @ tangent, own, atol=1e-10)
    assert float(weights.triu(1).abs().max()) < 1e-10, "in order: the first is a shift to the right"


def test_a_small_step_stays_in_the_tangent_space() -> None:
    """What leaves it falls as the square of the step; a step to another disc leaves it at once."""
    p = doubles(data.disc_parameters(range(8), 40, contrast=0.3))
    tangent, x = data.disc_tangent(p, 40), data.draw_discs(p, 40).flatten(1)
    left = []
    for step in (0.02, 0.01):
        moved = replace(p, cx=p.cx + step, radius=p.radius - step, background=p.background + step / 10)
        away = data.draw_discs(moved, 40).flatten(1) - x
        outside = away - torch.einsum("nkd,nk->nd", tangent, torch.einsum("nkd,nd->nk", tangent, away))
        left.append(float(outside.norm(dim=1).mean()))
        assert float((outside.norm(dim=1) / away.norm(dim=1)).max()) < 0.05
    assert left[0] / left[1] == pytest.approx(4, rel=0.1)
    other = data.draw_discs(replace(p, cx=p.cx + 3), 40).flatten(1) - x
    kept = torch.einsum("nkd,nd->nk", tangent, other).norm(dim=1)
    assert float((kept / other.norm(dim=1)).median()) < 0.8


def test_projection_on_the_tangent_space_gains_the_line() -> None:
    """PSNR_in + 10 log10(d / 5), pooled over draws of the noise, at two noise levels; six directions lose .8 dB."""
    p = doubles(data.disc_parameters(range(16), 32, contrast=0.3))
    tangent, d = data.disc_tangent(p, 32), 32 * 32
    more = torch.cat([tangent, torch.randn(16, 1, d, generator=torch.Generator().manual_seed(1)).double()], 1)
    more = torch.linalg.qr(more.mT)[0].mT
    noise = torch.randn(200, 16, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for sigma in (0.1, 0.01):
        gains = []
        for basis in (tangent, more):
            error = sigma**2 * torch.einsum("nkd,snd->snk", basis, noise).square().sum(-1).mean() / d
            gains.append(-10 * math.log10(error) + 10 * math.log10(sigma**2))
        assert gains[0] == pytest.approx(10 * math.log10(d / 5), abs=0.15)
        assert gains[1] == pytest.approx(10 * math.log10(d / 6), abs=0.15) and gains[1] < gains[0] - 0.6


def test_the_best_disc_is_on_the_line_at_low_noise() -> None:
    """Least squares in five numbers, by Gauss and Newton from the truth, within half a decibel of 10 log10(d / 5)."""
    p = doubles(data.disc_parameters(range(32), 40, contrast=0.3))
    x, sigma = data.draw_discs(p, 40), 0.04
    y = x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    fit = p
    for _ in range(4):
        rest = (y - data.draw_discs(fit, 40)).flatten(1)
        step = torch.linalg.lstsq(differences(fit, 40).mT, rest[..., None]).solution[..., 0]  # (N, 5)
        fit = Discs(*(v + s for v, s in zip(fit.numbers(), step.T)))
    gain = float(10 * (sigma**2 / (data.draw_discs(fit, 40) - x).square().mean()).log10())
    assert gain == pytest.approx(10 * math.log10(1600 / 5), abs=0.5)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: data.disc_tangent(disc(foreground=0.1)), "fewer than five directions"),
        (lambda: data.disc_tangent(disc(radius=200.0)), "fewer than five directions"),
        (lambda: data.disc_tangent(disc(cx=-50.0)), "fewer than five directions"),
        (lambda: data.draw_discs(disc(radius=-1.0)), "expected radii above 0"),
        (lambda: data.draw_discs(disc(cy=math.nan)), "cy holds NaN"),
        (lambda: data.draw_discs(replace(disc(), cy=torch.zeros(2).double())), "one number a disc"),
        (lambda: data.draw_discs(replace(disc(), cy=1.0)), r"cy is a float, 1.0; expected a float32"),
        (lambda: data.disc_parameters([0], 8, smallest=5.0), "at most 4"),
        (lambda: data.disc_parameters([-1]), "from 0 to"),
        (lambda: data.discs(0), "at least 1"),
        (lambda: data.discs(1, start=-1), "at least 0"),
        (lambda: data.discs(1, seed=-1), "from 0 to"),
        (lambda: data.discs(1, contrast=1.0), "below 1"),
        (lambda: data.c_alpha(1, 0.0), "above 0"),
        (lambda: data.c_alpha(1, 2, size=2), "at least 4"),
        (lambda: data.sinusoids(1, frequency=(0, 0)), "flat picture"),
        (lambda: data.sinusoids(1, size=8, frequency=(4, 0)), "from -3 to 3"),
        (lambda: data.sinusoid_basis(8, 3), "such as"),
        (lambda: data.uniforms(5, 2), "range"),
    ],
)
def test_what_is_refused(call: Callable, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        call()


@pytest.mark.parametrize("frequency", [(1, 1), (0, 3), (-2, 5)])
def test_sinusoids_span_one_plane(frequency: tuple[int, int]) -> None:
    """Around one half: two singular values, the space of the basis, one pair of frequencies."""
    x = data.sinusoids(100, 16, frequency=frequency) - 0.5
    basis = data.sinusoid_basis(16, frequency)
    _, s, v = torch.linalg.svd(x.flatten(1).double(), full_matrices=False)
    rounded = 2**-21 * x.numel() ** 0.5  # all pixels off by half a step of `settled`
    assert float(s[1]) > 1 and float(s[2]) < rounded
    assert float(geometry.principal_cosines(v[:2].float(), basis).min()) > 1 - 1e-5
    assert float(geometry.containment(data.sinusoid_basis(16, (2, 1)), basis).max()) < 1e-5
    spectrum = torch.fft.fft2(x[:, 0]).abs().sum(0)
    assert float(spectrum[frequency]) + float(spectrum[-frequency[0], -frequency[1]]) > 0.999 * float(spectrum.sum())


def test_sinusoids_have_every_phase_and_intensity() -> None:
    x = (data.sinusoids(2000, 16) - 0.5).flatten(1) @ data.sinusoid_basis(16).mT
    intensity = x.norm(dim=1) / (16 / 2**1.5)
    for found in (intensity, (torch.atan2(x[:, 0], x[:, 1]) / (2 * math.pi)) % 1):
        assert float(found.mean()) == pytest.approx(0.5, abs=0.03)
        assert float(found.var()) == pytest.approx(1 / 12, rel=0.1)
    assert float(intensity.max()) <= 1 + 1e-5


def test_pixels_are_shuffled_in_one_fixed_order() -> None:
    x = torch.arange(2 * 3 * 7 * 5.0).reshape(2, 3, 7, 5)
    y = data.shuffle_pixels(x, seed=2)
    assert torch.equal(y.flatten(2).sort().values, x.flatten(2)) and not torch.equal(y, x)
    assert torch.equal(y - y[:1, :1], x - x[:1, :1] + 0 * y), "every channel and every picture alike"
    assert torch.equal(data.shuffle_pixels(x[1:], seed=2), y[1:]) and torch.equal(data.unshuffle_pixels(y, seed=2), x)
    assert not torch.equal(data.unshuffle_pixels(y, seed=3), x) and not torch.equal(data.shuffle_pixels(x, 3), y)
    moved = (y[0, 0].flatten() != x[0, 0].flatten()).float().mean()
    assert float(moved) > 0.8


def test_shuffled_pixels_have_no_geometry() -> None:
    """Energy at low frequencies is gone, and the histogram is the same."""
    x = data.discs(20, contrast=0.3)
    frequency = geometry.mean_frequency(x - x.mean((1, 2, 3), keepdim=True))
    shuffled = data.shuffle_pixels(x)
    after = geometry.mean_frequency(shuffled - shuffled.mean((1, 2, 3), keepdim=True))
    assert float(frequency.max()) < 8 < 20 < float(after.min())
    assert torch.equal(shuffled.flatten(1).sort().values, x.flatten(1).sort().values)
