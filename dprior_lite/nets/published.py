"""The authors' published checkpoints, for readers who have the files: loaded into the networks of this package.

Three layouts are recognised by the names of their tensors: the DnCNN and the UNet of *bias_free_denoising* (Mohan et al. 2020, biased
and bias-free) and the BF-CNN of *universal_inverse_problem* (Kadkhodaie & Simoncelli 2021). Only tensors are read
(``weights_only=True``). The signs are settled here: everything returned maps y to x_hat.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .bfcnn import BFCNN

Tensors = Mapping[str, Tensor]
EPS = 1e-5


def load_published(path: str | Path) -> nn.Module:
    """Return a published denoiser in ``eval`` mode on the CPU.

    Parameters
    ----------
    path : str or Path
        ``pretrained/{dncnn,unet}/{bias,bias_free}/*.pt`` of bias_free_denoising, or ``denoisers/BF_CNN/*/*/model.pt`` of
        universal_inverse_problem.

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
    FileNotFoundError: There is no file pretrained/dncnn/bias_free/0-100.pt: clone the authors' repository and give the path of its checkpoint.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path}: clone the authors' repository and give the path of its checkpoint.")
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} is no checkpoint of tensors ({type(error).__name__}); nothing else is read from it.") from error
    tensors = content["model"][0] if "model" in content else content
    for recognises, build in ((("conv_layers.0.weight", "running_sd.0"), _bf_cnn), (("first_layer.weight", "bn_layer_list.0.weight"), _dncnn),
                              (("conv1.weight", "conv9.weight"), _unet)):
        if all(key in tensors for key in recognises):
            return build(tensors).eval().requires_grad_(False)
    raise ValueError(f"{path} is none of the layouts known here (DnCNN, UNet, BF-CNN); its first tensors are {', '.join(list(tensors)[:3])}.")


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
    """DnCNN: the bias-free file divides by sqrt(var) + eps; a hidden convolution's bias moves into the mean that is subtracted."""
    bias = "first_layer.bias" in tensors
    inner = sum(key.startswith("hidden_layer_list") and key.endswith("weight") for key in tensors)
    net = BFCNN(inner + 2, *tensors["first_layer.weight"].shape[:2], bias=bias)
    names = ["first_layer", *(f"hidden_layer_list.{k}" for k in range(inner)), "last_layer"]
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
                norm.running_mean.copy_(tensors[f"bn_layer_list.{k}.running_mean"] - tensors[f"hidden_layer_list.{k}.bias"])
            else:
                norm.running_sd.copy_(tensors[f"bn_layer_list.{k}.running_var"].sqrt() + EPS)
    return net


class PublishedUNet(nn.Module):
    """The nine-layer UNet of bias_free_denoising: one stride, two dilations, one skip; it returns the picture itself.

    Parameters
    ----------
    bias : bool
        Biases in all layers but the last.
    """

    def __init__(self, bias: bool = False) -> None:
        super().__init__()
        shapes = ((1, 32, 5, 1, 1), (32, 32, 3, 1, 1), (32, 64, 3, 2, 1), (64, 64, 3, 1, 1), (64, 64, 3, 1, 2), (64, 64, 3, 1, 4))
        for k, (n_in, n_out, side, stride, dilation) in enumerate(shapes, start=1):
            layer = nn.Conv2d(n_in, n_out, side, stride, dilation * (side // 2), dilation, bias=bias)
            setattr(self, f"conv{k}", layer)
        self.conv7 = nn.ConvTranspose2d(64, 64, 4, 2, 1, bias=bias)
        self.conv8 = nn.Conv2d(96, 32, 3, padding=1, bias=bias)
        self.conv9 = nn.Conv2d(32, 1, 5, padding=2, bias=False)

    def forward(self, y: Tensor) -> Tensor:
        """Denoise ``y`` (B, 1, H, W); odd sizes are padded with zeros below and to the right, as by the authors."""
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
