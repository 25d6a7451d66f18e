"""How a review is opened in the browser."""

import stat
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

from seedbed.label_errors.review.serve import opened

ADDRESS = "http://127.0.0.1:1234/secret/"


def test_the_command_line_of_the_browser_does_not_hold_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", asked.append)
    with opened(ADDRESS):
        (url,) = asked
        assert "secret" not in url
        assert urlparse(url).scheme == "file"
        page = Path(url2pathname(urlparse(url).path))
        assert f"url={ADDRESS}" in page.read_text("utf-8")
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert not page.parent.exists()
