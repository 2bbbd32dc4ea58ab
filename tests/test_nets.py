"""Networks: homogeneous without biases, any size, and equal to the published layouts they can load."""

import argparse
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.nets.blocks import BiasFreeBatchNorm2d, pad_to_multiple
from dprior_lite.nets.published import PublishedUNet, load_published
from dprior_lite.nets.unet import UNet

SMALL = {BFCNN: {"depth": 4, "width": 8}, UNet: {"widths": (8, 16, 24), "blocks": (1, 1, 2)}}


def made(kind: type, bias: bool) -> nn.Module:
    """A net whose every constant, if it has any, is far from zero."""
    torch.manual_seed(0)
    net = kind(**SMALL[kind], bias=bias).eval()
    for name, values in [*net.named_parameters(), *net.named_buffers()]:
        if name.endswith("bias") or name.endswith("running_mean"):
            nn.init.normal_(values, std=0.5)
    return net


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("bias, homogeneous", [(False, True), (True, False)])
def test_homogeneity(kind: type, bias: bool, homogeneous: bool) -> None:
    net, y = made(kind, bias), torch.randn(2, 1, 20, 20)
    base = net(y)
    worst = max(float((net(a * y) - a * base).norm() / (a * base).norm()) for a in (1e-3, 0.1, 3.0, 1e3))
    assert (worst < 1e-4) == homogeneous
    assert homogeneous or worst > 1e-1


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("size", [(1, 1), (7, 12), (33, 18)])
def test_any_size_and_channels(kind: type, size: tuple[int, int]) -> None:
    net = kind(**SMALL[kind], channels=3).eval()
    assert net(torch.zeros(2, 3, *size)).shape == (2, 3, *size)


@pytest.mark.parametrize("kind", SMALL)
def test_items_do_not_see_each_other_in_eval_mode(kind: type) -> None:
    net, y = made(kind, bias=False), torch.randn(3, 1, 16, 16)
    assert torch.allclose(net(y)[1:2], net(y[1:2]), atol=1e-5)


def test_bias_free_batch_norm() -> None:
    layer = BiasFreeBatchNorm2d(2, momentum=1.0)
    x = torch.randn(8, 2, 9, 9) * torch.tensor([3.0, 0.5])[:, None, None] + 1
    y = layer(x)
    assert torch.allclose(y.std((0, 2, 3), unbiased=False), torch.ones(2), atol=1e-3)
    assert float(y.mean()) > 0.3, "the mean must stay"
    layer.eval()
    assert torch.allclose(layer(2 * x), 2 * layer(x)) and torch.allclose(layer(x), y, atol=1e-4)
    assert bool(layer.train()(torch.zeros(2, 2, 4, 4)).isfinite().all())


def test_padding_repeats_the_border() -> None:
    y = torch.arange(6.0).reshape(1, 1, 2, 3)
    assert pad_to_multiple(y, 4).shape == (1, 1, 4, 4) and torch.equal(pad_to_multiple(y, 4)[0, 0, 3], torch.tensor([3.0, 4, 5, 5]))


@pytest.mark.parametrize("bias", [False, True])
def test_folded_stack_is_the_network(bias: bool) -> None:
    net, y = made(BFCNN, bias), torch.randn(1, 1, 10, 10)
    x = y
    for weight, shift, relu in net.folded():
        x = F.conv2d(x, weight, shift, padding=1)
        x = F.relu(x) if relu else x
    assert torch.allclose(y - x, net(y), atol=1e-5)


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="depth=1"):
        BFCNN(depth=1)
    with pytest.raises(ValueError, match="3 widths and 1 block"):
        UNet(widths=(8, 8, 8), blocks=(1,))


