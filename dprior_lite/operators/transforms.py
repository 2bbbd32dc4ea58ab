"""Measurements after an orthonormal transform: low frequencies, and random combinations of all pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from dprior_lite.operators.base import Operator, count, drawing, picture_shape
from dprior_lite.operators.pixels import Inpaint

LARGEST_DENSE = 2**22


def _hartley(x: Tensor, dims: Sequence[int]) -> Tensor:
    if not x.numel():
        # FFT libraries refuse an empty batch
        return x
    spectrum = torch.fft.fftn(x, dim=tuple(dims), norm="ortho")
    return spectrum.real - spectrum.imag


def _low_box(height: int, width: int, fraction: float) -> Tensor:
    """Mark the frequencies `|u| <= a, |v| <= b` of an FFT (H, W), as near to `fraction` of all as can be.

    `a : b` is about `H : W`.
    """
    count(fraction, height * width)
    boxes = {(a, min(round(a * width / height), width // 2)) for a in range(height // 2 + 1)}
    boxes |= {(min(round(b * height / width), height // 2), b) for b in range(width // 2 + 1)}
    a, b = min(
        sorted(boxes),
        key=lambda ab: abs(min(2 * ab[0] + 1, height) * min(2 * ab[1] + 1, width) - fraction * height * width),
    )
    # by absolute value the set holds the negative of each of its frequencies, that of Nyquist being itself
    u, v = ((torch.fft.fftfreq(n, dtype=torch.float32, device="cpu") * n).round().abs() for n in (height, width))
    return (u[:, None] <= a) & (v <= b)


class SpectralDeblur(Operator):
    """Measure a centred box of low spatial frequencies of each channel; measured (k,).

    The box is about `fraction` of all frequencies, exactly `kept`; it holds at least the mean. The numbers are
    coefficients of the real orthonormal Hartley transform, Re - Im of the Fourier transform. As the box holds with each
    frequency its negative, `A_dagger A` is the ideal low-pass filter.

    Examples
    --------
    >>> SpectralDeblur((1, 8, 8), 0.15).k
    9
    """

    def __init__(self, shape: Sequence[int], fraction: float) -> None:
        channels, height, width = picture_shape(shape)
        chosen = Inpaint(_low_box(height, width, fraction), channels)
        super().__init__(shape, chosen.measured)
        self.chosen, self.kept = chosen, chosen.k / math.prod(self.shape)

    def _forward(self, x: Tensor) -> Tensor:
        return self.chosen._forward(_hartley(x, (-2, -1)))

    def _adjoint(self, m: Tensor) -> Tensor:
        return _hartley(self.chosen._adjoint(m), (-2, -1))


class RandomProjection(Operator):
    """Measure `round(fraction * C * H * W)` random combinations of all pixels; measured (k,).

    Dense: an orthonormal basis of k Gaussian vectors, held to 48 bits, so that also in float64 `A A_adjoint = 1` to
    about 1e-13. Structured: random signs, a random order, the Hartley transform and k of its coefficients at random, in
    O(d log d) time and O(d) memory.

    Parameters
    ----------
    shape : sequence of three int
        (C, H, W).
    fraction : float
        k over C H W, 0 to 1.
    generator : torch.Generator
        Draws the combinations, and says on which device.
    structured : bool, optional
        Default: dense up to 2**22 numbers in the basis.

    Examples
    --------
    >>> A = RandomProjection((1, 4, 4), 0.25, torch.Generator().manual_seed(0))
    >>> m = torch.ones(1, 4)
    >>> bool(torch.allclose(A.A(A.A_dagger(m)), m, atol=1e-6))
    True
    """

    def __init__(
        self, shape: Sequence[int], fraction: float, generator: torch.Generator, structured: bool | None = None
    ) -> None:
        d, device = math.prod(picture_shape(shape)), drawing(generator)
        k = count(fraction, d)
        super().__init__(shape, (k,), device=device)
        self.structured = d * k > LARGEST_DENSE if structured is None else structured
        if not self.structured:
            gaussian = torch.randn(d, k, generator=generator, device=device, dtype=torch.float64)
            self._keep("basis", torch.linalg.qr(gaussian)[0])
            return
        order = torch.randperm(d, generator=generator, device=device)
        self.register_buffer("_order", order)
        self.register_buffer("_back", order.argsort())
        self.register_buffer(
            "_signs", torch.randint(2, (d,), generator=generator, device=device, dtype=torch.int8) * 2 - 1
        )
        self.chosen = Inpaint((torch.randperm(d, generator=generator, device=device) < k).reshape(1, 1, d))

    def _forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        if not self.structured:
            return flat @ self._kept("basis", x)
        return self.chosen._forward(_hartley((flat * self._signs)[:, self._order], (1,)))

    def _adjoint(self, m: Tensor) -> Tensor:
        if not self.structured:
            return (m @ self._kept("basis", m).mT).unflatten(1, self.shape)
        mixed = _hartley(self.chosen._adjoint(m).flatten(1), (1,))
        return (mixed[:, self._back] * self._signs).unflatten(1, self.shape)
