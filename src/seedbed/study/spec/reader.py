"""Reads study files (TOML) and built-in studies as :class:`StudySpec`.

Errors are one line with the file, the line number and the setting.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from seedbed.core.errors import NetworkError, StoreError, StudyError
from seedbed.core.suggestions import did_you_mean, unknown
from seedbed.core.text import decoded
from seedbed.engines.registry import engine_problem
from seedbed.networks.zoo import ZOO
from seedbed.study.asked import asked_problems
from seedbed.study.spec.axes import (
    Tables,
    axes,
    axis_problem,
    count_points,
    merged,
    points,
    tables_of,
)
from seedbed.study.spec.configuration import Configuration, network_settings
from seedbed.study.spec.labels import labeled, refuse_twins
from seedbed.study.spec.overrides import Override, apply
from seedbed.study.spec.problems import Problem, network_problems, problems_of
from seedbed.study.spec.resolved import Files, replaced, written_out
from seedbed.study.spec.seeds import refuse_uncrossing
from seedbed.study.spec.study import FORMAT, StudyHeader, StudySpec, Variant, VariantHeader
from seedbed.study.spec.toml import Key, as_toml, line_of, parse_toml
from seedbed.study.spec.user_module import UserModuleSpec, default_name, split
from seedbed.study.tuning import tune_problems, tuned_problem

MAX_CONFIGURATIONS: Final = 10_000
"""A larger grid is most likely a mistake."""
_IMAGES: Final = (b"PK\x03\x04", b"PAR1", b"\x1f\x8b")
"""How NPZ, Parquet and gzip files begin."""


def built_in_studies() -> dict[str, str]:
    """Return the text of every built-in study by name."""
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
        source: The name of a built-in study, or the path of a TOML file, of a folder of images or
            of a file of them.
        overrides: Settings that replace those of the file; for one setting, the last counts.

    Raises:
        StudyError: If there is no such study, or it is invalid.
        StoreError: If another version of Seedbed wrote it.
    """
    built_in = built_in_studies()
    if source in built_in:
        return parse_study(built_in[source], f"built-in study {source}", overrides)
    path = Path(source)
    if path.is_dir() or _has_images(path):
        from seedbed.study.spec.folder import overridden_study  # it decodes images

        return parse_study(overridden_study(path, overrides), source, overrides)
    try:
        text = decoded(path.read_bytes(), source)
    except (FileNotFoundError, NotADirectoryError):
        nearby = sorted(
            str(each) for each in path.parent.glob("*") if each.suffix == ".toml" or each.is_dir()
        )
        raise StudyError(
            f"no study {source!r}{did_you_mean(source, [*built_in, *nearby])}",
            expected="the path of a study file or of a folder of images, or one of "
            + ", ".join(built_in),
        ) from None
    except OSError as error:
        raise StudyError(
            f"cannot read it: {error.strerror}", where=source, expected="a TOML file"
        ) from None
    return parse_study(text, source, overrides, folder=path.parent)


def _has_images(path: Path) -> bool:
    """Whether a path is a file of images, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4).startswith(_IMAGES)
    except OSError:
        return False  # which reading it as a study file says


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
        folder: The folder that relative paths start from; by default the current one.
        stored: Whether the file belongs to results, which can be read without their engine.

    Raises:
        StudyError: If the file is invalid: names the first error and counts the others.
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
    """Read a study from a dict of the contents of its file; see :func:`parse_study`.

    Raises:
        StudyError: If it is invalid, or has values that TOML cannot express.
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
    """Return the study; ``text`` is used for the line numbers of errors."""
    check_format(values.pop("format", FORMAT), where)
    values.pop("checksum", None)  # of a stored study; people may copy and edit it
    for override in overrides:
        refuse_uncrossing(values, override)
        apply(values, override)
    header, variants, problems = _headers(values)
    base = tables_of(values)
    configurations, invalid_settings = _configurations(base, variants)
    problems += invalid_settings
    if header is not None and not stored and (problem := engine_problem(header.engine)):
        problems.append((("engine",), problem))
    if problems or header is None:
        _refuse(problems, text, where, overrides)
    files = Files(folder)
    tables, own = replaced(
        "dataset", base, [variant.tables for variant in variants], files.with_absolute_path
    )
    if any(files.noise(config.noise) != config.noise for config in configurations):
        tables, own = replaced("noise", tables, own, files.with_contents)
    if any(files.recipe(config.recipe) != config.recipe for config in configurations):
        tables, own = replaced("recipe", tables, own, files.with_matrix)
    if any(files.network(config.network) != config.network for config in configurations):
        tables, own = replaced("network", tables, own, files.network)
    resolved = labeled(list(map(files.configuration, configurations)))
    refuse_twins(resolved, map(_settings, configurations), where)
    spec = StudySpec(
        header.name,
        header.seeds,
        written_out(tables, own, resolved),
        tuple(replace(variant, tables=new) for variant, new in zip(variants, own, strict=True)),
        resolved,
        header.engine,
        header.device,
        header.deterministic,
        header.keep_logits,
        header.compare,
        header.margin,
        header.claims,
        header.keep,
        header.tune,
        header.tuned,
        header.baseline,
    )
    if not stored and (impossible := [*asked_problems(spec), *_tuning_problems(spec)]):
        _refuse(impossible, text, where, overrides)
    return spec


