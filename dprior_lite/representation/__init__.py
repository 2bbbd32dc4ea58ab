"""What the middle of a denoiser represents: channel averages of its blocks, measured beside their controls.

The averages over space and noise of the channels of one block, phi, are a code of the clean picture that nobody asked
for (Kadkhodaie, Mallat & Simoncelli 2025). This package measures how sparse the code is, and what it keeps:

- `features` and `block_features` read phi at any block of any torch network;
- `participation_ratio` and `channel_types` say how many channels take part, `PARTICIPATION_NULLS` what chance gives;
- `clusters`, `separations` and `top_overlap` look for groups, `gaussian_surrogate` is a cloud without any;
- `nearest_neighbours` and `purity` compare neighbours in phi with neighbours in pixels or `principal_coordinates`;
- `reconstruct` draws other pictures with the same phi; each of its two moves can be left out.

The controls are the caller's: an untrained network of the same kind, pixels, the surrogate. Whether a code is semantic
is not measured. Neighbours that share a label may share a pose, a layout or a texture, and no more.
"""

from __future__ import annotations

from dprior_lite.representation.blocks import BlockMeans, block_features, block_names, channel_means, features
from dprior_lite.representation.clusters import (
    Overlap,
    assign,
    clusters,
    gaussian_surrogate,
    separation_ratio,
    separations,
    top_overlap,
)
from dprior_lite.representation.comparison import distance_ratio, distinct
from dprior_lite.representation.neighbours import nearest_neighbours, principal_coordinates, purity
from dprior_lite.representation.reconstruction import Guidance, guide, reconstruct, reconstruction
from dprior_lite.representation.sparsity import (
    PARTICIPATION_NULLS,
    ChannelTypes,
    channel_types,
    participation_ratio,
)

__all__ = [
    "PARTICIPATION_NULLS",
    "BlockMeans",
    "ChannelTypes",
    "Guidance",
    "Overlap",
    "assign",
    "block_features",
    "block_names",
    "channel_means",
    "channel_types",
    "clusters",
    "distance_ratio",
    "distinct",
    "features",
    "gaussian_surrogate",
    "guide",
    "nearest_neighbours",
    "participation_ratio",
    "principal_coordinates",
    "purity",
    "reconstruct",
    "reconstruction",
    "separation_ratio",
    "separations",
    "top_overlap",
]
