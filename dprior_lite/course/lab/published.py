"""The authors' checkpoints, measured here, beside their published PSNR.

The table is that of Mohan, Kadkhodaie, Simoncelli & Fernandez-Granda 2020 on BSD68, decoded from the precomputed
metrics in their repository. Measured here: the mean over pictures of the PSNR of the whole picture, data range 1,
clipped to [0, 1]; the network sees the noisy picture unclipped; the noise of picture k has seed k at every noise level,
for every network. The first rows compare the noisy pictures themselves: where those differ, pictures or measure are at
fault, not a network. The table here has no row for the recurrent CNN trained on 0-30 and 0-55 and for the DenseNet
trained on 0-55; those files are left out.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from dprior_lite.metrics import psnr
from dprior_lite.miyasawa import noisy
from dprior_lite.nets.published import load_published

REPOSITORY = "github.com/LabForComputationalVision/bias_free_denoising"
SAMPLER_REPOSITORY = "github.com/LabForComputationalVision/universal_inverse_problem"
SAMPLER = "universal_inverse_problem/denoisers/BF_CNN/BSD400_gray/noise_range_0to100/model.pt"
TOLERANCE_DB = 0.1
SIGMAS = tuple(range(10, 101, 10))
NETS = ("dncnn", "unet", "rcnn", "sdensenet")
NOISY = "noisy pictures"

# file below pretrained/, without .pt: PSNR in dB at sigma = 10, 20, ..., 100 of 255
PUBLISHED = {
    NOISY: (28.27, 22.35, 18.97, 16.64, 14.91, 13.57, 12.50, 11.63, 10.91, 10.31),
    "dncnn/bias/0-10": (33.69, 24.04, 19.80, 17.17, 15.29, 13.87, 12.73, 11.82, 11.07, 10.45),
    "dncnn/bias_free/0-10": (33.84, 30.14, 28.15, 26.82, 25.80, 24.99, 24.31, 23.74, 23.25, 22.83),
    "dncnn/bias/0-30": (33.78, 30.21, 28.37, 23.23, 18.84, 16.59, 15.21, 14.24, 13.50, 12.91),
    "dncnn/bias_free/0-30": (33.67, 30.13, 28.25, 26.99, 26.05, 25.29, 24.68, 24.14, 23.67, 23.26),
    "dncnn/bias/0-55": (33.73, 30.20, 28.34, 27.11, 26.22, 25.19, 22.12, 18.72, 16.79, 15.43),
    "dncnn/bias_free/0-55": (33.72, 30.16, 28.31, 27.08, 26.18, 25.48, 24.88, 24.39, 23.94, 23.57),
    "dncnn/bias/0-100": (33.56, 30.05, 28.22, 27.00, 26.12, 25.40, 24.84, 24.37, 23.93, 23.50),
    "dncnn/bias_free/0-100": (33.65, 30.13, 28.29, 27.09, 26.20, 25.51, 24.94, 24.47, 24.07, 23.69),
    "unet/bias/0-10": (33.52, 23.71, 19.60, 17.13, 15.36, 14.00, 12.95, 12.10, 11.43, 10.87),
    "unet/bias_free/0-10": (33.48, 29.52, 27.46, 26.10, 25.08, 24.20, 23.42, 22.74, 22.10, 21.48),
    "unet/bias/0-30": (33.66, 30.10, 28.19, 22.53, 18.64, 16.42, 14.79, 13.57, 12.69, 12.03),
    "unet/bias_free/0-30": (33.67, 30.08, 28.17, 26.90, 25.95, 25.21, 24.61, 24.09, 23.63, 23.23),
    "unet/bias/0-55": (33.55, 30.05, 28.22, 26.99, 26.10, 24.79, 20.02, 16.90, 14.58, 13.28),
    "unet/bias_free/0-55": (33.59, 30.08, 28.25, 27.01, 26.11, 25.39, 24.79, 24.27, 23.86, 23.44),
    "unet/bias/0-100": (33.36, 29.94, 28.14, 26.95, 26.07, 25.39, 24.82, 24.35, 23.95, 23.59),
    "unet/bias_free/0-100": (33.46, 30.01, 28.19, 27.01, 26.14, 25.44, 24.88, 24.40, 23.99, 23.62),
    "rcnn/bias/0-10": (33.44, 23.45, 19.50, 17.04, 15.26, 13.90, 12.83, 11.98, 11.28, 10.71),
    "rcnn/bias_free/0-10": (33.21, 29.25, 27.21, 25.83, 24.78, 23.91, 23.17, 22.51, 21.93, 21.40),
    "rcnn/bias/0-100": (33.09, 29.74, 27.97, 26.79, 25.92, 25.24, 24.67, 24.21, 23.81, 23.45),
    "rcnn/bias_free/0-100": (33.29, 29.83, 28.03, 26.85, 25.99, 25.30, 24.75, 24.27, 23.83, 23.49),
    "sdensenet/bias/0-10": (33.11, 23.54, 19.49, 17.02, 15.25, 13.90, 12.83, 11.98, 11.31, 10.77),
    "sdensenet/bias_free/0-10": (33.56, 29.64, 27.59, 26.27, 25.28, 24.45, 23.76, 23.16, 22.62, 22.14),
    "sdensenet/bias/0-30": (33.76, 30.16, 28.25, 21.18, 17.77, 15.64, 14.04, 12.87, 11.99, 11.31),
    "sdensenet/bias_free/0-30": (33.26, 29.75, 27.77, 26.39, 25.35, 24.52, 23.83, 23.26, 22.77, 22.33),
    "sdensenet/bias/0-100": (33.57, 30.07, 28.24, 27.05, 26.16, 25.47, 24.90, 24.44, 24.04, 23.68),
    "sdensenet/bias_free/0-100": (33.62, 30.11, 28.27, 27.08, 26.21, 25.51, 24.96, 24.50, 24.07, 23.72),
}


def published_folder() -> Path:
    """Return where the authors' repository is looked for: `$DPRIOR_PUBLISHED` or the user's cache.

    Examples
    --------
    >>> published_folder().is_absolute()
    True
    """
    import pooch

    return Path(
        os.environ.get("DPRIOR_PUBLISHED") or Path(pooch.os_cache("dprior_lite")) / "published" / "bias_free_denoising"
    ).absolute()


def sampler_file() -> Path:
    """Return the file of the authors' bias-free CNN for inverse problems (Kadkhodaie & Simoncelli 2021).

    It is looked for in a clone of their repository, which the reader puts beside the published networks.

    Raises
    ------
    FileNotFoundError
        If the file is absent; the message says where to put it.
    """
    path = published_folder().parent / SAMPLER
    if not path.is_file():
        raise FileNotFoundError(
            f"The authors' checkpoint is absent: clone {SAMPLER_REPOSITORY} (it has no licence: for your own use) into"
            f" the folder that holds {published_folder().name}, so that there is a file {SAMPLER}."
        )
    return path


def published_sampler() -> nn.Module:
    """Return the authors' bias-free CNN for inverse problems (Kadkhodaie & Simoncelli 2021).

    Raises
    ------
    FileNotFoundError
        If the file is absent; the message says where to put it.
    """
    return load_published(sampler_file())


def sampler_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of the authors' bias-free CNN as they lie in their file.

    Parameters
    ----------
    path : Path
        From `sampler_file`.
    """
    with torch.serialization.safe_globals([argparse.Namespace]):
        content = torch.load(path, map_location="cpu", weights_only=True)
    return dict(content["model"][0] if "model" in content else content)


