"""Every bound as it was fixed, and every control on the numbers that are stored: in `class`, and loosened in `ci`."""

from __future__ import annotations

from pathlib import Path

import pytest
from bounds import BOUNDS

from dprior_lite.course.chapters import all_chapters, claims_of
from dprior_lite.course.claims.claim import missed_parts
from dprior_lite.course.claims.ledger import records

HERE = Path(__file__).resolve().parents[2]
EVERY = [row for chapter in all_chapters() for row in claims_of(chapter.page)]
STORED = {record["id"]: record for record in records(HERE / "notebooks") if record["value"]}


def stated(row):
    """The parts of a claim with their bounds, and what each control must do."""
    parts = {r.name: r.limit for r in row.parts}
    return parts | {c.name: c.limit(row.part_of(c, "class")) for c in row.control}


def test_the_bounds_stand_as_they_were_fixed():
    assert {row.id: stated(row) for row in EVERY} == BOUNDS


def test_what_ci_loosens_is_the_distance_from_the_ideal():
    for row in EVERY:
        for strict, loose in zip(row.parts, row.parts_in("ci"), strict=True):
            if strict == loose:
                continue
            old = strict.bound if isinstance(strict.bound, tuple) else (strict.bound,)
            new = loose.bound if isinstance(loose.bound, tuple) else (loose.bound,)
            for a, b in zip(old, new, strict=True):
                assert abs(b - strict.ideal) <= 2 * abs(a - strict.ideal) + 1e-12, row.id
                assert strict.unit != "dB" or abs(b - a) <= 0.5 + 1e-12, row.id


@pytest.mark.parametrize("profile", ["class", "ci"])
@pytest.mark.parametrize("row", [r for r in EVERY if r.id in STORED and r.control], ids=lambda r: r.id)
def test_every_control_breaks_the_rule_on_the_stored_numbers(row, profile):
    """A gap whose control is at fault is known by its reason, and none is at present unless it says so."""
    numbers = {name: float(value) for name, value in STORED[row.id]["control"].items()}
    idle = [c.name for c in row.control if not c.breaks_rule(row.part_of(c, profile), numbers[c.name])]
    assert idle == [] or (row.known_gap and "control" in row.known_gap.reason), idle


def test_a_gap_misses_a_part_or_has_an_idle_control():
    """No claim stands among the gaps while its stored numbers hold."""
    for row in EVERY:
        if row.known_gap and row.id in STORED:
            assert STORED[row.id]["status"] == "known gap", row.id


def test_a_stored_number_that_misses_is_a_known_gap():
    for id, record in STORED.items():
        row = next(r for r in EVERY if r.id == id)
        value = {name: float(v) for name, v in record["value"].items()}
        assert not missed_parts(row, "class", value) or row.known_gap, id
