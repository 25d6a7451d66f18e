"""The tables of the response to label noise."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.captions import identity, look_notes, notes_of, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.shown_intervals import ENDS, columns_of, values_of
from seedbed.analysis.statistics.contrasts.result import Contrast
from seedbed.analysis.subjects.noise_response.result import (
    FallDifference,
    Response,
    corrected_over,
    differences_of,
    responses_of,
)
from seedbed.display.formatters import NONE, flattened, signed_points
from seedbed.display.sentence import signed_interval
from seedbed.display.table import Report, Row, Table

INTERVALS: Final = ("95% interval, these images", "new images")
LEVELS: Final = ("noise", "lowest", "highest", "n")


def noise_response_table(entries: Sequence[Entry]) -> Report:
    """Return the trend and the fall of each method; below them, for people, how falls differ."""
    responses = responses_of(entries)
    tests = corrected_over(entries)
    correction = (
        f" The intervals are corrected over {tests} tests of the study: together they hold with "
        "95%."
        if tests > 1
        else ""
    )
    tables = [
        Table(
            title(entries, "response to label noise, in percentage points of test accuracy,"),
            (
                "method",
                "noise",
                "n",
                "trend for 10 points more noise",
                *INTERVALS,
                "fall from the lowest level to the highest",
                *INTERVALS,
            ),
            (tuple(map(_row, responses)),),
            (
                *(() if responses else ("No method has two levels of one kind of noise.",)),
                "Trend: the least-squares line through the levels of a seed, mean over n seeds. "
                f"Fall: accuracy at the lowest level minus that at the highest.{correction}",
                *look_notes(entries),
                *notes_of(entries),
            ),
            text=(0, 1),
        )
    ]
    if differences_of(entries):
        tables.append(_differences(entries))
    return Report(
        tuple(tables),
        ("dataset", "checkpoint", "method", *LEVELS, *columns_of("trend", "fall")),
        flattened(
            _lines(
                entry,
                (
                    ((of.method,), of.noise, of.levels, (of.trend, of.fall))
                    for of in responses_of([entry])
                ),
            )
            for entry in entries
        ),
        [
            identity(entry)
            | {
                "noise_responses": msgspec.to_builtins(responses_of([entry])),
                "fall_differences": msgspec.to_builtins(differences_of([entry])),
                "tests": corrected_over([entry]),
            }
            for entry in entries
        ],
        study_notes(entries),
    )


def fall_differences_table(entries: Sequence[Entry]) -> Report:
    """Return how the falls of methods differ."""
    return Report(
        (_differences(entries, notes_of(entries)),),
        ("dataset", "checkpoint", "a", "b", *LEVELS, "difference", "std", *ENDS),
        flattened(
            _lines(
                entry,
                (
                    ((of.a, of.b), of.noise, of.levels, (of.difference,))
                    for of in differences_of([entry])
                ),
            )
            for entry in entries
        ),
        [
            identity(entry) | {"fall_differences": msgspec.to_builtins(differences_of([entry]))}
            for entry in entries
        ],
        study_notes(entries),
    )


def _differences(entries: Sequence[Entry], notes: Sequence[str] = ()) -> Table:
    differences = differences_of(entries)
    return Table(
        title(entries, "differences of falls under label noise"),
        ("A", "B", "noise", "n", "fall of A − fall of B", *INTERVALS),
        (tuple(map(_difference_row, differences)),),
        (
            *(() if differences else ("No two methods have the same levels of one noise.",)),
            "Above 0, noise lowers the accuracy of A more. Paired by seed.",
            *notes,
        ),
        text=(0, 1, 2),
    )


_Known = tuple[tuple[str, ...], str, Sequence[float], tuple[Contrast, ...]]
"""Names, kind of noise, its levels, and what is known of them."""


def _lines(entry: Entry, known: Iterable[_Known]) -> tuple[tuple[Any, ...], ...]:
    same = (entry.header.dataset, entry.header.checkpoint)
    return tuple(
        (*same, *names, noise, levels[0], levels[-1], contrasts[0].n, *values_of(*contrasts))
        for names, noise, levels, contrasts in known
    )


def _row(response: Response) -> Row:
    noise = f"{response.noise}, {100 * response.levels[0]:.4g} to {100 * response.levels[-1]:.4g}%"
    return (
        response.method,
        noise,
        str(response.trend.n),
        *_cells(response.trend),
        *_cells(response.fall),
    )


def _difference_row(each: FallDifference) -> Row:
    return (each.a, each.b, each.noise, str(each.difference.n), *_cells(each.difference))


def _cells(contrast: Contrast) -> Row:
    intervals = (contrast.interval, contrast.interval_new_images)
    return (
        signed_points(contrast.mean),
        *(NONE if one is None else signed_interval(one) for one in intervals),
    )
