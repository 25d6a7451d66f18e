"""What a study asks of its configurations: ``compare``, ``baseline`` and ``[[claims]]``.

The same rules hold for the configurations of a study file before anything is trained, and for the
entries of a summary afterwards.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.study.spec.labels import short_name
from seedbed.study.spec.selection import Condition, Selection

if TYPE_CHECKING:
    from seedbed.study.spec.study import StudySpec

T = TypeVar("T")
SIDES: Final = (("better", "than"), ("equal", "to"))


@dataclass(frozen=True)
class Point(Generic[T]):
    """A configuration or an entry, by what tells it apart from others."""

    of: T
    settings: Mapping[str, Any]
    """By dotted name."""
    variant: str | None
    test_set: str | None
    """Only points with the same one are compared; ``None`` where it is not known yet."""


class AnyClaim(Protocol):
    """A claim of a study file or of a summary, see :class:`seedbed.study.spec.claims.Claim`."""

    @property
    def better(self) -> tuple[str, ...] | None:
        """Conditions of configurations."""

    @property
    def than(self) -> tuple[str, ...] | None:
        """Conditions of configurations."""

    @property
    def equal(self) -> tuple[str, ...] | None:
        """Conditions of configurations."""

    @property
    def to(self) -> tuple[str, ...] | None:
        """Conditions of configurations."""

    @property
    def rises_with(self) -> str | None:
        """A setting."""

    @property
    def falls_with(self) -> str | None:
        """A setting."""


def asked_problems(spec: "StudySpec") -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the configurations of a study cannot answer: the key, and the problem with it."""
    from seedbed.study.spec.seeds import varied_streams  # needs pydantic, and reading a summary not

    if spec.compare is None and spec.baseline is None and not spec.claims:
        return
    points = [
        Point(item, item.settings, item.variant, test_set)
        for item, test_set in zip(spec.configurations, _test_sets(spec), strict=True)
    ]
    if spec.compare is not None and (problem := compare_problem(spec.compare, points)):
        yield ("compare",), problem
    elif spec.baseline is not None and (
        problem := _baseline_problem(spec.baseline, spec.compare, points)
    ):
        yield ("baseline",), problem
    for number, claim in enumerate(spec.claims):
        key = ("claims", str(number))
        fields = [name for pair in SIDES for name in pair]
        problems = [
            ((*key, field), f"{text}: {problem}")
            for field in fields
            for text in getattr(claim, field) or ()
            if (problem := _condition_problem(text, points))
        ]
        yield from problems
        if claim.looks and (problem := crossed_problem(varied_streams(spec.seeds))):
            problems = [((*key, "looks"), problem)]
            yield from problems
        if not problems:
            try:
                pairs(claim, points) if claim.better or claim.equal else trends(claim, points)
            except StudyError as error:
                field = next((f for f in ("rises_with", "falls_with") if getattr(claim, f)), "")
                yield (*key, field) if field else key, str(error)


def crossed_problem(streams: Sequence[str]) -> str:
    """Return why a claim cannot have looks, or an empty string if it can.

    Args:
        streams: Those that the study crosses, if they are several.
    """
    if len(streams) < 2:
        return ""
    return (
        f"looks count independent seeds, and runs that cross the seeds of {', '.join(streams)} are "
        "not independent; without looks, the claim is tested once"
    )


def _test_sets(spec: "StudySpec") -> list[str | None]:
    """Return what tells test sets apart, for each configuration; ``None`` until data are loaded.

    Corrections of labels leave the test split as it is, so with and without them it is the same.
    """
    datasets = [item.dataset for item in spec.configurations]
    if not all(dataset.fingerprint for dataset in datasets):
        return [None] * len(datasets)
    plain = [
        dataset.model_dump_json(exclude={"corrections", "fingerprint"}) for dataset in datasets
    ]
    first = {
        key: dataset.fingerprint
        for key, dataset in reversed(list(zip(plain, datasets, strict=True)))
    }
    return [first[key] for key in plain]


def compare_problem(factor: str, points: Sequence[Point[Any]]) -> str:
    """Return why the values of a setting cannot be compared, or an empty string if they can."""
    names = varying(points)
    if any(belongs(name, factor) for name in names):
        return ""
    if not names:
        return f"no setting varies between configurations, so {factor} cannot be compared"
    tables = dict.fromkeys(name.partition(".")[0] for name in names)
    return unknown("setting that varies", factor, [*names, *tables])


def _baseline_problem(baseline: str, factor: str | None, points: Sequence[Point[Any]]) -> str:
    """Return why a condition names no single value of what is compared; empty if it does.

    Where the study file does not say what is compared, it names a single configuration.
    """
    if problem := _condition_problem(baseline, points):
        return problem
    met = Selection((Condition.parse("baseline", baseline),)).of(points)
    if factor is None:
        if len(met) > 1:
            return (
                f"{baseline} names {len(met)} configurations, and without compare one is expected"
            )
        return ""
    levels = [level_of(point.settings, factor) for point in met]
    if len(set(levels)) > 1:
        return f"{baseline} names {len(set(levels))} values of {factor}, and one is expected"
    if all(level_of(point.settings, factor) == levels[0] for point in points):
        return f"{baseline} names all values of {factor}, and one is expected"
    return ""


