"""Where the samples of a portrait lie, how light falls on them, and the soft shapes that everything is drawn with.

A picture spans [-1, 1] both ways, and up is positive. The head is an egg. Inside its outline lies the visible half of a
unit ball, which turns with the face. So a part of the face moves, narrows and vanishes as it does on a head.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

EDGE = 0.016  # a third of the width of a soft edge
_HEIGHT = 0.55  # sine of the angle of the light above the horizon


@dataclass(frozen=True)
class PortraitFactors:
    """The factors of N portraits, each a tensor (N,); `RANGES` in `portraits` holds the values that are drawn.

    Left and right are those of the person who looks at the picture. Lengths of the face are in half widths and half
    heights of the head, other lengths in half sides of the picture. An albedo is the share of light that comes back.

    Attributes
    ----------
    turn, tilt, lift : Tensor
        Angles of the head in radians: to the right, anticlockwise in the picture, and upwards.
    shift : Tensor
        How far the head stands to the right of the middle.
    width, height, jaw : Tensor
        Half width and half height of the head, and how much it narrows towards the chin.
    skin : Tensor
        Albedo of the skin.
    light_turn, light_strength : Tensor
        Angle of the light in radians, from the right where positive, and its share against light from everywhere.
    eye_spacing, eye_size, gaze : Tensor
        Distance of an eye from the middle of the face, half width of an eye, and gaze from left (-1) to right (1).
    brow_height, brow_angle : Tensor
        How high the brows stand above the eyes, and their slope: positive where their inner ends are higher.
    nose_length, nose_width : Tensor
        How far the tip lies below the middle of the face, and half the width of the nose.
    mouth_width, mouth_open, smile : Tensor
        Half width, closed (0) to open (1), corners down (-1) to up (1).
    hair_length, hair_volume, hair_part, hair_tone : Tensor
        Bald (0) to long (1), how far the hair stands off the head, where it parts, and its albedo.
    beard : Tensor
        None (0) to full (1).
    background, background_slope : Tensor
        Gray level behind the head, and its relative slope towards the upper right.
    clothes : Tensor
        Albedo of the clothes.

    Examples
    --------
    >>> from dprior_lite.data import portrait_factors
    >>> portrait_factors([0, 7]).smile.shape
    torch.Size([2])
    """

    turn: Tensor
    tilt: Tensor
    lift: Tensor
    shift: Tensor
    width: Tensor
    height: Tensor
    jaw: Tensor
    skin: Tensor
    light_turn: Tensor
    light_strength: Tensor
    eye_spacing: Tensor
    eye_size: Tensor
    gaze: Tensor
    brow_height: Tensor
    brow_angle: Tensor
    nose_length: Tensor
    nose_width: Tensor
    mouth_width: Tensor
    mouth_open: Tensor
    smile: Tensor
    hair_length: Tensor
    hair_volume: Tensor
    hair_part: Tensor
    hair_tone: Tensor
    beard: Tensor
    background: Tensor
    background_slope: Tensor
    clothes: Tensor


@dataclass(frozen=True)
class View:
    """Where every sample lies in the picture and on the head, (N, side, side), and where the light comes from."""

    px: Tensor  # in the picture, from left (-1) to right (1), (1, 1, side)
    py: Tensor  # in the picture, from bottom (-1) to top (1), (1, side, 1)
    x: Tensor  # upright coordinates of the head, 1 at its outline
    y: Tensor
    cx: Tensor  # middle of the head in the picture, (N, 1, 1)
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


def step(value: Tensor, width: float = EDGE) -> Tensor:
    """Return a soft step: 0 below `-1.5 * width`, 1 above `1.5 * width`.

    Examples
    --------
    >>> step(torch.tensor([-0.3, 0.0, 0.3]), width=0.2)
    tensor([0.0000, 0.5000, 1.0000])
    """
    t = (value * (1.0 / (3.0 * width))).add_(0.5).clamp_(0.0, 1.0)
    return (t * -2.0).add_(3.0).mul_(t).mul_(t)


def bell(*distances: Tensor) -> Tensor:
    """Return a bell, nearly exp(-q) of the sum q of the squared distances, and 0 where q is above 8.

    Examples
    --------
    >>> bell(torch.tensor([0.0, 3.0]), torch.tensor([0.0, 0.0]))
    tensor([1., 0.])
    """
    total = distances[0] * distances[0]
    for d in distances[1:]:
        total = torch.addcmul(total, d, d)
    # (1 - q / 8) to the power of 8 ends at 0, so a feature is drawn in a window without a seam
    b = total.mul_(-0.125).add_(1.0).clamp_min_(0.0)
    for _ in range(3):
        b = b.mul_(b)
    return b


def mix(below: Tensor, above: Tensor, mask: Tensor) -> Tensor:
    """Return `above` where `mask` is 1, `below` where it is 0, and a mixture between.

    Examples
    --------
    >>> mix(torch.zeros(2), torch.ones(2), torch.tensor([0.0, 0.5]))
    tensor([0.0000, 0.5000])
    """
    return torch.lerp(below, above, mask)


def positive(value: Tensor, soft: float) -> Tensor:
    """Return the positive part of `value`, rounded off over about `soft` at 0.

    Examples
    --------
    >>> positive(torch.tensor([-30.0, 0.0, 30.0]), soft=0.1).round(decimals=2)
    tensor([ 0.0000,  0.0500, 30.0000])
    """
    return value.square().add_(soft * soft).sqrt_().add_(value).mul_(0.5)


def lit(f: PortraitFactors, dot: Tensor) -> Tensor:
    """Return the brightness of a surface whose normal makes the cosine `dot` with the light.

    Light comes from everywhere as well, and more so where `light_strength` is small.
    """
    return 1.0 - 0.80 * f.light_strength + (0.10 + 1.05 * f.light_strength) * positive(dot, 0.12)


def view(f: PortraitFactors, side: int) -> View:
    """Return the place of every sample of a `side` x `side` grid, for factors of shape (N, 1, 1)."""
    line = (torch.arange(side, dtype=torch.float32, device=f.turn.device) + 0.5) * (2.0 / side) - 1.0
    px, py = line[None, None, :], -line[None, :, None]
    # upright coordinates of the egg: moved, turned back, narrower towards the chin
    cx, cy = f.shift, 0.06 + 0.15 * f.lift
    dx, dy = px - cx, py - cy
    cos, sin = f.tilt.cos(), f.tilt.sin()
    y = (cos / f.height) * dy - (sin / f.height) * dx
    x = (cos * dx + sin * dy) / (1.0 - f.jaw * positive(-0.05 - y, 0.25)).mul_(f.width)
    across = math.sqrt(1 - _HEIGHT**2)
    lamp = (f.light_turn.sin() * across, torch.full_like(f.turn, _HEIGHT), f.light_turn.cos() * across)
    return View(px, py, x, y, cx, cy, lamp)


def on_ball(f: PortraitFactors, lamp: tuple[Tensor, Tensor, Tensor], x: Tensor, y: Tensor) -> Face:
    """Return the points of the turned face that are seen at the head coordinates `x`, `y`."""
    r2 = x * x + y * y  # (N, H, W)
    s = positive(1.0 - r2, 0.02).sqrt_()
    ct, st, cl, sl = f.turn.cos(), f.turn.sin(), f.lift.cos(), f.lift.sin()
    # the ball, turned back sideways and then up and down; the light turns with it
    u, w = ct * x - st * s, st * x + ct * s
    v, t = cl * y - sl * w, sl * y + cl * w
    cos, sin = f.tilt.cos(), f.tilt.sin()
    lx, ly = cos * lamp[0] + sin * lamp[1], cos * lamp[1] - sin * lamp[0]
    lu, lw = ct * lx - st * lamp[2], st * lx + ct * lamp[2]
    return Face(r2, u, v, t, (lu, cl * ly - sl * lw, sl * ly + cl * lw))
