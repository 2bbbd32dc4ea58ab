"""Which data exist, their versions and licences, and where they come from.

Sets that are not in the box live in one cache folder, `$DPRIOR_DATA` or the user's cache, and are fetched with pooch.
Sets of pictures are recognised by the sha256 of their decoded pixels, so that a re-encoded copy of the same pictures
counts as the same.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dprior_lite import used
from dprior_lite.gates.files import write_bytes
from dprior_lite.gates.names import environment_folder


class DataAbsent(FileNotFoundError):
    """A data set is neither in the cache nor to be had from its address."""


@dataclass(frozen=True)
class Source:
    """One data set: how it is named, versioned, licensed and found.

    `tried` says whether the address has ever been fetched by the authors of the course; where it is False an error
    says so. `digest` is the sha256 of the decoded pixels, in the order of the file names.
    """

    name: str
    version: str
    licence: str
    n: int
    files: tuple[str, ...] = ()
    address: str = ""
    digest: str = ""
    tried: bool = False


MNIST_FILES = tuple(f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))
_BERKELEY = "Berkeley segmentation set: non-commercial research and education"
_PICTURES = "https://raw.githubusercontent.com/LabForComputationalVision/bias_free_denoising/master/data/"

# the sets of `data.generated`
CUT = ("textures-tune", "textures-test", "texture-groups", "texture-groups-tune")
FAINT = ("faint-digits-tune", "digit-groups")
FILED = ("cifar10_gray",)  # read from a file, and named by ranges too
DRAWN = (
    *("portraits", "portraits-64", "portraits-shuffled", "discs", "sinusoids", "ovals", "oval-groups", *CUT, *FAINT),
    *FILED,
    *(f"c-alpha-{alpha}" for alpha in range(1, 6)),
)

SOURCES = {
    source.name: source
    for source in (
        Source("photos", "1", "free licences, see the page on data", 17),
        Source("digits8", "1", "BSD-3-Clause (scikit-learn), UCI optical digits", 1797),
        *(Source(name, "1", "MIT, drawn by this package", 0) for name in DRAWN if name not in CUT + FAINT + FILED),
        *(Source(name, "1", "free licences, cut from four bundled photographs", 0) for name in CUT),
        *(Source(name, "1", "CC BY-SA 3.0, from MNIST", 0) for name in FAINT),
        Source("mixture", "1", "generated", 0),
        Source("scale-mixture", "1", "generated", 0),
        Source("gaussian-patches", "1", "generated", 0),
        Source(
            "cifar10_gray",
            "1",
            "CIFAR-10: research use; gray, and compressed once more as JPEG",
            24000,
            ("cifar10_gray_jpeg.npz",),
            "",
            "51c92219aece79c8492becf7176e1d801fb5d68a434a27e8508a001c11097c99",
        ),
        Source("mnist", "1", "CC BY-SA 3.0", 70000, MNIST_FILES, "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Source(
            "bsd400",
            "1",
            _BERKELEY,
            400,
            tuple(f"test_{k:03d}.png" for k in range(1, 401)),
            _PICTURES + "Train400/",
            "c88020c8d976d6bb9bfce09e3fbe940206b6696058f6e4b902b5c7fcb67f0f9b",
        ),
        Source(
            "bsd68",
            "1",
            _BERKELEY,
            68,
            tuple(f"test{k:03d}.png" for k in range(1, 69)),
            _PICTURES + "Test/Set68/",
            "5c87ffe4582c084d3d0a89ffb3275c266abf58139ce33af61ea9f2747b6c4c38",
        ),
        Source(
            "set12",
            "1",
            "test pictures of the denoising literature, mixed provenance",
            12,
            tuple(f"{k:02d}.png" for k in range(1, 13)),
            _PICTURES + "Test/Set12/",
            "f1c8aa12811f0b823dd2426da7d2df603ba7cb2157cf8181553170b979151f94",
        ),
    )
}


def record(name: str) -> Source:
    """Note that `name` is used and return its `Source`."""
    if not isinstance(name, str) or name not in SOURCES:
        raise KeyError(f"There is no data set {name!r}; known are {', '.join(sorted(SOURCES))}.")
    used.record("data", name, SOURCES[name].version)
    return SOURCES[name]


def cache_folder() -> Path:
    """Return the folder of downloaded data: `$DPRIOR_DATA`, in which `~` is expanded, or the user's cache.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    import pooch

    return environment_folder("DPRIOR_DATA") or (Path(pooch.os_cache("dprior_lite")) / "data").absolute()


def fetch(source: Source) -> list[Path]:
    """Return the paths of the files of `source`, downloading those that are missing.

    Raises
    ------
    DataAbsent
        If a file is missing and cannot be fetched or written; the message says which file to put where.
    """
    folder = cache_folder() / source.name
    paths = [folder / name for name in source.files]
    path = folder
    try:
        for path in (path for path in paths if not path.is_file()):
            _download(source.address + path.name, path)
    except Exception as error:
        untried = "" if source.tried else " That address was never tried by the authors."
        raise DataAbsent(
            f"The set {source.name!r} is absent: {path.name} is not in {folder} and could not be fetched from "
            f"{source.address} ({type(error).__name__}).{untried} Put the {len(source.files)} files "
            f"{source.files[0]} ... {source.files[-1]} there, or set DPRIOR_DATA to a folder that has {source.name}/."
        ) from error
    return paths


def _download(address: str, path: Path) -> None:
    """Fetch one file elsewhere and write it to `path` as a whole; sets are verified after decoding."""
    import pooch

    with tempfile.TemporaryDirectory(prefix="dprior-lite-") as place:
        got = pooch.retrieve(
            address,
            known_hash=None,
            fname=path.name,
            path=place,
            progressbar=False,
            downloader=pooch.HTTPDownloader(timeout=10),
        )
        write_bytes(path, Path(got).read_bytes())


def check_digest(source: Source, digest: str) -> None:
    """Raise `ValueError` if the decoded pixels of a set are not the declared ones."""
    if source.digest and digest != source.digest:
        raise ValueError(
            f"The set {source.name!r} in {cache_folder() / source.name} decodes to other pixels (sha256"
            f" {digest[:12]}...) than declared ({source.digest[:12]}...): delete the folder and fetch it again."
        )


def pixels_digest(arrays: list[np.ndarray]) -> str:
    """Return the sha256 over shapes and bytes of decoded 8-bit pictures, in order.

    Examples
    --------
    >>> pixels_digest([np.zeros((2, 2), np.uint8)])[:8]
    '660c5b93'
    """
    from hashlib import sha256

    total = sha256()
    for array in arrays:
        total.update(repr(array.shape).encode() + np.ascontiguousarray(array, np.uint8).tobytes())
    return total.hexdigest()
