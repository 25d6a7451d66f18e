"""Repairs a line of a study file that is not valid TOML, to show how it has to be written.

A repair is suggested only if TOML then accepts the line.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Final

from seedbed.core.parsing import parse_toml

Change = str | Callable[["re.Match[str]"], str]

_BARE: Final = r"[A-Za-z_~./][\w~./\\:-]*(?: [\w~./-]+)*"
"""Text without quotes, such as ``vit-lite`` or ``C:\\photos``."""
_KEY: Final = r"""(?:[A-Za-z0-9_.-]+|"[^"]*"|'[^']*')"""
_CONSTANTS: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _quoted(match: "re.Match[str]") -> str:
    quote = "'" if "\\" in match[2] else '"'
    return f"{match[1]}{quote}{match[2]}{quote}"


def _constant(match: "re.Match[str]") -> str:
    word = match[1].lower()
    return _CONSTANTS.get(word, word)


def _percent(match: "re.Match[str]") -> str:
    return f"{float(match[1]) / 100:.15g}"


REPAIRS: Final[tuple[tuple[str, str, Change], ...]] = (
    ("remove invisible characters", "[\u00a0\u2000-\u200f\u202f\u2060\ufeff]", " "),
    ("use straight quotes", "[“”„‟″«»]", '"'),
    ("use straight quotes", "[‘’‚‛′`´]", "'"),
    ("use an ordinary minus sign", "[−–—](?=[0-9.])", "-"),
    ("use single quotes, or forward slashes", r'"([^"\']*\\[^"\']*)"', r"'\1'"),
    ("use # for comments", r"^\s*(?://|;|--|%)\s*(.*)$", r"# \1"),
    ("use # for comments", r"\s+(?://|;)\s*([^\"']*)$", r"  # \1"),
    ("use = between a setting and its value", rf"^(\s*{_KEY})\s*(?::=|==|=>|:(?!=))\s*", r"\1 = "),
    ("use = between a setting and its value", rf"([{{,]\s*{_KEY})\s*:\s*", r"\1 = "),
    ("use = between a setting and its value", rf"^(\s*{_KEY})[ \t]+(?=[^\s=:\]])", r"\1 = "),
    ("use _ instead of spaces", r"^(\s*\w+) (\w+)(?=\s*=)", r"\1_\2"),
    ("write true or false", r"(?<![\w\"'.-])(true|false|yes|no|on|off)(?![\w\"'.-])", _constant),
    ("leave the setting out", rf"^(\s*{_KEY}\s*=\s*(?:none|null|nil)\s*)$", r"# \1"),
    ("leave out the comma", r"(?<![\w.,])([1-9][0-9]{0,2}),([0-9]{3})(?![\w.,])", r"\1\2"),
    ("use a decimal point", r"(?<![\w.,])([0-9]+),([0-9]+)(?![\w.])", r"\1.\2"),
    ("write a digit on both sides of the point", r"(?<![\w.])(\.[0-9]+)", r"0\1"),
    ("write a digit on both sides of the point", r"(?<![\w.])([0-9]+\.)(?![\w.])", r"\g<1>0"),
    ("write a fraction", r"(?<![\w.])([0-9.]*[0-9])\s*%", _percent),
    ("leave out leading zeros", r"(?<![\w.+-])0+([1-9][0-9]*)(?![\w.:-])", r"\1"),
    ("leave out what follows the value", r"[;,]\s*$", ""),
    ("use brackets for lists", r"\(([^()]*)\)", r"[\1]"),
    ("use brackets for lists", r"(=\s*)([^\[\]{}=,]+(?:,\s*[^\[\]{}=,]+)+)$", r"\1[\2]"),
    ("use commas in lists", r"(?<=[\w\"']);?\s+(?=[\w\"'][^=]*\])", ", "),
    ("leave out the last comma of a table", r",\s*\}", " }"),
    ("close the bracket", r"^(?=.*[\[\]])\s*\[?\s*([\w.-]+)\s*\]*\s*$", r"[\1]"),
    ("close the brackets", r"^\s*\[\[\s*([\w.-]+)\s*\]?\s*$", r"[[\1]]"),
    ("begin a table of several lines with", rf"^\s*({_KEY})\s*=\s*\{{\s*$", r"[\1]"),
    ("write one setting on a line", rf"^([^=#]+=[^=#\[{{]+?)[,;]?\s+({_KEY}\s*=)", r"\1\n\2"),
    ("close the quotes", r"""(=\s*)(["'])([^"']+?)(["']?)(?=\s*$|\s+#)""", r"\1\2\3\2"),
    ("close the quotes", r"""(=\s*)([^"'\s][^"']*)(["'])(?=\s*$|\s+#)""", r"\1\3\2\3"),
    ("put text in quotes", rf"(=\s*)({_BARE})(?=\s*$|\s+#|\s*[,}}])", _quoted),
    ("put text in quotes", rf"((?:(?<!^)\[|,|^)\s*)({_BARE})(?=\s*[,\]])", _quoted),
)
"""What to do, the pattern of what is wrong, and what takes its place."""


def repair(text: str, number: int) -> str:
    """Return how to repair a line, with the line as it should be; ``""`` if nothing is known.

    Args:
        text: A document that is not valid TOML.
        number: The line that is wrong, counted from 1.
    """
    lines = text.split("\n")
    line = lines[number - 1].rstrip("\r")
    for what, repaired in (*_single(line), *_combined(line)):
        if _is_accepted([*lines[: number - 1], repaired, *lines[number:]], number):
            return what if "\n" in repaired else f"{what}: {repaired.strip()}"
    return ""


def _single(line: str) -> Iterator[tuple[str, str]]:
    for what, pattern, change in REPAIRS:
        repaired = re.sub(pattern, change, line, flags=re.IGNORECASE)
        if repaired != line:
            yield what, repaired


def _combined(line: str) -> Iterator[tuple[str, str]]:
    """Yield what the first repair makes of the line, then the first two, and so on."""
    done: list[str] = []
    for what, pattern, change in REPAIRS:
        repaired = re.sub(pattern, change, line, flags=re.IGNORECASE)
        if repaired != line:
            line = repaired
            done += [what] * (what not in done)
            yield ", ".join(done), line


def _is_accepted(lines: list[str], number: int) -> bool:
    """Return whether a document has no error up to a line."""
    try:
        parse_toml("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        position = re.search(r"at line (\d+)", str(error))
        return bool(lines[number:]) and (position is None or int(position[1]) > number)
    except ValueError:
        return False
    return True
