"""The equations of chapters 2 and 3, each with a constant that is changed to see the test fail; and the recipes of the
twins.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from random_nets import KINDS, noise, random_net, relative

from dprior_lite import data, geometry
from dprior_lite.store import SHIPPED, read_card, steps_taken
from dprior_lite.training import Recipe, all_recipes, find, loop

EXACT = 1e-10
TWINS = {
    kind: [name for name in all_recipes() if name.startswith((f"{kind}-bf-", f"{kind}-biased-"))]
    for kind in ("dncnn", "unet", "recurrent", "dense")
}

PLAIN = [
    "dncnn-bf-10-plain",
    "dncnn-bf-100-plain",
    "dncnn-bf-55",
    "dncnn-biased-55",
    "dncnn-bf-10-contrast",
]  # by the squared error, first filters free


@pytest.mark.parametrize("kind", KINDS)
def test_the_random_networks_are_no_identity(kind: str) -> None:
    """What the equations are tested on: the noise branch is not small, and the gates depend on the picture."""
    net, y = random_net(kind, bias=False), noise(1, 1, 9, 8)
    assert relative(net(y), y) > 0.3
    assert relative(net(-y), -net(y)) > 0.1, "a ReLU network is homogeneous for a >= 0 only"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias, power, holds", [(False, 1.0, True), (False, 1.01, False), (True, 1.0, False)])
def test_eq_homogeneity(kind: str, bias: bool, power: float, holds: bool) -> None:
    net, y = random_net(kind, bias), noise(2, 1, 9, 8)
    worst = max(relative(net(a * y), a**power * net(y)) for a in (1e-3, 0.1, 3.0, 1e3))
    assert (worst < EXACT) == holds and (holds or worst > 1e-2)
    assert bool((net(0 * y) == 0).all()) != bias


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bias, of_jacobian, of_bias, holds",
    [
        (False, 1.0, 0.0, True),
        (True, 1.0, 1.0, True),
        (False, 1.01, 0.0, False),
        (True, 1.0, 1.1, False),
        (True, 1.0, 0.0, False),
    ],
)
def test_eq_net_bias(kind: str, bias: bool, of_jacobian: float, of_bias: float, holds: bool) -> None:
    """The Jacobian by torch's own backward passes, the net bias as the answer to zero with the gates held."""
    net, y = random_net(kind, bias), noise(1, 1, 6, 7)
    jacobian = torch.autograd.functional.jacobian(net, y).reshape(42, 42)
    b = geometry.frozen(net, y)(torch.zeros_like(y)).flatten()
    x_hat = net(y).detach().flatten()
    off = relative(of_jacobian * jacobian @ y.flatten() + of_bias * b, x_hat)
    assert (off < EXACT) == holds and (holds or off > 1e-3)
    assert float((geometry.net_bias(net, y).flatten() - b).norm()) < EXACT * float(x_hat.norm())
    assert (float(b.norm()) > 1e-2 * float(x_hat.norm())) == bias and (bias or float(b.abs().max()) == 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bias, outer, inner, level, holds",
    [
        (False, 5, 5, 10, True),
        (False, 5.1, 5, 10, False),
        (False, 5, 5.1, 10, False),
        (False, 5, 5, 10.2, False),
        (True, 5, 5, 10, False),
    ],
)
def test_eq_price(kind: str, bias: bool, outer: float, inner: float, level: float, holds: bool) -> None:
    """Noise 50 on a picture is noise 10 on a picture five times fainter."""
    net, x, z = random_net(kind, bias), noise(2, 1, 9, 8).abs().clamp(max=1), noise(2, 1, 9, 8, seed=2)
    off = relative(outer * net(x / inner + level / 255 * z), net(x + 50 / 255 * z))
    assert (off < EXACT) == holds and (holds or off > 1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bias, weights, factor, holds",
    [
        (False, geometry.rows, 1.0, True),
        (False, geometry.rows, 1.01, False),
        (False, geometry.columns, 1.0, False),
        (True, geometry.rows, 1.0, False),
    ],
)
def test_eq_weighted_mean(kind: str, bias: bool, weights, factor: float, holds: bool) -> None:
    """An output pixel is the sum of the noisy pixels, weighted by its row: not by its column, and not if there is a net
    bias.
    """
    net, y, pixels = random_net(kind, bias), noise(1, 1, 7, 8), [0, 9, 30, 55]
    mean = factor * (weights(net, y, pixels) * y).sum((1, 2, 3))
    off = relative(mean, net(y).flatten()[pixels])
    assert (off < EXACT) == holds and (holds or off > 1e-3)


@pytest.mark.parametrize("factor, power, holds", [(1.0, 2, True), (1.05, 2, False), (1.0, 1, False)])
def test_eq_leak(factor: float, power: int, holds: bool) -> None:
    """White noise through a matrix whose squares add up to 16 (its trace is 3, its singular values to about 6)."""
    matrix, sigma = torch.tensor([[1.0, 2, 0], [0, 1, 3], [0, 0, 1]], dtype=torch.float64), 0.3
    leaked = (sigma * noise(400_000, 3) @ matrix.mT).square().sum(1).mean()
    assert (abs(float(leaked) / (factor * sigma**power * 16) - 1) < 0.01) == holds
    assert float(
        geometry.effective_dimension(lambda y: y @ matrix.mT, torch.zeros(1, 3, dtype=torch.float64))
    ) == pytest.approx(16)


