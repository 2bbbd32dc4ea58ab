"""A small multi-layer perceptron for points in the plane: the toy denoiser that trains while the reader watches."""

from __future__ import annotations

from torch import Tensor, nn

from dprior_lite.nets import architecture


@architecture("mlp.MLP")
class MLP(nn.Module):
    """Denoiser of points `y -> x_hat`, both (B, d); it predicts the residual and adds it.

    Parameters
    ----------
    dim : int
        d of the points.
    width, depth : int
        Units of a hidden layer, and number of hidden layers.
    bias : bool
        Additive constants. A density whose centre is not the origin needs them.

    Examples
    --------
    >>> import torch
    >>> MLP(dim=2)(torch.zeros(3, 2)).shape
    torch.Size([3, 2])
    """

    def __init__(self, dim: int = 2, width: int = 128, depth: int = 3, bias: bool = True) -> None:
        super().__init__()
        sizes = [dim, *[width] * depth, dim]
        layers = [m for a, b in zip(sizes, sizes[1:]) for m in (nn.Linear(a, b, bias=bias), nn.SiLU())]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, d)."""
        return y + self.layers(y)
