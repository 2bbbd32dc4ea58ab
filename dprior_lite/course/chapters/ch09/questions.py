"""Questions of page 09: what a denoiser keeps of a picture, how fast its error falls, where its basis is a bad one."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from dprior_lite.course.questions.kinds import Code, Numeric, Option, Predict, WrongFunction, WrongValue

HARMONICS = Predict(
    "what-is-kept",
    "At one noisy picture the network is a matrix J. Take the eigenvectors of (J + Jᵀ)/2 with the largest eigenvalues:"
    " the patterns that the network keeps. What do the patterns look like for the two regions"
    " above?",
    (
        Option(
            "Cosines, the same for every picture",
            "That is the basis of a fixed filter. It has to keep high frequencies everywhere in order to keep one sharp"
            " contour. The Jacobian of a network is another one at every picture, and so is its basis.",
        ),
        Option(
            "Waves that bend with the contour of this picture",
            "They oscillate along the contour and inside the regions, faster where less is kept. The share of their"
            " energy that lies near the contour is {hb-7.near:.1f} times that of random vectors.",
            right=True,
        ),
        Option(
            "Pictures of the training set",
            "That is what a network of one portrait has: its first eigenvector is that portrait, nearly. A network that"
            " generalises keeps patterns that it was never shown.",
        ),
        Option(
            "Single pixels: those that the noise changed least",
            "The network cannot know which pixels the noise changed least. It knows how neighbouring pixels go"
            " together, so its patterns are spread over many pixels.",
        ),
    ),
)

DISC = Predict(
    "directions-of-a-disc",
    "A picture of one disc is given by five numbers: two for the centre, one for the radius, two grey levels. A network"
    " is trained on discs only. At faint noise, which eigenvalues of its Jacobian are above 0.3, say?",
    (
        Option(
            "Five: one for each number",
            "That is the best denoiser: it projects onto the five directions in which a disc can change. The network"
            " finds most of these five, but its other eigenvalues are not small.",
        ),
        Option(
            "Five near one, and more below them",
            "The five agree with the directions in which a disc can change: the mean squared cosine is"
            " {hb-4.tangent:.2f}. The sixth eigenvalue is {hb-4.sixth:.2f}. It belongs to a ripple that no disc needs."
            " The PSNR is {hb-5.short:.1f} dB below the best possible one, partly for want of longer training.",
            right=True,
        ),
        Option(
            "One: the noisy disc itself",
            "J y = x̂ says that y is mapped to the disc. It does not say that the rest is removed. A disc that is"
            " moved a little is a disc too, so a good denoiser must keep such changes.",
        ),
        Option(
            "As many as the disc has pixels on its edge",
            "Each pixel of the edge alone would bend the circle, and what is bent is no disc. The five numbers move"
            " all pixels of the edge together.",
        ),
    ),
)

SHUFFLED = Predict(
    "shuffled-pixels",
    "The pixels of all portraits are put in another order, the same for every portrait. A network of the same kind is"
    " trained on these for as many steps. The order could be undone, so nothing is lost. What happens to its PSNR at"
    " σ = 0.3?",
    (
        Option(
            "It stays: a network this large does not care where a pixel stands",
            "A convolution with 3 × 3 weights cares very much. It looks at neighbours, and the neighbours of a shuffled"
            " pixel have little to do with it.",
        ),
        Option(
            "It drops by more than 2 dB",
            "By {hb-6.drop:.1f} dB. The best denoiser would lose nothing: it would put the pixels back in"
            " order first. What is lost is the network's own: it shrinks in bases that suit pictures with contours,"
            " and shuffled pictures have none.",
            right=True,
        ),
        Option(
            "It drops to that of the noisy picture: nothing can be learned any more",
            "Much can. Every place still has its own mean and its own range, and the picture as a whole is dark or"
            " bright. The network uses this, and is far better than the noisy picture.",
        ),
        Option(
            "It drops, since shuffled portraits hold more information",
            "A fixed order adds no information and takes none away: the least possible error is the same. So the"
            " drop shows something about the network, not about the pictures.",
        ),
    ),
)

FACTOR = Numeric(
    "best-factor",
    "In a fixed orthonormal basis one coefficient of the clean picture is c = 0.2, and the noise has σ = 0.1. By which"
    " factor λ should the noisy coefficient be multiplied, so that the expected squared error is least?",
    value=0.8,
    tolerance=0.005,
    why="The error is (1 − λ)² c² + λ² σ². It is least at λ = c²/(c² + σ²) = 0.04/0.05 = 0.8.",
    hint="The expected squared error is (1 − λ)² c² + λ² σ². Set its derivative by λ to zero.",
    wrong=(
        WrongValue(2 / 3, "c/(c + σ): errors add as squares, so c² and σ² take part."),
        WrongValue(0.2, "σ²/(c² + σ²) is the share that is removed."),
        WrongValue(1.0, "That keeps the coefficient because c is above σ. Shrinking it a little is better still."),
        WrongValue(0.008, "c²σ²/(c² + σ²) is the error at the best factor."),
    ),
)

GAIN = Numeric(
    "gain-of-a-disc",
    "A best denoiser of discs keeps the noise in five directions only, and loses nothing of the disc. The pictures have"
    " 32 × 32 pixels. How many dB is its PSNR above that of the noisy picture?",
    value=10 * math.log10(1024 / 5),
    tolerance=0.1,
    unit="dB",
    why="Of the noise energy 1024 σ² five parts stay: 10 log₁₀(1024/5) = 23.1 dB.",
    hint="Which share of the noise energy stays? There are 1024 directions in all.",
    wrong=(
        WrongValue(20 * math.log10(1024 / 5), "20 log₁₀ is for amplitudes. 5/1024 is a ratio of energies."),
        WrongValue(
            10 * math.log10(1024), "That is the gain if one direction is kept, as for one picture at any contrast."
        ),
        WrongValue(10 * math.log10(32 / 5), "32 is the side. There are as many directions as pixels, 1024."),
        WrongValue(10 * math.log10(5), "5 directions of how many?"),
        WrongValue(1024 / 5, "That is the ratio of the energies. Take 10 log₁₀ of it."),
    ),
)

SLOPE = Numeric(
    "slope-from-exponent",
    "In the best basis for pictures with contours of regularity α the squared coefficients fall as k to the power"
    " −(α + 1). Keep the M coefficients that are above the noise. Take α = 2. By how many dB does the output PSNR rise"
    " for each dB of input PSNR?",
    value=2 / 3,
    tolerance=0.005,
    why=(
        "M is where M^−(α+1) = σ², so M = σ^(−2/(α+1)). The error is about M σ² = σ^(2α/(α+1)). The input PSNR is"
        " −10 log₁₀ σ², so the slope is the exponent of σ²: α/(α + 1) = 2/3."
    ),
    hint="Find M from M^−(α+1) = σ². The error is about M σ². The slope is its exponent as a power of σ².",
    wrong=(
        WrongValue(4 / 3, "2α/(α + 1) is the exponent of σ. The input PSNR is −10 log₁₀ σ²: count powers of σ²."),
        WrongValue(1 / 3, "M grows as σ² to the power −1/(α + 1). The error is M σ²."),
        WrongValue(1.0, "That is the slope if M stays the same at all noise. Here more is kept when the noise falls."),
        WrongValue(
            0.5, "(α − 1)/α would follow from coefficients that fall as k to the power −α. Here it is −(α + 1)."
        ),
    ),
)

KEPT = Numeric(
    "kept-directions",
    "A network near the best one turns pictures of 32 × 32 pixels with 20 dB into pictures with 28 dB. What is the sum"
    " of the eigenvalues of its Jacobian, on average?",
    value=1024 * 10**-0.8,
    tolerance=0.5,
    why="tr J = d · MSE/σ² = 1024 · 10^(−8/10) = 162: 8 dB is the ratio of σ² to the mean squared error.",
    hint="tr J/d = MSE/σ², and the two PSNRs differ by 10 log₁₀ of σ²/MSE.",
    wrong=(
        WrongValue(1024 * 10**-0.4, "8 dB is a ratio of squared errors, 10^(8/10), not 10^(8/20)."),
        WrongValue(1024 * (1 - 10**-0.8), "That is d − tr J, what is removed."),
        WrongValue(10**-0.8, "That is the mean eigenvalue. There are 1024 of them."),
        WrongValue(1024 * 10**-2.8, "10^(−28/10) is the mean squared error. Divide it by σ² = 0.01 first."),
    ),
)


def kept_of_the_tangent(jacobian: Tensor, draw: Callable[[Tensor], Tensor], numbers: Tensor) -> Tensor:
    """Return the cosines of the angles between what J keeps and what changes with the numbers, (n,), falling."""
    return _cosines(_kept(jacobian, numbers), _changes(draw, numbers))


def _cosines(leading: Tensor, changes: Tensor) -> Tensor:
    return torch.linalg.svdvals(leading.mT @ torch.linalg.qr(changes)[0])


def _draw(numbers: Tensor) -> Tensor:
    """Return a disc (12, 12) with a soft edge: centre, radius, grey levels inside and outside."""
    cx, cy, radius, inside, outside = numbers
    places = torch.arange(12, dtype=numbers.dtype) + 0.5
    depth = radius - ((places - cx) ** 2 + (places[:, None] - cy) ** 2).sqrt()
    return outside + (inside - outside) * torch.sigmoid(3 * depth)


def _discs() -> list[tuple[Tensor, Callable[[Tensor], Tensor], Tensor]]:
    made = torch.Generator().manual_seed(0)
    cases = []
    for row in ((5.5, 6.2, 3.1, 0.9, 0.3), (6.4, 5.7, 3.8, 0.2, 0.7)):
        numbers = torch.tensor(row, dtype=torch.float64)
        noise = torch.randn(144, 144, generator=made, dtype=torch.float64)
        near = torch.linalg.qr(_changes(_draw, numbers) + 0.05 * noise[:, :5])[0]
        cases.append((near @ near.mT + 0.01 * noise @ noise.mT / 12 + 0.05 * (noise - noise.mT), _draw, numbers))
    return cases


def _changes(draw: Callable[[Tensor], Tensor], numbers: Tensor) -> Tensor:
    return torch.autograd.functional.jacobian(draw, numbers).flatten(0, -2)


def _kept(jacobian: Tensor, numbers: Tensor) -> Tensor:
    return torch.linalg.eigh((jacobian + jacobian.mT) / 2)[1][:, -len(numbers) :]


def _hard_edge(jacobian: Tensor, draw: Callable[[Tensor], Tensor], numbers: Tensor) -> Tensor:
    def hard(n: Tensor) -> Tensor:
        return torch.where((draw(n) - n[4]) / (n[3] - n[4]) > 0.5, n[3], n[4])

    steps = 0.5 * torch.eye(len(numbers), dtype=numbers.dtype)
    changes = [(hard(numbers + step) - hard(numbers - step)).flatten() for step in steps]
    return _cosines(_kept(jacobian, numbers), torch.stack(changes, 1))


def _not_symmetric(jacobian: Tensor, draw: Callable[[Tensor], Tensor], numbers: Tensor) -> Tensor:
    values, vectors = torch.linalg.eig(jacobian)
    leading = vectors.real[:, values.real.argsort(descending=True, stable=True)[: len(numbers)]]
    return _cosines(leading / leading.norm(dim=0), _changes(draw, numbers))


ANGLES = Code(
    "kept-of-the-tangent",
    "Write `kept_of_the_tangent(jacobian, draw, numbers)`: the cosines of the principal angles between two subspaces,"
    " largest first. One is spanned by the n leading eigenvectors of (J + Jᵀ)/2, J being (d, d). The other is spanned"
    " by the derivatives of the picture `draw(numbers)`, (H, W), by the n numbers.",
    reference=kept_of_the_tangent,
    cases=_discs,
    why="Differentiate, orthonormalise with QR, and take the singular values of the products of the two bases.",
    wrong=(
        WrongFunction(
            lambda jacobian, draw, n: torch.linalg.svdvals(_kept(jacobian, n).mT @ normalize(_changes(draw, n), dim=0)),
            "The derivatives are not orthonormal. Some of your cosines are above 1, which no cosine is: use QR.",
        ),
        WrongFunction(
            _hard_edge,
            "These are differences of a disc with a hard edge. Such an edge jumps from pixel to pixel and has no"
            " derivative. Differentiate `draw` itself.",
        ),
        WrongFunction(
            _not_symmetric,
            "These are eigenvectors of J. They are not orthogonal, and some are complex: take those of (J + Jᵀ)/2.",
        ),
        WrongFunction(
            lambda jacobian, *rest: kept_of_the_tangent(-jacobian, *rest),
            "`eigh` gives eigenvalues from the smallest on. The leading ones are at the end.",
        ),
        WrongFunction(lambda *case: kept_of_the_tangent(*case).square(), "These are the squared cosines."),
    ),
)


def slope_inside(psnr_in: Tensor, psnr_out: Tensor, low: float, high: float) -> Tensor:
    """Return the least-squares slope of output against input PSNR where the input is from low to high."""
    inside = (psnr_in >= low) & (psnr_in <= high)
    x, y = psnr_in[inside], psnr_out[inside]
    return ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()


def _curves() -> list[tuple[Tensor, Tensor, float, float]]:
    psnr_in = torch.arange(0.0, 45.0, 2.5)
    bent = 12 + 0.4 * psnr_in + 0.009 * psnr_in**2 + 0.3 * torch.sin(psnr_in)
    return [(psnr_in, bent, 10.0, 30.0), (psnr_in, bent + 2, 5.0, 25.0)]


WINDOW = Code(
    "slope-inside",
    "Write `slope_inside(psnr_in, psnr_out, low, high)`: the slope of the least-squares line through the points with an"
    " input PSNR from `low` to `high`.",
    reference=slope_inside,
    cases=_curves,
    why="Choose the points by their input PSNR, then covariance over variance.",
    wrong=(
        WrongFunction(
            lambda x, y, low, high: slope_inside(x, y, -math.inf, math.inf),
            "All points were used. At very faint noise every slope tends to 1, because a picture has finitely many"
            " pixels.",
        ),
        WrongFunction(
            lambda x, y, low, high: slope_inside(x[(y >= low) & (y <= high)], y[(y >= low) & (y <= high)], 0, 99),
            "The window is one of *output* PSNR. It moves with the network: two networks would be compared at"
            " different noise.",
        ),
        WrongFunction(
            lambda x, y, low, high: (x * y * (low <= x) * (x <= high)).sum() / (x * x * (low <= x) * (x <= high)).sum(),
            "That line goes through the origin. Remove the two means first.",
        ),
    ),
)

ITEMS = (HARMONICS, DISC, SHUFFLED, FACTOR, GAIN, SLOPE, KEPT, ANGLES, WINDOW)
