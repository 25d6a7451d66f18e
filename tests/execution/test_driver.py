"""Running a study: what is missing is trained, however often it was stopped or killed before."""

import errno
import itertools
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_engine import FakeEngine
from kernels import engine_logits
from seedbed.core.errors import DataError, NetworkError, StoreError
from seedbed.core.seal import BLANK, sealed
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.driver import execute
from seedbed.execution.local import LocalExecutor
from seedbed.execution.monitor import RunProgress
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.run import RunStore
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord, Observer
from sentences import Sentence
from small import (
    Remembering,
    StopAfterEvery,
    bound,
    contents,
    loaded,
    run_small,
    runs,
    small_study,
)

KILLED = 9
HELPERS = Path(__file__).parents[1] / "helpers"
SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def spec(tmp_path: Path) -> StudySpec:
    return small_study(tmp_path / "data")


@pytest.fixture
def reference(spec: StudySpec, tmp_path: Path) -> dict[str, Any]:
    """What an uninterrupted run of the study makes."""
    return contents(run_small(spec, tmp_path / "reference"))


def test_every_run_is_trained_and_stored(spec: StudySpec, tmp_path: Path) -> None:
    monitor = Remembering()
    store = run_small(spec, tmp_path / "study", monitor=monitor)
    assert len(store.run_ids()) == 3
    study = LoadedStudy.load(spec)
    (dataset,) = study.datasets.values()
    for run, planned in zip(runs(store), plan_runs(study.spec), strict=True):
        stored = loaded(run)
        assert stored.record.id == planned.id
        assert stored.record.status == "finished"
        assert [each.epoch for each in stored.history] == [1, 2, 3, 4]
        logits, labels = run.predictions()
        np.testing.assert_array_equal(labels, dataset.test.labels)
        again = engine_logits(FakeEngine(), study.task(planned), run.weights(), dataset.test.images)
        np.testing.assert_array_equal(logits, again)
        assert (logits.argmax(axis=1) == labels).mean() == stored.history[-1].test_accuracy
    assert store.read_study() == study.spec
    assert monitor.notices == []
    assert [(run.run, run.epochs, run.epochs_done, run.images) for run in monitor.begun] == [
        ("seed 0", 4, 0, 60),
        ("seed 1", 4, 0, 60),
        ("seed 2", 4, 0, 60),
    ]
    assert monitor.ended_before == 0
    assert monitor.calls[-1] == ("end",)
    for run_number in range(3):
        mine = [call for call in monitor.calls if call[1:2] == (run_number,)]
        assert sum(call[2] for call in mine if call[0] == "images") == 4 * 60
        assert [call[2] for call in mine if call[0] == "epoch"] == [1, 2, 3, 4]
        assert mine[-1] == ("run", run_number, None)


def test_nothing_is_trained_twice(spec: StudySpec, tmp_path: Path) -> None:
    store = run_small(spec, tmp_path / "study")
    before = {file: file.stat().st_mtime_ns for file in store.folder.rglob("*.*")}
    engine, monitor = FakeEngine(), Remembering()
    run_small(spec, tmp_path / "study", engine, monitor)
    assert engine.trained == []
    assert {file: file.stat().st_mtime_ns for file in store.folder.rglob("*.*")} == before
    assert (monitor.begun, monitor.ended_before) == ([], 3)


def test_more_seeds_train_only_what_is_missing(spec: StudySpec, tmp_path: Path) -> None:
    run_small(spec, tmp_path / "study")
    engine, monitor = FakeEngine(), Remembering()
    more = small_study(tmp_path / "data", seeds="5")
    store = run_small(more, tmp_path / "study", engine, monitor)
    assert {seed for seed, _ in engine.trained} == {3, 4}
    assert monitor.notices == [f"{store.study_file} has changed: seeds = 5 (was 3)"]


