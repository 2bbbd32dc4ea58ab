"""Our operators and denoisers inside deepinv, and deepinv's inside ours; skipped where deepinv is not installed."""

from __future__ import annotations

import sys

import pytest
import torch

from dprior_lite import interop
from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.operators import (
    Functions,
    Inpaint,
    Matrix,
    RandomPixels,
    RandomProjection,
    SpectralDeblur,
    SuperResolution,
    adjoint_error,
    dagger_error,
)

SHAPE = (2, 12, 10)
MAKERS = {
    "pixels": lambda g: RandomPixels(SHAPE, 0.3, g),
    "mask": lambda g: Inpaint(torch.rand(12, 10, generator=g) < 0.5, 2),
    "blocks": lambda g: SuperResolution(SHAPE, 4),
    "low-pass": lambda g: SpectralDeblur(SHAPE, 0.2),
    "random": lambda g: RandomProjection(SHAPE, 0.1, g),
    "matrix": lambda g: Matrix(torch.randn(9, 240, generator=g), SHAPE),
}


@pytest.fixture
def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_our_operators_in_deepinv(deepinv, kind: str, seeded: torch.Generator) -> None:
    """Its own test of the adjoint, its data term and gradient, its norm, and its least squares against our
    pseudo-inverse.
    """
    operator = MAKERS[kind](seeded)
    physics = interop.to_deepinv(operator)
    x = torch.randn(3, *SHAPE, generator=seeded)
    m = physics(x)
    assert (
        isinstance(physics, deepinv.physics.LinearPhysics)
        and torch.equal(m, operator.A(x))
        and operator in physics.modules()
    )
    assert bool((physics.adjointness_test(x[:1]).abs() < 1e-5).all())
    guess = torch.zeros_like(x, requires_grad=True)
    fidelity = deepinv.optim.data_fidelity.L2()
    assert torch.allclose(fidelity(guess, m, physics), m.flatten(1).square().sum(1) / 2)
    assert torch.allclose(fidelity.grad(guess, m, physics), -operator.A_adjoint(m), atol=1e-5)
    iterated = super(type(physics), physics).A_dagger(m, solver="CG", max_iter=200, tol=1e-6)
    assert torch.allclose(physics.A_dagger(m), iterated, atol=1e-3) and torch.equal(
        physics.A_dagger(m), operator.A_dagger(m)
    )
    if operator.orthonormal:
        assert float(physics.compute_sqnorm(x[:1], verbose=False)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_there_and_back(deepinv, kind: str, seeded: torch.Generator) -> None:
    operator = MAKERS[kind](seeded)
    again = interop.from_deepinv(interop.to_deepinv(operator), SHAPE)
    x, m = torch.randn(3, *SHAPE, generator=seeded), torch.randn(3, *operator.measured, generator=seeded)
    assert isinstance(again, Functions) and (again.measured, again.orthonormal) == (
        operator.measured,
        operator.orthonormal,
    )
    assert torch.equal(again.A(x), operator.A(x)) and torch.equal(again.A_adjoint(m), operator.A_adjoint(m))
    assert torch.allclose(again.project(x, m), operator.project(x, m), atol=1e-4)


def test_operators_of_deepinv_in_ours(deepinv, seeded: torch.Generator) -> None:
    """A mask, a blur by full convolution, blur and subsampling, and random projections, as deepinv writes them."""
    physics = deepinv.physics
    mask = (torch.rand(SHAPE, generator=seeded) < 0.5).float()
    kernel = torch.tensor([[0.0, 0.1, 0.0], [0.1, 0.5, 0.2], [0.0, 0.1, 0.0]])[None, None]
    cases = [
        physics.Inpainting(SHAPE, mask=mask),
        physics.Downsampling(img_size=SHAPE, factor=2, filter="gaussian"),
        physics.Blur(filter=kernel, padding="circular"),
        physics.CompressedSensing(m=40, img_size=SHAPE, dtype=torch.float64, rng=seeded),
        physics.Denoising(),
    ]
    x = torch.randn(2, *SHAPE, generator=seeded).double()
    for theirs in (case.double() for case in cases):
        ours = interop.from_deepinv(theirs, SHAPE, dtype=torch.float64)
        assert torch.equal(ours.A(x), theirs.A(x)) and theirs in ours.modules()
        assert max(f(ours, seeded, torch.float64) for f in (adjoint_error, dagger_error)) < 1e-6, type(theirs).__name__
        m = ours.A(x)
        assert torch.allclose(ours.A(ours.project(torch.zeros_like(x), m)), m, atol=1e-6)
    assert torch.equal(
        interop.from_deepinv(cases[0], SHAPE, torch.float64).project(x, mask + 0 * x), torch.where(mask > 0, 1.0, x)
    )


def test_physics_that_do_not_fit(deepinv) -> None:
    with pytest.raises(TypeError, match="is a Haze without A_adjoint"):
        interop.from_deepinv(deepinv.physics.Haze(), (3, 4, 4))
    with pytest.raises(TypeError, match="measures TensorList; expected one real tensor"):
        interop.from_deepinv(deepinv.physics.Denoising().stack(deepinv.physics.Denoising()), (1, 4, 4))


def test_our_denoiser_in_deepinv(deepinv, seeded: torch.Generator) -> None:
    """As it is, at any sigma, in a plug-and-play step and in an iteration of deepinv's."""
    net, y = BFCNN(depth=3, width=4).eval(), torch.rand(2, 1, 8, 8, generator=seeded)
    model = interop.denoiser_to_deepinv(net)
    assert isinstance(model, deepinv.models.Denoiser) and net in model.modules()
    with torch.no_grad():
        assert torch.equal(model(y, 0.1), net(y)) and torch.equal(
            model(y, sigma=torch.full((2,), 0.5), mode="any"), net(y)
        )
        prior = deepinv.optim.prior.PnP(denoiser=model)
        assert torch.equal(prior.prox(y, 0.1), net(y))
        assert torch.equal(interop.denoiser_from_deepinv(model, 0.1)(y), net(y))


def test_their_denoiser_in_ours(deepinv, seeded: torch.Generator) -> None:
    """That of total variation starts where its last call ended, so each of these is a fresh one."""
    y, fresh = torch.rand(2, 1, 8, 8, generator=seeded), lambda: deepinv.models.TVDenoiser(n_it_max=5)
    little, much = (interop.denoiser_from_deepinv(fresh(), sigma)(y) for sigma in (0.05, 0.5))
    assert torch.equal(much, fresh()(y, 0.5)) and float((much - little).abs().max()) > 0.01


@pytest.mark.parametrize("sigma", [0, -0.1, float("nan"), float("inf")])
def test_a_noise_level_is_needed(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma=.*; expected one finite number, above 0. It is the standard deviation"):
        interop.denoiser_from_deepinv(torch.nn.Identity(), sigma)


def test_without_deepinv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepinv", None)
    for call in (
        lambda: interop.to_deepinv(SuperResolution((1, 4, 4), 2)),
        lambda: interop.denoiser_to_deepinv(torch.nn.Identity()),
    ):
        with pytest.raises(ImportError, match="pip install deepinv==0.5.0"):
            call()