def level_of(settings: Mapping[str, Any], factor: str) -> str:
    """Return what tells the levels of a factor apart: its settings."""
    chosen = {name: value for name, value in settings.items() if belongs(name, factor)}
    return json.dumps(chosen, sort_keys=True)


def varying(points: Sequence[Point[Any]]) -> list[str]:
    """Return the names of the settings that differ between points of the same test set."""
    by_test: dict[str | None, list[Mapping[str, Any]]] = {}
    for point in points:
        by_test.setdefault(point.test_set, []).append(point.settings)
    return list(dict.fromkeys(name for group in by_test.values() for name in differing(group)))


def differing(group: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the settings that are not equal in all of these."""
    return [
        name
        for name in dict.fromkeys(name for settings in group for name in settings)
        if _differ([settings.get(name) for settings in group])
    ]


def _differ(values: Sequence[Any]) -> bool:
    """Return whether values are not equal as JSON, which tells 1, 1.0 and true apart."""
    first = values[0]
    if isinstance(first, str | int | float | None):  # thousands are compared in no time
        kind = type(first)
        return not all(type(value) is kind and value == first for value in values)
    return len({json.dumps(value, sort_keys=True) for value in values}) > 1


def belongs(name: str, factor: str) -> bool:
    """Return whether a setting is this factor or, if that is a table of settings, in it."""
    return name == factor or name.startswith(f"{factor}.")


def pairs(claim: AnyClaim, points: Sequence[Point[T]]) -> list[tuple[T, T]]:
    """Return the configurations that a claim of a difference or an equality compares.

    Raises:
        StudyError: If no two differ in what the claim names and in nothing else.
    """
    first, second = claim.better or claim.equal or (), claim.than or claim.to or ()
    named = {text.partition("=")[0].strip() for text in (*first, *second)}
    chosen = [
        Selection(tuple(Condition.parse("claims:", text) for text in side)).of(points)
        for side in (first, second)
    ]
    # A variant is all of its settings together, except those that it varies itself.
    among = (
        {name for side in chosen for name in differing([point.settings for point in side])}
        if "variant" in named
        else None
    )
    sides = [{_rest(point, named, among): point.of for point in side} for side in chosen]
    shared = [key for key in sides[0] if key in sides[1]]
    if not shared:
        raise StudyError("no two configurations differ in what the claim names and in nothing else")
    return [(sides[0][key], sides[1][key]) for key in shared]


def trends(claim: AnyClaim, points: Sequence[Point[T]]) -> list[list[tuple[float, T]]]:
    """Return the blocks of configurations over which a claim has a trend, by the setting's value.

    Raises:
        StudyError: If the setting has no two values in configurations that are equal otherwise.
    """
    factor = claim.rises_with or claim.falls_with or ""
    blocks: dict[str, list[tuple[float, T]]] = {}
    for point in points:
        value = _value(point, factor)
        if value is not None:
            blocks.setdefault(_rest(point, {factor}), []).append((value, point.of))
    if not blocks:
        numeric = [
            name
            for name in varying(points)
            if any(isinstance(point.settings.get(name), int | float) for point in points)
        ]
        raise StudyError(unknown("setting with numbers", factor, numeric))
    several = [sorted(block, key=_first) for block in blocks.values() if len(block) > 1]
    if not several:
        raise StudyError(f"{factor} has no two values in configurations that are equal otherwise")
    return several


def _condition_problem(text: str, points: Sequence[Point[Any]]) -> str:
    try:
        Selection((Condition.parse("claims:", text),)).of(points)
    except StudyError as error:
        return f"{error.what}; expected {error.expected}" if error.expected else error.what
    return ""


def _first(pair: tuple[float, Any]) -> float:
    return pair[0]


def _rest(point: Point[Any], named: set[str], among: set[str] | None = None) -> str:
    """Return what identifies a point apart from the named settings, and tables of settings.

    Args:
        point: Of a study.
        named: Settings, or tables of them, in which points may differ.
        among: The settings that are looked at; all by default.
    """
    tables = {name.partition(".")[0] for name in named if name in ("network", "network.name")}
    rest = {
        name: value
        for name, value in point.settings.items()
        if (among is None or name in among)
        and name not in named
        and short_name(name) not in named
        and name.partition(".")[0] not in tables | named
    }
    return json.dumps([point.test_set, rest], sort_keys=True)


def _value(point: Point[Any], factor: str) -> float | None:
    for name, value in point.settings.items():
        if factor in (name, short_name(name)) and isinstance(value, int | float):
            return float(value)
    # Clean labels have no rate, but they are a level of it.
    kind = point.settings.get("noise.kind")
    return 0.0 if factor == "noise.rate" and kind in (None, "none") else None
