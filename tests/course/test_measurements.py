"""Stored measurements: resumed, refused when edited by hand, and repeated live before they count."""

from __future__ import annotations

import json
import types

import pytest

from dprior_lite.course import measurements, measuring
from dprior_lite.course.measurements import Measured, MeasurementError


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A measurement of three items, each its own square, and where it is stored."""
    module = types.SimpleNamespace(calls=[])
    module.keys = lambda: ["picture 1", "picture 2", "picture 3"]

    def measure(key):
        module.calls.append(key)
        return {"square": float(key[-1]) ** 2, "list": [float(key[-1]), 2.0]}

    module.measure = measure
    for place in (measurements, measuring):
        monkeypatch.setattr(place, "module_of", lambda id: module)
    return module, tmp_path / "toy.json"


def test_items_are_stored_one_by_one_and_resumed(toy):
    module, path = toy
    run = measuring.make("zz-1", path)
    assert next(run) == (1, 3) and list(measurements.read(path)["items"]) == ["picture 1"]
    run.close()
    assert list(measuring.make("zz-1", path)) == [(2, 3), (3, 3)]
    assert module.calls == ["picture 1", "picture 2", "picture 3"]
    assert list(measuring.make("zz-1", path)) == []


def test_what_is_begun_with_other_code_is_begun_again(toy, monkeypatch):
    module, path = toy
    next(measuring.make("zz-1", path))
    monkeypatch.setattr(measuring, "changed", lambda content: ["a definition changed"])
    assert list(measuring.make("zz-1", path)) == [(1, 3), (2, 3), (3, 3)]


def test_means_and_standard_errors(toy):
    _, path = toy
    list(measuring.make("zz-1", path))
    found = Measured(measurements.read(path))
    assert found.mean("square") == pytest.approx(14 / 3) and found.values("list").tolist() == [1, 2, 2, 2, 3, 2]
    assert found.error("square") == pytest.approx(4.041 / 3**0.5, abs=1e-3) and found.mean("square", "2") == 4


def test_a_number_edited_by_hand_is_refused(toy):
    _, path = toy
    list(measuring.make("zz-1", path))
    content = json.loads(path.read_text())
    content["items"]["picture 2"]["square"] = 4.5
    path.write_text(json.dumps(content))
    with pytest.raises(MeasurementError, match="edited by hand"):
        measurements.read(path)


@pytest.mark.parametrize("profile, items", [("ci", 1), ("class", 2)])
def test_in_class_the_first_and_the_last_item_are_measured_again(toy, capsys, monkeypatch, profile, items):
    _, path = toy
    list(measuring.make("zz-1", path))
    monkeypatch.setenv("DPRIOR_PROFILE", profile)
    Measured(measurements.read(path)).repeat()
    assert f"{items} of 3 stored items measured again; they came back" in capsys.readouterr().out


def test_an_item_that_does_not_come_back_fails_the_page(toy):
    _, path = toy
    list(measuring.make("zz-1", path))
    found = Measured(measurements.read(path))
    found.items["picture 3"]["square"] = 9.0 * 1.0009
    found.repeat(["picture 3"])
    found.items["picture 3"]["square"] = 9.0 * 1.0011
    with pytest.raises(MeasurementError, match="picture 3: square was"):
        found.repeat(["picture 3"])


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"schema": 99}'])
def test_what_is_no_measurement_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(MeasurementError):
        measurements.read(path)


def test_an_unknown_measurement_is_refused():
    with pytest.raises(MeasurementError, match="no measurement 'zz-9'"):
        measurements.module_of("zz-9")


@pytest.mark.parametrize("again", [1.0, [1.0, 2.0, 3.0], float("nan")])
def test_another_length_and_no_number_never_agree(again):
    assert not measurements.relative_difference([1.0, 2.0], again) <= 1e-3


def test_every_measurement_of_the_course_is_stored_and_current():
    """Each is complete, unedited, and made with today's definitions, weights and libraries."""
    wrong = {id: measuring.stale(measurements.read(measurements.path_of(id))) for id in measurements.names()}
    assert {id: reasons for id, reasons in wrong.items() if reasons} == {}