def test_other_settings_keep_their_runs_beside(spec: StudySpec, tmp_path: Path) -> None:
    store = run_small(spec, tmp_path / "study")
    before = {file: file.read_bytes() for file in store.runs_folder.rglob("*.*")}
    run_small(small_study(tmp_path / "data", epochs=2), tmp_path / "study")
    assert len(store.run_ids()) == 6
    assert {file: file.read_bytes() for file in before} == before


EPOCHS = 4
"""Of the runs of a small study."""


def kept_epochs(monitor: Remembering) -> int:
    """Return how many epochs Ctrl-C cannot take: the last one of a run is kept with its end."""
    kept = 0
    for call in monitor.calls:
        kept += call[0] == "run" or (call[0] == "epoch" and call[2] < EPOCHS)
    return kept


class StopAfter(Remembering):
    """Presses Ctrl-C as soon as so many epochs have been stored."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs
        self.pressed = 0.0

    def tick(self) -> None:
        if kept_epochs(self) >= self._epochs and not self.pressed:
            self.pressed = time.monotonic()
            raise KeyboardInterrupt


def test_ctrl_c_stops_soon_and_nothing_is_lost(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any]
) -> None:
    folder = tmp_path / "study"
    done = 0
    for _ in range(20):
        engine, monitor = FakeEngine(delay=0.02), StopAfter(2)
        try:
            run_small(spec, folder, engine, monitor)
        except KeyboardInterrupt:
            assert time.monotonic() - monitor.pressed < 5  # a second is the promise, if idle
            assert monitor.calls[-1] == ("end",)
            # What was stored before is not trained again.
            before = sum(run.epochs_done for run in monitor.begun)
            assert before + EPOCHS * monitor.ended_before == done
            stored = [loaded(run) for run in runs(StudyStore(folder))]
            assert (
                sum(len(run.history) for run in stored) >= done + kept_epochs(monitor) >= done + 2
            )
            done = sum(len(run.history) for run in stored)
        else:
            break
    assert done >= 4
    assert contents(StudyStore(folder)) == reference


def test_a_run_shorter_than_the_interval_has_no_checkpoint(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    original = RunStore.save_epochs

    def counting(self: RunStore, record: Any, history: Any, *arguments: Any) -> None:
        saved.append(len(history))
        original(self, record, history, *arguments)

    monkeypatch.setattr(RunStore, "save_epochs", counting)
    for interval, epochs in ((600.0, []), (0.0, [1, 2, 3])):
        folder = tmp_path / f"{interval}"
        store = run_small(spec, folder, threads=1, checkpoint_interval=interval)
        assert contents(store) == reference
        assert saved == 3 * epochs
        saved.clear()


@pytest.mark.parametrize("stopped_after", [1, 3, 4, 6])
def test_ctrl_c_writes_the_checkpoints_that_are_not_due(
    stopped_after: int, spec: StudySpec, tmp_path: Path, reference: dict[str, Any]
) -> None:
    class Stopping(Remembering):
        def epoch_finished(self, run: int, record: EpochRecord) -> None:
            super().epoch_finished(run, record)
            if sum(call[0] == "epoch" for call in self.calls) == stopped_after:
                raise KeyboardInterrupt

    folder, engine = tmp_path / "study", FakeEngine(delay=0.001)
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, folder, engine, Stopping(), threads=1, checkpoint_interval=600.0)
    stored = [loaded(run) for run in runs(StudyStore(folder))]
    assert sum(len(run.history) for run in stored) == stopped_after
    again = FakeEngine()
    run_small(spec, folder, again, threads=1, checkpoint_interval=600.0)
    assert len(again.trained) == 12 - stopped_after
    assert contents(StudyStore(folder)) == reference


def test_a_checkpoint_is_written_while_the_run_waits_for_its_next_epoch(
    spec: StudySpec, tmp_path: Path
) -> None:
    class Slow(FakeEngine):
        """Stays in the second epoch until the first one is stored."""

        def _step(self, task: Any, *arguments: Any) -> tuple[float, float]:
            if len(self.trained) == 1:
                deadline = time.monotonic() + 30
                while not list((tmp_path / "study").glob("runs/*/checkpoint.*")):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
            return super()._step(task, *arguments)

    run_small(spec, tmp_path / "study", Slow(), threads=1, checkpoint_interval=0.3)


def in_a_child(work: Callable[[], object]) -> int:
    """Do it in a forked process, and return its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


