"""To and from deepinv, an optional library of inverse problems: operators and denoisers under its signatures.

What is translated: `A`, `A_adjoint` and `A_dagger`; and a blind denoiser `net(y)`, which finds the noise level
itself, against deepinv's `model(y, sigma)`, which is told. What is not: noise models, and parameters that change from
call to call.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from dprior_lite.gates.network import require_eval, same_kind
from dprior_lite.gates.numbers import kind_of, require_kind, require_number, require_shape
from dprior_lite.operators import Functions, Operator

if TYPE_CHECKING:
    from deepinv.models import Denoiser
    from deepinv.physics import LinearPhysics


def _deepinv() -> ModuleType:
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        # torchvision looks up its detection operators when imported; beside a torch it was not compiled for they are
        # missing
        for signature in (
            "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
            "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        ):
            try:
                torch.library.define(
                    f"torchvision::{signature[: signature.index('(')]}", signature[signature.index("(") :]
                )
            except RuntimeError:
                pass
    try:
        import deepinv
    except ImportError as error:
        raise ImportError(
            f"deepinv could not be imported ({error}); it is optional here. pip install deepinv==0.5.0"
        ) from error
    return deepinv


def to_deepinv(operator: Operator) -> LinearPhysics:
    """Return an operator as a `deepinv.physics.LinearPhysics` without noise, with our `A`, `A_adjoint` and `A_dagger`.

    Parameters
    ----------
    operator : Operator
        Becomes a part of what is returned, and moves with it.

    Returns
    -------
    deepinv.physics.LinearPhysics
        Pictures (B, C, H, W) to measurements `(B, *measured)`.

    Raises
    ------
    ImportError
        If deepinv is not installed.

    Examples
    --------
    >>> from dprior_lite.operators import SuperResolution
    >>> physics = to_deepinv(SuperResolution((1, 4, 4), 2))  # doctest: +SKIP
    >>> physics(torch.ones(1, 1, 4, 4)).shape  # doctest: +SKIP
    torch.Size([1, 1, 2, 2])
    """
    require_kind(operator, Operator, "operator")
    deepinv = _deepinv()

    class Physics(deepinv.physics.LinearPhysics):
        def __init__(self) -> None:
            super().__init__(img_size=operator.shape, device=operator._place.device)
            self.operator = operator

        def A(self, x: Tensor, **_: object) -> Tensor:
            """Measure x."""
            return self.operator.A(x)

        def A_adjoint(self, y: Tensor, **_: object) -> Tensor:
            """Apply the adjoint."""
            return self.operator.A_adjoint(y)

        def A_dagger(self, y: Tensor, **_: object) -> Tensor:
            """Apply the operator's own pseudo-inverse."""
            return self.operator.A_dagger(y)

    return Physics()


