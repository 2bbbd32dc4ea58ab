"""The laboratory: its closed form is the package's, and everything on it moves by pointer and by keys."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from browser import (
    PHONE,
    console_errors,
    dead_sliders,
    missing_alternatives,
    pale_text,
    sideways_scroll,
    visit,
    written,
)

from dprior_lite.course.web import mixturelab
from dprior_lite.course.web.mixturelab import Layer, MixtureLab
from dprior_lite.miyasawa import GaussianMixture

MEANS, STDS, WEIGHTS = [[-1.0, 0.0], [1.0, 0.5]], [0.3, 0.2], [0.4, 0.6]
HALF = mixturelab.extent(MEANS, STDS)
TEXTS = {"caption": "Two clouds.", "alt": "Arrows point at two clouds."}


def lab(**changes):
    return MixtureLab(
        **{"means": MEANS, "stds": STDS, "weights": WEIGHTS, "sigma": 0.5, "probe": (0.2, 0.1), **TEXTS, **changes}
    )


def python(mixture, y, sigma):
    exact = GaussianMixture.isotropic(mixture["means"], mixture["stds"], mixture["weights"])
    y = torch.tensor([y], dtype=torch.float64)
    return {
        "logDensity": exact.log_density(y, sigma)[0].tolist(),
        "score": exact.score(y, sigma)[0].tolist(),
        "posteriorMean": exact.posterior_mean(y, sigma)[0].tolist(),
        "jacobian": (exact.posterior_covariance(y, sigma)[0] / sigma**2).tolist(),
    }


def configurations(number):
    """Mixtures of 1 to 5 clouds in 1 to 4 dimensions, some of them points; y near and far; noise over three decades."""
    rng = np.random.default_rng(0)
    for _ in range(number):
        clouds, d = rng.integers(1, 6), rng.integers(1, 5)
        weights = rng.dirichlet(np.ones(clouds)) * 0.9 + 0.1 / clouds
        yield (
            {
                "means": rng.normal(0, 1.5, (clouds, d)).tolist(),
                "stds": (rng.random(clouds) * rng.integers(0, 2, clouds)).tolist(),
                "weights": weights.tolist(),
            },
            rng.normal(0, 2, d).tolist(),
            float(10 ** rng.uniform(-1.3, 1)),
        )


def test_the_page_computes_what_the_package_computes(browser, tmp_path):  # noqa: F811
    cases = list(configurations(300))
    code = """([cases, factor]) => cases.map(([m, y, sigma]) => Object.fromEntries(
        ["logDensity", "score", "posteriorMean", "jacobian"]
              .map(name => [name, DPrior.mixture[name](m, y, factor * sigma)])))"""
    with visit(browser, written(tmp_path, lab().markup)) as seen:
        ours, off = (seen.page.evaluate(code, [cases, factor]) for factor in (1.0, 1.1))
    expected = [python(*case) for case in cases]
    for name in expected[0]:
        flat = [np.concatenate([np.ravel(one[name]) for one in many]) for many in (ours, expected, off)]
        scale = 1 + np.abs(flat[1])
        assert np.max(np.abs(flat[0] - flat[1]) / scale) <= 1e-6, name
        assert np.max(np.abs(flat[2] - flat[1]) / scale) > 1e-2, f"{name} does not see a wrong sigma"


def readout(page):
    return {
        name: page.inner_text(f'[data-show="{name}"]').replace("−", "-")
        for name in ("mean", "residual", "slope", "density")
    }


def expected_readout(means, y, sigma):
    exact = python({"means": means, "stds": STDS, "weights": WEIGHTS}, y, sigma)
    mean = exact["posteriorMean"]
    return {
        "mean": f"({mean[0]:.2f}, {mean[1]:.2f})",
        "residual": f"{np.hypot(mean[0] - y[0], mean[1] - y[1]):.3f}",
        "slope": f"{np.linalg.eigvalsh(exact['jacobian'])[-1]:.3f}",
        "density": f"{exact['logDensity']:.2f}",
    }


def test_the_probe_reports_and_follows_keys(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lab().markup)) as seen:
        page = seen.page
        assert readout(page) == expected_readout(MEANS, [0.2, 0.1], 0.5)
        page.focus(".dp-probe")
        for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
            page.keyboard.press(key)
        moved = [0.2 + 0.04 * HALF - 0.2 * HALF, 0.1 + 0.04 * HALF]
        assert readout(page) == expected_readout(MEANS, moved, 0.5)
        assert f"({moved[0]:.2f}, {moved[1]:.2f})".replace("-", "−") in page.get_attribute(".dp-probe", "aria-label")
        page.wait_for_function("document.querySelector('.dp-live').textContent.includes('largest slope')")
        assert console_errors(seen) == []


def test_clouds_follow_keys_and_pointer_and_go_back(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lab().markup)) as seen:
        page = seen.page
        page.focus("[data-cloud]")
        page.keyboard.press("ArrowDown")
        means = [[-1.0, -0.04 * HALF], MEANS[1]]
        assert readout(page) == expected_readout(means, [0.2, 0.1], 0.5)
        stage, handle = (page.query_selector(s).bounding_box() for s in ("canvas", "[data-cloud] >> nth=1"))
        page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        page.mouse.down()
        page.mouse.move(stage["x"] + 0.75 * stage["width"], stage["y"] + 0.75 * stage["height"], steps=4)
        page.mouse.up()
        dragged = page.evaluate("document.querySelector('.dprior').lab.mixture.means[1]")
        assert dragged == pytest.approx([HALF / 2, -HALF / 2], abs=0.01 * HALF)
        page.click("[data-reset]")
        assert readout(page) == expected_readout(MEANS, [0.2, 0.1], 0.5)


def test_a_click_moves_the_probe_and_the_slider_is_logarithmic(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lab(sigmas=(0.1, 10.0), sigma=1.0).markup)) as seen:
        box = seen.page.query_selector("canvas").bounding_box()
        seen.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
        assert seen.page.evaluate("document.querySelector('.dprior').lab.probe") == pytest.approx(
            [-HALF / 2, HALF / 2], abs=0.02
        )
        for place, sigma in (("0", 0.1), ("50", 1.0), ("75", 10**0.5), ("100", 10.0)):
            seen.page.fill("input[type=range]", place)
            assert seen.page.evaluate("document.querySelector('.dprior').lab.sigma") == pytest.approx(sigma)
        assert dead_sliders(seen) == []


def picture(page):
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("document.querySelector('canvas').toDataURL()")


def test_arrows_of_a_network_belong_to_the_first_places(browser, tmp_path):  # noqa: F811
    overlay = mixturelab.overlay(lambda y, sigma: y / 2, [0.2, 0.5, 1.0], HALF, label="a shrinking network")
    with visit(browser, written(tmp_path, lab(overlay=overlay).markup)) as seen:
        page, without = seen.page, picture(seen.page)
        page.check("input[type=checkbox]")
        assert picture(page) != without and "σ = 0.5" in page.inner_text(".dp-check")
        page.fill("input[type=range]", "100")
        assert "for another level: σ = 1, not 2" in page.inner_text(".dp-check")
        page.uncheck("input[type=checkbox]")
        bare = picture(page)
        page.check("input[type=checkbox]")
        assert picture(page) != bare
        page.focus("[data-cloud]")
        page.keyboard.press("ArrowDown")
        assert page.is_disabled("input[type=checkbox]") and "first places" in page.inner_text(".dp-check")
        page.click("[data-reset]")
        assert page.is_enabled("input[type=checkbox]")


def test_an_overlay_of_many_levels_follows_the_slider(browser, tmp_path):  # noqa: F811
    """Residuals of y/(1 + sigma) are read back at each level to a thousandth."""
    levels = mixturelab.slider_levels(count=26)
    made = mixturelab.overlay(lambda y, sigma: y / (1 + sigma), levels, HALF)
    with visit(browser, written(tmp_path, lab(overlay=made, sigmas=(0.05, 2.0)).markup)) as seen:
        seen.page.check("input[type=checkbox]")
        for place in range(0, 101, 10):
            seen.page.fill("input[type=range]", str(place))
            note = seen.page.inner_text(".dp-check small")
            assert note.startswith("σ = "), note
            sigma = seen.page.evaluate("document.querySelector('.dprior').lab.sigma")
            assert float(note.removeprefix("σ = ")) == pytest.approx(sigma, rel=0.1)


def test_residuals_that_cannot_be_kept_are_refused():
    with pytest.raises(ValueError, match="at most 32"):
        lab(overlay=mixturelab.overlay(lambda y, sigma: 100 * y, [0.5], HALF))


def test_put_everything_back_puts_the_noise_back(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lab().markup)) as seen:
        page = seen.page
        before = [page.input_value("input[type=range]"), page.inner_text("output"), page.inner_text(".dp-readout")]
        page.fill("input[type=range]", "100")
        page.focus(".dp-probe")
        page.keyboard.press("ArrowUp")
        assert page.inner_text(".dp-readout") != before[2]
        page.click("[data-reset]")
        assert before == [
            page.input_value("input[type=range]"),
            page.inner_text("output"),
            page.inner_text(".dp-readout"),
        ]


def test_an_overlay_for_another_square_is_refused():
    overlay = mixturelab.overlay(lambda y, sigma: y / 2, [0.5], HALF)
    with pytest.raises(ValueError, match="mixturelab.overlay"):
        lab(overlay=overlay, half=HALF + 1)
    with pytest.raises(ValueError, match="residuals"):
        lab(overlay={**overlay, "sigmas": [0.5, 1.0]})


def test_a_later_chapter_adds_a_layer(browser, tmp_path):  # noqa: F811
    script = """DPrior.mixture.layers.line = (lab, data) => ({missing: () => "", draw: view => {
        window.drawn = [data.angle, lab.sigma]; view.arrow([0, 0], [1, 1], view.colour("accent"), 6); }});"""
    with visit(
        browser, written(tmp_path, lab(layers=[Layer("line", "the measured line", {"angle": 45}, script)]).markup)
    ) as seen:
        without = picture(seen.page)
        seen.page.check("text=the measured line")
        assert picture(seen.page) != without and seen.page.evaluate("window.drawn") == [45, 0.5]


@pytest.mark.parametrize(
    "changes",
    [
        {"means": [[0.0]]},
        {"stds": [0.1]},
        {"weights": [0.5, 0.6]},
        {"stds": [-0.1, 0.1]},
        {"sigma": 3.0},
        {"sigmas": (0.0, 1.0)},
        {"alt": ""},
        {"caption": " "},
    ],
)
def test_what_is_no_mixture_is_refused(changes):
    with pytest.raises(ValueError, match="expected|must|empty"):
        lab(**changes)


def test_it_is_legible_described_and_fits_a_phone(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, lab().markup), PHONE) as seen:
        assert sideways_scroll(seen) == [] and missing_alternatives(seen) == [] and pale_text(seen) == []
        light = picture(seen.page)
        seen.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert picture(seen.page) != light
    with visit(browser, written(tmp_path, lab().markup), scripts=False) as seen:
        assert (
            seen.page.is_visible(".dp-static")
            and not seen.page.is_visible("input")
            and not seen.page.is_visible("[data-handle]")
        )