def told_apart(a: str, b: str) -> set[str]:
    """Names of what differs between two recipes, without their names and what they say of themselves."""
    first, second = (find(name).to_json() for name in (a, b))
    return {key for key in first if first[key] != second[key]} - {"name", "says"}


@pytest.mark.parametrize("kind", TWINS)
def test_twins_differ_by_biases_and_noise_alone(kind: str) -> None:
    """Data, steps, batch, patch, seed, rate and everything else a recipe holds are the same within one architecture and
    one loss.
    """
    first = f"{kind}-bf-10"
    alike = [name for name in TWINS[kind] if name not in PLAIN]
    assert {first, f"{kind}-biased-10", f"{kind}-bf-100"} <= set(alike)
    for one, names in ((first, alike), *(((PLAIN[0], PLAIN[:-1]),) if kind == "dncnn" else ())):
        for name in names:
            assert told_apart(one, name) <= {"net_args", "noise"}
            assert dict(find(name).net_args) == dict(find(one).net_args) | {"bias": "-biased-" in name}
            assert find(name).noise.low == 0 and find(name).noise.high * 255 == pytest.approx(int(name.split("-")[2]))
    assert told_apart(first, f"{kind}-biased-10") == {"net_args"}
    assert told_apart(PLAIN[0], "dncnn-bf-10-contrast") == {"contrast"}
    for name in ("dncnn-bf-10", "dncnn-bf-100"):
        assert told_apart(name, f"{name}-plain") == {"net_args", "loss", "steps", "batch"}
        assert dict(find(name).net_args) == dict(find(f"{name}-plain").net_args) | {"centred": True}
    assert told_apart(f"{kind}-bf-10", "photos-bfcnn") - {"net", "net_args", "noise"}, "another recipe does differ"


@pytest.mark.parametrize("name", [name for names in TWINS.values() for name in names])
def test_a_shipped_twin_was_trained_by_its_recipe(name: str) -> None:
    """A weight of an earlier recipe of the same name would be compared with twins of another training."""
    card, recipe = read_card(SHIPPED / f"{name}.json"), find(name)
    trained = Recipe.from_json(card["recipe"])
    for field in ("net", "loss", "noise", "data", "batch", "patch", "lr", "seed", "contrast"):
        assert getattr(trained, field) == getattr(recipe, field), field
    assert {"centred": False} | dict(trained.net_args) == {"centred": False} | dict(recipe.net_args)
    assert steps_taken(card) == recipe.steps["full"]


@pytest.mark.parametrize("kind", TWINS)
def test_twins_are_small(kind: str) -> None:
    sizes = {name: sum(p.numel() for p in find(name).build().parameters()) for name in TWINS[kind]}
    assert len(sizes) >= 3 and max(sizes.values()) <= 40_000 < sum(
        p.numel() for p in find("photos-bfcnn").build().parameters()
    )
    assert sizes[f"{kind}-biased-10"] > sizes[f"{kind}-bf-10"] == sizes[f"{kind}-bf-100"]


def constants(name: str) -> list[str]:
    return [key for key, _ in find(name).build().named_parameters() if key.endswith("bias")]


@pytest.mark.parametrize("kind", TWINS)
def test_a_bias_free_twin_holds_no_constant(kind: str) -> None:
    assert constants(f"{kind}-bf-10") == [] == constants(f"{kind}-bf-100") and len(constants(f"{kind}-biased-10")) > 2


@pytest.fixture
def few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every training draws from the same two small pictures."""
    pictures = [torch.rand(1, 1, 48, 50, generator=torch.Generator().manual_seed(k)) for k in (0, 1)]
    monkeypatch.setattr(
        loop,
        "training_data",
        lambda recipe, without: data.Patches(pictures, recipe.patch, recipe.turn, recipe.contrast),
    )


def drawn(recipe: Recipe, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the clean patches, sigma and white noise of one step of a training, as its loss gets them."""
    seen = []

    def note(net, x: torch.Tensor, sigma: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        seen.extend((x, sigma, torch.randn(x.shape, generator=generator)))
        return sigma.sum()

    run = loop.Training(recipe, "ci", torch.device("cpu"), compiled=False)
    run.loss = note
    run._loss(step)
    return seen[0], seen[1], seen[2]


@pytest.mark.parametrize("kind", TWINS)
def test_twins_are_drawn_the_same_patches_and_noise(kind: str, few_pictures: None) -> None:
    """Those of one loss, that is: the weighted one draws eight times as many, and shows the network an eighth."""
    for names in (
        kin for kin in ([n for n in TWINS[kind] if n not in PLAIN], [n for n in TWINS[kind] if n in PLAIN]) if kin
    ):
        x, sigma, z = drawn(find(names[0]), step=3)
        for name in names:
            other_x, other_sigma, other_z = drawn(find(name), step=3)
            ratio = find(name).noise.high / find(names[0]).noise.high
            assert torch.equal(other_x, x) != name.endswith("contrast")
            assert torch.allclose(other_sigma, ratio * sigma) and torch.equal(other_z, z)
    x, sigma, z = drawn(find(f"{kind}-bf-10"), step=3)
    for other in (drawn(find(f"{kind}-bf-10"), step=4), drawn(replace(find(f"{kind}-bf-10"), seed=1), step=3)):
        assert not any(torch.equal(a, b) for a, b in zip(other, (x, sigma, z)))