def from_deepinv(
    physics: LinearPhysics, shape: Sequence[int], dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> Functions:
    """Return a linear physics of deepinv as an operator, after the checks of `Functions`; its noise is left out.

    The pseudo-inverse is made here from `A` and `A_adjoint`: that of deepinv is iterative unless a physics has its
    own.

    Parameters
    ----------
    physics : deepinv.physics.LinearPhysics
        With measurements that are one tensor (B, ...). Its parameters are taken as they are now.
    shape : sequence of three int
        (C, H, W) of the pictures.
    dtype, device
        What `physics` takes, and where it is.

    Raises
    ------
    TypeError
        If `physics` has no `A_adjoint` or measures something that is no real tensor.
    ValueError
        As `Functions`.

    Examples
    --------
    >>> import deepinv  # doctest: +SKIP
    >>> from_deepinv(deepinv.physics.Inpainting((1, 4, 4), mask=0.5), (1, 4, 4)).measured  # doctest: +SKIP
    (1, 4, 4)
    """
    if not callable(getattr(physics, "A_adjoint", None)):
        raise TypeError(
            f"physics is a {type(physics).__name__} without A_adjoint; expected a deepinv.physics.LinearPhysics."
        )
    shape = require_shape(shape, dims=3)
    with torch.no_grad():
        seen = physics.A(torch.zeros(1, *shape, dtype=dtype, device=device))
    if not isinstance(seen, Tensor) or seen.is_complex():
        kind = seen.dtype if isinstance(seen, Tensor) else type(seen).__name__
        raise TypeError(
            f"{type(physics).__name__} measures {kind}; expected one real tensor (B, ...). Give stacked or complex"
            " measurements as one real tensor through Functions."
        )
    operator = Functions(physics.A, physics.A_adjoint, shape, tuple(seen.shape[1:]), dtype=dtype, device=device)
    # as a part of the operator the physics moves with it
    operator.physics = physics
    return operator


def denoiser_to_deepinv(net: nn.Module) -> Denoiser:
    """Return a blind denoiser as a `deepinv.models.Denoiser`: called `(y, sigma)`, it ignores sigma.

    An algorithm of deepinv that steers by sigma therefore steers nothing here: how much is removed follows from the
    noise in `y`.

    Parameters
    ----------
    net : nn.Module
        `net(y)`, (B, C, H, W) to (B, C, H, W).

    Raises
    ------
    ImportError
        If deepinv is not installed.

    Examples
    --------
    >>> denoiser_to_deepinv(torch.nn.Identity())(torch.zeros(1, 1, 4, 4), 0.1).shape  # doctest: +SKIP
    torch.Size([1, 1, 4, 4])
    """
    require_kind(net, nn.Module, "net")
    require_eval(net)
    deepinv = _deepinv()

    class Blind(deepinv.models.Denoiser):
        def __init__(self) -> None:
            super().__init__(device=next((p.device for p in net.parameters()), "cpu"))
            self.net = net

        def forward(self, y: Tensor, sigma: float | Tensor | None = None, **_: object) -> Tensor:
            """Denoise y; what sigma is, a blind network does not ask."""
            return same_kind(self.net(y.clone()), y)

    return Blind()


class AtLevel(nn.Module):
    """A denoiser `model(y, sigma)` at one noise level, called as `net(y)`; made by :func:`denoiser_from_deepinv`."""

    def __init__(self, model: nn.Module, sigma: float) -> None:
        super().__init__()
        self.model, self.sigma = model, sigma

    def forward(self, y: Tensor) -> Tensor:
        """Denoise `y` (B, C, H, W), whatever its noise, as if it were of the one level."""
        return same_kind(self.model(y.clone(), self.sigma), y)


def denoiser_from_deepinv(model: nn.Module, sigma: float) -> AtLevel:
    """Return a denoiser of deepinv, `model(y, sigma)`, at one fixed sigma as a callable `net(y)`.

    The result is not blind: it removes noise of the one level. `net(y) - y` is sigma² times the score of pictures
    with that noise and of no other, so algorithms that let the noise fall from step to step need one such `net` for
    each level.

    Parameters
    ----------
    model : nn.Module
        Called `(y, sigma)`, for (B, C, H, W).
    sigma : float
        Standard deviation of the noise, above 0, pictures in [0, 1].

    Raises
    ------
    ValueError
        If sigma is not above 0 and finite.

    Examples
    --------
    >>> class Shrink(torch.nn.Module):
    ...     def forward(self, y, sigma):
    ...         return y / (1 + sigma**2)
    >>> denoiser_from_deepinv(Shrink(), 1.0)(torch.ones(1, 1, 1, 2))
    tensor([[[[0.5000, 0.5000]]]])
    """
    if not callable(model):
        raise TypeError(f"model is {kind_of(model)}; expected a denoiser of deepinv, called model(y, sigma).")
    hint = "It is the standard deviation of the noise, for pictures in [0, 1]."
    return AtLevel(model, require_number(sigma, "sigma", above=0, hint=hint))
