"""The parts of a portrait, drawn from back to front: background, clothes, hair, neck, ears, head and face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_EDGE = 0.016  # half width of a soft edge, where the picture spans [-1, 1]
_RIM = 0.07  # the same for the outline of the head, in squared distance
_HEIGHT = 0.55  # sine of the light's height above the horizon


@dataclass(frozen=True)
class View:
    """Where every sample lies in the picture and on the head, and where the light comes from."""

    px: Tensor  # picture coordinates, right and up, from -1 to 1
    py: Tensor
    x: Tensor  # upright coordinates of the head, 1 at its outline
    y: Tensor
    cx: Tensor  # middle of the head
    cy: Tensor
    lamp: tuple[Tensor, Tensor, Tensor]  # towards the light: right, up, out of the picture


@dataclass(frozen=True)
class Face:
    """Where every sample lies on a unit ball that turns with the face."""

    r2: Tensor  # squared distance from the middle of the head, 1 at its outline
    u: Tensor  # to the right
    v: Tensor  # up
    t: Tensor  # out of the face
    light: tuple[Tensor, Tensor, Tensor]  # towards the light, along u, v and t


def step(value: Tensor, width: float = _EDGE) -> Tensor:
    """Return a soft step: 0 below `-1.5 * width`, 1 above `1.5 * width`."""
    t = (value * (1.0 / (3.0 * width))).add_(0.5).clamp_(0.0, 1.0)
    return (t * -2.0).add_(3.0).mul_(t).mul_(t)


def bell(*distances: Tensor) -> Tensor:
    """Return a bell, nearly exp(-q) of the sum q of the squared distances, and 0 where q is above 8."""
    total = distances[0] * distances[0]
    for d in distances[1:]:
        total = torch.addcmul(total, d, d)
    b = total.mul_(-0.125).add_(1.0).clamp_min_(0.0)
    return _eighth(b)


def _eighth(b: Tensor) -> Tensor:
    b = b.mul_(b)
    b = b.mul_(b)
    return b.mul_(b)


def mix(below: Tensor, above: Tensor, mask: Tensor) -> Tensor:
    """Lay `above` over `below` where `mask` is 1."""
    return below + (above - below) * mask


def _positive(value: Tensor, soft: float) -> Tensor:
    """Return a smooth positive part."""
    return 0.5 * (value + (value.square() + soft * soft).sqrt())


def view(f, side: int) -> View:
    """Return the place of every sample of a `side` x `side` grid for the portraits `f`."""
    line = (torch.arange(side) + 0.5) * (2.0 / side) - 1.0
    px, py = line[None, None, :], -line[None, :, None]
    cx, cy = f.shift, 0.06 + 0.15 * f.lift
    dx, dy = px - cx, py - cy
    cos, sin = f.tilt.cos(), f.tilt.sin()
    y = (cos / f.height) * dy - (sin / f.height) * dx
    x = (cos * dx + sin * dy) / (1.0 - f.jaw * _positive(-0.05 - y, 0.25)).mul_(f.width)
    across = math.sqrt(1 - _HEIGHT**2)
    lamp = (f.light_turn.sin() * across, torch.full_like(f.turn, _HEIGHT), f.light_turn.cos() * across)
    return View(px, py, x, y, cx, cy, lamp)


def on_ball(f, lamp: tuple[Tensor, Tensor, Tensor], x: Tensor, y: Tensor) -> Face:
    """Return the points of the turned face that are seen at the head coordinates `x`, `y`."""
    r2 = x * x + y * y
    s = _positive(1.0 - r2, 0.02).sqrt_()
    ct, st, cl, sl = f.turn.cos(), f.turn.sin(), f.lift.cos(), f.lift.sin()
    u, w = ct * x - st * s, st * x + ct * s
    v, t = cl * y - sl * w, sl * y + cl * w
    cos, sin = f.tilt.cos(), f.tilt.sin()
    lx, ly = cos * lamp[0] + sin * lamp[1], cos * lamp[1] - sin * lamp[0]
    lu, lw = ct * lx - st * lamp[2], st * lx + ct * lamp[2]
    return Face(r2, u, v, t, (lu, cl * ly - sl * lw, sl * ly + cl * lw))


def lit(f, dot: Tensor) -> Tensor:
    """Return the brightness of a surface whose normal makes this cosine with the light."""
    return 1.0 - 0.80 * f.light_strength + (0.10 + 1.05 * f.light_strength) * _positive(dot, 0.12)


def _bumps(f, h: Face) -> tuple[Tensor, Tensor]:
    """Return the slopes of the relief of the face along `u` and `v`."""
    a, sign = h.u.abs(), (12.0 * h.u).clamp_(-1.0, 1.0)  # slopes do not jump in the middle of the face
    tip = -f.nose_length
    du, dv = 0.0, 0.0
    pairs = (  # place and reach along u and v, height
        (f.eye_spacing, 0.05, 0.19, 0.13, -0.10),
        (f.eye_spacing + 0.16, -0.22, 0.22, 0.18, 0.085),
        (f.nose_width * 0.85, tip - 0.01, 0.055, 0.055, 0.035),
        (0.36, f.brow_height + 0.03, 0.24, 0.09, 0.045),
        (0.55, -0.50, 0.17, 0.22, -0.03),
    )
    for pu, pv, wu, wv, height in pairs:
        du, dv = _slope(du, dv, sign, (a - pu) / wu, (h.v - pv) / wv, wu, wv, height)
    nose = h.u - 0.10 * f.turn * bell((h.v - tip) / 0.25)
    singles = (
        (nose, 0.0, tip * 0.5 + 0.03, f.nose_width * 0.75, 0.26, 0.11),
        (nose, 0.0, tip + 0.02, f.nose_width * 0.9, 0.085, 0.12),
        (h.u, 0.0, -0.545, f.mouth_width * 0.9, 0.10, 0.05),
        (h.u, 0.0, -0.86, 0.20, 0.12, 0.07),
        (h.u, 0.0, -0.705, 0.20, 0.06, -0.03),
    )
    for place, pu, pv, wu, wv, height in singles:
        du, dv = _slope(du, dv, 1.0, (place - pu) / wu, (h.v - pv) / wv, wu, wv, height)
    return du, dv


def _slope(du, dv, sign, p, q, wu, wv, height):
    """Add the slopes of one bump."""
    b = bell(p, q) * (-2.0 * height)
    return du + b * p * sign / wu, dv + b * q / wv


def skin_light(f, h: Face) -> tuple[Tensor, Tensor]:
    """Return the brightness and the gloss of the skin of the face."""
    du, dv = _bumps(f, h)
    nu, nv, nt = h.u - du, 0.85 * h.v - dv, h.t + 0.12
    scale = (nu.square() + nv.square() + nt.square()).rsqrt()
    dot = (nu * h.light[0] + nv * h.light[1] + nt * h.light[2]) * scale
    shade = lit(f, dot)
    side = f.light_turn.sin()
    tip = -f.nose_length
    cast = bell((h.u + side * 0.19) / 0.12, (h.v - tip - 0.04) / 0.13) * side.abs()
    under = bell(h.u / (f.nose_width * 1.5), (h.v - tip + 0.085) / 0.05)
    socket = bell((h.u.abs() - f.eye_spacing + 0.06) / 0.17, (h.v - 0.10) / 0.09)
    chin = bell(h.u / 0.22, (h.v + 0.71) / 0.05)
    dark = 1.0 - 0.40 * f.light_strength * cast - 0.30 * under - 0.26 * socket - 0.14 * chin
    dark = dark * (1.0 - 0.35 * _positive(h.r2 - 0.72, 0.1))
    gloss = _positive(dot - 0.80, 0.05).square() * 3.0
    return shade * dark, gloss * f.light_strength


def eyes(f, h: Face, skin: Tensor) -> Tensor:
    """Paint the eyes: lids, white, iris, pupil and highlight."""
    sign = torch.where(h.u < 0, -1.0, 1.0)
    a, b = (h.u - sign * f.eye_spacing) / f.eye_size, (h.v - 0.045) / f.eye_size
    out = a * sign
    arch = 1.0 - a.square()
    upper, lower = 0.50 * arch + 0.07 * out, -0.34 * arch + 0.07 * out
    soft = 0.11
    inside = step(upper - b, soft) * step(b - lower, soft)
    near = bell(a / 1.1)
    iris_at = a - 0.34 * f.gaze
    ring = iris_at.square() + (b - 0.01).square()
    white = (0.42 + 0.5 * skin.clamp_max(1.0)) * (0.92 - 0.25 * a.square()) * (1.0 - 0.3 * step(b - upper + 0.22, 0.2))
    iris = 0.05 + 0.26 * step(ring - 0.05, 0.10)
    eye = mix(white, iris, step(0.185 - ring, 0.12))
    eye = eye + 0.62 * bell((iris_at - 0.16 * f.light_turn.sin()) / 0.18, (b - 0.15) / 0.18)
    skin = skin * (1.0 - 0.22 * near * bell((b - upper - 0.27) / 0.10))
    skin = skin * (1.0 - 0.16 * near * bell((b - lower + 0.20) / 0.16))
    skin = mix(skin, eye, inside)
    lash = step(1.12 - a.abs(), 0.2) * bell((b - upper) / 0.15)
    return skin * (1.0 - 0.82 * lash)


def brows(f, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Paint the brows, darker than the hair."""
    a = (h.u.abs() - f.eye_spacing - 0.01) / 0.24
    centre = 0.05 + f.brow_height + 0.24 * f.brow_angle * -a - 0.07 * a.square()
    thick = 0.040 - 0.012 * a
    mask = bell((h.v - centre) / thick) * step(1.0 - a.abs(), 0.3)
    return mix(skin, (0.04 + 0.42 * f.hair_tone) * shade * (0.4 + 0.6 * f.skin), 0.85 * mask)


