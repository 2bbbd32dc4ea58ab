"""One noise level in four units: they agree with Python, follow typing and the slider, and refuse what is no level."""

from __future__ import annotations

import numpy as np
import pytest
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

from dprior_lite.course.web.noisescale import DECIBELS, UNITS, NoiseScale, units

PICTURE = (np.add.outer(np.arange(12), np.arange(10)) % 7) / 7
TEXTS = {"caption": "A level.", "alt": "a pattern, noisy and clean"}


def shown(page):
    return [float(page.input_value(f"[data-unit={name}]")) for name, *_ in UNITS]


def test_units():
    for t in (100.0, 1.0, 1e-4):
        variance, sigma, scaled, decibels = units(t)
        assert (
            variance == t
            and sigma**2 == pytest.approx(t)
            and scaled == pytest.approx(255 * sigma)
            and 10 ** (-decibels / 10) == pytest.approx(t)
        )


@pytest.mark.parametrize(
    ("unit", "typed", "t"),
    [("t", "0,25", 0.25), ("sigma", "1e-2", 1e-4), ("scaled", "25", (25 / 255) ** 2), ("decibels", "\u221210", 10.0)],
)
def test_what_is_typed_in_one_unit_is_said_in_all(browser, tmp_path, unit, typed, t):  # noqa: F811
    with visit(browser, written(tmp_path, NoiseScale(PICTURE, **TEXTS).markup)) as seen:
        page = seen.page
        assert shown(page) == pytest.approx(units(0.01), rel=1e-3)
        before = page.evaluate("() => document.querySelector('canvas').toDataURL()")
        page.fill(f"[data-unit={unit}]", typed)
        assert page.input_value(f"[data-unit={unit}]") == typed, "what is being typed is left alone"
        page.evaluate("unit => { document.querySelector(`[data-unit=${unit}]`).removeAttribute('data-unit'); }", unit)
        for (name, *_), expected in zip(UNITS, units(t)):
            if name != unit:
                assert float(page.input_value(f"[data-unit={name}]")) == pytest.approx(expected, rel=1e-3, abs=1e-9)
        assert int(page.input_value("input[type=range]")) == round(units(t)[3]) - DECIBELS[0]
        page.wait_for_function("before => document.querySelector('canvas').toDataURL() !== before", arg=before)
        assert console_errors(seen) == [] and foreign_requests(seen) == []


@pytest.mark.parametrize(
    ("unit", "typed"),
    [
        ("t", "0"),
        ("t", ""),
        ("sigma", "-0.1"),
        ("sigma", "much"),
        ("scaled", "0"),
        ("decibels", "1e9"),
        ("decibels", "1000"),
        ("decibels", "-21"),
        ("t", "1e-6"),
        ("scaled", "1e4"),
        ("decibels", "abc"),
        ("decibels", " "),
    ],
)
def test_what_is_no_level_is_marked_and_changes_nothing(browser, tmp_path, unit, typed):  # noqa: F811
    with visit(browser, written(tmp_path, NoiseScale(PICTURE, **TEXTS).markup)) as seen:
        page, field = seen.page, f"[data-unit={unit}]"
        others = [name for name, *_ in UNITS if name != unit]
        before = [page.input_value(f"[data-unit={name}]") for name in others]
        page.fill(field, typed)
        assert page.get_attribute(field, "aria-invalid") == "true" and before == [
            page.input_value(f"[data-unit={name}]") for name in others
        ]
        says = "A number, please" if typed.strip() in ("", "much", "abc") else "This scale goes from"
        assert page.inner_text(".dp-refused").startswith(says), "with a word"
        page.fill(field, "1")
        assert page.inner_text(".dp-refused") == ""
        assert page.get_attribute(field, "aria-invalid") is None and before != [
            page.input_value(f"[data-unit={name}]") for name in others
        ]


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), (PHONE, "dark")])
def test_slider_and_page(browser, tmp_path, size, scheme):  # noqa: F811
    with visit(browser, written(tmp_path, NoiseScale(PICTURE, start=-3, **TEXTS).markup), size, scheme) as seen:
        assert seen.page.inner_text("output") == "-3 dB" and not seen.page.is_visible("table")
        seen.page.focus("input[type=range]")
        seen.page.keyboard.press("End")
        assert shown(seen.page) == pytest.approx(units(1e-5), rel=1e-3)
        seen.page.keyboard.press("Home")
        assert shown(seen.page) == pytest.approx(units(100.0), rel=1e-3)
        assert (
            dead_sliders(seen) == []
            and missing_alternatives(seen) == []
            and sideways_scroll(seen) == []
            and pale_text(seen) == []
        )


def test_without_scripts_a_table_stands(browser, tmp_path):  # noqa: F811
    with visit(browser, written(tmp_path, NoiseScale(PICTURE, **TEXTS).markup), scripts=False) as seen:
        assert "0.1" in seen.page.inner_text("table") and not seen.page.is_visible("input")


@pytest.mark.parametrize(
    "changes",
    [
        {"picture": PICTURE * 2},
        {"picture": np.zeros((3, 4, 4))},
        {"caption": ""},
        {"alt": " "},
        {"start": 51},
        {"start": 0.5},
    ],
)
def test_what_cannot_be_shown_is_refused(changes):
    with pytest.raises(ValueError, match="expected|empty"):
        NoiseScale(**{"picture": PICTURE, **TEXTS, **changes})
