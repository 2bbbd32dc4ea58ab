"""The face of a portrait: relief, light and shadow on the skin, eyes, brows, mouth, beard and the hair over it.

`u`, `v` and `t` are the coordinates of a sample on the turned ball of `portrait_geometry`. Every feature is a function
of them. The relief is a sum of bells, and its slopes tilt the surface before it is lit.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dprior_lite.data.portrait_geometry import Face, PortraitFactors, bell, lit, mix, on_ball, positive, step

RIM = 0.07  # a third of the width of the soft outline of the head, in squared distance from its middle


def head(
    f: PortraitFactors,
    lamp: tuple[Tensor, Tensor, Tensor],
    x: Tensor,
    y: Tensor,
    hair: Tensor,
    behind: Tensor,
) -> Tensor:
    """Return the picture `behind` with the head in front of it.

    Parameters
    ----------
    f : PortraitFactors
        Of shape (N, 1, 1).
    lamp : tuple of Tensor
        Direction towards the light in the picture, each (N, 1, 1).
    x, y, hair, behind : Tensor
        Upright coordinates of the head, tone of the hair and picture so far, (N, H, W), in a window around the head.
    """
    h = on_ball(f, lamp, x, y)
    covered, shadow = hair_front(f, h, y)
    shade, gloss = skin_light(f, h)
    shade = shade * (1.0 - 0.24 * shadow)
    face = f.skin * shade + (0.18 * (0.3 + f.skin)) * gloss
    face = beard(f, h, face, shade)
    face = mouth(f, h, nose(f, h, face), shade)
    face = brows(f, h, eyes(f, h, face), shade)
    return mix(behind, mix(face, hair, covered), step(1.0 - h.r2, RIM))


def _slopes(f: PortraitFactors, h: Face) -> tuple[Tensor, Tensor]:
    """Return the slopes of the relief of the face along `u` and `v`."""
    tip = -f.nose_length
    a, side = h.u.abs(), (12.0 * h.u).clamp_(-1.0, 1.0)  # slopes do not jump in the middle of the face
    ridge = h.u - 0.10 * f.turn * bell((h.v - tip) / 0.25)  # the tip stands off the face, so it moves further
    relief = (  # across, its sign, place along u and v, reach along u and v, height
        (a, side, f.eye_spacing, 0.05, 0.19, 0.13, -0.10),  # eye sockets
        (a, side, f.eye_spacing + 0.16, -0.22, 0.22, 0.18, 0.085),  # cheeks
        (a, side, f.nose_width * 0.85, tip - 0.01, 0.055, 0.055, 0.035),  # wings of the nose
        (a, side, 0.36, f.brow_height + 0.03, 0.24, 0.09, 0.045),  # ridge of the brows
        (a, side, 0.55, -0.50, 0.17, 0.22, -0.03),  # hollows of the cheeks
        (ridge, 1.0, 0.0, tip * 0.5 + 0.03, f.nose_width * 0.75, 0.26, 0.11),  # bridge of the nose
        (ridge, 1.0, 0.0, tip + 0.02, f.nose_width * 0.9, 0.085, 0.12),  # its tip
        (h.u, 1.0, 0.0, -0.545, f.mouth_width * 0.9, 0.10, 0.05),  # lips
        (h.u, 1.0, 0.0, -0.86, 0.20, 0.12, 0.07),  # chin
        (h.u, 1.0, 0.0, -0.705, 0.20, 0.06, -0.03),  # hollow above the chin
    )
    du = dv = 0.0
    for across, sign, at_u, at_v, reach_u, reach_v, height in relief:
        p, q = (across - at_u) / reach_u, (h.v - at_v) / reach_v
        b = bell(p, q).mul_(-2.0 * height)
        du, dv = du + b * p * (sign / reach_u), dv + b * q / reach_v
    return du, dv


def skin_light(f: PortraitFactors, h: Face) -> tuple[Tensor, Tensor]:
    """Return the brightness and the gloss of the skin of the face."""
    # the surface: a ball, flattened a little, with the relief
    du, dv = _slopes(f, h)
    nu, nv, nt = h.u - du, 0.85 * h.v - dv, h.t + 0.12
    scale = (nu.square() + nv.square() + nt.square()).rsqrt_()
    dot = (nu * h.light[0] + nv * h.light[1] + nt * h.light[2]) * scale
    # shadows: of the nose on the cheek, below the nose, in the sockets, above the chin, near the outline
    side, tip = f.light_turn.sin(), -f.nose_length
    cast = bell((h.u + side * 0.19) / 0.12, (h.v - tip - 0.04) / 0.13) * side.abs()
    below = bell(h.u / (f.nose_width * 1.5), (h.v - tip + 0.085) / 0.05)
    socket = bell((h.u.abs() - f.eye_spacing + 0.06) / 0.17, (h.v - 0.10) / 0.09)
    chin = bell(h.u / 0.22, (h.v + 0.71) / 0.05)
    dark = 1.0 - 0.40 * f.light_strength * cast - 0.30 * below - 0.26 * socket - 0.14 * chin
    dark = dark * (1.0 - 0.35 * positive(h.r2 - 0.72, 0.1))
    gloss = 3.0 * positive(dot - 0.80, 0.05).square()
    return lit(f, dot) * dark, gloss * f.light_strength


def eyes(f: PortraitFactors, h: Face, skin: Tensor) -> Tensor:
    """Return the face with eyes: white, iris, pupil, highlight, the fold above, the shade below and the lashes."""
    # coordinates of one eye, in half widths; outwards is towards the ear
    sign = torch.copysign(torch.ones_like(h.u), h.u)
    a, b = (h.u - sign * f.eye_spacing) / f.eye_size, (h.v - 0.045) / f.eye_size
    arch, outwards = 1.0 - a.square(), 0.07 * a * sign
    upper, lower = 0.50 * arch + outwards, -0.34 * arch + outwards
    # what lies between the lids
    iris_at = a - 0.34 * f.gaze
    ring = iris_at.square() + (b - 0.01).square()
    white = (0.42 + 0.5 * skin.clamp_max(1.0)) * (0.92 - 0.25 * a.square()) * (1.0 - 0.3 * step(b - upper + 0.22, 0.2))
    iris = 0.05 + 0.26 * step(ring - 0.05, 0.10)
    eye = mix(white, iris, step(0.185 - ring, 0.12))
    eye = eye + 0.62 * bell((iris_at - 0.16 * f.light_turn.sin()) / 0.18, (b - 0.15) / 0.18)
    # lids and lashes
    near = bell(a / 1.1)
    skin = skin * (1.0 - 0.22 * near * bell((b - upper - 0.27) / 0.10))
    skin = skin * (1.0 - 0.16 * near * bell((b - lower + 0.20) / 0.16))
    skin = mix(skin, eye, step(upper - b, 0.11) * step(b - lower, 0.11))
    lash = step(1.12 - a.abs(), 0.2) * bell((b - upper) / 0.15)
    return skin * (1.0 - 0.82 * lash)


def brows(f: PortraitFactors, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Return the face with brows, darker than the hair."""
    a = (h.u.abs() - f.eye_spacing - 0.01) / 0.24
    centre = 0.05 + f.brow_height + 0.24 * f.brow_angle * -a - 0.07 * a.square()
    thick = 0.040 - 0.012 * a
    mask = bell((h.v - centre) / thick) * step(1.0 - a.abs(), 0.3)
    return mix(skin, (0.04 + 0.42 * f.hair_tone) * shade * (0.4 + 0.6 * f.skin), 0.85 * mask)


