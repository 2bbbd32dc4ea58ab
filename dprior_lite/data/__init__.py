"""Pictures in [0, 1]: bundled photographs, digits, named sets, a person's folder, random patches, known geometry."""

from __future__ import annotations

from dprior_lite.data.checks import check_pictures
from dprior_lite.data.cifar import CIFAR_CLASSES, cifar10
from dprior_lite.data.digits import digits8, mnist
from dprior_lite.data.disc import Discs, disc_parameters, disc_tangent, discs, draw_discs
from dprior_lite.data.faint_digits import digit_groups, faint_digits
from dprior_lite.data.geometric import (
    c_alpha,
    c_alpha_with_contour,
    contour_distance,
    shuffle_pixels,
    sinusoid_basis,
    sinusoids,
    unshuffle_pixels,
)
from dprior_lite.data.ovals import (
    ASPECT_RATIOS,
    HELD_OUT_RATIOS,
    TRAINED_RATIOS,
    oval_groups,
    ovals,
    ovals_of_classes,
)
from dprior_lite.data.patches import Patches, Points
from dprior_lite.data.photographs import SPLITS, folder, photos, picture_set, texture, tiles
from dprior_lite.data.portraits import PortraitFactors, draw_portraits, portrait_factors, portraits
from dprior_lite.data.registry import SOURCES, DataAbsent, Source, cache_folder, record
from dprior_lite.data.streams import uniforms
from dprior_lite.data.textures import TEXTURES, texture_groups, texture_patches

__all__ = [
    "ASPECT_RATIOS",
    "CIFAR_CLASSES",
    "HELD_OUT_RATIOS",
    "SOURCES",
    "SPLITS",
    "TEXTURES",
    "TRAINED_RATIOS",
    "DataAbsent",
    "Discs",
    "Patches",
    "Points",
    "PortraitFactors",
    "Source",
    "c_alpha",
    "c_alpha_with_contour",
    "cache_folder",
    "check_pictures",
    "cifar10",
    "contour_distance",
    "digit_groups",
    "digits8",
    "disc_parameters",
    "disc_tangent",
    "discs",
    "draw_discs",
    "draw_portraits",
    "faint_digits",
    "folder",
    "mnist",
    "oval_groups",
    "ovals",
    "ovals_of_classes",
    "photos",
    "picture_set",
    "portrait_factors",
    "portraits",
    "record",
    "shuffle_pixels",
    "sinusoid_basis",
    "sinusoids",
    "texture",
    "texture_groups",
    "texture_patches",
    "tiles",
    "uniforms",
    "unshuffle_pixels",
]
