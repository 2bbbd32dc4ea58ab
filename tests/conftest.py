"""What all tests share: nothing is fetched, a tiny book that was executed, and the optional deepinv."""

from __future__ import annotations

from pathlib import Path

import pytest
import tinybook

from dprior_lite import interop
from dprior_lite.course.notebooks import pairs

pytest_plugins = ["browser", "rerun"]  # Chromium for the tests that need it; the second run of notebooks


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every download fail at once, as without a network."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("tests fetch nothing")

    monkeypatch.setattr("pooch.retrieve", refuse)


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny book whose page was executed and stored; a test that changes it takes a copy."""
    root = tmp_path_factory.mktemp("executed") / "tree"
    assert pairs.run(tinybook.make(root), root) == []
    return root


@pytest.fixture(scope="module")
def deepinv():
    """The optional library; a test that needs it is skipped where it is not installed."""
    try:
        return interop._deepinv()
    except ImportError as error:
        pytest.skip(str(error))
