"""What configurations are called: in a few words, what makes them different from each other.

Labels follow from the configurations alone, however the study file says them, so a study that is
read back from its results has the same ones.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from seedbed.core.errors import StudyError
from seedbed.study.spec.axes import PARTS

if TYPE_CHECKING:  # a selection needs some of this, and must be there at once
    from seedbed.study.spec.configuration import Configuration

LONGEST_LIST: Final = 24
"""Characters of a list in a label; a longer one gets a number."""

_SHORT: Final = {
    "dataset.name": "dataset",
    "dataset.path": "dataset",
    "noise.kind": "noise",
    "network.name": "network",
    "recipe.loss.name": "loss",
    "recipe.method.name": "method",
}
_NEVER: Final = (
    "dataset.fingerprint",
    "noise.fingerprint",
    "network.fingerprint",
    "network.module",
    "network.path",
)


def labeled(configurations: Sequence["Configuration"]) -> tuple["Configuration", ...]:
    """Return the configurations of a study with their labels."""
    groups: dict[str | None, list[Configuration]] = {}
    for each in configurations:
        groups.setdefault(each.variant, []).append(each)
    varying = {variant: _varying(group) for variant, group in groups.items()}
    for whole_paths in (False, True):
        seen: dict[str, list[Any]] = {}
        labels = [
            _label(each, varying[each.variant], seen, whole_paths=whole_paths)
            for each in configurations
        ]
        if len(set(labels)) == len(labels):
            break
    return tuple(
        each.model_copy(update={"label": label})
        for each, label in zip(configurations, labels, strict=True)
    )


def refuse_twins(
    configurations: Sequence["Configuration"],
    identity: Callable[["Configuration"], str],
    where: str = "",
) -> None:
    """Raise :class:`StudyError` if two configurations are the same, by what identifies them.

    So it does if they are called the same, by which tables and comparisons tell them apart.
    """
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for each in labeled(configurations):
        own = identity(each)
        if own in labels:
            raise StudyError(
                f"the configurations {labels[own]!r} and {each.label!r} are the same",
                where=where,
                hint="leave one of them out",
            )
        if each.label in taken:
            raise StudyError(
                f"two configurations are called {each.label!r}",
                where=where,
                hint="rename a variant, or take values that differ in their first ten digits",
            )
        labels[own] = each.label
        taken.add(each.label)


def short_name(name: str) -> str:
    """Return how labels call a setting: ``learning_rate`` for ``recipe.learning_rate``."""
    return _SHORT.get(name, name.removeprefix("recipe.").removeprefix("network."))


def shown(value: Any) -> str:
    """Return a value as labels show it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return json.dumps(value, separators=(",", ":"))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _varying(group: Sequence["Configuration"]) -> list[str]:
    """Return the settings that differ, but for those that differ by default.

    With the optimizer, its default learning rate changes too; only the optimizer says something.
    """
    settings = [each.settings for each in group]
    defaults = [each.defaults for each in group]
    names = {name: None for values in settings for name in values if name not in _NEVER}
    return [
        name
        for name in sorted(names, key=lambda name: PARTS.index(name.partition(".")[0]))
        if any(values.get(name) != settings[0].get(name) for values in settings)
        and any(
            name in values and values[name] != default.get(name)
            for values, default in zip(settings, defaults, strict=True)
        )
    ]


def _label(
    configuration: "Configuration",
    varying: Sequence[str],
    seen: dict[str, list[Any]],
    *,
    whole_paths: bool,
) -> str:
    settings = configuration.settings
    words = [
        f"{short_name(name)}={_value(name, settings[name], seen, whole_paths=whole_paths)}"
        for name in varying
        if name in settings
    ]
    if configuration.variant is not None:
        words.insert(0, configuration.variant)
    return ", ".join(words) or configuration.network["name"]


def _value(name: str, value: Any, seen: dict[str, list[Any]], *, whole_paths: bool) -> str:
    if name in ("dataset.path", "noise.labels") and not whole_paths:
        return PurePath(value).name
    text = shown(value)
    if not isinstance(value, list) or len(text) <= LONGEST_LIST:
        return text
    known = seen.setdefault(name, [])
    if value not in known:
        known.append(value)
    return f"#{known.index(value) + 1}"
