"""What the tests of figures in a browser share: small networks, the dark theme, the pictures on a page."""

from __future__ import annotations

import torch
from torch.nn import functional as F

DARK = (
    "<style>html[data-theme=dark] body { background: #14181e; --pst-color-text-base: #ced6dd; --pst-color-text-muted:"
    " #9ca4af; --pst-color-primary: #6cb4f6; }</style>"
)


def layers(bias, seed=0, width=5):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(width, 1), (width, width), (1, width)]
    return [
        (
            torch.randn(*shape, 3, 3, generator=generator) / 4,
            torch.randn(shape[0], generator=generator) / 4 if bias else None,
            i < 2,
        )
        for i, shape in enumerate(shapes)
    ]


def torch_forward(stack, y, residual):
    x = y
    for weight, bias, relu in stack:
        x = F.conv2d(x, weight, bias, padding=1)
        x = F.relu(x) if relu else x
    return y - x if residual else x


def pictures(page):
    return page.evaluate("Array.from(document.querySelectorAll('canvas')).map(canvas => canvas.toDataURL())")
