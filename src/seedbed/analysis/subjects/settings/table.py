"""The table of effects of settings: marginal means by the share of the variance."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.analysis.captions import notes_of, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import by_test_set
from seedbed.analysis.subjects.settings.effects import Effect, effects_of, over_seeds
from seedbed.analysis.subjects.settings.factors import Level, is_full_grid
from seedbed.display.formatters import NONE, percent, signed_points
from seedbed.display.table import Report, Row, Table

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


def effects_table(entries: Sequence[Entry]) -> Report:
    """Return the marginal means of every setting that varies, a table for each test set."""
    found = [(group, _same(group), effects_of(group)) for group in by_test_set(entries)]
    # Of a test set with one configuration there is nothing to say.
    shown = [(group, effects) for group, _, effects in found if effects]
    return Report(
        tuple(_table(*one) for one in shown) or (_table(entries, ()),),
        COLUMNS,
        tuple(
            (*same.values(), *line.values())
            for _, same, effects in found
            for effect in effects
            for line in _lines(effect)
        ),
        [same | _data(effect) for _, same, effects in found for effect in effects],
        study_notes(entries),
    )


def _same(entries: Sequence[Entry]) -> dict[str, Any]:
    rules = {entry.header.checkpoint for entry in entries}
    return {
        "dataset": ", ".join(dict.fromkeys(entry.header.dataset for entry in entries)),
        "checkpoint": rules.pop() if len(rules) == 1 else None,
    }


def _table(entries: Sequence[Entry], effects: Sequence[Effect]) -> Table:
    caption = title(entries, "marginal means of test accuracy")
    groups = tuple(tuple(_rows(effect)) for effect in effects)
    return Table(caption, HEADER, groups, (*_notes(effects), *notes_of(entries)), (0, 1))


def _notes(effects: Sequence[Effect]) -> list[str]:
    if not effects:
        return ["No setting varies, or no configuration has a test accuracy."]
    notes = [
        "Each configuration counts once. The share is the part of the variance between the "
        "configurations' means that the setting explains alone. Nothing was tested."
    ]
    if not is_full_grid([effect.factor for effect in effects]):
        notes.append(
            "The configurations are no full grid: values of one setting meet different values of "
            "others, so differences and shares mix their effects."
        )
    return notes


def _rows(effect: Effect) -> list[Row]:
    name = f"{effect.factor.name} ({percent(effect.share, 1)} of the variance)"
    rows: list[Row] = []
    for place, level in enumerate(effect.factor.levels):
        std = over_seeds(level).std
        rows.append(
            (
                name if not place else "",
                level.text,
                f"{len(level.entries):,}",
                percent(level.mean),
                NONE if std is None else percent(std),
                signed_points(level.mean - effect.grand_mean),
            )
        )
    return rows


def _lines(effect: Effect) -> list[dict[str, Any]]:
    return [
        {"setting": effect.factor.setting}
        | _marginal(effect, level)
        | {"share_of_variance": effect.share}
        for level in effect.factor.levels
    ]


def _data(effect: Effect) -> dict[str, Any]:
    return {
        "setting": effect.factor.setting,
        "share_of_variance": effect.share,
        "marginals": [_marginal(effect, level) for level in effect.factor.levels],
    }


def _marginal(effect: Effect, level: Level) -> dict[str, Any]:
    seeds = over_seeds(level)
    return {
        "value": level.text if level.value is None else level.value,
        "configurations": len(level.entries),
        "mean_test_accuracy": level.mean,
        "std_over_seeds": seeds.std,
        "seeds": seeds.n,
        "difference_from_mean": level.mean - effect.grand_mean,
    }