def mouth(f, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Paint nostrils, lips, teeth and the dark between the lips."""
    tip = -f.nose_length
    holes = bell((h.u.abs() - 0.55 * f.nose_width) / (0.36 * f.nose_width), (h.v - tip + 0.055) / 0.030)
    wing = bell((h.u.abs() - 1.25 * f.nose_width) / 0.03, (h.v - tip - 0.01) / 0.06)
    skin = skin * (1.0 - 0.62 * holes) * (1.0 - 0.22 * wing)
    a = h.u / f.mouth_width
    a2 = a.square()
    line = h.v + 0.545 - 0.085 * f.smile * (a2 - 0.35)
    open_ = 0.11 * f.mouth_open.square()
    arch = _positive(1.0 - a2, 0.05)
    ends = step(1.0 - a.abs(), 0.14)
    gap = open_ * arch
    upper = 0.070 * arch * (1.0 - 0.30 * bell(a / 0.16))
    low = -gap - 0.095 * arch
    lip_up = step(line - 0.35 * gap, 0.02) * step(upper + 0.4 * gap - line, 0.025) * ends
    lip_low = step(-0.65 * gap - line, 0.02) * step(line - low, 0.03) * ends
    skin = mix(skin, skin * 0.52, lip_up)
    skin = mix(skin, skin * 0.70 + 0.12 * f.light_strength * bell((line - 0.55 * low) / 0.025, a / 0.5), lip_low)
    inside = step(0.35 * gap - line, 0.018) * step(line + 0.65 * gap, 0.018) * ends * step(gap - 0.006, 0.012)
    teeth = step(line + 0.15 * gap, 0.03)
    skin = mix(skin, 0.06 + (0.12 + 0.62 * shade) * teeth, inside)
    crease = bell((line + 0.15 * gap) / 0.025) * step(1.08 - a.abs(), 0.16) * (1.0 - 0.9 * step(gap - 0.02, 0.02))
    corner = bell((a.abs() - 1.04) / 0.12, line / 0.03)
    fold = bell((h.u.abs() - 0.30 - 0.35 * (-0.33 - h.v)) / 0.03, (h.v + 0.42) / 0.11) * _positive(f.smile + 0.2, 0.3)
    return skin * (1.0 - 0.78 * crease) * (1.0 - 0.3 * corner) * (1.0 - 0.16 * fold)


def beard(f, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Paint a beard and a moustache over the lower face, around the lips."""
    a = h.u.abs()
    cheek = -0.36 - 0.12 * bell(a / 0.25) + 0.75 * _positive(a - 0.55, 0.1)
    area = step(cheek - h.v, 0.16)
    lips = bell(h.u / (f.mouth_width * 0.95), (h.v + 0.565) / 0.085)
    grain = 1.0 + 0.10 * torch.sin(31.0 * h.u + 9.0 * h.v) * torch.sin(23.0 * h.v)
    tone = (0.03 + 0.62 * f.hair_tone) * shade * grain
    return mix(skin, tone, area * (1.0 - 0.92 * lips) * 0.92 * f.beard.square())


def hair_light(f, h: View) -> Tensor:
    """Return the tone of the hair: a dome with strands that fall away from the parting, and a sheen."""
    hx, hy = h.x / (1.15 + f.hair_volume), h.y / (1.15 + f.hair_volume)
    nz = _positive(1.0 - hx.square() - hy.square(), 0.3).sqrt()
    dot = hx * h.lamp[0] + hy * h.lamp[1] + nz * h.lamp[2]
    fall = (h.x - f.hair_part) / (_positive(h.y + 0.9, 0.3) + 0.45)
    strands = torch.sin(21.0 * fall + 3.0 * h.y) + 0.9 * torch.sin(40.0 * fall - 5.0 * h.y + 1.0)
    sheen = bell((dot - 0.80) / 0.14) * (1.0 + 0.25 * strands)
    part = bell((h.x - f.hair_part * (1.2 - 0.4 * h.y)) / 0.06) * step(h.y - 0.5, 0.3)
    tone = (
        f.hair_tone * lit(f, dot) * (1.0 + 0.05 * strands) * (1.0 - 0.22 * part) * (0.70 + 0.30 * step(h.y + 0.15, 0.8))
    )
    return tone + (0.06 + 0.13 * f.hair_tone) * f.light_strength * sheen


def hair_behind(f, h: View) -> Tensor:
    """Return where the mass of hair behind the head is seen."""
    wide = 1.02 + 0.9 * f.hair_volume * (0.35 + 0.65 * f.hair_length)
    tall = 1.0 + 0.85 * f.hair_volume
    wave = 1.0 + 0.025 * torch.sin(5.0 * h.y + 4.0 * f.hair_part) + 0.05 * f.hair_part * h.x
    up, down = _positive(h.y, 0.1) / tall, _positive(-h.y, 0.1) / (0.30 + 1.45 * f.hair_length)
    reach = (h.x / (wide * wave)).square() + up.square() + down.square().square()
    return step(1.0 - reach, 0.09) * _cover(f)


def hair_front(f, h: Face, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return where hair covers the head, above a hairline that is highest at the parting, and its shadow."""
    away = h.u - f.hair_part
    high = 0.60 - 0.55 * f.hair_volume + 0.13 * bell(away / 0.28) + 0.25 * bell(f.hair_length / 0.12)
    sides = h.u.square().square_()
    fringe = 0.028 * torch.sin(15.0 * h.u + 6.0 * f.hair_part) + 0.018 * torch.sin(26.0 * h.u)
    above = h.v - high + (0.85 + 1.2 * f.hair_length) * sides + 0.22 * away.square_() + fringe
    back = step(0.05 - h.t, 0.12) * step(y + 0.25 + 1.5 * f.hair_length, 0.2)
    cover = _cover(f)
    mask = 1.0 - (1.0 - step(above, 0.09)) * (1.0 - back)
    return mask * cover, bell((above + 0.07) / 0.13) * cover


def _cover(f) -> Tensor:
    """Return how densely hair covers the head: little where it is nearly bald."""
    return 1.0 - torch.exp(-(f.hair_length / 0.10).square() - 0.08)


def body(f, h: View, picture: Tensor, skin_tone: Tensor) -> tuple[Tensor, Tensor]:
    """Return the picture with clothes, and what the neck adds later: its mask and tone."""
    x = h.px - 0.5 * f.shift
    chin = h.cy - f.height
    across = 0.66 + 0.40 * f.width
    top = chin - 0.04 - 0.34 * (x / across).square().square() - 0.16 * (x / across).square()
    nx = x / (across * 1.25)
    dot = nx * h.lamp[0] + 0.45 * h.lamp[1] + 0.75 * h.lamp[2]
    fold = 1.0 + 0.06 * torch.sin(9.0 * x + 5.0 * h.py) * bell((h.py + 0.95) / 0.3)
    picture = mix(picture, f.clothes * lit(f, dot) * fold, step(top - h.py, 0.03))
    return picture, x


def neck(f, h: View, picture: Tensor, x: Tensor) -> Tensor:
    """Paint the neck down to the collar, shaded under the chin."""
    chin = h.cy - f.height
    half = f.width * (0.60 - 0.25 * f.jaw) * (1.0 + 0.9 * _positive(chin - 0.06 - h.py, 0.05))
    place = (h.px - 0.75 * f.shift) / half
    nz = _positive(1.0 - place.square(), 0.1).sqrt()
    dot = place * h.lamp[0] + 0.1 * h.lamp[1] + nz * h.lamp[2]
    under = 1.0 - 0.50 * step(h.py - chin + 0.07 + 0.05 * place.square() - 0.05 * f.light_turn.sin() * place, 0.14)
    tone = f.skin * lit(f, dot) * under * 0.92
    collar = h.py - (chin - 0.22 + 0.20 * place.square())
    return mix(picture, tone, step(1.0 - place.abs(), 0.05) * step(collar, 0.04) * step(h.cy - h.py, 0.1))


def ears(f, h: View, picture: Tensor) -> Tensor:
    """Paint the ears beside the head; long hair covers them."""
    sign = torch.where(h.x < 0, -1.0, 1.0)
    a, b = (h.x.abs() - 0.99 + 0.10 * f.turn * sign) / 0.14, (h.y + 0.04 - 0.5 * f.lift) / 0.21
    dot = 0.6 * h.lamp[0] * sign + 0.75 * h.lamp[2] - 0.15 * a
    inner = 1.0 - 0.35 * bell((a - 0.15) / 0.4, b / 0.55)
    seen = 1.0 - 0.97 * step(f.hair_length - 0.42, 0.2)
    return mix(picture, f.skin * lit(f, dot) * inner, step(1.0 - a.square() - b.square(), 0.2) * seen)


def head(f, lamp, x: Tensor, y: Tensor, hair: Tensor, behind: Tensor) -> Tensor:
    """Return the picture `behind` with the head in front of it."""
    h = on_ball(f, lamp, x, y)
    covered, shadow = hair_front(f, h, y)
    shade, gloss = skin_light(f, h)
    shade = shade * (1.0 - 0.24 * shadow)
    face = f.skin * shade + (0.18 * (0.3 + f.skin)) * gloss
    face = beard(f, h, face, shade)
    face = mouth(f, h, face, shade)
    face = eyes(f, h, face)
    face = brows(f, h, face, shade)
    return mix(behind, mix(face, hair, covered), step(1.0 - h.r2, _RIM))


def _window(f, h: View, side: int) -> tuple[list[int], list[int], int, int]:
    """Return the first row and column of a window around each head, and the size of all windows."""
    reach = math.sqrt(1.0 + 1.5 * _RIM)
    wide = f.width * (1.0 + (-f.jaw).clamp_min(0.0))
    half = [
        reach * ((a * f.tilt.cos()).square() + (b * f.tilt.sin()).square()).sqrt()
        for a, b in ((f.height, wide), (wide, f.height))
    ]
    rows, columns = (min(side, math.ceil(float(v.max()) * side) + 2) for v in half)
    top = ((1.0 - h.cy - half[0]) * (side / 2)).floor().clamp(0, side - rows)
    left = ((1.0 + h.cx - half[1]) * (side / 2)).floor().clamp(0, side - columns)
    return top.flatten().int().tolist(), left.flatten().int().tolist(), rows, columns


def draw_chunk(f, side: int) -> Tensor:
    """Return pictures (N, side, side) of factors that have shape (N, 1, 1)."""
    h = view(f, side)
    picture = f.background * (1.0 + f.background_slope * (h.px + 0.6 * h.py))
    glow = bell((h.px + 0.4 * f.light_turn) / 1.1, (h.py - 0.1) / 1.1)
    picture = picture * (0.86 + 0.16 * glow)
    hair = hair_light(f, h)
    picture = mix(picture, hair, hair_behind(f, h))
    picture, x = body(f, h, picture, f.skin)
    picture = neck(f, h, picture, x)
    picture = ears(f, h, picture)
    # the head is drawn in a window around it
    top, left, rows, columns = _window(f, h, side)
    places = [(k, slice(i, i + rows), slice(j, j + columns)) for k, (i, j) in enumerate(zip(top, left, strict=True))]
    cut = [torch.stack([part[place] for place in places]) for part in (h.x, h.y, hair, picture)]
    for place, drawn in zip(places, head(f, h.lamp, *cut), strict=True):
        picture[place] = drawn
    return picture * (1.0 + picture.square().square_()).rsqrt_().sqrt_()
