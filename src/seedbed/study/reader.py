"""A study file (TOML), or a study that comes with Seedbed, to a :class:`StudySpec`.

Whatever is wrong is one line that names the file, the line in it and the setting.
"""

import inspect
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn, Self, get_type_hints

from pydantic import ValidationError, create_model

from seedbed.errors import NetworkError, StoreError, StudyError
from seedbed.networks.zoo import ZOO
from seedbed.settings import Settings, explain
from seedbed.study.spec import FORMAT, StudySpec
from seedbed.study.toml import Key, line_of, parse_toml
from seedbed.words import did_you_mean, unknown

Problem = tuple[Key, str]
"""Which setting, and what is wrong with it."""


@dataclass(frozen=True)
class Override:
    """A setting from the command line, which replaces the file's."""

    key: Key
    value: Any
    where: str
    """How the user gave it."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``recipe.epochs=3``; what is no TOML value is taken as a string.

        Raises:
            StudyError: If there is no ``=``, or no key before it.

        """
        dotted, equals, value = text.partition("=")
        key = tuple(part.strip() for part in dotted.split("."))
        if not equals or not all(key):
            raise StudyError(
                f"--set {text!r} cannot be read", expected="KEY=VALUE, as in recipe.epochs=3"
            )
        try:
            parsed = tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError:
            parsed = {}
        # More than one key means that the text went on after the value.
        found = parsed["value"] if len(parsed) == 1 else value.strip()
        return cls(key, found, f"--set {dotted.strip()}")


def built_in_studies() -> dict[str, str]:
    """Return the text of every study that comes with Seedbed, by its name."""
    folder = resources.files("seedbed") / "studies"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml")
    }


def load_study(source: str, overrides: Sequence[Override] = ()) -> StudySpec:
    """Read a study.

    Args:
        source: The name of a built-in study, or the path of a TOML file.
        overrides: Settings that replace those of the file; of two for one setting the later counts.

    Raises:
        StudyError: If there is no such study, or something in it cannot be used.
        StoreError: If a newer Seedbed wrote it.

    """
    built_in = built_in_studies()
    if source in built_in:
        return parse_study(built_in[source], f"built-in study {source}", overrides)
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        nearby = sorted(map(str, path.parent.glob("*.toml")))
        raise StudyError(
            f"no study {source!r}{did_you_mean(source, [*built_in, *nearby])}",
            expected=f"the path of a study file, or one of {', '.join(built_in)}",
        ) from None
    except UnicodeDecodeError:
        raise StudyError("not UTF-8 text", where=source, expected="a TOML file") from None
    except OSError as error:
        raise StudyError(
            f"cannot be read: {error.strerror}", where=source, expected="a TOML file"
        ) from None
    return parse_study(text, source, overrides, folder=path.parent)


def parse_study(
    text: str, where: str, overrides: Sequence[Override] = (), folder: Path | None = None
) -> StudySpec:
    """Read a study from the text of its file.

    Args:
        text: TOML.
        where: The file, as the user named it.
        overrides: Settings that replace those of the file.
        folder: What a relative path in the file is relative to; the current one by default.

    Raises:
        StudyError: If something in it cannot be used: the first mistake, and how many more.
        StoreError: If a newer Seedbed wrote it.

    """
    values = _expand(parse_toml(text, where))
    check_format(values.pop("format", FORMAT), where)
    for override in overrides:
        _apply(values, override)
        values = _expand(values)
    problems: list[Problem] = []
    if isinstance(values.get("network"), dict):
        values["network"], problems = _resolve_network(values["network"])
    try:
        spec = StudySpec.model_validate(values)
    except ValidationError as error:
        problems += _problems(error, StudySpec)
    if problems:
        _refuse(problems, text, where, overrides)
    if spec.dataset.path is None:
        return spec
    path = ((folder or Path()) / Path(spec.dataset.path).expanduser()).resolve()
    dataset = spec.dataset.model_copy(update={"path": str(path)})
    return spec.model_copy(update={"dataset": dataset})


