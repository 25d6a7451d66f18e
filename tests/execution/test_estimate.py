"""What is left to do: all of it, the rest of it, and how long on so many cores."""

from pathlib import Path

import pytest

from fake_engine import FakeEngine
from seedbed.core.seal import BLANK, sealed
from seedbed.core.seeds import Seeds
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.estimate import Estimate, Plan, estimate
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.selection import Selection
from seedbed.study.store.study import StudyStore
from small import StopAfterEvery, run_small, small_study

GRID = ["recipe.learning_rate=[0.01, 0.1]"]


def ahead(tmp_path: Path, *only: str, seeds: str = "3") -> tuple[Estimate, ...]:
    study = LoadedStudy.load(small_study(tmp_path / "data", seeds=seeds, settings=GRID))
    store, selection = StudyStore(tmp_path / "study"), Selection.parse(only, [])
    return estimate(study, store, FakeEngine(), threads=2, selection=selection)


def test_before_anything_is_trained_all_is_left(tmp_path: Path) -> None:
    first, second = ahead(tmp_path)
    assert [each.configuration.label for each in (first, second)] == [
        "learning_rate=0.01",
        "learning_rate=0.1",
    ]
    assert (first.done, len(first.left)) == (0, 3)
    assert min(first.left) > 0
    assert first.left == second.left  # measured once
    assert not (tmp_path / "study").exists()


def test_what_has_ended_is_not_left(tmp_path: Path) -> None:
    run_small(small_study(tmp_path / "data", seeds="2", settings=GRID), tmp_path / "study")
    assert [(each.done, len(each.left)) for each in ahead(tmp_path)] == [(2, 1), (2, 1)]
    assert [each.left for each in ahead(tmp_path, seeds="2")] == [(), ()]
    (only,) = ahead(tmp_path, "learning_rate=0.1")
    assert only.configuration.recipe.learning_rate == 0.1


def test_what_has_been_begun_takes_less(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", settings=GRID)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "study", FakeEngine(), StopAfterEvery(3), threads=1)
    first, _ = ahead(tmp_path)
    assert first.left[0] < first.left[1] == first.left[2]


def test_a_newer_run_is_left_out_and_named(tmp_path: Path) -> None:
    store = run_small(small_study(tmp_path / "data", settings=GRID), tmp_path / "study")
    record = store.run(store.run_ids()[0]).record_file
    record.write_bytes(sealed(f'{{"checksum": "{BLANK}", "format": 99}}'.encode()))
    estimates = ahead(tmp_path)
    assert [each.left for each in estimates] == [(), ()]
    assert sorted(each.done for each in estimates) == [2, 3]
    (line,) = [line for each in estimates for line in each.left_out]
    assert str(record) in line


def test_cores_share_the_epochs_but_not_a_run(tmp_path: Path) -> None:
    (configuration,) = small_study(tmp_path).configurations
    estimates = (Estimate(configuration, 0, (10.0, 10.0)), Estimate(configuration, 0, (10.0,)))

    def seconds(threads: int, estimates: tuple[Estimate, ...] = estimates) -> float:
        return Plan(
            "small", ("images",), (Seeds(run=0), Seeds(run=1)), estimates, threads, 0
        ).seconds

    assert [seconds(threads) for threads in (1, 2, 8)] == [30, 15, 10]
    assert seconds(8, ()) == 0
    # Of these, four cores can share a run.
    shared = (Estimate(configuration, 0, (10.0,), cores=4),)
    assert [seconds(threads, shared) for threads in (1, 2, 8)] == [10, 5, 2.5]


def test_as_many_cores_share_a_run_as_its_batches_have_groups(tmp_path: Path) -> None:
    settings = ["recipe.batch_size=[16, 40]"]
    study = LoadedStudy.load(small_study(tmp_path / "data", settings=settings))
    store = StudyStore(tmp_path / "study")
    native = estimate(study, store, NativeEngine(), threads=2)
    assert [each.cores for each in native] == [1, 3]
    assert [each.cores for each in estimate(study, store, FakeEngine(), threads=2)] == [1, 1]
