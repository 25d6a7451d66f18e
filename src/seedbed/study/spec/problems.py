"""The problems with the settings of a study file, with the names that the user may have meant."""

from functools import cache

from pydantic import BaseModel, ValidationError

from seedbed.core.settings import Settings, explain
from seedbed.core.suggestions import nearest
from seedbed.networks.zoo import ZOO
from seedbed.study.spec.axes import PARTS
from seedbed.study.spec.configuration import Configuration, network_settings
from seedbed.study.spec.study import StudyHeader
from seedbed.study.spec.toml import Key

Problem = tuple[Key, str]
"""The key of a setting, and the problem with it."""


def problems_of(error: ValidationError, model: type[Settings], inside: Key = ()) -> list[Problem]:
    """Return the errors of pydantic in a table of the file.

    Args:
        error: Raised when ``model`` was validated.
        model: The model of the table.
        inside: The key of the table.
    """
    section = f"{inside[0]}." if inside[:1] == ("network",) else "."
    elsewhere = [name for name in all_settings() if not name.startswith(section)]
    problems = explain(error, model, elsewhere)
    return [((*inside, *path.split(".")), what) for path, what in problems]


def network_problems(error: ValidationError, name: str) -> list[Problem]:
    """Return the errors of pydantic in the arguments of a network.

    Args:
        error: Raised when the arguments were validated.
        name: The network.
    """
    model = network_settings(name)
    problems: list[Problem] = []
    for key, what in problems_of(error, model, ("network",)):
        argument, own = key[-1], model.model_fields
        if argument not in own and not nearest(argument, own):
            others = {argument for other in ZOO for argument in _arguments(other)}
            for meant in nearest(argument, sorted(others))[:1]:
                owners = [other for other in ZOO if meant in _arguments(other)]
                what = f"{name} has no {meant}; it belongs to {', '.join(owners)}"
        problems.append((key, what))
    return problems


@cache
def all_settings() -> tuple[str, ...]:
    """Return the dotted names of all settings of a study file."""
    header = [name for name in StudyHeader.model_fields if name not in PARTS]
    arguments = {f"network.{name}": None for other in ZOO for name in _arguments(other)}
    return (*PARTS, *header, *_names(Configuration, ""), *arguments)


def _names(model: type[BaseModel], prefix: str) -> list[str]:
    names = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Settings):
            names += _names(inner, f"{prefix}{name}.")
        elif prefix:
            names.append(prefix + name)
    return names


def _arguments(network: str) -> list[str]:
    return [name for name in network_settings(network).model_fields if name != "name"]
