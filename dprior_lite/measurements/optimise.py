"""Find measurements by gradient descent on what is lost: `E |x - x_hat(M x)|²`, through the decoder.

Zhang, Kadkhodaie, Simoncelli & Brainard (2024) choose K orthonormal measurements for the decoder that will read them.
The decoder, here `PriorDecoder`, is a sampler, and its noise is drawn first, so that the reconstruction is a function
of the rows with a derivative. The mean of a few samples is compared with the picture.

Nothing promises the global optimum. Train from several starts, such as `pca_rows` and `random_rows`, and choose by the
loss on the training pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from dprior_lite.gates.levels import require_batch
from dprior_lite.gates.numbers import (
    kind_of,
    require_generator,
    require_kind,
    require_number,
)
from dprior_lite.measurements.decoders import Decoder
from dprior_lite.measurements.descent import Descent, DescentState, Optimised
from dprior_lite.measurements.matrices import ORTHONORMAL, MeasurementMatrix, measured, orthonormality_error
from dprior_lite.measurements.quality import LOSSES


def objective(
    rows: Tensor,
    x: Tensor,
    decoder: Decoder,
    generator: torch.Generator,
    loss: str = "mse",
    noise: float = 0.0,
) -> Tensor:
    """Return the loss of each picture after measuring and decoding it, (B,); differentiable in `rows`.

    Parameters
    ----------
    rows : Tensor
        (K, d), orthonormal.
    x : Tensor
        Pictures (B, C, H, W).
    decoder : callable
        `decoder(rows, m, generator) -> x_hat`, such as `PriorDecoder` or `LinearDecoder`.
    generator : torch.Generator
        Of the noise in the measurements, and then of the decoder. The same seed gives the same noise, so that two
        matrices can be compared.
    loss : {"mse", "ssim"}
        Squared error summed over a picture, or 1 - SSIM.
    noise : float
        Standard deviation of the noise in the measurements.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Examples
    --------
    >>> from dprior_lite.measurements.decoders import LinearDecoder
    >>> decoder = LinearDecoder(torch.zeros(1, 1, 2), torch.eye(2))
    >>> objective(torch.eye(2)[:1], torch.ones(1, 1, 1, 2), decoder, torch.Generator())
    tensor([1.])
    """
    if loss not in LOSSES:
        raise ValueError(f"loss is {loss!r}; expected one of {', '.join(LOSSES)}.")
    if not callable(decoder):
        raise TypeError(f"decoder is {kind_of(decoder)}; expected a function (rows, m, generator), as PriorDecoder.")
    noise = require_number(noise, "noise", least=0)
    m = measured(rows, require_batch(x, "x", 4))  # (B, K)
    if noise:
        place = require_generator(generator).device
        m = m + noise * torch.randn(m.shape, generator=generator, dtype=m.dtype, device=place).to(m.device)
    return LOSSES[loss](decoder(rows, m, require_generator(generator)), x)


def descend(
    matrix: MeasurementMatrix,
    x: Tensor,
    decoder: Decoder,
    generator: torch.Generator,
    descent: Descent,
) -> Iterator[DescentState]:
    """Train a matrix in place, yielding one `DescentState` after every step.

    A step whose loss or gradient is NaN or infinite changes nothing and is counted.

    Parameters
    ----------
    matrix : MeasurementMatrix
        The start; it is changed.
    x : Tensor
        Training pictures (N, C, H, W).
    decoder : callable
        As in `objective`.
    generator : torch.Generator
        Of the batches, of the noise, and of the decoder's noise.
    descent : Descent
        Settings.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be, or the pictures have another size than the matrix measures.
    FloatingPointError
        If rows are not orthonormal to 1e-5 after a step.

    Examples
    --------
    >>> from dprior_lite.measurements.decoders import LinearDecoder
    >>> matrix = MeasurementMatrix(torch.tensor([[1.0, 0.5]]), (1, 1, 2))
    >>> x = torch.tensor([[0.0, 1.0], [0.0, -1.0]]).reshape(2, 1, 1, 2)
    >>> decoder = LinearDecoder(torch.zeros(1, 1, 2), torch.diag(torch.tensor([1e-3, 1.0])))
    >>> *_, last = descend(matrix, x, decoder, torch.Generator(), Descent(steps=200, lr=0.05))
    >>> last.loss < 1e-3, last.skipped
    (True, 0)
    """
    require_kind(matrix, MeasurementMatrix, "matrix")
    require_kind(descent, Descent, "descent")
    _require_fit(matrix, x, descent)
    place, skipped = require_generator(generator).device, 0
    optimizer = torch.optim.Adam(matrix.parameters(), lr=descent.lr)
    for step in range(descent.steps):
        # a batch, measured with all rows or, if nested, with the first ones
        drawn = torch.randint(len(x), (descent.batch,), generator=generator, device=place)
        chosen = torch.randint(max(len(descent.nested), 1), (), generator=generator, device=place)
        rows = matrix.rows[: descent.nested[int(chosen)] if descent.nested else matrix.k]

        # back through the decoder
        optimizer.zero_grad()
        loss = objective(rows, x[drawn.to(x.device)], decoder, generator, descent.loss, descent.noise).mean()
        loss.backward()
        gradient = torch.nn.utils.clip_grad_norm_(matrix.parameters(), descent.clip)

        # a step, unless its gradient is not finite
        if bool(loss.isfinite() & gradient.isfinite()):
            optimizer.param_groups[0]["lr"] = descent.learning_rate(step)
            optimizer.step()
        else:
            skipped += 1
        error = orthonormality_error(matrix.rows)
        if not error <= ORTHONORMAL:
            raise FloatingPointError(
                f"After {step + 1} steps M Mᵀ differs from 1 by {error:.2g}; expected at most {ORTHONORMAL:g}. Use a"
                " smaller lr."
            )
        yield DescentState(step + 1, float(loss.detach()), float(gradient), error, skipped)


def _require_fit(matrix: MeasurementMatrix, x: Tensor, descent: Descent) -> None:
    """Refuse pictures that the matrix does not measure, and nested numbers that do not end at K."""
    rows = matrix.rows
    if require_batch(x, "x", 4).shape[1:] != matrix.shape or x.dtype != rows.dtype or x.device != rows.device:
        raise ValueError(
            f"x is {kind_of(x)} on {x.device}; expected pictures {matrix.shape} and {rows.dtype} on {rows.device}, as"
            " the matrix measures."
        )
    if descent.nested and descent.nested[-1] != matrix.k:
        raise ValueError(f"nested is {descent.nested}; expected its last number to be the {matrix.k} rows of matrix.")


def optimise(
    matrix: MeasurementMatrix,
    x: Tensor,
    decoder: Decoder,
    generator: torch.Generator,
    descent: Descent,
    watch: Callable[[Iterable[DescentState]], Iterable[DescentState]] = iter,
) -> Optimised:
    """Train a matrix in place to the end and return its rows, detached.

    The arguments are those of `descend`; `watch` wraps the states as they pass.

    Raises
    ------
    TypeError, ValueError
        As `descend`.
    FloatingPointError
        As `descend`; also if no step had a finite gradient.

    Examples
    --------
    >>> from dprior_lite.measurements.decoders import LinearDecoder
    >>> matrix = MeasurementMatrix(torch.tensor([[1.0, 0.5]]), (1, 1, 2))
    >>> x = torch.tensor([[0.0, 1.0], [0.0, -1.0]]).reshape(2, 1, 1, 2)
    >>> decoder = LinearDecoder(torch.zeros(1, 1, 2), torch.diag(torch.tensor([1e-3, 1.0])))
    >>> found = optimise(matrix, x, decoder, torch.Generator(), Descent(steps=200, lr=0.05))
    >>> float(found.rows[0, 1].abs()) > 0.99
    True
    """
    if not callable(watch):
        raise TypeError(f"watch is {kind_of(watch)}; expected a function of the states.")
    states = list(watch(descend(matrix, x, decoder, generator, descent)))
    if states and states[-1].skipped == len(states):
        raise FloatingPointError(
            f"None of {len(states)} steps had a finite gradient, so nothing was trained: run check_denoiser on the"
            " denoiser, and give finite pictures."
        )
    losses = torch.tensor([state.loss for state in states])
    skipped = states[-1].skipped if states else 0
    return Optimised(
        matrix.rows.detach().clone(), losses, skipped, max((s.orthonormality for s in states), default=0.0)
    )
