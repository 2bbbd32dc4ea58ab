"""Operators against their explicit matrices, on pictures of any size, and what is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.func import jvp, vmap
from torch.nn import functional as F

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
    adjoint_error,
    dagger_error,
)

PRECISION = {torch.float32: 2e-5, torch.float64: 1e-12}
many = settings(max_examples=60, deadline=None, derandomize=True, database=None)
seeds, dtypes = st.integers(0, 2**31), st.sampled_from(list(PRECISION))
shapes = st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=seeded(seed), dtype=dtype)


def matrix_of(f, item: tuple[int, ...], dtype: torch.dtype = torch.float64) -> Tensor:
    """The matrix of a linear function, by what it makes of unit vectors."""
    d = torch.Size(item).numel()
    return f(torch.eye(d, dtype=dtype).reshape(d, *item)).flatten(1).mT


def near(a: Tensor, b: Tensor, scale: float = 1.0) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and torch.allclose(a, b, rtol=0, atol=PRECISION[a.dtype] * scale)


def as_functions(rows: Tensor, shape: tuple[int, ...]) -> Functions:
    return Functions(
        lambda x: x.flatten(1) @ rows.to(x.dtype).mT,
        lambda m: (m @ rows.to(m.dtype)).unflatten(1, shape),
        shape,
        (len(rows),),
        dtype=rows.dtype,
    )


MAKERS = {
    "inpaint": lambda shape, fraction, seed: Inpaint(
        torch.rand(shape[1:], generator=seeded(seed)) < fraction, shape[0]
    ),
    "pixels": lambda shape, fraction, seed: RandomPixels(shape, fraction, seeded(seed)),
    "blocks": lambda shape, fraction, seed: SuperResolution(shape, 1 + int(4 * fraction)),
    "low-pass": lambda shape, fraction, seed: SpectralDeblur(shape, fraction),
    "dense": lambda shape, fraction, seed: RandomProjection(shape, fraction, seeded(seed), structured=False),
    "structured": lambda shape, fraction, seed: RandomProjection(shape, fraction, seeded(seed), structured=True),
    "matrix": lambda shape, fraction, seed: Matrix(
        torch.linalg.qr(normal(torch.Size(shape).numel(), 1, seed=seed))[0].mT, shape
    ),
}
GIVEN = {
    "full rank": lambda d, seed: normal(-(-d // 2), d, seed=seed) + 3 * torch.eye(d, dtype=torch.float64)[: -(-d // 2)],
    "rows twice": lambda d, seed: 2 * torch.eye(d, dtype=torch.float64)[[*range(-(-d // 2)), 0]],
    "zero": lambda d, seed: torch.zeros(2, d, dtype=torch.float64),
}


each_kind = pytest.mark.parametrize("kind", sorted(MAKERS))
several = settings(many, max_examples=25)
builds = st.fixed_dictionaries(
    {"shape": shapes, "fraction": st.floats(0, 1), "seed": seeds, "factor": st.sampled_from([0, 0, 1, 2, 4])}
)


def built(kind: str, shape: tuple[int, ...], fraction: float, seed: int, factor: int) -> Operator:
    """One of a kind, on the picture itself (factor 0) or after averaging."""
    inner = SuperResolution(shape, factor) if factor else None
    outer = MAKERS[kind](inner.measured if inner else shape, fraction, seed)
    return Compose(outer, inner) if inner else outer


@each_kind
@several
@given(build=builds, dtype=dtypes)
def test_rows_are_orthonormal_and_the_adjoint_is_the_transpose(kind: str, build: dict, dtype: torch.dtype) -> None:
    operator = built(kind, **build)
    rows = matrix_of(operator.A, operator.shape, dtype)
    assert operator.orthonormal and rows.shape == (operator.k, torch.Size(operator.shape).numel())
    assert near(matrix_of(operator.A_adjoint, operator.measured, dtype), rows.mT)
    assert near(rows @ rows.mT, torch.eye(operator.k, dtype=dtype))
    assert near(matrix_of(operator.A_dagger, operator.measured, dtype), rows.mT)
    assert max(f(operator, seeded(), dtype) for f in (adjoint_error, dagger_error)) < 10 * PRECISION[dtype]


@many
@given(shapes, seeds, st.sampled_from(sorted(GIVEN)), st.sampled_from([Matrix, as_functions]), dtypes)
def test_given_rows_have_their_pseudo_inverse(shape, seed, kind, make, dtype) -> None:
    rows = GIVEN[kind](torch.Size(shape).numel(), seed)
    operator = make(rows, shape)
    condition = (
        float(torch.linalg.svdvals(rows)[0] / max(torch.linalg.svdvals(rows)[-1], 1e-3)) if kind == "full rank" else 1
    )
    assert not operator.orthonormal
    assert near(matrix_of(operator.A, shape, dtype), rows.to(dtype))
    assert near(matrix_of(operator.A_adjoint, (len(rows),), dtype), rows.to(dtype).mT)
    assert near(matrix_of(operator.A_dagger, (len(rows),), dtype), torch.linalg.pinv(rows).to(dtype), 10 * condition**2)
    assert dagger_error(operator, seeded(), dtype) < 10 * condition**2 * PRECISION[dtype]


@each_kind
@several
@given(build=builds, dtype=dtypes, seed=seeds)
def test_the_projection_is_the_nearest_picture_that_agrees(
    kind: str, build: dict, dtype: torch.dtype, seed: int
) -> None:
    operator = built(kind, **build)
    x, z = normal(2, *operator.shape, seed=seed, dtype=dtype), normal(2, *operator.shape, seed=seed + 1, dtype=dtype)
    m = normal(2, *operator.measured, seed=seed + 2, dtype=dtype)
    p = operator.project(x, m)
    assert near(operator.A(p), m, 10) and near(operator.project(p, m), p, 10)
    other = operator.project(z, m)
    assert near(((x - p) * (other - p)).sum((1, 2, 3)), torch.zeros(2, dtype=dtype), 1000)
    assert bool(((x - p).flatten(1).norm(dim=1) <= (x - other).flatten(1).norm(dim=1) + 1e-5).all())
    assert near(operator.project(x, m[:1])[1:], operator.project(x[1:], m[:1]))


@many
@given(shapes, st.integers(1, 5), seeds)
def test_a_composition_is_the_product(shape, factor, seed) -> None:
    inner = SuperResolution(shape, factor)
    d = torch.Size(inner.measured).numel()
    outer = Matrix(GIVEN["full rank"](d, seed), inner.measured)
    both, product = Compose(outer, inner), matrix_of(outer.A, outer.shape) @ matrix_of(inner.A, shape)
    assert near(matrix_of(both.A, shape), product) and not both.orthonormal and both.measured == outer.measured
    assert near(matrix_of(both.A_adjoint, both.measured), product.mT)
    assert torch.allclose(matrix_of(both.A_dagger, both.measured), torch.linalg.pinv(product), atol=1e-8, rtol=1e-6)


def test_compositions_that_are_refused() -> None:
    inner = SuperResolution((1, 4, 4), 2)
    with pytest.raises(ValueError, match=r"inner measures \(1, 2, 2\) and outer expects pictures \(1, 4, 4\)"):
        Compose(inner, inner)
    twice = Functions(lambda x: 2 * x, lambda m: 2 * m, (1, 2, 2), (1, 2, 2))
    with pytest.raises(ValueError, match="not orthonormal.*not the product of the pseudo-inverses"):
        Compose(SuperResolution((1, 2, 2), 2), twice)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 12])
def test_averaging_is_that_of_torch(factor: int) -> None:
    x = normal(2, 3, 12, 24)
    assert near(SuperResolution((3, 12, 24), factor).A(x), F.avg_pool2d(x, factor) * factor)
    means = F.avg_pool2d(x[..., :11, :23], factor, ceil_mode=True, count_include_pad=False)
    seen = SuperResolution((3, 11, 23), factor)
    assert seen.measured == (3, -(-11 // factor), -(-23 // factor))
    assert near(seen.A(x[..., :11, :23]), means * seen.pixels.double().sqrt())
    constant = torch.ones(1, 3, 11, 23, dtype=torch.float64)
    assert near(seen.A_adjoint(seen.A(constant)), constant)


@many
@given(shapes, st.floats(0, 1), seeds)
def test_deblurring_keeps_an_ideal_low_pass(shape, fraction, seed) -> None:
    operator, x = SpectralDeblur(shape, fraction), normal(1, *shape, seed=seed)
    kept = operator.chosen.mask[0]
    low = torch.fft.ifft2(torch.fft.fft2(x) * kept)
    assert near(low.imag, torch.zeros_like(x)) and near(operator.A_adjoint(operator.A(x)), low.real)
    assert operator.kept == kept.double().mean() and operator.k == shape[0] * kept.sum() and kept[0, 0]
    frequencies = [torch.fft.fftfreq(n).abs() * n for n in shape[1:]]
    assert all(bool((line == (f <= f[line].max())).all()) for line, f in zip((kept[:, 0], kept[0]), frequencies)), (
        "a centred box"
    )
    assert SpectralDeblur(shape, 1.0).kept == 1


def test_how_much_deblurring_keeps() -> None:
    """The box comes near to what is asked and has about the proportions of the picture."""
    for fraction in (0.02, 0.1, 0.3, 0.5, 0.9):
        assert abs(SpectralDeblur((1, 64, 64), fraction).kept - fraction) < 0.015
        box = SpectralDeblur((1, 40, 80), fraction).chosen.mask[0]
        assert int(box[0].sum()) == pytest.approx(2 * int(box[:, 0].sum()), abs=3)


@many
@given(shapes, st.floats(0, 1), seeds)
def test_random_pixels_are_as_many_as_asked(shape, fraction, seed) -> None:
    operator = RandomPixels(shape, fraction, seeded(seed))
    assert operator.k == int(operator.mask.sum()) == round(fraction * torch.Size(shape).numel())
    assert torch.equal(operator.mask, RandomPixels(shape, fraction, seeded(seed)).mask)


def test_random_pixels_are_drawn_evenly_and_channel_by_channel() -> None:
    masks = torch.stack([RandomPixels((3, 4, 4), 0.25, seeded(i)).mask for i in range(400)]).double()
    assert bool((masks.mean(0) - 0.25).abs().max() < 0.09) and not bool((masks[:, 0] == masks[:, 1]).all())


@pytest.mark.parametrize("structured", [False, True])
def test_a_random_projection_treats_all_pictures_alike(structured: bool) -> None:
    """On average |A x|² is k/d |x|² for a flat picture, a wave and a single pixel: nothing is favoured."""
    x = F.normalize(torch.stack([torch.ones(60), torch.arange(60) % 2 * 2 - 1.0, torch.eye(60)[7]])).reshape(
        3, 1, 6, 10
    )
    energy = torch.stack(
        [RandomProjection((1, 6, 10), 0.3, seeded(i), structured).A(x).square().sum(1) for i in range(200)]
    )
    assert bool((energy.mean(0) - 0.3).abs().max() < 0.03) and bool((energy.std(0) < 0.15).all())


def test_a_structured_projection_forgets_the_order_of_pixels() -> None:
    """The squares of its rows are waves in an order of the pixels of its own, hence no waves in theirs."""
    rows = matrix_of(RandomProjection((1, 16, 16), 0.2, seeded(), structured=True).A, (1, 16, 16))
    power = torch.fft.rfft(rows.square(), norm="ortho").abs()[:, 1:].square()
    assert bool((power.amax(1) < 0.2 * power.sum(1)).sum() > 48)


def test_large_random_projections_are_structured() -> None:
    assert not RandomProjection((1, 32, 32), 0.5, seeded()).structured
    operator = RandomProjection((3, 128, 128), 0.1, seeded())
    assert operator.structured and operator.k == round(0.1 * 3 * 128**2)
    assert sum(b.numel() for b in operator.buffers()) < 8 * 3 * 128**2
    assert adjoint_error(operator, seeded()) < 1e-5 and dagger_error(operator, seeded()) < 1e-5


@pytest.mark.parametrize(
    "device", ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]
)
def test_an_operator_is_where_its_mask_or_generator_is(device: str) -> None:
    """And what is tried on it, with a generator of the CPU too, is tried there."""
    there, mask = torch.Generator(device).manual_seed(0), (torch.arange(48).reshape(1, 6, 8) % 3 > 0).to(device)
    for operator in (
        Inpaint(mask),
        RandomPixels((1, 6, 8), 0.5, there),
        RandomProjection((1, 6, 8), 0.5, there),
        RandomProjection((1, 6, 8), 0.5, there, structured=True),
        Matrix(torch.eye(48, device=device)[3:9], (1, 6, 8)),
        Functions(lambda v: v * mask, lambda v: v * mask, (1, 6, 8), (1, 6, 8), device=device),
        SuperResolution((1, 6, 8), 2).to(device),
        Compose(Inpaint(mask[0, :3, :4]), SuperResolution((1, 6, 8), 2).to(device)),
    ):
        assert operator._place.device.type == device and {v.device.type for v in operator.buffers()} == {device}
        assert (
            adjoint_error(operator, torch.Generator().manual_seed(1)) < 1e-4
            and dagger_error(operator, torch.Generator().manual_seed(1)) < 1e-4
        )


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (4, 0), (1, 0, 4)])
def test_a_mask_without_pixels_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="each at least 1"):
        Inpaint(torch.zeros(shape, dtype=torch.bool))


def test_nothing_and_everything() -> None:
    x = normal(2, 3, 4, 5)
    blank, full = (Inpaint(torch.full((4, 5), value), channels=3) for value in (False, True))
    assert blank.k == 0 and blank.A(x).shape == (2, 0) and torch.equal(blank.project(x, blank.A(2 * x)), x)
    assert full.k == 60 and near(full.project(x, full.A(2 * x)), 2 * x)
    own = torch.rand(3, 4, 5, generator=seeded()) < 0.5
    assert torch.equal(Inpaint(own).A(x), x[:, own]) and torch.equal(
        Inpaint(own[0], 3).A(x), x[:, :, own[0]].flatten(1)
    )


@each_kind
def test_derivatives_and_vmap(kind: str) -> None:
    operator = MAKERS[kind]((2, 5, 4), 0.4, 0).double().to("cpu")
    x, v = normal(3, 2, 5, 4), normal(3, 2, 5, 4, seed=1)
    m = operator.A(v)
    assert near(jvp(operator.A, (x,), (v,))[1], m) and near(
        jvp(lambda y: operator.project(y, m), (x,), (v,))[1], v - operator.A_dagger(m)
    )
    assert near(vmap(operator.project)(x[:, None], m[:, None])[:, 0], operator.project(x, m))
    (pulled,) = torch.autograd.grad((operator(x.requires_grad_()) * m).sum(), x)
    assert near(pulled, operator.A_adjoint(m))


def test_wrong_arguments_are_explained() -> None:
    operator, x = SuperResolution((1, 4, 6), 2), torch.zeros(2, 1, 4, 6)
    cases = [
        (TypeError, "x is torch.int64; expected a tensor of float32 or float64", lambda: operator.A(x.long())),
        (TypeError, "x is list", lambda: operator.A([0.0])),
        (
            ValueError,
            r"x has shape \(1, 4, 6\); this SuperResolution expects \(B, 1, 4, 6\).*x\[None\]",
            lambda: operator.A(x[0]),
        ),
        (
            ValueError,
            r"m has shape \(2, 1, 4, 6\); this SuperResolution expects \(B, 1, 2, 3\)",
            lambda: operator.A_adjoint(x),
        ),
        (ValueError, "m has shape", lambda: operator.A_dagger(x)),
        (ValueError, "m has shape", lambda: operator.project(x, x)),
        (ValueError, "m is torch.float64 for 2 pictures", lambda: operator.project(x, operator.A(x).double())),
        (ValueError, "3 pictures.*for 2", lambda: operator.project(x, torch.zeros(3, 1, 2, 3))),
        (ValueError, r"shape is \(4, 6\); expected \(C, H, W\)", lambda: SuperResolution((4, 6), 2)),
        (ValueError, "each at least 1", lambda: SpectralDeblur((1, 0, 6), 0.5)),
        (ValueError, "factor=0; expected", lambda: SuperResolution((1, 4, 6), 0)),
        (ValueError, "factor=1.5; expected", lambda: SuperResolution((1, 4, 6), 1.5)),
        (ValueError, "fraction=10; expected", lambda: RandomPixels((1, 4, 6), 10, seeded())),
        (ValueError, "fraction=nan; expected", lambda: SpectralDeblur((1, 4, 6), float("nan"))),
        (TypeError, "generator is an int.*manual_seed", lambda: RandomProjection((1, 4, 6), 0.5, 0)),
        (ValueError, "mask is torch.float32.*mask > 0.5", lambda: Inpaint(x[0])),
        (ValueError, "mask is", lambda: Inpaint(x > 0)),
        (ValueError, "2 channels of its own", lambda: Inpaint(torch.ones(2, 4, 6) > 0, channels=3)),
        (
            ValueError,
            r"rows is torch.float32, shape \(3, 23\); expected a real tensor \(K, 24\)",
            lambda: Matrix(torch.ones(3, 23), (1, 4, 6)),
        ),
        (
            ValueError,
            "rows holds 2 numbers that are NaN",
            lambda: Matrix(torch.tensor([[float("nan"), 1, float("inf")]]), (1, 1, 3)),
        ),
        (NotImplementedError, "no _forward", lambda: Operator((1, 4, 6), (2,)).A(x)),
    ]
    for kind, message, call in cases:
        with pytest.raises(kind, match=message):
            call()


def test_matrices_that_are_recognised() -> None:
    basis = torch.linalg.qr(normal(12, 5))[0].mT
    assert Matrix(basis.float(), (1, 3, 4)).orthonormal and not Matrix(basis * 1.001, (1, 3, 4)).orthonormal
    tall = Matrix(normal(30, 12), (1, 3, 4))
    assert near(matrix_of(tall.A_dagger, (30,)) @ matrix_of(tall.A, (1, 3, 4)), torch.eye(12, dtype=torch.float64))
    # in float32 a row that is the sum of others is so only up to rounding, which must not be inverted
    dependent = torch.cat([normal(5, 12), normal(5, 12).sum(0, keepdim=True) / 3]).float()
    for make in (Matrix, as_functions):
        found = matrix_of(make(dependent, (1, 3, 4)).A_dagger, (6,))
        assert torch.allclose(found.float(), torch.linalg.pinv(dependent, rtol=1e-4), atol=1e-4)


def test_functions_are_tried_before_they_are_believed() -> None:
    gain = torch.ones(1, 4, 4)
    gain[0, 0, 0] = 2
    ok = Functions(lambda x: gain * x, lambda m: gain * m, (1, 4, 4), (1, 4, 4))
    assert not ok.orthonormal and near(ok.A_dagger(gain[None]), torch.ones(1, 1, 4, 4))
    cases = [
        ("is not the adjoint of forward.*transpose, not the inverse", lambda x: gain * x, lambda m: m / gain),
        ("not the adjoint", lambda x: gain * x, lambda m: m),
        ("not the adjoint", lambda x: gain * x, lambda m: float("nan") * m),
        ("not linear", lambda x: x + 1, lambda m: m),
        ("not linear", lambda x: x.clamp(-1, 1), lambda m: m),
        (r"forward\(x\) has shape \(8, 1, 2, 4\)", lambda x: x[:, :, :2], lambda m: m),
        (r"adjoint\(m\) has shape", lambda x: x, lambda m: m[:, :, :2]),
    ]
    for message, forward, adjoint in cases:
        with pytest.raises(ValueError, match=message):
            Functions(forward, adjoint, (1, 4, 4), (1, 4, 4))
    assert Functions(lambda x: x.mT, lambda m: m.mT, (1, 4, 4), (1, 4, 4)).orthonormal
    mask = (torch.rand(1, 80, 80, generator=seeded()) < 0.5).float()
    masked = Functions(lambda x: mask * x, lambda m: mask * m, mask.shape, mask.shape)
    assert not masked.orthonormal and dagger_error(masked, seeded()) < 1e-6
    assert Functions(lambda x: x.flatten(1)[:, :0], lambda m: m.new_zeros(len(m), 1, 4, 4), (1, 4, 4), (0,)).orthonormal
    with pytest.raises(ValueError, match="k = 6400 is above 4096"):
        Functions(lambda x: 2 * x, lambda m: 2 * m, (1, 80, 80), (1, 80, 80))


@pytest.mark.parametrize("entry", [None, (0, 0), (1, 0), (0, 1), (1, 1)])
def test_each_equation_of_the_pseudo_inverse_is_tried(entry: tuple[int, int] | None) -> None:
    """Changed in one place, the pseudo-inverse of a matrix with a row and two columns of zeros fails one of the four
    equations only.
    """
    operator = Matrix(torch.tensor([[1.0, 0, 0], [0, 0, 0]]), (1, 1, 3))
    if entry:
        operator.inverse[entry] += -1 if entry == (0, 0) else 1
    assert (dagger_error(operator, seeded()) < 1e-6) == (entry is None)


def test_a_gain_with_its_transpose_for_inverse_is_caught() -> None:
    class Gain(Operator):
        def _forward(self, x: Tensor) -> Tensor:
            return 2 * x

        _adjoint = _forward

    operator = Gain((1, 4, 4), (1, 4, 4), orthonormal=True)
    assert adjoint_error(operator, seeded()) < 1e-6 < 0.1 < dagger_error(operator, seeded())
