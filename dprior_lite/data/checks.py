"""One gate for clean pictures: shape, dtype, range and finiteness, with an error that says what to do."""

from __future__ import annotations

from torch import Tensor

LOWEST, HIGHEST = -0.5, 1.5


def check_pictures(x: Tensor, name: str = "x") -> Tensor:
    """Return `x` unchanged if it is a stack of clean pictures; otherwise explain what is wrong.

    Parameters
    ----------
    x : Tensor
        Pictures (B, C, H, W), floating point, values about [0, 1]; anything in [-0.5, 1.5] passes.
    name : str
        What the error calls it.

    Raises
    ------
    TypeError
        If `x` is no floating-point tensor.
    ValueError
        If the shape is not (B, C, H, W), a value is NaN or infinite, or the range is not that of pictures in [0, 1].

    Examples
    --------
    >>> import torch
    >>> check_pictures(torch.zeros(1, 1, 4, 4)).shape
    torch.Size([1, 1, 4, 4])
    """
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{name} is a {type(x).__name__}; expected a torch tensor (B, C, H, W). Use torch.as_tensor(...)."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"{name} has dtype {x.dtype}; expected float32 in [0, 1]. Use {name}.float() / 255 for 8-bit pictures."
        )
    if x.ndim != 4:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; expected (B, C, H, W). One gray picture (H, W) becomes {name}[None,"
            " None]."
        )
    if x.numel() == 0:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}, so it is empty; expected at least one picture of one pixel."
        )
    if not bool(x.isfinite().all()):
        raise ValueError(
            f"{name} holds {int((~x.isfinite()).sum())} values that are NaN or infinite; expected finite pictures."
        )
    low, high = float(x.min()), float(x.max())
    if low < LOWEST or high > HIGHEST:
        guess = (
            "It looks like 0..255: divide by 255."
            if 1.5 < high <= 255 and low >= 0
            else ("It looks like -1..1: use (x + 1) / 2." if -1.05 <= low and high <= 1.05 else "Rescale it to [0, 1].")
        )
        raise ValueError(f"{name} spans [{low:.3g}, {high:.3g}]; expected pictures in [0, 1]. {guess}")
    return x
