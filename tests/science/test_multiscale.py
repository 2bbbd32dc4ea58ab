"""The wavelet cascade, networks of exact receptive fields, and denoising and sampling from coarse to fine.

Closed forms and second routes; each comes with a control that fails.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pywt
import torch
from hypothesis import given as holds_for
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor, nn

import dprior_lite
from dprior_lite import load, miyasawa, multiscale, sampling
from dprior_lite.multiscale import (
    Bands,
    MultiscaleModel,
    analysis_step,
    band_sigma,
    decompose,
    denoise,
    merged,
    reconstruct,
    relative_stop,
    sample_details,
    super_resolve,
    synthesis_step,
    without_details,
)
from dprior_lite.multiscale.filters import LOW_PASS, taps
from dprior_lite.nets.local import FIELDS, ConditionalCNN, LocalCNN
from dprior_lite.nets.published_local import load_published_local
from dprior_lite.sampling import Ascent, ItemNoise
from dprior_lite.store import read_card
from dprior_lite.training import Recipe, fit, weight_card
from dprior_lite.training.recipes import multiscale as recipes

WAVELETS = tuple(LOW_PASS)
FAST = Ascent(h0=0.1, beta=0.2, sigma_0=0.5, sigma_L=0.05)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(*shape, generator=seeded(seed), dtype=dtype)


# the cascade


@settings(max_examples=25, deadline=None)
@holds_for(
    levels=st.integers(1, 4),
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    channels=st.integers(1, 3),
    wavelet=st.sampled_from(WAVELETS),
    normalised=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_reconstruction_is_perfect(
    levels: int, rows: int, columns: int, channels: int, wavelet: str, normalised: bool, seed: int
) -> None:
    x = pictures(2, channels, rows * 2**levels, columns * 2**levels, seed=seed)
    bands = decompose(x, levels, wavelet, normalised)
    assert float((reconstruct(bands) - x).abs().max()) < 1e-5
    assert [d.shape for d in bands.details] == [
        (2, 3 * channels, rows * 2**k, columns * 2**k) for k in range(levels - 1, -1, -1)
    ]
    other = "db2" if wavelet == "haar" else "haar"
    wrong = Bands(bands.low, bands.details, other, normalised)
    assert float((reconstruct(wrong) - x).abs().max()) > 1e-2 or rows == columns == 1


@pytest.mark.parametrize("wavelet", WAVELETS)
def test_filters_are_those_of_pywavelets(wavelet: str) -> None:
    theirs = pywt.Wavelet(wavelet)
    assert np.allclose(taps(wavelet), (theirs.rec_lo, theirs.rec_hi), rtol=0, atol=1e-15)


@pytest.mark.filterwarnings("ignore:Level value")  # a filter longer than the picture wraps around, there and here
@pytest.mark.parametrize("wavelet", WAVELETS)
@pytest.mark.parametrize("size, levels", [((32, 48), 3), ((2, 6), 1), ((8, 4), 2)])
@pytest.mark.parametrize("dtype, exact", [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_bands_are_those_of_pywavelets(
    wavelet: str, size: tuple[int, int], levels: int, dtype: torch.dtype, exact: float
) -> None:
    x = pictures(1, 1, *size, dtype=dtype)
    low, *coarse_first = pywt.wavedec2(x[0, 0].numpy(), wavelet, "periodization", levels)
    bands, small = (decompose(x, levels, wavelet, normalised) for normalised in (False, True))
    assert np.abs(bands.low[0, 0].numpy() - low).max() < exact
    assert np.abs(2**levels * small.low[0, 0].numpy() - low).max() < exact
    for scale, theirs in enumerate(reversed(coarse_first), 1):
        for ours, factor in ((bands, 1), (small, 2**scale)):
            assert np.abs(factor * ours.details[scale - 1][0].numpy() - np.stack(theirs)).max() < exact
    swapped = np.stack(theirs)[[1, 0, 2]]
    assert np.abs(bands.details[-1][0].numpy() - swapped).max() > 1e-3, "the order of the bands matters"


@pytest.mark.parametrize("wavelet", WAVELETS)
def test_the_cascade_is_orthonormal(wavelet: str) -> None:
    """Reconstruction is the adjoint of decomposition, by automatic differentiation."""
    x = pictures(1, 2, 16, 24, dtype=torch.float64).requires_grad_()
    bands = decompose(x, 2, wavelet)
    energy = sum(float(v.detach().square().sum()) for v in (bands.low, *bands.details))
    assert energy == pytest.approx(float(x.detach().square().sum()))
    weights = [torch.randn(v.shape, generator=seeded(3), dtype=torch.float64) for v in (bands.low, *bands.details)]
    (back,) = torch.autograd.grad([bands.low, *bands.details], x, weights)
    assert torch.allclose(back, reconstruct(Bands(weights[0], tuple(weights[1:]), wavelet)), atol=1e-12)
    low, details = (torch.randn(1, n, 8, 8, dtype=torch.float64, requires_grad=True) for n in (2, 6))
    assert torch.autograd.gradcheck(lambda a, b: synthesis_step(a, b, wavelet), (low, details), fast_mode=True)


@pytest.mark.parametrize("wavelet", WAVELETS)
def test_noise_has_the_stated_standard_deviation_in_every_band(wavelet: str, sigma: float = 0.3) -> None:
    y = miyasawa.noisy(torch.zeros(1, 1, 1024, 1024), sigma, seeded())
    for normalised in (False, True):
        bands = decompose(y, 2, wavelet, normalised)
        each = [(bands.low, 2), *((v[:, k], scale) for scale, v in enumerate(bands.details, 1) for k in range(3))]
        for values, scale in each:
            assert float(values.std()) == pytest.approx(band_sigma(sigma, scale, normalised), rel=0.01)
    assert abs(float(bands.details[1].std()) / band_sigma(sigma, 1) - 1) > 0.4, "the scale matters"
    left, right = bands.details[0][..., :-1].flatten(), bands.details[0][..., 1:].flatten()
    assert abs(float(np.corrcoef(left, right)[0, 1])) < 0.01, "and stays white"


def test_the_normalised_low_pass_picture_holds_the_means_of_blocks() -> None:
    x = pictures(2, 1, 16, 16)
    bands = decompose(x, 2, normalised=True)
    assert torch.allclose(bands.low, nn.functional.avg_pool2d(x, 4), atol=1e-6)
    assert float(decompose(x.round(), 1, normalised=True).details[0].abs().max()) <= 0.5
    only = reconstruct(without_details(bands))
    assert torch.allclose(only, bands.low.repeat_interleave(4, 2).repeat_interleave(4, 3), atol=1e-6)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: decompose(pictures(1, 1, 15, 16), 1), "15 x 16 pixels.*Crop or pad it to 14 x 16, or it allows none"),
        (lambda: decompose(pictures(1, 1, 24, 16), 4), "expect multiples of 16.*or use levels=3"),
        (lambda: decompose(pictures(1, 1, 8, 8), 0), "levels=0"),
        (lambda: decompose(pictures(1, 1, 8, 8), 1, "db3"), "wavelet is 'db3'; expected one of haar, db2, db4"),
        (lambda: decompose(pictures(1, 8, 8), 1), "expected"),
        (lambda: analysis_step(pictures(1, 1, 7, 8)), "Crop or pad"),
        (lambda: synthesis_step(pictures(1, 1, 8, 8), pictures(1, 3, 4, 4)), r"expected shape \(1, 3, 8, 8\)"),
        (lambda: synthesis_step(pictures(1, 1, 8, 8), pictures(1, 3, 8, 8).double()), "expected shape"),
        (lambda: reconstruct(Bands(pictures(1, 1, 8, 8), ())), "at least one scale"),
        (lambda: reconstruct(Bands(pictures(1, 1, 8, 8), (pictures(1, 3, 8, 8),) * 2)), r"bands.details\[0\] is"),
        (lambda: reconstruct(Bands(pictures(1, 1, 8, 8), (pictures(1, 3, 8, 8),), "sym4")), "wavelet is 'sym4'"),
        (lambda: reconstruct(pictures(1, 1, 8, 8)), "expected an object of the class Bands"),
        (lambda: LocalCNN(field=7), "expected a receptive field of 5, 9, 13, 23, 41, 43 pixels"),
        (lambda: multiscale.given(lambda y, low: y, pictures(2, 1, 4, 4))(pictures(1, 3, 4, 4)), "as many pictures"),
        (lambda: MultiscaleModel(lambda y: y, ()), "one denoiser a scale"),
        (lambda: multiscale.sample(identity(2), 1, (1, 10, 8), seeded()), "expects multiples of 4"),
    ],
)
def test_what_cannot_be_done_is_refused(call, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        call()


# networks


def all_positive(net: nn.Module) -> nn.Module:
    """A network in which no path is cut by a ReLU."""
    for p in net.parameters():
        p.data.abs_()
    return net.eval()


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("field", FIELDS)
def test_receptive_fields_are_what_they_say(field: int, skip: bool) -> None:
    middle, side = 24, 49
    flat, told = (all_positive(kind(field, width=3, skip=skip)) for kind in (LocalCNN, ConditionalCNN))
    y, low, details = (torch.ones(1, c, side, side, requires_grad=True) for c in (1, 1, 3))
    flat(y)[0, 0, middle, middle].backward()
    told(details, low)[0, 1, middle, middle].backward()
    for grad in (y.grad, low.grad, details.grad):
        rows, columns = grad[0].abs().sum(0).nonzero().T
        for seen in (rows, columns):
            assert int(seen.max()) - int(seen.min()) + 1 == field and int(seen.max()) - middle == field // 2


def test_all_networks_are_equally_deep_and_have_the_published_numbers_of_weights() -> None:
    published = {5: 80_192, 9: 145_728, 13: 211_264, 23: 375_104, 41: 665_856, 43: 702_784}
    for field, expected in published.items():
        flat, told = (sum(p.numel() for p in kind(field).parameters()) for kind in (LocalCNN, ConditionalCNN))
        assert (flat, told - flat) == (expected, 2_880)
        assert len(LocalCNN(field).noise.convs) == (20 if field == 41 else 21)


@pytest.mark.parametrize("norm, skip", [(True, False), (False, False), (False, True), (True, True)])
def test_a_conditional_network_is_homogeneous_in_both_arguments_together(norm: bool, skip: bool) -> None:
    torch.manual_seed(0)
    net = ConditionalCNN(9, width=6, norm=norm, skip=skip).eval().double().requires_grad_(False)
    net.noise.convs[-1].weight.mul_(30)
    y, low = (pictures(2, c, 12, 12, seed=c, dtype=torch.float64) for c in (3, 1))
    assert torch.allclose(net(2 * y, 2 * low), 2 * net(y, low), atol=1e-12)
    assert float((net(2 * y, low) - 2 * net(y, low)).abs().max()) > 1e-3
    assert torch.allclose(net(y[:1], low[:1]), net(y, low)[:1])


# denoising


def identity(scales: int) -> MultiscaleModel:
    return MultiscaleModel(lambda y: y, [lambda y, low: y] * scales)


def test_a_direct_network_returns_what_the_other_takes_for_noise() -> None:
    y, low = pictures(2, 3, 9, 8), pictures(2, 1, 9, 8, seed=1)
    direct, other = (ConditionalCNN(5, 4, direct=direct).eval() for direct in (True, False))
    other.load_state_dict(direct.state_dict())
    assert torch.allclose(direct(y, low), y - other(y, low), atol=1e-6)
    small = ConditionalCNN(13, 16, norm=False, skip=True, direct=True).eval()
    assert float(small(y, low).detach().norm() / y.norm()) < 0.3, "an untrained one returns nearly no details"


def test_a_model_denoises_from_coarse_to_fine() -> None:
    y = pictures(2, 1, 16, 16)
    assert torch.allclose(identity(3)(y), y, atol=1e-6)
    model = MultiscaleModel(lambda v: v.square(), [lambda v, low: v * low, lambda v, low: v + low], "db2")
    bands = decompose(y, 2, "db2", normalised=True)
    x = bands.low.square()
    x = merged(x, bands.details[1] + x, "db2")
    expected = merged(x, bands.details[0] * x, "db2")
    assert torch.allclose(denoise(model, y), expected, atol=1e-6)
    assert torch.allclose(denoise(model, y, 1), merged(x, 0 * bands.details[0], "db2"), atol=1e-6)
    only = reconstruct(Bands(bands.low.square(), tuple(0 * v for v in bands.details), "db2", True))
    assert torch.allclose(denoise(model, y, 0), only, atol=1e-6)
    by_loss = multiscale.low_pass_only(lambda v: v.square())(y, 0.1)
    assert torch.allclose(by_loss, denoise(MultiscaleModel(model.low, model.details), y, 0), atol=1e-6)


def test_a_model_is_a_denoiser_with_a_gradient() -> None:
    torch.manual_seed(0)
    model = MultiscaleModel(LocalCNN(5, 4).eval(), [ConditionalCNN(5, 4).eval() for _ in range(2)])
    y = pictures(1, 1, 16, 16).requires_grad_()
    model(y).sum().backward()
    assert float(y.grad.abs().min()) > 0 and torch.allclose(model(3 * y), 3 * model(y), atol=1e-4)
    for broken in (LocalCNN(5, 4), nn.Sequential(nn.BatchNorm2d(1))):
        with pytest.raises(ValueError, match="train mode"):
            MultiscaleModel(broken, model.details)
    with pytest.raises(ValueError, match=r"details\[0\] is in train mode"):
        MultiscaleModel(model.low, [ConditionalCNN(5, 4)])


# losses


def test_losses_are_those_of_the_bands() -> None:
    x, bands = pictures(3, 1, 16, 16), decompose(pictures(3, 1, 16, 16), 2, normalised=True)
    for loss, details in (
        (multiscale.details_error, bands.details[0]),
        (multiscale.coarse_details_error, bands.details[1]),
    ):
        assert float(loss(lambda y, low: 0 * y, x, torch.ones(3), seeded())) == pytest.approx(
            float(details.square().mean()), rel=1e-5
        )
    assert float(multiscale.low_pass_error(lambda y: 0 * y, x, torch.ones(3), seeded())) == pytest.approx(
        float(bands.low.square().mean()), rel=1e-5
    )


@pytest.mark.parametrize("sigma", [0.01, 0.2, 1.0])
def test_balanced_losses_weigh_the_orthonormal_error_of_each_level(sigma: float) -> None:
    """Nets of zero have the energy of their band as error; with no picture the identity has that of the noise."""
    x, level = pictures(3, 1, 16, 16), torch.full((3,), sigma)
    bands, energy = decompose(x, 2), lambda v: float(v.square().mean())
    none, identity, black = (lambda y, *low: 0 * y), (lambda y, *low: y), torch.zeros(1, 1, 512, 512)
    for loss, band, v, s in (
        (multiscale.balanced_pixels_error, x, 0.1, 0.02),
        (multiscale.balanced_low_pass_error, bands.low, 1.6, 0.05),
        (multiscale.balanced_details_error, bands.details[0], 0.002, 0.02),
        (multiscale.balanced_coarse_details_error, bands.details[1], 0.015, 0.02),
    ):
        weight = 1 / (sigma**2 + s**2) + 1 / v
        assert float(loss(none, x, level, seeded())) == pytest.approx(weight * energy(band), rel=1e-5)
        assert float(loss(identity, black, level[:1], seeded())) == pytest.approx(weight * sigma**2, rel=0.03)


@pytest.mark.parametrize("factor, holds", [(1.0, True), (1.1, False)])
def test_eq_band_noise(factor: float, holds: bool) -> None:
    """Noise of sigma in the pixels is noise of sigma / 2^j in the normalised bands of scale j."""
    noise = decompose(0.4 * torch.randn(1, 1, 1024, 1024, generator=seeded()), 3, "db2", normalised=True)
    measured = [float(v.std()) for v in (*noise.details, noise.low)]
    stated = [factor * band_sigma(0.4, scale) for scale in (1, 2, 3, 3)]
    assert (measured == pytest.approx(stated, rel=0.02)) == holds


def test_the_condition_is_clean_and_the_details_have_the_noise_of_their_scale() -> None:
    x, seen = pictures(2, 1, 256, 256), {}

    def spy(y: Tensor, low: Tensor) -> Tensor:
        seen.update(y=y, low=low)
        return y

    for scale in (1, 2, 3):
        bands = decompose(x, scale, normalised=True)
        multiscale.details_error(spy, x, torch.tensor([0.2, 0.8]), seeded(), scale)
        assert torch.equal(seen["low"], bands.low)
        measured = (seen["y"] - bands.details[-1]).flatten(1).std(1)
        assert measured.tolist() == pytest.approx([0.2 / 2**scale, 0.8 / 2**scale], rel=0.03)


def test_a_loss_in_mixed_precision_keeps_the_bands_exact() -> None:
    x, seen = pictures(2, 1, 16, 16), {}
    with torch.autocast("cpu", torch.bfloat16):
        multiscale.details_error(lambda y, low: seen.update(low=low) or y, x, torch.zeros(2), seeded())
    assert torch.equal(seen["low"], decompose(x, 1, normalised=True).low)


# sampling


def edges(low: Tensor) -> Tensor:
    """Details that follow from the low-pass picture."""
    return torch.cat([low - low.roll(1, 2), low - low.roll(1, 3), low - low.roll((1, 1), (2, 3))], 1)


def known(y: Tensor, low: Tensor) -> Tensor:
    """A denoiser that knows the details."""
    return edges(low) + 0 * y


def test_an_item_stops_relative_to_its_own_details() -> None:
    low = pictures(3, 1, 8, 8) * torch.tensor([1.0, 0.1, 0.01])[:, None, None, None]
    found = sample_details(known, low, seeded(), FAST)
    spread = found.y.flatten(1).std(1, correction=0)
    ratio = found.sigma / spread
    assert (
        bool(found.converged.all()) and bool((ratio <= FAST.sigma_L).all()) and bool((ratio > 0.5 * FAST.sigma_L).all())
    )
    assert found.steps.tolist() == sorted(set(found.steps.tolist())), "fainter details take more steps"
    assert torch.allclose(found.x, edges(low), atol=1e-6)
    noise = ItemNoise([0, 1, 2], (3, 8, 8))
    given = multiscale.given(known, low)
    *_, absolute = sampling.ascend(given, noise.draw(), noise, FAST)
    assert float(absolute.sigma[2] / edges(low)[2].std()) > 1, "a fixed level stops faint details in the noise"


def test_an_item_without_details_arrives_at_the_floor() -> None:
    found = sample_details(known, torch.full((1, 1, 8, 8), 0.5), seeded(), FAST)
    assert bool(found.converged) and float(found.sigma) <= 1e-4
    late = sample_details(known, pictures(1, 1, 8, 8), seeded(), Ascent(beta=0.1, sigma_0=0.5, max_steps=5))
    assert not bool(late.converged) and int(late.steps) == 5


def test_states_stand_still_after_the_stop() -> None:
    low, noise = pictures(2, 1, 8, 8) * torch.tensor([1.0, 0.01])[:, None, None, None], ItemNoise([0, 1], (3, 8, 8))
    states = list(relative_stop(sampling.ascend(multiscale.given(known, low), noise.draw(), noise, FAST), 0.3))
    first = next(k for k, state in enumerate(states) if not bool(state.running[0]))
    assert first < len(states) - 1 and all(torch.equal(state.y[0], states[first].y[0]) for state in states[first:])
    assert [int(state.step[1]) for state in states] == list(range(len(states)))


def test_super_resolution_keeps_the_low_pass_picture() -> None:
    low = pictures(1, 1, 8, 8).expand(3, -1, -1, -1)
    for wavelet in WAVELETS:
        model = MultiscaleModel(lambda y: y, [known, lambda y, v: 0.3 * y + edges(v)], wavelet)
        found = super_resolve(model, low, seeded(), FAST)
        again = decompose(found.x, 2, wavelet, normalised=True)
        assert found.x.shape == (3, 1, 32, 32) and float((again.low - low).abs().max()) < 1e-5
        assert torch.allclose(again.details[1], found.results[0].x, atol=1e-5)
        assert float((found.x[0] - found.x[1]).abs().max()) > 1e-3, "the answers differ"
    enlarged = nn.functional.interpolate(low, scale_factor=4, mode="bicubic")
    assert float((decompose(enlarged, 2, normalised=True).low - low).abs().max()) > 1e-2


def test_an_item_does_not_depend_on_its_batch_and_both_ways_agree() -> None:
    torch.manual_seed(0)
    model = MultiscaleModel(lambda y: 0.5 + 0.3 * (y - 0.5), [known, lambda y, low: 0.3 * y + edges(low)])
    one, three = (multiscale.sample(model, n, (1, 16, 16), seeded(), FAST, FAST) for n in (1, 3))
    assert torch.allclose(one.x, three.x[:1], atol=1e-5) and bool(three.converged.all())
    assert len(three.results) == 3 and torch.equal(three.low, three.results[0].x)
    drawn = super_resolve(model, three.low, seeded(), FAST)
    assert torch.allclose(drawn.x, three.x, atol=1e-6), "the same streams for the same scales"
    assert not torch.allclose(super_resolve(model, three.low, seeded(1), FAST).x, three.x, atol=1e-3)


def test_details_of_a_gaussian_have_its_spread(v: float = 0.04) -> None:
    """A blind denoiser that reads the noise off the picture: E|y|² = v + sigma²."""

    def net(y: Tensor, low: Tensor) -> Tensor:
        return (v / y.flatten(1).square().mean(1)).clamp(max=1 - 1e-6)[:, None, None, None] * y

    found = sample_details(net, pictures(4, 1, 32, 32), seeded(), Ascent(h0=0.02, beta=0.1, sigma_0=1.0, sigma_L=0.05))
    assert found.x.flatten(1).std(1).tolist() == pytest.approx([v**0.5] * 4, rel=0.1)


# published networks


def checkpoint(path: Path, sides: Sequence[int], inputs: int, outputs: int, width: int = 4) -> dict[str, Tensor]:
    """Write a network in the authors' layout and return its tensors."""
    generator, tensors = seeded(len(sides) + inputs), {}
    for k, side in enumerate(sides):
        shape = (outputs if k == len(sides) - 1 else width, inputs if k == 0 else width, side, side)
        tensors[f"module.conv_layers.{k}.weight"] = torch.randn(shape, generator=generator) / shape[1] ** 0.5 / side
    for k in range(len(sides) - 2):
        for name in ("running_sd", "gammas"):
            tensors[f"module.BN_layers.{k}.{name}"] = 0.5 + torch.rand(1, width, 1, 1, generator=generator)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tensors, path)
    return tensors


