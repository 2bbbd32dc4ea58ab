"""Pictures in [0, 1]: bundled photographs, digits, named sets, a person's folder, and random patches of them."""

from .checks import check_pictures
from .digits import digits8, mnist
from .patches import Patches, Points
from .photographs import SPLITS, folder, photos, picture_set, texture, tiles
from .registry import SOURCES, DataAbsent, Source, cache_folder, record

__all__ = ["SOURCES", "SPLITS", "DataAbsent", "Patches", "Points", "Source", "cache_folder", "check_pictures", "digits8", "folder", "mnist",
           "photos", "picture_set", "record", "texture", "tiles"]
