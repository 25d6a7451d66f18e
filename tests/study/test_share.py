"""Shares of a study: every N-th run, whatever is stored."""

from pathlib import Path

import pytest

from seedbed.core.errors import StudyError
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.share import Share
from small import bound, small_study


@pytest.fixture
def planned(tmp_path: Path) -> list[PlannedRun]:
    settings = ["recipe.learning_rate=[0.01, 0.1]"]
    return plan_runs(bound(small_study(tmp_path, seeds="3", settings=settings), "ab" * 32))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9])
def test_shares_neither_overlap_nor_leave_a_run_out(count: int, planned: list[PlannedRun]) -> None:
    shares = [Share(number, count).of(planned) for number in range(1, count + 1)]
    ids = [run.id for share in shares for run in share]
    assert sorted(ids) == sorted(run.id for run in planned)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_share_is_every_nth_run_from_the_kth_on(planned: list[PlannedRun]) -> None:
    assert Share.parse("2/4").of(planned) == [planned[1], planned[5]]


@pytest.mark.parametrize(
    "text", ["0/4", "5/4", "4", "1/0", "-1/4", "a/b", "1/4/2", "1.0/2", "", " 1/2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(StudyError) as error:
        Share.parse(text)
    assert error.value.where == "share"
    assert repr(text) in error.value.what
