"""What stops a study just after a run has ended on the disk: the run is finished, and stays so."""

from pathlib import Path

import pytest

from fake_engine import FakeEngine
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
