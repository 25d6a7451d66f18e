"""An audit in a terminal."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from seedbed.data.check.findings import FEW
from seedbed.display.escape import printable
from seedbed.display.formatters import percent, shortened
from seedbed.display.sentence import enumerated
from seedbed.display.table import Report, Table
from seedbed.label_errors.result import LabelAudit, Row
from seedbed.label_errors.training import Training
from seedbed.label_errors.truth import Level, Truth
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
    """Yield whether the networks were trained far enough, the noise rate, finds and memorizing."""
    training = audit.training
    if training is not None and training.improving:
        yield _improving(audit, training)
    elif audit.withheld:
        yield _disagreeing(audit)
    for of in audit.splits:
        low, high = of.intervals.rate
        interval = f"{percent(low)} to {percent(high)}"
        labels = f"of the {of.name} split, {len(of.predictions.given):,} labels"
        yield (
            f"Noise rate {labels}: not known, {interval}"
            if audit.withheld
            else f"Noise rate {labels}: {percent(of.noise_rate)} (95% interval {interval})"
        )
    finds = audit.finds
    if finds.count:
        yield (
            f"Finds at a false discovery rate of {percent(finds.fdr, 0)}: {finds.count:,} labels "
            f"with p wrong of {finds.threshold:.3f} or more, of which {finds.expected_wrong:.0f} "
            "are expected to be wrong"
        )
    elif not audit.withheld:
        yield f"No label is suspicious enough for a false discovery rate of {percent(finds.fdr, 0)}"
    if text := _small_classes(audit):
        yield text
    if training is not None and training.memorized is not None:
        text = (
            f"Accuracy on given labels: {100 * training.memorized:.1f} percentage points higher on "
            "trained than on held-out images"
        )
        if training.memorized > MEMORIZED:
            text += "; fewer epochs (--set recipe.epochs=N) memorize less, and may find more"
        yield f"{text}. Only held-out predictions are used."


def _small_classes(audit: LabelAudit) -> str:
    """Say which classes have so few labels that networks hardly learn them."""
    given = audit.splits[0].predictions.given
    counts = np.bincount(given, minlength=len(audit.class_names))
    small = [
        f"{shortened(name, 20)} ({count})"
        for name, count in zip(audit.class_names, counts.tolist(), strict=True)
        if 0 < count < FEW
    ]
    if not small:
        return ""
    return (
        f"Classes with fewer than {FEW} labels: {enumerated(small)}. Networks hardly learn so few "
        "images, so correct labels may look wrong: check these before you correct them."
    )


def _improving(audit: LabelAudit, training: Training) -> str:
    text = (
        f"Networks were still improving: the last quarter of their training brought "
        f"{percent(training.late_gain, 0)} of what they have learned.{_agree(audit)} "
    )
    if audit.withheld:
        text += "Their errors look like wrong labels, so nothing is called a find. "
    epochs = audit.facts.get("epochs")
    more = f"--set recipe.epochs={2 * int(epochs)}" if epochs else "more epochs"
    return f"{text}Train longer ({more})."


def _disagreeing(audit: LabelAudit) -> str:
    return (
        f"Networks disagree too often.{_agree(audit)} Their errors look like wrong labels, so "
        "nothing is called a find. Use a better network (--set network=resnet8), or more images."
    )


def _agree(audit: LabelAudit) -> str:
    agreement = audit.splits[0].agreement
    return "" if agreement is None else f" Two of them agree on {percent(agreement, 0)} of images."


def probability(audit: LabelAudit, row: Row) -> str:
    """Return ``p_wrong`` with three decimals, or as smaller than that, or as unknown."""
    if audit.withheld:
        return "–"
    return f"{row.p_wrong:.3f}" if row.p_wrong >= 0.0005 else "< 0.001"


def _row(audit: LabelAudit, row: Row) -> tuple[str, ...]:
    scores = row.split.scores
    return (
        shortened(row.name),
        row.split.name,
        shortened(audit.class_names[row.given], 20),
        shortened(audit.class_names[row.suggested], 20),
        probability(audit, row),
        f"{scores.votes[row.index]} of {scores.networks[row.index]} runs",
    )


def _truth(truth: Truth) -> Table:
    auroc = "–" if truth.auroc is None else f"{truth.auroc:.4f}"
    return Table(
        f"Held against the truth: {truth.wrong:,} of {truth.labels:,} {truth.split} labels are "
        f"wrong, AUROC {auroc}",
        ("promised FDR", "finds", "achieved FDR", "precision", "recall"),
        (
            tuple(_level(percent(level.promised, 0), level) for level in truth.levels),
            *([(_level("cleanlab", truth.cleanlab),)] if truth.cleanlab else []),
        ),
        text=(),
    )


def _level(name: str, level: Level) -> tuple[str, ...]:
    return (
        name,
        f"{level.finds:,}",
        percent(level.achieved, 1),
        percent(level.precision, 1),
        percent(level.recall, 1),
    )


def _count(audit: LabelAudit) -> int:
    return sum(len(of.predictions.given) for of in audit.splits)
