"""The table of comparisons."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.captions import look_notes, notes_of, seed_notes, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.subjects.accuracy.result import lacks_test, measured_on
from seedbed.analysis.subjects.comparisons.over_blocks_text import (
    OVER_ALL,
    correction_notes,
    table_over_blocks,
)
from seedbed.analysis.subjects.comparisons.result import (
    Comparisons,
    comparisons_of,
    left_out_of,
    over_blocks_of,
)
from seedbed.core.errors import DataError, StudyError
from seedbed.display.formatters import NONE, p_text, signed_points
from seedbed.display.sentence import signed_interval
from seedbed.display.table import Report, Row, Table

MANY_PAIRS: Final = 20
"""Fewer say little about P(A > B)."""
MOST_TRIMMED: Final = 3
"""Trimmed comparisons that a note has."""
MEASURED: Final = ("dataset", "checkpoint")
COLUMNS: Final = (
    "a",
    "b",
    "n",
    "difference",
    "std",
    "low",
    "high",
    "low_new_images",
    "high_new_images",
    "p_value",
    "p_adjusted",
    "p_sign_flip",
    "margin",
    "p_equivalence",
    "comparisons",
    "probability_better",
    "probability_low",
    "probability_high",
    "weight",
    "note",
)
OVER_BLOCKS: Final = (
    *("a", "b", "over", "blocks", "n", "difference", "low", "high"),
    *("p_value", "p_adjusted", "p_interaction", "comparisons", "weight"),
)


def comparisons_table(entries: Sequence[Entry]) -> Report:
    """Return the comparisons of a summary; before them, for people, the effects over all blocks.

    Raises:
        StudyError: If there is nothing to compare.
        DataError: If no two configurations have the same test images.

    """
    comparisons = comparisons_of(entries)
    if len(entries) < 2:
        raise StudyError(
            "there is one configuration: nothing to compare it with",
            hint="name several folders of files"
            if entries[0].header.settings is None
            else "a list where one value is expected, or [[variants]], makes several",
        )
    if not comparisons and any(map(lacks_test, entries)):
        raise DataError(
            "there is no test split, so there is no test accuracy to compare",
            expected="at least two configurations with test accuracy on one test split, or with "
            "images that runs hold out (recipe.folds, recipe.validation_size)",
        )
    if not comparisons:
        raise DataError(
            "the configurations have different test images, so their accuracies cannot be compared",
            expected="at least two on one test split, with the same fingerprint",
        )
    by_label = {entry.header.label: entry for entry in entries}
    margin = comparisons[0].margin
    table = Table(
        title(entries, f"differences in {measured_on(entries)}"),
        (
            "A",
            "B",
            "n",
            "difference A − B (percentage points)",
            "95% interval, these images",
            "95% interval, new images",
            "p",
            "p, corrected",
            "p, sign flips",
            "P(A > B), interval",
            *(("equivalent",) if margin else ()),
        ),
        (tuple(_row(comparison, margin) for comparison in comparisons),),
        (
            *_asked(entries),
            *notes_on_tests(comparisons),
            *correction_notes(entries, comparisons),
            *_note_on_probability(comparisons),
            *seed_notes(entries),
            *look_notes(entries),
            *_on_overlapping_images(comparisons),
            *_on_new_images(comparisons),
            *_within(margin, comparisons),
            *_trimmed(comparisons),
            *_not_compared(entries),
            *_left_out(entries),
        ),
        text=(0, 1),
    )
    over_blocks = table_over_blocks(entries)
    objects = [_object(comparison, by_label) for comparison in comparisons]
    return Report(
        (over_blocks, table) if over_blocks else (table,),
        (*MEASURED, *COLUMNS),
        tuple(_line(of, COLUMNS) for of in objects),
        objects,
        study_notes(entries),
    )


def over_blocks_table(entries: Sequence[Entry]) -> Report:
    """Return the effects over all blocks; a note where there are no blocks."""
    effects = over_blocks_of(entries)
    objects = [{**_measured(entries), **msgspec.to_builtins(effect)} for effect in effects]
    note = "There are no effects over blocks: the study has no blocks that share what is compared."
    nothing = Table(title(entries, OVER_ALL), ("A", "B"), (), (note, *notes_of(entries)))
    return Report(
        (table_over_blocks(entries) or nothing,),
        (*MEASURED, *OVER_BLOCKS),
        tuple(_line(of, OVER_BLOCKS) for of in objects),
        objects,
        study_notes(entries),
    )


def difference_cells(comparison: Comparison) -> Row:
    """Return the cells of a mean difference and its interval, in percentage points."""
    interval = comparison.interval
    return (
        signed_points(comparison.difference),
        NONE if interval is None else signed_interval(interval),
    )


def probability_text(comparison: Comparison) -> str:
    """Return P(A > B) and its interval as tables and charts show it."""
    better, interval = comparison.probability_better, comparison.probability_interval
    if better is None or interval is None:
        return NONE
    return f"{better:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def notes_on_tests(
    comparisons: Sequence[Comparison], paired: str = "Runs are paired by seed."
) -> list[str]:
    """Say what was tested and what the p-values of a table mean; for one comparison or more."""
    checked = any(comparison.p_sign_flip is not None for comparison in comparisons)
    check = (
        " The sign-flip test checks it without that assumption; it cannot reach less than "
        "2^(1 − n)."
        if checked or all(comparison.p_value is None for comparison in comparisons)
        else " There is no sign-flip test of runs that are not independent."
    )
    notes = [f"{paired} p: paired t-test, two-sided; it assumes roughly normal differences.{check}"]
    reasons = Counter(comparison.note for comparison in comparisons if comparison.note)
    for note, times in reasons.items():
        which = "" if times == len(comparisons) else f"{times} of {len(comparisons)} comparisons: "
        notes.append(f"{which}{note}.")
    return notes


def _note_on_probability(comparisons: Sequence[Comparison]) -> list[str]:
    """Say what P(A > B) is, and how little few pairs tell of it."""
    n = max(comparison.n for comparison in comparisons)
    if n == 0:
        return []
    note = "P(A > B): the fraction of seeds with which A is better, ties counted half."
    if n < MANY_PAIRS:
        # The lower end for n of n, after Clopper and Pearson.
        least = (LEVEL / 2) ** (1 / n)
        pairs = "1 pair says" if n == 1 else f"{n} pairs say"
        note += f" {pairs} little about it: even {n} of {n} does not rule out {least:.2f}."
    return [note]


def _on_overlapping_images(comparisons: Sequence[Comparison]) -> list[str]:
    ratios = [comparison.overlap for comparison in comparisons if comparison.overlap]
    if not ratios:
        return []
    return [
        "Runs hold out different images and learn from overlapping ones, so they are not "
        "independent: the t-test and the intervals use the variance s² (1/n + r), where r is "
        f"held-out over training images, {max(ratios):.2g} (Nadeau and Bengio 2003). They are for "
        "new images to learn from and to be tested on."
    ]


def _row(comparison: Comparison, margin: float | None) -> Row:
    return (
        comparison.a,
        comparison.b,
        str(comparison.n),
        *difference_cells(comparison),
        NONE if comparison.new_images is None else signed_interval(comparison.new_images.interval),
        p_text(comparison.p_value),
        p_text(comparison.p_adjusted),
        p_text(comparison.p_sign_flip),
        probability_text(comparison),
        *((_equivalence(comparison),) if margin else ()),
    )


def _equivalence(comparison: Comparison) -> str:
    if comparison.p_equivalence is None:
        return NONE
    shown = "yes" if comparison.equivalent else "not shown"
    return f"{shown} (p = {p_text(comparison.p_equivalence)})"


def _line(of: dict[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    values, new = dict(of), of.get("new_images")
    values["low"], values["high"] = values["interval"] or (None, None)
    ends = values.get("probability_interval") or (None, None)
    values["probability_low"], values["probability_high"] = ends
    values["low_new_images"], values["high_new_images"] = new["interval"] if new else (None, None)
    return tuple(values[column] for column in (*MEASURED, *columns))


def _object(comparison: Comparison, by_label: dict[str, Entry]) -> dict[str, Any]:
    return {
        **_measured([by_label[comparison.a], by_label[comparison.b]]),
        **msgspec.to_builtins(comparison),
        "note": comparison.note,
    }


def _measured(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return on which dataset accuracies are, if it is one, and after which epoch."""
    headers = [entry.header for entry in entries]
    datasets = {(header.dataset, header.modified) for header in headers}
    dataset, modified = datasets.pop() if len(datasets) == 1 else (None, None)
    rules = dict.fromkeys(header.checkpoint for header in headers if header.checkpoint)
    return {"dataset": dataset, "modified": modified, "checkpoint": " and ".join(rules) or None}


