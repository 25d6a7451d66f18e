"""Training and test accuracy: of every run of one configuration, or a row for each of several."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.captions import (
    SAME,
    identity,
    noise_notes,
    notes_of,
    rule_column,
    same_values,
    sample_notes,
    seed_notes,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.shown_intervals import columns_of, interval_notes, values_of
from seedbed.analysis.statistics.best_of import best_in_words
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_notes
from seedbed.analysis.subjects.accuracy.result import (
    Accuracy,
    Checkpoints,
    Reported,
    accuracy_of,
    hold_out_differs,
    is_cross_validated,
    lacks_test,
    measured_on,
)
from seedbed.analysis.subjects.comparisons.winners import NOTE, winners
from seedbed.display.formatters import (
    NONE,
    flattened,
    percent,
    percent_interval,
    percent_spread,
)
from seedbed.display.table import Report, Row, Table

MEASURES: Final = ("train_accuracy", "validation_accuracy", "test_accuracy")
OPTIMISTIC: Final = (
    "Best on test chooses the epoch by the test images that it is then reported on, so it "
    "overstates accuracy: use it only to see by how much."
)


def accuracy_table(entries: Sequence[Entry]) -> Report:
    """Return the accuracies at the checkpoint of each configuration."""
    return Report(
        (_runs(entries[0]) if len(entries) == 1 else _overview(entries),),
        (*SAME, "diverged", *columns_of(*MEASURES), "test_accuracy_best"),
        tuple(map(_line, entries)),
        [_data(entry) for entry in entries],
        study_notes(entries),
    )


def checkpoints_table(entries: Sequence[Entry]) -> Report:
    """Return what each way to choose the epoch would report; unknown for external predictions."""
    known = [
        (entry, checkpoints)
        for entry in entries
        if (checkpoints := accuracy_of(entry).checkpoints) is not None
    ]
    validated = any(checkpoints.best_on_validation for _, checkpoints in known)
    return Report(
        (
            Table(
                title(entries, "test accuracy by checkpoint; the study reports it"),
                (
                    "configuration",
                    "n",
                    "last epoch",
                    *(("best on validation",) if validated else ()),
                    "best on test",
                    "gained by choosing on test (percentage points)",
                ),
                (tuple(_checkpoints_row(entry, validated=validated) for entry in entries),),
                (OPTIMISTIC, *notes_of(entries)),
            ),
        ),
        (*SAME, "test_accuracy", "test_accuracy_std", "test_accuracy_best"),
        flattened(_checkpoints_lines(entry, checkpoints) for entry, checkpoints in known),
        [
            identity(entry) | {key: entry[key] for key in ("seeds", "checkpoints")}
            for entry in entries
        ],
        study_notes(entries),
    )


def _runs(entry: Entry) -> Table:
    header, accuracy = entry.header, accuracy_of(entry)
    train, test = accuracy.train_accuracy, accuracy.test_accuracy
    validation = accuracy.validation_accuracy or _unknown(entry)
    columns = (train, validation, test) if _shows_validation([entry]) else (train, test)
    names = ("training", "validation", "test") if len(columns) > 2 else ("training", "test")
    # Of a single run, all of these would say the same again.
    over_runs = (
        ("best", *(percent(each.best) for each in columns)),
        (f"mean (n = {header.n})", *(percent(each.mean) for each in columns)),
        ("standard deviation", *(percent(each.std) for each in columns)),
    ) * (header.n != 1)
    statistics = (*over_runs, *_interval_rows((*columns[:-1], accuracy.with_shown_intervals)))
    runs = zip(header.seeds, *(each.runs for each in columns), strict=True)
    return Table(
        title([entry], "accuracy"),
        ("run", *(f"{name} accuracy" for name in names)),
        (
            tuple((header.run_name(seed), *map(percent, values)) for seed, *values in runs),
            tuple(statistics),
        ),
        (
            *interval_notes(*_tests([entry])),
            *filter(None, [best_in_words([test.n])]),
            *seed_notes([entry]),
            *collapsed_notes([entry]),
            *_validation_notes([entry]),
            *noise_notes([entry]),
            *sample_notes([entry]),
            *notes_of([entry]),
        ),
    )


def _interval_rows(columns: Sequence[Accuracies]) -> Iterator[Row]:
    """Yield a row for each kind of interval that is known of any column."""
    of_seeds = [accuracies.interval for accuracies in columns]
    of_images = [accuracies.interval_new_images for accuracies in columns]
    if any(of_seeds):
        yield ("95% interval, these images", *map(percent_interval, of_seeds))
    if any(of_images):
        yield ("95% interval, new images", *map(percent_interval, of_images))


def _unknown(entry: Entry) -> Accuracies:
    return Accuracies.of([None] * entry.header.n)


def _shows_validation(entries: Sequence[Entry]) -> bool:
    """Whether there is a column of validation accuracy: where it is known, or test is not."""
    return any(accuracy_of(entry).validation_accuracy or lacks_test(entry) for entry in entries)


def _tests(entries: Sequence[Entry]) -> Iterator[Accuracies]:
    return (accuracy_of(entry).with_shown_intervals for entry in entries)


def _validation_notes(entries: Sequence[Entry]) -> Iterator[str]:
    """Say why there is no test accuracy, and which images validation accuracy is of."""
    lacking = [entry.header.label for entry in entries if lacks_test(entry)]
    if lacking:
        of = "" if len(lacking) == len(entries) else f" of {', '.join(lacking)}"
        yield f"There is no test accuracy{of}: the dataset has no test split."
    held_out = [entry for entry in entries if accuracy_of(entry).validation_accuracy]
    if any(map(is_cross_validated, held_out)):
        yield "In a cross-validation, each run holds out another fold for validation."
    if any(map(hold_out_differs, held_out)):
        yield (
            "Runs that hold out different images learn from overlapping ones: the interval of "
            "validation accuracy, for new images to learn from and to be tested on, is that of the "
            "variance s² (1/n + held-out images / training images), after Nadeau and Bengio (2003)."
        )
    if any(entry.header.checkpoint == "best-on-validation" for entry in held_out):
        yield (
            "Best on validation chooses the epoch by the validation images, so their accuracy is "
            "overstated."
        )


def _overview(entries: Sequence[Entry]) -> Table:
    rule, validation = rule_column(entries), _shows_validation(entries)
    header = (
        "configuration",
        *rule,
        "n",
        "training accuracy",
        *(("validation accuracy",) if validation else ()),
        "test accuracy",
        "95% interval, these images",
        "95% interval, new images",
        "best of n",
    )
    return Table(
        title(entries, "accuracy"),
        header,
        (tuple(_row(entry, rule=bool(rule), validation=validation) for entry in entries),),
        (
            "Mean ± standard deviation over n runs.",
            *filter(None, [best_in_words(test.n for test in _tests(entries))]),
            *interval_notes(*_tests(entries)),
            *seed_notes(entries),
            *collapsed_notes(entries),
            *_validation_notes(entries),
            *noise_notes(entries),
            *sample_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1) if rule else (0,),
        best=tuple((place, header.index(measured_on(entries))) for place in winners(entries)),
        best_note=NOTE,
    )


def _row(entry: Entry, *, rule: bool, validation: bool) -> Row:
    accuracy = accuracy_of(entry)
    return (
        entry.header.label,
        *((entry.header.checkpoint or NONE,) if rule else ()),
        str(entry.header.n),
        percent_spread(accuracy.train_accuracy),
        *((percent_spread(accuracy.validation_accuracy),) if validation else ()),
        percent_spread(accuracy.test_accuracy),
        *_intervals(accuracy),
        percent(accuracy.test_accuracy.best),
    )


def _intervals(accuracy: Accuracy) -> tuple[str, str]:
    """Return both intervals, with the number of runs where some collapsed."""
    shown = accuracy.with_shown_intervals
    of = f" (n = {shown.n})" if accuracy.without_collapsed else ""
    return (
        percent_interval(shown.interval) + of,
        percent_interval(shown.interval_new_images) + of,
    )


def _line(entry: Entry) -> tuple[Any, ...]:
    accuracy = accuracy_of(entry)
    return (
        *same_values(entry),
        len(entry.header.diverged),
        *values_of(*(getattr(accuracy, measure) for measure in MEASURES)),
        accuracy.test_accuracy.best,
    )


def _data(entry: Entry) -> dict[str, Any]:
    header = ("configuration", "seeds", "diverged", "unfinished", "selected_epochs", "warnings")
    result: dict[str, Any] = msgspec.to_builtins(accuracy_of(entry))
    del result["checkpoints"]
    fields: dict[str, Any] = msgspec.to_builtins(entry.header)
    return identity(entry) | {key: fields[key] for key in header} | result


def _checkpoints_row(entry: Entry, *, validated: bool) -> Row:
    accuracy, header = accuracy_of(entry), entry.header
    if accuracy.checkpoints is None:
        return (header.label, str(header.n), *[NONE] * (4 if validated else 3))
    on_validation = accuracy.checkpoints.best_on_validation
    best = accuracy.checkpoints.best_on_test.test_accuracy
    honest, optimistic = accuracy.test_accuracy.mean, best.mean
    return (
        header.label,
        str(header.n),
        percent_spread(accuracy.checkpoints.last.test_accuracy),
        *(
            (percent_spread(on_validation.test_accuracy if on_validation else None),)
            if validated
            else ()
        ),
        percent_spread(best),
        NONE if honest is None or optimistic is None else f"{100 * (optimistic - honest):+.2f}",
    )


def _checkpoints_lines(entry: Entry, checkpoints: Checkpoints) -> Iterator[tuple[Any, ...]]:
    rules: dict[str, Reported | None] = {
        "last": checkpoints.last,
        "best-on-validation": checkpoints.best_on_validation,
        "best-on-test": checkpoints.best_on_test,
    }
    label, identifier, dataset, _, n = same_values(entry)
    for rule, reported in rules.items():
        if reported is not None:
            test = reported.test_accuracy
            yield (label, identifier, dataset, rule, n, test.mean, test.std, test.best)
