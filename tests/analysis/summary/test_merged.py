"""Several studies as one list of entries; what is refused is tested with ``seedbed compare``."""

from pathlib import Path
from typing import Any

import pytest

from made_entries import made_entry
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.analysis.summary.merged import Summarized, merge_studies


def found(folder: str, *labels: str, name: str = "mine", **changes: Any) -> Summarized:
    study = {"name": name, "other_runs": 1, "damaged": [f"run-{name} is damaged"]}
    return Summarized(Path(folder), [made_entry(each, study=study, **changes) for each in labels])


def test_labels_say_the_study() -> None:
    joined = merge_studies(
        [found("a", "lenet5", name="one"), found("b", "lenet5", "wide", name="two")]
    )
    assert [each["label"] for each in joined] == ["one", "two: lenet5", "two: wide"]
    assert len(comparisons_table(joined).lines) == 3
    assert {each["comparisons"] for line in joined for each in line["comparisons"]} == {3}


def test_a_label_that_says_more_than_the_network_is_kept() -> None:
    joined = merge_studies([found("a", "cnn", name="one"), found("b", "vit", name="two")])
    assert [each["label"] for each in joined] == ["one: cnn", "two: vit"]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (("runs/a", "runs/b"), ["a", "b"]),
        (("may/a", "june/a"), ["may/a", "june/a"]),
    ],
)
def test_studies_of_one_name(folders: tuple[str, str], expected: list[str]) -> None:
    joined = merge_studies([found(each, "lenet5") for each in folders])
    assert [each["label"] for each in joined] == expected


def test_what_is_said_of_the_folders_is_said_of_all() -> None:
    joined = merge_studies([found(each, "lenet5", name=each) for each in ("a", "b", "c")])
    assert joined[0]["study"] == {
        "name": "a, b and c",
        "other_runs": 3,
        "damaged": [f"{each}: run-{each} is damaged" for each in ("a", "b", "c")],
        "compare": None,
        "margin": None,
        "claims": [],
        "baseline": None,
        "looks": [],
        "hash": None,
    }
