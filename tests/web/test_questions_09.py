"""The questions of page 09 by another route, what their hints say of slips, and the diagram of the page."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dprior_lite.course import questions
from dprior_lite.course.chapters.ch09 import drawing
from dprior_lite.geometry import bases, harmonics


def slips(id):
    return {slip.hint.split(".")[0]: slip.function for slip in questions.find(id).wrong}


def test_the_best_factor_has_the_least_error():
    factors = np.linspace(0, 1, 100_001)
    error = (1 - factors) ** 2 * 0.2**2 + factors**2 * 0.1**2
    item = questions.find("best-factor")
    assert factors[error.argmin()] == pytest.approx(item.value, abs=1e-4)
    assert error.min() == pytest.approx(item.wrong[-1].value), "what the last hint calls the error"


def test_the_gain_of_a_projection_is_measured():
    draw = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(1024, 5, generator=draw))[0]
    noise = torch.randn(4000, 1024, generator=draw)
    kept = (noise @ basis).square().sum() / noise.square().sum()
    assert float(-10 * kept.log10()) == pytest.approx(questions.find("gain-of-a-disc").value, abs=0.1)


def test_the_slope_follows_from_the_coefficients():
    """The exact error of keeping what is above the noise, alpha 2, summed over a million coefficients."""
    power = np.arange(1, 10**6 + 1, dtype=float) ** -3
    psnr_in = np.arange(60.0, 101.0, 5.0)
    error = [np.minimum(power, 10 ** (-level / 10)).sum() for level in psnr_in]
    item = questions.find("slope-from-exponent")
    found = harmonics.slope(psnr_in, -10 * np.log10(error), (60, 100))
    assert found == pytest.approx(item.value, abs=0.01)
    assert min(abs(found - slip.value) for slip in item.wrong) > 0.1


def test_the_trace_of_the_best_linear_denoiser():
    """Pictures that are white noise of variance v: the best denoiser multiplies by v/(v + sigma²)."""
    sigma, gain = 0.1, 10**0.8
    variance = sigma**2 / (gain - 1)
    factor = variance / (variance + sigma**2)
    draw = torch.Generator().manual_seed(0)
    x = variance**0.5 * torch.randn(500, 1024, generator=draw)
    x_hat = factor * (x + sigma * torch.randn(500, 1024, generator=draw))
    assert float(-10 * (x_hat - x).square().mean().log10()) == pytest.approx(28, abs=0.1)
    assert 1024 * factor == pytest.approx(questions.find("kept-directions").value)


def by_differences(draw, numbers):
    """Derivatives of a picture by its numbers, (n, d), by central differences."""
    steps = 1e-6 * torch.eye(len(numbers), dtype=numbers.dtype)
    return torch.stack([(draw(numbers + step) - draw(numbers - step)).flatten() / 2e-6 for step in steps])


def test_the_angles_are_those_of_the_package():
    item = questions.find("kept-of-the-tangent")
    for jacobian, draw, numbers in item.cases():
        tangent = torch.linalg.qr(by_differences(draw, numbers).mT)[0].mT
        leading = torch.from_numpy(np.linalg.eigh((jacobian + jacobian.mT).numpy())[1][:, -5:].T.copy())
        right = bases.principal_cosines(leading, tangent)
        assert torch.allclose(item.reference(jacobian, draw, numbers), right, atol=1e-6) and 0.5 < right[-1] < 1


def test_what_the_hints_of_the_angles_say_is_so():
    jacobian, draw, numbers = questions.find("kept-of-the-tangent").cases()[0]
    found = {hint: function(jacobian, draw, numbers) for hint, function in slips("kept-of-the-tangent").items()}
    assert found["The derivatives are not orthonormal"].max() > 1
    values = torch.linalg.eig(jacobian)[0]
    assert values.imag.abs().max() > 1e-3, "some eigenvectors of J are complex"
    assert found["`eigh` gives eigenvalues from the smallest on"].max() < 0.9


def test_the_slope_is_that_of_the_package():
    item = questions.find("slope-inside")
    for psnr_in, psnr_out, low, high in item.cases():
        right = harmonics.slope(psnr_in, psnr_out, (low, high))
        assert float(item.reference(psnr_in, psnr_out, low, high)) == pytest.approx(right, rel=1e-5)
        for slip in item.wrong:
            assert abs(float(slip.function(psnr_in, psnr_out, low, high)) - right) > 0.005


def test_the_diagram_draws_what_its_alt_text_says():
    large = [sum(size > drawing._NOISE for size, _ in row) for row in (drawing._OWN, drawing._FIXED)]
    assert large == [3, 8]
    made = drawing.own_basis()
    inside = [p for p in made.record["parts"] if p["part"] == "box"]
    assert all(0 <= p["x"] <= 640 - p["width"] and 0 <= p["y"] <= 352 - p["height"] for p in inside)
    assert made.markup == drawing.own_basis().markup and "Three of its eight" in made.record["alt"]
