"""The part of the page of results on small medical images, from a stored summary.

``make medical`` trains the study ``examples/medmnist.toml``, and ``python -m benchmarks.reports``
writes what it found into ``docs/results.md``, beside the published figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

from benchmarks.measured import table
from benchmarks.sections import Section, Summaries
from seedbed.analysis.aggregate import Interval
from seedbed.analysis.entry import Entry
from seedbed.analysis.intervals import logit_interval, wilson_interval
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.class_averages import class_averages_of
from seedbed.analysis.subjects.class_averages import table as averages_table
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.subjects.per_class import class_sizes
from seedbed.display.formatters import (
    interval_text,
    percent,
    percent_interval,
    percent_spread,
    spread,
)
from seedbed.display.table import Report
from seedbed.report.renderers import markdown

STUDY: Final = "medmnist"
NORMAL: Final = float(ndtri(0.975))
"""The quantile of the normal distribution for 95%."""


@dataclass(frozen=True)
class Published:
    """Figures of ResNet-18 on 28×28 pixels, fractions."""

    title: str
    accuracy: float
    auc: float


PUBLISHED: Final[Mapping[str, Published]] = {
    "breastmnist": Published("BreastMNIST", 0.863, 0.901),
    "pneumoniamnist": Published("PneumoniaMNIST", 0.854, 0.944),
}
"""Yang et al. 2023, "MedMNIST v2", Scientific Data 10, Table 3."""

INTRODUCTION: Final = (
    "MedMNIST v2 with its official splits. Learning rates were chosen by `seedbed tune` from two "
    "candidates with two seeds, on the validation images; the test images were used once, for "
    "these runs, at their last epoch. The published figures (Yang et al. 2023, Table 3) are means "
    "of at least three runs of a ResNet-18 of 11 million parameters after 100 epochs, at the "
    "epoch with the best validation AUC, without a spread."
)


def medical_section() -> Section:
    """Return the section on small medical images."""
    return Section("Small medical images", (STUDY,), medical_blocks)


def medical_blocks(summaries: Summaries) -> list[str]:
    """Return sentences and tables as Markdown, of the summary of the study."""
    entries = summaries[STUDY]
    return [
        INTRODUCTION,
        *(block for name in PUBLISHED for block in _of_dataset(name, entries)),
        _render(averages_table(entries)),
        *([_render(comparisons_table(entries))] if comparisons_of(entries) else []),
    ]


def _of_dataset(name: str, entries: Sequence[Entry]) -> list[str]:
    published, rows = PUBLISHED[name], []
    of_dataset = [entry for entry in entries if entry["dataset"] == name]
    if not of_dataset:
        return []
    for entry in of_dataset:
        accuracy, averages = accuracy_of(entry).test_accuracy, class_averages_of(entry)
        auc = averages.macro_auc if averages else None
        rows.append(
            (
                entry.header.label,
                str(entry.header.n),
                percent_spread(accuracy),
                percent_interval(accuracy.interval_new_images),
                spread(auc, 3),
                interval_text(auc.interval_new_images if auc else None, 3),
            )
        )
    sizes = class_sizes(of_dataset[0])
    images = sum(sizes)
    of_accuracy = wilson_interval(published.accuracy * images, images)
    of_auc = auc_interval(published.auc, *sizes[:2])
    rows.append(
        (
            "ResNet-18, published",
            "≥ 3",
            percent(published.accuracy, 1),
            percent_interval(of_accuracy),
            f"{published.auc:.3f}",
            interval_text(of_auc, 3),
        )
    )
    head = ("network", "n", "test accuracy", "95%, new images", "AUC", "95%, new images ")
    return [
        f"### {published.title}",
        table(head, rows),
        f"What {images} test images ({' and '.join(map(str, sizes))} of the two classes) leave "
        f"open: of a network that is right in {percent(published.accuracy, 1)} of them, the 95% "
        f"interval on other images of the same kind is {percent_interval(of_accuracy)} (Wilson "
        f"1927); of an AUC of {published.auc:.3f}, it is {interval_text(of_auc, 3)} (Hanley and "
        "McNeil 1982). These are the intervals of the published row. Ours hold the spread over "
        "seeds, too.",
    ]


def auc_interval(auc: float, negatives: int, positives: int) -> Interval:
    """Return the 95% interval of an AUC of which nothing else is known, on the logit scale.

    The standard error is that of Hanley and McNeil, The meaning and use of the area under a
    receiver operating characteristic (ROC) curve, Radiology 143, 1982, equation 2.
    """
    both_above, both_below = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (both_above - auc**2)
    variance += (negatives - 1) * (both_below - auc**2)
    return logit_interval(auc, NORMAL * math.sqrt(variance / (positives * negatives)))


def _render(report: Report) -> str:
    return markdown.render(report).strip()
