"""Is this callable a denoiser in the sense of the course? If not, say what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dprior_lite.data import check_pictures, photos
from dprior_lite.gates.gradient import require_gradient
from dprior_lite.gates.network import InTrainMode, Network, batch_statistics_refused, first_words
from dprior_lite.gates.numbers import kind_of, require_number
from dprior_lite.miyasawa import noisy


@dataclass(frozen=True)
class Finding:
    """One question asked of a denoiser: whether it is answered well, and what to do if not."""

    question: str
    ok: bool
    says: str


@dataclass(frozen=True)
class Report:
    """All findings about one denoiser; print it, or ask for `ok`."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every question is answered well."""
        return all(finding.ok for finding in self.findings)

    def __str__(self) -> str:
        return "\n".join(f"{'ok  ' if f.ok else 'LOOK'} {f.question}: {f.says}" for f in self.findings)


def check_denoiser(
    net: Callable[[Tensor], Tensor], x: Tensor | None = None, sigmas_255: tuple[float, ...] = (15.0, 50.0)
) -> Report:
    """Return what is wrong with a denoiser: the questions whose wrong answers cost the most time.

    The denoiser gets copies, and nothing of it is changed. One in train mode is not run.

    Parameters
    ----------
    net : callable
        `net(y) -> x_hat`; y and x_hat (B, C, H, W) in units in which pictures span [0, 1].
    x : Tensor, optional
        Clean pictures (B, C, H, W) to ask on; by default four bundled 64x64 patches, gray.
    sigmas_255 : tuple of float
        Noise levels at which it should gain, in 1/255.

    Returns
    -------
    Report
        Its `ok` is True if all is well; printed, it says what to do.

    Examples
    --------
    >>> report = check_denoiser(lambda y: y - torch.nn.functional.avg_pool2d(y, 3, 1, 1))
    >>> report.ok
    False
    """
    if not callable(net):
        raise TypeError(f"net is {kind_of(net)}; expected a denoiser that is called net(y), such as load(...).")
    sigmas = [require_number(sigma, "sigmas_255", above=0, hint="Levels are in 1/255.") for sigma in sigmas_255]
    if not sigmas:
        raise ValueError("sigmas_255 is empty; expected at least one noise level in 1/255, such as (15.0, 50.0).")
    x = check_pictures(photos("tune", size=64)[[20, 60, 100, 140]] if x is None else x)
    findings = [_mode(net)]
    if not findings[0].ok:  # to run it would change its statistics
        return Report(tuple(findings))

    place = next(iter(net.parameters()), None) if isinstance(net, nn.Module) else None
    x = x if place is None else x.to(place.device)
    y, ask = noisy(x, sigmas[0] / 255, torch.Generator().manual_seed(0)), _Asked(net)
    try:
        with torch.no_grad():
            with batch_statistics_refused(net, dropout=False):
                x_hat = ask(y)
            again, alone = ask(y), ask(y[:1])
    except InTrainMode as error:
        return Report((Finding("eval mode", False, f"{error} Nothing else was tried."),))
    except Exception as error:
        says = f"{type(error).__name__}: {first_words(error)}. It must accept {tuple(y.shape)} float32."
        return Report((*findings, Finding("does it run", False, says)))
    findings.append(_shape(y, x_hat))
    if not findings[-1].ok:
        return Report(tuple(findings))

    findings += [_repeats(x_hat, again, alone), *(_gains(ask, x, sigma) for sigma in sigmas), _homogeneous(ask, y)]
    return Report((*findings, *_remarks(ask, y)))


class _Asked:
    """A denoiser that gets copies; it notes whether one was written into."""

    def __init__(self, net: Callable[[Tensor], Tensor]) -> None:
        self.net, self.wrote = net, False

    def __call__(self, y: Tensor) -> Tensor:
        given = y.clone()
        x_hat = self.net(given)
        x_hat = x_hat.clone() if isinstance(x_hat, Tensor) else x_hat  # the next call may reuse it
        self.wrote = self.wrote or given.shape != y.shape or not torch.equal(given, y)
        return x_hat


