"""Networks: homogeneous without biases, any size, and equal to the published layouts they can load."""

from __future__ import annotations

import argparse
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.nets.blocks import BiasFreeBatchNorm2d, conv3, first_conv, pad_to_multiple
from dprior_lite.nets.dense import DenseNet
from dprior_lite.nets.published import PublishedUNet, load_published
from dprior_lite.nets.recurrent import RecurrentCNN
from dprior_lite.nets.unet import UNet

SMALL = {
    BFCNN: {"depth": 4, "width": 8},
    UNet: {"widths": (8, 16, 24), "blocks": (1, 1, 2)},
    RecurrentCNN: {"stages": 2, "depth": 3, "width": 8},
    DenseNet: {"blocks": 2, "depth": 3, "width": 8},
}


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
    assert pad_to_multiple(y, 4).shape == (1, 1, 4, 4) and torch.equal(
        pad_to_multiple(y, 4)[0, 0, 3], torch.tensor([3.0, 4, 5, 5])
    )


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
        tensors |= {
            f"bn_layer_list.{k}.{name}": torch.randn(8) if bias else torch.zeros(8) for name in ("bias", "running_mean")
        }
        tensors[f"bn_layer_list.{k}.num_batches_tracked"] = torch.tensor(0)
    return tensors


def dncnn_by_hand(t: dict[str, torch.Tensor], y: torch.Tensor, bias: bool) -> torch.Tensor:
    x = F.relu(F.conv2d(y, t["first_layer.weight"], t.get("first_layer.bias"), padding=1))
    for k in (0, 1):
        x = F.conv2d(x, t[f"hidden_layer_list.{k}.weight"], t.get(f"hidden_layer_list.{k}.bias"), padding=1)
        weight, shift, mean, var = (
            t[f"bn_layer_list.{k}.{n}"][:, None, None] for n in ("weight", "bias", "running_mean", "running_var")
        )
        x = F.relu((x - mean) / (var + 1e-5).sqrt() * weight + shift if bias else x / (var.sqrt() + 1e-5) * weight)
    return y - F.conv2d(x, t["last_layer.weight"], t.get("last_layer.bias"), padding=1)


@pytest.mark.parametrize("bias", [False, True])
def test_published_dncnn(bias: bool, tmp_path: Path) -> None:
    tensors, y = published_dncnn(bias), torch.randn(1, 1, 11, 9)
    torch.save(
        {"model": [tensors], "args": argparse.Namespace(min_noise=0)},
        tmp_path / "0-100.pt",
        _use_new_zipfile_serialization=False,
    )
    expected = dncnn_by_hand(tensors, y, bias)
    assert torch.allclose(
        load_published(tmp_path / "0-100.pt")(y), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max())
    )


def test_published_bf_cnn(tmp_path: Path) -> None:
    shapes = [(8, 1), (8, 8), (8, 8), (1, 8)]
    tensors = {f"conv_layers.{k}.weight": torch.randn(*shape, 3, 3) for k, shape in enumerate(shapes)}
    tensors |= {f"{name}.{k}": torch.rand(1, 8, 1, 1) + 0.5 for name in ("running_sd", "gammas") for k in (0, 1)}
    torch.save(tensors, tmp_path / "model.pt")
    y = torch.randn(1, 1, 8, 8)
    x = F.relu(F.conv2d(y, tensors["conv_layers.0.weight"], padding=1))
    for k in (1, 2):
        x = F.relu(
            F.conv2d(x, tensors[f"conv_layers.{k}.weight"], padding=1)
            / tensors[f"running_sd.{k - 1}"]
            * tensors[f"gammas.{k - 1}"]
        )
    expected = y - F.conv2d(x, tensors["conv_layers.3.weight"], padding=1)
    assert torch.allclose(
        load_published(tmp_path / "model.pt")(y), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max())
    )


