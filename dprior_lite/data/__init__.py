"""Pictures in [0, 1]: bundled photographs, digits, named sets, a person's folder, random patches."""

from __future__ import annotations

from dprior_lite.data.checks import check_pictures
from dprior_lite.data.digits import digits8, mnist
from dprior_lite.data.patches import Patches, Points
from dprior_lite.data.photographs import SPLITS, folder, photos, picture_set, texture, tiles
from dprior_lite.data.portraits import PortraitFactors, draw_portraits, portrait_factors, portraits
from dprior_lite.data.registry import SOURCES, DataAbsent, Source, cache_folder, record

__all__ = [
    "SOURCES",
    "SPLITS",
    "DataAbsent",
    "Patches",
    "Points",
    "PortraitFactors",
    "Source",
    "cache_folder",
    "check_pictures",
    "digits8",
    "draw_portraits",
    "folder",
    "mnist",
    "photos",
    "picture_set",
    "portrait_factors",
    "portraits",
    "record",
    "texture",
    "tiles",
]
