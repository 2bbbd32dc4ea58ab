"""`check_denoiser` names each usual mistake, `doctor` and the package's front door."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dprior_lite
from dprior_lite import check_denoiser
from dprior_lite.__main__ import main
from dprior_lite.cli.doctor import report


def blur(y: torch.Tensor) -> torch.Tensor:
    return F.avg_pool2d(F.pad(y, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


class Dropping(nn.Module):
    def forward(self, y: torch.Tensor) -> torch.Tensor:
        return F.dropout(blur(y), 0.1, training=True)


def test_a_plain_blur_is_a_denoiser() -> None:
    assert check_denoiser(blur).ok


@pytest.mark.parametrize(
    "net, says",
    [
        (lambda y: y - blur(y), "use y - net(y)"),
        (lambda y: blur(y) - y, "use y + net(y)"),
        (lambda y: blur(y) + 5 / (1 + y.abs().amax()), "use net(255 * y) / 255"),
        (lambda y: y, "does not denoise"),
        (lambda y: y[..., 1:], "a picture of the same shape"),
        (lambda y: blur(y) * float("nan"), "not finite"),
        (lambda y: blur(y).double(), "dtype torch.float64"),
        (lambda y: y @ torch.zeros(3, 3), "It must accept"),
        (Dropping().eval(), "differs by"),
        (nn.Sequential(nn.Conv2d(1, 1, 3, padding=1)).train(), "call net.eval()"),
    ],
)
def test_each_mistake_is_named(net, says: str) -> None:
    found = check_denoiser(net)
    assert not found.ok and says in str(found)


def test_pictures_in_other_units_are_refused() -> None:
    with pytest.raises(ValueError, match="divide by 255"):
        check_denoiser(blur, 255 * torch.rand(1, 1, 8, 8))


def test_doctor_reports_and_the_front_door_is_lazy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0 and "one training step" in capsys.readouterr().out
    assert any(line.startswith("data set12") for line in report()[0])
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        dprior_lite.lode