KILLS = {
    ("replace", 0.0): 15,
    ("fsync", 0.0): 15,
    ("unlink", 0.0): 2,
    ("mkdir", 0.0): 3,
    # Runs that end before their first checkpoint.
    ("fsync", 600.0): 9,
    ("rename", 600.0): 2,
    ("mkdir", 600.0): 3,
}
"""Calls of the system and seconds between checkpoints -> at how many calls a kill is tried."""


@pytest.mark.parametrize(("step", "interval"), list(KILLS))
def test_a_kill_at_any_point_is_recovered_from(step: str, interval: float, tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="2", epochs=3)
    reference = contents(run_small(spec, tmp_path / "reference"))
    original = getattr(os, step)

    def killed_at(point: int, folder: Path) -> int:
        calls = itertools.count()

        def dying(*arguments: Any, **options: Any) -> Any:
            if next(calls) == point:
                os._exit(KILLED)
            return original(*arguments, **options)

        def work() -> None:
            setattr(os, step, dying)
            run_small(spec, folder, threads=1, checkpoint_interval=interval)

        return in_a_child(work)

    points = 0
    for point in range(100):
        folder = tmp_path / f"killed-{point}"
        if killed_at(point, folder) != KILLED:
            break
        points += 1
        monitor = Remembering()
        store = run_small(spec, folder, monitor=monitor)
        assert contents(store) == reference
        assert monitor.notices == []
        assert not list(folder.rglob("*.partial"))
    assert points >= KILLS[step, interval]


def test_a_real_kill_is_recovered_from(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any]
) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom fake_engine import FakeEngine\n"
        "from small import run_small\nfrom seedbed.study.spec.reader import load_study\n"
        "run_small(load_study(sys.argv[1]), Path(sys.argv[2]), FakeEngine(delay=0.01))\n"
    )
    study = tmp_path / "small.toml"
    study.write_text(spec.to_toml(), encoding="utf-8")
    store = StudyStore(tmp_path / "study")
    deadline = time.monotonic() + 30
    interrupted = 0
    for checkpoints in (1, 2, 3):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(study), str(store.folder)],
            env={**os.environ, "PYTHONPATH": f"{HELPERS}{os.pathsep}{SOURCES}"},
        ) as process:
            while len([*store.runs_folder.glob("*/checkpoint.*"), *finished(store)]) < checkpoints:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        interrupted += len(list(store.runs_folder.glob("*/checkpoint.safetensors")))
    assert interrupted > 0
    run_small(spec, store.folder)
    assert contents(store) == reference


def finished(store: StudyStore) -> Iterator[Path]:
    return store.runs_folder.glob("*/weights.safetensors")


def test_a_damaged_run_is_set_aside_and_trained_again(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any], sentence: Sentence
) -> None:
    store = run_small(spec, tmp_path / "study")
    damaged = runs(store)[1]
    damaged.weights_file.write_bytes(b"nonsense")
    engine, monitor = FakeEngine(), Remembering()
    run_small(spec, store.folder, engine, monitor)
    assert {seed for seed, _ in engine.trained} == {1}
    name = damaged.folder.name
    (notice,) = monitor.notices
    assert name in notice
    assert f"{name}.damaged-1" in notice
    assert "weights.safetensors" in notice
    sentence(notice.replace(name, "RUN"))
    aside = damaged.folder.with_name(f"{name}.damaged-1")
    assert (aside / "weights.safetensors").read_bytes() == b"nonsense"
    after = contents(store)
    assert {key: value for key, value in after.items() if "damaged" not in key} == reference


