"""One reader of DPRIOR_PROFILE: unset, empty and blank mean class; anything unknown is one error, also in doctor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dprior_lite
from dprior_lite import profiles
from dprior_lite.__main__ import main
from dprior_lite.course.page import profiles as of_pages
from dprior_lite.training import recipe


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("dprior_lite.cli.doctor.step_seconds", lambda device: 0.1)
    monkeypatch.setenv("DPRIOR_WEIGHTS", str(tmp_path))


@pytest.mark.parametrize(
    "given, name", [(None, "class"), ("", "class"), ("  ", "class"), ("ci", "ci"), (" full ", "full")]
)
def test_what_the_variable_means(given: str | None, name: str, monkeypatch, capsys) -> None:
    monkeypatch.delenv("DPRIOR_PROFILE", raising=False)
    if given is not None:
        monkeypatch.setenv("DPRIOR_PROFILE", given)
    assert profiles.current().name == name == of_pages.current().name
    assert main(["doctor"]) == 0
    default = " (default)" if not (given or "").strip() else ""
    assert f"profile: {name}{default}\n" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["quick", "CI", "ci class"])
def test_an_unknown_profile_is_one_error(given: str, monkeypatch, capsys) -> None:
    """Doctor names it and goes on with the rest of its report."""
    monkeypatch.setenv("DPRIOR_PROFILE", given)
    with pytest.raises(ValueError, match=f"profile '{given}' is unknown: set DPRIOR_PROFILE to one of ci, class, full"):
        of_pages.current()
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert f"PROBLEM: profile '{given}' is unknown" in out and "weights: " in out and "writable: " in out


def test_there_is_one_list_and_one_reader() -> None:
    assert of_pages.NAMES is recipe.PROFILES is profiles.PROFILES and of_pages.Profile is profiles.Profile
    package = Path(dprior_lite.__file__).parent
    reads = re.compile(r"(environ\.get|getenv)\W+(\w+\.)?(DPRIOR_PROFILE|VARIABLE)")
    found = {p.name for p in package.rglob("*.py") if reads.search(p.read_text(encoding="utf8"))}
    found -= {"show.py"}  # it shows the reader as an example
    assert found == {"profiles.py", "doctor.py"}, "doctor asks whether it is set, and for its value the one reader"


def test_doctor_goes_on_past_a_bad_folder(monkeypatch, capsys, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DPRIOR_DATA", str(tmp_path / "file"))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "PROBLEM: DPRIOR_DATA is " in out and "which is a file" in out and "weights: " in out
    assert out.count("PROBLEM") == 1
