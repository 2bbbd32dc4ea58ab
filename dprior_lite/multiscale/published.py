"""The authors' multi-scale models of faces, for readers who have the checkpoints.

The folder of one model holds a folder for each network: `noise_range_0to255_RF_13x13_scale_0` for the finest details,
`..._scale_1` and so on for coarser ones, and one that ends in `_low` for the low-pass picture. The wavelet is Haar, the
bands are normalised, and the pictures are gray in [0, 1]: 160 x 160 pixels with two scales, or 320 x 320 with three.
The weights were trained on faces of people (CelebA), whose terms allow research that is not commercial.
"""

from __future__ import annotations

from pathlib import Path

from dprior_lite.gates.numbers import require_whole
from dprior_lite.gates.pictures import folder_path
from dprior_lite.multiscale.model import MultiscaleModel
from dprior_lite.nets.published_local import load_published_local


def load_published_model(folder: str | Path, field: int = 13) -> MultiscaleModel:
    """Return a published multi-scale model from its folder of checkpoints.

    Parameters
    ----------
    folder : str or Path
        Such as `denoisers/multi_scale/celebA_160x160_gray` of the authors' repository.
    field : int
        Receptive field of the networks of the details, in pixels. Those of 9 pixels are poor far above the noise of
        their training.

    Returns
    -------
    MultiscaleModel
        With as many scales as there are networks of that field.

    Raises
    ------
    TypeError, ValueError
        If `folder` is no path, `field` no number, or a file holds another network.
    FileNotFoundError
        If the folder, or the networks of that field, are not there; the message says which fields are.

    Examples
    --------
    >>> load_published_model("denoisers/multi_scale/none")
    Traceback (most recent call last):
    FileNotFoundError: There is no folder denoisers/multi_scale/none: clone the authors' repository and give ...
    """
    place, field = folder_path(folder, "folder"), require_whole(field, "field", 1)
    if not place.is_dir():
        raise FileNotFoundError(
            f"There is no folder {folder}: clone the authors' repository and give the path of one of its models."
        )
    found = {int(p.parent.name.rpartition("_")[2]): p for p in place.glob(f"*_RF_{field}x{field}_scale_[0-9]/model.pt")}
    low = sorted(place.glob("*_low/model.pt"))
    if sorted(found) != list(range(len(found))) or not found or not low:
        fields = sorted(
            {p.parent.name.partition("_RF_")[2].partition("x")[0] for p in place.glob("*_scale_*/model.pt")}
        )
        raise FileNotFoundError(
            f"{folder} has no complete model of field {field}: {len(low)} low-pass networks, details of scales"
            f" {sorted(found)}. Expected one network of each scale; there are fields {', '.join(fields) or 'none'}."
        )
    details = tuple(load_published_local(found[k]) for k in range(len(found)))
    return MultiscaleModel(load_published_local(low[0]), details)