def sampler_by_hand(tensors: Mapping[str, Tensor], y: Tensor, without_gains_of: int | None = None) -> Tensor:
    """Return what the authors' bias-free CNN makes of `y` (B, 1, H, W), its layers written out by hand.

    Parameters
    ----------
    tensors : mapping
        `conv_layers.K.weight`, and for every layer but the first and the last `running_sd.K` and `gammas.K`.
    y : Tensor
        Noisy pictures.
    without_gains_of : int, optional
        A layer whose gains are left out: another network.

    Examples
    --------
    >>> ones = torch.zeros(1, 1, 3, 3)
    >>> ones[0, 0, 1, 1] = 1.0
    >>> layers = {f"conv_layers.{k}.weight": ones for k in range(3)}
    >>> layers |= {"running_sd.0": torch.full((1, 1, 1, 1), 2.0), "gammas.0": torch.ones(1, 1, 1, 1)}
    >>> sampler_by_hand(layers, torch.ones(1, 1, 1, 2)).tolist()
    [[[[0.5, 0.5]]]]
    """
    depth = sum(name.startswith("conv_layers") for name in tensors)
    x = torch.conv2d(y, tensors["conv_layers.0.weight"], padding=1).relu()  # (B, width, H, W)
    for k in range(depth - 2):
        x = torch.conv2d(x, tensors[f"conv_layers.{k + 1}.weight"], padding=1)
        x = x / tensors[f"running_sd.{k}"].reshape(1, -1, 1, 1)
        if k != without_gains_of:
            x = x * tensors[f"gammas.{k}"].reshape(1, -1, 1, 1)
        x = x.relu()
    return y - torch.conv2d(x, tensors[f"conv_layers.{depth - 1}.weight"], padding=1)


