"""Which settings matter in a large grid: marginal means, and how much of the spread each explains.

The marginal mean of a value of a setting is the mean test accuracy of all configurations that have
it, each of which counts once. In a full grid, where every value meets every combination of the
others, the sums of squares of the settings are orthogonal, so their shares of the spread between
configurations (η²) add up to what the settings explain one by one; the rest is interactions and
chance. Means per seed over the same configurations show how much the marginal mean varies over
seeds. All of it describes the configurations of the study; nothing is tested.

Source: Montgomery 2017, "Design and Analysis of Experiments", section 5.3 (sums of squares of a
factorial design).
"""

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.captions import notes_of, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.frames.naming import varying_settings
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy, tested
from seedbed.display.formatters import NONE, percent, signed_points
from seedbed.display.table import Report, Row, Table
from seedbed.study.spec.labels import short_name, shown

MANY: Final = 20
"""With more configurations, a page leads with effects of settings: they tell more than rows."""
HEADER: Final = (
    "setting",
    "value",
    "configurations",
    "mean",
    "standard deviation over seeds",
    "difference",
)
COLUMNS: Final = (
    "dataset",
    "checkpoint",
    "setting",
    "value",
    "configurations",
    "mean_test_accuracy",
    "std_over_seeds",
    "seeds",
    "difference_from_mean",
    "share_of_variance",
)


@dataclass(frozen=True)
class Marginal:
    """What configurations with one value of a setting have in common."""

    value: Any
    configurations: int
    mean: float
    """Of their mean test accuracies, 0 to 1."""
    over_seeds: Aggregate
    """Of the means over these configurations, one for each seed that all of them have."""


@dataclass(frozen=True)
class Effect:
    """A setting with several values."""

    name: str
    """Dotted."""
    marginals: tuple[Marginal, ...]
    share: float
    """Of the variance between configurations, 0 to 1."""


def effects_of(entries: Sequence[Entry]) -> tuple[Effect, ...]:
    """Return the effect of every setting that varies, the largest share of the variance first.

    Args:
        entries: The configurations; those without a test accuracy are left out.
    """
    known = tested(entries)
    means = [mean_accuracy(entry) for entry in known]
    if not means:
        return ()
    grand = statistics.fmean(means)
    total = math.fsum((mean - grand) ** 2 for mean in means)
    effects = []
    for name in varying_settings(known):
        groups: dict[str, list[int]] = {}
        for place, entry in enumerate(known):
            groups.setdefault(_text(_settings(entry).get(name)), []).append(place)
        if len(groups) == 1:
            continue
        marginals = tuple(_marginal(known, means, places, name) for places in groups.values())
        between = math.fsum(of.configurations * (of.mean - grand) ** 2 for of in marginals)
        effects.append(Effect(name, marginals, between / total if total else 0.0))
    return tuple(sorted(effects, key=lambda effect: -effect.share))


def is_full_grid(entries: Sequence[Entry], names: Sequence[str]) -> bool:
    """Return whether every combination of values of these settings occurs equally often."""
    points = Counter(
        tuple(_text(_settings(entry).get(name)) for name in names) for entry in tested(entries)
    )
    values = [{point[place] for point in points} for place in range(len(names))]
    complete = len(points) == math.prod(map(len, values))
    return complete and all(one == other for one, other in pairwise(points.values()))


def _marginal(
    entries: Sequence[Entry], means: Sequence[float], places: Sequence[int], name: str
) -> Marginal:
    chosen = [entries[place] for place in places]
    by_seed: dict[int | str, list[float]] = {}
    for entry in chosen:
        runs = accuracy_of(entry).test_accuracy.runs
        for seed, accuracy in zip(entry.header.seeds, runs, strict=True):
            if accuracy is not None:
                by_seed.setdefault(seed, []).append(accuracy)
    complete = [of for of in by_seed.values() if len(of) == len(chosen)]
    return Marginal(
        _settings(chosen[0]).get(name),
        len(chosen),
        statistics.fmean(means[place] for place in places),
        Aggregate.of(map(statistics.fmean, complete)),
    )


def _settings(entry: Entry) -> Mapping[str, Any]:
    return entry.header.settings or {}


def _text(value: Any) -> str:
    return shown(value)


def table(entries: Sequence[Entry]) -> Report:
    """Return the marginal means of every setting that varies, by its share of the variance."""
    effects = effects_of(entries)
    known = tested(entries)
    grand = statistics.fmean(map(mean_accuracy, known)) if known else math.nan
    groups = tuple(tuple(_rows(effect, grand)) for effect in effects)
    caption = title(entries, "marginal means of test accuracy")
    datasets = ", ".join(dict.fromkeys(entry.header.dataset for entry in entries))
    rules = {entry.header.checkpoint for entry in entries}
    rule = rules.pop() if len(rules) == 1 else None
    same = {"dataset": datasets, "checkpoint": rule}
    return Report(
        (Table(caption, HEADER, groups, _notes(entries, effects), (0, 1)),),
        COLUMNS,
        tuple((datasets, rule, *line) for effect in effects for line in _lines(effect, grand)),
        [same | _data(effect, grand) for effect in effects],
    )


def _rows(effect: Effect, grand: float) -> list[Row]:
    name = f"{short_name(effect.name)} ({percent(effect.share, 1)} of the variance)"
    return [
        (
            name if not place else "",
            shown(of.value),
            f"{of.configurations:,}",
            percent(of.mean),
            NONE if of.over_seeds.std is None else percent(of.over_seeds.std),
            signed_points(of.mean - grand),
        )
        for place, of in enumerate(effect.marginals)
    ]


def _lines(effect: Effect, grand: float) -> list[tuple[Any, ...]]:
    return [
        (
            effect.name,
            shown(of.value),
            of.configurations,
            of.mean,
            of.over_seeds.std,
            of.over_seeds.n,
            of.mean - grand,
            effect.share,
        )
        for of in effect.marginals
    ]


def _data(effect: Effect, grand: float) -> dict[str, Any]:
    return {
        "setting": effect.name,
        "share_of_variance": effect.share,
        "marginals": [
            {
                "value": of.value,
                "configurations": of.configurations,
                "mean_test_accuracy": of.mean,
                "std_over_seeds": of.over_seeds.std,
                "seeds": of.over_seeds.n,
                "difference_from_mean": of.mean - grand,
            }
            for of in effect.marginals
        ],
    }


def _notes(entries: Sequence[Entry], effects: Sequence[Effect]) -> tuple[str, ...]:
    if not effects:
        notes = ["No setting varies, or no configuration has a test accuracy."]
        return (*notes, *notes_of(entries), *study_notes(entries))
    notes = [
        "Each configuration counts once. The share is the part of the variance between the "
        "configurations' means that the setting explains alone. Nothing was tested."
    ]
    if not is_full_grid(entries, [effect.name for effect in effects]):
        notes.append(
            "The configurations are no full grid: values of one setting meet different values of "
            "others, so differences and shares mix their effects."
        )
    sets = {entry.header.test_fingerprint for entry in tested(entries)}
    if len(sets) > 1:
        notes.append(f"The configurations have {len(sets)} different test sets.")
    return (*notes, *notes_of(entries), *study_notes(entries))


def _is_large(entries: Sequence[Entry]) -> bool:
    return len(entries) > MANY and bool(effects_of(entries))


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries if _is_large(entries) else ()


ANALYSIS: Final[Analysis[Any]] = Analysis(
    "effects",
    topic="results",
    tables={"effects": TableView("Effects of settings", table, first_look=_first_look)},
    parts=(PagePart(name="effects", title="Effects of settings", applies=_is_large),),
    rank=5,
)
