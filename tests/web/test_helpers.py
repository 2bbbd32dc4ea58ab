"""Numbers, tables, diagrams and strips: what writers of pages call to show something."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dprior_lite.course.page.diagrams import COLOURS, Diagram
from dprior_lite.course.page.numbers import number
from dprior_lite.course.page.strips import strip
from dprior_lite.course.page.tables import table


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (0.16, 3, "0.16"),
        (-0.5, 3, "−0.5"),
        (0.12345, 2, "0.12"),
        (1234.5, 3, "1230"),
        (99999.6, 3, "100000"),
        (12, 3, "12"),
        (-3.0, 3, "−3"),
        (26.0206, 4, "26.02"),
        (1e-5, 3, "10⁻⁵"),
        (-2.34e-7, 2, "−2.3·10⁻⁷"),
        (1.5e9, 3, "1.5·10⁹"),
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (math.inf, 3, "∞"),
        (-math.inf, 3, "−∞"),
        (math.nan, 3, "not a number"),
        (0.00099996, 3, "0.001"),
    ],
)
def test_numbers_are_written_in_one_way(x, digits, text):
    assert number(x, digits) == text
    if math.isfinite(x) and not set("·⁻") & set(text):
        assert float(text.replace("−", "-")) == pytest.approx(x, rel=0.51 * 10 ** (1 - digits), abs=1e-12)


def test_a_number_without_digits_is_refused():
    with pytest.raises(ValueError, match="digit"):
        number(1.0, 0)


ROWS = [["plain", 26.0206, None, True], ["<weighted>", -0.4, np.float64(2), False]]


def test_a_table_says_the_same_in_html_and_in_text():
    made = table(ROWS, columns=["loss", "PSNR, dB", "n", "arrived"], caption="Two `losses`.")
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", made.markup)
    assert cells == [
        "loss",
        "PSNR, dB",
        "n",
        "arrived",
        "plain",
        "26",
        "–",
        "yes",
        "&lt;weighted&gt;",
        "−0.4",
        "2",
        "no",
    ]
    assert re.findall(r'<td class="dp-right">([^<]*)', made.markup) == ["26", "–", "−0.4", "2"], "numbers to the right"
    assert '<th scope="row" class="dp-short">plain</th>' in made.markup and "<code>losses</code>" in made.markup
    lines = repr(made).splitlines()
    assert [re.split(r"  +", line.strip()) for line in lines[1:]] == [
        ["loss", "PSNR, dB", "n", "arrived"],
        ["plain", "26", "–", "yes"],
        ["<weighted>", "−0.4", "2", "no"],
    ]


def test_a_dictionary_is_a_table():
    assert repr(table({"a": 0.1234, "b": 2}, columns=["net", "value"], digits=2)).split() == [
        "net",
        "value",
        "a",
        "0.12",
        "b",
        "2",
    ]
    rows = [{"k": 1, "value": 0.5}, {"value": 0.25, "k": 2}]
    assert repr(table(rows)).split() == ["k", "value", "1", "0.5", "2", "0.25"]


@pytest.mark.parametrize("rows", [[], [[1, 2], [3]], [[1, 2, 3]]])
def test_rows_that_are_no_table_are_refused(rows):
    with pytest.raises(ValueError, match="expected"):
        table(rows, columns=["a", "b"])


def test_a_diagram_draws_what_it_was_told():
    made = Diagram(200, 100, "what is <seen>", "It.").box(1, 2, 30, 20, "one\ntwo", dashed=True)
    made.arrow((0, 0), (10, 0), "on", both=True).curve([(0, 0), (5, 5), (9, 0)], "blue").dot(3, 4, "y", "orange")
    made.axes(5, 90, 80, 60, "x", "p")
    markup = made.markup
    assert markup.count("<rect") == 1 and markup.count("<circle") == 1 and 'stroke-dasharray="5 4"' in markup
    assert re.findall(r"<text[^>]*>([^<]*)", markup) == ["one", "two", "on", "y", "x", "p"]
    assert markup.count('fill="currentColor"/>') == 2 + 2 + 1, "heads of three arrows, one of them with two; a dot"
    assert (
        'aria-label="what is &lt;seen&gt;"' in markup and "dp-blue" in markup and "#" not in markup.split("<script")[0]
    )
    assert markup == made.markup


def test_a_curve_goes_through_its_points():
    path = Diagram(9, 9, "a", "b").curve([(0, 1), (4, 5), (8, 1)]).record["parts"][0]["path"]
    assert path.startswith("M0 1C".replace("C", " C")) and path.endswith("8 1") and " 4 5 C" in path
    assert Diagram(9, 9, "a", "b").curve([(0, 1), (4, 5), (8, 1)], filled=True).record["parts"][0]["path"].endswith("Z")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Diagram(9, 9, " ", "b"),
        lambda: Diagram(9, 9, "a", ""),
        lambda: Diagram(9, 9, "a", "b").dot(1, 1, colour="pink"),
        lambda: Diagram(9, 9, "a", "b").curve([(0, 0)]),
    ],
)
def test_what_is_no_diagram_is_refused(wrong):
    with pytest.raises(ValueError, match="empty|colour|points"):
        wrong()
    assert set(COLOURS) == {"ink", "quiet", "blue", "orange", "green"}


def states(count, batch=2):
    for n in range(count):
        y, level = torch.full((batch, 1, 4, 4), n / count), torch.full((batch,), 1 / (n + 1))
        level[1] = 9.0
        yield SimpleNamespace(step=torch.full((batch,), n), y=y, x_hat=1 - y, sigma=level)


def test_a_strip_goes_from_the_first_state_to_the_last():
    made = strip(states(11), "It.", "what is seen", count=3)
    assert [state["step"] for state in made.record["states"]] == [0, 5, 10]
    assert [state["sigma"] for state in made.record["states"]] == pytest.approx([1, 1 / 6, 1 / 11])
    assert repr(made) == "strip of 3 states: steps 0, 5, 10; σ = 1, 0.167, 0.0909" and made.markup.count("<img") == 6
    assert [state["sigma"] for state in strip(states(3), "It.", "x", item=1).record["states"]] == [9.0] * 3
    colour = [(0, torch.rand(3, 4, 4), torch.rand(4, 4), 0.5)]
    assert len(strip(colour, "It.", "x").record["states"]) == 1


def test_a_strip_of_nothing_is_refused():
    with pytest.raises(ValueError, match="state"):
        strip([], "It.", "x")
    with pytest.raises(ValueError, match="empty"):
        strip(states(2), "", "x")
