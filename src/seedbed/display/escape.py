"""Text that users have named (datasets, folders, classes), made safe for where it is shown."""

import re
from typing import Final

_LATEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "|": r"\textbar{}",
        # At the beginning of a row they would belong to the command before it.
        "[": "{[}",
        "*": "{*}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
    }
)
_FORMULA: Final = ("=", "+", "-", "@")
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#~&])")
_MARKDOWN_BLOCK: Final = re.compile(
    r"^(\s*\d{0,9})(?:(?<=\d)(?=[.)](?:\s|$))|(?<!\d)(?=[-+]\s|[-+=]+\s*$))"
)
"""Before what begins a list at the beginning of a line, or makes it a rule or a heading."""


_FOLDERS: Final = re.compile(
    r"(?<![\w.:/\\<])(?:[A-Za-z]:[\\/]+|\\\\|~?/)(?:[^\s'\"<>;,]*[\\/])?(?=[^\s\\/])"
)
# Names with spaces, as far as it is clear where a path begins and ends.
_SPACED_FOLDERS: Final = re.compile(
    r"(?:(?<=[\"'])|^)(?:[A-Za-z]:[\\/]+|\\\\|~?/)[^\"'<>:;,\n]*[\\/](?=[^\"'<>:;,\n\\/]+(?:[\"']|$))",
    re.MULTILINE,
)


def without_folders(text: str) -> str:
    """Return text in which only the last part is left of every absolute path.

    For what is made to be sent: where things lie on a machine is nobody else's business. Addresses
    in the web stay as they are.
    """
    return _FOLDERS.sub("", _SPACED_FOLDERS.sub("", text))


def printable(text: str) -> str:
    """Return text without control characters, which could drive a terminal.

    Includes the invisible ones that reverse the direction of writing, and what stands for bytes of
    a file name that are no text.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text
    )


def markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _MARKDOWN_BLOCK.sub(r"\1\\", _MARKDOWN.sub(r"\\\1", printable(text)))


def latex(text: str) -> str:
    """Return text that LaTeX sets as it is."""
    return printable(text).translate(_LATEX)


def spreadsheet(text: str) -> str:
    """Return text for a field of a CSV file that spreadsheets show and never evaluate.

    An apostrophe goes before a text that begins like a formula, as recommended in OWASP, "CSV
    Injection" (https://owasp.org/www-community/attacks/CSV_Injection). Of the characters listed
    there, :func:`printable` replaces tab, carriage return and line feed.
    """
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
