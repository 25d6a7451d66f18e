"""Text of other systems is read as it was meant."""

import codecs
from pathlib import Path

import pytest

from seedbed.core.errors import StudyError
from seedbed.core.text import decoded
from sentences import Sentence

TEXT = 'name = "größe → 猫"\n\nseeds = 3\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", [TEXT, "a\n", ""])
def test_every_encoding_and_every_end_of_line(text: str, end: str, encoding: str) -> None:
    assert decoded(text.replace("\n", end).encode(encoding), "x") == text


def test_utf_16_of_either_order_with_a_mark() -> None:
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        assert decoded(mark + "a = 1".encode(encoding), "x") == "a = 1"


@pytest.mark.parametrize(
    ("contents", "line"),
    [("grün".encode("latin-1"), 1), (b"a\nb\n\xff", 3), (codecs.BOM_UTF16_LE + b"a", 1)],
)
def test_other_encodings_are_refused_with_the_line(contents: bytes, line: int) -> None:
    with pytest.raises(StudyError) as error:
        decoded(contents, str(Path("study.toml")))
    assert error.value.where == f"study.toml, line {line}"


def test_the_message(sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        decoded(b"\xff\xff", "study.toml")
    sentence(error.value)
