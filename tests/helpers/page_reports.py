"""Pages of studies whose summaries are made up, for tests in a browser."""

from collections.abc import Callable
from pathlib import Path

import summaries
from seedbed.analysis.entry import Entry

STUDIES: dict[str, Callable[[Path], Path]] = {
    "noisy": summaries.noisy,
    "networks": summaries.networks,
    "hostile": summaries.hostile,
    "one class": summaries.one_class,
    "many classes": summaries.many_classes,
    "single run": summaries.single_run,
    "diverged": summaries.diverged,
    "outside": summaries.outside,
}

Reports = Callable[[str], Path]
"""Returns the page of the study of this name, which is made when it is asked for first."""


def entries_of(report: Path) -> list[Entry]:
    return summaries.entries_of(report.parent)
