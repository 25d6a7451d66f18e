"""JSON and TOML of files that may be damaged or hostile: one kind of error for all that is wrong.

Python's parsers also raise :class:`RecursionError`, for values that are nested too deeply, and
:class:`ValueError`, for numbers of thousands of digits.
"""

import json
import tomllib
from typing import Any, Final

TOO_DEEP: Final = "its values are nested too deeply"


def parse_json(contents: str | bytes) -> Any:
    """Return the value in a JSON text.

    Raises:
        ValueError: If it is not valid, or its values are nested too deeply.
    """
    try:
        return json.loads(contents)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML document.

    Raises:
        tomllib.TOMLDecodeError: If it is not valid TOML.
        ValueError: If its values are nested too deeply, or a number has too many digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
