"""The progress of a study, as another process sees it."""

from pathlib import Path

import pytest

import summaries
from seedbed.core.errors import StoreError
from seedbed.study.progress import StudyProgress, read_progress
from seedbed.study.store.study import StudyStore


def test_a_study_that_was_interrupted(tmp_path: Path) -> None:
    store = StudyStore(summaries.unfinished(tmp_path))  # 20 epochs of 6 runs with 8 each
    progress = read_progress(store)
    assert (progress.done, progress.runs, progress.complete) == (2, 6, False)
    assert progress.in_progress == ((4, 8),)
    assert progress.waiting == (8, 8, 8)
    assert progress.fraction == 20 / 48
    assert str(progress) == "2 of 6 runs done; in progress: epoch 4 of 8"


def test_a_study_that_is_done(tmp_path: Path) -> None:
    store = StudyStore(summaries.diverged(tmp_path))
    progress = read_progress(store)
    assert progress.complete
    assert progress.fraction == 1
    assert str(progress) == "6 of 6 runs done"


def test_damaged_records_are_still_to_be_trained(tmp_path: Path) -> None:
    store = StudyStore(summaries.single_run(tmp_path))
    (record,) = store.runs_folder.glob("*/run.json")
    for contents in (b"{", b"[]", b"{}", b"\xff"):
        record.write_bytes(contents)
        assert read_progress(store) == StudyProgress(0, (), (8,), 0)


def test_many_that_have_begun_are_counted() -> None:
    progress = StudyProgress(1, ((1, 9), (3, 9), (2, 9), (5, 9), (4, 9)), (9,), 9)
    assert str(progress) == (
        "1 of 7 runs done; in progress: epoch 5 of 9, epoch 4 of 9, epoch 3 of 9 and 2 more"
    )


def test_where_there_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        read_progress(StudyStore(tmp_path))
    assert error.value.where == str(tmp_path)
