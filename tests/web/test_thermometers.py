"""One picture is a thousand thermometers: its closed forms are those of the package, its slider moves all."""

from __future__ import annotations

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
from widget_helpers import pictures

from dprior_lite.blind import Clouds
from dprior_lite.course.web.thermometers import DIMENSIONS, Thermometers, law

TEXTS = {"caption": "Levels and ends.", "alt": "a histogram and dots"}


def figure(**changes):
    return Thermometers(**{"dimensions": (2, 10, 100), "points": 200, "particles": 100, **TEXTS, **changes})


def test_closed_forms_are_those_of_the_package(browser, tmp_path):  # noqa: F811
    rng, found, wanted = np.random.default_rng(0), [], []
    with visit(browser, written(tmp_path, figure().markup)) as seen:
        for d in (2, 3, 30, 1000):
            clouds = Clouds.pair(2, d)
            for y in rng.normal(0, 2, (4, d)):
                inside, outside = y[:2].tolist(), float((y[2:] ** 2).sum())
                found.append(
                    seen.page.evaluate(
                        """([y, outside, d]) => {
                          const T = DPrior.thermometers, data = DPrior.data(document.querySelector("[data-dprior]"));
                          const level = T.level(data, y, outside, d);
                          return [T.logDensity(data, y, outside, d, 0.7), ...T.denoise(data, y, 0.7), level];
                        }""",
                        [inside, outside, d],
                    )
                )
                point = torch.from_numpy(y)[None]
                exact = (
                    clouds.log_density(point, 0.7),
                    *clouds.denoise(point, 0.7)[0, :2],
                    clouds.likeliest_level(point),
                )
                wanted.append([float(v) for v in exact])
    found, wanted = np.array(found), np.array(wanted)
    assert np.allclose(found[:, :3], wanted[:, :3], rtol=1e-6, atol=1e-6)
    inside = wanted[:, 3] > 1e-3  # at the end of the grid the level itself means nothing
    assert inside.sum() > 10 and np.allclose(found[inside, 3], wanted[inside, 3], rtol=1e-3)


def test_the_ring_and_the_clouds(browser, tmp_path):  # noqa: F811
    """d = 2: the radius hardly varies. d = 100: as in a round cloud, and the levels keep to their law."""
    with visit(browser, written(tmp_path, figure().markup)) as seen:
        said = {}
        for place, d in enumerate((2, 10, 100)):
            seen.page.fill("input[type=range]", str(place))
            seen.page.wait_for_function(f"() => document.querySelector('output').textContent === '{d}'")
            said[d] = [
                float(text.split()[-1 if k else 1].strip(","))
                for k, text in enumerate(seen.page.locator(".dp-panel b").all_inner_texts())
            ]
        assert said[2][1] < 0.1 < 0.45 < said[100][1] < 0.65
        assert said[100][0] == pytest.approx(law(100), rel=0.2)
        assert console_errors(seen) == [] and foreign_requests(seen) == []


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), (PHONE, "dark")])
def test_slider_and_page(browser, tmp_path, size, scheme):  # noqa: F811
    with visit(browser, written(tmp_path, figure().markup), size, scheme) as seen:
        seen.page.wait_for_function("() => document.querySelector('output').textContent === '100'")
        before = pictures(seen.page)
        seen.page.focus("input[type=range]")
        seen.page.keyboard.press("Home")
        seen.page.wait_for_function("() => document.querySelector('output').textContent === '2'")
        assert all(a != b for a, b in zip(before, pictures(seen.page)))
        assert "2 dimensions" in seen.page.inner_text(".dp-live")
        assert (
            dead_sliders(seen) == []
            and missing_alternatives(seen) == []
            and sideways_scroll(seen) == []
            and pale_text(seen) == []
        )


def test_without_scripts_a_table_stands(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, figure().markup), scripts=False) as seen:
        assert "0.5" in seen.page.inner_text("table") and not seen.page.is_visible("input")


@pytest.mark.parametrize(
    "changes",
    [
        {"dimensions": (10, 2)},
        {"dimensions": (1, 10)},
        {"start": 50},
        {"points": 1},
        {"step": 2.0},
        {"caption": ""},
        {"alt": " "},
    ],
)
def test_what_cannot_be_shown_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        figure(**changes)


def test_the_default_is_small():
    assert len(Thermometers(DIMENSIONS, **TEXTS).markup) < 5_000
