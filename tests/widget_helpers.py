"""What the tests of figures in a browser share: small networks, the dark theme, one figure of each kind."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from dprior_lite.course.page import roadmap, tables
from dprior_lite.course.page.diagrams import Diagram
from dprior_lite.course.page.strips import strip
from dprior_lite.course.questions import boxes
from dprior_lite.course.web.filterlens import FilterLens
from dprior_lite.course.web.frames import Frames
from dprior_lite.course.web.jsnet import JSDenoiser
from dprior_lite.course.web.mixturelab import MixtureLab, extent, overlay
from dprior_lite.course.web.noisescale import NoiseScale
from dprior_lite.course.web.priorsampler import PriorSampler
from dprior_lite.course.web.ruler import Ruler
from dprior_lite.course.web.thermometers import Thermometers
from dprior_lite.course.web.twins import Twins
from dprior_lite.course.web.wiggle import Eigenvectors, Wiggle
from dprior_lite.measurements import cross

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


TEXTS = {"caption": "A caption & more.", "alt": "what is <seen>"}
PICTURE = (np.add.outer(np.arange(12), np.arange(12)) % 7) / 7


def eigenvectors(seed=0, count=4, shape=(8, 8)):
    """A pattern and random orthonormal vectors; eigenvalues from 1.2 down to -0.1."""
    rows = np.random.default_rng(int(10 * seed)).standard_normal((shape[0] * shape[1], count))
    return Eigenvectors(
        (np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 5) / 5,
        np.linalg.qr(rows)[0].T.reshape(count, *shape),
        np.linspace(1.2, -0.1, shape[0] * shape[1]),
    )


def every_kind():
    """One figure of each kind, by kind."""
    means, stack = [[-1, 0], [1, 0]], layers(False)
    arrows = overlay(lambda y, sigma: y / 2, [0.4], extent(means, [0.3, 0.3]))
    noise = torch.rand(8, 1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    drawing = Diagram(100, 60, "a box <b>", "A box.").box(5, 5, 40, 20, "one\ntwo").arrow((50, 15), (90, 15), "on")
    return {
        "boxes": boxes.predict("arrow", curtain=True),
        "frames": Frames(
            {"level": [0.2, 0.8]}, lambda level: np.full((8, 8), level), "Grey.", lambda level: f"{level}"
        ),
        "mixturelab": MixtureLab(means, [0.3, 0.3], [0.5, 0.5], overlay=arrows, **TEXTS),
        "jsnet": JSDenoiser(stack, PICTURE, [10, 50], **TEXTS),
        "twins": Twins({"a": (stack, True), "b": (layers(True, seed=1), True)}, PICTURE, [10, 50], (5, 20), **TEXTS),
        "filterlens": FilterLens(stack, PICTURE, [10, 50], unshuffle=1, window=5, **TEXTS),
        "sampler": PriorSampler(stack, (8, 8), [0.5, 1], max_steps=200, **TEXTS),
        "noisescale": NoiseScale(PICTURE, **TEXTS),
        "wiggle": Wiggle({"noise": [0.1, 0.2]}, eigenvectors, TEXTS["caption"], lambda level: TEXTS["alt"]),
        "ruler": Ruler(cross(), **TEXTS),
        "thermometers": Thermometers((2, 10, 100), points=40, particles=20, **TEXTS),
        "roadmap": roadmap.roadmap(),
        "diagram": drawing.curve([(0, 0), (5, 9), (20, 3)], filled=True).dot(9, 9, "y").axes(5, 55, 80, 40, "x", "p"),
        "strip": strip([(n, noise[n], noise[n + 4], 0.5 / (n + 1)) for n in range(4)], **TEXTS),
        "table": tables.table(
            [["plain", 26.02], ["other", -0.4]], columns=["loss", "PSNR, dB"], caption="Two <losses>."
        ),
    }