def test_published_unet_has_the_papers_size(tmp_path: Path) -> None:
    net = PublishedUNet()
    assert sum(p.numel() for p in net.parameters()) == 233_024
    torch.save({"model": [net.state_dict()], "args": argparse.Namespace()}, tmp_path / "u.pt")
    y = torch.randn(1, 1, 15, 22)
    assert torch.equal(load_published(tmp_path / "u.pt")(y), net.eval()(y)) and net(y).shape == y.shape


def random_stack(name: str, n_in: int, n_out: int, bias: bool, last_bias: bool) -> dict[str, torch.Tensor]:
    """Random tensors of one stack of four convolutions, six channels wide, as bias_free_denoising names them."""
    shapes = {
        "first_layer": (6, n_in),
        "hidden_layer_list.0": (6, 6),
        "hidden_layer_list.1": (6, 6),
        "last_layer": (n_out, 6),
    }
    tensors = {f"{name}.{layer}.weight": torch.randn(*shape, 3, 3) / 6 for layer, shape in shapes.items()}
    constants = {
        f"{name}.{layer}.bias": torch.randn(shape[0])
        for layer, shape in shapes.items()
        if layer != "last_layer" or last_bias
    }
    return tensors | (constants if bias else {})


def stack_by_hand(t: dict[str, torch.Tensor], name: str, x: torch.Tensor) -> torch.Tensor:
    for layer in ("first_layer", "hidden_layer_list.0", "hidden_layer_list.1"):
        x = F.conv2d(x, t[f"{name}.{layer}.weight"], t.get(f"{name}.{layer}.bias"), padding=1).clamp(min=0)
    return F.conv2d(x, t[f"{name}.last_layer.weight"], t.get(f"{name}.last_layer.bias"), padding=1)


def saved_and_loaded(tensors: dict[str, torch.Tensor], path: Path, zipped: bool) -> nn.Module:
    torch.save(
        {"step": 1, "score": None, "model": [OrderedDict(tensors)], "args": argparse.Namespace(min_noise=0)},
        path,
        _use_new_zipfile_serialization=zipped,
    )
    return load_published(path)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_published_recurrent_cnn(bias: bool, zipped: bool, tmp_path: Path) -> None:
    tensors, y = random_stack("cnn", 2, 1, bias, last_bias=False), torch.randn(1, 1, 11, 9)
    net = saved_and_loaded(tensors, tmp_path / "r.pt", zipped)
    x = y
    for _ in range(4):
        x = stack_by_hand(tensors, "cnn", torch.cat([y, x], dim=1))
    assert isinstance(net, RecurrentCNN) and torch.allclose(net(y), x, rtol=1e-4, atol=1e-5 * float(x.abs().max()))
    assert bool(torch.allclose(net(2 * y), 2 * net(y))) != bias


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_published_dense_net(bias: bool, zipped: bool, tmp_path: Path) -> None:
    shapes, y = [(1, 5), (6, 5), (6, 5), (6, 1)], torch.randn(1, 1, 11, 9)
    tensors = {
        k: v
        for b, shape in enumerate(shapes)
        for k, v in random_stack(f"cnn_list.{b}", *shape, bias, last_bias=b < 3).items()
    }
    net = saved_and_loaded(tensors, tmp_path / "d.pt", zipped)
    x = stack_by_hand(tensors, "cnn_list.0", y)
    for b in (1, 2, 3):
        x = stack_by_hand(tensors, f"cnn_list.{b}", torch.cat([y, x], dim=1))
    assert isinstance(net, DenseNet) and torch.allclose(net(y), x, rtol=1e-4, atol=1e-5 * float(x.abs().max()))
    assert bool(torch.allclose(net(2 * y), 2 * net(y))) != bias


def test_published_sizes_are_the_papers() -> None:
    assert sum(p.numel() for p in RecurrentCNN().parameters()) == 186_048
    assert sum(p.numel() for p in DenseNet().parameters()) == 757_440


