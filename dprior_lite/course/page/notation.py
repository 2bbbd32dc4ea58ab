r"""The notation of the book as data: how each symbol is written in a page, in the code, its shape and unit.

The table of page 00 is generated from `SYMBOLS`, and a labelled equation that uses a symbol
which is not listed fails the build (`unlisted`). A formula is read letter by letter: a letter or
command under an accent or in another alphabet (`\hat x`, `\mathbb E`) is one symbol, whatever
stands in `\text{...}` is prose, and standard operators such as `\nabla` need no entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    r"""One symbol of the book.

    Parameters
    ----------
    latex : str
        As written in a page, such as `"\\hat x"`; several spellings of one idea are separate symbols.
    meaning : str
        In words.
    code : str
        Name in the package, empty if it has none.
    shape : str
        Of the array, such as `"(B, C, H, W)"`; empty for a number.
    unit : str
        Empty for a pure number.
    page : str
        Where it first appears.

    Examples
    --------
    >>> Symbol(r"\sigma", "noise standard deviation", "sigma", "", "of x", "00").latex
    '\\sigma'
    """

    latex: str
    meaning: str
    code: str
    shape: str
    unit: str
    page: str


_PICTURE = "(B, C, H, W)"

SYMBOLS = (
    Symbol("x", "clean picture (or point)", "x", _PICTURE, "[0, 1]", "00"),
    Symbol("y", "noisy picture, x + sigma z", "y", _PICTURE, "of x", "00"),
    Symbol("z", "white Gaussian noise of unit variance", "z", _PICTURE, "", "00"),
    Symbol(r"\sigma", "noise standard deviation; a page may say 25/255", "sigma", "", "of x", "00"),
    Symbol(r"\hat x", "output of the denoiser", "x_hat", _PICTURE, "of x", "00"),
    Symbol("f", "the denoiser as a function, always", "net", "y to x̂", "", "00"),
    Symbol("d", "number of pixels × channels", "d", "", "", "00"),
    Symbol("B", "pictures in a batch", "B", "", "", "00"),
    Symbol("C", "channels of a picture", "C", "", "", "00"),
    Symbol("H", "height of a picture", "H", "", "pixels", "00"),
    Symbol("W", "width of a picture", "W", "", "pixels", "00"),
    Symbol(r"\mathbb E", "expectation", "", "", "", "00"),
    Symbol(r"\operatorname{MSE}", "mean squared error", "mse", "", "of x, squared", "00"),
    Symbol(r"\operatorname{PSNR}", "peak signal-to-noise ratio, peak 1", "psnr", "", "dB", "00"),
    Symbol("p", "density of clean pictures (the prior), or of x given y", "", "", "", "01"),
    Symbol(r"p_\sigma", "density of noisy pictures", "log_density", "", "", "01"),
    Symbol("r", "residual, x̂ − y", "residual", _PICTURE, "of x", "01"),
    Symbol("s", "score, gradient of log p_sigma", "score", _PICTURE, "1 / unit of x", "01"),
    Symbol("J", "Jacobian of the denoiser at y", "jacobian", "(d, d)", "", "01"),
    Symbol("I", "identity matrix", "", "(d, d)", "", "01"),
    Symbol(r"\operatorname{Cov}", "covariance", "posterior_covariance", "(d, d)", "of x, squared", "01"),
    Symbol(r"\operatorname{tr}", "trace of a matrix", "", "", "", "01"),
    Symbol(r"\mathcal N", "normal distribution", "", "", "", "01"),
    Symbol("K", "number of components of a mixture; in chapter 6 of measurements", "", "", "", "01"),
    Symbol("k", "index of a component", "k", "", "", "01"),
    Symbol("w", "weight of a component, or of a training picture", "weights", "(K,)", "", "01"),
    Symbol(r"\mu", "mean of a component", "means", "(K, d)", "of x", "01"),
    Symbol(r"\Sigma", "covariance of a component", "covariances", "(K, d, d)", "of x, squared", "01"),
    Symbol(
        "q", "calibration: 0 for a posterior mean, below 0 timid, above 0 overconfident", "calibration", "", "", "01"
    ),
    Symbol(r"\operatorname{SURE}", "Stein's unbiased estimate of the squared error", "sure", "", "of x, squared", "01"),
    Symbol("i", "index of a pixel, or of a training picture", "i", "", "", "01"),
    Symbol("j", "index of a pixel, or of a training picture", "j", "", "", "01"),
    Symbol("a", "factor on a picture, in statements about homogeneity only", "a", "", "", "02"),
    Symbol("b", "net bias, f(y) − J(y) y", "net_bias", _PICTURE, "of x", "02"),
    Symbol("s_k", "singular value of the Jacobian; with u_k and v_k, its left and right vector", "s", "(d,)", "", "03"),
    Symbol(
        r"\lVert J \rVert_F",
        "root of the sum of all squared elements of J; its square is the effective dimension",
        "effective_dimension",
        "",
        "",
        "03",
    ),
    Symbol(
        "m",
        "number of directions of a subspace; from chapter 5 on the measurements, A x",
        "m",
        "(B, ...)",
        "of x",
        "03",
    ),
    Symbol("h", "step of the ascent, a fraction of the residual; h_n the n-th, h_0 the first", "h", "", "", "04"),
    Symbol("n", "number of the step", "step", "", "", "04"),
    Symbol(
        r"\beta", "how much of the noise that a step removes stays removed; of the sampler only", "beta", "", "", "04"
    ),
    Symbol(r"\gamma", "standard deviation of the noise put back after a step", "gain · sigma", "", "of x", "04"),
    Symbol(r"\lambda", "an eigenvalue", "eigenvalues", "", "of its matrix", "04"),
    Symbol(r"\tau", "standard deviation of the sampler's state along an eigenvector", "", "", "of x", "04"),
    Symbol(
        "A",
        "what is measured: a linear operator on pictures, its rows orthonormal unless said otherwise",
        "A",
        "",
        "",
        "05",
    ),
    Symbol(
        "S", "number of samples of one problem (in chapter 3, the singular values as a matrix)", "samples", "", "", "05"
    ),
    Symbol("M", "measurements, a matrix of K orthonormal rows", "rows", "(K, d)", "", "06"),
    Symbol(r"\bar x", "mean of the training pictures", "mean", "(C, H, W)", "of x", "06"),
    Symbol("x_j", "low-pass picture of scale j", "low", "(B, C, H / 2^j, W / 2^j)", "of x", "07"),
    Symbol("D", "details; D_j the three pictures of scale j", "details", "(B, 3 C, H / 2^j, W / 2^j)", "of x", "07"),
    Symbol(r"\sigma_j", "noise in the bands of scale j", "band_sigma", "", "of x", "07"),
    Symbol("N", "number of training pictures", "len(training)", "", "", "08"),
    Symbol("V", "mean squared difference of two networks over the error of one", "disagreement", "", "", "08"),
    Symbol("e", "eigenvector of the symmetric part of J; e_k the k-th", "vectors", "(d, C, H, W)", "", "09"),
    Symbol("c", "coefficient of a clean picture in a basis; c_k the k-th", "", "", "of x", "09"),
    Symbol(r"\alpha", "regularity of regions and contours", "alpha", "", "", "09"),
    Symbol(
        r"\kappa",
        "noise share: a step of size h adds noise of variance 2 kappa h sigma squared, to first order in h",
        "kappa",
        "",
        "",
        "10",
    ),
    Symbol(r"\hat \sigma", "noise level that one picture shows", "sigma", "(B,)", "of x", "10"),
    Symbol(r"\rho", "contraction: what one step multiplies the level of the noise by", "contraction", "", "", "10"),
    Symbol("U", "energy, minus log p of y at noise variance t", "net(y, t)", "(B,)", "nats", "11"),
    Symbol("t", "noise variance, sigma squared; in chapter 11 only", "t", "", "of x, squared", "11"),
    Symbol("g", "inner network of an energy, picture to picture", "net", "y to g", "", "11"),
    Symbol(r"d_{\mathrm{eff}}", "local dimension, mean squared error over t", "local_dimension", "(B,)", "", "11"),
    Symbol("L", "the loss of dual score matching", "dual", "", "", "11"),
    Symbol(r"\operatorname{rms}", "root mean square", "", "", "", "05"),
)

_ALPHABETS = "hat|widehat|bar|tilde|vec|mathbb|mathbf|mathcal|mathsf|boldsymbol|bm|operatorname|mathrm"
_PROSE = re.compile(r"\\(?:text|textrm|textbf|label|tag|begin|end)\*?\s*\{[^{}]*\}|\\(?:mathrm|operatorname)\{d\}|%.*")
_TOKEN = re.compile(
    rf"\\(?:{_ALPHABETS})(?![A-Za-z])\*?\s*(?:\{{[^{{}}]*\}}|\\[A-Za-z]+|[A-Za-z])|\\[A-Za-z]+|[A-Za-z]"
)
_PLAIN = frozenset(  # commands that are layout or standard mathematics
    r"""\, \frac \dfrac \tfrac \sqrt \left \right \big \Big \bigl \bigr \Bigl \Bigr \bigg \middle \quad \qquad \; \sum
    \prod \int \partial \nabla \log \ln \exp \max \min \arg \lim \sin \cos \tanh \det \infty \pi \top \mid \vert
    \lvert \rvert \lVert \rVert \Vert \| \cdot \cdots \ldots \dots \times \otimes \odot \circ \pm \mp \le \leq \ge
    \geq \ne \neq \ll \gg \approx \sim \simeq \propto \equiv \in \to \mapsto \mapsfrom \Rightarrow \Leftrightarrow
    \iff \forall \langle \rangle \underbrace \overbrace \displaystyle \limits \nonumber \quad \perp \ast \star
    \dagger \prime \substack \mathop \coloneqq \triangleq \ell \mathstrut \phantom \hphantom \vphantom \boxed
    \color \small""".split()
)


def symbols_in(equation: str) -> list[str]:
    r"""The symbols of a formula, each once, in order.

    Parameters
    ----------
    equation : str
        LaTeX, without the dollar signs.

    Returns
    -------
    list of str
        In one spelling: braces around a single letter dropped, one space after an accent.

    Examples
    --------
    >>> symbols_in(r"\hat{x}(y) = y + \sigma^2 \nabla_y \log p_\sigma(y)")
    ['\\hat x', 'y', '\\sigma', 'p']
    """
    tokens = (_spelling(t) for t in _TOKEN.findall(_PROSE.sub(" ", equation)))
    return list(dict.fromkeys(t for t in tokens if t not in _PLAIN))


def _spelling(token: str) -> str:
    """`\\hat{x}`, `\\hat x` and `\\hat  {x}` are one symbol, spelt `\\hat x`; words keep their braces."""
    found = re.fullmatch(rf"(\\(?:{_ALPHABETS}))\*?\s*\{{?\s*(.*?)\s*\}}?", token)
    if not found:
        return token
    command, inside = found.groups()
    if command == r"\mathrm" and len(inside) > 1:
        command = r"\operatorname"
    return f"{command}{{{inside}}}" if len(inside) > 1 and not inside.startswith("\\") else f"{command} {inside}"


def unlisted(equation: str) -> list[str]:
    r"""The symbols of a formula that the notation table lacks.

    Parameters
    ----------
    equation : str
        LaTeX, without the dollar signs.

    Returns
    -------
    list of str
        Empty if every symbol is listed.

    Examples
    --------
    >>> unlisted(r"\hat{x}(y) = y + \sigma^2 \nabla_y \log p_\sigma(y)")
    []
    >>> unlisted(r"y = x + \varpi z")
    ['\\varpi']
    """
    known = {_spelling(s.latex) for s in SYMBOLS} | {t for s in SYMBOLS for t in symbols_in(s.latex)}
    return [s for s in symbols_in(equation) if s not in known]


def table() -> str:
    """The notation as a Markdown table, in the order of the pages.

    Returns
    -------
    str
        One row a symbol.

    Examples
    --------
    >>> print(*table().splitlines()[:3], sep="\\n")
    | symbol | meaning | in the code | shape | unit | page |
    |---|---|---|---|---|---|
    | $x$ | clean picture (or point) | `x` | (B, C, H, W) | [0, 1] | 00 |
    """
    head = "| symbol | meaning | in the code | shape | unit | page |\n|---|---|---|---|---|---|"
    rows = (
        f"| ${s.latex}$ | {s.meaning} | {f'`{s.code}`' if s.code else ''} | {s.shape} | {s.unit} | {s.page} |"
        for s in SYMBOLS
    )
    return "\n".join([head, *rows])