def test_what_a_killed_process_left_of_a_run_that_has_ended_meanwhile_is_removed(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any]
) -> None:
    store, other = StudyStore(tmp_path / "study"), run_small(spec, tmp_path / "other")

    class Rival(Remembering):
        """Ends a run, and is killed before it removes the checkpoint."""

        def begin(self, waiting: Sequence[RunProgress], ended: int) -> None:
            super().begin(waiting, ended)
            folder = runs(other)[2].folder
            run = shutil.copytree(folder, store.runs_folder / folder.name)
            (run / "checkpoint.safetensors").touch()

    engine = FakeEngine()
    run_small(spec, store.folder, engine, Rival())
    assert {seed for seed, _ in engine.trained} == {0, 1}
    assert contents(store) == reference


def test_a_run_of_a_newer_version_stays_where_it_is(spec: StudySpec, tmp_path: Path) -> None:
    store = run_small(spec, tmp_path / "study")
    newer, damaged, _ = runs(store)
    written = sealed(f'{{"checksum": "{BLANK}", "format": 99}}'.encode())
    newer.record_file.write_bytes(written)
    shutil.rmtree(damaged.folder)
    engine, monitor = FakeEngine(), Remembering()
    run_small(spec, store.folder, engine, monitor)
    assert {seed for seed, _ in engine.trained} == {1}
    assert newer.record_file.read_bytes() == written
    assert monitor.ended_before == 1
    (notice,) = monitor.notices
    assert str(newer.record_file) in notice


@pytest.mark.parametrize("kind", ["a file", "a broken link", "run.json is a folder"])
def test_what_stands_where_a_run_should_is_set_aside(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any], kind: str
) -> None:
    store = run_small(spec, tmp_path / "study")
    folder = runs(store)[0].folder
    shutil.rmtree(folder)
    if kind == "a file":
        folder.touch()
    elif kind == "a broken link":
        folder.symlink_to("nowhere")
    else:
        (folder / "run.json").mkdir(parents=True)
    run_small(spec, store.folder)
    aside = folder.with_name(f"{folder.name}.damaged-1")
    aside.rename(tmp_path / "aside")
    assert contents(store) == reference


def test_a_run_that_diverges_is_recorded_and_the_others_go_on(
    spec: StudySpec, tmp_path: Path
) -> None:
    monitor = Remembering()
    store = run_small(spec, tmp_path / "study", FakeEngine(diverging=[1]), monitor)
    records = [loaded(run).record for run in runs(store)]
    assert [record.status for record in records] == ["finished", "diverged", "finished"]
    assert records[1].diverged_epoch == 2
    assert ("run", 1, 2) in monitor.calls
    engine = FakeEngine()
    run_small(spec, store.folder, engine)
    assert engine.trained == []  # it would diverge again


def test_a_full_disk_stops_with_one_line_and_spoils_nothing(
    spec: StudySpec, tmp_path: Path, reference: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    original = os.fsync
    for point in (0, 1, 3, 9, 12):
        calls = itertools.count()

        def full(number: int, calls: Iterator[int] = calls, point: int = point) -> None:
            if next(calls) >= point:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            original(number)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StoreError) as error:
                run_small(spec, folder)
            assert isinstance(error.value.__cause__, OSError)
            assert error.value.__cause__.errno == errno.ENOSPC
        assert not list(folder.rglob("*.partial"))
    monitor = Remembering()
    store = run_small(spec, folder, monitor=monitor)
    assert monitor.notices == []
    assert contents(store) == reference


def test_another_engine_does_not_go_on_with_a_run(
    spec: StudySpec, tmp_path: Path, sentence: Sentence
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "study", FakeEngine(delay=0.02), StopAfter(3))
    engine, monitor = FakeEngine(instructions="other"), Remembering()
    store = run_small(spec, tmp_path / "study", engine, monitor)
    assert len(engine.trained) == 12
    names = [run.folder.name for run in runs(store)]
    texts = {re.sub("|".join(names), "RUN", notice) for notice in monitor.notices}
    (text,) = texts
    sentence(text)
    for run in runs(store):
        assert loaded(run).record.engine.instructions == "other"


