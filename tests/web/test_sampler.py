"""The sampler in the page: its steps are the algorithm's, each can be seen again, and the page never waits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from browser import (
    PHONE,
    console_errors,
    dead_sliders,
    foreign_requests,
    missing_alternatives,
    pale_text,
    sideways_scroll,
    visit,
    written,
)
from widget_helpers import DARK, pictures

from dprior_lite import load
from dprior_lite.course import PriorSampler
from dprior_lite.course.web import jsnet
from dprior_lite.course.web.priorsampler import MOST, expected_noise
from dprior_lite.nets.bfcnn import BFCNN

SHAPE, BETAS = (12, 10), [0.2, 0.5, 1]
TEXTS = {"caption": "A sampler.", "alt": "noise that becomes a picture, and a falling curve"}


def times(factor):
    """The network that gives its input times a number."""
    return [(factor * np.eye(9)[4].reshape(1, 1, 3, 3), None, False)]


def blur(y):
    return torch.nn.functional.conv2d(y, torch.full((1, 1, 3, 3), 1 / 9), padding=1)


def sampler(**changes):
    """One that draws smooth pictures; its network is `blur`."""
    return PriorSampler(
        **{
            "layers": [(np.full((1, 1, 3, 3), 1 / 9), None, False)],
            "shape": SHAPE,
            "betas": BETAS,
            "start": 0.5,
            "residual": False,
            **TEXTS,
            **changes,
        }
    )


def walk(net, zs, beta, h0=0.05, gamma_power=1):
    """The algorithm of the paper in torch: every y and the noise found in it, as long as there is fresh noise."""
    y, states = 0.5 + zs[0], []
    for t, z in enumerate(zs[1:], 1):
        r = net(y) - y
        sigma, h = r.square().mean().sqrt().item(), h0 * t / (1 + h0 * (t - 1))
        states.append((y, sigma))
        gamma = sigma * math.sqrt(max(0, (1 - beta * h) ** 2 - (1 - h) ** 2))
        y = y + h * r + gamma**gamma_power * z
    return states


def steps_to(states, sigma_L=0.01):
    """How many steps a walk takes."""
    return next(i for i, (_, sigma) in enumerate(states) if sigma <= sigma_L)


STEPS = """([coded, zs, H, W, beta, h0]) => {
    const S = DPrior.sampler, net = DPrior.net.decode(coded), all = [];
    let y = Float32Array.from(zs[0], v => 0.5 + v);
    for (let t = 1; t < zs.length; t++) {
        const state = S.believed(net, y, H, W);
        all.push({y: Array.from(y), sigma: state.sigma});
        y = S.stepped(state, S.share(t, h0), beta, zs[t]);
    }
    return all;
}"""


def biased():
    torch.manual_seed(0)
    net = BFCNN(depth=4, width=6, bias=True).eval().requires_grad_(False)
    net.convs[-1].weight.data.mul_(3)
    return net, 1, (12, 10)


def lens():
    return load("photos-lens").requires_grad_(False), 2, (24, 20)


@pytest.mark.parametrize("make", [biased, lens])
@pytest.mark.parametrize("beta", [0.1, 1])
def test_the_steps_are_those_of_torch(browser, tmp_path, make, beta):  # noqa: F811
    net, unshuffle, shape = make()
    zs = torch.randn(16, 1, 1, *shape, generator=torch.Generator().manual_seed(1))
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        coded = jsnet.network("net", net.folded(), True, unshuffle)
        ours = seen.page.evaluate(STEPS, [coded, zs.flatten(1).tolist(), *shape, beta, 0.05])

    def away(states):
        y, sigma = states[-1]
        there = np.array(ours[-1]["y"])
        return max(np.abs(there - y.flatten().numpy()).max() / np.abs(there).max(), abs(ours[-1]["sigma"] / sigma - 1))

    assert len(ours) == 15 and away(walk(net, zs, beta)) < 1e-5
    wrong = [
        walk(net, zs, 0.5),
        walk(net, zs, beta, h0=0.06),
        walk(net, zs.flip(-1), beta),
        walk(net, zs, beta, gamma_power=2),
    ]
    # without noise there is no gamma to get wrong
    assert all(away(states) > 1e-3 for states in wrong[: 3 if beta == 1 else 4])


def quick(page):
    """Walk without showing the way."""
    page.emulate_media(reduced_motion="reduce")


def drawn(page, count=1):
    """Wait until so many walks have ended, and return what is said about the last."""
    page.wait_for_function("count => Number(document.querySelector('.dprior').dataset.drawn || 0) >= count", arg=count)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.inner_text(".dp-status")


def where(page):
    """Seed, beta and step that are shown."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.get_attribute(".dprior", "data-shown")


