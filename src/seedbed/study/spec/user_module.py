"""What a study file says of a user module: where it is, and its arguments."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from seedbed.core.settings import Settings
from seedbed.networks.user_module_source import source_file, source_fingerprint


class UserModuleSpec(Settings):
    """The settings of a user module, but for its arguments."""

    module: str
    """``"package.file:function"``."""
    name: str = Field(default="module", pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=60)
    """The function's by default."""
    path: str = ""
    """The folder from which it can be imported; that of the study file by default."""
    fingerprint: str | None = None
    """Of the file that is meant; any other is refused."""

    @field_validator("module")
    @classmethod
    def _names_a_function(cls, target: str) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", target):
            expected = '"package.file:function", such as "nets:make_net"'
            raise ValueError(f"{target!r} cannot be used; expected {expected}")
        return target


def split(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what :class:`UserModuleSpec` knows of a table, and the arguments of the function."""
    own = {key: value for key, value in table.items() if key in UserModuleSpec.model_fields}
    return own, {key: value for key, value in table.items() if key not in own}


def located(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a table with a name, an absolute path, and the fingerprint of what is there now.

    Args:
        table: Validated.
        folder: Of the study file.

    Raises:
        NetworkError: If there is no such module.
    """
    place = folder / Path(table.get("path", "")).expanduser()
    found = {"name": default_name(table["module"]), **table, "path": str(place.resolve())}
    if "fingerprint" not in table:
        found["fingerprint"] = source_fingerprint(source_file(table["module"], place))
    return found


def default_name(target: str) -> str:
    """Return what a user module is called: as the function that makes it."""
    return target.rpartition(":")[2]