def test_a_run_that_moves_says_what_trained_it_before(
    spec: StudySpec, tmp_path: Path, sentence: Sentence
) -> None:
    def canonical(instructions: str) -> FakeEngine:
        engine = FakeEngine(instructions=instructions, delay=0.02)
        engine.facts = replace(engine.facts, canonical=True)
        return engine

    folder, monitor = tmp_path / "study", Remembering()
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, folder, canonical("avx2"), StopAfterEvery(3), threads=1)
    engine = canonical("avx512")
    store = run_small(spec, folder, engine, monitor, threads=1)
    assert len(engine.trained) == 12 - 3
    (notice,) = monitor.notices
    sentence(re.sub("-[0-9a-f]{10}-", "-ID-", notice.replace(platform.node(), "HOST")))
    records = [loaded(run).record for run in runs(store)]
    (moved,) = [record for record in records if record.moves]
    (move,) = moved.moves
    assert move.engine.instructions == "avx2"
    assert (move.epochs, move.machine.host) == (3, moved.machine.host)
    assert moved.engine.instructions == "avx512"


def test_other_contents_than_the_study_names_are_refused(
    spec: StudySpec, tmp_path: Path, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        run_small(bound(spec, "abc"), tmp_path / "study")
    assert error.value.expected == "abc"
    sentence(re.sub(r"[0-9a-f]{64}", "SHA256", str(error.value)))
    assert not (tmp_path / "study").exists()


def test_what_cannot_be_trained_leaves_no_folder(spec: StudySpec, tmp_path: Path) -> None:
    large = small_study(tmp_path / "data", settings=["dataset.resize=64"])
    with pytest.raises(NetworkError) as error:
        run_small(large, tmp_path / "study")
    assert error.value.where == "lenet5"
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("before", ["the check", "the lock", "study.toml", "the claims"])
def test_the_executor_is_stopped_although_no_training_has_begun(
    spec: StudySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    class Stopped(LocalExecutor):
        stops = 0

        def stop(self) -> None:
            self.stops += 1
            super().stop()

    def fail(*_: Any) -> None:
        raise StoreError("fails", where=before)

    owner, name = {
        "the check": (LoadedStudy, "check"),
        "the lock": (StudyStore, "lock"),
        "study.toml": (StudyStore, "write_study"),
        "the claims": (StudyStore, "declare"),
    }[before]
    study = LoadedStudy.load(spec)
    executor = Stopped(FakeEngine(), study.datasets, threads=1)
    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(StoreError) as error:
        execute(study, StudyStore(tmp_path / "study"), executor, Remembering())
    assert error.value.where == before
    assert executor.stops


def test_an_error_of_the_engine_is_not_hidden(spec: StudySpec, tmp_path: Path) -> None:
    class Broken(FakeEngine):
        def train(self, tasks: Any, observer: Observer, **options: Any) -> None:
            raise defect

    defect, monitor = RuntimeError("a defect"), Remembering()
    with pytest.raises(RuntimeError) as error:
        run_small(spec, tmp_path / "study", Broken(), monitor)
    assert error.value is defect
    assert monitor.calls == [("end",)]


def test_the_real_engine_goes_on_bit_for_bit(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="2", more="augmentation = { shift = 1 }")
    reference = contents(run_small(spec, tmp_path / "reference", NativeEngine()))
    store = StudyStore(tmp_path / "study")
    interrupted = 0
    for epochs in (1, 3, 100):
        try:
            run_small(spec, store.folder, NativeEngine(), StopAfterEvery(epochs))
        except KeyboardInterrupt:
            interrupted += 1
    assert contents(store) == reference
    assert interrupted == 2