def collection(page):
    return page.locator(".dp-collection canvas").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")


def noise_of_the_page(page, seed, steps):
    """z of the start and of each step, (steps + 1, 1, 1, 12, 10)."""
    zs = page.evaluate(
        "([first, steps, n]) => Array.from({length: steps + 1}, (_, t) => Array.from(DPrior.net.noise(first + t, n)))",
        [MOST * seed, steps, math.prod(SHAPE)],
    )
    return torch.tensor(zs).reshape(-1, 1, 1, *SHAPE)


@pytest.mark.parametrize("seed, beta", [(0, 0.5), (3, 0.2)])
def test_what_is_drawn_is_the_end_of_the_walk(browser, tmp_path, seed, beta):  # noqa: F811
    with visit(browser, written(tmp_path, sampler(seed=seed, start=beta).markup)) as seen:
        page = seen.page
        quick(page)
        page.click("text=Draw")
        said = drawn(page)
        states = walk(blur, noise_of_the_page(page, seed, 200), beta)
        steps = steps_to(states)
        x = blur(states[steps][0])
        assert (
            f"arrived after {steps} steps, theory {len(expected_noise(beta)) - 1}. Shown is step {steps}, σ = " in said
        )
        assert where(page) == f"{seed}:{beta}:{steps}"
        shown = [text.replace("−", "-") for text in page.locator(".dp-panel b").all_inner_texts()]
        assert shown[:2] == [f"min {z.min():.2f}, peak {z.max():.2f}" for z in (states[steps][0], x)]
        painted = page.evaluate("""() => { const canvas = document.querySelectorAll(".dp-panel canvas")[1];
            const pixels = Array.from(canvas.getContext("2d").getImageData(0, 0, 10, 12).data);
            return pixels.filter((_, i) => i % 4 === 0); }""")
        assert np.abs(np.array(painted) - 255 * x.clamp(0, 1).flatten().numpy()).max() <= 1
        assert collection(page) == [f"seed {seed}, beta {beta}, peak {x.max():.2f}"]
        measured, theory = (page.get_attribute(f".dp-plot polyline >> nth={i}", "points").split() for i in (0, 1))
        assert (len(measured), len(theory)) == (steps + 1, len(expected_noise(beta)))
        assert console_errors(seen) == [] and foreign_requests(seen) == []