def _remarks(ask: _Asked, y: Tensor) -> list[Finding]:
    """Return what is worth knowing and no fault: said only where it is so."""
    remarks = []
    if ask.wrote:
        says = "it writes into its input: harmless here, where it gets a copy; elsewhere call net(y.clone())"
        remarks.append(Finding("leaves its input alone", True, says))
    try:
        require_gradient(Network(ask.net), y[:1])
    except Exception as error:
        says = f"{first_words(error)}: it samples and solves, but has no geometry, sure or corrected level"
        remarks.append(Finding("records a gradient", True, says))
    return remarks


def _mode(net: Callable) -> Finding:
    training = isinstance(net, nn.Module) and any(module.training for module in net.modules())
    says = "call net.eval(): batch statistics make the output depend on the batch. Nothing else was tried."
    return Finding("eval mode", not training, says if training else "yes")


def _shape(y: Tensor, x_hat: Tensor) -> Finding:
    if not isinstance(x_hat, Tensor) or x_hat.shape != y.shape:
        came = tuple(x_hat.shape) if isinstance(x_hat, Tensor) else type(x_hat).__name__
        return Finding(
            "shape", False, f"returned {came} for {tuple(y.shape)}; a denoiser returns a picture of the same shape"
        )
    finite = bool(x_hat.isfinite().all()) and x_hat.dtype == y.dtype
    return Finding(
        "shape, dtype, finite",
        finite,
        "yes" if finite else f"dtype {x_hat.dtype}, {int((~x_hat.isfinite()).sum())} values not finite",
    )


def _repeats(x_hat: Tensor, again: Tensor, alone: Tensor) -> Finding:
    spread = max(float((x_hat - again).abs().max()), float((x_hat[:1] - alone).abs().max()))
    return Finding(
        "same answer again, and alone",
        spread < 1e-4,
        f"differs by {spread:.1e}" + ("" if spread < 1e-4 else ": dropout, batch statistics or injected noise are on"),
    )


def _gains(net: Callable, x: Tensor, sigma_255: float) -> Finding:
    """Compare the error with that of the input; guess the usual mistakes by what would mend it."""
    y = noisy(x, sigma_255 / 255, torch.Generator().manual_seed(1))
    with torch.no_grad():
        out, out_255, out_signed = net(y), net(y * 255) / 255, (net(2 * y - 1) + 1) / 2
    errors = {
        "": out,
        "it returns the noise: use y - net(y)": y - out,
        "it returns the residual: use y + net(y)": y + out,
        "it expects 0..255: use net(255 * y) / 255": out_255,
        "it expects -1..1: use (net(2 * y - 1) + 1) / 2": out_signed,
    }
    noise = (y - x).square().mean()
    db = {says: float(10 * torch.log10(noise / (e - x).square().mean())) for says, e in errors.items()}
    best = max(db, key=db.get)
    ok = db[""] > 1 and db[""] > db[best] - 3
    guess = "" if ok else "; it does not denoise at this level"
    if not ok and best and db[best] > 1:
        guess = f"; {best}, that gains {db[best]:+.1f} dB"
    return Finding(f"gain at {sigma_255:.0f}/255", ok, f"{db['']:+.1f} dB{guess}")


def _homogeneous(net: Callable, y: Tensor) -> Finding:
    """Report, without blame, whether the network is homogeneous; a blind sampler relies on it."""
    with torch.no_grad():
        base = net(y)
        worst = max(float((net(a * y) - a * base).norm() / (a * base).norm()) for a in (0.1, 10.0))
    return Finding(
        "homogeneous",
        True,
        f"x_hat(a y) = a x_hat(y) to {worst:.1e}" + ("" if worst < 1e-4 else ": trust it only inside its noise range"),
    )
