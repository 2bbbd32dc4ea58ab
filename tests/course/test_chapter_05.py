"""Chapter 5: what its stored measurements cover, the scores they rest on, and the authors' network by hand."""

from __future__ import annotations

import torch
from scipy.stats import spearmanr

from dprior_lite import miyasawa, operators
from dprior_lite.course import measurements
from dprior_lite.course.lab import inverse_tasks, published, toys
from dprior_lite.nets.published import load_published
from dprior_lite.sampling import Ascent


def test_the_measurements_cover_what_the_claims_ask() -> None:
    """Thirty held-out patches for each problem and for the hole, twelve crops for each fraction, each item once."""
    keys = {id: list(measurements.module_of(id).keys()) for id in ("in-1", "in-4", "in-5")}
    assert all(len(set(k)) == len(k) for k in keys.values())
    assert all(sum(key.startswith(f"{task}; ") for key in keys["in-1"]) >= 30 for task in inverse_tasks.tasks())
    assert len(keys["in-1"]) == 30 * 6 and len(keys["in-4"]) >= 30
    assert all(sum(key.startswith(f"{part}; ") for key in keys["in-5"]) >= 12 for part in ("10 %", "25 %"))


def test_scores_of_a_patch() -> None:
    """With a denoiser that knows the answer every score is what it must be; one that does nothing is far behind."""
    x, other = torch.full((1, 1, 64, 64), 0.4), torch.full((1, 1, 64, 64), 0.6)
    operator = operators.Inpaint(inverse_tasks.known_pixels())
    found = inverse_tasks.score_of_patch(
        lambda y: x.expand_as(y) + 0.001 * (y - x), operator, x, other, Ascent(h0=0.5, beta=0.5, max_steps=60)
    )
    assert found["arrived"][0] == 4 and found["mean"] > 50 and found["copied"] == found["one"]
    state, exact, wrong, denoised = found["agreement"]
    assert exact <= 1e-6 < denoised < state <= 0.02 and abs(wrong - 0.2) < 0.02
    assert found["idle"] < found["mean"] - 20 and found["pseudo_inverse"] < found["grey"] < found["mean"]


def test_rank_correlation_is_scipys() -> None:
    g = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 50, generator=g)
    assert abs(inverse_tasks.spearman(a, b) - spearmanr(a, b).statistic) < 1e-9
    assert abs(inverse_tasks.spearman(a, b) - float(torch.corrcoef(torch.stack([a, b]))[0, 1])) > 1e-4


def test_ratio_of_rms_and_its_standard_error() -> None:
    """The standard error is that of many repetitions: 400 groups of 40 problems."""
    g = torch.Generator().manual_seed(0)
    error = torch.rand(400, 40, generator=g) + 0.5
    variance = 0.5 * error + torch.rand(400, 40, generator=g)
    found = torch.tensor([inverse_tasks.ratio_of_rms(e, v) for e, v in zip(error, variance)])
    assert abs(float(found[:, 0].mean()) - 1) < 0.01
    assert abs(float(found[:, 1].mean() / found[:, 0].std()) - 1) < 0.15


def test_all_points_of_the_plane_at_once_are_each_point_by_itself() -> None:
    y = torch.randn(9, 1, 1, 20, generator=torch.Generator().manual_seed(0)) * torch.linspace(0.2, 1, 9).reshape(
        9, 1, 1, 1
    )
    net, mixture = toys.plane_in_space(miyasawa.PAGE_MIXTURE), miyasawa.PAGE_MIXTURE
    for point, found in zip(y.flatten(1), net(y).flatten(1)):
        level = float(point[2:].double().square().mean().sqrt())
        assert torch.allclose(found[:2].double(), mixture.posterior_mean(point[None, :2].double(), level)[0], atol=1e-6)
        assert not found[2:].any()


def test_the_authors_sampler_by_hand(tmp_path) -> None:
    """A file with the names of theirs: our network gives what the layers give, and not what other gains give."""
    g = torch.Generator().manual_seed(0)
    tensors = {
        "conv_layers.0.weight": torch.randn(4, 1, 3, 3, generator=g),
        "conv_layers.3.weight": torch.randn(1, 4, 3, 3, generator=g),
    }
    for k in range(2):
        tensors[f"conv_layers.{k + 1}.weight"] = torch.randn(4, 4, 3, 3, generator=g)
        tensors[f"running_sd.{k}"] = torch.rand(1, 4, 1, 1, generator=g) + 0.5
        tensors[f"gammas.{k}"] = torch.rand(1, 4, 1, 1, generator=g) + 0.1
    torch.save(tensors, tmp_path / "model.pt")
    y, layers = torch.randn(2, 1, 12, 12, generator=g), published.sampler_tensors(tmp_path / "model.pt")
    net = load_published(tmp_path / "model.pt")
    right, wrong = (published.sampler_by_hand(layers, y, layer) for layer in (None, 1))
    assert float((net(y) - right).norm() / right.norm()) <= 1e-5 < float((net(y) - wrong).norm() / right.norm())