def by_hand(tensors: dict[str, Tensor], v: Tensor) -> Tensor:
    """The noise that the authors' network returns, written once more."""
    depth = sum("conv" in key for key in tensors)
    for k in range(depth):
        weight = tensors[f"module.conv_layers.{k}.weight"]
        v = nn.functional.conv2d(v, weight, padding=weight.shape[-1] // 2)
        if 0 < k < depth - 1:
            gain = tensors[f"module.BN_layers.{k - 1}.gammas"] / tensors[f"module.BN_layers.{k - 1}.running_sd"]
            v = (v * gain).relu()
    return v


@pytest.mark.parametrize("field", FIELDS)
def test_published_networks_return_the_picture_less_the_noise(field: int, tmp_path: Path) -> None:
    sides = FIELDS[field]
    y, low = pictures(2, 3, 12, 12), pictures(2, 1, 12, 12, seed=1)
    tensors = checkpoint(tmp_path / "flat.pt", sides, 1, 1)
    assert torch.allclose(load_published_local(tmp_path / "flat.pt")(low), low - by_hand(tensors, low), atol=1e-5)
    tensors = checkpoint(tmp_path / "told.pt", sides, 4, 3)
    expected = y - by_hand(tensors, torch.cat([low, y], 1))
    assert torch.allclose(load_published_local(tmp_path / "told.pt")(y, low), expected, atol=1e-5)


def test_a_published_model_is_put_together(tmp_path: Path) -> None:
    tensors = [
        checkpoint(tmp_path / f"noise_range_0to255_RF_13x13_scale_{k}" / "model.pt", FIELDS[13], 4, 3, 4 + k)
        for k in (0, 1)
    ]
    low = checkpoint(tmp_path / "noise_range_0to255_RF_40x40_low" / "model.pt", FIELDS[41], 1, 1)
    model, y = multiscale.load_published_model(tmp_path), pictures(1, 1, 16, 16)
    assert isinstance(model.low, LocalCNN) and [net.noise.convs[0].out_channels for net in model.details] == [4, 5]
    bands = decompose(y, 2, normalised=True)
    x = bands.low - by_hand(low, bands.low)
    for k in (1, 0):
        details = bands.details[k]
        x = merged(x, details - by_hand(tensors[k], torch.cat([x, details], 1)))
    assert torch.allclose(model(y), x, atol=1e-4)
    with pytest.raises(FileNotFoundError, match="has no complete model of field 9.*there are fields 13"):
        multiscale.load_published_model(tmp_path, 9)


def test_another_file_is_no_published_network(tmp_path: Path) -> None:
    checkpoint(tmp_path / "other.pt", [3, 1] * 10 + [3], 2, 3)
    (tmp_path / "text.pt").write_text("text")
    for name in ("other.pt", "text.pt"):
        with pytest.raises(ValueError, match=f"{name} is no"):
            load_published_local(tmp_path / name)


# what a training needs


def test_the_network_of_low_pass_pictures_is_trained_and_measured(tmp_path: Path) -> None:
    card = trained(recipes.low("c-alpha-2"), tmp_path)
    assert [len(card["psnr"][key]) for key in ("sigma_255", "out")] == [4, 4] and card["data"][0]["n"] == 6


@pytest.mark.parametrize("scale", [1, 2])
def test_networks_of_details_are_trained(scale: int, tmp_path: Path) -> None:
    card = trained(recipes.details("c-alpha-2", scale, 5), tmp_path)
    assert card["psnr"]["out"] == [] and card["recipe"]["net"] == "local.ConditionalCNN"


def trained(recipe: Recipe, folder: Path) -> dict:
    """Train a recipe for three steps on six pictures, write the weight, load it, and return its card."""
    name = recipe.data[0].partition(":")[0]
    held_out = recipe.held_out and f"{name}:6-8"
    small = replace(recipe, data=(f"{name}:0-6",), held_out=held_out, steps=recipe.steps | {"ci": 3}, batch=2)
    *_, last = fit(small, "ci", device="cpu")
    assert last.done and last.step == 3 and last.loss > 0
    path = weight_card.write(small, last, "ci", folder, torch.device("cpu"))
    net = load(path)
    assert all(torch.allclose(v, last.net.state_dict()[k], atol=1e-3) for k, v in net.state_dict().items())
    return read_card(path.with_suffix(".json"))


def test_networks_that_are_compared_are_trained_alike() -> None:
    for pictures_ in recipes.SETS:
        compared = [r for r in recipes.networks(pictures_) if not r.name.endswith("low")]
        alike = ("noise", "steps", "batch", "patch", "lr", "ema", "seed", "data", "turn")
        assert len(compared) == 12 and all(len({str(getattr(r, key)) for r in compared}) == 1 for key in alike)
        for kind in ("flat", "details"):
            of_kind = [r for r in compared if kind in r.name]
            assert len({str(r.net_args | {"field": 0}) for r in of_kind}) == 1
            assert [r.net_args["width"] for r in of_kind] == [16] * len(of_kind)
        first = [int(part.split(":")[1].split("-")[0]) for r in compared for part in (*r.data, r.held_out) if part]
        assert set(first) == {0, recipes.FIRST_TUNE} and recipes.SETS[pictures_][0] <= recipes.FIRST_TUNE


def test_networks_and_trainings_do_not_need_pywavelets() -> None:
    package = Path(dprior_lite.__file__).parent
    paths = [*(package / "multiscale").glob("*.py"), *(package / "nets").glob("*.py")]
    paths += [package / "training/recipes/multiscale.py"]
    trees = [ast.parse(path.read_text()) for path in paths if path.is_file()]
    named = {a.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    named |= {n.module or "" for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert len(trees) > 15 and not any(name.startswith("pywt") for name in named)
