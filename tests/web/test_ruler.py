"""The turning ruler: its closed form is the package's, its curve fills in as it is turned, and keys turn it too."""

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

from dprior_lite.course.web.ruler import Ruler
from dprior_lite.measurements import cross, expected_error
from dprior_lite.measurements.strokes import direction

TEXTS = {"caption": "A cross.", "alt": "A cross and a ruler."}


def test_the_page_computes_what_the_package_computes(browser, tmp_path):  # noqa: F811
    angles, places = [0, 5, 33.3, 45, 65, 89.9, 90, 131], np.linspace(-1.3, 1.3, 27).tolist()
    code = """([toy, angles, places]) => angles.map(a => [DPrior.arms.error(toy, a),
        places.map(m => { var g = DPrior.arms.given(toy, m, a); return [g.density, ...g.mean]; })])"""
    for toy in (cross(), cross(0.7, 0.1)):
        ruler = Ruler(toy, **TEXTS)
        with visit(browser, written(tmp_path, ruler.markup)) as seen:
            found = seen.page.evaluate(code, [ruler.record, angles, places])
        for angle, (error, parts) in zip(angles, found):
            assert error == pytest.approx(float(expected_error(toy, angle)), abs=1e-6)
            density, mean = toy.given(torch.tensor(places, dtype=torch.float64), direction(angle), 0.025)
            seen_often = density.numpy() > 1e-9  # of what is never measured no mean is needed
            expected = np.column_stack([density.numpy(), mean.numpy()])
            assert np.allclose(np.array(parts)[seen_often], expected[seen_often], rtol=1e-6, atol=1e-6)
        assert error != pytest.approx(float(expected_error(toy, 90)), abs=1e-3), "the control: another angle"


def test_the_curve_fills_in_as_the_ruler_turns(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, Ruler(cross(), start=10, **TEXTS).markup)) as seen:
        page = seen.page
        page.wait_for_function("() => document.querySelector('[data-show=best]').textContent")
        assert page.inner_text("[data-show=best]").endswith("at 10°")
        before = page.evaluate("() => document.querySelector('[data-curve]').toDataURL()")
        page.focus("input[type=range]")
        page.keyboard.press("ArrowLeft")
        page.wait_for_function("() => document.querySelector('[data-show=angle]').textContent === '9°'")
        assert page.inner_text("[data-show=best]").endswith("at 9°"), "downhill towards the minimum beside PCA"
        assert page.evaluate("() => document.querySelector('[data-curve]').toDataURL()") != before
        page.click("[data-all]")
        page.wait_for_function("() => !document.querySelector('[data-show=best]').textContent.endsWith('at 9°')")
        best = int(page.inner_text("[data-show=best]").split(" at ")[1][:-1])
        assert 60 <= best <= 80 or 100 <= best <= 120
        assert console_errors(seen) == [] and foreign_requests(seen) == []


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), (PHONE, "dark")])
def test_it_fits_the_page_and_can_be_read(browser, tmp_path, size, scheme):  # noqa: F811
    with visit(browser, written(tmp_path, Ruler(cross(), **TEXTS).markup), size, scheme) as seen:
        seen.page.wait_for_function("() => document.querySelector('[data-show=best]').textContent")
        assert (
            dead_sliders(seen) == []
            and missing_alternatives(seen) == []
            and sideways_scroll(seen) == []
            and pale_text(seen) == []
        )


@pytest.mark.parametrize(
    "change", [{"start": -1}, {"start": 181}, {"noise": 0.0}, {"points": 0}, {"caption": ""}, {"alt": ""}]
)
def test_what_is_no_ruler_is_refused(change):
    with pytest.raises(ValueError):
        Ruler(**{"toy": cross(), **TEXTS, **change})
    with pytest.raises(TypeError, match="expected an object of the class Arms"):
        Ruler(None, **TEXTS)