def test_nothing_is_drawn_before_the_reader_asks(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        assert where(seen.page) == "0:0.5:0" and seen.page.inner_text("[data-draw]") == "Draw"
        assert seen.page.is_disabled("input >> nth=1") and collection(seen.page) == []
        assert seen.page.inner_text(".dp-status") == "Press Draw. At β = 0.5 theory expects 24 steps."
        before = pictures(seen.page)
        seen.page.wait_for_timeout(300)
        assert pictures(seen.page) == before


def test_the_walk_is_seen_and_the_step_slider_goes_back(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        page = seen.page
        page.evaluate(
            """() => { const said = window.said = [], seen = window.seen = [], root = document.querySelector(".dprior");
            new MutationObserver(() => said.push(root.querySelector(".dp-live").textContent))
                .observe(root.querySelector(".dp-live"), {childList: true, characterData: true, subtree: true});
            const watch = new MutationObserver(() => seen.push(root.dataset.shown));
            watch.observe(root, {attributeFilter: ["data-shown"]}); }"""
        )
        page.focus("[data-draw]")
        page.keyboard.press("Enter")
        said, (seed, beta, steps) = drawn(page), where(page).split(":")
        assert (seed, beta) == ("0", "0.5") and f"arrived after {steps} steps" in said
        assert set(page.evaluate("seen")) >= {f"0:0.5:{t}" for t in range(1, int(steps) + 1)}
        heard = page.evaluate("said")
        assert 2 <= len(heard) <= 5 and heard[0].startswith("step 9, sigma 0.") and heard[-1] == said
        end = pictures(page)
        page.focus("input >> nth=1")
        page.keyboard.press("ArrowLeft")
        assert where(page) == f"0:0.5:{int(steps) - 1}" and all(
            a != b for a, b in zip(pictures(page)[:2], end, strict=False)
        )
        page.keyboard.press("Home")
        assert where(page) == "0:0.5:0" and page.get_attribute("input >> nth=1", "aria-valuetext").startswith(
            "step 0, sigma 0."
        )
        page.keyboard.press("End")
        assert where(page) == f"0:0.5:{steps}" and pictures(page) == end


def test_another_seed_counts_on_and_another_beta_keeps_the_seed(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        page = seen.page
        quick(page)
        page.click("text=Draw")
        drawn(page)
        page.focus("input >> nth=0")
        page.keyboard.press("ArrowRight")
        drawn(page, 2)
        page.click("text=Another seed")
        drawn(page, 3)
        assert [label.rsplit(",", 1)[0] for label in collection(page)] == [
            "seed 0, beta 0.5",
            "seed 0, beta 1",
            "seed 1, beta 1",
        ]
        films = pictures(page)[2:]
        assert len(set(films)) == 3 and films[-1] == pictures(page)[1]


def test_the_last_eight_are_kept_each_once(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler(start=1).markup)) as seen:
        page = seen.page
        quick(page)
        for count in range(1, 11):
            page.click("[data-draw]")
            drawn(page, count)
        kept = [f"seed {seed}, beta 1" for seed in range(2, 10)]
        assert [label.rsplit(",", 1)[0] for label in collection(page)] == kept
        for count, place in ((11, 1), (12, 2)):
            page.fill("input >> nth=0", str(place))
            drawn(page, count)
        kept = [*kept[1:], "seed 9, beta 0.5"]
        assert [label.rsplit(",", 1)[0] for label in collection(page)] == kept


def running(page, step):
    """Wait until a walk has come so far."""
    page.wait_for_function(
        "step => Number(document.querySelector('.dprior').dataset.shown.split(':')[2]) >= step", arg=step
    )


def test_a_new_draw_ends_the_one_before(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        page = seen.page
        page.click("text=Draw")
        running(page, 3)
        page.click("text=Another seed")
        running(page, 3)
        page.fill("input >> nth=0", "2")
        drawn(page)
        page.wait_for_timeout(500)
        assert page.get_attribute(".dprior", "data-drawn") == "1"
        assert [label.rsplit(",", 1)[0] for label in collection(page)] == ["seed 1, beta 1"] and where(page).startswith(
            "1:1:"
        )
        assert console_errors(seen) == []


def test_the_reader_looks_back_while_it_walks_on(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler(start=0.2).markup)) as seen:
        page = seen.page
        page.click("text=Draw")
        running(page, 6)
        page.fill("input >> nth=1", "2")
        assert where(page) == "0:0.2:2"
        first = page.locator(".dp-plot polyline >> nth=0").get_attribute("points")
        said = drawn(page)
        assert where(page) == "0:0.2:2" and "Shown is step 2, " in said and len(collection(page)) == 1
        assert len(page.locator(".dp-plot polyline >> nth=0").get_attribute("points")) > len(first)


def test_reduced_motion_shows_the_end_only(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        page = seen.page
        quick(page)
        page.evaluate("""() => { const seen = window.seen = [], root = document.querySelector(".dprior");
            const watch = new MutationObserver(() => seen.push(root.dataset.shown));
            watch.observe(root, {attributeFilter: ["data-shown"]}); }""")
        page.click("text=Draw")
        drawn(page)
        end = where(page)
        assert set(page.evaluate("seen")) <= {"0:0.5:0", end} and not end.endswith(":0")
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        seen.page.click("text=Draw")
        drawn(seen.page)
        assert where(seen.page) == end


@pytest.mark.parametrize("factor, steps", [(2, 20), (1e12, 3)], ids=["grows", "overflows"])
def test_a_walk_that_does_not_arrive_says_so(browser, tmp_path, factor, steps):  # noqa: F811
    with visit(
        browser, written(tmp_path, sampler(layers=times(factor), betas=[1], start=1, max_steps=20).markup)
    ) as seen:
        page = seen.page
        quick(page)
        page.click("text=Draw")
        said = drawn(page)
        assert f"did not arrive in {steps} steps, theory 15" in said and collection(page) == []
        assert ("∞" in said) == (factor > 2) and "Infinity" not in page.inner_text(".dprior")
        assert console_errors(seen) == []


def test_start_over_puts_everything_back(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup)) as seen:
        page = seen.page
        quick(page)
        where(page)
        before, text = pictures(page), page.inner_text(".dprior")
        page.click("text=Draw")
        drawn(page)
        page.fill("input >> nth=0", "0")
        drawn(page, 2)
        page.click("text=Another seed")
        page.click("text=Start over")
        assert where(page) == "0:0.5:0"
        assert pictures(page) == before and page.inner_text(".dprior") == text and page.is_disabled("input >> nth=1")
        page.click("text=Draw")
        drawn(page, 3)
        assert where(page).startswith("0:0.5:") and len(collection(page)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_described_and_fits_a_phone(browser, tmp_path, theme):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup, head=DARK), PHONE) as seen:
        page = seen.page
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        assert dead_sliders(seen) == []
        drawn(page)
        assert sideways_scroll(seen) == [] and missing_alternatives(seen) == [] and pale_text(seen) == []
        ends = page.evaluate(
            "Array.from(document.querySelectorAll('.dp-plot text')).map(e => e.getBoundingClientRect().right)"
        )
        assert max(ends) <= PHONE[0] and {"measured", "theory"} <= set(page.inner_text(".dp-plot b").split())
        assert "measured 0." in page.get_attribute(".dp-plot svg", "aria-label")
        assert console_errors(seen) == []


def test_without_scripts_it_says_so(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, sampler().markup), scripts=False) as seen:
        assert seen.page.is_visible(".dp-static")
        assert not any(seen.page.is_visible(part) for part in ("input", "[data-draw]", ".dp-plot", ".dp-collection"))


