"""The gate for batches and noise levels: a batch is (B, ...), a level is one number or one an item, (B,)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real

import torch
from torch import Tensor

from dprior_lite.gates.numbers import FLOATS, holds, kind_of, require_number


def require_batch(
    y: Tensor, name: str = "y", dims: int | None = None, values: bool = True, empty: bool = False
) -> Tensor:
    """Return `y` if it is a batch of finite numbers (B, ...) in float32 or float64, of any scale.

    Parameters
    ----------
    y : Tensor
        Noisy pictures (B, C, H, W) or points (B, d).
    name : str
        What the error calls it.
    dims : int, optional
        How many dimensions it must have; at least 2 by default.
    values : bool
        Whether to look at the values; on a GPU that waits for them.
    empty : bool
        Whether a batch of no items is allowed.

    Raises
    ------
    TypeError, ValueError
        If it is no such tensor, is empty, or holds NaN or infinite values.

    Examples
    --------
    >>> require_batch(torch.zeros(2, 1, 4, 4)).shape
    torch.Size([2, 1, 4, 4])
    """
    shape = {None: "(B, ...)", 2: "(B, d)", 4: "(B, C, H, W)"}.get(dims, f"of {dims} dimensions")
    if not isinstance(y, Tensor) or y.dtype not in FLOATS:
        raise TypeError(f"{name} is {kind_of(y)}; expected a float32 or float64 tensor {shape}. Use {name}.float().")
    if y.ndim < 2 or (dims is not None and y.ndim != dims):
        raise ValueError(f"{name} has shape {tuple(y.shape)}; expected {shape}. One item becomes {name}[None].")
    if not y.numel() and not (empty and not len(y)):
        raise ValueError(f"{name} has shape {tuple(y.shape)}, so it is empty; expected at least one item.")
    if values and not holds(y.isfinite().all()):
        raise ValueError(
            f"{name} holds {int((~y.isfinite()).sum())} values that are NaN or infinite; expected finite ones. "
            "Look for a division by zero before."
        )
    return y


def per_item(level: float | Tensor, y: Tensor, name: str = "sigma", dtype: torch.dtype | None = None) -> Tensor:
    """Return a noise level, one number or one an item, as (B,) on the device of `y`.

    Parameters
    ----------
    level : float, sequence or Tensor
        One number, or B of them.
    y : Tensor
        Batch (B, ...).
    name : str
        What the error calls the level.
    dtype : torch.dtype, optional
        Of the result; that of `y` by default.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or neither one nor B numbers.

    Examples
    --------
    >>> per_item(0.5, torch.zeros(2, 1, 4, 4))
    tensor([0.5000, 0.5000])
    """
    try:
        levels = torch.as_tensor(level, dtype=dtype or y.dtype, device=y.device)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} is {kind_of(level)}; expected one number, or one an item ({len(y)},).") from None
    if levels.ndim > 1 or levels.numel() not in (1, len(y)):
        raise ValueError(
            f"{name}: the noise levels have shape {tuple(levels.shape)} for {len(y)} items; give one number, or one a"
            f" picture, of shape ({len(y)},)."
        )
    return levels.reshape(-1).expand(len(y))


def require_level(level: float | Tensor, y: Tensor, name: str = "sigma", zero: bool = False) -> float | Tensor:
    """Return a noise level as it is if it is one number, else in a shape (B, 1, ...) that multiplies `y`.

    Parameters
    ----------
    level : float, sequence or Tensor
        One number, or one an item (B,); finite, above 0.
    y : Tensor
        Batch (B, ...).
    name : str
        What the error calls it.
    zero : bool
        Whether 0 is allowed.

    Raises
    ------
    TypeError, ValueError
        If it is no such level. Values of a tensor on a GPU are not looked at, since a training would wait for them.

    Examples
    --------
    >>> require_level(0.5, torch.zeros(2, 1, 4, 4))
    0.5
    >>> require_level([0.1, 0.2], torch.zeros(2, 1, 4, 4)).shape
    torch.Size([2, 1, 1, 1])
    """
    if isinstance(level, Real) or (isinstance(level, Tensor) and level.ndim == 0):
        require_number(level, name, **({"least": 0} if zero else {"above": 0}))
        return level
    levels = per_item(level, y, name)
    looked = levels.device.type == "cpu"
    if looked and not holds(((levels >= 0) if zero else (levels > 0)).all() & levels.isfinite().all()):
        raise ValueError(
            f"{name} is between {float(levels.min()):.3g} and {float(levels.max()):.3g}; expected finite noise levels,"
            f" {'at least' if zero else 'above'} 0."
        )
    return as_picture(levels, y)


def as_picture(v: Tensor, y: Tensor) -> Tensor:
    """Return numbers (B,) in the shape (B, 1, ...), which multiplies `y` (B, ...).

    Examples
    --------
    >>> as_picture(torch.ones(2), torch.zeros(2, 1, 4, 4)).shape
    torch.Size([2, 1, 1, 1])
    """
    return v.reshape(-1, *[1] * (y.ndim - 1))  # (B, 1, ...)


@contextmanager
def float32_on_cpu() -> Iterator[None]:
    """Build networks inside in float32 on the CPU, whatever torch's default dtype and device are.

    Examples
    --------
    >>> with float32_on_cpu():
    ...     torch.zeros(1).dtype
    torch.float32
    """
    ambient = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        with torch.device("cpu"):
            yield
    finally:
        torch.set_default_dtype(ambient)
