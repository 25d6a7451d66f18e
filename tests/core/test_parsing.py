"""JSON and TOML: one kind of error, whatever is wrong with a text."""

import tomllib

import pytest

from seedbed.core.parsing import parse_json, parse_toml
from seedbed.study.spec.overrides import parse_value


def test_what_is_valid_is_read() -> None:
    assert parse_json(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert parse_toml("a = [1, 2.5]\n[b]\nc = 'd'\n") == {"a": [1, 2.5], "b": {"c": "d"}}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "", "{", b"\xff"])
def test_json_that_cannot_be_read_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, "a = " + "{a=" * 9000, "a = " + "9" * 5000]
)
def test_toml_that_cannot_be_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"deep|digits"):
        parse_toml(text)
    assert parse_value(text.removeprefix("a = ")) == text.removeprefix("a = ")


def test_other_mistakes_in_toml_keep_their_line() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="line 2"):
        parse_toml("a = 1\nb = \n")
