"""A line that is not TOML is answered with the line that is, whatever the mistake and the place."""

import tomllib
from typing import Any

import pytest

from seedbed.core.errors import StudyError
from seedbed.core.toml_repair import repair
from seedbed.study.spec.toml import parse_toml
from sentences import Sentence

BEFORE = 'name = "mine"  # a study\r\n\n[recipe]\n'
AFTER = '\nlast = [\n  "a",\n]\n'

MISTAKES: dict[str, tuple[str, Any]] = {
    "decimal comma": ("key = 0,1", 0.1),
    "decimal comma, comment": ("key = 0,05  # low", 0.05),
    "decimal commas in a list": ("key = [0,1, 0,01]", [0.1, 0.01]),
    "decimal comma in a table": ("key = { rate = 0,2 }", {"rate": 0.2}),
    "thousands": ("key = 60,000", 60000),
    "no digit before the point": ("key = .5", 0.5),
    "no digit after the point": ("key = 5.", 5.0),
    "percent": ("key = 20 %", 0.2),
    "leading zero": ("key = 05", 5),
    "unicode minus": ("key = −0.5", -0.5),
    "True": ("key = True", True),
    "FALSE": ("key = FALSE", False),
    "yes": ("key = yes", True),
    "colon": ("key: 3", 3),
    "colon, no quotes": ("key: lenet5", "lenet5"),
    "colons in a table": ('key = {name: "vit", depth: 3}', {"name": "vit", "depth": 3}),
    ":=": ("key := 3", 3),
    "==": ("key == 3", 3),
    "nothing between": ("key 3", 3),
    "no quotes": ("key = lenet5", "lenet5"),
    "no quotes, comment": ("key = vit-lite # small", "vit-lite"),
    "no quotes in a list": ("key = [lenet5, resnet8]", ["lenet5", "resnet8"]),
    "no quotes in a table": ("key = {name = vit}", {"name": "vit"}),
    "no quotes around a path": ("key = ../my photos/", "../my photos/"),
    "curly quotes": ("key = “lenet5”", "lenet5"),
    "low quotes": ("key = „lenet5“", "lenet5"),
    "curly single quotes": ("key = ‘lenet5’", "lenet5"),
    "backticks": ("key = `lenet5`", "lenet5"),
    "quotes not closed": ('key = "lenet5', "lenet5"),
    "quotes not opened": ('key = lenet5"', "lenet5"),
    "quotes of two kinds": ("key = 'lenet5\"", "lenet5"),
    "backslashes": (r'key = "C:\photos"', r"C:\photos"),
    "backslashes, hexadecimal": (r'key = "C:\Users\me"', r"C:\Users\me"),
    "backslashes in a table": (r'key = { path = "D:\data\x" }', {"path": r"D:\data\x"}),
    "backslashes, no quotes": (r"key = D:\data\x", r"D:\data\x"),
    "semicolon": ("key = 3;", 3),
    "comma": ("key = 3,", 3),
    "parentheses": ("key = (0.9, 0.99)", [0.9, 0.99]),
    "list without brackets": ("key = 0.9, 0.99", [0.9, 0.99]),
    "list without commas": ("key = [1 2 3]", [1, 2, 3]),
    "semicolons in a list": ("key = [1; 2]", [1, 2]),
    "comma at the end of a table": ("key = { depth = 1, }", {"depth": 1}),
    "no-break space": ("key =\u00a03", 3),
    "zero-width space": ("\u200bkey = 3", 3),
    "comment": ("key = 3 // three", 3),
    "colon, True": ("key: True", True),
    "colon, decimal comma": ("key: 0,5", 0.5),
}


@pytest.mark.parametrize("key", ["key", "learning_rate", "a.b-c"])
@pytest.mark.parametrize(("line", "value"), MISTAKES.values(), ids=MISTAKES)
def test_a_line_is_repaired(line: str, value: Any, key: str) -> None:
    line = line.replace("key", key, 1)
    with pytest.raises(StudyError) as error:
        parse_toml(BEFORE + line + AFTER, "mine.toml")
    assert error.value.where == "mine.toml, line 4"
    what, _, repaired = error.value.hint.partition(": ")
    assert what
    parsed: Any = tomllib.loads(repaired)
    for part in key.split("."):
        parsed = parsed[part]
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("line", "repaired"),
    [
        ("[recipe", "[recipe]"),
        ("recipe]", "[recipe]"),
        ("[recipe]]", "[recipe]"),
        ("[[variants]", "[[variants]]"),
        ("recipe = {", "[recipe]"),
        ("// a comment", "# a comment"),
        ("; a comment", "# a comment"),
        ("learning rate = 0.1", "learning_rate = 0.1"),
        ("train_size = None", "# train_size = None"),
    ],
)
@pytest.mark.parametrize("after", ["", "\nepochs = 3\n"])
def test_other_lines(line: str, repaired: str, after: str) -> None:
    if line.endswith("{"):
        after = "\nepochs = 3\n}\n"
    assert repair(f"a = 1\n{line}{after}", 2).partition(": ")[2] == repaired


@pytest.mark.parametrize("text", ["epochs = 3 seeds = 2", "epochs = 3, seeds = 2"])
def test_two_settings_on_a_line(text: str, sentence: Sentence) -> None:
    sentence(repair(text, 1))


def test_lines_of_a_list() -> None:
    text = "network = [\n  lenet5,\n  'vit',\n]\n"
    assert repair(text, 2).endswith(': "lenet5",')


@pytest.mark.parametrize(
    "line", ["<<<<<<< HEAD", "<html>", "key = [1, 2", "= 3", "key = ", 'key = "a" "b"', "größe = 1"]
)
def test_what_cannot_be_repaired_gets_no_hint(line: str) -> None:
    with pytest.raises(StudyError) as error:
        parse_toml(line, "mine.toml")
    assert error.value.hint == ""


@pytest.mark.parametrize("text", ["a = 1\na = 2", "[a]\nb = 1\n[a]\nc = 1"])
def test_what_is_there_twice(text: str, sentence: Sentence) -> None:
    with pytest.raises(StudyError) as error:
        parse_toml(text, "mine.toml")
    sentence(error.value)
