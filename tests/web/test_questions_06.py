"""The questions of page 06 by another route, and what their hints say of slips."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dprior_lite.course import questions
from dprior_lite.measurements import LinearDecoder, cross, error_curve
from dprior_lite.measurements.strokes import direction

pytest.importorskip("dprior_lite.course.chapters.ch06", reason="chapter 6 is a draft")


def test_the_best_angle_is_the_one_that_is_called_right():
    """The errors at 0, 45, 65 and 90 degrees: only one is small, and 90 is the worst of all."""
    errors = error_curve(cross(), [0, 45, 65, 90])
    item = questions.find("ruler-angle")
    assert [option.right for option in item.options] == [False, False, True, False]
    assert float(errors[2]) < float(errors[[0, 1, 3]].min()) / 10
    assert float(error_curve(cross(), range(0, 180, 5)).max()) == pytest.approx(float(errors[3]), rel=0.01)


@pytest.mark.parametrize("std, place", [(0.01, 5), (0.1, 15)])
def test_beside_the_principal_axis_there_is_a_minimum(std, place):
    angles = np.arange(0.0, 90.0, 2.5)
    errors = error_curve(cross(std=std), angles).numpy()
    inside = (errors[1:-1] < errors[:-2]) & (errors[1:-1] < errors[2:])
    minima = angles[1:-1][inside]
    assert (
        abs(minima - place).min() <= 2
        and errors.min() < 0.6 * errors[angles == minima[abs(minima - place).argmin()]][0]
    )


def test_the_gaussian_ruler_is_the_linear_decoder():
    decoder = LinearDecoder(torch.zeros(1, 1, 2), torch.diag(torch.tensor([4.0, 1.0])))
    error = {angle: float(decoder.expected_error(direction(angle)[None])) for angle in (0.0, 45.0, 90.0)}
    item = questions.find("gaussian-ruler")
    assert error[45.0] == pytest.approx(item.value, abs=1e-6)
    slips = [slip.value for slip in item.wrong]
    assert slips[:3] == pytest.approx([error[0.0], 2.5, error[90.0]], abs=1e-6) and slips[3] == pytest.approx(5 - 1.6)


def test_the_mean_of_four_draws():
    """Truth and draws are independent draws of one Gaussian posterior."""
    drawn = torch.randn(400_000, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ratio = float((drawn[:, 0] - drawn[:, 1:].mean(1)).square().mean() / drawn[:, 0].square().mean())
    assert ratio == pytest.approx(questions.find("draws").value, abs=0.01)


def test_the_derivative_is_that_of_differences_and_no_slip_is():
    item = questions.find("through-the-sampler")
    rows, x, net, noise = item.cases()[1]
    right = item.reference(rows, x, net, noise)
    for place in ((0, 0), (1, 3), (2, 5)):
        step = torch.zeros_like(rows)
        step[place] = 1e-6
        above, below = (loss_of(rows + sign * step, x, net, noise) for sign in (1, -1))
        difference = float((above - below) / 2e-6)
        assert float(right[place]) == pytest.approx(difference, rel=1e-5)
    for slip in item.wrong:
        assert (slip.function(rows, x, net, noise) - right).norm() > 0.01 * right.norm(), slip.hint


def loss_of(rows, x, net, noise):
    """The loss of the question, written without a loop."""
    project = rows.mT @ rows
    keep = torch.eye(6, dtype=rows.dtype) - project

    def moved(y, z):
        r = net(y) @ keep + x @ project - y
        return y + 0.5 * r + 0.4 * r.square().mean(1, keepdim=True).sqrt() * z

    y = moved(moved(moved(x @ project + noise[0] @ keep, noise[1]), noise[2]), noise[3])
    return (net(y) @ keep + x @ project - x).square().sum(1).mean()
