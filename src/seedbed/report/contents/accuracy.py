"""Training and test accuracy: of every run of one configuration, or a row for each of several."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.captions import (
    SAME,
    identity,
    noise_notes,
    notes_of,
    rule_cell,
    rule_column,
    same_values,
    sample_notes,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.core.errors import StudyError
from seedbed.display.formatters import flattened, percent, percent_interval, percent_spread
from seedbed.display.table import Report, Row, Table

RULES: Final = {
    "last": "last epoch",
    "best-on-validation": "best on validation",
    "best-on-test": "best on test: a cheat",
}
CHEAT: Final = (
    "Best on test is a cheat: it chooses the epoch by the test images on which it then reports. It "
    "is here to show how much that would have claimed; never report it."
)


def accuracy(entries: Sequence[Entry], *, checkpoints: bool = False) -> Report:
    """Return the accuracies of a study.

    Args:
        entries: Of its summary.
        checkpoints: Whether to show what other ways to choose the epoch would have reported.

    Raises:
        StudyError: If they are asked for, but are not known.

    """
    if checkpoints and not all(each["checkpoints"] for each in entries):
        raise StudyError("the accuracies of other epochs are not known", where="--epoch-rules")
    table = _runs_table(entries[0]) if len(entries) == 1 else _overview(entries)
    tables = (table, _rules_table(entries)) if checkpoints else (table,)
    return Report(
        tables,
        (*SAME, "row", "seed", "train_accuracy", "test_accuracy"),
        flattened(_lines(each, checkpoints=checkpoints) for each in entries),
        [_data(each, checkpoints=checkpoints) for each in entries],
        study_notes(entries),
    )


def _runs_table(entry: Entry) -> Table:
    train, test = entry["train_accuracy"], entry["test_accuracy"]
    runs = zip(entry["seeds"], train["runs"], test["runs"], strict=True)
    n = entry["n"]
    kind = {0: "", 1: " (Wilson)"}.get(n, " of the mean")
    statistics = (
        ("best", percent(train["best"]), percent(test["best"])),
        (f"mean (n = {n})", percent(train["mean"]), percent(test["mean"])),
        ("standard deviation", percent(train["std"]), percent(test["std"])),
        (
            f"95 % interval{kind}",
            percent_interval(entry["train_accuracy_interval"]),
            percent_interval(entry["test_accuracy_interval"]),
        ),
    )
    return Table(
        title([entry], "accuracy"),
        ("run", "training accuracy", "test accuracy"),
        (
            tuple((_run(seed), percent(one), percent(other)) for seed, one, other in runs),
            statistics,
        ),
        (*noise_notes([entry]), *sample_notes([entry]), *notes_of([entry])),
    )


def _run(seed: int | str) -> str:
    """Runs from elsewhere have names instead of seeds."""
    return seed if isinstance(seed, str) else f"seed {seed}"


def _overview(entries: Sequence[Entry]) -> Table:
    rows = tuple(
        (
            each["label"],
            *rule_cell(each, entries),
            str(each["n"]),
            percent_spread(each["train_accuracy"]),
            percent_spread(each["test_accuracy"]),
            percent_interval(each["test_accuracy_interval"]),
            percent(each["test_accuracy"]["best"]),
        )
        for each in entries
    )
    return Table(
        title(entries, "accuracy"),
        (
            "configuration",
            *rule_column(entries),
            "n",
            "training accuracy",
            "test accuracy",
            "95 % interval",
            "best",
        ),
        (rows,),
        (
            "Mean ± standard deviation over n runs; the interval is that of the mean test accuracy"
            + (", of a single run Wilson's." if any(each["n"] == 1 for each in entries) else "."),
            *noise_notes(entries),
            *sample_notes(entries),
            *notes_of(entries),
        ),
        text=(0, 1) if rule_column(entries) else (0,),
    )


def _rules_table(entries: Sequence[Entry]) -> Table:
    def row(entry: Entry) -> Row:
        rules = entry["checkpoints"]
        cells = [percent_spread(rules[rule] and rules[rule]["test_accuracy"]) for rule in RULES]
        honest = entry["test_accuracy"]["mean"]
        cheat = rules["best-on-test"]["test_accuracy"]["mean"]
        gain = "–" if honest is None or cheat is None else f"{100 * (cheat - honest):+.2f}"
        return (entry["label"], str(entry["n"]), *cells, gain)

    return Table(
        title(entries, "test accuracy by every epoch rule; the study itself reports it"),
        ("configuration", "n", *RULES.values(), "percentage points gained by cheating"),
        (tuple(map(row, entries)),),
        (CHEAT,),
    )


def _lines(entry: Entry, *, checkpoints: bool) -> Iterator[tuple[Any, ...]]:
    rule = entry["checkpoint"]
    yield from _of_rule(entry, rule, entry["train_accuracy"], entry["test_accuracy"])
    yield from _interval_lines(entry)
    for run in entry["diverged"]:
        yield (*same_values(entry)[:-1], 0, "diverged", run["seed"], None, None)
    for other, found in entry["checkpoints"].items() if checkpoints else ():
        if found and other != rule:
            name = f"{other} (a cheat)" if other == "best-on-test" else other
            yield from _of_rule(entry, name, None, found["test_accuracy"])


def _of_rule(
    entry: Entry, rule: str, train: dict[str, Any] | None, test: dict[str, Any]
) -> Iterator[tuple[Any, ...]]:
    identifier, label, dataset, _, n = same_values(entry)
    same = (identifier, label, dataset, rule)
    for place, seed in enumerate(entry["seeds"]):
        yield (*same, 1, "run", seed, train and train["runs"][place], test["runs"][place])
    for row in ("best", "mean", "std"):
        yield (*same, n, row, None, train and train[row], test[row])


def _interval_lines(entry: Entry) -> Iterator[tuple[Any, ...]]:
    train, test = entry["train_accuracy_interval"], entry["test_accuracy_interval"]
    for row, end in (("interval low", "low"), ("interval high", "high")):
        yield (*same_values(entry), row, None, train and train[end], test and test[end])


def _data(entry: Entry, *, checkpoints: bool) -> dict[str, Any]:
    keys = (
        "configuration",
        "seeds",
        "train_accuracy",
        "train_accuracy_interval",
        "test_accuracy",
        "test_accuracy_interval",
        "diverged",
        "unfinished",
        "selected_epochs",
        "warnings",
        *(["checkpoints"] if checkpoints else []),
    )
    return identity(entry) | {key: entry[key] for key in keys}
