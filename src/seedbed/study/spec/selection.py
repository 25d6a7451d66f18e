"""Selects configurations of a study by their settings, as in ``recipe.learning_rate=0.1``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar

from seedbed.core.arguments import texts_of
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.labels import short_name, shown
from seedbed.study.spec.overrides import parse_value, read_assignment


class Selectable(Protocol):
    """A configuration of a study file, or an entry of a summary."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings by dotted names."""

    @property
    def variant(self) -> str | None:
        """The name of the variant, if the study has variants."""


SelectableT = TypeVar("SelectableT", bound=Selectable)


@dataclass(frozen=True)
class Condition:
    """A setting and its value."""

    name: str
    """``"recipe.learning_rate"``, its short form in labels, ``"learning_rate"``, or
    ``"variant"``."""
    text: str
    """The value as the user wrote it: TOML, or a string without quotes."""
    option: str
    """The whole option, for error messages."""

    @classmethod
    def parse(cls, option: str, text: str) -> Self:
        """Parse ``recipe.learning_rate=0.1``.

        Raises:
            StudyError: If there is no ``=``, or no name before it.
        """
        key, value = read_assignment(option, text)
        return cls(".".join(key), value, f"{option} {text}")

    def holds(self, configuration: Selectable) -> bool:
        """Return whether a configuration has the setting with this value."""
        parsed = parse_value(self.text)
        return any(
            value == self.text or (value == parsed and _kind(value) == _kind(parsed))
            for name, value in _settings(configuration)
            if name == self.name
        )


@dataclass(frozen=True)
class Selection:
    """The configurations to select; without conditions, all.

    A configuration is selected if, for every setting in ``only``, it has one of the values given,
    and it meets no condition in ``exclude``.
    """

    only: tuple[Condition, ...] = ()
    exclude: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, only: Sequence[str], exclude: Sequence[str]) -> Self:
        """Parse the conditions of a command line.

        Raises:
            StudyError: If a condition is not ``KEY=VALUE``.
        """
        return cls(
            tuple(Condition.parse("--only", text) for text in texts_of("only", only)),
            tuple(Condition.parse("--exclude", text) for text in texts_of("exclude", exclude)),
        )

    def __bool__(self) -> bool:
        return bool(self.only or self.exclude)

    def of(self, configurations: Sequence[SelectableT]) -> list[SelectableT]:
        """Return the selected configurations in their order.

        Raises:
            StudyError: If no configuration meets a condition, or none is selected.
        """
        conditions = (*self.only, *self.exclude)
        for condition in conditions:
            _check(condition, configurations)
        selected = [item for item in configurations if self._selects(item)]
        if not selected:
            raise StudyError(
                f"none of the {len(configurations)} configurations is selected",
                where=", ".join(condition.option for condition in conditions),
            )
        return selected

    def _selects(self, configuration: Selectable) -> bool:
        if any(condition.holds(configuration) for condition in self.exclude):
            return False
        matches: dict[str, bool] = {}
        for condition in self.only:
            matches[condition.name] = matches.get(condition.name, False) or condition.holds(
                configuration
            )
        return all(matches.values())


ALL: Final = Selection()


def _settings(configuration: Selectable) -> list[tuple[str, Any]]:
    """Return the settings of a configuration, under their full and their short names."""
    settings = configuration.settings
    pairs = [*settings.items(), *((short_name(name), value) for name, value in settings.items())]
    if configuration.variant is not None:
        pairs.append(("variant", configuration.variant))
    return pairs


def _check(condition: Condition, configurations: Sequence[Selectable]) -> None:
    if any(condition.holds(item) for item in configurations):
        return
    names = {name: None for item in configurations for name in [*item.settings]}
    values = {
        value if isinstance(value, str) else shown(value): None
        for item in configurations
        for name, value in _settings(item)
        if name == condition.name
    }
    if values:
        raise StudyError(
            "no configuration has this value",
            where=condition.option,
            expected=f"{'one of ' if len(values) > 1 else ''}{', '.join(values)}",
        )
    variants = any(item.variant for item in configurations)
    known = [*(["variant"] if variants else []), *names]
    raise StudyError(unknown("setting", condition.name, known), where=condition.option)


def _kind(value: Any) -> type:
    """Return a type for which 1 equals 1.0, but ``True`` does not equal 1."""
    return float if type(value) is int else type(value)
