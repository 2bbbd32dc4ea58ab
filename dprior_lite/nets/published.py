"""The authors' published checkpoints, for readers who have the files: loaded into the networks of this package.

Five layouts are recognised by the names of their tensors: the DnCNN, the UNet, the recurrent CNN and the simplified
DenseNet of *bias_free_denoising* (Mohan et al. 2020, each biased and bias-free) and the BF-CNN of
*universal_inverse_problem* (Kadkhodaie & Simoncelli 2021). Only tensors are read (`weights_only=True`). The signs are
settled here: everything returned maps y to x_hat.

Names and shapes were confirmed in files of the DnCNN, the UNet, the recurrent CNN and the BF-CNN. Known from the
authors' description of their networks only, and not verified with a file: the names in a DenseNet's checkpoint; that
the recurrent CNN's first estimate is y, and its four stages, which no tensor tells. `python -m dprior_lite published`
settles both, for whoever has the files.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dprior_lite.nets.bfcnn import BFCNN
from dprior_lite.nets.dense import DenseNet
from dprior_lite.nets.recurrent import RecurrentCNN

Tensors = Mapping[str, Tensor]
EPS = 1e-5
STAGES = 4


def load_published(path: str | Path) -> nn.Module:
    """Return a published denoiser in `eval` mode on the CPU.

    Parameters
    ----------
    path : str or Path
        `pretrained/{dncnn,rcnn,unet,sdensenet}/{bias,bias_free}/*.pt` of bias_free_denoising, or
        `denoisers/BF_CNN/*/*/model.pt` of universal_inverse_problem.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file holds anything but tensors and training arguments, or another network.

    Examples
    --------
    >>> load_published("pretrained/dncnn/bias_free/0-100.pt")
    Traceback (most recent call last):
    FileNotFoundError: There is no file pretrained/dncnn/bias_free/0-100.pt: clone the authors' ...
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"There is no file {path}: clone the authors' repository and give the path of its checkpoint."
        )
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
        tensors = dict(content["model"][0] if "model" in content else content)
    except Exception as error:
        raise ValueError(
            f"{path} is no checkpoint of tensors ({type(error).__name__}); nothing else is read from it."
        ) from error
    for name, (keys, build) in LAYOUTS.items():
        if all(key in tensors for key in keys):
            try:
                return build(tensors).eval().requires_grad_(False)
            except (KeyError, IndexError, RuntimeError, ValueError) as error:
                said = " ".join(str(error).split())[:200]
                raise ValueError(f"{path} looks like a {name}, but its tensors do not fit one ({said}).") from error
    first = ", ".join(map(str, [*tensors][:3]))
    raise ValueError(f"{path} is none of the layouts known here ({', '.join(LAYOUTS)}); its first tensors are {first}.")


def _bf_cnn(tensors: Tensors) -> nn.Module:
    """BF-CNN: running_sd and gammas of layer l belong to convolution l + 1."""
    depth = sum(key.startswith("conv_layers") for key in tensors)
    width, channels = tensors["conv_layers.0.weight"].shape[:2]
    net = BFCNN(depth, width, channels)
    with torch.no_grad():
        for k, conv in enumerate(net.convs):
            conv.weight.copy_(tensors[f"conv_layers.{k}.weight"])
        for k, norm in enumerate(net.norms):
            norm.running_sd.copy_(tensors[f"running_sd.{k}"].flatten())
            norm.weight.copy_(tensors[f"gammas.{k}"].flatten())
    return net


def _dncnn(tensors: Tensors) -> nn.Module:
    """Return a DnCNN: the bias-free file divides by sqrt(var) + eps.

    A hidden convolution's bias moves into the mean that is subtracted.
    """
    bias = "first_layer.bias" in tensors
    names = _layers(tensors)
    net = BFCNN(len(names), *tensors["first_layer.weight"].shape[:2], bias=bias)
    with torch.no_grad():
        for conv, name in zip(net.convs, names):
            conv.weight.copy_(tensors[f"{name}.weight"])
            if conv.bias is not None:
                conv.bias.copy_(tensors[f"{name}.bias"])
        for k, norm in enumerate(net.norms):
            norm.weight.copy_(tensors[f"bn_layer_list.{k}.weight"])
            if bias:
                norm.bias.copy_(tensors[f"bn_layer_list.{k}.bias"])
                norm.running_var.copy_(tensors[f"bn_layer_list.{k}.running_var"])
                norm.running_mean.copy_(
                    tensors[f"bn_layer_list.{k}.running_mean"] - tensors[f"hidden_layer_list.{k}.bias"]
                )
            else:
                norm.running_sd.copy_(tensors[f"bn_layer_list.{k}.running_var"].sqrt() + EPS)
    return net


