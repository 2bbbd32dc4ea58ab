"""Jacobians, affine maps, singular vectors and subspaces by independent routes; random probes against the exact
numbers.
"""

from __future__ import annotations

import pytest
import torch
from random_nets import KINDS, noise, random_net, relative

from dprior_lite import geometry
from dprior_lite.geometry.jacobians import at_once
from dprior_lite.nets.bfcnn import BFCNN


@pytest.fixture(scope="module")
def net() -> BFCNN:
    torch.manual_seed(0)
    net = BFCNN(depth=4, width=8).eval()
    net.convs[-1].weight.data.mul_(10)
    return net


def test_rows_are_rows(net: BFCNN) -> None:
    """Against central differences of a map that is not symmetric: a transpose, or chunks in the wrong order, would
    show.
    """
    y = torch.randn(2, 1, 6, 5, dtype=torch.float64)
    f = net.double()
    step = 1e-6
    columns = [
        ((f(y + step * e) - f(y - step * e)) / (2 * step)).detach().flatten(1)
        for e in torch.eye(30).double().reshape(30, 1, 6, 5)
    ]
    reference = torch.stack(columns, dim=2)
    found = geometry.jacobian(f, y, chunk=7)
    net.float()
    assert torch.allclose(found, reference, atol=1e-5)
    assert not torch.allclose(found, reference.mT, atol=1e-2)


def test_euler_for_a_bias_free_net_and_not_for_its_twin(net: BFCNN) -> None:
    y = torch.randn(1, 1, 8, 8)
    twin = BFCNN(depth=4, width=8, bias=True).eval()
    for conv in twin.convs:
        if conv.bias is not None:
            torch.nn.init.normal_(conv.bias, std=0.3)
    with torch.no_grad():
        errors = [
            float((geometry.jacobian(f, y)[0] @ y.flatten() - f(y).flatten()).norm() / f(y).norm()) for f in (net, twin)
        ]
    assert errors[0] < 1e-4 < 1e-2 < errors[1]


def test_probes_agree_with_the_full_jacobian(net: BFCNN) -> None:
    y = torch.randn(2, 1, 12, 12)
    full = geometry.jacobian(net, y).double()
    g = torch.Generator().manual_seed(0)
    trace, norm = (
        f(net, y, probes=400, generator=g) for f in (geometry.degrees_of_freedom, geometry.effective_dimension)
    )
    assert torch.allclose(trace, full.diagonal(dim1=1, dim2=2).sum(1), rtol=0.03)
    assert torch.allclose(norm, full.square().sum((1, 2)), rtol=0.03)
    assert torch.allclose(geometry.effective_dimension(net, y), full.square().sum((1, 2)))
    assert torch.allclose(geometry.degrees_of_freedom(net, y), full.diagonal(dim1=1, dim2=2).sum(1))


def test_probes_need_a_generator(net: BFCNN) -> None:
    with pytest.raises(TypeError, match="generator=torch.Generator"):
        geometry.degrees_of_freedom(net, torch.zeros(1, 1, 4, 4), probes=2)


