"""The settings of a user module in a study file: its location and its arguments."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from seedbed.core.settings import FilePath, Settings
from seedbed.networks.user_module_source import source_file, source_fingerprint


class UserModuleSpec(Settings):
    """The settings of a user module, except the arguments of its function."""

    module: str
    """``"package.file:function"``."""
    name: str = Field(default="module", pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=60)
    """The name of the network; by default that of the function."""
    path: FilePath = ""
    """The folder to import the module from; by default that of the study file."""
    fingerprint: str | None = None
    """Expected fingerprint of the module's file; a file with another one is rejected."""

    @field_validator("module")
    @classmethod
    def _names_a_function(cls, target: str) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", target):
            expected = '"package.file:function", such as "nets:make_net"'
            raise ValueError(f"{target!r} cannot be used; expected {expected}")
        return target


def split(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a table into the fields of :class:`UserModuleSpec` and the function's arguments."""
    own = {key: value for key, value in table.items() if key in UserModuleSpec.model_fields}
    return own, {key: value for key, value in table.items() if key not in own}


def located(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a table with the name, absolute path and fingerprint of the module.

    Args:
        table: A validated table.
        folder: The folder of the study file.

    Raises:
        NetworkError: If there is no such module.
    """
    path = folder / Path(table.get("path", "")).expanduser()
    located = {"name": default_name(table["module"]), **table, "path": str(path.resolve())}
    if "fingerprint" not in table:
        located["fingerprint"] = source_fingerprint(source_file(table["module"], path))
    return located


def default_name(target: str) -> str:
    """Return the default name of a user module: that of its function."""
    return target.rpartition(":")[2]
