"""The tables of the response to label noise."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.captions import identity, look_notes, notes_of, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.shown_intervals import COLUMNS, ends
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


def noise_response_table(entries: Sequence[Entry]) -> Report:
    """Return the trend and the fall of each method, and the differences of falls."""
    responses, differences = responses_of(entries), differences_of(entries)
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
    if differences:
        tables.append(
            Table(
                title(entries, "differences of falls under label noise"),
                ("A", "B", "noise", "n", "fall of A − fall of B", *INTERVALS),
                (tuple(map(_difference_row, differences)),),
                ("Above 0, noise lowers the accuracy of A more. Paired by seed.",),
                text=(0, 1, 2),
            )
        )
    return Report(
        tuple(tables),
        (
            *("row", "dataset", "checkpoint", "a", "b"),
            *("noise", "lowest", "highest", "n", "mean", "std", *COLUMNS),
        ),
        flattened(map(_lines, entries)),
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


def _lines(entry: Entry) -> Iterator[tuple[Any, ...]]:
    for row, *names, contrast in _contrasts(responses_of([entry]), differences_of([entry])):
        yield (
            *(row, entry.header.dataset, entry.header.checkpoint, *names),
            *(contrast.n, contrast.mean, contrast.std),
            *ends(contrast.interval, contrast.interval_new_images),
        )


def _contrasts(
    responses: Sequence[Response], differences: Sequence[FallDifference]
) -> Iterator[tuple[Any, ...]]:
    for response in responses:
        names = (response.method, None, response.noise, response.levels[0], response.levels[-1])
        yield ("trend", *names, response.trend)
        yield ("fall", *names, response.fall)
    for each in differences:
        yield ("difference", each.a, each.b, each.noise, *each.levels, each.difference)


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
