"""Expected calibration error (ECE) and Brier score, a row for each configuration."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.calibration.result import CalibrationOfRuns
from seedbed.display.formatters import percent_spread, spread
from seedbed.display.table import Report, Row, Table

COLUMNS: Final = ("ece", "ece_std", "ece_debiased", "ece_debiased_std", "brier", "brier_std")


def calibration_table(entries: Sequence[Entry]) -> Report:
    """Return how far the confidence of the runs is from their accuracy."""
    results = [entry.view(CalibrationOfRuns) for entry in entries]
    bins = {len(result.calibration.bins.images) for result in results if result}
    of_bins = f" ({', '.join(map(str, sorted(bins)))} bins)" if bins else ""
    return Report(
        (
            Table(
                title(entries, "calibration"),
                ("configuration", "n", "ECE", "ECE, debiased", "Brier score"),
                (tuple(map(_row, entries)),),
                (
                    f"Expected calibration error{of_bins}: the mean distance of confidence from "
                    "accuracy, which is not 0 even for right probabilities. Debiased: less what "
                    "the number of images explains (Kumar et al. 2019). Brier score: the squared "
                    "distance of the probabilities from the label, 0 (best) to 2. Mean ± standard "
                    "deviation over n runs.",
                    *logits_notes(entries, CalibrationOfRuns),
                    *notes_of(entries),
                ),
            ),
        ),
        (*SAME, *COLUMNS),
        tuple(
            (*same_values(entry), *(getattr(result.calibration, column) for column in COLUMNS))
            for entry, result in zip(entries, results, strict=True)
            if result
        ),
        [
            identity(entry)
            | {"calibration": msgspec.to_builtins(result.calibration) if result else None}
            for entry, result in zip(entries, results, strict=True)
        ],
        study_notes(entries),
    )


def _row(entry: Entry) -> Row:
    result, n = entry.view(CalibrationOfRuns), entry.header.n
    ece, brier = result.calibration.aggregates(n) if result else (None, None)
    debiased = result.calibration.debiased(n) if result else None
    return (
        entry.header.label,
        str(n),
        percent_spread(ece),
        percent_spread(debiased),
        spread(brier),
    )
