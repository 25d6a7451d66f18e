"""One configuration from its tables in a study file, or what is wrong with them."""

from typing import Any

from pydantic import ValidationError

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.zoo import ZOO
from seedbed.study.spec.axes import Tables
from seedbed.study.spec.configuration import Configuration, network_settings
from seedbed.study.spec.problems import Problem, network_problems, problems_of
from seedbed.study.spec.user_module import UserModuleSpec, default_name, split


def validated(tables: Tables) -> tuple[Configuration | None, list[Problem]]:
    """Return the configuration with these settings, or ``None`` and the problems with them."""
    problems: list[Problem] = []
    if isinstance(tables.get("network"), dict):
        network, problems = _resolve_network(tables["network"])
        tables = tables | {"network": network}
    try:
        configuration = Configuration.model_validate(tables)
    except ValidationError as error:
        return None, problems + problems_of(error, Configuration)
    return (None, problems) if problems else (configuration, [])


def _resolve_network(values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the network's table with every argument of its builder, and the problems with it."""
    if "module" in values:
        return _resolve_user_module(values)
    name = values.get("name")
    if name is None:
        expected = f"one of {', '.join(ZOO)}, or a module"
        return values, [(("network", "name"), f"is missing; expected {expected}")]
    if not isinstance(name, str) or name not in ZOO:
        return values, [(("network", "name"), unknown("network", name, ZOO))]
    model = network_settings(name)
    try:
        resolved = model.model_validate(values).model_dump()
    except ValidationError as error:
        return values, network_problems(error, name)
    try:
        ZOO[name](2, **{key: value for key, value in resolved.items() if key != "name"})
    except NetworkError as error:
        return values, [(("network",), str(error))]
    return resolved, []


def _resolve_user_module(values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the table of a user module, and the problems with it."""
    own, arguments = split(values)
    try:
        UserModuleSpec.model_validate(own)
    except ValidationError as error:
        return values, problems_of(error, UserModuleSpec, ("network",))
    problems: list[Problem] = [
        (("network", key), f"{value!r} cannot be used; expected a number, a string, true or false")
        for key, value in arguments.items()
        if not isinstance(value, bool | int | float | str)
    ]
    return {"name": default_name(own["module"]), **values}, problems
