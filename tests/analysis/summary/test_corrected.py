"""Studies of corrected labels: paired on given test labels, and scored again on corrected ones."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.summary.corrected import evaluate_corrected
from seedbed.analysis.summary.study import refresh_summary
from seedbed.cli.main import main
from seedbed.core.errors import DataError, StoreError
from seedbed.data.catalog import load_dataset
from seedbed.study.spec.reader import parse_study, parse_values
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from small import run_small, write_images

STUDY = """
name = "repair"
dataset = ["digits", { name = "digits", corrections = "corrections.csv" }]
network = "lenet5"
seeds = 2
[recipe]
epochs = 2
batch_size = 64
train_size = 200
"""


def write(file: Path, split: str, indices: range) -> Path:
    """Write corrections that take each label for the next class."""
    images = load_dataset("digits").splits[split]
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("name", "hash", "old", "new"))
        for index in indices:
            label = int(images.labels[index])
            names = images.class_names
            old, new = names[label], names[(label + 1) % len(names)]
            writer.writerow((images.names[index], images.hashes[index], old, new))
    return file


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study with and without corrected training labels."""
    folder = tmp_path_factory.mktemp("repair")
    write(folder / "corrections.csv", "train", range(400))
    (folder / "repair.toml").write_text(STUDY, encoding="utf-8")
    out = folder / "results"
    assert main(["run", str(folder / "repair.toml"), "--out", str(out), "--quiet"]) == 0
    return out


def test_with_and_without_corrections_runs_are_paired_by_seed(repaired: Path) -> None:
    entries = refresh_summary(repaired)
    given, corrected = (entry.header for entry in entries)
    assert given.test_fingerprint == corrected.test_fingerprint
    assert given.dataset != corrected.dataset
    (comparison,) = comparisons_of(entries)
    assert (comparison.a, comparison.b, comparison.n) == (given.label, corrected.label, 2)


def test_a_study_file_may_ask_what_corrections_are_worth(repaired: Path) -> None:
    values = {
        "name": "repair",
        "network": "lenet5",
        "seeds": 1,
        "compare": "dataset.corrections",
        "dataset": ["digits", {"name": "digits", "corrections": "corrections.csv"}],
    }
    spec = parse_values(values, "study", folder=repaired.parent)
    fingerprints = {dataset: dataset.load().fingerprint for dataset in spec.datasets}
    assert len(set(fingerprints.values())) == 2
    spec.with_fingerprints(fingerprints)  # raises if nothing can be compared


def test_stored_predictions_are_scored_on_corrected_test_labels(
    repaired: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "test.csv", "test", range(30))
    found = evaluate_corrected(repaired, file)
    digits = load_dataset("digits").test
    labels = digits.labels.copy()
    labels[:30] = (labels[:30] + 1) % 10
    store = StudyStore(repaired)
    runs = [store.run(run_id) for run_id in store.run_ids()]
    by_hand = set()
    for run in runs:
        predicted = run.predictions()[0].argmax(axis=1)
        by_hand.add(((predicted == digits.labels).mean(), (predicted == labels).mean()))
    assert {(line[2], line[3]) for line in found.report.lines} == by_hand
    assert [entry.header.n for entry in found.entries] == [2, 2]
    assert found.entries[0].header.test_fingerprint == found.entries[1].header.test_fingerprint
    assert main(["evaluate", str(repaired), "--corrections", str(file), "--format", "csv"]) == 0


def test_corrections_of_other_images_do_not_count(repaired: Path) -> None:
    with pytest.raises(DataError) as error:
        evaluate_corrected(repaired, repaired.parent / "corrections.csv")
    assert error.value.where == str(repaired.parent / "corrections.csv")


def test_corrections_are_of_one_of_several_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = write_images(tmp_path)
    spec = parse_study(
        f'name = "two"\ndataset = ["digits", {{ path = "{photos}" }}]\nnetwork = "lenet5"\n'
        "seeds = 2\n[recipe]\nepochs = 1\n",
        "two.toml",
    )
    store = run_small(spec, tmp_path / "study")
    # Names of both datasets are numbers; these are not among those of the other one.
    file = write(tmp_path / "test.csv", "test", range(10, 40))
    found = evaluate_corrected(store.folder, file)
    assert [entry.header.n for entry in found.entries] == [2, 2]
    (table,) = found.report.tables
    assert [note.split()[0] for note in table.notes] == ["30"]

    spoiled = store.run(store.run_ids()[0]).folder
    honest = RunStore.named_predictions

    def one_damaged(run: RunStore) -> Any:
        if run.folder == spoiled:
            raise DataError("is damaged")
        return honest(run)

    monkeypatch.setattr(RunStore, "named_predictions", one_damaged)
    found = evaluate_corrected(store.folder, file)
    assert sorted(entry.header.n for entry in found.entries) == [1, 2]
    assert found.report.tables[0].notes[-1].startswith(spoiled.name)

    monkeypatch.setattr(RunStore, "named_predictions", _damaged)
    with pytest.raises(StoreError) as error:
        evaluate_corrected(store.folder, file)
    assert error.value.where == str(store.folder)
    assert spoiled.name in error.value.what


def _damaged(run: RunStore) -> Any:
    raise DataError("is damaged")


def test_images_and_labels_have_fingerprints_apart() -> None:
    digits = load_dataset("digits").test
    other = type(digits)(digits.images, np.roll(digits.labels, 1), digits.class_names)
    assert other.image_fingerprint == digits.image_fingerprint
    assert other.label_fingerprint != digits.label_fingerprint