def nose(f: PortraitFactors, h: Face, skin: Tensor) -> Tensor:
    """Return the face with nostrils and the creases beside the nose."""
    tip = -f.nose_length
    holes = bell((h.u.abs() - 0.55 * f.nose_width) / (0.36 * f.nose_width), (h.v - tip + 0.055) / 0.030)
    wings = bell((h.u.abs() - 1.25 * f.nose_width) / 0.03, (h.v - tip - 0.01) / 0.06)
    return skin * (1.0 - 0.62 * holes) * (1.0 - 0.22 * wings)


def mouth(f: PortraitFactors, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Return the face with lips, teeth, the dark between the lips, and the folds of a smile."""
    # height above the line of the mouth, which a smile bends, and half the gap between the lips
    a = h.u / f.mouth_width
    line = h.v + 0.545 - 0.085 * f.smile * (a.square() - 0.35)
    arch = positive(1.0 - a.square(), 0.05)
    gap = 0.11 * f.mouth_open.square() * arch
    ends = step(1.0 - a.abs(), 0.14)
    # the upper lip is darker, the lower one has a highlight
    upper, lower = 0.070 * arch * (1.0 - 0.30 * bell(a / 0.16)), -gap - 0.095 * arch
    lip = step(line - 0.35 * gap, 0.02) * step(upper + 0.4 * gap - line, 0.025) * ends
    skin = mix(skin, skin * 0.52, lip)
    lip = step(-0.65 * gap - line, 0.02) * step(line - lower, 0.03) * ends
    skin = mix(skin, skin * 0.70 + 0.12 * f.light_strength * bell((line - 0.55 * lower) / 0.025, a / 0.5), lip)
    # teeth in an open mouth, a dark line in a closed one
    inside = step(0.35 * gap - line, 0.018) * step(line + 0.65 * gap, 0.018) * ends * step(gap - 0.006, 0.012)
    teeth = step(line + 0.15 * gap, 0.03)
    skin = mix(skin, 0.06 + (0.12 + 0.62 * shade) * teeth, inside)
    crease = bell((line + 0.15 * gap) / 0.025) * step(1.08 - a.abs(), 0.16) * (1.0 - 0.9 * step(gap - 0.02, 0.02))
    corner = bell((a.abs() - 1.04) / 0.12, line / 0.03)
    fold = bell((h.u.abs() - 0.30 + 0.35 * (0.33 + h.v)) / 0.03, (h.v + 0.42) / 0.11) * positive(f.smile + 0.2, 0.3)
    return skin * (1.0 - 0.78 * crease) * (1.0 - 0.3 * corner) * (1.0 - 0.16 * fold)


def beard(f: PortraitFactors, h: Face, skin: Tensor, shade: Tensor) -> Tensor:
    """Return the face with a beard and a moustache around the lips."""
    a = h.u.abs()
    cheek = -0.36 - 0.12 * bell(a / 0.25) + 0.75 * positive(a - 0.55, 0.1)
    area = step(cheek - h.v, 0.16)
    lips = bell(h.u / (f.mouth_width * 0.95), (h.v + 0.565) / 0.085)
    grain = 1.0 + 0.10 * torch.sin(31.0 * h.u + 9.0 * h.v) * torch.sin(23.0 * h.v)
    tone = (0.03 + 0.62 * f.hair_tone) * shade * grain
    return mix(skin, tone, area * (1.0 - 0.92 * lips) * 0.92 * f.beard.square())


def hair_front(f: PortraitFactors, h: Face, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return where hair covers the head, above a hairline that is highest at the parting, and its shadow."""
    away = h.u - f.hair_part
    high = 0.60 - 0.55 * f.hair_volume + 0.13 * bell(away / 0.28) + 0.25 * bell(f.hair_length / 0.12)
    sides = h.u.square().square_()
    fringe = 0.028 * torch.sin(15.0 * h.u + 6.0 * f.hair_part) + 0.018 * torch.sin(26.0 * h.u)
    above = h.v - high + (0.85 + 1.2 * f.hair_length) * sides + 0.22 * away.square_() + fringe
    back = step(0.05 - h.t, 0.12) * step(y + 0.25 + 1.5 * f.hair_length, 0.2)
    density = hair_density(f)
    mask = 1.0 - (1.0 - step(above, 0.09)) * (1.0 - back)
    return mask * density, bell((above + 0.07) / 0.13) * density


def hair_density(f: PortraitFactors) -> Tensor:
    """Return how densely hair covers the head: nearly 0 where its length is 0, nearly 1 from a fifth on."""
    return 1.0 - torch.exp(-(f.hair_length / 0.10).square() - 0.08)