def _layers(tensors: Tensors, stack: str = "") -> list[str]:
    """Return the names of the convolutions of one stack, the first one first."""
    inner = sum(key.startswith(f"{stack}hidden_layer_list.") and key.endswith(".weight") for key in tensors)
    return [
        f"{stack}{name}" for name in ("first_layer", *(f"hidden_layer_list.{k}" for k in range(inner)), "last_layer")
    ]


def _with_stacks(net: nn.Module, tensors: Tensors, stacks: Mapping[str, str]) -> nn.Module:
    """Load plain stacks, {their name: ours}; in ours every second layer is a ReLU.

    A tensor too many or too few is an error.
    """
    ours = {
        layer: f"{mine}{2 * k}" for theirs, mine in stacks.items() for k, layer in enumerate(_layers(tensors, theirs))
    }
    parts = {key: key.rpartition(".") for key in tensors}
    net.load_state_dict({f"{ours.get(layer, layer)}.{kind}": tensors[key] for key, (layer, _, kind) in parts.items()})
    return net


def _rcnn(tensors: Tensors) -> nn.Module:
    width, pair = tensors["cnn.first_layer.weight"].shape[:2]
    net = RecurrentCNN(STAGES, len(_layers(tensors, "cnn.")), width, pair // 2, bias="cnn.first_layer.bias" in tensors)
    return _with_stacks(net, tensors, {"cnn.": "block."})


def _sdensenet(tensors: Tensors) -> nn.Module:
    blocks = len({key.split(".")[1] for key in tensors})
    width, channels = tensors["cnn_list.0.first_layer.weight"].shape[:2]
    maps = len(tensors["cnn_list.0.last_layer.weight"]) // channels
    net = DenseNet(
        blocks,
        len(_layers(tensors, "cnn_list.0.")),
        width,
        maps,
        channels,
        bias="cnn_list.0.first_layer.bias" in tensors,
    )
    return _with_stacks(net, tensors, {f"cnn_list.{k}.": f"blocks.{k}." for k in range(blocks)})


class PublishedUNet(nn.Module):
    """The nine-layer UNet of bias_free_denoising: one stride, two dilations, one skip; it returns the picture itself.

    Parameters
    ----------
    bias : bool
        Biases in all layers but the last.
    """

    def __init__(self, bias: bool = False) -> None:
        super().__init__()
        shapes = (
            (1, 32, 5, 1, 1),
            (32, 32, 3, 1, 1),
            (32, 64, 3, 2, 1),
            (64, 64, 3, 1, 1),
            (64, 64, 3, 1, 2),
            (64, 64, 3, 1, 4),
        )
        for k, (n_in, n_out, side, stride, dilation) in enumerate(shapes, start=1):
            layer = nn.Conv2d(n_in, n_out, side, stride, dilation * (side // 2), dilation, bias=bias)
            setattr(self, f"conv{k}", layer)
        self.conv7 = nn.ConvTranspose2d(64, 64, 4, 2, 1, bias=bias)
        self.conv8 = nn.Conv2d(96, 32, 3, padding=1, bias=bias)
        self.conv9 = nn.Conv2d(32, 1, 5, padding=2, bias=False)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, 1, H, W); odd sizes are padded with zeros below and to the right, as by the authors."""
        height, width = y.shape[-2:]
        skip = F.relu(self.conv2(F.relu(self.conv1(F.pad(y, (0, width % 2, 0, height % 2))))))
        x = skip
        for layer in (self.conv3, self.conv4, self.conv5, self.conv6, self.conv7):
            x = F.relu(layer(x))
        x = F.relu(self.conv8(torch.cat([x, skip], dim=1)))
        return self.conv9(x)[..., :height, :width]


def _unet(tensors: Tensors) -> nn.Module:
    net = PublishedUNet(bias="conv1.bias" in tensors)
    net.load_state_dict(dict(tensors))
    return net


# name, tensors by which it is recognised, what builds it
LAYOUTS = {
    "BF-CNN": (("conv_layers.0.weight", "running_sd.0"), _bf_cnn),
    "DnCNN": (("first_layer.weight", "bn_layer_list.0.weight"), _dncnn),
    "recurrent CNN": (("cnn.first_layer.weight", "cnn.last_layer.weight"), _rcnn),
    "DenseNet": (("cnn_list.0.first_layer.weight", "cnn_list.0.last_layer.weight"), _sdensenet),
    "UNet": (("conv1.weight", "conv9.weight"), _unet),
}