def check_format(found: object, where: str) -> None:
    """Raise :class:`StoreError` if a newer Seedbed wrote the file ``where``."""
    if isinstance(found, int) and found > FORMAT:
        raise StoreError(
            f"a newer Seedbed wrote it (format {found}, this one reads up to {FORMAT})",
            where=where,
            mend="update Seedbed",
        )


def _expand(values: dict[str, Any]) -> dict[str, Any]:
    """Write the short forms ``dataset = "mnist"`` and ``network = "lenet5"`` as tables."""
    return {
        key: {"name": value} if key in ("dataset", "network") and isinstance(value, str) else value
        for key, value in values.items()
    }


def _apply(values: dict[str, Any], override: Override) -> None:
    """Put one setting from the command line into the tables of the file."""
    table: Any = values
    for depth, part in enumerate(override.key[:-1], start=1):
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            name = ".".join(override.key[:depth])
            raise StudyError(f"{name} has no settings of its own", where=override.where)
    table[override.key[-1]] = override.value


def _resolve_network(values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the network's table with every argument of its builder, or what is wrong with it."""
    name = values.get("name")
    if name is None:
        return values, [(("network", "name"), f"is missing; expected one of {', '.join(ZOO)}")]
    if not isinstance(name, str) or name not in ZOO:
        return values, [(("network", "name"), unknown("network", name, ZOO))]
    model = _network_settings(name)
    try:
        resolved = model.model_validate(values).model_dump()
    except ValidationError as error:
        return values, [(("network", *key), what) for key, what in _problems(error, model)]
    try:
        ZOO[name](2, **{key: value for key, value in resolved.items() if key != "name"})
    except NetworkError as error:
        return values, [(("network",), str(error))]
    return resolved, []


@cache
def _network_settings(name: str) -> type[Settings]:
    """Return the arguments of a network's builder as a model, so that they are checked alike."""
    builder = ZOO[name]
    hints = get_type_hints(builder)
    _, *parameters = inspect.signature(builder).parameters.values()  # the classes come first
    fields: dict[str, Any] = {each.name: (hints[each.name], each.default) for each in parameters}
    return create_model(name, __base__=Settings, name=(str, ...), **fields)


def _problems(error: ValidationError, model: type[Settings]) -> list[Problem]:
    """Return what pydantic found, in other words for a list where one value belongs."""
    lists = {
        ".".join(map(str, found["loc"]))
        for found in error.errors(include_url=False)
        if isinstance(found["input"], list)
        and (found["type"] == "literal_error" or found["type"].endswith("_type"))
        and found["type"] not in ("list_type", "tuple_type")
    }
    grid = "a list of values, a grid of settings, is not supported yet; expected one value"
    return [
        (tuple(path.split(".")), grid if path in lists else message)
        for path, message in explain(error, model)
    ]


def _refuse(
    problems: Sequence[Problem], text: str, where: str, overrides: Sequence[Override]
) -> NoReturn:
    """Raise the problem that comes first in the file, and count the others."""
    located = []
    for key, message in problems:
        given = [each.where for each in overrides if _leads_to(each.key, key)]
        line = line_of(text, key)
        place = f"{where}, line {line}" if line else where
        shown = given[-1] if given else f"{place}, {'.'.join(key)}"
        # What is missing comes last: it may be there under a name that has a slip in it.
        located.append((0 if given else line or math.inf, shown, message))
    _, first, message = min(located, key=lambda each: each[0])
    more = f" (and {len(located) - 1} more)" if len(located) > 1 else ""
    raise StudyError(message + more, where=first)


def _leads_to(first: Key, second: Key) -> bool:
    """Whether one of the keys is, or is inside, the other."""
    return all(one == other for one, other in zip(first, second, strict=False))
