"""The results of a study, read from its folder."""

from pathlib import Path

import pytest

from fake_engine import FakeEngine
from seedbed.core.errors import StoreError
from seedbed.core.seal import sealed
from seedbed.study.results import StudyResults, read_results
from seedbed.study.store.study import StudyStore
from sentences import Sentence
from small import run_small, small_study


@pytest.fixture
def store(tmp_path: Path) -> StudyStore:
    return run_small(small_study(tmp_path / "data"), tmp_path / "study")


def seeds(results: StudyResults) -> list[int | str]:
    (only,) = results.configurations
    return [run.record.seed for run in only.finished]


def test_the_runs_of_a_study_in_the_order_of_its_seeds(store: StudyStore, tmp_path: Path) -> None:
    run_small(small_study(tmp_path / "data", seeds="[2, 0, 1]"), store.folder)
    results = read_results(store)
    assert results.name == "small"
    assert seeds(results) == [2, 0, 1]
    assert results.other_runs == 0
    assert results.damaged == []


def test_only_what_study_toml_asks_for_counts(store: StudyStore, tmp_path: Path) -> None:
    run_small(small_study(tmp_path / "data", seeds="[0, 5]"), store.folder)
    assert (seeds(read_results(store)), read_results(store).other_runs) == ([0, 5], 2)
    run_small(small_study(tmp_path / "data", seeds="1", epochs=2), store.folder)
    assert (seeds(read_results(store)), read_results(store).other_runs) == ([0], 4)


def test_unfinished_and_damaged_runs_are_named_and_do_not_count(store: StudyStore) -> None:
    runs = [store.run(run_id) for run_id in store.run_ids()]
    runs[0].predictions_file.unlink()
    runs[2].record_file.unlink()
    results = read_results(store)
    assert seeds(results) == [1]
    assert results.configurations[0].unfinished_seeds == [0, 2]
    assert results.damaged == [
        f"{runs[0].folder.name} is damaged: predictions.npz is missing",
        f"{runs[2].folder.name} is damaged: run.json is missing",
    ]


def test_a_run_that_may_not_be_used_does_not_keep_the_others_from_being_read(
    store: StudyStore,
) -> None:
    newer, *_ = (store.run(run_id) for run_id in store.run_ids())
    contents = newer.record_file.read_bytes()
    newer.record_file.write_bytes(sealed(contents.replace(b'"format": 3', b'"format": 99')))
    results = read_results(store)
    assert seeds(results) == [1, 2]
    assert results.configurations[0].unfinished_seeds == [0]
    (line,) = results.damaged
    assert line.startswith(f"{newer.folder.name} is left out: ")
    for run_id in store.run_ids()[1:]:
        store.run(run_id).set_aside()
    with pytest.raises(StoreError) as error:
        read_results(store)
    assert error.value.where == str(store.folder)
    assert newer.folder.name in error.value.what


def test_an_edited_study_file_is_named(store: StudyStore) -> None:
    text = store.study_file.read_text(encoding="utf-8")
    store.study_file.write_text(text.replace('name = "small"', 'name = "large"'), encoding="utf-8")
    assert read_results(store).damaged == ["study.toml was changed after it was written"]


def test_diverged_runs_are_kept_apart(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", more="learning_rate = 1e30")
    results = read_results(run_small(spec, tmp_path / "study", FakeEngine()))
    assert seeds(results) == []
    assert [run.record.diverged_epoch for run in results.configurations[0].diverged] == [1, 1, 1]


def test_a_study_without_a_finished_run_is_one_line(store: StudyStore, sentence: Sentence) -> None:
    for run_id in store.run_ids():
        store.run(run_id).set_aside()
    with pytest.raises(StoreError) as error:
        read_results(store)
    assert error.value.where == str(store.folder)
    sentence(error.value)
