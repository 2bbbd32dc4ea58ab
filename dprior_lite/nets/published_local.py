"""Published networks of the multi-scale models, for readers who have the files: one file, one network.

The layout is that of the checkpoints of *local-probability-models-of-images* (Kadkhodaie, Guth, Mallat & Simoncelli
2023): convolutions `conv_layers.K.weight` without biases, and after all but the first and the last a normalisation
`BN_layers.K.running_sd`, `BN_layers.K.gammas`. The published networks return the noise; what is returned here maps y to
x_hat, as every network of this package. Only tensors are read (`weights_only=True`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from dprior_lite.gates.numbers import kind_of
from dprior_lite.nets.local import FIELDS, ConditionalCNN, LocalCNN


def load_published_local(path: str | Path) -> nn.Module:
    """Return a published network of a multi-scale model in `eval` mode on the CPU.

    Parameters
    ----------
    path : str or Path
        `denoisers/{flat,multi_scale}/*/*/model.pt` of the authors' repository.

    Returns
    -------
    nn.Module
        A `LocalCNN`, for pixels or low-pass pictures, or a `ConditionalCNN`, for details.

    Raises
    ------
    TypeError, FileNotFoundError
        If `path` is no path, or there is no such file.
    ValueError
        If the file holds anything but tensors, or another network.

    Examples
    --------
    >>> load_published_local("denoisers/flat/none/model.pt")
    Traceback (most recent call last):
    FileNotFoundError: There is no file denoisers/flat/none/model.pt: clone the authors' ...
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {kind_of(path)}; expected the path of a checkpoint, such as '.../model.pt'.")
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"There is no file {path}: clone the authors' repository and give the path of its checkpoint."
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        tensors = {str(key).removeprefix("module."): value for key, value in content.items()}
    except Exception as error:
        raise ValueError(
            f"{path} is no checkpoint of tensors ({type(error).__name__}); nothing else is read from it."
        ) from error
    try:
        return _network(tensors).eval().requires_grad_(False)
    except (KeyError, IndexError, RuntimeError, ValueError, AttributeError, TypeError) as error:
        said = " ".join(str(error).split())[:160]
        raise ValueError(
            f"{path} is no network of a multi-scale model ({said}); expected the tensors conv_layers.K.weight,"
            " BN_layers.K.running_sd and BN_layers.K.gammas."
        ) from error


def _network(tensors: Mapping[str, Tensor]) -> nn.Module:
    """Return the network of these tensors, or raise where one is missing or of another shape."""
    depth = sum(key.startswith("conv_layers.") for key in tensors)
    sides = tuple(tensors[f"conv_layers.{k}.weight"].shape[-1] for k in range(depth))
    width, inputs = tensors["conv_layers.0.weight"].shape[:2]
    outputs = len(tensors[f"conv_layers.{depth - 1}.weight"])
    field = 1 + sum(side - 1 for side in sides)
    if sides != FIELDS.get(field) or inputs not in (outputs, 4 * outputs // 3):
        raise ValueError(f"{inputs} channels become {outputs}, and the convolutions have the sides {sides}")
    net = LocalCNN(field, width, outputs) if inputs == outputs else ConditionalCNN(field, width, outputs // 3)
    ours = {f"convs.{k}.weight": tensors[f"conv_layers.{k}.weight"] for k in range(depth)}
    for k in range(depth - 2):
        ours[f"norms.{k}.running_sd"] = tensors[f"BN_layers.{k}.running_sd"].flatten()
        ours[f"norms.{k}.weight"] = tensors[f"BN_layers.{k}.gammas"].flatten()
    net.noise.load_state_dict(ours)
    return net
