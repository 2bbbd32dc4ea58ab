"""Decibels as the course reports them."""

from __future__ import annotations

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from dprior_lite import metrics


def test_mean_of_per_image_values_and_not_pooled() -> None:
    x = torch.full((2, 1, 8, 8), 0.5)
    y = x + torch.tensor([0.1, 0.01]).reshape(2, 1, 1, 1)
    assert metrics.psnr(y, x) == pytest.approx(30.0, abs=1e-3)
    pooled = -10 * float((y - x).square().mean().log10())
    assert pooled == pytest.approx(22.97, abs=0.01)


def test_agrees_with_scikit_image_after_clipping() -> None:
    x = torch.rand(1, 1, 16, 16)
    y = x + 0.3 * torch.randn_like(x)
    ours = metrics.psnr(y, x)
    assert ours == pytest.approx(peak_signal_noise_ratio(x.numpy(), y.clamp(0, 1).numpy(), data_range=1), abs=1e-4)
    assert ours != pytest.approx(peak_signal_noise_ratio(x.numpy(), y.numpy(), data_range=1), abs=1e-2)


def test_ssim_orders_and_ends() -> None:
    x = torch.rand(2, 1, 16, 16)
    assert metrics.ssim(x, x) == pytest.approx(1) and metrics.ssim(x + 0.2 * torch.randn_like(x), x) < 0.95
    assert metrics.ssim(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16)) < 0.5


def test_bad_input() -> None:
    x = torch.rand(1, 1, 8, 8)
    with pytest.raises(ValueError, match="equal shapes"):
        metrics.psnr(x[..., :4], x)
    with pytest.raises(ValueError, match="NaN or infinite"):
        metrics.psnr(x * float("nan"), x)
    with pytest.raises(ValueError, match="divide by 255"):
        metrics.psnr(255 * x, 255 * x)
