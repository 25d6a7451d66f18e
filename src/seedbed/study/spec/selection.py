"""Some configurations of a study, chosen by their settings: ``recipe.learning_rate=0.1``.

Those of a study file, or of a summary: whatever has settings by dotted names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.labels import short_name, shown
from seedbed.study.spec.overrides import parse_value, read_assignment


class Selectable(Protocol):
    """What can be chosen by its settings, as a configuration can."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """By dotted names."""

    @property
    def variant(self) -> str | None:
        """The name of the variant, if the study has variants."""


Taken = TypeVar("Taken", bound=Selectable)


@dataclass(frozen=True)
class Condition:
    """A setting and its value."""

    name: str
    """``"recipe.learning_rate"``, the short form of labels, ``"learning_rate"``, or
    ``"variant"``."""
    text: str
    """The value as the user wrote it: in TOML, or a text without quotes."""
    option: str

    @classmethod
    def parse(cls, option: str, text: str) -> Self:
        """Read ``recipe.learning_rate=0.1``.

        Raises:
            StudyError: If there is no ``=``, or no name before it.
        """
        key, value = read_assignment(option, text)
        return cls(".".join(key), value, f"{option} {text}")

    def holds(self, configuration: Selectable) -> bool:
        """Whether a configuration has this value; one without the setting has not."""
        meant = parse_value(self.text)
        return any(
            value == self.text or (value == meant and _kind(value) == _kind(meant))
            for name, value in _settings(configuration)
            if name == self.name
        )


@dataclass(frozen=True)
class Selection:
    """Which configurations to take: all, or those that conditions name.

    A configuration is taken if it has one of the values of every setting that ``only`` names, and
    none of those that ``exclude`` names.
    """

    only: tuple[Condition, ...] = ()
    exclude: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, only: Sequence[str], exclude: Sequence[str]) -> Self:
        """Read the conditions of a command line.

        Raises:
            StudyError: If one cannot be read.
        """
        return cls(
            tuple(Condition.parse("--only", each) for each in only),
            tuple(Condition.parse("--exclude", each) for each in exclude),
        )

    def __bool__(self) -> bool:
        return bool(self.only or self.exclude)

    def of(self, configurations: Sequence[Taken]) -> list[Taken]:
        """Return the configurations that are taken, in their order.

        Raises:
            StudyError: If a condition holds for none of them, or none is left.
        """
        for condition in (*self.only, *self.exclude):
            _check(condition, configurations)
        taken = [each for each in configurations if self._takes(each)]
        if not taken:
            options = ", ".join(each.option for each in (*self.only, *self.exclude))
            raise StudyError(f"no configuration is left of {len(configurations)}", where=options)
        return taken

    def _takes(self, configuration: Selectable) -> bool:
        named: dict[str, bool] = {}
        for each in self.only:
            named[each.name] = named.get(each.name, False) or each.holds(configuration)
        return all(named.values()) and not any(each.holds(configuration) for each in self.exclude)


ALL: Final = Selection()


def _settings(configuration: Selectable) -> list[tuple[str, Any]]:
    """Return every setting of a configuration under each of its names."""
    settings = configuration.settings
    found = [*settings.items(), *((short_name(name), value) for name, value in settings.items())]
    if configuration.variant is not None:
        found.append(("variant", configuration.variant))
    return found


def _check(condition: Condition, configurations: Sequence[Selectable]) -> None:
    if any(condition.holds(each) for each in configurations):
        return
    names = {name: None for each in configurations for name in [*each.settings]}
    values = {
        value if isinstance(value, str) else shown(value): None
        for each in configurations
        for name, value in _settings(each)
        if name == condition.name
    }
    if values:
        raise StudyError(
            f"no configuration has this value; {condition.name} is {', '.join(values)}",
            where=condition.option,
        )
    variants = any(each.variant for each in configurations)
    known = [*(["variant"] if variants else []), *names]
    raise StudyError(unknown("setting", condition.name, known), where=condition.option)


def _kind(value: Any) -> type:
    """Return a type by which 1 is 1.0, but ``true``, unlike in Python, is not 1."""
    return float if type(value) is int else type(value)
