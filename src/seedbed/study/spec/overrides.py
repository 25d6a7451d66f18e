"""Settings from the command line or Python that replace those of a study file."""

from dataclasses import dataclass
from typing import Any, Final, Self

from seedbed.core.errors import StudyError
from seedbed.core.parsing import parse_toml
from seedbed.study.spec.axes import PARTS, replaces, tables_of
from seedbed.study.spec.toml import Key

_LOSS_HINT: Final = "write a table for each loss: { name = 'generalized-cross-entropy', q = 0.5 }"

_SHORT_FORMS: Final = {("recipe", "loss"): "name", ("recipe", "robust"): "method"}
"""Settings that may be a name instead of a table, as in loss = "mae", and its key in the table."""


@dataclass(frozen=True)
class Override:
    """A setting that replaces the one in the study file."""

    key: Key
    value: Any
    where: str
    """The setting as the user wrote it, for error messages."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``recipe.epochs=3``; a value that is not valid TOML is taken as a string.

        Raises:
            StudyError: If there is no ``=``, or no key before it.

        """
        key, value = read_assignment("--set", text)
        return cls(key, parse_value(value), f"--set {'.'.join(key)}")

    @classmethod
    def of(cls, key: str, value: Any) -> Self:
        """Return an override from Python, as in ``of("recipe.epochs", 3)``."""
        return cls(tuple(key.split(".")), value, f"settings[{key!r}]")


def read_assignment(option: str, text: str) -> tuple[Key, str]:
    """Return the key and the value of ``KEY=VALUE``, the argument of an option.

    Raises:
        StudyError: If there is no ``=``, or no key before it.

    """
    dotted, equals, value = text.partition("=")
    key = tuple(part.strip() for part in dotted.split("."))
    if not equals or not all(key):
        raise StudyError(
            f"cannot parse {text!r}", where=option, expected="KEY=VALUE, as in recipe.epochs=3"
        )
    return key, value.strip()


def parse_value(text: str) -> Any:
    """Return the TOML value of a text, or the text if it is not valid TOML."""
    try:
        parsed = parse_toml(f"value = {text}")
    except ValueError:
        parsed = {}
    # More than one key means that more TOML follows the value.
    return parsed["value"] if len(parsed) == 1 else text


def apply(values: dict[str, Any], override: Override) -> None:
    """Apply an override to the tables of a study file.

    It also replaces the same setting in variants.
    """
    _put(values, override)
    variants = values.get("variants")
    for variant in variants if isinstance(variants, list) else []:
        if isinstance(variant, dict) and _has(variant, override.key):
            _put(variant, override)


def _has(variant: dict[str, Any], key: Key) -> bool:
    """Return whether a variant sets a setting or replaces the whole table of the study."""
    part = variant.get(key[0])
    if part is None or key[0] not in PARTS:
        return False
    return not isinstance(part, dict) or len(key) == 1 or key[1] in part or replaces(key[0], part)


def _put(values: dict[str, Any], override: Override) -> None:
    part, *rest = override.key
    if not rest:
        values[part] = override.value
        return
    values |= tables_of(values)
    tables = values.setdefault(part, {})
    for root in tables if isinstance(tables, list) else [tables]:
        table: Any = root
        for depth, name in enumerate(rest, start=1):
            if not isinstance(table, dict):
                name = ".".join(override.key[:depth])
                hint = _LOSS_HINT if name == "recipe.loss" else ""
                raise StudyError(
                    f"{name} is not a table of settings", where=override.where, hint=hint
                )
            if depth == len(rest):
                table[name] = override.value
            else:
                short = _SHORT_FORMS.get((part, name))
                if short and isinstance(table.get(name), str):
                    table[name] = {short: table[name]}
                table = table.setdefault(name, {})
