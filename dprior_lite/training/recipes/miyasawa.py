"""Recipes of chapters 0 and 1: denoisers of photographs and of digits, a tiny one, and the live toy."""

from __future__ import annotations

from dprior_lite.training.noise import Fixed, Uniform
from dprior_lite.training.recipe import Recipe

_SIGMAS_255 = (10.0, 25.0, 50.0, 100.0)

RECIPES = (
    Recipe(
        name="photos-unet",
        says="bias-free UNet on photographs, sigma in [0, 100]/255",
        net="unet.UNet",
        net_args={"widths": [32, 64, 128], "blocks": [2, 2, 2]},
        data=("photos:train", "bsd400"),
        held_out="photos:tune",
        noise=Uniform(0.0, 100 / 255),
        steps={"ci": 20, "class": 400, "full": 60_000},
        sigmas_255=_SIGMAS_255,
    ),
    Recipe(
        name="digits-unet",
        says="bias-free UNet on MNIST 28x28, sigma in [0, 1]",
        net="unet.UNet",
        net_args={"widths": [32, 64, 96], "blocks": [1, 2, 2]},
        data=("mnist:train",),
        held_out="mnist:tune",
        noise=Uniform(0.0, 1.0),
        steps={"ci": 20, "class": 400, "full": 60_000},
        patch=28,
        turn=False,
        lr=2e-3,
        sigmas_255=(25.0, 50.0, 100.0, 200.0),
    ),
    Recipe(
        name="photos-tiny",
        says="five bias-free convolutions of 32 channels on photographs, small enough to run inside the page",
        net="bfcnn.BFCNN",
        net_args={"depth": 5, "width": 32, "norm": False},
        data=("photos:train", "bsd400"),
        held_out="photos:tune",
        noise=Uniform(0.0, 100 / 255),
        steps={"ci": 20, "class": 400, "full": 20_000},
        sigmas_255=_SIGMAS_255,
    ),
    Recipe(
        name="mixture-mlp",
        says="multi-layer perceptron on the 2-D mixture of chapter 1, one noise level",
        net="mlp.MLP",
        data=("mixture",),
        noise=Fixed(0.4),
        steps={"ci": 1500, "class": 4000, "full": 4000},
        batch=1024,
        lr=3e-3,
        ema=0.995,
    ),
)
