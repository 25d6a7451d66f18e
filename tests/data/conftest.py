"""What tests of datasets share."""

from pathlib import Path

import pytest

from seedbed.data import catalog


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the datasets and the cache of this machine."""
    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    monkeypatch.setattr(catalog, "cache_folder", lambda: tmp_path / "cache")