SHAPES = ((1, 1, 1, 2), (1, 1, 5, 9), (1, 3, 6, 4), (1, 2, 3, 1))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["dncnn", "unet"])
def test_rows_and_columns_are_those_of_torch(kind: str, shape: tuple[int, ...]) -> None:
    """Pixels in any order and twice, pictures of any size, several channels: against torch's own Jacobian and central
    differences.
    """
    net, y = random_net(kind, bias=True, channels=shape[1]), noise(*shape)
    d, step = y.numel(), 1e-6
    reference = torch.autograd.functional.jacobian(net, y).reshape(d, d)
    pixels = [d - 1, 0, d // 2, 0]
    rows, columns = (f(net, y, pixels) for f in (geometry.rows, geometry.columns))
    assert rows.shape == columns.shape == (4, *shape[1:])
    assert torch.allclose(rows.flatten(1), reference[pixels]) and torch.allclose(
        columns.flatten(1), reference.mT[pixels]
    )
    assert relative(rows, columns) > 1e-2, "a transpose must show"
    nudge = step * torch.eye(d, dtype=torch.float64)[d // 2].reshape(shape)
    assert torch.allclose(columns[2], ((net(y + nudge) - net(y - nudge)) / (2 * step))[0], atol=1e-6)


@pytest.mark.parametrize("options", [{"chunk": 1}, {"chunk": 3}, {"chunk": 1000}, {"memory": 1e-9}, {"memory": 1e-4}])
def test_chunks_and_memory_do_not_change_the_answer(options: dict) -> None:
    net, y = random_net("dncnn-unshuffle", bias=True, channels=2), noise(1, 2, 5, 4)
    pixels = list(range(11, 29))
    for f in (geometry.rows, geometry.columns):
        assert torch.allclose(f(net, y, pixels, **options), f(net, y, pixels))
        assert not torch.allclose(f(net, y, pixels, **options), f(net, y, pixels[::-1])), (
            "parts in another order would show"
        )
    assert torch.allclose(geometry.jacobian(net, y, **options), geometry.jacobian(net, y))


def test_less_memory_means_fewer_at_once() -> None:
    """How many fit grows with the memory, falls with the size of the picture, and is what the work is really cut
    into.
    """
    net, y = random_net("dncnn", bias=False), noise(1, 1, 12, 12)
    bounds = (0.0, 1e-9, 1e-4, 1e-3, 1e-2, 1e9)
    fit = [at_once(net, y[0], memory) for memory in bounds]
    assert fit == sorted(fit) and fit[0] == fit[1] == 1 < fit[3] < fit[4] and fit[-1] == 256
    assert at_once(net, noise(1, 24, 24), 1e-3) == pytest.approx(fit[3] / 4, abs=1)

    def passes(memory: float) -> int:
        count = []
        geometry.columns(lambda v: count.append(1) or net(v), y, range(144), memory=memory)
        return len(count)

    found = [passes(memory) for memory in bounds]
    assert found == [1 + -(-144 // n) for n in fit] and found[1] == 145 > found[3] > found[-1]


@pytest.mark.parametrize("f", [geometry.rows, geometry.columns])
@pytest.mark.parametrize("pixels", [[], [-1], [3, 12]])
def test_bad_pixels_are_refused(f, pixels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 11, an index into the flattened \(1, 3, 4\)"):
        f(lambda y: 2 * y, torch.zeros(1, 1, 3, 4), pixels)
    assert f(lambda y: 2 * y, torch.zeros(1, 1, 3, 4), [0, 11]).sum() == 4


def test_a_batch_has_no_one_jacobian() -> None:
    y, g = torch.zeros(2, 1, 3, 4), torch.Generator().manual_seed(0)
    for call in (
        lambda v: geometry.rows(torch.relu, v, [0]),
        lambda v: geometry.columns(torch.relu, v, [0]),
        lambda v: geometry.top_singular(torch.relu, v, 1, g),
    ):
        with pytest.raises(ValueError, match=r"one picture \(1, C, H, W\) was expected, not \(2, 1, 3, 4\)"):
            call(y)
        call(y[:1] + 1)
    assert geometry.jacobian(torch.relu, y).shape == (2, 12, 12)


def test_filter_radius_by_hand() -> None:
    """Two channels share one grid; the pixel of the second filter lies in the second channel; scale and sign do not
    count.
    """
    filters = torch.zeros(2, 2, 3, 5)
    filters[0, 0, 1, 1], filters[0, 1, 1, 4], filters[0, 1, 0, 1] = (
        2.0,
        -1.0,
        1.0,
    )  # at distances 0, 3 and 1 from (1, 1)
    filters[1, 0, 2, 4], filters[1, 1, 0, 2] = 3.0, 3.0  # at distances 0 and sqrt(8) from (2, 4)
    expected = torch.tensor([((9 + 1) / 6) ** 0.5, 2.0])
    pixels = [1 * 5 + 1, 15 + 2 * 5 + 4]
    assert torch.allclose(geometry.filter_radius(filters, pixels), expected)
    assert torch.allclose(geometry.filter_radius(-7 * filters, pixels), expected)
    assert not torch.allclose(geometry.filter_radius(filters, pixels[::-1]), expected, rtol=0.1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [False, True])
def test_frozen_is_the_affine_map_at_one_picture(kind: str, bias: bool) -> None:
    net, y, other = (
        random_net(kind, bias, dtype=torch.float32),
        noise(1, 1, 9, 7).float(),
        noise(1, 1, 9, 7, seed=2).float(),
    )
    with torch.no_grad():
        affine, x_hat, b = geometry.frozen(net, y), net(y), geometry.net_bias(net, y)
        scale, elsewhere = float(x_hat.norm()), geometry.frozen(net, other)
        zero = torch.zeros_like(y)
        assert float((affine(zero) - b).norm()) < 1e-4 * scale and relative(affine(y), x_hat) < 1e-4
        assert relative(geometry.linear_part(net, y) + b, x_hat) < 1e-4
        assert relative(affine(y) - affine(zero), geometry.linear_part(net, y)) < 1e-4
        mixed = 3 * y - 2 * other
        assert relative(affine(mixed), 3 * affine(y) - 2 * affine(other)) < 1e-4
        assert relative(net(mixed), 3 * net(y) - 2 * net(other)) > 1e-2, "the network itself is not affine"
        assert relative(elsewhere(y), x_hat) > 1e-2, "the gates of another picture give another answer"
        assert relative(affine(y), x_hat) < 1e-4, "holding gates leaves nothing behind"
    if bias:
        assert float(b.norm()) > 1e-2 * scale and float((elsewhere(zero) - b).norm()) > 1e-3 * scale
    else:
        assert float(b.norm()) < 1e-4 * scale and float(affine(zero).abs().max()) == 0


def test_frozen_goes_through_a_network_of_every_relu() -> None:
    """As module, in place, as function and as method; a network that is not made of ReLUs is not affine when held."""
    y, x = torch.tensor([[-1.0, 1.0]]), torch.tensor([[5.0, -5.0]])
    for relu in (
        torch.relu,
        torch.nn.ReLU(),
        torch.nn.ReLU(inplace=True),
        torch.nn.functional.relu,
        lambda v: v.relu(),
        lambda v: v.clone().relu_(),
    ):
        assert torch.equal(geometry.frozen(lambda v: relu(v + 0) + 1, y)(x), torch.tensor([[1.0, -4.0]]))
        assert torch.equal(relu(x + 0), torch.tensor([[5.0, 0.0]])), "outside it is an ordinary ReLU again"
    held = geometry.frozen(torch.nn.functional.gelu, y)
    assert relative(held(2 * y), 2 * held(y)) > 1e-2


@pytest.mark.parametrize("shape, k", [((1, 1, 7, 8), 6), ((1, 3, 4, 5), 3), ((1, 1, 3, 4), 5), ((1, 1, 3, 4), 12)])
def test_top_singular_against_the_whole_decomposition(shape: tuple[int, ...], k: int) -> None:
    """A spectrum that falls, so that six rounds suffice; on (1, 1, 3, 4) the block k + 10 is as large as the
    picture.
    """
    d = torch.Size(shape).numel()
    a, b = (torch.linalg.qr(noise(d, d, seed=seed))[0] for seed in (1, 2))
    matrix = a @ torch.diag(0.8 ** torch.arange(d, dtype=torch.float64)) @ b.mT
    y = torch.zeros(shape, dtype=torch.float64)

    def found(rounds: int) -> tuple[torch.Tensor, ...]:
        g = torch.Generator().manual_seed(0)
        return geometry.top_singular(lambda v: (v.flatten(1) @ matrix.mT).reshape(v.shape), y, k, g, rounds, chunk=7)

    u, s, v, error = found(6)
    left, values, right = torch.linalg.svd(matrix)
    assert (
        u.shape == v.shape == (k, *shape[1:])
        and torch.allclose(s, values[:k], rtol=1e-8)
        and bool((s.diff() <= 0).all())
    )
    agree_u, agree_v = (u.flatten(1) * left.mT[:k]).sum(1), (v.flatten(1) * right[:k]).sum(1)
    assert torch.allclose(agree_u.abs(), torch.ones_like(s), atol=1e-6)
    assert torch.allclose(agree_u, agree_v, atol=1e-6), "up to one common sign"
    assert float(error.max()) < 1e-6
    if d > k + 10:
        _, s, v, error = found(0)
        assert float(error.max()) > 1e-3 < float((s - values[:k]).abs().max()), (
            "a random block alone is off, and says so"
        )
        assert bool(((values[:, None] - s).abs().amin(0) <= error).all()), "some singular value lies within the error"


def test_top_singular_of_a_network() -> None:
    net, y = random_net("unet", bias=True, channels=2), noise(1, 2, 5, 6)
    u, s, v, error = geometry.top_singular(net, y, 4, torch.Generator().manual_seed(0), rounds=40)
    matrix = geometry.jacobian(net, y)[0]
    assert torch.allclose(s, torch.linalg.svdvals(matrix)[:4], rtol=1e-6) and float(error.max()) < 1e-3 * float(s[0])
    scaled = s[:, None] * u.flatten(1)
    assert relative(v.flatten(1) @ matrix.mT, scaled) < 1e-3 and relative(v.flatten(1) @ matrix, scaled) > 0.1


@pytest.mark.parametrize("k", [0, -1, 13])
def test_more_singular_values_than_there_are_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match=rf"k={k}; expected a whole number, from 1 to 12"):
        geometry.top_singular(lambda y: y, torch.zeros(1, 1, 3, 4), k, torch.Generator().manual_seed(0))


def test_containment_and_chance() -> None:
    basis = torch.linalg.qr(noise(200, 200))[0].mT
    assert torch.allclose(geometry.containment(basis[:5], basis[:20]), torch.ones(5).double())
    assert float(geometry.containment(basis[:5], basis[20:]).max()) < 1e-10
    tilted = (0.6 * basis[0] + 0.8 * basis[1])[None]
    assert float(geometry.containment(tilted, basis[:1])) == pytest.approx(0.6)
    random = torch.linalg.qr(noise(200, 100, seed=2))[0].mT
    for m, n in ((100, 50), (100, 10), (20, 80)):
        length = geometry.containment(random[:m], basis[:n]).square().mean().sqrt()
        assert float(length) == pytest.approx(geometry.chance(n, 200), rel=0.1)
        assert abs(float(length) / geometry.chance(m, 200) - 1) > 0.1
    large, small = geometry.containment(basis[:20], basis[:5]), geometry.containment(basis[:5], basis[:20])
    assert float(large.square().mean().sqrt()) == pytest.approx((5 / 20) ** 0.5)
    assert float(small.mean()) == pytest.approx(1), "the smaller in the larger one is another question"


def test_probes_tell_their_error() -> None:
    """Within four standard errors of the truth, and those errors are the spread of repeated estimates."""
    net, y, g = random_net("dncnn", bias=False), noise(2, 1, 6, 6), torch.Generator().manual_seed(0)
    full = geometry.jacobian(net, y)
    runs = [geometry.probed(net, y, 12, g) for _ in range(80)]
    for name, truth in (
        ("degrees_of_freedom", full.diagonal(dim1=1, dim2=2).sum(1)),
        ("effective_dimension", full.square().sum((1, 2))),
    ):
        one, error = getattr(runs[0], name), getattr(runs[0], f"{name}_error")
        assert one.dtype == error.dtype == torch.float64 and bool(((one - truth).abs() < 4 * error).all())
        assert not bool(((1.5 * one - truth).abs() < 4 * error).any())
        spread = torch.stack([getattr(run, name) for run in runs]).std(0)
        told = torch.stack([getattr(run, f"{name}_error") for run in runs]).square().mean(0).sqrt()
        ratio = told / spread
        assert bool(((0.75 < ratio) & (ratio < 1.33)).all()), "not the deviation of one probe, sqrt(12) as large"


def test_one_probe_has_no_error() -> None:
    g = torch.Generator().manual_seed(0)
    found = geometry.probed(lambda y: y / 2, torch.zeros(3, 8), 1, g)
    assert found.degrees_of_freedom.tolist() == [4.0] * 3 and bool(found.degrees_of_freedom_error.isnan().all())
    assert bool(found.effective_dimension_error.isnan().all())
    assert geometry.probed(lambda y: y / 2, torch.zeros(3, 8), 2, g).degrees_of_freedom_error.tolist() == [0.0] * 3


def test_probes_are_signs_that_add_up_to_nothing() -> None:
    v = geometry.random_signs(torch.zeros(400, 400), torch.Generator().manual_seed(0))
    assert set(v.unique().tolist()) == {-1.0, 1.0} and abs(float(v.mean())) < 0.01 < float(v.abs().mean())


def test_a_held_network_has_rows_like_any_other(net: BFCNN) -> None:
    y = torch.randn(1, 1, 6, 5)
    found = geometry.rows(geometry.frozen(net, y), y, [7, 12])
    assert torch.allclose(found, geometry.rows(net, y, [7, 12]), atol=1e-5)
    assert float(found.norm()) > 0.1


@pytest.mark.parametrize("pixel", [0, 40 * 75 + 30, 3 * 75 + 74, 66 * 75 + 70, 75 * 75 + 40 * 75 + 37])
@pytest.mark.parametrize("kind", ["unet", "unshuffle"])
def test_a_row_needs_no_more_than_its_reach(kind: str, pixel: int) -> None:
    from dprior_lite.nets.unet import UNet

    torch.manual_seed(0)
    channels = 2 if pixel >= 75 * 75 else 1
    net = (UNet((4, 4, 4), (1, 1, 1), channels) if kind == "unet" else BFCNN(4, 6, channels, unshuffle=2)).eval()
    with torch.no_grad():
        (net.tail if kind == "unet" else net.convs[-1]).weight.mul_(10)
    y = torch.randn(1, channels, 75, 75)
    whole, near = geometry.rows(net, y, [pixel]), geometry.rows(net, y, [pixel], reach=32)
    assert torch.allclose(near, whole, atol=1e-6) and float(whole.norm()) > 0.5
    assert not torch.allclose(geometry.rows(net, y, [pixel], reach=1), whole, atol=1e-3)


def test_reach_refuses_what_is_no_pixel(net: BFCNN) -> None:
    with pytest.raises(ValueError, match="from 0 to 29"):
        geometry.rows(net, torch.zeros(1, 1, 6, 5), [30], reach=4)


def test_a_batch_is_worked_on_in_parts_that_fit() -> None:
    """Few bytes allow one picture at a time, many all of them; the answers are the same, and so is an exact trace by
    strips of rows.
    """
    net, y = BFCNN(depth=3, width=4).eval().requires_grad_(False), noise(5, 1, 6, 6).float()
    seen: list[int] = []

    def counted(v: torch.Tensor) -> torch.Tensor:
        seen.append(len(v))
        return net(v)

    def largest(call) -> int:
        seen.clear()
        call()
        return max(seen)

    tight, roomy = 1e-9, 1.0
    for call in (
        geometry.net_bias,
        geometry.linear_part,
        lambda f, v, memory: geometry.probed(f, v, 2, torch.Generator().manual_seed(0), memory).effective_dimension,
    ):
        assert (
            largest(lambda: call(counted, y, memory=tight)) == 1
            and largest(lambda: call(counted, y, memory=roomy)) == 5
        )
        assert torch.allclose(call(net, y, memory=tight), call(net, y, memory=roomy), atol=1e-5)
    for exact in (geometry.degrees_of_freedom, geometry.effective_dimension):
        assert torch.allclose(exact(net, y, memory=2e-6), exact(net, y), rtol=1e-6)
    strips: list[int] = []
    whole = geometry.probes.rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            geometry.probes,
            "rows",
            lambda net, y, pixels, **settings: strips.append(len(pixels)) or whole(net, y, pixels, **settings),
        )
        geometry.degrees_of_freedom(net, y[:1], memory=1e-5)
    assert len(strips) > 3 and sum(strips) == 36 and max(strips) * 36 * 32 <= 1e-5 * 2**30, (
        "rows kept at once stay below the bound"
    )
