"""The gates: what comes from outside passes one of them and is right afterwards, or is refused.

`pictures`
    A file is decoded to what a person sees, upright, in [0, 1], or refused: turned photographs, palettes, CMYK,
    inverted and 16-bit files, transparency, files of several pages, files that are too large. A tensor of clean
    pictures is finite, floating point, (B, C, H, W) and about [0, 1]. A value never wraps around.
`names`
    The name of a weight is a name, without folders. A folder in an environment variable may begin with `~`.
`files`
    Every file is written under a temporary name, synced, and renamed. A killed or failed writer leaves what was there
    before, and its remains are removed at the next start. A weight and its card change together or not at all.

Gates import torch, numpy, PIL, the standard library and each other, nothing else of the package.
"""

from __future__ import annotations
