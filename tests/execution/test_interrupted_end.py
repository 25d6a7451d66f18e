"""What stops a study just after a run has ended on the disk: the run is finished, and stays so."""

from pathlib import Path

import pytest

from fake_engine import FakeEngine
from seedbed.execution.storing.writer import Writer
from seedbed.study.store import index
from seedbed.study.store.names import CHECKPOINT
from seedbed.study.store.run import RunStore
from small import Remembering, contents, run_small, small_study


def test_a_run_that_has_ended_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = small_study(tmp_path / "data", seeds="1")
    reference = run_small(spec, tmp_path / "reference")
    end = RunStore.end

    def stopped(run: RunStore, *arguments: object) -> None:
        end(run, *arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "end", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_small(spec, tmp_path / "study")
    engine, monitor = FakeEngine(), Remembering()
    store = run_small(spec, tmp_path / "study", engine, monitor)
    assert monitor.notices == []
    assert engine.trained == []
    assert contents(store) == contents(reference)


def test_ctrl_c_before_the_end_of_a_run_is_written_loses_no_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = small_study(tmp_path / "data", seeds="1")
    reference = run_small(spec, tmp_path / "reference")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "submit", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_small(spec, tmp_path / "study")
    engine = FakeEngine()
    store = run_small(spec, tmp_path / "study", engine)
    assert engine.trained == []
    assert contents(store) == contents(reference)


def test_a_checkpoint_of_a_run_that_is_known_to_have_ended_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its process was killed when another one had just seen the run end.
    monkeypatch.setattr(index, "COARSE", -1.0)
    spec = small_study(tmp_path / "data", seeds="1")
    store = run_small(spec, tmp_path / "study")
    reference = contents(store)
    (run_id,) = store.run_ids()
    (store.run(run_id).folder / CHECKPOINT).touch()
    known = index.StudyIndex(store.folder)
    known.note(run_id)
    known.write()
    run_small(spec, tmp_path / "study")
    assert contents(store) == reference
