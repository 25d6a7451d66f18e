"""The scripts that draw charts: made once, kept, made again where that is damaged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import vl_convert

from seedbed.core.seal import is_sealed
from seedbed.report.page.vega import default_cache, vega_script

NEEDED = "window.vegaEmbed="
WHOLE = f"const made = 1;{NEEDED}$t6;"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count how often the scripts are put together, which takes seconds in earnest."""
    times: list[int] = []

    def bundle() -> str:
        times.append(1)
        return WHOLE

    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    vega_script.cache_clear()
    yield times
    vega_script.cache_clear()


def test_they_are_made_once(tmp_path: Path, made: list[int]) -> None:
    for _ in range(2):
        assert vega_script(tmp_path / "scripts").endswith(WHOLE)
        vega_script.cache_clear()  # as another process
    assert len(made) == 1
    assert [each.name.startswith("vega-") for each in (tmp_path / "scripts").iterdir()] == [True]


@pytest.mark.parametrize("contents", [b"", b"const half = ", b"\xff\xfe", WHOLE.encode()])
def test_what_is_damaged_is_made_again(tmp_path: Path, made: list[int], contents: bytes) -> None:
    vega_script(tmp_path)
    vega_script.cache_clear()
    (file,) = tmp_path.iterdir()
    file.write_bytes(contents)
    assert vega_script(tmp_path).endswith(WHOLE)
    assert len(made) == 2
    assert is_sealed(file.read_bytes())


def test_without_a_place_to_keep_them_they_are_made_all_the_same(
    tmp_path: Path, made: list[int]
) -> None:
    (tmp_path / "file").touch()
    assert vega_script(tmp_path / "file").endswith(WHOLE)
    assert len(made) == 1


def test_they_are_kept_in_the_users_cache() -> None:
    assert "seedbed" in default_cache().parts


def test_they_are_whole_and_end_no_element() -> None:
    script = vega_script()
    assert NEEDED in script[-200:]
    assert "</script" not in script
