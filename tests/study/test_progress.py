"""How far a study is, seen from outside of the process that trains it."""

from pathlib import Path

import pytest

import summaries
from seedbed.core.errors import StoreError
from seedbed.study.progress import Standing, read_standing
from seedbed.study.store.study import StudyStore


def test_a_study_that_was_interrupted(tmp_path: Path) -> None:
    store = StudyStore(summaries.unfinished(tmp_path))  # 20 epochs of 6 runs with 8 each
    standing = read_standing(store)
    assert (standing.ended, standing.runs, standing.done) == (2, 6, False)
    assert standing.begun == ((4, 8),)
    assert standing.waiting == (8, 8, 8)
    assert standing.fraction == 20 / 48
    assert str(standing) == "2 of 6 runs have ended; begun, with so much done: epoch 4 of 8"


def test_a_study_that_is_done(tmp_path: Path) -> None:
    store = StudyStore(summaries.diverged(tmp_path))
    standing = read_standing(store)
    assert standing.done
    assert standing.fraction == 1
    assert str(standing) == "6 of 6 runs have ended"


def test_damaged_records_are_still_to_be_trained(tmp_path: Path) -> None:
    store = StudyStore(summaries.single_run(tmp_path))
    (record,) = store.runs_folder.glob("*/run.json")
    for contents in (b"{", b"[]", b"{}", b"\xff"):
        record.write_bytes(contents)
        assert read_standing(store) == Standing(0, (), (8,), 0)


def test_many_that_have_begun_are_counted() -> None:
    standing = Standing(1, ((1, 9), (3, 9), (2, 9), (5, 9), (4, 9)), (9,), 9)
    assert str(standing) == (
        "1 of 7 runs has ended; begun, with so much done: "
        "epoch 5 of 9, epoch 4 of 9, epoch 3 of 9 and 2 more"
    )


def test_where_there_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no study here"):
        read_standing(StudyStore(tmp_path))
