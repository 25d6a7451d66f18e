"""The part of the page of results that compares networks, from the stored summaries.

``make networks`` trains these studies, which takes some hours, and ``python -m benchmarks.reports``
writes what they found into ``docs/results.md``.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from benchmarks.sections import Section, Summaries, said
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.subjects.cost.table import cost_table
from seedbed.analysis.subjects.robustness.table import robustness_table
from seedbed.analysis.subjects.training_size.series import series_of_networks
from seedbed.analysis.subjects.training_size.table import training_size_table
from seedbed.report.renderers import markdown

TITLES: Final[Mapping[str, str]] = {
    "vit": "A Vision Transformer of 774 KB on MNIST",
    "cifar10-networks": "LeNet-5, ResNet-8 and a Vision Transformer on CIFAR-10",
    "cnn-or-vit": "Do convolutional networks need less data?",
}
"""Of every study."""

REMARKS: Final[Mapping[str, str]] = {
    "vit": "R24 has 97.83 % after 20 epochs with a file of 774 KB. Here:",
}


def network_sections() -> list[Section]:
    """Return the sections that compare networks."""
    return [Section(title, (name,), partial(_blocks, name)) for name, title in TITLES.items()]


def _blocks(name: str, summaries: Summaries) -> list[str]:
    entries = summaries[name]
    remark = [REMARKS[name]] if name in REMARKS else []
    return [*remark, *said(entries), *_tables(entries)]


def _tables(entries: Sequence[Entry]) -> list[str]:
    reports = [accuracy_table(entries), cost_table(entries)]
    if series_of_networks(entries):
        reports.append(training_size_table(entries))
    elif len(entries) > 1:
        reports.append(comparisons_table(entries))
    if any(each["robustness"] for each in entries):
        reports.append(robustness_table(entries))
    return [markdown.render(report).strip() for report in reports]
