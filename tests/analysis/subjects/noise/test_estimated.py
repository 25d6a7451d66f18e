"""The transition matrix that a method estimated, from training to the table."""

from pathlib import Path

import numpy as np
import pytest

import small
from made_entries import made_entries, made_entry
from seedbed.analysis.captions import notes_of
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.analysis.subjects.noise.table import noise_table
from seedbed.analysis.subjects.noise.transition_charts import estimated_chart, observed_chart
from seedbed.analysis.summary.study import refresh_summary
from seedbed.engines.native.engine import NativeEngine
from seedbed.report.renderers.formats import FORMATS
from seedbed.training.methods import correction


@pytest.mark.parametrize("noise", ["{ kind = 'symmetric', rate = 0.3 }", "{ kind = 'none' }"])
def test_it_is_kept_for_every_epoch_and_averaged_at_the_last(noise: str, tmp_path: Path) -> None:
    robust = "{ method = 'forward', transition = 'estimated', warmup = 0.3 }"
    settings = [f"recipe.robust={robust}", f"noise={noise}"]
    spec = small.small_study(tmp_path, seeds="2", epochs=3, settings=settings)
    store = small.run_small(spec, tmp_path / "study", NativeEngine())
    lasts, errors = [], []
    for run in map(small.loaded, small.runs(store)):
        matrices = [epoch.estimated_transition for epoch in run.history]
        assert all(matrix is not None for matrix in matrices)
        last = np.array(matrices[-1])
        assert last.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
        lasts.append(last)
        counts = np.array(run.record.noise.counts) if run.record.noise else np.eye(3)
        errors.append(abs(last - counts / counts.sum(axis=1, keepdims=True)).mean())
    (entry,) = refresh_summary(store.folder)
    found = noise_of(entry)
    assert found is not None
    assert np.array(found.estimated_matrix) == pytest.approx(np.mean(lasts, axis=0))
    assert found.estimation_error.mean == pytest.approx(np.mean(errors))
    assert entry["noise"]["estimated_matrix"] == [list(row) for row in found.estimated_matrix or ()]
    text = FORMATS["text"](noise_table([entry]))
    assert "Estimated transition matrix" in text
    assert f"observed matrix is {np.mean(errors):.4f}" in text
    assert estimated_chart([entry]) is not None


def test_other_methods_estimate_nothing() -> None:
    entry = made_entry()
    assert noise_of(entry).estimated_matrix is None  # type: ignore[union-attr]
    assert "estimated" not in FORMATS["text"](noise_table([entry]))
    assert estimated_chart([entry]) is None
    assert observed_chart([entry]) is None


def test_tables_say_what_a_method_is_told() -> None:
    entries = made_entries("plain", "co-teaching [told the rate]", "forward [told T]")
    notes = notes_of(entries)
    assert [note.partition(":")[0] for note in notes] == ["[told the rate]", "[told T]"]
    assert notes_of(entries[:1]) == ()


def test_a_run_whose_estimate_is_singular_fails_alone_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimates = iter([np.full((3, 3), 1 / 3), np.eye(3)])
    monkeypatch.setattr(correction, "transition_of_joint", lambda _: next(estimates))
    robust = "{ method = 'backward', transition = 'estimated', estimator = 'counts', warmup = 0.3 }"
    spec = small.small_study(tmp_path, seeds="2", epochs=2, settings=[f"recipe.robust={robust}"])
    monitor = small.Remembering()
    store = small.run_small(spec, tmp_path / "study", NativeEngine(), monitor, threads=1)
    records = {run.record.seed: run.record for run in map(small.loaded, small.runs(store))}
    (failed,) = [record for record in records.values() if record.status == "diverged"]
    (other,) = [record for record in records.values() if record.status == "finished"]
    assert failed.diverged_epoch == 1
    assert failed.diverged_reason is not None
    assert "singular" in failed.diverged_reason
    assert other.diverged_reason is None
    assert [failed.diverged_reason in notice for notice in monitor.notices] == [True]
    (entry,) = refresh_summary(store.folder)
    (run,) = entry.header.diverged
    assert (run.seed, run.epoch, run.reason) == (failed.seed, 1, failed.diverged_reason)
    assert failed.diverged_reason in notes_of([entry])[0]
