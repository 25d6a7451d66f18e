"""One small study, trained once, of which all documents are made."""

from pathlib import Path

import pytest

import seedbed
from seedbed.report.documents.formats import NAMES


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of two learning rates with two seeds each."""
    folder = tmp_path_factory.mktemp("documents") / "digits"
    seedbed.run(
        {
            "name": "digits",
            "dataset": "digits",
            "network": "lenet5",
            "seeds": 2,
            "recipe": {"epochs": 2, "batch_size": 32, "learning_rate": [0.01, 0.05]},
        },
        out=folder,
        quiet=True,
    )
    return folder


@pytest.fixture(scope="session")
def written(digits: Path) -> dict[str, Path]:
    """Every document of that study, by its format."""
    study = seedbed.open(digits)
    return {form: study.document(form, title="My title", author="A. Student") for form in NAMES}
