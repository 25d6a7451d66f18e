"""Every method by name, and what a study file says of one."""

from collections.abc import Mapping
from typing import Final

from seedbed.core.named import by_name, read_named
from seedbed.training.methods.base import Method
from seedbed.training.methods.standard import Standard

METHODS: Final[Mapping[str, type[Method]]] = by_name(Standard)
"""Name -> method."""


def read_method(value: object) -> Method:
    """Return the method that a setting names.

    Args:
        value: A method, a name (``"standard"``), or a table with a name and parameters
            (``{"name": "standard"}``).

    Raises:
        ValueError: In one line, if there is no such method or a parameter cannot be used.
    """
    return value if isinstance(value, Method) else read_named("method", METHODS, value)
