"""What tests of pages share."""

from pathlib import Path

import pytest

import summaries
from page_reports import STUDIES, Reports
from seedbed.report.page.file import write_report


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    """The page of a study, which is made when it is asked for first."""
    made: dict[str, Path] = {}

    def report(name: str) -> Path:
        if name not in made:
            study = STUDIES[name](tmp_path_factory.mktemp("study"))
            made[name] = write_report(study, summaries.entries_of(study)).file
        return made[name]

    return report
