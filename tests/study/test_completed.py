"""Which runs of a study have finished."""

from pathlib import Path

from seedbed.engines.native.engine import NativeEngine
from seedbed.study.completed import finished_runs
from small import run_small, small_study


def test_runs_that_are_damaged_or_gone_are_left_out(tmp_path: Path) -> None:
    spec = small_study(tmp_path, seeds="3", epochs=1)
    store = run_small(spec, tmp_path / "study", NativeEngine())
    study = store.read_study()
    whole, damaged, gone = finished_runs(store, study)
    assert [each.planned.seeds.run for each in (whole, damaged, gone)] == [0, 1, 2]
    damaged.store.weights_file.write_bytes(b"half")
    gone.store.record_file.unlink()
    assert [each.planned for each in finished_runs(store, study)] == [whole.planned]
