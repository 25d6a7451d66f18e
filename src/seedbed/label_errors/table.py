"""An audit in a terminal."""

from collections.abc import Iterator
from typing import Final

from seedbed.display.escape import printable
from seedbed.display.formatters import percent, shortened
from seedbed.display.table import Report, Table
from seedbed.label_errors.result import LabelAudit, Row
from seedbed.label_errors.truth import Truth
from seedbed.report.renderers.text import render

SHOWN: Final = 20
"""Rows of the table."""
MEMORIZED: Final = 0.05
"""Difference of accuracies above which wrong labels have been memorized."""


def lines(audit: LabelAudit, most: int = SHOWN) -> Iterator[str]:
    """Yield the table of the most suspicious labels, and what is known about all of them."""
    yield from render(report(audit, most)).splitlines()
    yield ""
    yield from map(printable, sentences(audit))


def report(audit: LabelAudit, most: int = SHOWN) -> Report:
    """Return the table of the most suspicious labels; with the truth, if it is known."""
    rows = audit.rows(most)
    table = Table(
        f"The {len(rows)} most suspicious of {_count(audit):,} labels in {audit.dataset}",
        ("image", "split", "given", "suggested", "p wrong", "against it"),
        (tuple(_row(audit, row) for row in rows),),
        text=(0, 1, 2, 3),
    )
    return Report((table, *map(_truth, audit.truth)), (), (), None)


def sentences(audit: LabelAudit) -> Iterator[str]:
    """Yield the noise rate, the finds, and whether networks memorized labels."""
    for of in audit.splits:
        low, high = of.intervals.rate
        yield (
            f"Noise rate of the {of.name} split: {percent(of.noise_rate)} of "
            f"{len(of.predictions.given):,} labels (95% interval {percent(low)} to {percent(high)})"
        )
    finds = audit.finds
    if finds.count:
        yield (
            f"Finds at a false discovery rate of {percent(finds.fdr, 0)}: {finds.count:,} labels "
            f"with p wrong of {finds.threshold:.3f} or more, of which {finds.expected_wrong:.0f} "
            "are expected to be wrong"
        )
    else:
        yield f"No label is suspicious enough for a false discovery rate of {percent(finds.fdr, 0)}"
    if audit.memorized is not None:
        text = (
            f"Accuracy on given labels: {100 * audit.memorized:.1f} percentage points higher on "
            "trained than on held-out images"
        )
        if audit.memorized > MEMORIZED:
            text += "; fewer epochs (--set recipe.epochs=N) memorize less, and may find more"
        yield f"{text}. Only held-out predictions are used."


def probability(value: float) -> str:
    """Return a probability with three decimals, or as smaller than that."""
    return f"{value:.3f}" if value >= 0.0005 else "< 0.001"


def _row(audit: LabelAudit, row: Row) -> tuple[str, ...]:
    scores = row.split.scores
    return (
        shortened(row.name),
        row.split.name,
        shortened(audit.class_names[row.given], 20),
        shortened(audit.class_names[row.suggested], 20),
        probability(row.p_wrong),
        f"{scores.votes[row.index]} of {scores.networks[row.index]} runs",
    )


def _truth(truth: Truth) -> Table:
    auroc = "–" if truth.auroc is None else f"{truth.auroc:.4f}"
    return Table(
        f"Held against the truth: {truth.wrong:,} of {truth.labels:,} {truth.split} labels are "
        f"wrong, AUROC {auroc}",
        ("promised FDR", "finds", "achieved FDR", "precision", "recall"),
        (
            tuple(
                (
                    percent(level.promised, 0),
                    f"{level.finds:,}",
                    percent(level.achieved, 1),
                    percent(level.precision, 1),
                    percent(level.recall, 1),
                )
                for level in truth.levels
            ),
        ),
        text=(),
    )


def _count(audit: LabelAudit) -> int:
    return sum(len(of.predictions.given) for of in audit.splits)