def check_format(number: object, where: str) -> None:
    """Raise :class:`StoreError` if a newer or older version of Seedbed wrote the file ``where``."""
    if not isinstance(number, int) or number == FORMAT:
        return
    if number > FORMAT:
        raise StoreError(
            f"written by a newer version of Seedbed, in format {number}",
            where=where,
            expected=f"format {FORMAT}",
            hint="update Seedbed",
        )
    raise StoreError(
        f"written by an older version of Seedbed, in format {number}",
        where=where,
        expected=f"format {FORMAT}",
        hint="train the study again in another folder",
    )


def _headers(
    values: dict[str, Any],
) -> tuple[StudyHeader | None, list[Variant], list[Problem]]:
    """Return the keys that are not settings of configurations, and the problems with them."""
    header: StudyHeader | None = None
    variants: list[Variant] = []
    problems: list[Problem] = []
    try:
        header = StudyHeader.model_validate(values)
    except ValidationError as error:
        problems += problems_of(error, StudyHeader)
    given = values.get("variants", [])
    if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
        problems.append((("variants",), "cannot be used; expected tables, each under [[variants]]"))
        given = []
    for number, table in enumerate(given):
        try:
            name = VariantHeader.model_validate(table).name
        except ValidationError as error:
            problems += problems_of(error, VariantHeader, ("variants", str(number)))
            name = ""
        else:
            if name in [other.name for other in variants]:
                problems.append(
                    (("variants", str(number), "name"), f"two variants have the name {name!r}")
                )
        variants.append(Variant(name, tables_of(table)))
    return header, variants, problems


def _configurations(
    base: Tables, variants: Sequence[Variant]
) -> tuple[list[Configuration], list[Problem]]:
    """Return every configuration of the grid, and the problems with its settings."""
    whole = [merged(base, variant.tables) for variant in variants] or [base]
    problems: dict[Problem, None] = {}
    for number, tables in enumerate(whole):
        for key, values in axes(tables):
            if what := axis_problem(values):
                problems[_source(key, variants, number), what] = None
    count = sum(map(count_points, whole))
    if count > MAX_CONFIGURATIONS:
        what = f"the grid has {count} configurations; expected at most {MAX_CONFIGURATIONS}"
        problems[(), what] = None
    if problems:
        return [], list(problems)
    configurations = []
    for number, tables in enumerate(whole):
        name = variants[number].name if variants else None
        for point in points(tables):
            configuration, invalid = validated(point)
            if configuration is not None:
                configurations.append(configuration.model_copy(update={"variant": name}))
            for key, what in invalid:
                problems[_source(key, variants, number), what] = None
    return configurations, list(problems)


def _tuning_problems(spec: StudySpec) -> Iterator[Problem]:
    reported = {seed for seeds in spec.seeds for _, seed in seeds}
    if spec.tune is not None:
        yield from tune_problems(spec.tune, [variant.name for variant in spec.variants], reported)
    if spec.tuned is not None and (problem := tuned_problem(spec.tuned, reported)):
        yield ("seeds",), problem


def _source(key: Key, variants: Sequence[Variant], number: int) -> Key:
    """Return the key of a setting in the file: in the variant if it sets it, else in the study."""
    if not variants:
        return key
    table: Any = variants[number].tables
    for part in key[:2]:
        if isinstance(table, dict):
            if part not in table:
                return key
            table = table[part]
    return ("variants", str(number), *key)


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


def _settings(configuration: Configuration) -> str:
    """Return all settings of a configuration as one string."""
    return configuration.model_dump_json(exclude={"label", "variant"})


def _refuse(
    problems: Sequence[Problem], text: str, where: str, overrides: Sequence[Override]
) -> NoReturn:
    """Raise the first problem in the file, with the number of others."""
    located = []
    for key, message in problems:
        setting = key[2:] if key[:1] == ("variants",) else key
        options = [
            ".".join((override.where, *setting[len(override.key) :]))
            for override in overrides
            if _overlaps(override.key, setting)
        ]
        line = line_of(text, key)
        file = f"{where}, line {line}" if line else where
        location = options[-1] if options else ", ".join(filter(None, (file, ".".join(key))))
        # Missing keys come last: the key may be there with a typo.
        located.append((0 if options else line or math.inf, location, message))
    _, first, message = min(located, key=lambda problem: problem[0])
    more = f" (and {len(located) - 1} more)" if len(located) > 1 else ""
    raise StudyError(message + more, where=first)


def _overlaps(first: Key, second: Key) -> bool:
    """Return whether the keys are equal, or one is inside the other."""
    return all(one == other for one, other in zip(first, second, strict=False))