def published_dncnn(bias: bool) -> dict[str, torch.Tensor]:
    """Random tensors in the layout of bias_free_denoising, four convolutions deep."""
    shapes = {"first_layer": (8, 1), "hidden_layer_list.0": (8, 8), "hidden_layer_list.1": (8, 8), "last_layer": (1, 8)}
    tensors = {f"{name}.weight": torch.randn(*shape, 3, 3) for name, shape in shapes.items()}
    tensors |= {f"{name}.bias": torch.randn(shape[0]) for name, shape in shapes.items()} if bias else {}
    for k in (0, 1):
        tensors |= {f"bn_layer_list.{k}.{name}": torch.rand(8) + 0.5 for name in ("weight", "running_var")}
        tensors |= {f"bn_layer_list.{k}.{name}": torch.randn(8) if bias else torch.zeros(8) for name in ("bias", "running_mean")}
        tensors[f"bn_layer_list.{k}.num_batches_tracked"] = torch.tensor(0)
    return tensors


def dncnn_by_hand(t: dict[str, torch.Tensor], y: torch.Tensor, bias: bool) -> torch.Tensor:
    x = F.relu(F.conv2d(y, t["first_layer.weight"], t.get("first_layer.bias"), padding=1))
    for k in (0, 1):
        x = F.conv2d(x, t[f"hidden_layer_list.{k}.weight"], t.get(f"hidden_layer_list.{k}.bias"), padding=1)
        weight, shift, mean, var = (t[f"bn_layer_list.{k}.{n}"][:, None, None] for n in ("weight", "bias", "running_mean", "running_var"))
        x = F.relu((x - mean) / (var + 1e-5).sqrt() * weight + shift if bias else x / (var.sqrt() + 1e-5) * weight)
    return y - F.conv2d(x, t["last_layer.weight"], t.get("last_layer.bias"), padding=1)


@pytest.mark.parametrize("bias", [False, True])
def test_published_dncnn(bias: bool, tmp_path: Path) -> None:
    tensors, y = published_dncnn(bias), torch.randn(1, 1, 11, 9)
    torch.save({"model": [tensors], "args": argparse.Namespace(min_noise=0)}, tmp_path / "0-100.pt", _use_new_zipfile_serialization=False)
    expected = dncnn_by_hand(tensors, y, bias)
    assert torch.allclose(load_published(tmp_path / "0-100.pt")(y), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_published_bf_cnn(tmp_path: Path) -> None:
    shapes = [(8, 1), (8, 8), (8, 8), (1, 8)]
    tensors = {f"conv_layers.{k}.weight": torch.randn(*shape, 3, 3) for k, shape in enumerate(shapes)}
    tensors |= {f"{name}.{k}": torch.rand(1, 8, 1, 1) + 0.5 for name in ("running_sd", "gammas") for k in (0, 1)}
    torch.save(tensors, tmp_path / "model.pt")
    y = torch.randn(1, 1, 8, 8)
    x = F.relu(F.conv2d(y, tensors["conv_layers.0.weight"], padding=1))
    for k in (1, 2):
        x = F.relu(F.conv2d(x, tensors[f"conv_layers.{k}.weight"], padding=1) / tensors[f"running_sd.{k - 1}"] * tensors[f"gammas.{k - 1}"])
    expected = y - F.conv2d(x, tensors["conv_layers.3.weight"], padding=1)
    assert torch.allclose(load_published(tmp_path / "model.pt")(y), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_published_unet_has_the_papers_size(tmp_path: Path) -> None:
    net = PublishedUNet()
    assert sum(p.numel() for p in net.parameters()) == 233_024
    torch.save({"model": [net.state_dict()], "args": argparse.Namespace()}, tmp_path / "u.pt")
    y = torch.randn(1, 1, 15, 22)
    assert torch.equal(load_published(tmp_path / "u.pt")(y), net.eval()(y)) and net(y).shape == y.shape


def test_published_refuses_anything_else(tmp_path: Path) -> None:
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="none of the layouts"):
        load_published(tmp_path / "other.pt")
    torch.save({"model": [print]}, tmp_path / "code.pt")
    with pytest.raises(ValueError, match="no checkpoint of tensors"):
        load_published(tmp_path / "code.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "other.pt").read_bytes()[:100])
    with pytest.raises(ValueError, match="no checkpoint of tensors"):
        load_published(tmp_path / "cut.pt")
