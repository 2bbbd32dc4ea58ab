"""A portrait from back to front: background, hair behind the head, clothes, neck, ears, and the head in a window."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dprior_lite.data.portrait_face import RIM, hair_density, head
from dprior_lite.data.portrait_geometry import PortraitFactors, View, bell, lit, mix, positive, step, view


def draw_chunk(f: PortraitFactors, side: int) -> Tensor:
    """Return pictures (N, side, side) in [0, 1], one sample a pixel, of factors of shape (N, 1, 1)."""
    h = view(f, side)
    picture = background(f, h)
    hair = hair_light(f, h)
    picture = mix(picture, hair, hair_behind(f, h))
    picture = ears(f, h, neck(f, h, body(f, h, picture)))
    # the head is drawn in a window around it, which takes half the time
    places = _windows(f, h, side)
    cut = [torch.stack([part[place] for place in places]) for part in (h.x, h.y, hair, picture)]
    for place, drawn in zip(places, head(f, h.lamp, *cut), strict=True):
        picture[place] = drawn
    # bright values are bent so that they stay below 1
    return (picture * (1.0 + picture.square().square_()).rsqrt_().sqrt_()).clamp_(0.0, 1.0)


def _windows(f: PortraitFactors, h: View, side: int) -> list[tuple[int, slice, slice]]:
    """Return, for each portrait, its place in the stack and the rows and columns around its head, all of one size."""
    reach = math.sqrt(1.0 + 1.5 * RIM)
    wide = f.width * (1.0 + (-f.jaw).clamp_min(0.0))
    cos, sin = f.tilt.cos().square(), f.tilt.sin().square()
    high, wide = (
        reach * (cos * own.square() + sin * other.square()).sqrt()
        for own, other in ((f.height, wide), (wide, f.height))
    )
    rows, columns = (min(side, math.ceil(float(half.max()) * side) + 2) for half in (high, wide))
    top = ((1.0 - h.cy - high) * (side / 2)).floor().clamp(0, side - rows).flatten().int().tolist()
    left = ((1.0 + h.cx - wide) * (side / 2)).floor().clamp(0, side - columns).flatten().int().tolist()
    return [(k, slice(i, i + rows), slice(j, j + columns)) for k, (i, j) in enumerate(zip(top, left, strict=True))]


def background(f: PortraitFactors, h: View) -> Tensor:
    """Return the wall behind the head: a level, a slope and the glow of the light."""
    wall = f.background * (1.0 + f.background_slope * (h.px + 0.6 * h.py))
    glow = bell((h.px + 0.4 * f.light_turn) / 1.1, (h.py - 0.1) / 1.1)
    return wall * (0.86 + 0.16 * glow)


def hair_light(f: PortraitFactors, h: View) -> Tensor:
    """Return the tone of the hair: a dome with a sheen, and strands that fall away from the parting."""
    hx, hy = h.x / (1.15 + f.hair_volume), h.y / (1.15 + f.hair_volume)
    nz = positive(1.0 - hx.square() - hy.square(), 0.3).sqrt()
    dot = hx * h.lamp[0] + hy * h.lamp[1] + nz * h.lamp[2]
    fall = (h.x - f.hair_part) / (positive(h.y + 0.9, 0.3) + 0.45)
    strands = torch.sin(21.0 * fall + 3.0 * h.y) + 0.9 * torch.sin(40.0 * fall - 5.0 * h.y + 1.0)
    sheen = bell((dot - 0.80) / 0.14) * (1.0 + 0.25 * strands)
    part = bell((h.x - f.hair_part * (1.2 - 0.4 * h.y)) / 0.06) * step(h.y - 0.5, 0.3)
    shade = lit(f, dot) * (1.0 + 0.05 * strands) * (1.0 - 0.22 * part) * (0.70 + 0.30 * step(h.y + 0.15, 0.8))
    return f.hair_tone * shade + (0.06 + 0.13 * f.hair_tone) * f.light_strength * sheen


def hair_behind(f: PortraitFactors, h: View) -> Tensor:
    """Return where the mass of hair behind the head is seen."""
    wide = 1.02 + 0.9 * f.hair_volume * (0.35 + 0.65 * f.hair_length)
    tall = 1.0 + 0.85 * f.hair_volume
    wave = 1.0 + 0.025 * torch.sin(5.0 * h.y + 4.0 * f.hair_part) + 0.05 * f.hair_part * h.x
    up, down = positive(h.y, 0.1) / tall, positive(-h.y, 0.1) / (0.30 + 1.45 * f.hair_length)
    reach = (h.x / (wide * wave)).square() + up.square() + down.square().square()
    return step(1.0 - reach, 0.09) * hair_density(f)


def body(f: PortraitFactors, h: View, picture: Tensor) -> Tensor:
    """Return the picture with shoulders in clothes."""
    x, chin = h.px - 0.5 * f.shift, h.cy - f.height
    across = 0.66 + 0.40 * f.width
    top = chin - 0.04 - 0.34 * (x / across).square().square_() - 0.16 * (x / across).square()
    dot = x / (across * 1.25) * h.lamp[0] + 0.45 * h.lamp[1] + 0.75 * h.lamp[2]
    fold = 1.0 + 0.06 * torch.sin(9.0 * x + 5.0 * h.py) * bell((h.py + 0.95) / 0.3)
    return mix(picture, f.clothes * lit(f, dot) * fold, step(top - h.py, 0.03))


def neck(f: PortraitFactors, h: View, picture: Tensor) -> Tensor:
    """Return the picture with a neck down to the collar, shaded under the chin."""
    chin = h.cy - f.height
    half = f.width * (0.60 - 0.25 * f.jaw) * (1.0 + 0.9 * positive(chin - 0.06 - h.py, 0.05))
    place = (h.px - 0.75 * f.shift) / half
    nz = positive(1.0 - place.square(), 0.1).sqrt()
    dot = place * h.lamp[0] + 0.1 * h.lamp[1] + nz * h.lamp[2]
    under = 1.0 - 0.50 * step(h.py - chin + 0.07 + 0.05 * place.square() - 0.05 * f.light_turn.sin() * place, 0.14)
    tone = f.skin * lit(f, dot) * under * 0.92
    collar = h.py - (chin - 0.22 + 0.20 * place.square())
    return mix(picture, tone, step(1.0 - place.abs(), 0.05) * step(collar, 0.04) * step(h.cy - h.py, 0.1))


def ears(f: PortraitFactors, h: View, picture: Tensor) -> Tensor:
    """Return the picture with ears beside the head; long hair covers them."""
    sign = torch.copysign(torch.ones_like(h.x), h.x)
    a, b = (h.x.abs() - 0.99 + 0.10 * f.turn * sign) / 0.14, (h.y + 0.04 - 0.5 * f.lift) / 0.21
    dot = 0.6 * h.lamp[0] * sign + 0.75 * h.lamp[2] - 0.15 * a
    inner = 1.0 - 0.35 * bell((a - 0.15) / 0.4, b / 0.55)
    seen = 1.0 - 0.97 * step(f.hair_length - 0.42, 0.2)
    return mix(picture, f.skin * lit(f, dot) * inner, step(1.0 - a.square() - b.square(), 0.2) * seen)