def _asked(entries: Sequence[Entry]) -> list[str]:
    result = entries[0].view(Comparisons)
    return [result.compared] if result and result.compared else []


def _on_new_images(comparisons: Sequence[Comparison]) -> list[str]:
    if not any(comparison.new_images for comparison in comparisons):
        return []
    return [
        "The tests and the interval for these images are over seeds, on these test images; the "
        "interval for new images is of the difference on other images of the same kind."
    ]


def _within(margin: float | None, comparisons: Sequence[Comparison]) -> list[str]:
    if margin is None:
        return []
    corrected = ", corrected" if any(each.comparisons > 1 for each in comparisons) else ""
    return [
        f"Equivalent: within ±{100 * margin:g} percentage points on these test images, by two "
        f"one-sided t-tests (p < {LEVEL}{corrected}). Not shown is not evidence of a difference."
    ]


def _trimmed(comparisons: Sequence[Comparison]) -> list[str]:
    """Say how configurations compare without the extremes, where runs collapsed."""
    known = [(comparison, comparison.trimmed) for comparison in comparisons if comparison.trimmed]
    shown = [
        f"{comparison.a} − {comparison.b}: {signed_points(trimmed.difference)} "
        f"({signed_interval(trimmed.interval)}; p = {p_text(trimmed.p_adjusted)})"
        for comparison, trimmed in known[:MOST_TRIMMED]
    ]
    if not shown:
        return []
    more = f"; {len(known) - MOST_TRIMMED} more are in JSON" if len(known) > MOST_TRIMMED else ""
    return [
        "Runs collapsed, which inflates the spread that tests are made with. Trimmed by a fifth at "
        f"either end (Yuen 1974; it assumes symmetric differences): {'; '.join(shown)}{more}."
    ]


def _not_compared(entries: Sequence[Entry]) -> list[str]:
    if len({entry.header.test_fingerprint for entry in entries}) == 1:
        return []
    return ["Configurations with different test images are not compared."]


def _left_out(entries: Sequence[Entry]) -> list[str]:
    """Say that comparisons with configurations that are not shown are left out."""
    count = left_out_of(entries)
    return [f"{count:,} comparisons with configurations that are not shown here."] if count else []