def test_theory_is_the_product_of_what_is_left():
    for beta in (0.05, 0.3, 1):
        h = 0.1 * np.arange(1, 400) / (1 + 0.1 * np.arange(399))
        right = 2 * np.cumprod(np.concatenate([[1], 1 - beta * h]))
        found = expected_noise(beta, 0.1, 2, 0.02)
        assert found == pytest.approx(right[: len(found)].tolist()) and found[-1] <= 0.02 < found[-2]
    assert len(expected_noise(1e-6, most=50)) == 51


@pytest.mark.parametrize(
    "changes",
    [
        {"betas": []},
        {"betas": [0, 1], "start": 1},
        {"betas": [0.5, 0.2], "start": 0.5},
        {"betas": [0.5, 1.2]},
        {"start": 0.7},
        {"h0": 0},
        {"h0": 1.1},
        {"sigma_L": 1},
        {"sigma_L": 0},
        {"sigma_0": math.inf},
        {"mean": math.nan},
        {"seed": -1},
        {"max_steps": 0},
        {"max_steps": MOST},
        {"max_steps": 44},
        {"unshuffle": 3},
        {"unshuffle": 2},
        {"shape": (0, 4)},
        {"shape": (1, 4, 4)},
        {"layers": biased()[0].folded()[1:]},
        {"caption": ""},
        {"alt": " "},
    ],
)
def test_what_cannot_run_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        sampler(**changes)


def test_it_is_the_same_every_time_and_small():
    layers = BFCNN(depth=8, width=32, unshuffle=2).eval().folded()
    halves = BFCNN(depth=8, width=32, unshuffle=2).eval().half().float().folded()
    made = [
        sampler(layers=these, shape=(28, 28), unshuffle=2, betas=[0.05, 0.1, 0.2, 0.5, 1]).markup
        for these in (halves, halves, layers)
    ]
    assert made[0] == made[1] and len(made[0]) < 250_000 and len(made[2]) < 400_000
