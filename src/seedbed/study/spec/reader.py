"""A study file (TOML), or a study that comes with Seedbed, to a :class:`StudySpec`.

Whatever is wrong is one line that names the file, the line in it and the setting.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from seedbed.core.errors import NetworkError, StoreError, StudyError
from seedbed.core.suggestions import did_you_mean, unknown
from seedbed.engines.registry import engine_problem
from seedbed.networks.zoo import ZOO
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.axes import (
    Tables,
    axes,
    count_points,
    merged,
    points,
    tables_of,
)
from seedbed.study.spec.configuration import Configuration, DatasetSpec, network_settings
from seedbed.study.spec.labels import labeled, refuse_twins
from seedbed.study.spec.overrides import Override, apply
from seedbed.study.spec.renamed import Problem, problems_of, renamed_value
from seedbed.study.spec.resolved import replaced, written_out
from seedbed.study.spec.study import FORMAT, StudyHeader, StudySpec, Variant, VariantHeader
from seedbed.study.spec.toml import Key, as_toml, line_of, parse_toml
from seedbed.study.spec.user_module import UserModuleSpec, default_name, located, split

MOST_CONFIGURATIONS: Final = 10_000
"""A larger grid is a slip of the finger."""


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
        StoreError: If another version of Seedbed wrote it.

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
    text: str,
    where: str,
    overrides: Sequence[Override] = (),
    folder: Path | None = None,
    *,
    stored: bool = False,
) -> StudySpec:
    """Read a study from the text of its file.

    Args:
        text: TOML.
        where: The file, as the user named it.
        overrides: Settings that replace those of the file, in its variants too.
        folder: What a relative path in the file is relative to; the current one by default.
        stored: Whether it is of results, which can be read without the engine that trained them.

    Raises:
        StudyError: If something in it cannot be used: the first mistake, and how many more.
        StoreError: If another version of Seedbed wrote it.
        DataError: If noise names a file that cannot be read.

    """
    return _study(parse_toml(text, where), text, where, overrides, folder, stored=stored)


def parse_values(
    values: Mapping[str, Any],
    where: str,
    overrides: Sequence[Override] = (),
    folder: Path | None = None,
) -> StudySpec:
    """Read a study from what its file would hold; see :func:`parse_study`.

    Raises:
        StudyError: If something in it cannot be used, or has no counterpart in TOML.
        StoreError: If another version of Seedbed wrote it.
        DataError: If noise names a file that cannot be read.

    """
    return _study(as_toml(values, where), "", where, overrides, folder)


def _study(
    values: dict[str, Any],
    text: str,
    where: str,
    overrides: Sequence[Override],
    folder: Path | None,
    *,
    stored: bool = False,
) -> StudySpec:
    """Return the study; ``text`` tells the lines of its mistakes."""
    check_format(values.pop("format", FORMAT), where)
    for override in overrides:
        apply(values, override)
    header, variants, problems = _headers(values)
    base = tables_of(values)
    configurations, found = _configurations(base, variants)
    problems += found
    if header is not None and not stored and (problem := engine_problem(header.engine)):
        problems.append((("engine",), renamed_value("engine", header.engine) or problem))
    if problems or header is None:
        _refuse(problems, text, where, overrides)
    refuse_twins(configurations, _settings, where)

    files = _Files(folder)
    tables, own = replaced(
        "dataset", base, [each.tables for each in variants], files.with_absolute_path
    )
    if any(files.noise(each.noise) != each.noise for each in configurations):
        tables, own = replaced("noise", tables, own, files.with_contents)
    if any(files.network(each.network) != each.network for each in configurations):
        tables, own = replaced("network", tables, own, files.network)
    resolved = labeled(
        [
            each.model_copy(
                update={
                    "dataset": each.dataset.resolved(folder),
                    "noise": files.noise(each.noise),
                    "network": files.network(each.network),
                }
            )
            for each in configurations
        ]
    )
    return StudySpec(
        header.name,
        header.seeds,
        written_out(tables, own, resolved),
        tuple(replace(each, tables=changed) for each, changed in zip(variants, own, strict=True)),
        resolved,
        header.engine,
        header.device,
        header.deterministic,
        header.keep_logits,
    )


def check_format(found: object, where: str) -> None:
    """Raise :class:`StoreError` if another Seedbed wrote the file ``where``, newer or older."""
    if not isinstance(found, int) or found == FORMAT:
        return
    if found > FORMAT:
        raise StoreError(
            f"a newer Seedbed wrote it (format {found}, this one reads {FORMAT})",
            where=where,
            hint="update Seedbed",
        )
    raise StoreError(
        "Seedbed 0.1 wrote it, which had other names and formats",
        where=where,
        hint="train the study again, in another folder",
    )


def _headers(
    values: dict[str, Any],
) -> tuple[StudyHeader | None, list[Variant], list[Problem]]:
    """Return the keys that are no settings of configurations, or what is wrong with them."""
    header: StudyHeader | None = None
    variants: list[Variant] = []
    problems: list[Problem] = []
    try:
        header = StudyHeader.model_validate(values)
    except ValidationError as error:
        problems += problems_of(error, StudyHeader)
    given = values.get("variants", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        problems.append((("variants",), "cannot be used; expected tables, each under [[variants]]"))
        given = []
    for number, each in enumerate(given):
        try:
            name = VariantHeader.model_validate(each).name
        except ValidationError as error:
            problems += problems_of(error, VariantHeader, ("variants", str(number)))
            name = ""
        else:
            if name in [other.name for other in variants]:
                problems.append(
                    (("variants", str(number), "name"), f"two variants have the name {name!r}")
                )
        variants.append(Variant(name, tables_of(each)))
    return header, variants, problems


def _configurations(
    base: Tables, variants: Sequence[Variant]
) -> tuple[list[Configuration], list[Problem]]:
    """Return every configuration of the grid, or what is wrong with its settings."""
    whole = [merged(base, each.tables) for each in variants] or [base]
    problems: dict[Problem, None] = {}
    for number, tables in enumerate(whole):
        for key, values in axes(tables):
            if what := _fault(values):
                problems[_source(key, variants, number), what] = None
    count = sum(map(count_points, whole))
    if count > MOST_CONFIGURATIONS:
        what = f"the axes make {count} configurations; expected at most {MOST_CONFIGURATIONS}"
        problems[(), what] = None
    if problems:
        return [], list(problems)
    configurations = []
    for number, tables in enumerate(whole):
        name = variants[number].name if variants else None
        for point in points(tables):
            found, wrong = _configuration(point)
            if found is not None:
                configurations.append(found.model_copy(update={"variant": name}))
            for key, what in wrong:
                problems[_source(key, variants, number), what] = None
    return configurations, list(problems)


def _fault(axis: list[Any]) -> str:
    """Say why a list cannot be an axis, if it cannot."""
    if not axis:
        return "the list is empty; expected one value, or a list of the values to try"
    twice = [each for number, each in enumerate(axis) if each in axis[:number]]
    return f"{twice[0]!r} is there twice" if twice else ""


def _source(key: Key, variants: Sequence[Variant], number: int) -> Key:
    """Return where a setting of a variant's configuration is written: in it, or in the study."""
    if not variants:
        return key
    place: Any = variants[number].tables
    for part in key[:2]:
        if isinstance(place, dict):
            if part not in place:
                return key
            place = place[part]
    return ("variants", str(number), *key)


