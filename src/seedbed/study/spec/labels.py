"""Labels of configurations: the settings in which they differ.

Labels depend on the configurations and not on how the study file writes them, so a study that is
read back from its results has the same labels.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from seedbed.core.errors import StudyError
from seedbed.study.spec.axes import PARTS

if TYPE_CHECKING:  # selections use this module and must be imported quickly
    from seedbed.study.spec.configuration import Configuration

MAX_LIST: Final = 24
"""Maximum characters of a list in a label; longer lists are numbered."""

_SHORT: Final = {
    "dataset.name": "dataset",
    "dataset.path": "dataset",
    "noise.kind": "noise",
    "network.name": "network",
    "recipe.loss.name": "loss",
    "recipe.robust.method": "method",
}
TOLD: Final = {"nothing": "", "rate": " [told the rate]", "transition": " [told T]"}
"""What marks the label of a configuration whose method is told about its label noise."""
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
    for configuration in configurations:
        groups.setdefault(configuration.variant, []).append(configuration)
    varying = {variant: _varying(group) for variant, group in groups.items()}
    for whole_paths in (False, True):
        seen: dict[str, list[Any]] = {}
        labels = [
            _label(configuration, varying[configuration.variant], seen, whole_paths=whole_paths)
            for configuration in configurations
        ]
        if len(set(labels)) == len(labels):
            break
    return tuple(
        configuration.model_copy(update={"label": label})
        for configuration, label in zip(configurations, labels, strict=True)
    )


def refuse_twins(
    configurations: Sequence["Configuration"], identities: Iterable[str], where: str = ""
) -> None:
    """Raise :class:`StudyError` if two configurations have the same identity or label.

    Tables and comparisons identify configurations by their labels.

    Args:
        configurations: With their labels.
        identities: What tells each from the others.
        where: For the error.
    """
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for configuration, key in zip(configurations, identities, strict=True):
        label = configuration.label
        if key in labels:
            raise StudyError(
                f"the configurations {labels[key]!r} and {label!r} are the same",
                where=where,
                hint="remove one of them",
            )
        if label in taken:
            raise StudyError(
                f"two configurations have the label {label!r}",
                where=where,
                hint="rename a variant, or use values that differ in their first ten digits",
            )
        labels[key] = label
        taken.add(label)


def short_name(name: str) -> str:
    """Return the name of a setting in labels: ``learning_rate`` for ``recipe.learning_rate``."""
    return _SHORT.get(name, name.removeprefix("recipe.").removeprefix("network."))


def shown(value: Any) -> str:
    """Return a value as shown in labels."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return json.dumps(value, separators=(",", ":"))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _varying(group: Sequence["Configuration"]) -> list[str]:
    """Return the settings that differ, except those that differ only by default.

    For example, optimizers have different default learning rates; then the label has the optimizer
    but not the learning rate. Of a network's arguments that other networks do not have, those are
    left out that tell no configurations apart: where there is one ViT, it is called ``vit``.
    """
    settings = [configuration.settings for configuration in group]
    defaults = [configuration.defaults for configuration in group]
    names = {name: None for values in settings for name in values if name not in _NEVER}
    varying = [
        name
        for name in sorted(names, key=lambda name: PARTS.index(name.partition(".")[0]))
        if any(values.get(name) != settings[0].get(name) for values in settings)
        and any(
            name in values and values[name] != default.get(name)
            for values, default in zip(settings, defaults, strict=True)
        )
    ]
    for name in [name for name in varying if name.startswith("network.")]:
        values = [of[name] for of in settings if name in of]
        others = [other for other in varying if other != name]
        if (
            len(values) < len(settings)
            and all(value == values[0] for value in values)
            and _told_apart(settings, others) == _told_apart(settings, varying)
        ):
            varying = others
    return varying


def _told_apart(settings: Sequence[Mapping[str, Any]], names: Sequence[str]) -> int:
    """Return how many configurations differ in these settings."""
    return len({tuple(repr(of.get(name)) for name in names) for of in settings})


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
    told = TOLD[configuration.recipe.robust.told]
    if configuration.variant is not None:
        return ", ".join([configuration.variant + told, *words])
    return (", ".join(words) or configuration.network["name"]) + told


def _value(name: str, value: Any, seen: dict[str, list[Any]], *, whole_paths: bool) -> str:
    if name in ("dataset.path", "dataset.corrections", "noise.labels") and not whole_paths:
        return PurePath(value).name
    text = shown(value)
    if not isinstance(value, list) or len(text) <= MAX_LIST:
        return text
    known = seen.setdefault(name, [])
    if value not in known:
        known.append(value)
    return f"#{known.index(value) + 1}"