def checkpoint_file(folder: Path, name: str) -> Path | None:
    """Return the file of a row of the table, None if it is absent.

    It is looked for in a clone and in its folder `pretrained`.
    """
    return next(
        (path for path in (folder / "pretrained" / f"{name}.pt", folder / f"{name}.pt") if path.is_file()), None
    )


def mean_psnr(
    net: nn.Module,
    pictures: Sequence[Tensor],
    sigma_255: float,
    device: torch.device,
    tell: Callable[[int], object] = lambda k: None,
) -> float:
    """Return the mean PSNR in dB of a denoiser on whole pictures, with noise of picture k from seed k.

    Parameters
    ----------
    net : nn.Module
        Denoiser on `device`.
    pictures : sequence of Tensor
        Clean pictures in [0, 1], each (1, C, H, W), of any sizes.
    sigma_255 : float
        Standard deviation of the noise times 255.
    device : torch.device
        Where `net` is; noise is drawn, and errors are measured, on the CPU.
    tell : callable
        Called with the number of pictures done.

    Examples
    --------
    >>> round(mean_psnr(nn.Identity(), [torch.full((1, 1, 64, 64), 0.5)], 25.5, torch.device("cpu")))
    20
    """
    total = 0.0
    for k, x in enumerate(pictures):
        y = noisy(x, sigma_255 / 255, torch.Generator().manual_seed(k))
        with torch.inference_mode():
            total += psnr(net(y.to(device)).float().cpu(), x)
        tell(k + 1)
    return total / len(pictures)


def verdict(differences: Sequence[float], unread: Sequence[str], n: int, n_all: int) -> tuple[str, bool]:
    """Return what the differences (dB) say, and whether something is wrong.

    With fewer pictures than all of them only a file can be wrong.

    Examples
    --------
    >>> verdict([0.02, -0.3], [], 68, 68)
    ('1 of 2 numbers differ by more than 0.1 dB, the most by 0.30 dB: the table is not reproduced', True)
    """
    most = max(map(abs, differences), default=0.0)
    beyond = sum(abs(difference) > TOLERANCE_DB for difference in differences)
    if n < n_all:
        text = f"{n} of {n_all} pictures: the table is only indicative, and nothing is judged"
    elif beyond:
        text = (
            f"{beyond} of {len(differences)} numbers differ by more than {TOLERANCE_DB} dB, the most by {most:.2f} dB: "
            "the table is not reproduced"
        )
    else:
        text = f"{len(differences)} numbers agree to {TOLERANCE_DB} dB, the largest difference is {most:.2f} dB"
    return text + (f"; not measured: {', '.join(unread)}" if unread else ""), bool(unread or (beyond and n == n_all))
