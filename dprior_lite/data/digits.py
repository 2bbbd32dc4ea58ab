"""Handwritten digits: scikit-learn's 8x8 ones, always at hand, and MNIST 28x28 from the cache."""

from __future__ import annotations

import gzip
import zlib
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dprior_lite.data.registry import MNIST_FILES, fetch, record

# sha256 of the *decompressed* official IDX files: a copy compressed again is the same data
_MNIST_SHA = dict(
    zip(
        MNIST_FILES,
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
)


def digits8() -> tuple[Tensor, Tensor]:
    """Return scikit-learn's 1797 digits, pictures (1797, 1, 8, 8) in [0, 1] and labels (1797,).

    Examples
    --------
    >>> x, labels = digits8()
    >>> x.shape, int(labels[0])
    (torch.Size([1797, 1, 8, 8]), 0)
    """
    from sklearn.datasets import load_digits

    record("digits8")
    bunch = load_digits()
    # from_numpy: other constructors obey the ambient default device
    return torch.from_numpy(bunch.images).float()[:, None] / 16, torch.from_numpy(bunch.target)


def mnist(split: str) -> tuple[Tensor, Tensor]:
    """Return MNIST, pictures (N, 1, 28, 28) in [0, 1], white on black, and labels (N,).

    Parameters
    ----------
    split : {"train", "test"}
        60,000 or 10,000 digits.

    Raises
    ------
    DataAbsent
        If the files are neither in the cache nor to be fetched.

    Examples
    --------
    >>> mnist("validation")
    Traceback (most recent call last):
    ValueError: mnist has no split 'validation'; expected train or test.
    """
    if split not in ("train", "test"):
        raise ValueError(f"mnist has no split {split!r}; expected train or test.")
    paths = fetch(record("mnist"))[:2] if split == "train" else fetch(record("mnist"))[2:]
    images, labels = (_read_idx(path) for path in paths)
    return torch.from_numpy(images)[:, None].float() / 255, torch.from_numpy(labels).long()


def _read_idx(path: Path) -> np.ndarray:
    """Decode one gzipped IDX file after comparing its content with the official one."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is no complete gzip file ({error}): delete it and fetch it again.") from error
    if sha256(content).hexdigest() != _MNIST_SHA[path.name]:
        raise ValueError(f"{path} is not the official MNIST file of that name: delete it and fetch it again.")
    dims = content[3]
    shape = np.frombuffer(content, ">i4", dims, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dims).reshape(shape).copy()
