"""What all tests share: no test fetches data (a set that is not in the cache is absent), and the optional deepinv."""

from __future__ import annotations

import pytest

from dprior_lite import interop

pytest_plugins = ["browser"]  # its fixture opens Chromium for all tests that need it


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every download fail at once, as without a network."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("tests fetch nothing")

    monkeypatch.setattr("pooch.retrieve", refuse)


@pytest.fixture(scope="module")
def deepinv():
    """The optional library; a test that needs it is skipped where it is not installed."""
    try:
        return interop._deepinv()
    except ImportError as error:
        pytest.skip(str(error))