def test_published_refuses_tensors_that_do_not_fit(tmp_path: Path) -> None:
    good = random_stack("cnn", 2, 1, bias=True, last_bias=False)
    wrong = (
        {k: v for k, v in good.items() if "list.0.bias" not in k},
        good | {"cnn.last_layer.bias": torch.zeros(1)},
        good | {"cnn.last_layer.weight": torch.zeros(1, 7, 3, 3)},
    )
    for tensors in wrong:
        with pytest.raises(ValueError, match="looks like a recurrent CNN, but its tensors do not fit"):
            saved_and_loaded(tensors, tmp_path / "w.pt", zipped=True)


def test_published_refuses_anything_else(tmp_path: Path) -> None:
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="none of the layouts"):
        load_published(tmp_path / "other.pt")
    torch.save({"model": [print]}, tmp_path / "code.pt")
    with pytest.raises(ValueError, match="no checkpoint of tensors"):
        load_published(tmp_path / "code.pt")
    torch.save([torch.zeros(1)], tmp_path / "list.pt")
    with pytest.raises(ValueError, match="no checkpoint of tensors"):
        load_published(tmp_path / "list.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "other.pt").read_bytes()[:100])
    with pytest.raises(ValueError, match="no checkpoint of tensors"):
        load_published(tmp_path / "cut.pt")


def unshuffling(channels: int = 1, bias: bool = False) -> BFCNN:
    """A net on 2x2 blocks whose noise branch is not small and whose constants, if any, are not zero."""
    torch.manual_seed(0)
    net = BFCNN(depth=3, width=8, channels=channels, bias=bias, unshuffle=2).eval()
    net.convs[-1].weight.data.mul_(10)
    for name, values in [*net.named_parameters(), *net.named_buffers()]:
        if name.endswith(("bias", "running_mean")):
            nn.init.normal_(values, std=0.5)
    return net


def blocks_by_hand(y: torch.Tensor) -> torch.Tensor:
    """(B, C, 2h, 2w) to (B, 4C, h, w): the four pixels of a block one after the other, by rows."""
    parts = torch.stack([y[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)], dim=2)
    return parts.flatten(1, 2)


def pixels_by_hand(x: torch.Tensor) -> torch.Tensor:
    """The way back, for (B, 4C, h, w)."""
    y = x.new_zeros(len(x), x.shape[1] // 4, 2 * x.shape[2], 2 * x.shape[3])
    for k, (i, j) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        y[:, :, i::2, j::2] = x[:, k::4]
    return y


def stack_on_blocks(net: BFCNN, y: torch.Tensor, blocks, pixels) -> torch.Tensor:
    """The folded stack on a picture padded by hand, between the two given rearrangements."""
    height, width = y.shape[-2:]
    rows, columns = [*range(height), height - 1][: height + height % 2], [*range(width), width - 1][: width + width % 2]
    x = blocks(y[:, :, rows][..., columns])
    for weight, shift, relu in net.folded():
        x = F.conv2d(x, weight, shift, padding=1)
        x = x.clamp(min=0) if relu else x
    return y - pixels(x)[..., :height, :width]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", [(8, 6), (7, 5), (1, 2), (1, 1)])
def test_unshuffling_net_by_hand(channels: int, bias: bool, size: tuple[int, int]) -> None:
    """Odd sizes too: rearranged by slices, through `folded()`; blocks read by columns in place of rows give something
    else.
    """
    net, y = unshuffling(channels, bias), torch.randn(2, channels, *size)
    assert net(y).shape == y.shape
    assert torch.allclose(stack_on_blocks(net, y, blocks_by_hand, pixels_by_hand), net(y), atol=1e-4)
    turned = stack_on_blocks(net, y, lambda v: blocks_by_hand(v.mT).mT, lambda v: pixels_by_hand(v.mT).mT)
    assert size == (1, 1) or not torch.allclose(turned, net(y), atol=1e-2)


@pytest.mark.parametrize("bias, homogeneous", [(False, True), (True, False)])
@pytest.mark.parametrize("size", [(8, 6), (9, 7)])
def test_an_unshuffling_net_is_homogeneous(size: tuple[int, int], bias: bool, homogeneous: bool) -> None:
    net, y = unshuffling(bias=bias), torch.randn(2, 1, *size)
    base = net(y)
    assert float((base - y).norm() / y.norm()) > 0.1
    worst = max(float((net(a * y) - a * base).norm() / (a * base).norm()) for a in (1e-3, 0.1, 3.0, 1e3))
    assert (worst < 1e-4) == homogeneous and (homogeneous or worst > 1e-1)


@pytest.mark.parametrize("channels", [1, 2, 12])
def test_first_filters_start_with_mean_zero(channels: int) -> None:
    """A constant picture gives nothing but at the border, whatever its grey; ordinary filters answer to it."""
    layers = []
    for make in (first_conv, conv3):
        torch.manual_seed(0)
        layers.append(make(channels, 16, bias=False).requires_grad_(False))
    first, other = layers
    means = other.weight.mean((1, 2, 3), keepdim=True)
    assert torch.allclose(first.weight, other.weight - means, atol=1e-6) and float(means.abs().max()) > 1e-2
    inner = [float(layer(torch.full((1, channels, 6, 6), 0.7))[..., 1:-1, 1:-1].abs().max()) for layer in layers]
    assert inner[0] < 1e-5 < 0.1 < inner[1]


def test_every_network_begins_with_such_filters() -> None:
    heads = {
        BFCNN: lambda net: net.convs[0],
        UNet: lambda net: net.head,
        RecurrentCNN: lambda net: net.block[0],
        DenseNet: lambda net: net.blocks[1][0],
    }
    for kind, head in heads.items():
        assert float(head(kind(**SMALL[kind])).weight.mean((1, 2, 3)).abs().max()) < 1e-6, kind
    assert float(BFCNN(depth=3, width=8).convs[1].weight.mean((1, 2, 3)).abs().max()) > 1e-3
    assert float(unshuffling(channels=3).convs[0].weight.mean((1, 2, 3)).abs().max()) < 1e-6


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: BFCNN(depth=4, width=8, norm=False, **kw),
        lambda **kw: BFCNN(depth=4, width=8, norm=False, unshuffle=2, **kw),
        lambda **kw: UNet(widths=(8, 16), blocks=(1, 1), **kw),
        lambda **kw: RecurrentCNN(stages=2, depth=3, width=8, **kw),
        lambda **kw: DenseNet(blocks=2, depth=3, width=8, **kw),
    ],
)
def test_a_centred_network_does_not_see_the_mean(make, centred: bool, bias: bool) -> None:
    """Whatever its weights: a constant added to the picture comes out again, away from the border; a free network
    notices it.
    """
    torch.manual_seed(0)
    net = make(centred=centred, bias=bias).eval().requires_grad_(False)
    for weight in net.parameters():
        weight.add_(0.05 * torch.randn_like(weight))
    y, side = torch.randn(1, 1, 64, 64), slice(30, 34)
    moved = (net(y + 2) - 2 - net(y))[..., side, side].abs().max()
    assert (float(moved) < 1e-4) == centred and (centred or float(moved) > 1e-2)
    assert (float((net(3 * y) - 3 * net(y)).norm() / net(3 * y).norm()) < 1e-5) != bias


def test_a_centred_network_folds_with_the_filters_it_applies() -> None:
    torch.manual_seed(0)
    net, y = BFCNN(depth=3, width=8, norm=False, centred=True).eval().requires_grad_(False), torch.randn(1, 1, 9, 8)
    net.convs[0].weight.add_(0.3)
    v = y
    for weight, _, relu in net.folded():
        v = torch.nn.functional.conv2d(v, weight, padding=1)
        v = v.relu() if relu else v
    assert torch.allclose(y - v, net(y), atol=1e-5)
    assert not torch.allclose(net.folded()[0][0], net.convs[0].weight, atol=0.1)
