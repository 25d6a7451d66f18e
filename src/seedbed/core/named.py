"""Settings that are one of several kinds, each with a name and parameters: a loss, a method."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError

from seedbed.core.settings import Settings, explain
from seedbed.core.suggestions import plain, unknown


class Named(Settings):
    """A kind with its parameters, which are fields.

    A study file has the name, or a table with the name and parameters:
    ``{ name = "generalized-cross-entropy", q = 0.5 }``. The table is also what results store. What
    the name is called in it depends on what is named.
    """

    key: ClassVar[str] = "name"
    """The field with the name, a ``Literal`` in every kind."""
    known_as: ClassVar[tuple[str, ...]] = ()
    """Other names, which an error message answers with the right one."""

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        return self.model_dump(exclude={self.key})

    @property
    def defaults(self) -> dict[str, Any]:
        """The name, and the parameters that have a default, with that."""
        return type(self).model_construct().model_dump(mode="json")


Kind = TypeVar("Kind", bound=Named)


def by_name(*kinds: type[Kind]) -> Mapping[str, type[Kind]]:
    """Return kinds by their names."""
    return {kind.model_fields[kind.key].default: kind for kind in kinds}


def read_named(what: str, kinds: Mapping[str, type[Kind]], value: object) -> Kind:
    """Return what a setting names.

    Args:
        what: Is named, for example ``"loss"``.
        kinds: By name.
        value: A name (``"mae"``), or a table with a name and parameters (``{"name": "mae"}``).

    Raises:
        ValueError: In one line, if there is no such kind or a parameter cannot be used.
    """
    key = next(iter(kinds.values())).key
    table = {key: value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or key not in table:
        raise ValueError(
            f"{value!r} cannot be used; expected a {key}, or a table with a {key}: "
            f"{', '.join(kinds)}"
        )
    name = table[key]
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(_unknown(what, name, kinds))
    for parameter in table:
        owners = [other for other, each in kinds.items() if parameter in each.model_fields]
        if parameter not in kind.model_fields and owners:
            raise ValueError(f"{name} does not use {parameter}; it belongs to {', '.join(owners)}")
    try:
        return kind.model_validate(dict(table))
    except ValidationError as error:
        problems = explain(error, kind)
        raise ValueError("; ".join(f"{path}: {problem}" for path, problem in problems)) from None


def _unknown(what: str, name: object, kinds: Mapping[str, type[Named]]) -> str:
    answer = [
        known for known, kind in kinds.items() if plain(str(name)) in map(plain, kind.known_as)
    ]
    if answer:
        expected = ", ".join(kinds)
        return f"unknown {what} {name!r} (did you mean {answer[0]!r}?); expected one of {expected}"
    return unknown(what, name, kinds)