def _configuration(tables: Tables) -> tuple[Configuration | None, list[Problem]]:
    """Return the configuration with these settings, or what is wrong with them."""
    problems: list[Problem] = []
    if isinstance(tables.get("network"), dict):
        network, problems = _resolve_network(tables["network"])
        tables = tables | {"network": network}
    try:
        found = Configuration.model_validate(tables)
    except ValidationError as error:
        return None, problems + problems_of(error, Configuration)
    return (None, problems) if problems else (found, [])


def _settings(configuration: Configuration) -> str:
    """Return everything that makes a configuration what it is."""
    return configuration.model_dump_json(exclude={"label", "variant"})


class _Files:
    """The files that the settings name, each read once."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._noises: dict[str, NoiseSpec] = {}

    def noise(self, spec: NoiseSpec) -> NoiseSpec:
        """Return noise with what its file holds now."""
        key = spec.model_dump_json()
        if key not in self._noises:
            self._noises[key] = spec.resolved(self._folder)
        return self._noises[key]

    def with_contents(self, table: Tables) -> Tables:
        """Return the same for a table of a study file; one that is not whole stays as it is."""
        try:
            spec = NoiseSpec.model_validate(table)
        except ValidationError:
            return table
        return self.noise(spec).model_dump(mode="json")

    def network(self, table: Tables) -> Tables:
        """Return the table of a network; a user module with its place and contents."""
        return located(table, self._folder or Path()) if "module" in table else table

    def with_absolute_path(self, table: Tables) -> Tables:
        """Return the table of a dataset; one that is not whole stays as it is."""
        try:
            spec = DatasetSpec.model_validate(table)
        except ValidationError:
            return table
        return spec.resolved(self._folder).to_dict()


def _resolve_network(values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the network's table with every argument of its builder, or what is wrong with it."""
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
        return values, problems_of(error, model, ("network",))
    try:
        ZOO[name](2, **{key: value for key, value in resolved.items() if key != "name"})
    except NetworkError as error:
        return values, [(("network",), str(error))]
    return resolved, []


def _resolve_user_module(values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the same for a user module, whose arguments only it knows."""
    own, arguments = split(values)
    try:
        UserModuleSpec.model_validate(own)
    except ValidationError as error:
        return values, problems_of(error, UserModuleSpec, ("network",))
    problems: list[Problem] = [
        (("network", key), f"{value!r} cannot be used; expected a number, a text, true or false")
        for key, value in arguments.items()
        if not isinstance(value, bool | int | float | str)
    ]
    return {"name": default_name(own["module"]), **values}, problems


def _refuse(
    problems: Sequence[Problem], text: str, where: str, overrides: Sequence[Override]
) -> NoReturn:
    """Raise the problem that comes first in the file, and count the others."""
    located = []
    for key, message in problems:
        setting = key[2:] if key[:1] == ("variants",) else key
        given = [
            ".".join((each.where, *setting[len(each.key) :]))
            for each in overrides
            if _leads_to(each.key, setting)
        ]
        line = line_of(text, key)
        place = f"{where}, line {line}" if line else where
        shown = given[-1] if given else ", ".join(filter(None, (place, ".".join(key))))
        # What is missing comes last: it may be there under a name that has a slip in it.
        located.append((0 if given else line or math.inf, shown, message))
    _, first, message = min(located, key=lambda each: each[0])
    more = f" (and {len(located) - 1} more)" if len(located) > 1 else ""
    raise StudyError(message + more, where=first)


def _leads_to(first: Key, second: Key) -> bool:
    """Whether one of the keys is, or is inside, the other."""
    return all(one == other for one, other in zip(first, second, strict=False))
