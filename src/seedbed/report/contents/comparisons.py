"""Whether one configuration is better than another: differences over paired seeds, and tests."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from seedbed.analysis.captions import study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.core.errors import DataError, StudyError
from seedbed.display.formatters import NONE
from seedbed.display.table import Report, Row, Table

COLUMNS: Final = (
    "first",
    "second",
    "n",
    "difference",
    "std",
    "low",
    "high",
    "p_value",
    "p_holm",
    "method",
    "comparisons",
    "probability_better",
    "note",
)


def comparisons(entries: Sequence[Entry]) -> Report:
    """Return the comparisons of a summary.

    Raises:
        StudyError: If there is nothing to compare.
        DataError: If no two configurations have the same test images.

    """
    found = [each for entry in entries for each in entry["comparisons"]]
    if len(entries) < 2:
        raise StudyError(
            "there is one configuration: nothing to compare it with",
            hint="name several folders of files"
            if entries[0]["settings"] is None
            else "a list where one value is expected, or [[variants]], makes several",
        )
    if not found:
        raise DataError(
            "the configurations have different test images, so their accuracies cannot be compared",
            expected="at least two on one test split, with the same fingerprint",
        )
    datasets = {each["label"]: each for each in entries}
    table = Table(
        title(entries, "differences of test accuracy"),
        (
            "first",
            "second",
            "n",
            "difference in percentage points",
            "95 % interval",
            "p",
            "p (Holm)",
            "P(first > second)",
        ),
        (tuple(_row(each) for each in found),),
        (*notes_on_tests(found), *_not_compared(entries)),
        text=(0, 1),
    )
    return Report(
        (table,),
        ("dataset", "checkpoint", *COLUMNS),
        tuple(
            (
                datasets[each["first"]]["dataset"],
                _rule(datasets[each["first"]], datasets[each["second"]]),
                *(_flat(each)[column] for column in COLUMNS),
            )
            for each in found
        ),
        [
            {
                "dataset": datasets[each["first"]]["dataset"],
                "modified": datasets[each["first"]]["modified"],
                "checkpoint": _rule(datasets[each["first"]], datasets[each["second"]]),
                **each,
            }
            for each in found
        ],
        study_notes(entries),
    )


def _row(comparison: Mapping[str, Any]) -> Row:
    better = comparison["probability_better"]
    return (
        comparison["first"],
        comparison["second"],
        str(comparison["n"]),
        *difference_cells(comparison),
        p_cell(comparison["p_value"]),
        p_cell(comparison["p_holm"]),
        NONE if better is None else f"{better:.2f}",
    )


def difference_cells(comparison: Mapping[str, Any]) -> Row:
    """Return the cells of a mean difference and its interval, in percentage points."""
    difference, interval = comparison["difference"], comparison["interval"]
    return (
        NONE if difference is None else f"{100 * difference:+.2f}",
        NONE
        if interval is None
        else f"{100 * interval['low']:+.2f} to {100 * interval['high']:+.2f}",
    )


def p_cell(value: float | None) -> str:
    """Return the cell of a p-value."""
    return NONE if value is None else f"{value:.2g}" if value < 0.01 else f"{value:.4f}"


def notes_on_tests(
    found: Sequence[Mapping[str, Any]], paired: str = "Paired by seed."
) -> list[str]:
    """Say what was tested, and what the p-values of a table mean; of one comparison or more."""
    tests = found[0]["comparisons"]
    correction = (
        f" Holm's correction is over the {tests} tests shown; the intervals are not corrected."
        if tests > 1
        else ""
    )
    notes = [f"{paired} p: exact paired sign-flip test, two-sided.{correction}"]
    for note, times in Counter(each["note"] for each in found if each["note"]).items():
        which = "" if times == len(found) else f"{times} of {len(found)} comparisons: "
        notes.append(f"{which}{note}.")
    if any(each["method"] == "normal approximation" for each in found):
        notes.append("Above 40 pairs the test takes its normal limit.")
    return notes


def _not_compared(entries: Sequence[Entry]) -> list[str]:
    if len({each["test_fingerprint"] for each in entries}) == 1:
        return []
    return ["Configurations with different test images are not compared."]


def _rule(first: Entry, second: Entry) -> str | None:
    rules = dict.fromkeys(each["checkpoint"] for each in (first, second) if each["checkpoint"])
    return " and ".join(rules) or None


def _flat(comparison: Mapping[str, Any]) -> dict[str, Any]:
    interval = comparison["interval"] or {"low": None, "high": None}
    return {**comparison, **interval}
