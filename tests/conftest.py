"""No test fetches data: a set that is not in the cache is absent."""

import pytest


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every download fail at once, as without a network."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("tests fetch nothing")

    monkeypatch.setattr("pooch.retrieve", refuse)
