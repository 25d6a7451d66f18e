"""How well scores and probabilities serve: AUC, precision, recall, F1 and calibration."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import flattened, spread
from seedbed.display.table import Report, Table

AVERAGES: Final = ("macro", "weighted", "micro")
PER_CLASS: Final = ("precision", "recall", "f1")


def auc(entries: Sequence[Entry]) -> Report:
    """Return the areas under the ROC curves, and what else is known of each class."""
    evaluated = [each for each in entries if each["auc"]]
    one = len(entries) == len(evaluated) == 1
    return Report(
        (_of_one(evaluated[0]) if one else _of_many(entries),),
        (*SAME, "row", "class", "measure", "mean", "std"),
        flattened(map(_lines, evaluated)),
        [
            identity(each)
            | {key: each[key] for key in ("class_names", "auc", "per_class")}
            | {"calibration": _calibration(each)}
            for each in entries
        ],
        study_notes(entries),
    )


def _of_one(entry: Entry) -> Table:
    areas = _auc_of_classes(entry)
    classes = tuple(
        (each["class"], spread(area), *(spread(each[name]) for name in PER_CLASS))
        for each, area in zip(entry["per_class"], areas, strict=True)
    )
    averages = tuple((name, spread(entry["auc"][name]), "", "", "") for name in AVERAGES)
    calibration = _calibration(entry)
    bins = len(entry["calibration"]["bins"]["images"])
    return Table(
        title([entry], "one class against the rest,"),
        ("class", "AUC", "precision", "recall", "F1"),
        (classes, averages),
        (
            f"{_measure(entry)} over n = {entry['n']}. Expected calibration error ({bins} bins) "
            f"{spread(calibration['ece'])}, Brier score {spread(calibration['brier'])}.",
            *notes_of([entry]),
        ),
    )


def _of_many(entries: Sequence[Entry]) -> Table:
    rows = tuple(
        (
            each["label"],
            str(each["n"]),
            *(spread(each["auc"] and each["auc"][name]) for name in AVERAGES),
            *(spread(_calibration(each)[name]) for name in ("ece", "brier")),
        )
        for each in entries
    )
    return Table(
        title(entries, "AUC and calibration"),
        (
            "configuration",
            "n",
            *(f"{name} AUC" for name in AVERAGES),
            "calibration error",
            "Brier score",
        ),
        (rows,),
        ("Mean ± standard deviation over n runs.", *notes_of(entries)),
    )


def _measure(entry: Entry) -> str:
    return "Mean" if entry["n"] == 1 else "Mean ± standard deviation"


def _auc_of_classes(entry: Entry) -> list[dict[str, Any]]:
    per_class = entry["auc"]["per_class"]
    means, stds = per_class["mean"], per_class["std"]
    return [{"mean": mean, "std": std} for mean, std in zip(means, stds, strict=True)]


def _calibration(entry: Entry) -> dict[str, dict[str, float | None] | None]:
    found = entry["calibration"]
    return {
        name: found and {"mean": found[name], "std": found[f"{name}_std"]}
        for name in ("ece", "brier")
    }


def _lines(entry: Entry) -> Iterator[tuple[Any, ...]]:
    same = same_values(entry)
    for name in AVERAGES:
        found = entry["auc"][name]
        yield (*same, "average", name, "auc", found["mean"], found["std"])
    for each, area in zip(entry["per_class"], _auc_of_classes(entry), strict=True):
        yield (*same, "class", each["class"], "auc", area["mean"], area["std"])
        for name in PER_CLASS:
            yield (*same, "class", each["class"], name, each[name]["mean"], each[name]["std"])
    for name, numbers in _calibration(entry).items():
        if numbers:
            yield (*same, "calibration", None, name, numbers["mean"], numbers["std"])
