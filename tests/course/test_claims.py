"""Claims: rules, controls, profiles, what is printed and what is raised."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dprior_lite import store
from dprior_lite.course import chapters
from dprior_lite.course.chapters import Ci, Claim, Control, KnownGap, Rule
from dprior_lite.course.claims import card as cards
from dprior_lite.course.claims import checks as claims
from dprior_lite.course.claims import record as records
from dprior_lite.course.claims import rules
from dprior_lite.course.claims.record import judged
from dprior_lite.course.page import profiles

MI3 = {"closed_form": 1e-12, "trained": 0.1}
MI4 = {"halfway": -2.9, "blurred": 0.95, "identity": 0.0}


@pytest.fixture
def in_class(monkeypatch):
    monkeypatch.setenv("DPRIOR_PROFILE", "class")


def invented(monkeypatch, **fields):
    """A claim of a page that does not exist, in place of the real ones."""
    row = Claim(
        **{
            "id": "zz-1",
            "page": "99_invented",
            "paper": "",
            "says": "a number is small",
            "parts": (Rule("value", "<=", 0.1),),
            "control": (Control("control", "value"),),
        }
        | fields
    )
    for module in (claims, records):
        monkeypatch.setattr(module, "claim", lambda id: row)
    return row


@pytest.mark.parametrize(
    "relation, bound, inside, outside",
    [
        ("<=", 0.15, 0.15, 0.1501),
        ("<", 0.15, 0.1499, 0.15),
        (">=", 5, 5, 4.999),
        (">", 5, 5.001, 5),
        ("==", 0, 0, 1e-3),
        ("in", (0.9, 1.05), 1.05, 1.06),
    ],
)
def test_each_relation_accepts_and_refuses(relation, bound, inside, outside):
    rule = Rule("a", relation, bound)
    assert rule.holds(inside) and not rule.holds(outside)


@pytest.mark.parametrize("relation, bound", [("<=", 1), (">=", -1), ("==", 0), ("in", (-1, 1)), ("reported", None)])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_never_holds(relation, bound, value):
    assert not Rule("a", relation, bound).holds(value)


@pytest.mark.parametrize(
    "rule, eased",
    [
        (Rule("error", "<=", 0.1, ideal=0), 0.2),
        (Rule("correlation", ">=", 0.9, ideal=1), 0.8),
        (Rule("correlation", "<", -0.6, ideal=-1), -0.2),
        (Rule("ratio", "in", (0.9, 1.05), ideal=1), (0.8, 1.1)),
        (Rule("gain", ">=", 5, ideal=10, unit="dB"), 4.5),
        (Rule("loss", "<=", 0.3, ideal=0, unit="dB"), 0.6),
        (Rule("order", "==", 3, ideal=3), 3),
    ],
)
def test_ci_doubles_the_distance_from_the_ideal(rule, eased):
    assert rule.loosened(2).bound == pytest.approx(eased)


def test_a_rule_without_an_ideal_is_not_loosened():
    with pytest.raises(ValueError, match="no ideal"):
        Rule("ratio", ">=", 5).loosened(2)
    with pytest.raises(ValueError, match="no ideal"):
        Claim("zz-1", "", "", (Rule("a", ">=", 5),), (Control("c", "a"),), ci=Ci("smaller", 2, parts=("a",)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"relation": "~"},
        {"name": "not a name"},
        {"bound": None},
        {"relation": "in"},
        {"bound": (0, 1)},
        {"relation": "reported"},
    ],
)
def test_malformed_rules_are_refused(wrong):
    Rule("a", "<=", 1.0)
    with pytest.raises(ValueError):
        Rule(**{"name": "a", "relation": "<=", "bound": 1.0} | wrong)


@pytest.mark.parametrize("factor, reason, skip", [(2.1, "x", ""), (0.5, "x", ""), (2, "", ""), (1, "x", "mood")])
def test_ci_allows_at_most_a_factor_of_two_with_a_reason(factor, reason, skip):
    Ci("because", 2)
    with pytest.raises(ValueError):
        Ci(reason, factor, skip=skip)


def test_a_known_gap_needs_two_attempts():
    KnownGap("no time", (("more steps", 0.3), ("wider", 0.2)))
    with pytest.raises(ValueError, match="at least two"):
        KnownGap("no time", (("more steps", 0.3),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": ()},
        {"control": ()},
        {"control": (Control("c", "nothing"),)},
        {"control": (Control("a", "a"),)},
    ],
)
def test_malformed_claims_are_refused(wrong):
    good = {"parts": (Rule("a", "<=", 1),), "control": (Control("c", "a"),)}
    Claim("zz-1", "", "", **good)
    with pytest.raises(ValueError):
        Claim("zz-1", "", "", **good | wrong)


@pytest.mark.parametrize(
    "control, value, broken",
    [
        (Control("c", "q"), 0.6, True),
        (Control("c", "q"), -0.6, True),
        (Control("c", "q"), 0.4, False),
        (Control("c", "q"), math.nan, False),
        (Control("c", "q", "", "<", -1), -2, True),
        (Control("c", "q", "", "<", -1), 0.6, False),
        (Control("c", "q", "", ">", 0.3), 0.4, False),
    ],
)
def test_a_control_must_break_the_rule_and_meet_its_own_condition(control, value, broken):
    assert control.breaks_rule(Rule("q", "<=", 0.5, absolute=True), value) is broken


def test_an_unknown_id_is_refused_with_its_neighbours():
    with pytest.raises(KeyError, match="mi-1, mi-2"):
        claims.check("mi-99", 0.1, control=1)
    with pytest.raises(KeyError, match="begin with mi"):
        claims.not_measured("xx-1", "unknown")


def test_a_claim_that_holds_prints_one_line(in_class, capsys):
    claims.check("mi-3", **MI3, control=0.61)
    assert (
        capsys.readouterr().out
        == "mi-3 holds. Found closed form: 10⁻¹²; asked at most 10⁻⁸ · trained: 0.1; asked at most 0.15."
        " Control 0.61; must be above 0.3.\n"
    )


@pytest.mark.parametrize(
    "parts, control, missed",
    [
        (MI3 | {"trained": 0.16}, 0.61, "trained: 0.16; asked at most 0.15: missed"),
        (MI3 | {"closed_form": math.nan}, 0.61, "closed form: not a number; asked at most 10⁻⁸: missed"),
        (MI3, 0.29, "Control 0.29; must be above 0.3: it is not"),
        (MI3, math.nan, "Control not a number; must be above 0.3: it is not"),
    ],
)
def test_a_claim_fails_for_a_part_and_for_an_idle_control(in_class, parts, control, missed):
    with pytest.raises(claims.ClaimFailed, match=missed):
        claims.check("mi-3", **parts, control=control)
    assert judged(claims._checked["mi-3"])["status"] == "fails"


@pytest.mark.parametrize("idle", ["halfway", "blurred", "identity"])
def test_every_control_of_several_must_break_the_rule(in_class, idle):
    claims.check("mi-4", q=-0.37, gain=7.0, control=MI4)
    with pytest.raises(claims.ClaimFailed, match=idle):
        claims.check("mi-4", q=-0.37, gain=7.0, control=MI4 | {idle: 0.3})


def test_a_rule_on_the_absolute_value_sees_both_sides(in_class):
    with pytest.raises(claims.ClaimFailed, match="q: −0.6; asked at most 0.5 in absolute value: missed"):
        claims.check("mi-4", q=-0.6, gain=7.0, control=MI4)


@pytest.mark.parametrize(
    "args, kwargs",
    [
        (("mi-3", 0.1), {"control": 1.0}),
        (("mi-3",), {"closed_form": 0.0, "control": 1.0}),
        (("mi-1", 0.0), {}),
        (("mi-1", 0.0), {"control": {"other": 1.0}}),
        (("mi-1", [0.0, 1.0]), {"control": 1.0}),
        (("mi-1", "much"), {"control": 1.0}),
        (("mi-4",), {"q": 0.0, "gain": 6.0, "control": -2.0}),
    ],
)
def test_the_wrong_numbers_are_refused(in_class, args, kwargs):
    with pytest.raises(TypeError, match="mi-"):
        claims.check(*args, **kwargs)


@pytest.mark.parametrize("value", [np.float32(1e-12), np.array(1e-12), torch.tensor(1e-12)])
def test_any_kind_of_real_number_will_do(in_class, value):
    claims.check("mi-1", value, control=value * 0 + 1)
    assert type(claims._checked["mi-1"]["value"]["value"]) is float


def test_ci_loosens_only_the_part_it_names(monkeypatch):
    monkeypatch.setenv("DPRIOR_PROFILE", "ci")
    claims.check("mi-3", closed_form=1e-12, trained=0.29, control=0.61)
    with pytest.raises(claims.ClaimFailed, match="trained"):
        claims.check("mi-3", closed_form=1e-12, trained=0.31, control=0.61)
    with pytest.raises(claims.ClaimFailed, match="closed form: 1.5·10⁻⁸; asked at most 10⁻⁸: missed"):
        claims.check("mi-3", closed_form=1.5e-8, trained=0.1, control=0.61)


@pytest.mark.parametrize(
    "profile, value, status",
    [("class", 0.2, "known gap"), ("class", 0.05, "holds"), ("ci", 0.05, "known gap"), ("ci", 9.0, "known gap")],
)
def test_a_known_gap_is_promoted_and_failed_by_class_alone(monkeypatch, profile, value, status):
    invented(monkeypatch, known_gap=KnownGap("too small a net", (("wider", 0.3), ("longer", 0.25))))
    monkeypatch.setenv("DPRIOR_PROFILE", profile)
    claims.check("zz-1", value, control=1.0)
    record = judged(claims._checked.pop("zz-1"))
    assert record["status"] == status and record["tried"] == [["wider", 0.3], ["longer", 0.25]]


@pytest.mark.parametrize("profile, raised", [("ci", False), ("class", True)])
def test_a_timing_is_skipped_in_ci_alone(monkeypatch, profile, raised):
    invented(monkeypatch, ci=Ci("two busy cores", skip="timing"))
    monkeypatch.setenv("DPRIOR_PROFILE", profile)
    if raised:
        with pytest.raises(claims.ClaimFailed):
            claims.check("zz-1", 5.0, control=1.0)
    else:
        claims.check("zz-1", 5.0, control=1.0)
        assert judged(claims._checked["zz-1"])["status"] == "not measured"
    claims._checked.pop("zz-1")


def test_a_reported_number_is_never_said_to_hold(monkeypatch, in_class, capsys):
    invented(monkeypatch, parts=(Rule("seconds", "reported"),), control=())
    claims.reported("zz-1", seconds=3.0)
    assert judged(claims._checked.pop("zz-1"))["status"] == "reported" and "holds" not in capsys.readouterr().out
    with pytest.raises(TypeError, match="claims.reported"):
        claims.check("zz-1", seconds=3.0)


@pytest.mark.parametrize(
    "names, status",
    [(("dncnn-bf-100", "dncnn-bf-10"), "holds"), (("dncnn-bf-100", "photos-unet"), "reported"), ((), "holds")],
)
def test_networks_of_unequal_training_are_compared_but_nothing_holds(monkeypatch, in_class, names, status):
    row = invented(monkeypatch, compares=names)
    claims.check("zz-1", 0.05, control=1.0)
    record = judged(claims._checked.pop("zz-1"))
    assert record["status"] == status
    assert ("photos-unet 24,839" in cards.card(row, record)) == (status == "reported")


def test_what_a_row_compares_is_shipped():
    for row in (row for chapter in chapters.all_chapters() for row in chapters.claims_of(chapter.page)):
        assert all((store.SHIPPED / f"{name}.json").exists() for name in row.compares), row.id


def test_the_card_publishes_each_number_once_under_its_name(in_class):
    row = chapters.claim("mi-4")
    claims.check("mi-4", q=-0.37, gain=7.25, control=MI4)
    page = cards.card(row, judged(claims._checked["mi-4"]))
    for name, value in {"q": -0.37, "gain": 7.25, "halfway": -2.9, "blurred": 0.95, "identity": 0.0}.items():
        assert page.count(f'<span class="dprior-value" data-name="mi-4.{name}" data-value="{value!r}">') == 1
    assert "asked at most 0.5 in absolute value" in page


def test_a_folded_card_shows_the_verdict_and_hides_the_numbers_behind_a_click(in_class, capsys):
    claims.check("mi-1", 3e-16, control=0.2, folded=True)
    record = next(r for r in claims.checked() if r["id"] == "mi-1")
    card = claims.card(claims.claim("mi-1"), record, folded=True)
    summary, _, rest = card.partition("<summary>")
    assert "✓ holds" in summary and 'data-name="mi-1.value"' in rest and 'data-name="mi-1.value"' not in summary
    assert "<summary>Numbers" not in claims.card(claims.claim("mi-1"), record)


def test_the_folded_table_leaves_the_headlines_out(in_class, capsys):
    claims.check("mi-1", 1e-12, control=0.2)
    capsys.readouterr()
    claims.also_checked("01_miyasawa", headlines=["mi-2", "mi-4"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["Also", "mi-1", "mi-3", "mi-5"]


def test_profiles_are_three(monkeypatch):
    monkeypatch.delenv("DPRIOR_PROFILE", raising=False)
    assert profiles.current().name == "class"
    monkeypatch.setenv("DPRIOR_PROFILE", "full")
    assert profiles.current().pick(ci=1, class_=2, full=3) == 3
    for wrong in ("fast", "CI"):
        monkeypatch.setenv("DPRIOR_PROFILE", wrong)
        with pytest.raises(ValueError, match="ci, class, full"):
            profiles.current()


def test_the_grammar_knows_every_relation():
    assert set(rules._COMPARE) == set(rules.Relation.__args__)
